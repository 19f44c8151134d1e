//! `skep test`: rules checked on simulated time, by the tests of their files.

use std::fs;
use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use processor::config::{self, Report, Secrets, Suite, Under};
use processor::rule_tests::{self, Finished, Inputs, Mark, RuleTest, Tried};

use crate::cli::TestOptions;
use crate::configured::{self, Refused};

/// A test failed.
const FAILED: u8 = 1;

/// Runs the tests and prints what came of them.
///
/// # Errors
/// When stdout or the file of `--junit` cannot be written.
pub(crate) fn run(options: &TestOptions) -> anyhow::Result<ExitCode> {
    configured::conclude(test(options))
}

fn test(options: &TestOptions) -> Result<ExitCode, Refused> {
    let settings = configured::settings(&options.common, Secrets::Unread)?;
    let groups = groups(options, settings.processor.rules)?;
    let wanted = |test: &&RuleTest| options.filter.as_deref().is_none_or(|filter| test.name.contains(filter));
    let mut page = Page::new();
    let mut finished = Vec::new();
    let mut tried = Vec::new();
    for suite in &groups {
        let tests: Vec<&RuleTest> = suite.tests.iter().filter(wanted).collect();
        let inputs: Vec<_> = tests.iter().map(|test| inputs(test)).collect();
        let mut passed = Vec::new();
        for (test, inputs) in tests.into_iter().zip(&inputs) {
            let done = rule_tests::finish(test, suite, inputs.as_ref().map_err(Clone::clone), &settings.swarm);
            page.test(&done).context("could not print")?;
            passed.extend(inputs.as_ref().ok().filter(|_| done.passed()).map(|inputs| (test, inputs)));
            finished.push(done);
        }
        if options.mutate {
            tried.extend(rule_tests::mutate(suite, &passed, &settings.swarm));
        }
    }
    if finished.is_empty() {
        return Err(no_test(options));
    }
    page.summary(&finished).context("could not print")?;
    if options.mutate {
        page.mutants(&tried).context("could not print")?;
    }
    if let Some(file) = &options.junit {
        fs::write(file, rule_tests::junit(&finished)).with_context(|| format!("could not write {}", file.display()))?;
    }
    Ok(if finished.iter().all(Finished::passed) { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn no_test(options: &TestOptions) -> Refused {
    match &options.filter {
        Some(filter) => anyhow::anyhow!("no test has a name that contains `{filter}`").into(),
        None => {
            anyhow::anyhow!("there is no test in these files; a test stands under `tests:` of a rule file, see `skep test --help`").into()
        }
    }
}

/// The rules that are asked for; without any path those of the settings, and the stock rules by themselves.
fn groups(options: &TestOptions, folders: Vec<std::path::PathBuf>) -> Result<Vec<Suite>, Refused> {
    let under = if options.no_stock { Under::Nothing } else { Under::Stock };
    let paths = if options.paths.is_empty() { &folders } else { &options.paths };
    let mut groups = Vec::new();
    if !paths.is_empty() {
        let (suite, _) = config::load_suite(paths, under).map_err(refuse)?;
        groups.push(suite);
    }
    if options.paths.is_empty() && !options.no_stock {
        let mut report = Report::default();
        let suite = config::stock_suite(&mut report).ok_or(report).map_err(refuse)?;
        groups.push(suite);
    }
    Ok(groups)
}

fn refuse(report: Report) -> Refused {
    configured::print(&report);
    Refused::Mistakes
}

/// What comes in a test, its recording read.
fn inputs(test: &RuleTest) -> Result<Inputs, String> {
    let Some(file) = &test.replay else { return Inputs::new(test, None).map_err(|bad| bad.to_string()) };
    let bytes = fs::read(file).map_err(|error| format!("{} could not be read: {error}", file.display()))?;
    Inputs::new(test, Some(&bytes)).map_err(|bad| format!("{}: {bad}", file.display()))
}

/// Stdout, with colours on a terminal.
struct Page {
    out: io::StdoutLock<'static>,
    colour: bool,
}

impl Page {
    fn new() -> Self {
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { out: io::stdout().lock(), colour: io::stdout().is_terminal() && !no_colour }
    }

    fn painted(&self, code: u8, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn test(&mut self, test: &Finished) -> io::Result<()> {
        let verdict = if test.passed() { self.painted(GREEN, "ok  ") } else { self.painted(RED, "FAIL") };
        writeln!(self.out, "{verdict}  {}  ({}:{})", test.name, test.file, test.line)?;
        for (mark, text) in &test.failures {
            let line = format!("{}{text}", rule_tests::sign(*mark));
            let line = match mark {
                Mark::Missing => self.painted(RED, &line),
                Mark::Surplus => self.painted(YELLOW, &line),
                Mark::Head => self.painted(BOLD, &line),
                Mark::Same | Mark::Plain => line,
            };
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    fn summary(&mut self, finished: &[Finished]) -> io::Result<()> {
        let n_passed = finished.iter().filter(|test| test.passed()).count();
        writeln!(self.out, "{n_passed} passed, {} failed", finished.len() - n_passed)
    }
}

impl Page {
    /// The changes that no test notices, and how many that are.
    fn mutants(&mut self, tried: &[Tried]) -> io::Result<()> {
        for one in tried.iter().filter(|one| one.is_tested && !one.is_noticed) {
            let mutant = &one.mutant;
            let place = format!("{}:{}:{}", one.file, mutant.line, mutant.column);
            let change = match mutant.after.as_str() {
                "null" => format!("`{}` taken away", mutant.before),
                after => format!("`{}` changed to `{after}`", mutant.before),
            };
            writeln!(self.out, "no test notices  {}: {change}  ({place})", mutant.alert)?;
        }
        let untested: Vec<&Tried> = tried.iter().filter(|one| !one.is_tested).collect();
        for of_alert in untested.chunk_by(|a, b| a.mutant.alert == b.mutant.alert) {
            let Some(first) = of_alert.first() else { continue };
            writeln!(self.out, "no test that passes is about {}: {} changes  ({})", first.mutant.alert, of_alert.len(), first.file)?;
        }
        let n_noticed = tried.iter().filter(|one| one.is_noticed).count();
        let percent = n_noticed as f64 * 100.0 / tried.len().max(1) as f64;
        writeln!(self.out, "{n_noticed} of {} changes of the rules are noticed, {percent:.0} %", tried.len())
    }
}

const BOLD: u8 = 1;
const RED: u8 = 31;
const GREEN: u8 = 32;
const YELLOW: u8 = 33;
