//! A small reader of line protocol, after InfluxDB's description of it and not after our writer.

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) measurement: String,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) fields: Vec<(String, Field)>,
    pub(crate) time: i64,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    Int(i64),
    Float(f64),
    Text(String),
}

/// Reads all lines, each of which ends with a line break. `None` for what a server would refuse.
pub(crate) fn parse(text: &str) -> Option<Vec<Line>> {
    let mut rest = text;
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let line = line(&mut rest)?;
        lines.push(line);
    }
    Some(lines)
}

fn line(rest: &mut &str) -> Option<Line> {
    if rest.starts_with('#') {
        return None;
    }
    let (measurement, mut end) = name(rest, &[',', ' '], &[',', ' '])?;
    let mut tags = Vec::new();
    while end == ',' {
        let (key, equals) = name(rest, &['=', ',', ' '], &[',', ' '])?;
        let (value, after) = name(rest, &['=', ',', ' '], &[',', ' '])?;
        if equals != '=' || after == '=' || tags.iter().any(|(taken, _)| *taken == key) {
            return None;
        }
        tags.push((key, value));
        end = after;
    }
    let mut fields = Vec::new();
    loop {
        let (key, equals) = name(rest, &['=', ',', ' '], &[',', ' '])?;
        if equals != '=' || fields.iter().any(|(taken, _)| *taken == key) {
            return None;
        }
        fields.push((key, field(rest)?));
        match take(rest)? {
            ',' => {}
            ' ' => break,
            _ => return None,
        }
    }
    let (time, after) = rest.split_once('\n')?;
    *rest = after;
    Some(Line { measurement, tags, fields, time: time.parse().ok()? })
}

fn take(rest: &mut &str) -> Option<char> {
    let char = rest.chars().next()?;
    *rest = &rest[char.len_utf8()..];
    Some(char)
}

/// A name up to one of `ends`, which is taken too; never empty. A backslash is an escape only before a delimiter.
fn name(rest: &mut &str, ends: &[char], escaped: &[char]) -> Option<(String, char)> {
    let mut name = String::new();
    loop {
        match take(rest)? {
            '\n' => return None,
            '\\' if rest.starts_with(escaped) || (ends.contains(&'=') && rest.starts_with('=')) => name.push(take(rest)?),
            char if ends.contains(&char) => return (!name.is_empty()).then_some((name, char)),
            char => name.push(char),
        }
    }
}

fn field(rest: &mut &str) -> Option<Field> {
    if let Some(after) = rest.strip_prefix('"') {
        *rest = after;
        return text(rest).map(Field::Text);
    }
    let (number, _) = rest.split_at(rest.find([',', ' ', '\n'])?);
    *rest = &rest[number.len()..];
    match number.strip_suffix('i') {
        Some(int) => int.parse().ok().map(Field::Int),
        None => number.parse().ok().filter(|float: &f64| float.is_finite()).map(Field::Float),
    }
}

fn text(rest: &mut &str) -> Option<String> {
    let mut text = String::new();
    loop {
        match take(rest)? {
            '"' => return Some(text),
            '\\' if rest.starts_with(['"', '\\']) => text.push(take(rest)?),
            char => text.push(char),
        }
    }
}
