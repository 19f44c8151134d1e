//! No text makes the reader panic, and every place lies in its text.

use processor::config::{Report, SecretFiles, Secrets, read_rules, read_settings};
use proptest::prelude::*;

fn no_secrets() -> SecretFiles<'static> {
    SecretFiles { read_file: &|_| Err("none".to_owned()), environment: &|_| None, wanted: Secrets::Checked }
}

fn read(text: &str) {
    let mut report = Report::default();
    read_rules(&[("a.yaml".to_owned(), text.to_owned())], &mut report);
    read_settings("skep.yaml", text, &no_secrets(), &mut report);
    let _ = (report.text(true), report.json());
}

/// Pieces of rule files; put together at random they are nearly YAML.
const PIECES: &[&str] = &[
    "alerts:",
    "\n",
    "\n  ",
    "\n    ",
    "\n\t",
    " ",
    "x: ",
    "where: ",
    "crit: ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "metric > 90%",
    "\"",
    "'",
    "|\n",
    ">\n",
    "&a ",
    "*a",
    "- ",
    "é",
    "for: 30 sec",
    "by: host",
    "message: {{host}}",
    "{{hots}}",
    "null",
    "---\n",
    "#",
    ": ",
    "\\",
    "\r\n",
    "!!str ",
    "? ",
    "collector:",
    "processor:",
    "influx: ",
    "url: x",
    "journal: off",
    "\u{feff}",
    "<<: ",
    "%",
    "@",
];

proptest! {
    // Each reads all the stock rules too.
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn no_row_of_pieces_makes_it_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..30)) {
        read(&pieces.concat());
    }
}

#[test]
fn what_would_grow_without_bound_is_refused() {
    read(&"[".repeat(100_000));
    read(&"{a: ".repeat(100_000));
    read(&"- ".repeat(100_000));
    let mut laughs = "a0: &a0 [x, x]\n".to_owned();
    for i in 1..64 {
        laughs += &format!("a{i}: &a{i} [*a{0}, *a{0}]\n", i - 1);
    }
    read(&laughs);
}
