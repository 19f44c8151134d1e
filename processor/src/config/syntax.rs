//! A file's tree, and what of it is no YAML in words that say what to do.
//!
//! The parser stops at its first mistake. A line that it stops at is told, blanked out, and the rest read again, so that the mistakes
//! behind it are found in the same run.

use super::report::Report;
use super::source::Place;
use super::yaml::{self, Kind, Node, NotYaml};

/// How many lines may be blanked out; a file with more is hardly YAML.
const MAX_BLANKED: usize = 16;

/// What of a file could be read.
pub(super) struct Tree {
    pub(super) root: Node,
    /// Lines were blanked out, so what is missing may have stood there.
    pub(super) is_damaged: bool,
}

/// Reads a file's text; `None` when its mistakes leave no tree that is worth reading.
pub(super) fn tree(file: usize, text: &str, report: &mut Report) -> Option<Tree> {
    let mut text = text.to_owned();
    let mut found = yaml::parse(file, &text);
    let tabs = tab_lines(&text, found.as_ref().ok());
    for &tab in &tabs {
        let place = Place { file, span: tab..tab + 1 };
        report.error(&place, "YAML is indented with spaces; this line starts with a tab");
    }
    if !tabs.is_empty() {
        found = without_tabs(file, &mut text, &tabs);
    }
    for n_blanked in 0..=MAX_BLANKED {
        let wrong = match found {
            Ok(root) => return Some(Tree { root, is_damaged: n_blanked > 0 || !tabs.is_empty() }),
            Err(wrong) => wrong,
        };
        let hides_others = tell(file, &text, &wrong, report);
        let line = line_start(&text, wrong_line(&text, &wrong));
        blank(&mut text, line);
        found = yaml::parse(file, &text);
        if hides_others && found.is_err() {
            return None;
        }
    }
    None
}

/// A file that is indented with tabs throughout reads well with one blank for each; of any other the lines with tabs are left out.
fn without_tabs(file: usize, text: &mut String, tabs: &[usize]) -> Result<Node, NotYaml> {
    let mut untabbed = text.clone();
    tabs.iter().for_each(|&tab| untab(&mut untabbed, tab));
    if let Ok(root) = yaml::parse(file, &untabbed) {
        return Ok(root);
    }
    for &tab in tabs {
        let line = line_start(text, tab);
        blank(text, line);
    }
    yaml::parse(file, text)
}

/// Tabs that stand where a line is indented, outside of quoted and block texts.
fn tab_lines(text: &str, root: Option<&Node>) -> Vec<usize> {
    let mut tabs = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let behind = line.get(indent..).unwrap_or_default().trim_end();
        if let Some(tab) = line.get(..indent).and_then(|indent| indent.find('\t'))
            && !behind.is_empty()
            && !behind.starts_with('#')
            && !root.is_some_and(|root| is_in_text(root, start + tab))
        {
            tabs.push(start + tab);
        }
        start += line.len();
    }
    tabs
}

/// Whether the byte is part of a text for which tabs are as good as any character.
fn is_in_text(node: &Node, at: usize) -> bool {
    match &node.kind {
        Kind::Null => false,
        Kind::Scalar(_) => node.place.span.contains(&at),
        Kind::List(nodes) => nodes.iter().any(|node| is_in_text(node, at)),
        Kind::Map(entries) => entries.iter().any(|(key, value)| is_in_text(key, at) || is_in_text(value, at)),
    }
}

/// Makes the tabs that indent a line blanks, so that the rest of the file can be read.
fn untab(text: &mut String, tab: usize) {
    let run = text.get(tab..).map_or(0, |rest| rest.len() - rest.trim_start_matches([' ', '\t']).len());
    text.replace_range(tab..tab + run, &" ".repeat(run));
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

fn next_line(text: &str, start: usize) -> Option<usize> {
    text.get(start..)?.find('\n').map(|end| start + end + 1)
}

fn blank(text: &mut String, start: usize) {
    let end = next_line(text, start).map_or(text.len(), |next| next - 1);
    text.replace_range(start..end, &" ".repeat(end - start));
}

/// The byte whose line is to blame. A key without `:` is noticed only on the line behind it.
fn wrong_line(text: &str, wrong: &NotYaml) -> usize {
    if wrong.why.starts_with("simple key expect") {
        return text.get(..wrong.at).map_or(0, |before| before.trim_end().len());
    }
    wrong.at
}

/// Tells of a line that is no YAML; says whether it may make others look wrong.
fn tell(file: usize, text: &str, wrong: &NotYaml, report: &mut Report) -> bool {
    let at = wrong_line(text, wrong);
    let start = line_start(text, at);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let len = text.get(at..).and_then(|rest| rest.chars().next()).filter(|c| *c != '\n').map_or(0, char::len_utf8);
    let value = line.split_once(": ").map_or("", |(_, value)| value.trim());
    let first = value.chars().next().unwrap_or_default();
    let mut place = Place { file, span: at..at + len };
    let why = wrong.why.as_str();
    if first == '{' && why.contains("expected") {
        place.span = start + line.find(": ").unwrap_or(0) + 2..start + line.trim_end().len();
        quote(&place, "a value that begins with `{` is a map", value, report);
    } else if why.starts_with("mapping values are not allowed") && !value.is_empty() {
        quote(&place, "`: ` makes a key of what stands before it", value, report);
    } else if why.starts_with("unexpected character") {
        quote(&place, &format!("a value cannot begin with `{first}`"), value, report);
    } else if why.starts_with("invalid trailing content") {
        quote(&place, "text stands behind the closing quote", value, report);
    } else if why.starts_with("simple key expect") {
        place.span = start + (line.len() - line.trim_start().len())..start + line.trim_end().len();
        report.error(&place, "a key needs a `:` and a blank behind it");
    } else {
        report.error(&place, in_other_words(why));
        return true;
    }
    false
}

fn quote(place: &Place, message: &str, value: &str, report: &mut Report) {
    report.error(place, message).help(format!("put the whole value in quotes: `{}`", in_quotes(value)));
}

fn in_other_words(why: &str) -> String {
    if why.contains("quoted scalar") && why.contains("end of stream") {
        "the quote that starts here is never closed".to_owned()
    } else if why.contains("did not find expected key") || why.contains("did not find expected '-' indicator") {
        "this line does not fit the indentation of those above it".to_owned()
    } else {
        format!("this is not YAML: {why}")
    }
}

/// A value in the quotes that leave most of it as it is.
fn in_quotes(value: &str) -> String {
    if value.contains('"') { format!("'{}'", value.replace('\'', "''")) } else { format!("\"{}\"", value.replace('\\', "\\\\")) }
}
