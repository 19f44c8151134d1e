//! Every mistake is told with its place and with what to write.

use engine::query::{MAX_BYTES, Parsed, Query};

/// The mistakes of a query, one after the other: carets under the place, the message, the help.
fn told(query: &str) -> String {
    let mistakes = Query::parse(query).expect_err(query);
    let mut out = String::new();
    for mistake in mistakes {
        let before = query[..mistake.span.start].chars().count();
        let carets = query[mistake.span].chars().count().max(1);
        out += &format!("{query}\n{}{} {}\n", " ".repeat(before), "^".repeat(carets), mistake.message);
        if let Some(help) = mistake.help {
            out += &format!("= {help}\n");
        }
    }
    out
}

#[track_caller]
fn check(query: &str, expected: &[&str]) {
    let expected = expected.join("\n") + "\n";
    assert_eq!(told(query), expected, "\n{}", told(query));
}

#[test]
fn signs_and_units_behind_numbers() {
    check("metric > 90%", &["metric > 90%", "           ^ `%` is not part of a query", "= write the number alone: `metric > 90`"]);
    check("metric > 90 %", &["metric > 90 %", "            ^ `%` is not part of a query", "= write the number alone: `metric > 90`"]);
    check(
        "metric > 5s",
        &["metric > 5s", "          ^ a number in a query has no unit: `5s`", "= times are in seconds, sizes in bytes: write `5`"],
    );
    check(
        "ttl > 5 m and x",
        &["ttl > 5 m and x", "        ^ a number in a query has no unit", "= times are in seconds, sizes in bytes: write `300`"],
    );
    check(
        "metric > 5MiB",
        &[
            "metric > 5MiB",
            "          ^^^ a number in a query has no unit: `5MiB`",
            "= times are in seconds, sizes in bytes: write `5242880`",
        ],
    );
    check("metric > 5ab", &["metric > 5ab", "          ^^ a number in a query has no unit: `5ab`", "= write the number alone: `5`"]);
}

#[test]
fn numbers_that_other_languages_allow() {
    check("metric > .5", &["metric > .5", "         ^^ `.5` is not how a query writes a number", "= write `0.5`"]);
    check("metric > +5", &["metric > +5", "         ^^ `+5` is not how a query writes a number", "= write `5`"]);
    check("metric > 1e+5", &["metric > 1e+5", "         ^^^^ `1e+5` is not how a query writes a number", "= write `100000`"]);
    check("metric > 1,000", &["metric > 1,000", "           ^^^ I did not expect `000` here; join two conditions with `and` or `or`"]);
}

