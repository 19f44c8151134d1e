//! Opens the files; all else here takes text.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::live::Asked;
use super::report::Report;
use super::rules::{Rules, read_rules};
use super::settings::{SecretFiles, Secrets, read_settings};
use super::suite::{self, Suite, Under, read_suite};
use crate::driver::clock::Source;
use crate::settings::Settings;

/// Reads the rule files of folders, each folder's in the order of their names, over the stock rules.
///
/// # Errors
/// The report, when it holds an error; else it may hold warnings.
pub fn load_rules(folders: &[PathBuf]) -> Result<(Rules, Report), Report> {
    let mut report = Report::at(Source::start().read().wall);
    let mut files = Vec::new();
    for folder in folders {
        rule_files(folder, &mut files, &mut report);
    }
    finish(|report| read_rules(&texts(&files, report), report), report)
}

/// Tells of secrets of notifiers that cannot be read.
pub fn check_secrets(wanted: Secrets, report: &mut Report) {
    report.check_secrets(&secrets(wanted));
}

/// Reads a settings file, over the defaults; without one the defaults and the environment count.
///
/// # Errors
/// The report, when it holds an error; else it may hold warnings.
pub fn load_settings(file: Option<&Path>, wanted: Secrets) -> Result<(Settings, Report), Report> {
    let mut report = Report::default();
    let text = match file {
        Some(file) => read(file, &mut report).unwrap_or_default(),
        None => String::new(),
    };
    let name = file.map(|file| file.display().to_string()).unwrap_or_default();
    finish(|report| read_settings(&name, &text, &secrets(wanted), report), report)
}

/// Reads the rule files of paths together with their tests. A file called `skep.yaml` is passed over.
///
/// # Errors
/// The report, when it holds an error.
pub fn load_suite(paths: &[PathBuf], under: Under) -> Result<(Suite, Report), Report> {
    let mut report = Report::default();
    let mut files = Vec::new();
    for path in paths {
        rule_files(path, &mut files, &mut report);
    }
    files.retain(|file| !is_settings(file));
    let texts = texts(&files, &mut report);
    if report.n_errors() > 0 {
        return Err(report);
    }
    match read_suite(&texts, under, &mut report) {
        Some(suite) => Ok((suite, report)),
        None => Err(report),
    }
}

fn finish<T>(read: impl FnOnce(&mut Report) -> Option<T>, mut report: Report) -> Result<(T, Report), Report> {
    match read(&mut report) {
        Some(value) if report.n_errors() == 0 => Ok((value, report)),
        _ => Err(report),
    }
}

/// Finds every mistake in files and folders: a file called `skep.yaml` holds settings, every other rules. All rules are read together.
pub fn check(paths: &[PathBuf]) -> Report {
    check_and_ask(paths).0
}

/// As [`check`]; gives what the rules ask of an index too.
pub fn check_and_ask(paths: &[PathBuf]) -> (Report, Vec<Asked>) {
    let mut report = Report::at(Source::start().read().wall);
    let mut files = Vec::new();
    for path in paths {
        let n_before = files.len();
        rule_files(path, &mut files, &mut report);
        if files.len() == n_before && path.is_dir() {
            let problem = report.file_warning(path.display().to_string(), "there are no rules in this folder");
            problem.help("rules stand in files that end in .yaml or .yml; `skep explain ALERT` tells of a stock rule");
        }
    }
    let (settings, rules): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| is_settings(file));
    let (mut forwards, mut turn) = (None, None);
    for file in settings {
        if let Some(text) = read(&file, &mut report)
            && let Some(settings) = read_settings(&file.display().to_string(), &text, &secrets(Secrets::Checked), &mut report)
        {
            forwards.get_or_insert_with(Vec::new).extend(settings.processor.forward);
            turn = turn.max(Some(settings.collector.interval));
        }
    }
    let rules = texts(&rules, &mut report);
    let asked = suite::check(&rules, turn, &mut report);
    report.check_secrets(&secrets(Secrets::Checked));
    // Rules alone may belong to any settings.
    if let Some(forwards) = forwards {
        report.check_forwards(&forwards.iter().map(|forward| forward.name.as_str()).collect::<Vec<_>>());
    }
    (report, asked)
}

fn is_settings(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == "skep.yaml" || name == "skep.yml")
}

fn secrets(wanted: Secrets) -> SecretFiles<'static> {
    SecretFiles {
        read_file: &|path| fs::read_to_string(path).map_err(|error| reason(&error)),
        environment: &|name| std::env::var(name).ok(),
        wanted,
    }
}

/// The files of a folder that end in `.yaml` or `.yml` and do not begin with a dot, by name; a file itself.
fn rule_files(path: &Path, files: &mut Vec<PathBuf>, report: &mut Report) {
    if !path.is_dir() {
        return files.push(path.to_owned());
    }
    let listed =
        fs::read_dir(path).and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>());
    match listed {
        Ok(mut found) => {
            found.retain(|file| is_rule_file(file));
            found.sort();
            files.append(&mut found);
        }
        Err(error) => could_not_read(path, &error, report),
    }
}

pub(super) fn is_rule_file(file: &Path) -> bool {
    let is_hidden = file.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    let is_yaml = file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    is_yaml && !is_hidden && file.is_file()
}

fn texts(files: &[PathBuf], report: &mut Report) -> Vec<(String, String)> {
    let text = |file: &PathBuf| Some((file.display().to_string(), read(file, report)?));
    files.iter().filter_map(text).collect()
}

/// A file of settings or rules is some kB; what is longer is another file, or a device without an end.
const MAX_BYTES: u64 = 16 << 20;

/// A file's text; what is not UTF-8 is an error, for places would not hold.
fn read(file: &Path, report: &mut Report) -> Option<String> {
    match read_text(file) {
        Ok(text) => Some(text),
        Err(error) => {
            could_not_read(file, &error, report);
            None
        }
    }
}

fn read_text(file: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into())
}

fn could_not_read(path: &Path, error: &io::Error, report: &mut Report) {
    report.file_error(path.display().to_string(), format!("could not be read: {}", reason(error)));
}

/// In words, without the number.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        io::ErrorKind::FileTooLarge => "it is longer than 16 MiB".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_end_is_refused() {
        let report = check(&[PathBuf::from("/dev/zero")]);
        assert!(report.text(false).contains("/dev/zero: could not be read: it is longer than 16 MiB"), "{}", report.text(false));
    }
}
