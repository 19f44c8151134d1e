//! `Sat,Sun 02:00-04:00 Europe/Berlin`: the same hours each week, by the clocks of a place.

use std::fmt;

use event::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};

/// Days, hours and a time zone. Hours that end no later than they begin end on the next day.
#[derive(Clone, Debug)]
pub struct Window {
    text: String,
    days: Vec<Weekday>,
    from: Time,
    to: Time,
    zone: TimeZone,
}

/// Why a text is no window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// Not of the three parts.
    #[error("`{0}` is no weekly window; write it like `Sat,Sun 02:00-04:00 Europe/Berlin`")]
    Form(String),
    /// No day of the week.
    #[error("`{0}` is no day; write Mon, Tue, Wed, Thu, Fri, Sat, Sun, several as Sat,Sun or Mon-Fri, or daily")]
    Day(String),
    /// No time of day.
    #[error("`{0}` are no hours; write them like 02:00-04:00")]
    Hours(String),
    /// A time zone that nobody knows.
    #[error("there is no time zone `{0}`; write it like Europe/Berlin, or UTC")]
    Zone(String),
}

/// In the order of the week.
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

impl Window {
    /// Reads days, hours and zone; the zone is UTC where none is named.
    ///
    /// # Errors
    /// [`WindowError`] with what is wrong.
    pub fn parse(text: &str) -> Result<Self, WindowError> {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let (days, hours, zone) = match parts[..] {
            [days, hours] => (days, hours, "UTC"),
            [days, hours, zone] => (days, hours, zone),
            _ => return Err(WindowError::Form(text.to_owned())),
        };
        let (from, to) = hours
            .split_once('-')
            .and_then(|(from, to)| Some((time(from)?, time(to)?)))
            .ok_or_else(|| WindowError::Hours(hours.to_owned()))?;
        let zone = TimeZone::get(zone).map_err(|_| WindowError::Zone(zone.to_owned()))?;
        Ok(Self { text: parts.join(" "), days: read_days(days)?, from, to, zone })
    }

