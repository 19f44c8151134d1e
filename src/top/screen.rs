//! The terminal: raw and on its other screen while the program runs, and given back as it was, whatever ends the program.

use std::io;

use crossbeam_channel::Sender;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::model::{Key, Model};
use super::view::{self, Theme};

/// The screen while it is ours.
pub(super) struct Screen {
    terminal: DefaultTerminal,
    theme: Theme,
}

/// What the terminal says.
pub(super) enum Input {
    Key(Key),
    Resized,
    /// It can no longer be read.
    Closed(io::Error),
}

impl Screen {
    /// Takes the terminal over. A panic gives it back too, before its message is written.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn open(theme: Theme) -> io::Result<Self> {
        Ok(Self { terminal: ratatui::try_init()?, theme })
    }

    /// Draws what differs from the last time.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn draw(&mut self, model: &mut Model) -> io::Result<()> {
        let theme = self.theme;
        self.terminal.draw(|frame| view::draw(model, frame.area(), frame.buffer_mut(), theme))?;
        Ok(())
    }

    /// Forgets what is drawn, so that all is drawn anew.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

/// Reads keys, on a thread of its own, until nobody listens.
pub(super) fn read(inputs: &Sender<Input>) {
    loop {
        let input = match event::read() {
            Ok(Event::Key(event)) => match key(event) {
                Some(key) => Input::Key(key),
                None => continue,
            },
            Ok(Event::Resize(..)) => Input::Resized,
            Ok(_) => continue,
            Err(error) => Input::Closed(error),
        };
        let is_last = matches!(input, Input::Closed(_));
        if inputs.send(input).is_err() || is_last {
            return;
        }
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    if event.modifiers.contains(KeyModifiers::CONTROL) {
        return match event.code {
            KeyCode::Char('c') => Some(Key::Interrupt),
            KeyCode::Char('l') => Some(Key::Redraw),
            KeyCode::Char('u') => Some(Key::Clear),
            _ => None,
        };
    }
    match event.code {
        KeyCode::Char(letter) => Some(Key::Char(letter)),
        KeyCode::Enter => Some(Key::Enter),
        KeyCode::Esc => Some(Key::Esc),
        KeyCode::Tab => Some(Key::Tab),
        KeyCode::BackTab => Some(Key::BackTab),
        KeyCode::Up => Some(Key::Up),
        KeyCode::Down => Some(Key::Down),
        KeyCode::PageUp => Some(Key::PageUp),
        KeyCode::PageDown => Some(Key::PageDown),
        KeyCode::Home => Some(Key::Home),
        KeyCode::End => Some(Key::End),
        KeyCode::Backspace => Some(Key::Backspace),
        _ => None,
    }
}
