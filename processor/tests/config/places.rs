//! Lines and columns, from 1 and in characters, whatever stands around.

use processor::config::{Report, read_rules};

#[track_caller]
fn check(yaml: &str, expected: &[(usize, usize)]) {
    let mut report = Report::default();
    read_rules(&[("my.yaml".to_owned(), yaml.to_owned())], &mut report);
    let found: Vec<_> =
        report.problems().iter().map(|problem| report.sources().line_and_column(problem.place.as_ref().expect("a place"))).collect();
    assert_eq!(found, expected, "{}", report.text(false));
}

#[test]
fn characters_are_counted_not_bytes() {
    check("alerts:\n  é: {where: host = \"ü\" && true, crit: metric > 1}\n", &[(2, 25)]);
}

#[test]
fn carriage_returns_and_a_byte_order_mark_do_not_count() {
    check("\u{feff}alerts:\r\n  x:\r\n    where: true\r\n    crit: metric > 1%\r\n", &[(4, 21)]);
}

#[test]
fn a_mistake_in_a_query_over_several_lines_is_on_its_own_line() {
    check("alerts:\n  x:\n    where: service = \"a\" and\n      host == \"b\"\n    crit: metric > 1\n", &[(4, 12)]);
}

#[test]
fn a_mistake_in_a_block_is_on_its_own_line() {
    check("alerts:\n  x:\n    where: true\n    crit: metric > 1\n    message: |\n      one\n      {{host | nope}}\n", &[(7, 7)]);
}

#[test]
fn what_an_alias_repeats_is_told_where_it_stands() {
    check("alerts:\n  a: {where: &w host == x, crit: metric > 1}\n", &[(2, 14)]);
}