#[test]
fn text_without_double_quotes() {
    check(
        "service = cpu/active",
        &["service = cpu/active", "          ^^^^^^^^^^ `cpu/active`: text needs double quotes", r#"= write `service = "cpu/active"`"#],
    );
    check(
        "service =~ cpu/%",
        &["service =~ cpu/%", "           ^^^^^ `cpu/%`: text needs double quotes", r#"= write `service =~ "cpu/%"`"#],
    );
    check("tagged web", &["tagged web", "       ^^^ `web`: text needs double quotes", r#"= write `tagged "web"`"#]);
    check(
        "host = 10.0.0.1",
        &["host = 10.0.0.1", "       ^^^^^^^^ `10.0.0.1`: text needs double quotes", r#"= write `host = "10.0.0.1"`"#],
    );
    check(
        "host = 'web1'",
        &[
            "host = 'web1'",
            r#"       ^^^^^^ a query says `"web1"`, not `'web1'`"#,
            r#"= text stands between double quotes: write `"web1"`"#,
        ],
    );
    check(
        "host = “web1”",
        &[
            "host = “web1”",
            r#"       ^^^^^^ a query says `"web1"`, not `“web1”`"#,
            r#"= text stands between double quotes: write `"web1"`"#,
        ],
    );
    check("host =~ 5", &["host =~ 5", "        ^ `=~` takes a text, and `5` is none", r#"= write `host =~ "5"`"#]);
}

#[test]
fn operators_of_other_languages() {
    check(
        r#"service == "a" && metric > 1 || ! x"#,
        &[
            r#"service == "a" && metric > 1 || ! x"#,
            "        ^^ a query says `=`, not `==`",
            "= write `=`",
            r#"service == "a" && metric > 1 || ! x"#,
            "               ^^ a query says `and`, not `&&`",
            "= write `and`",
            r#"service == "a" && metric > 1 || ! x"#,
            "                             ^^ a query says `or`, not `||`",
            "= write `or`",
            r#"service == "a" && metric > 1 || ! x"#,
            "                                ^ a query says `not`, not `!`",
            "= write `not`",
        ],
    );
    check("metric => 3", &["metric => 3", "       ^^ a query says `>=`, not `=>`", "= write `>=`"]);
    check("metric =< 3", &["metric =< 3", "       ^^ a query says `<=`, not `=<`", "= write `<=`"]);
    check("metric <> 3", &["metric <> 3", "       ^^ a query says `!=`, not `<>`", "= write `!=`"]);
    check(
        r#"host !~ "a""#,
        &[
            r#"host !~ "a""#,
            "     ^^ `!~` is not an operator; there are = != < <= > >= =~ ~=",
            r#"= put `not` in front: `not host =~ "web%"`"#,
        ],
    );
    check(r#"host ~ "a""#, &[r#"host ~ "a""#, "     ^ a query says `~=`, not `~`", "= write `~=`"]);
    check("a=~=b", &["a=~=b", " ^^^ `=~=` is not an operator; there are = != < <= > >= =~ ~="]);
    check(
        r#"metric > 5 AND host = "x""#,
        &[r#"metric > 5 AND host = "x""#, "           ^^^ a query says `and`, not `AND`", "= write `and`"],
    );
    check(r#"NOT host = "a""#, &[r#"NOT host = "a""#, "^^^ a query says `not`, not `NOT`", "= write `not`"]);
}

#[test]
fn two_conditions_that_nothing_joins() {
    check(
        r#"service =~ "cpu/%" metric > 1"#,
        &[
            r#"service =~ "cpu/%" metric > 1"#,
            "                   ^^^^^^ I did not expect `metric` here; join two conditions with `and` or `or`",
        ],
    );
    check("true true", &["true true", "     ^^^^ I did not expect `true` here; join two conditions with `and` or `or`"]);
    check(
        r#"host = "a" = "b""#,
        &[
            r#"host = "a" = "b""#,
            "           ^ I did not expect `=` here",
            "= a condition has one comparison; join two conditions with `and`",
        ],
    );
}

#[test]
fn parentheses_that_do_not_match() {
    check(r#"(host = "a""#, &[r#"(host = "a""#, "^ this `(` is never closed"]);
    check(r#"host = "a")"#, &[r#"host = "a")"#, "          ^ this `)` closes nothing"]);
    check(
        "a)) b",
        &[
            "a)) b",
            " ^ this `)` closes nothing",
            "a)) b",
            "  ^ this `)` closes nothing",
            "a)) b",
            "    ^ I did not expect `b` here; join two conditions with `and` or `or`",
        ],
    );
    check("()", &["()", " ^ a condition is missing before `)`"]);
}

#[test]
fn texts_that_do_not_end_and_escapes_that_are_none() {
    check(r#"(service = "cpu"#, &[r#"(service = "cpu"#, r#"           ^^^^ the text that starts here has no closing `"`"#]);
    check(
        "host = 'web1",
        &["host = 'web1", r#"       ^^^^^ the text that starts here has no closing quote; a query says `"x"`, not `'x'`"#],
    );
    check(
        r#"host ~= "\d""#,
        &[
            r#"host ~= "\d""#,
            r#"         ^^ `\d` is not an escape in a text; there are \n \t \r \b \f \" \\ \uXXXX"#,
            r#"= for a backslash write two: `\\d`"#,
        ],
    );
    check(r#"host = "a\"#, &[r#"host = "a\"#, r#"       ^^^ the text that starts here has no closing `"`"#]);
}

#[test]
fn bad_regular_expressions() {
    check(r#"host ~= "(a""#, &[r#"host ~= "(a""#, "        ^^^^ `(a` is not a regular expression: unclosed group"]);
    check(
        r#"host ~= "a{2,1}""#,
        &[
            r#"host ~= "a{2,1}""#,
            "        ^^^^^^^^ `a{2,1}` is not a regular expression: invalid repetition count range, the start must be <= the end",
        ],
    );
}

#[test]
fn orderings_with_something_else_than_a_number() {
    check("metric > limit", &["metric > limit", "         ^^^^^ `>` compares with a number, and `limit` is none"]);
    check(
        r#"metric > "5""#,
        &[
            r#"metric > "5""#,
            r#"         ^^^ `>` compares with a number, and `"5"` is none"#,
            "= a number stands without quotes: write `5`",
        ],
    );
    check("1 < metric < 5", &["1 < metric < 5", "    ^^^^^^ `<` compares with a number, and `metric` is none"]);
    check("time > 2026-12-01", &["time > 2026-12-01", "       ^^^^^^^^^^ `>` compares with a number, and `2026-12-01` is none"]);
}

#[test]
fn something_is_missing() {
    check("", &["", "^ there is no query here", "= for every event write `true`"]);
    check("metric >", &["metric >", "        ^ a value is missing behind `>`"]);
    check("metric > and x", &["metric > and x", "         ^^^ a value is missing behind `>`"]);
    check("and x", &["and x", "^^^ a condition is missing before `and`"]);
    check("x and", &["x and", "     ^ a condition is missing behind `and`"]);
    check("not", &["not", "   ^ a condition is missing behind `not`"]);
    check("tagged", &["tagged", "      ^ a value is missing behind `tagged`"]);
    check("> 5", &["> 5", "^ a condition is missing before `>`"]);
}

#[test]
fn what_is_no_part_of_a_query() {
    check(
        "host in [1]",
        &[
            "host in [1]",
            "     ^^ I did not expect `in` here; join two conditions with `and` or `or`",
            "host in [1]",
            "        ^ `[` is not part of a query",
            "host in [1]",
            "          ^ `]` is not part of a query",
        ],
    );
    check("a; b", &["a; b", " ^ `;` is not part of a query"]);
}

#[test]
fn all_mistakes_of_a_query_are_told() {
    check(
        r#"metric > 90% and servic == "a" host = 'b' and x ~= "(""#,
        &[
            r#"metric > 90% and servic == "a" host = 'b' and x ~= "(""#,
            "           ^ `%` is not part of a query",
            "= write the number alone: `metric > 90`",
            r#"metric > 90% and servic == "a" host = 'b' and x ~= "(""#,
            "                        ^^ a query says `=`, not `==`",
            "= write `=`",
            r#"metric > 90% and servic == "a" host = 'b' and x ~= "(""#,
            "                               ^^^^ I did not expect `host` here; join two conditions with `and` or `or`",
            r#"metric > 90% and servic == "a" host = 'b' and x ~= "(""#,
            r#"                                      ^^^ a query says `"b"`, not `'b'`"#,
            r#"= text stands between double quotes: write `"b"`"#,
            r#"metric > 90% and servic == "a" host = 'b' and x ~= "(""#,
            "                                                   ^^^ `(` is not a regular expression: unclosed group",
        ],
    );
}

#[test]
fn deep_and_long_queries_are_refused() {
    let deep = format!("{}true{}", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(Query::parse(&deep).unwrap_err()[0].message, "a query holds at most 65536 bytes; this one has 200004");
    let deep = "not (".repeat(10_000);
    assert_eq!(Query::parse(&deep).unwrap_err()[0].message, "parentheses and `not` nest at most 64 deep");
    let many = vec!["host ~= \"a\""; 65].join(" or ");
    assert_eq!(Query::parse(&many).unwrap_err()[0].message, "a query holds at most 64 regular expressions");
    let wide = vec!["metric > 1"; MAX_BYTES / 16].join(" or ");
    assert!(Query::parse(&wide).is_ok());
}

#[test]
fn a_wildcard_text_that_looks_like_a_regular_expression_is_legal_but_suspicious() {
    let suspicions = |text: &str| Parsed::parse(text).unwrap().suspicions;
    for text in ["^web", "web.*", "a+$", r"web\\d", "[ab]", "(a|b)"] {
        let found = suspicions(&format!("host =~ \"{text}\""));
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].message, "`=~` uses % as its only wildcard; for a regular expression write `~=`");
        assert_eq!(found[0].span.start, 8);
    }
    for text in ["web%", "%.lab", "a*", "disk//var/%", "(a)", "what?"] {
        assert!(suspicions(&format!("host =~ \"{text}\"")).is_empty(), "{text}");
    }
}

#[test]
fn the_fields_of_a_query_are_told_with_their_places() {
    let parsed = Parsed::parse("host = x and not (metric > 1 or dc)").unwrap();
    let names = ["host", "x", "metric", "dc"].map(str::to_owned);
    let places = [0..4, 7..8, 18..24, 32..34];
    assert_eq!(parsed.fields, names.into_iter().zip(places).collect::<Vec<_>>());
}
