//! Tables: cells with what they are put in order by, and which columns a width has room for.

use std::cmp::Ordering;

use ratatui::text::Span;

/// Columns between which there is room.
const GAP: u16 = 2;
/// What an arrow behind a title takes.
const ARROW: u16 = 2;
/// A long text is cut to this before a column is left out.
const SHORT_TEXT: u16 = 24;
/// Nothing is cut further than this.
const SHORTEST: u16 = 6;

/// How a cell is drawn; never the only thing that tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Plain,
    Quiet,
    Ok,
    Info,
    Warning,
    Critical,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Stands left, begins with the first.
    Text,
    /// Stands left, begins with the worst.
    Level,
    /// Stands right, begins with the most.
    Number,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) title: &'static str,
    pub(super) holds: Holds,
    /// The highest is left out first where there is no room; 0 never.
    pub(super) spare: u8,
    /// So wide at least, so that nothing moves when a number grows.
    pub(super) least: u16,
}

impl Column {
    pub(super) const fn text(title: &'static str, spare: u8) -> Self {
        Self { title, holds: Holds::Text, spare, least: 0 }
    }

    pub(super) const fn level(title: &'static str, least: u16) -> Self {
        Self { title, holds: Holds::Level, spare: 0, least }
    }

    pub(super) const fn number(title: &'static str, spare: u8, least: u16) -> Self {
        Self { title, holds: Holds::Number, spare, least }
    }

    /// Whether its order begins with the highest.
    pub(super) fn begins_high(&self) -> bool {
        self.holds != Holds::Text
    }
}

/// A cell. `number` is what it is put in order by in a column of numbers or levels; without one it comes last.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) number: Option<f64>,
    pub(super) tone: Tone,
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number as `show` writes it, a dash where there is none.
    pub(super) fn number(number: Option<f64>, show: impl FnOnce(f64) -> String) -> Self {
        let number = number.filter(|number| number.is_finite());
        Self { text: number.map_or_else(|| "–".to_owned(), show), number, tone: if number.is_some() { Tone::Plain } else { Tone::Quiet } }
    }

    /// How well something is: the greater `worse`, the worse.
    pub(super) fn level(text: impl Into<String>, tone: Tone, worse: f64) -> Self {
        Self { text: text.into(), number: Some(worse), tone }
    }

    pub(super) fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

/// A line. Its key tells it from others, and puts equals in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) key: String,
    pub(super) cells: Vec<Cell>,
}

impl Line {
    /// Whether each word is in some cell.
    pub(super) fn has(&self, words: &str) -> bool {
        let texts: Vec<String> = self.cells.iter().map(|cell| cell.text.to_lowercase()).collect();
        words.to_lowercase().split_whitespace().all(|word| texts.iter().any(|text| text.contains(word)))
    }
}

/// Puts lines in order of a column; what has no number comes last either way.
pub(super) fn sort(lines: &mut [Line], columns: &[Column], by: usize, descending: bool) {
    let is_text = columns.get(by).is_none_or(|column| column.holds == Holds::Text);
    let turn = |order: Ordering| if descending { order.reverse() } else { order };
    lines.sort_by(|a, b| {
        let order = match (a.cells.get(by), b.cells.get(by)) {
            (Some(a), Some(b)) if is_text => turn(natural(&a.text, &b.text)),
            (Some(a), Some(b)) => match (a.number, b.number) {
                (Some(a), Some(b)) => turn(a.total_cmp(&b)),
                (a, b) => a.is_none().cmp(&b.is_none()),
            },
            (a, b) => a.is_none().cmp(&b.is_none()),
        };
        order.then_with(|| natural(&a.key, &b.key))
    });
}

/// `web.9` before `web.10`.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (x, y) = (digits(a), digits(b));
        let order = if x.is_empty() || y.is_empty() {
            match (a.chars().next(), b.chars().next()) {
                (Some(x), Some(y)) => x.cmp(&y),
                (x, y) => return x.cmp(&y),
            }
        } else {
            let (x, y) = (x.trim_start_matches('0'), y.trim_start_matches('0'));
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        };
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (rest(a), rest(b));
    }
}

fn digits(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default()
}

/// Behind the number at the beginning, or else behind the first letter.
fn rest(text: &str) -> &str {
    let n_bytes = match digits(text).len() {
        0 => text.chars().next().map_or(0, char::len_utf8),
        n_digits => n_digits,
    };
    text.get(n_bytes..).unwrap_or_default()
}

