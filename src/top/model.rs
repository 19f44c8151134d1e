//! What is on the screen: takes news of the server and keys, and says what is to be done. It does no IO and reads no clock.

use event::{Duration, Timestamp};

use super::list::{List, Scope, TABS, Tab};
use super::page::{Ask, Page, Said};
use super::row::{Frame, Rows};
use super::units::{Level, ago, clock};
use super::{alerts, containers, nodes, services};

/// The named queries of the stream.
pub(super) const QUERIES: [(&str, &str); 6] = [
    ("nodes", nodes::QUERY),
    ("services", services::QUERY),
    ("containers", containers::QUERY),
    ("states", containers::STATES),
    ("alerts", alerts::QUERY),
    ("rate", "service = \"skep_processor/events_rate\""),
];

/// Without a sign of life for this long, what is shown is called stale. The server beats every 5 s.
const STALE: Duration = Duration::from_secs(12);
/// A page that is looked at is asked for anew so often.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// Letters of a filter.
const LONGEST_FILTER: usize = 200;

/// What the server says, or that it says nothing.
#[derive(Clone, Debug)]
pub(super) enum News {
    /// The stream is open.
    Connected,
    /// It says something.
    Frame(Frame),
    /// It is alive.
    Beat,
    /// The stream broke, or could not be opened.
    Lost(String),
    /// The answer to what was asked.
    Told(Ask, Result<Vec<Said>, String>),
}

/// A key, whatever the terminal sends for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Backspace,
    /// Ctrl-U: all of it away.
    Clear,
    /// Ctrl-L: draw everything anew.
    Redraw,
    /// Ctrl-C.
    Interrupt,
}

/// What is to be done after a key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    Nothing,
    Quit,
    Redraw,
    Ask(Ask),
}

/// How the line to the server is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Link {
    /// Something was last heard then.
    Open(Timestamp),
    /// It is down since then.
    Lost(Timestamp, String),
}

/// What lies over a tab's list.
#[derive(Clone, Debug)]
pub(super) enum Over {
    List(List),
    Page(Page),
}

/// All of it.
#[derive(Debug)]
pub(super) struct Model {
    /// Where the server is.
    pub(super) url: String,
    pub(super) now: Timestamp,
    pub(super) rows: Rows,
    pub(super) link: Link,
    pub(super) tab: Tab,
    lists: [List; 4],
    over: Vec<Over>,
    /// The filter is being written.
    pub(super) writing: bool,
    pub(super) help: bool,
    /// Lines that are in sight, as was drawn last.
    pub(super) height: usize,
}

impl Model {
    pub(super) fn new(url: &str, now: Timestamp) -> Self {
        Self {
            url: url.to_owned(),
            now,
            rows: Rows::default(),
            link: Link::Open(now),
            tab: Tab::Nodes,
            lists: TABS.map(|tab| List::new(tab, Scope::Everything)),
            over: Vec::new(),
            writing: false,
            help: false,
            height: 1,
        }
    }

    /// Whether each query has had its first picture.
    pub(super) fn is_whole(&self) -> bool {
        self.rows.n_known() >= QUERIES.len()
    }

    /// Time goes on. Gives what is to be asked anew.
    pub(super) fn tick(&mut self, now: Timestamp) -> Option<Ask> {
        self.now = now;
        let is_open = matches!(self.link, Link::Open(_));
        let Some(Over::Page(page)) = self.over.last_mut() else { return None };
        if !is_open || now - page.asked < ASK_AGAIN {
            return None;
        }
        page.asked = now;
        Some(page.ask.clone())
    }

    /// Takes news of the server.
    pub(super) fn take(&mut self, news: News, now: Timestamp) {
        self.now = now;
        match news {
            News::Connected | News::Beat => self.link = Link::Open(now),
            News::Frame(frame) => {
                self.rows.take(&frame);
                self.link = Link::Open(now);
            }
            News::Lost(why) => {
                // Since when is what counts, however often it was tried since.
                let since = if let Link::Lost(since, _) = self.link { since } else { now };
                self.link = Link::Lost(since, why);
            }
            News::Told(ask, told) => {
                if let Some(Over::Page(page)) = self.over.last_mut().filter(|over| matches!(over, Over::Page(page) if page.ask == ask)) {
                    page.told = Some(told);
                }
            }
        }
    }

    /// How the line is, in words.
    pub(super) fn connection(&self) -> (Level, String) {
        match &self.link {
            Link::Open(heard) if self.now - *heard > STALE => (Level::Warning, format!("stale since {}", ago(*heard, self.now))),
            Link::Open(_) => (Level::Ok, "live".to_owned()),
            Link::Lost(since, why) => {
                (Level::Critical, format!("connection lost, since {} ({}): {why}", clock(*since), ago(*since, self.now)))
            }
        }
    }

    /// The list that is on top; none below a page.
    pub(super) fn list(&self) -> Option<&List> {
        match self.over.last() {
            Some(Over::List(list)) => Some(list),
            Some(Over::Page(_)) => None,
            None => self.lists.iter().find(|list| list.tab == self.tab),
        }
    }

    /// The same, to be changed.
    pub(super) fn list_mut(&mut self) -> Option<&mut List> {
        match self.over.last_mut() {
            Some(Over::List(list)) => Some(list),
            Some(Over::Page(_)) => None,
            None => self.lists.iter_mut().find(|list| list.tab == self.tab),
        }
    }

    /// The page that is on top.
    pub(super) fn page_mut(&mut self) -> Option<&mut Page> {
        match self.over.last_mut() {
            Some(Over::Page(page)) => Some(page),
            Some(Over::List(_)) | None => None,
        }
    }

