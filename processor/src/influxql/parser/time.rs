//! Moments, and conditions on time.

use super::Parser;
use crate::influxql::ast::Expr;
use crate::influxql::lexer::Kind;

impl Parser {
    /// A comparison of `time`.
    pub(super) fn time(&mut self) -> Result<Expr, String> {
        let Kind::Symbol(sign @ (">" | ">=" | "<" | "<=" | "=")) = *self.peek() else {
            return self.expected(">=, >, <, <= or =");
        };
        self.next += 1;
        let at = self.moment()?;
        let after = at.saturating_add(1);
        let start = matches!(sign, ">" | ">=" | "=").then_some(if sign == ">" { after } else { at });
        let end = matches!(sign, "<" | "<=" | "=").then_some(if sign == "<" { at } else { after });
        Ok(Expr::Time(start, end))
    }

    /// `now()`, a text, or a number, more or less durations.
    fn moment(&mut self) -> Result<i64, String> {
        let mut at = match self.peek().clone() {
            Kind::Integer(nanos) | Kind::Duration(nanos) => nanos,
            Kind::Text(text) => match moment(&text, self.zone.as_ref()) {
                Some(nanos) => nanos,
                None => return self.expected("a time like '2026-12-01T08:00:00Z'"),
            },
            Kind::Word(word) if word.eq_ignore_ascii_case("now") => {
                self.next += 1;
                self.need("(")?;
                if self.peek() != &Kind::Symbol(")") {
                    return self.expected("`)`");
                }
                self.now
            }
            _ => return self.expected("now(), a time in single quotes, or a number with its unit"),
        };
        self.next += 1;
        loop {
            at = if self.symbol("+") {
                at.saturating_add(self.duration()?)
            } else if self.symbol("-") {
                at.saturating_sub(self.duration()?)
            } else {
                return Ok(at);
            };
        }
    }
}

/// A text without a zone of its own is meant in the query's, or in UTC.
fn moment(text: &str, zone: Option<&jiff::tz::TimeZone>) -> Option<i64> {
    let time = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let civil = text.parse::<jiff::civil::DateTime>().ok()?;
        match zone {
            Some(zone) => zone.to_timestamp(civil).ok(),
            None => jiff::tz::Offset::UTC.to_timestamp(civil).ok(),
        }
    })?;
    i64::try_from(time.as_nanosecond()).ok()
}
