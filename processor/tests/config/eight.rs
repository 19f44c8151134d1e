//! Eight mistakes in one file are eight reports, each at its place.

use processor::config::{Report, read_rules};

const FILE: &str = r#"alerts:
  cpu-busy:
    where: service = cpu/usage_active
    crit: {when: metric > 95%, for: 30s}
    critt: metric > 99
    by: host
    enabled: perhaps
  disk-busy:
    where: service = "diskio/sda/io_time" metric > 1
    warn: metric => 900
    message: "{{hots}} is busy"
"#;

#[test]
fn a_file_with_eight_mistakes_has_each_at_its_place() {
    let mut report = Report::default();
    assert!(read_rules(&[("rules/mine.yaml".to_owned(), FILE.to_owned())], &mut report).is_none());
    let found: Vec<_> = report
        .problems()
        .iter()
        .map(|problem| {
            let (line, column) = report.sources().line_and_column(problem.place.as_ref().unwrap());
            format!("{line}:{column} {}", problem.message)
        })
        .collect();
    let expected = [
        "3:22 `cpu/usage_active`: text needs double quotes",
        "4:29 `%` is not part of a query",
        "5:5 unknown key `critt` in alert `cpu-busy`; did you mean `crit`?",
        "6:9 `by` takes a list: write `by: [host]`",
        "7:14 `enabled` takes true or false, not `perhaps`",
        "9:43 I did not expect `metric` here; join two conditions with `and` or `or`",
        "10:18 a query says `>=`, not `=>`",
        "11:15 `{{hots}}` is not a field of this alert; it has alert, host, metric, state …",
    ];
    assert_eq!(found, expected);
}

#[test]
fn editors_get_them_as_json() {
    let mut report = Report::default();
    read_rules(&[("é.yaml".to_owned(), "alerts:\n  x: {where: host = \"é\" and x =, crit: metric > 1}\n".to_owned())], &mut report);
    assert_eq!(
        report.json(),
        r#"[{"column":32,"file":"é.yaml","help":null,"level":"error","line":2,"message":"a value is missing behind `=`"}]"#
    );
}
