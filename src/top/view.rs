//! Draws the model into the cells of a screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::list::{List, TABS, Tab};
use super::model::{Link, Model};
use super::page::Said;
use super::table::{Holds, Line, Tone, fit, width_of};
use super::units::plain;
use super::{alerts, containers, nodes, services};

/// Lines around what is listed: title, tabs, trail, heads, keys.
const AROUND: u16 = 5;
/// What stands before every line.
const MARGIN: u16 = 1;

/// How tones look; without colours by brightness alone, for words and symbols tell the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Theme {
    pub(super) colours: bool,
}

impl Theme {
    fn style(self, tone: Tone) -> Style {
        let colour = |colour: Color| if self.colours { Style::new().fg(colour) } else { Style::new() };
        match tone {
            Tone::Plain => Style::new(),
            Tone::Quiet => Style::new().add_modifier(Modifier::DIM),
            Tone::Ok => colour(Color::Green),
            Tone::Info => colour(Color::Cyan),
            Tone::Warning => colour(Color::Yellow),
            Tone::Critical => colour(Color::Red).add_modifier(Modifier::BOLD),
        }
    }
}

/// Draws all of it.
pub(super) fn draw(model: &mut Model, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let width = area.width.saturating_sub(2 * MARGIN);
    let mut pen = Pen { buffer, left: area.x + MARGIN, width, end: area.bottom(), theme };
    title(model, &mut pen, area.y);
    tabs(model, &mut pen, area.y + 1);
    trail(model, &mut pen, area.y + 2);
    model.height = usize::from(area.height.saturating_sub(AROUND));
    let body = area.y + 3;
    if model.help {
        help(&mut pen, body);
    } else if model.page_mut().is_some() {
        page(model, &mut pen, body);
    } else {
        list(model, &mut pen, body);
    }
    let keys = if model.help {
        "any key goes back"
    } else if model.writing {
        "write words that a line must have; Enter keeps them, Esc takes them away"
    } else if model.list().is_some() {
        "? help  s sort  r reverse  / filter  Enter open  Esc back  1-4 lists  q quit"
    } else {
        "? help  j k scroll  Esc back  1-4 lists  q quit"
    };
    pen.put(0, area.bottom().saturating_sub(1), keys, pen.theme.style(Tone::Quiet));
    let is_old = matches!(model.link, Link::Lost(..));
    if is_old {
        let shown = Rect { y: body, height: area.height.saturating_sub(4), ..area };
        buffer.set_style(shown.intersection(area), theme.style(Tone::Quiet));
    }
}

/// Writes texts into lines.
struct Pen<'a> {
    buffer: &'a mut Buffer,
    left: u16,
    width: u16,
    /// The first line that is no longer there.
    end: u16,
    theme: Theme,
}

impl Pen<'_> {
    /// Writes a text, cut at the right edge; gives the place behind it.
    fn put(&mut self, x: u16, y: u16, text: &str, style: Style) -> u16 {
        self.put_in(x, y, text, self.width.saturating_sub(x), style)
    }

    /// Writes a text, cut to `width`: what is cut ends in `…`.
    fn put_in(&mut self, x: u16, y: u16, text: &str, width: u16, style: Style) -> u16 {
        if y >= self.end || x >= self.width {
            return x;
        }
        let width = width.min(self.width - x);
        let (after, _) = self.buffer.set_stringn(self.left + x, y, text, usize::from(width), style);
        if width_of(text) > width && width > 0 {
            self.buffer.set_stringn(self.left + x + width - 1, y, "…", 1, style);
        }
        after - self.left
    }

    fn put_right(&mut self, y: u16, text: &str, style: Style) {
        let x = self.width.saturating_sub(width_of(text));
        self.put(x, y, text, style);
    }
}

fn title(model: &Model, pen: &mut Pen<'_>, y: u16) {
    let x = pen.put(0, y, "skep top", Style::new().add_modifier(Modifier::BOLD));
    let (level, words) = model.connection();
    let told = format!("{} {words}", level.symbol());
    let room = pen.width.saturating_sub(width_of(&told));
    if x + 2 < room {
        pen.put_in(x + 2, y, &model.url, room - x - 3, pen.theme.style(Tone::Quiet));
    }
    pen.put_right(y, &told, pen.theme.style(level.tone()));
}

