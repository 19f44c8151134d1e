//! A checked alert in plain words, line by line.

use engine::State;
use engine::rules::{Across, Alert, Expect, Expired, Join, Level, Measure, Over};
use engine::streams::{Fold, Take};
use event::Duration;

/// A line: what it is about, and what there is to say.
pub type Line = (&'static str, String);

/// All that an alert does; `to` names who is told, where that is known.
pub fn words(alert: &Alert, to: Option<&[String]>) -> Vec<Line> {
    let mut lines = Vec::new();
    if !alert.enabled {
        lines.push(("off", "`enabled: false`: it does nothing of what follows".to_owned()));
    }
    picks(alert, &mut lines);
    lines.push(("instances", instances(alert)));
    expected(alert, &mut lines);
    if has_levels(alert) {
        lines.push(("number", number(&alert.measure)));
    }
    levels(alert, &mut lines);
    ends(alert, &mut lines);
    if let Some(unless) = &alert.unless {
        let field = |(own, its): &(String, String)| if own == its { own.clone() } else { format!("{own} (there {its})") };
        let fields: Vec<String> = unless.same.iter().map(field).collect();
        let same = if fields.is_empty() { String::new() } else { format!(" for the same {}", and(&fields)) };
        lines.push(("muted", format!("while {} is open{same}: it neither opens nor rises nor says anything", unless.alert)));
    }
    says(alert, &mut lines);
    match to {
        Some([]) => lines.push(("tells", "nobody but the log; `to` names a notifier".to_owned())),
        Some(names) => lines.push(("tells", and(names))),
        None => {}
    }
    lines
}

fn has_levels(alert: &Alert) -> bool {
    [&alert.info, &alert.warn, &alert.crit].into_iter().any(Option::is_some)
}

fn picks(alert: &Alert, lines: &mut Vec<Line>) {
    let Measure::Join(Join { inputs, .. }) = &alert.measure else {
        return lines.push(("picks", format!("events where {}", alert.where_)));
    };
    for (name, query) in inputs {
        lines.push(("picks", format!("as {name}, events where {query}")));
    }
}

fn instances(alert: &Alert) -> String {
    let bound = alert.max_instances.map_or_else(String::new, |max| format!(", at most {max}"));
    match alert.by.as_slice() {
        [] => format!("one for all events{bound}"),
        [field] => format!("one for each {field}{bound}"),
        fields => format!("one for each combination of {}{bound}", and(fields)),
    }
}

fn expected(alert: &Alert, lines: &mut Vec<Line>) {
    match &alert.expect {
        Expect::Listed(listed) if listed.is_empty() => {}
        Expect::Listed(listed) => {
            let names: Vec<String> = listed.iter().map(|values| values.join("/")).collect();
            lines.push(("expected", format!("{}, even if nothing was ever heard of them", and(&names))));
        }
        Expect::SwarmNodes => {
            lines.push(("expected", "each node that the swarm's leader lists, even if nothing was ever heard of it".to_owned()))
        }
    }
}

fn number(measure: &Measure) -> String {
    match measure {
        Measure::Event => "the event's own".to_owned(),
        Measure::Over(over) => window(over),
        Measure::Across(across) => side_by_side(across),
        Measure::Join(join) => format!("{}, of the latest event of each", join.value),
    }
}

fn window(over: &Over) -> String {
    let take = over.take().map_or_else(|| "what is taken".to_owned(), take_words);
    format!("{take} of the samples of the last {}, looked at with every event and each {}", over.length(), over.every())
}

fn side_by_side(across: &Across) -> String {
    format!("{} of the latest event of each {}", take_words(across.take()), and(across.fields()))
}

fn take_words(take: &Take) -> String {
    let text = match take {
        Take::Fold(fold) => return fold_words(*fold).to_owned(),
        Take::Point(point) => return format!("the {} % point", trimmed(point * 100.0)),
        Take::First => "the first",
        Take::Last => "the last",
        Take::Range => "the largest less the smallest",
        Take::Delta => "the last less the first",
        Take::Increase => "the rise of the counter",
        Take::Rate => "the rise of the counter per second",
        Take::Distinct => "the number of different values",
        Take::Ewma { halflife } => return format!("the moving mean (half-life {halflife})"),
        Take::Predict { ahead, min_points } => {
            return format!("where the straight line (through {min_points} samples or more) will be in {ahead},");
        }
        Take::TimeTo { reach, min_points } => {
            return format!("the seconds until the straight line (through {min_points} samples or more) meets {reach},");
        }
        Take::ZScore => "how many standard deviations the last is from the mean",
        Take::Mad => "how many median distances the last is from the median",
    };
    text.to_owned()
}

fn fold_words(fold: Fold) -> &'static str {
    match fold {
        Fold::Sum => "the sum",
        Fold::Product => "the product",
        Fold::Difference => "the first less all others",
        Fold::Quotient | Fold::QuotientSloppy => "the first divided by all others",
        Fold::Mean => "the mean",
        Fold::Median => "the median",
        Fold::Mode => "the most frequent",
        Fold::Minimum => "the smallest",
        Fold::Maximum => "the largest",
        Fold::StdDev => "the standard deviation",
        Fold::Count => "the number",
    }
}

