//! Log lines on stderr: plain sentences, colour on a terminal only.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging at `level`; a filter that cannot be read is said and replaced by `info`.
pub(crate) fn start(level: &str) {
    let parsed = EnvFilter::try_new(level).ok().filter(|_| names_levels(level));
    let unread = parsed.is_none();
    let filter = parsed.unwrap_or_else(|| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(wants_colour()).with_target(false).init();
    if unread {
        tracing::warn!("`{level}` is not a log level or filter; write error, warn, info, debug, trace or like `processor=debug`");
    }
}

/// Whether each word that stands alone is a level. A filter takes any other for a module, and then nothing else is told: `warning` would
/// keep every alert from the log.
fn names_levels(filter: &str) -> bool {
    let is_level = |word: &str| word.eq_ignore_ascii_case("off") || word.parse::<tracing::Level>().is_ok();
    filter.split(',').map(str::trim).all(|word| word.contains(['=', '[']) || is_level(word))
}

/// Colour on a terminal, unless `NO_COLOR` says otherwise.
pub(crate) fn wants_colour() -> bool {
    std::io::stderr().is_terminal() && may_colour()
}

/// Whether `NO_COLOR` is silent.
pub(crate) fn may_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The last words of a command that failed, with its causes.
#[expect(clippy::print_stderr, reason = "the one line that says why the program ends")]
pub(crate) fn failure(error: &anyhow::Error) {
    eprintln!("skep: {}", sentence(error.chain().map(ToString::to_string)));
}

/// An error and its causes; one that a text before it has told already is left out.
fn sentence(causes: impl Iterator<Item = String>) -> String {
    causes.fold(String::new(), |told, cause| match told.as_str() {
        "" => cause,
        _ if told.contains(&cause) => told,
        _ => format!("{told}: {cause}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(causes: &[&str], expected: &str) {
        assert_eq!(sentence(causes.iter().map(ToString::to_string)), expected);
    }

    #[test]
    fn a_word_that_is_no_level_is_no_filter() {
        for right in ["warn", "INFO", "off", "warn,processor=debug", "processor=trace", "[tick]=debug"] {
            assert!(names_levels(right), "{right}");
        }
        for wrong in ["warning", "inof", "", "processor", "info,debgu"] {
            assert!(!names_levels(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_cause_is_told_once() {
        check(
            &["could not listen on a: it is taken (os error 98); try another", "it is taken (os error 98)"],
            "could not listen on a: it is taken (os error 98); try another",
        );
        check(&["could not open the store", "disk full"], "could not open the store: disk full");
    }
}
