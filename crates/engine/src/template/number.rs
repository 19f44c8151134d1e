//! Numbers as people read them.

use std::fmt;

use event::Duration;

/// A number with at most three decimals, more only where fewer than three digits would be left of it.
pub fn plain(number: f64) -> impl fmt::Display {
    Rounded { number, decimals: 3, digits: 3, unit: "" }
}

/// `95 %`, `95.3 %`, `0.012 %`.
pub fn percent(number: f64) -> impl fmt::Display {
    Rounded { number, decimals: 1, digits: 2, unit: " %" }
}

/// `512 B`, `1.5 GiB`.
pub fn bytes(number: f64) -> impl fmt::Display {
    const UNITS: [&str; 6] = [" KiB", " MiB", " GiB", " TiB", " PiB", " EiB"];
    let mut scaled = Rounded { number, decimals: 0, digits: 0, unit: " B" };
    for unit in UNITS {
        // What would be shown as 1024 of a unit is shown as 1 of the next.
        if scaled.number.abs() < 1023.95 {
            break;
        }
        scaled = Rounded { number: scaled.number / 1024.0, decimals: 1, digits: 0, unit };
    }
    scaled
}

/// Seconds as `1h30m`, to the second; below ten seconds to the millisecond.
pub fn duration(seconds: f64) -> impl fmt::Display {
    let step = if seconds.abs() < 10.0 { 1e3 } else { 1.0 };
    Duration::from_secs_f64((seconds * step).round() / step)
}

/// A number rounded to `decimals`, or to `digits` significant digits where that is finer; zeros at the end are cut off.
struct Rounded {
    number: f64,
    decimals: i32,
    digits: i32,
    unit: &'static str,
}

/// Most decimals of a very small number.
const MAX_DECIMALS: i32 = 12;

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = if self.number == 0.0 { 0.0 } else { self.number.abs().log10().floor() };
        let wanted = self.digits.saturating_sub(1).saturating_sub(magnitude as i32);
        let decimals = if self.digits == 0 { self.decimals } else { self.decimals.max(wanted).min(MAX_DECIMALS) };
        let text = format!("{:.*}", usize::try_from(decimals).unwrap_or(0), self.number);
        let cut = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        f.write_str(if cut == "-0" { "0" } else { cut })?;
        f.write_str(self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: impl fmt::Display, expected: &str) {
        assert_eq!(found.to_string(), expected);
    }

    #[test]
    fn digits_that_say_nothing_are_cut_off() {
        check(plain(95.0), "95");
        check(plain(0.1234), "0.123");
        check(plain(0.00012345), "0.000123");
        check(plain(1_234_567.891_23), "1234567.891");
        check(plain(-0.0), "0");
        check(plain(100.0), "100");
        check(percent(95.278), "95.3 %");
        check(percent(0.0123), "0.012 %");
        check(percent(100.0), "100 %");
    }

    #[test]
    fn sizes_have_the_unit_that_leaves_few_digits() {
        check(bytes(0.0), "0 B");
        check(bytes(512.0), "512 B");
        check(bytes(1024.0), "1 KiB");
        check(bytes(1024.0 * 1024.0 - 1.0), "1 MiB");
        check(bytes(8.2e9), "7.6 GiB");
        check(bytes(-2048.0), "-2 KiB");
    }

    #[test]
    fn times_are_durations() {
        check(duration(5400.4), "1h30m");
        check(duration(0.25), "250ms");
        check(duration(0.0), "0s");
        check(duration(1e300), &Duration::from_micros(i64::MAX).to_string());
    }
}