/// Without the digits that only a computer sees.
fn trimmed(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

fn levels(alert: &Alert, lines: &mut Vec<Line>) {
    let levels = [(State::Info, &alert.info), (State::Warning, &alert.warn), (State::Critical, &alert.crit)];
    for (state, level) in levels {
        if let Some(level) = level {
            lines.push((state.as_str(), opens(level, alert.for_)));
        }
    }
    if let Some(absent) = alert.absent {
        lines.push((State::Critical.as_str(), format!("when no event came for {absent}")));
    }
}

fn opens(level: &Level, for_: Duration) -> String {
    let mut text = format!("when {} {}", level.when, held(level.for_.unwrap_or(for_)));
    if let Some(clear) = &level.clear {
        text += &format!("; then until {clear}");
    }
    text
}

fn held(for_: Duration) -> String {
    if for_ > Duration::ZERO { format!("has held for {for_}") } else { "holds".to_owned() }
}

fn ends(alert: &Alert, lines: &mut Vec<Line>) {
    let closes = match &alert.clear {
        Some(clear) => format!("when no level holds and {clear} {}", held(alert.clear_for)),
        None if alert.clear_for > Duration::ZERO => format!("when no level has held for {}", alert.clear_for),
        None if has_levels(alert) => "when no level holds".to_owned(),
        None => "when an event comes again".to_owned(),
    };
    lines.push(("closes", closes));
    if alert.absent.is_some() {
        return;
    }
    let expired = match alert.expired {
        Expired::Close => "it ends as \"gone\"",
        Expired::Hold => "it stays as it is",
        Expired::Warn => "it goes to warning",
        Expired::Crit => "it goes to critical",
    };
    let when = match &alert.measure {
        Measure::Event => "when its last event expires",
        Measure::Over(_) => "when its window is empty",
        Measure::Across(_) => "when all of its events have expired",
        Measure::Join(_) => "when one of its events expires",
    };
    lines.push(("expires", format!("{when}, {expired}")));
}

fn says(alert: &Alert, lines: &mut Vec<Line>) {
    let words = &alert.words;
    let texts = [("message", &alert.message), ("details", &words.details), ("runbook", &words.runbook)];
    lines.extend(texts.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?.source().trim_end().to_owned()))));
    lines.extend(words.team.clone().map(|team| ("team", team)));
    let named = words.labels.iter().map(|named| ("label", named)).chain(words.links.iter().map(|named| ("link", named)));
    lines.extend(named.map(|(key, (name, text))| (key, format!("{name}: {}", text.source()))));
}

/// `a`, `a and b`, `a, b and c`.
fn and(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