    /// Whether it is open at `now`; its end is not part of it.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.openings(now).any(|(from, to)| from <= now && now < to)
    }

    /// When it next opens or closes after `now`; `None` at the end of all calendars.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        self.openings(now).flat_map(|(from, to)| [from, to]).filter(|at| *at > now).min()
    }

    /// Those around `now`, from the day before to a week later.
    fn openings(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let today = jiff::Timestamp::from_microsecond(now.micros()).ok().map(|now| now.to_zoned_datetime(self.zone.clone()).date());
        let near = (-1..=8).filter_map(move |day: i64| today?.checked_add(day.days()).ok());
        near.filter(|day| self.days.contains(&day.weekday())).filter_map(|day| self.opening(day))
    }

    /// A time that the clocks jump over counts as one as much later; one that they show twice as the first.
    fn opening(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let last = if self.to <= self.from { day.checked_add(Span::new().days(1)).ok()? } else { day };
        let at = |day: Date, time: Time| {
            Some(Timestamp::from_micros(day.to_datetime(time).to_zoned_datetime(self.zone.clone()).ok()?.timestamp().as_microsecond()))
        };
        Some((at(day, self.from)?, at(last, self.to)?))
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Window {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let is_plain = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain(hour) || !is_plain(minute) {
        return None;
    }
    match (hour.parse().ok()?, minute.parse().ok()?) {
        (24, 0) => Some(Time::midnight()),
        (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
    }
}

fn read_days(text: &str) -> Result<Vec<Weekday>, WindowError> {
    if text.eq_ignore_ascii_case("daily") {
        return Ok(DAYS.iter().map(|(_, day)| *day).collect());
    }
    let place = |name: &str| {
        let found = DAYS.iter().position(|(known, _)| name.eq_ignore_ascii_case(known));
        found.ok_or_else(|| WindowError::Day(name.to_owned()))
    };
    let mut days = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (place(first)?, place(last)?);
        // Fri-Mon goes over the end of the week.
        let n_days = (last + DAYS.len() - first) % DAYS.len() + 1;
        days.extend(DAYS.iter().cycle().skip(first).take(n_days).map(|(_, day)| *day));
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// The next opening and its end, in UTC.
    #[track_caller]
    fn check(window: &str, after: &str, from: &str, to: &str) {
        let window = Window::parse(window).unwrap();
        let opens = window.next_change(at(after)).unwrap();
        let closes = window.next_change(opens).unwrap();
        assert_eq!((opens.to_string(), closes.to_string()), (from.to_owned(), to.to_owned()));
        assert!(!window.holds(at(after)) && window.holds(opens) && !window.holds(closes));
    }

    #[test]
    fn it_opens_by_the_clocks_of_its_zone() {
        check("Sat,Sun 02:00-04:00 Europe/Berlin", "2026-11-26T00:00:00Z", "2026-11-28T01:00:00Z", "2026-11-28T03:00:00Z");
        check("Sat,Sun 02:00-04:00 Europe/Berlin", "2026-07-01T00:00:00Z", "2026-07-04T00:00:00Z", "2026-07-04T02:00:00Z");
        check("Sat,Sun 02:00-04:00", "2026-11-28T05:00:00Z", "2026-11-29T02:00:00Z", "2026-11-29T04:00:00Z");
        check("Sun 02:00-04:00", "2026-11-29T04:00:00Z", "2026-12-06T02:00:00Z", "2026-12-06T04:00:00Z");
    }

    #[test]
    fn it_may_go_over_midnight_and_over_the_end_of_the_week() {
        check("Fri 22:00-06:00 UTC", "2026-11-26T00:00:00Z", "2026-11-27T22:00:00Z", "2026-11-28T06:00:00Z");
        check("mon-fri 23:00-24:00", "2026-11-28T00:00:00Z", "2026-11-30T23:00:00Z", "2026-12-01T00:00:00Z");
        check("Sat 00:00-00:00", "2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z");
        check("Sun-Mon 10:00-11:00", "2026-11-29T12:00:00Z", "2026-11-30T10:00:00Z", "2026-11-30T11:00:00Z");
    }

    #[test]
    fn on_the_day_when_clocks_are_set_back_it_lasts_an_hour_longer() {
        check("Sun 02:00-04:00 Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z");
    }

    #[test]
    fn on_the_day_when_clocks_are_set_on_it_lasts_an_hour_less() {
        check("Sun 01:00-04:00 Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z");
        // 02:30 does not exist that day, and counts as 03:30.
        check("Sun 02:30-05:00 Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T03:00:00Z");
    }

    #[test]
    fn each_mistake_says_what_to_write() {
        for (text, part) in [
            ("Sat", "is no weekly window"),
            ("Someday 02:00-04:00", "`Someday` is no day"),
            ("Sat 2:00-04:00", "`2:00-04:00` are no hours"),
            ("Sat 02:00-25:00", "are no hours"),
            ("Sat 02:00-04:00 Europe/Atlantis", "no time zone `Europe/Atlantis`"),
        ] {
            let error = Window::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    proptest! {
        /// Asked of every minute of two weeks, the clocks of the place have the last word.
        #[test]
        fn it_holds_just_when_the_clock_on_the_wall_is_within(start in 0i64..1_577_000_000, hours in (0i8..24, 0i8..24), zone in 0usize..4) {
            let zone = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"][zone];
            let (from, to) = hours;
            prop_assume!(from < to);
            let window = Window::parse(&format!("Tue,Sun {from:02}:00-{to:02}:00 {zone}")).unwrap();
            let zone = TimeZone::get(zone).unwrap();
            for minute in (0..20_160).step_by(7) {
                let now = Timestamp::from_secs(start + minute * 60);
                let wall = jiff::Timestamp::from_microsecond(now.micros()).unwrap().to_zoned_datetime(zone.clone());
                // What a jump of the clocks makes of the hours themselves is told above, case by case.
                let jumps = wall.start_of_day().unwrap().until(&wall.tomorrow().unwrap().start_of_day().unwrap()).unwrap().get_hours() != 24;
                if jumps {
                    continue;
                }
                let within = matches!(wall.weekday(), Weekday::Tuesday | Weekday::Sunday) && (from..to).contains(&wall.hour());
                prop_assert_eq!(window.holds(now), within, "{}", wall);
            }
        }

        #[test]
        fn between_two_changes_nothing_changes(start in 0i64..4_000_000_000, offset in 0.0f64..1.0) {
            let window = Window::parse("Mon-Thu 21:30-03:15 America/New_York").unwrap();
            let now = Timestamp::from_secs(start);
            let next = window.next_change(now).unwrap();
            let between = Timestamp::from_micros(now.micros() + ((next - now).micros() as f64 * offset) as i64);
            prop_assert_eq!(window.holds(between), window.holds(now));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = Window::parse(&text);
        }
    }
}