    /// The way from the tab to what is on top.
    pub(super) fn trail(&self) -> Vec<String> {
        let name = |over: &Over| match over {
            Over::Page(page) => page.ask.title(),
            Over::List(list) => match &list.scope {
                Scope::Node(host) => format!("Containers on {host}"),
                Scope::Service(service) => format!("Tasks of {service}"),
                Scope::Everything => list.tab.title().to_owned(),
            },
        };
        self.over.iter().map(name).collect()
    }

    /// A key was pressed.
    pub(super) fn key(&mut self, key: Key) -> Action {
        match key {
            Key::Interrupt => return Action::Quit,
            Key::Redraw => return Action::Redraw,
            _ if self.help => {
                self.help = false;
                return if key == Key::Char('q') { Action::Quit } else { Action::Nothing };
            }
            _ if self.writing => self.write(key),
            Key::Char('q') => return Action::Quit,
            Key::Char('?') => self.help = true,
            Key::Char(digit @ '1'..='4') => self.open_tab((digit as usize).saturating_sub('1' as usize)),
            Key::Tab => self.turn(1),
            Key::BackTab => self.turn(TABS.len() - 1),
            Key::Enter => return self.enter(),
            Key::Esc => self.back(),
            Key::Char('/') => self.writing = self.list().is_some(),
            Key::Char('s') => self.reorder(List::next_column),
            Key::Char('r') => self.reorder(|list| list.descending = !list.descending),
            _ => self.go(key),
        }
        Action::Nothing
    }

    fn open_tab(&mut self, index: usize) {
        self.over.clear();
        self.tab = TABS.get(index).copied().unwrap_or(self.tab);
    }

    fn turn(&mut self, by: usize) {
        let index = TABS.iter().position(|tab| *tab == self.tab).unwrap_or_default();
        self.open_tab((index + by) % TABS.len());
    }

    fn reorder(&mut self, change: impl FnOnce(&mut List)) {
        if let Some(list) = self.list_mut() {
            change(list);
        }
    }

    fn back(&mut self) {
        match self.list_mut() {
            Some(list) if !list.filter.is_empty() => list.filter.clear(),
            _ => _ = self.over.pop(),
        }
    }

    fn write(&mut self, key: Key) {
        let Some(list) = self.list_mut() else { return };
        let done = match key {
            Key::Char(letter) if list.filter.chars().count() < LONGEST_FILTER => {
                list.filter.push(letter);
                false
            }
            Key::Backspace => list.filter.pop().is_none(),
            Key::Clear => {
                list.filter.clear();
                false
            }
            Key::Esc => {
                list.filter.clear();
                true
            }
            Key::Enter => true,
            _ => false,
        };
        self.writing = !done;
        if matches!(key, Key::Up | Key::Down | Key::PageUp | Key::PageDown) {
            self.go(key);
        }
    }

    /// Moves what is chosen, or the page.
    fn go(&mut self, key: Key) {
        let height = self.height.max(1);
        let step = |place: usize| match key {
            Key::Up | Key::Char('k') => place.saturating_sub(1),
            Key::Down | Key::Char('j') => place.saturating_add(1),
            Key::PageUp => place.saturating_sub(height),
            Key::PageDown => place.saturating_add(height),
            Key::Home | Key::Char('g') => 0,
            Key::End | Key::Char('G') => usize::MAX,
            _ => place,
        };
        let (rows, now) = (&self.rows, self.now);
        match self.over.last_mut() {
            // How far it goes is known where its lines are broken: at drawing.
            Some(Over::Page(page)) => page.top = step(page.top),
            Some(Over::List(list)) => go_in(list, rows, now, step),
            None => {
                let tab = self.tab;
                if let Some(list) = self.lists.iter_mut().find(|list| list.tab == tab) {
                    go_in(list, rows, now, step);
                }
            }
        }
    }

    /// Opens what is chosen.
    fn enter(&mut self) -> Action {
        let Some(list) = self.list() else { return Action::Nothing };
        let lines = list.lines(&self.rows, self.now);
        let place = list.place(&lines);
        let Some(key) = lines.get(place).map(|line| line.key.clone()) else { return Action::Nothing };
        let ask = match list.tab {
            Tab::Nodes => return self.open_list(Scope::Node(key)),
            Tab::Services => return self.open_list(Scope::Service(key)),
            Tab::Containers => {
                let (name, host) = containers::of_key(&key);
                Ask::Container { name: name.to_owned(), host: host.to_owned() }
            }
            Tab::Alerts => match alerts::find(&self.rows, &key) {
                Some(row) => Ask::Alert(Box::new(row.clone())),
                None => return Action::Nothing,
            },
        };
        self.reorder(|list| list.choose(&lines, place));
        self.over.push(Over::Page(Page::new(ask.clone(), self.now)));
        Action::Ask(ask)
    }

    fn open_list(&mut self, scope: Scope) -> Action {
        let (rows, now) = (&self.rows, self.now);
        let tab = self.tab;
        if let Some(list) = self.lists.iter_mut().find(|list| list.tab == tab) {
            go_in(list, rows, now, |place| place);
        }
        self.over.push(Over::List(List::new(Tab::Containers, scope)));
        Action::Nothing
    }
}

fn go_in(list: &mut List, rows: &Rows, now: Timestamp, step: impl FnOnce(usize) -> usize) {
    let lines = list.lines(rows, now);
    let place = step(list.place(&lines));
    list.choose(&lines, place);
}