fn tabs(model: &Model, pen: &mut Pen<'_>, y: u16) {
    let mut x = 0;
    for (number, tab) in (1..).zip(TABS) {
        let style = if tab == model.tab { Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED) } else { Style::new() };
        x = pen.put(x, y, &format!(" {number} {} {} ", tab.title(), count(model, tab)), style) + 1;
    }
    if let Some(rate) = model.rows.of("rate").find_map(|row| row.metric) {
        let text = format!("{} events/s", plain(rate.round()));
        if x + width_of(&text) < pen.width {
            pen.put_right(y, &text, pen.theme.style(Tone::Quiet));
        }
    }
}

/// How many there are of what a tab lists.
pub(super) fn count(model: &Model, tab: Tab) -> String {
    let of = |(well, all): (usize, usize)| format!("{well}/{all}");
    match tab {
        Tab::Nodes => of(nodes::counts(&model.rows)),
        Tab::Services => of(services::counts(&model.rows)),
        Tab::Containers => containers::all(&model.rows).iter().filter(|one| one.is_running()).count().to_string(),
        Tab::Alerts => match alerts::counts(&model.rows).as_slice() {
            [] => "0".to_owned(),
            counts => counts.iter().map(|(level, count)| format!("{} {count}", level.symbol())).collect::<Vec<_>>().join(" "),
        },
    }
}

fn trail(model: &Model, pen: &mut Pen<'_>, y: u16) {
    let trail = model.trail();
    let mut x = 0;
    if !trail.is_empty() {
        let way = [vec![model.tab.title().to_owned()], trail].concat().join(" › ");
        x = pen.put(0, y, &way, Style::new().add_modifier(Modifier::BOLD)) + 2;
    }
    let Some(list) = model.list().filter(|list| model.writing || !list.filter.is_empty()) else { return };
    let caret = if model.writing { "_" } else { "" };
    pen.put(x, y, &format!("filter: {}{caret}", list.filter), pen.theme.style(Tone::Info));
}

fn list(model: &mut Model, pen: &mut Pen<'_>, y: u16) {
    let (now, height) = (model.now, model.height);
    let is_known = model.is_whole();
    let Some(lines) = model.list().map(|list| list.lines(&model.rows, now)) else { return };
    let Some(list) = model.list_mut() else { return };
    if lines.is_empty() {
        let text = match (is_known, list.filter.as_str()) {
            (false, _) => "Waiting for the first picture…".to_owned(),
            (true, "") => list.tab.nothing().to_owned(),
            (true, filter) => format!("Nothing has `{filter}`. Esc takes the filter away."),
        };
        pen.put(0, y, &text, pen.theme.style(Tone::Quiet));
        return;
    }
    let place = list.place(&lines);
    list.scroll(lines.len(), place, height);
    table(list, &lines, Some(place), height, pen, y);
}

/// Heads, and as many lines from `list.top` on as there is room for.
fn table(list: &List, lines: &[Line], chosen: Option<usize>, height: usize, pen: &mut Pen<'_>, y: u16) {
    let columns = list.tab.columns();
    let places = fit(columns, lines, pen.width);
    for (index, x, width) in &places {
        let Some(column) = columns.get(*index) else { continue };
        let (arrow, style) = match (*index == list.column, list.descending) {
            (true, true) => (" ↓", Style::new().add_modifier(Modifier::BOLD)),
            (true, false) => (" ↑", Style::new().add_modifier(Modifier::BOLD)),
            (false, _) => ("", pen.theme.style(Tone::Quiet)),
        };
        put_cell(pen, *x, y, *width, column.holds, &format!("{}{arrow}", column.title), style);
    }
    for (row, (place, line)) in (y + 1..).zip(lines.iter().enumerate().skip(list.top).take(height)) {
        for (index, x, width) in &places {
            let (Some(column), Some(cell)) = (columns.get(*index), line.cells.get(*index)) else { continue };
            put_cell(pen, *x, row, *width, column.holds, &cell.text, pen.theme.style(cell.tone));
        }
        if chosen == Some(place) && row < pen.end {
            let bar = Rect { x: pen.left.saturating_sub(MARGIN), y: row, width: pen.width + 2 * MARGIN, height: 1 };
            pen.buffer.set_style(bar, Style::new().add_modifier(Modifier::REVERSED));
        }
    }
}

