//! What a running processor makes of `tests:` and `notify:`.

use processor::config::{Report, read_rules};

#[test]
fn production_passes_tests_over_and_says_that_nobody_is_told_yet() {
    let yaml = "alerts: {x: {where: service = \"a\", crit: metric > 9}}\nnotify: {ops: {mail: {to: a@lab.test}}}\ntests: [{nonsense: 1}]\n";
    let mut report = Report::default();
    let rules = read_rules(&[("my.yaml".to_owned(), yaml.to_owned())], &mut report);
    assert!(rules.is_some());
    let expected = "\
warning: nobody is told yet: messages go to the log, and `skep test` shows what would be sent
 --> my.yaml:2:1
  |
2 | notify: {ops: {mail: {to: a@lab.test}}}
  | ^^^^^^ read and checked";
    assert_eq!(report.text(false).trim_end(), expected);
}
