//! Rules as they are written: which file says what of each, at which line, and which tests name it. For whoever asks a running processor.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::source::{Place, Sources};
use super::stock::{self, STOCK};
use super::yaml::{self, Kind, Node};

/// What a file says of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The file's name, as the rules were given; `<stock>/…` for one that is compiled in.
    pub file: String,
    /// The line of the rule's name, from 1.
    pub line: usize,
    /// Its lines as they stand there.
    pub text: String,
}

/// A test of a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// As [`Part::file`].
    pub file: String,
    /// The line of its name, from 1.
    pub line: usize,
    /// The alerts that it is about.
    pub alerts: Vec<String>,
}

/// A stream of a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Its name.
    pub name: String,
    /// Not `enabled: false`.
    pub is_on: bool,
    place: Place,
}

/// The rules of one reading.
#[derive(Clone, Debug, Default)]
pub struct Written {
    sources: Arc<Sources>,
    /// What each file says of an alert, in the order in which they lie over each other.
    alerts: BTreeMap<String, Vec<Place>>,
    streams: Vec<Stream>,
    /// Read when somebody first asks: production has no use for tests.
    tests: OnceLock<Arc<Vec<Test>>>,
}

impl Written {
    /// Of the files that were read. `streams` are names, whether each is on, and where it stands.
    pub(super) fn new(sources: &Sources, alerts: BTreeMap<String, Vec<Place>>, streams: Vec<(String, bool, Place)>) -> Self {
        let streams = streams.into_iter().map(|(name, is_on, place)| Stream { name, is_on, place }).collect();
        Self { sources: Arc::new(sources.clone()), alerts, streams, tests: OnceLock::new() }
    }

    /// What the files say of an alert; one that lies over others comes behind them.
    pub fn alert(&self, name: &str) -> Vec<Part> {
        self.alerts.get(name).into_iter().flatten().map(|place| self.part(place)).collect()
    }

    /// The streams, those that are off too.
    pub fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// What a file says of a stream.
    pub fn stream(&self, stream: &Stream) -> Part {
        self.part(&stream.place)
    }

    /// The names of the files that hold rules, those that are compiled in left out.
    pub fn files(&self) -> Vec<&str> {
        self.sources.all().map(|(name, _)| name).filter(|name| !stock::is_stock(name)).collect()
    }

    /// The tests that are about an alert. The first question reads the tests of all files, which takes a while.
    pub fn tests(&self, alert: &str) -> Vec<Test> {
        let all = self.tests.get_or_init(|| Arc::new(self.all_tests()));
        all.iter().filter(|test| test.alerts.iter().any(|name| name == alert)).cloned().collect()
    }

    fn part(&self, place: &Place) -> Part {
        let text = self.sources.lines(place);
        Part { file: self.sources.file(place).to_owned(), line: self.sources.line_and_column(place).0, text }
    }

    fn all_tests(&self) -> Vec<Test> {
        let stock = STOCK.iter().map(|(name, text)| (stock::name_of(name), *text));
        let own = self.sources.all().filter(|(name, _)| !stock::is_stock(name)).map(|(name, text)| (name.to_owned(), text));
        stock.chain(own).flat_map(|(name, text)| tests_of(&name, text)).collect()
    }
}

/// The tests of a file; a test that names no alert is about all that its file does.
fn tests_of(file: &str, text: &str) -> Vec<Test> {
    let Ok(root) = yaml::parse(0, text) else { return Vec::new() };
    let named: Vec<String> = field(&root, "alerts").map(names_of).unwrap_or_default();
    let Some(Node { kind: Kind::List(tests), .. }) = field(&root, "tests") else { return Vec::new() };
    let test = |node: &Node| {
        let name = field(node, "name")?;
        let alerts = field(node, "alerts").or_else(|| field(node, "alert")).map_or_else(|| named.clone(), texts);
        let line = text.get(..name.place.span.start)?.matches('\n').count() + 1;
        Some(Test { name: name.scalar()?.to_owned(), file: file.to_owned(), line, alerts })
    };
    tests.iter().filter_map(test).collect()
}

fn field<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let Kind::Map(pairs) = &node.kind else { return None };
    pairs.iter().find(|(name, _)| name.scalar() == Some(key)).map(|(_, value)| value)
}

fn names_of(node: &Node) -> Vec<String> {
    let Kind::Map(pairs) = &node.kind else { return Vec::new() };
    pairs.iter().filter_map(|(name, _)| name.scalar().map(str::to_owned)).collect()
}

/// One text, or a list of them.
fn texts(node: &Node) -> Vec<String> {
    match &node.kind {
        Kind::List(nodes) => nodes.iter().filter_map(|node| node.scalar().map(str::to_owned)).collect(),
        Kind::Scalar(_) | Kind::Map(_) | Kind::Null => node.scalar().map(str::to_owned).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::Report;
    use super::super::rules::read_rules;
    use super::*;

    const OWN: &str = "\
# Ours.
alerts:
  # Loud ones first.
  busy:
    where: service = \"app/load\"
    by: [host]
    crit: metric > 50   # much
  cpu-high:
    warn: metric > 70

streams:
  top:
    where: service = \"app/load\"
    steps: [{by: host}, index]

tests:
  - name: a peak opens it
    alert: busy
    events: [{host: n1, service: app/load, metric: 60}]
    expect: []
  - name: nothing comes of little
    events: [{host: n1, service: app/load, metric: 6}]
    expect: []
";

    #[track_caller]
    fn read(text: &str) -> Written {
        let mut report = Report::default();
        let rules = read_rules(&[("own.yaml".to_owned(), text.to_owned())], &mut report);
        rules.unwrap_or_else(|| panic!("{}", report.text(false))).written
    }

    #[test]
    fn each_part_is_told_with_its_file_line_and_text() {
        let written = read(OWN);
        let text = "busy:\n  where: service = \"app/load\"\n  by: [host]\n  crit: metric > 50   # much";
        assert_eq!(written.alert("busy"), [Part { file: "own.yaml".into(), line: 4, text: text.into() }]);
        let parts: Vec<_> = written.alert("cpu-high").into_iter().map(|part| (part.file, part.text.lines().count())).collect();
        assert_eq!((parts.len(), &parts[0].0[..], &parts[1]), (2, "<stock>/cpu.yaml", &("own.yaml".to_owned(), 2)), "{parts:?}");
        assert_eq!(written.alert("no-such"), []);
        assert_eq!(written.files(), ["own.yaml"]);
    }

    #[test]
    fn a_test_is_about_the_alerts_that_it_names_or_all_of_its_file() {
        let written = read(OWN);
        let told = |alert: &str| written.tests(alert).into_iter().map(|test| (test.name, test.file, test.line)).collect::<Vec<_>>();
        let [peak, little] =
            [("a peak opens it", 17), ("nothing comes of little", 21)].map(|(name, line)| (name.to_owned(), "own.yaml".to_owned(), line));
        assert_eq!(told("busy"), [peak, little.clone()]);
        assert!(told("cpu-high").contains(&little) && told("cpu-high").iter().any(|(_, file, _)| file == "<stock>/cpu.yaml"));
        assert_eq!(told("no-such"), []);
    }

    #[test]
    fn streams_are_told_with_what_is_off() {
        let written = read(&OWN.replace("  top:\n", "  top:\n    enabled: false\n"));
        let told: Vec<_> =
            written.streams().iter().map(|stream| (stream.name.as_str(), stream.is_on, written.stream(stream).line)).collect();
        assert_eq!(told, [("top", false, 12)]);
    }
}