/// The columns that `width` has room for: number, where it begins, how wide it is.
pub(super) fn fit(columns: &[Column], lines: &[Line], width: u16) -> Vec<(usize, u16, u16)> {
    let mut taken: Vec<(usize, u16)> =
        columns.iter().enumerate().map(|(index, column)| (index, natural_width(index, column, lines))).collect();
    shrink(&mut taken, columns, width, SHORT_TEXT);
    while total(&taken) > width {
        let spare = |index: usize| columns.get(index).map_or(0, |column| column.spare);
        let Some(place) = (0..taken.len()).max_by_key(|place| taken.get(*place).map_or(0, |(index, _)| spare(*index))) else { break };
        if taken.get(place).is_none_or(|(index, _)| spare(*index) == 0) {
            break;
        }
        taken.remove(place);
    }
    shrink(&mut taken, columns, width, SHORTEST);
    let mut x = 0;
    let place = |(index, width): (usize, u16)| {
        let begin = x;
        x += width + GAP;
        (index, begin, width)
    };
    taken.into_iter().map(place).collect()
}

/// Takes from the widest texts what is too much.
fn shrink(taken: &mut [(usize, u16)], columns: &[Column], width: u16, least: u16) {
    let is_text = |index: usize| columns.get(index).is_some_and(|column| column.holds == Holds::Text);
    loop {
        let excess = total(taken).saturating_sub(width);
        let widest = taken.iter_mut().filter(|(index, width)| is_text(*index) && *width > least).max_by_key(|(_, width)| *width);
        match widest {
            Some((_, width)) if excess > 0 => *width = width.saturating_sub(excess).max(least),
            _ => return,
        }
    }
}

fn total(taken: &[(usize, u16)]) -> u16 {
    let gaps = GAP.saturating_mul(u16::try_from(taken.len()).unwrap_or(u16::MAX).saturating_sub(1));
    taken.iter().fold(gaps, |sum, (_, width)| sum.saturating_add(*width))
}

fn natural_width(index: usize, column: &Column, lines: &[Line]) -> u16 {
    let cells = lines.iter().filter_map(|line| line.cells.get(index)).map(|cell| width_of(&cell.text));
    cells.max().unwrap_or(0).max(width_of(column.title) + ARROW).max(column.least)
}

/// How many places of a terminal a text takes.
pub(super) fn width_of(text: &str) -> u16 {
    u16::try_from(Span::raw(text).width()).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [Column::text("Name", 0), Column::number("CPU", 1, 6), Column::text("Message", 0)];

    fn line(name: &str, cpu: Option<f64>, message: &str) -> Line {
        let cells = vec![Cell::text(name), Cell::number(cpu, |cpu| format!("{cpu} %")), Cell::text(message)];
        Line { key: name.to_owned(), cells }
    }

    #[track_caller]
    fn check_order(by: usize, descending: bool, expected: &[&str]) {
        let mut lines =
            vec![line("web.10", Some(1.0), ""), line("web.9", None, ""), line("web.2", Some(3.0), ""), line("db", Some(1.0), "")];
        sort(&mut lines, &COLUMNS, by, descending);
        assert_eq!(lines.iter().map(|line| line.key.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_has_no_number_comes_last_either_way_and_equals_stand_by_name() {
        check_order(0, false, &["db", "web.2", "web.9", "web.10"]);
        check_order(0, true, &["web.10", "web.9", "web.2", "db"]);
        check_order(1, true, &["web.2", "db", "web.10", "web.9"]);
        check_order(1, false, &["db", "web.10", "web.2", "web.9"]);
    }

    #[test]
    fn a_filter_wants_each_of_its_words() {
        let line = line("web.1", Some(3.0), "Memory of web is short");
        assert!(line.has("") && line.has("WEB") && line.has(" short web.1 ") && line.has("3 %"));
        assert!(!line.has("web db"));
    }

    #[test]
    fn texts_are_cut_first_then_columns_left_out_then_texts_cut_further() {
        let lines = [line("a-name", Some(3.0), &"m".repeat(40))];
        assert_eq!(fit(&COLUMNS, &lines, 80), [(0, 0, 6), (1, 8, 6), (2, 16, 40)]);
        assert_eq!(fit(&COLUMNS, &lines, 50), [(0, 0, 6), (1, 8, 6), (2, 16, 34)]);
        assert_eq!(fit(&COLUMNS, &lines, 35), [(0, 0, 6), (2, 8, 24)]);
        assert_eq!(fit(&COLUMNS, &lines, 20), [(0, 0, 6), (2, 8, 12)]);
        assert_eq!(fit(&COLUMNS, &lines, 3), [(0, 0, 6), (2, 8, 6)]);
    }
}
