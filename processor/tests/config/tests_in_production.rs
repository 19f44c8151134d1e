//! What a running processor makes of `tests:` and `notify:`.

use processor::config::{Report, read_rules};

#[test]
fn production_passes_tests_over() {
    let yaml = "alerts: {x: {where: service = \"a\", crit: metric > 9}}\nnotify: {ops: {mail: {to: a@lab.test}}}\ntests: [{nonsense: 1}]\n";
    let mut report = Report::default();
    let rules = read_rules(&[("my.yaml".to_owned(), yaml.to_owned())], &mut report);
    assert!(rules.is_some());
    assert_eq!(report.text(false), "");
}