fn put_cell(pen: &mut Pen<'_>, x: u16, y: u16, width: u16, holds: Holds, text: &str, style: Style) {
    let room = if holds == Holds::Number { width.saturating_sub(width_of(text)) } else { 0 };
    pen.put_in(x + room, y, text, width - room, style);
}

fn page(model: &mut Model, pen: &mut Pen<'_>, y: u16) {
    let height = model.height + 1;
    let Some(page) = model.page_mut() else { return };
    match &page.told {
        None => _ = pen.put(0, y, "Asking…", pen.theme.style(Tone::Quiet)),
        Some(Err(why)) => _ = pen.put(0, y, why, pen.theme.style(Tone::Critical)),
        Some(Ok(said)) => {
            let about = said.iter().map(|said| width_of(&said.about)).max().unwrap_or(0);
            let lines = wrapped(said, pen.width.saturating_sub(about + 2));
            page.top = page.top.min(lines.len().saturating_sub(height));
            for (y, said) in (y..).zip(lines.iter().skip(page.top).take(height)) {
                pen.put(0, y, &said.about, pen.theme.style(Tone::Quiet));
                pen.put(about + 2, y, &said.text, pen.theme.style(said.tone));
            }
        }
    }
}

/// Lines that are too long go on below.
fn wrapped(said: &[Said], width: u16) -> Vec<Said> {
    let mut lines = Vec::new();
    for one in said {
        let mut line = Said { text: String::new(), ..one.clone() };
        for word in one.text.split(' ') {
            if !line.text.is_empty() && width_of(&line.text) + 1 + width_of(word) > width {
                let next = Said { about: String::new(), text: String::new(), tone: one.tone };
                lines.push(std::mem::replace(&mut line, next));
            }
            if !line.text.is_empty() {
                line.text.push(' ');
            }
            line.text.push_str(word);
        }
        lines.push(line);
    }
    lines
}

const HELP: [(&str, &str); 13] = [
    ("1 2 3 4, Tab", "nodes, services, containers, alerts"),
    ("j k, arrows", "next line, line before"),
    ("PgDn PgUp, g G", "a screen on or back, first and last line"),
    ("s", "put in order of the next column; the arrow shows which"),
    ("r", "the other way round"),
    ("/", "only lines that have these words"),
    ("Enter", "open: a node's containers, a service's tasks, what is known of a container, why an alert is open"),
    ("Esc", "back; takes the filter away first"),
    ("Ctrl-L", "draw everything anew"),
    ("q, Ctrl-C", "quit"),
    ("", ""),
    ("■ ▲ ◆ ● ○", "critical, warning, info, ok, gone"),
    ("n/m", "so many are well, of so many; beside containers: how many run"),
];

fn help(pen: &mut Pen<'_>, y: u16) {
    for (y, (keys, about)) in (y..pen.end.saturating_sub(1)).zip(HELP) {
        pen.put(0, y, keys, Style::new().add_modifier(Modifier::BOLD));
        pen.put(16, y, about, Style::new());
    }
}

/// A list alone as text, without a screen: wide enough for all of it.
pub(super) fn text(list: &List, lines: &[Line]) -> String {
    let width = fit(list.tab.columns(), lines, u16::MAX).last().map_or(0, |(_, x, width)| x + width);
    let height = u16::try_from(lines.len() + 1).unwrap_or(u16::MAX);
    let area = Rect { x: 0, y: 0, width, height };
    let mut buffer = Buffer::empty(area);
    let mut pen = Pen { buffer: &mut buffer, left: 0, width, end: height, theme: Theme { colours: false } };
    table(list, lines, None, lines.len(), &mut pen, 0);
    text_of(&buffer)
}

/// What a screen says, without spaces at the ends of lines.
pub(super) fn text_of(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut covered = 0;
        for x in buffer.area.left()..buffer.area.right() {
            let Some(cell) = buffer.cell((x, y)) else { continue };
            // A wide letter covers the cell behind it.
            if covered > 0 {
                covered -= 1;
                continue;
            }
            covered = width_of(cell.symbol()).saturating_sub(1);
            line.push_str(cell.symbol());
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
