//! The results of tests as JUnit's XML, which build servers read.

use super::{Finished, Mark};

/// The whole document: a suite for each file.
pub fn junit(finished: &[Finished]) -> String {
    let n_failed = finished.iter().filter(|test| !test.passed()).count();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml += &format!("<testsuites name=\"skep test\" tests=\"{}\" failures=\"{n_failed}\">\n", finished.len());
    for of_file in finished.chunk_by(|a, b| a.file == b.file) {
        let Some(first) = of_file.first() else { continue };
        let n_failed = of_file.iter().filter(|test| !test.passed()).count();
        xml += &format!("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{n_failed}\">\n", escaped(&first.file), of_file.len());
        of_file.iter().for_each(|test| case(test, &mut xml));
        xml += "  </testsuite>\n";
    }
    xml + "</testsuites>\n"
}

fn case(test: &Finished, xml: &mut String) {
    let (name, file) = (escaped(&test.name), escaped(&test.file));
    *xml += &format!("    <testcase name=\"{name}\" classname=\"{file}\" file=\"{file}\" line=\"{}\"", test.line);
    if test.passed() {
        *xml += "/>\n";
        return;
    }
    let lines = test.failures.iter().map(|(mark, text)| format!("{}{text}\n", sign(*mark)));
    *xml += &format!(">\n      <failure>{}</failure>\n    </testcase>\n", escaped(&lines.collect::<String>()));
}

/// What a line begins with, also where there are no colours.
pub fn sign(mark: Mark) -> &'static str {
    match mark {
        Mark::Head => "  ",
        Mark::Same => "      ",
        Mark::Missing => "    - ",
        Mark::Surplus => "    + ",
        Mark::Plain => "    ",
    }
}

/// Text for XML; characters that it cannot hold become `?`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' => out.push(char),
            char if char.is_control() => out.push('?'),
            char => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_reasons_are_escaped() {
        let test = |name: &str, failures| Finished { name: name.to_owned(), file: "a.yaml".to_owned(), line: 3, failures };
        let xml = junit(&[test("a < \"b\"", Vec::new()), test("c", vec![(Mark::Missing, "x & \u{7}".to_owned())])]);
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="skep test" tests="2" failures="1">
  <testsuite name="a.yaml" tests="2" failures="1">
    <testcase name="a &lt; &quot;b&quot;" classname="a.yaml" file="a.yaml" line="3"/>
    <testcase name="c" classname="a.yaml" file="a.yaml" line="3">
      <failure>    - x &amp; ?
</failure>
    </testcase>
  </testsuite>
</testsuites>
"#;
        assert_eq!(xml, expected);
    }
}
