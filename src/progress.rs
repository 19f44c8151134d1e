//! A bar that says how far a long command is; on a terminal alone.

use std::io::{self, IsTerminal as _, Write as _};

/// Characters of the bar.
const WIDTH: usize = 40;

/// How far it is.
#[derive(Debug)]
pub(crate) struct Progress {
    what: &'static str,
    total: u64,
    /// The percentage that stands there; `None` where nobody looks.
    shown: Option<u64>,
}

impl Progress {
    /// Begins at nothing of `total`.
    pub(crate) fn new(what: &'static str, total: u64) -> Self {
        let mut progress = Self { what, total: total.max(1), shown: io::stderr().is_terminal().then_some(u64::MAX) };
        progress.at(0);
        progress
    }

    /// So much is done.
    pub(crate) fn at(&mut self, done: u64) {
        let percent = done.min(self.total).saturating_mul(100) / self.total;
        if self.shown.is_none_or(|shown| shown == percent) {
            return;
        }
        self.shown = Some(percent);
        self.write(&bar(self.what, percent));
    }

    /// Takes the bar away.
    pub(crate) fn end(self) {
        if self.shown.is_some() {
            self.write("\r\x1b[K");
        }
    }

    fn write(&self, text: &str) {
        let mut out = io::stderr().lock();
        // Whoever closed stderr wants no bar.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

fn bar(what: &str, percent: u64) -> String {
    let full = usize::try_from(percent).unwrap_or(100).min(100) * WIDTH / 100;
    format!("\r{what} [{}{}] {percent:3} %", "#".repeat(full), " ".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_up() {
        assert_eq!(bar("export", 0), format!("\rexport [{}]   0 %", " ".repeat(40)));
        assert_eq!(bar("export", 50), format!("\rexport [{}{}]  50 %", "#".repeat(20), " ".repeat(20)));
        assert_eq!(bar("export", 100), format!("\rexport [{}] 100 %", "#".repeat(40)));
    }
}
