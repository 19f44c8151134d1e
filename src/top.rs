//! `skep top`: the swarm in a terminal, over the same live stream as the pages.

mod alerts;
mod containers;
mod list;
mod model;
mod nodes;
mod page;
mod row;
mod screen;
mod services;
mod sse;
mod stream;
mod table;
#[cfg(test)]
mod tests;
mod units;
mod view;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use crossbeam_channel::{Receiver, Sender, after, bounded};
use tokio::sync::mpsc;

use crate::cli::TopOptions;
use crate::clock::now;
use crate::{quiet, signals};
use list::{List, Scope, TABS};
use model::{Action, Model, News};
use page::Ask;
use screen::{Input, Screen};
use stream::Server;
use view::Theme;

/// Nobody answered.
const NO_ANSWER: u8 = 2;

/// Messages of the stream that wait to be drawn; while so many do, the thread that reads them waits too.
const MAX_NEWS: usize = 256;

/// Keys that wait, and pages that are asked for.
const MAX_KEYS: usize = 32;

/// What is drawn goes on so often when nothing is said: ages grow, silence is told.
const BREATH: Duration = Duration::from_secs(1);

/// How long the first picture may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Shows the swarm until it is told to end; once, where there is no terminal.
///
/// # Errors
/// When the terminal or stdout cannot be written.
pub(crate) fn run(options: &TopOptions) -> anyhow::Result<ExitCode> {
    let server = Server { url: options.reading.target.url.clone(), token: quiet::token(&options.reading)? };
    let (news_in, news) = bounded(MAX_NEWS);
    let (asks, asked) = mpsc::channel(MAX_KEYS);
    let (end_in, end) = bounded(1);
    let mut model = Model::new(&server.url, now());
    std::thread::Builder::new().name("stream".to_owned()).spawn(move || follow(&server, &news_in, asked, &end_in))?;
    let once = options.once || !io::stdout().is_terminal();
    // A wrong address is said on the terminal as it is, not on a screen that hides it.
    if let Err(error) = hear(&mut model, &news, |model| !once || model.is_whole()) {
        crate::logging::failure(&error);
        return Ok(ExitCode::from(NO_ANSWER));
    }
    if once {
        print(&report(&model))?
    } else {
        show(&mut model, &news, &end, &asks)?
    }
    Ok(ExitCode::SUCCESS)
}

/// The thread that waits for the server and for signals.
fn follow(server: &Server, news: &Sender<News>, asked: mpsc::Receiver<Ask>, end: &Sender<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        tokio::select! {
            // First, so that no signal can come before it is heard.
            biased;
            () = signals::requested() => { let _ = end.send(()); }
            () = stream::follow(server, news, asked) => {}
        }
    });
}

/// Takes what the server says first, until that is enough; a server that only says that it is alive is not waited for longer.
fn hear(model: &mut Model, news: &Receiver<News>, is_enough: impl Fn(&Model) -> bool) -> anyhow::Result<()> {
    let end = after(PATIENCE);
    loop {
        crossbeam_channel::select! {
            recv(news) -> said => match said.context("the thread that follows the server has ended")? {
                News::Lost(why) => bail!("{why}"),
                said => model.take(said, now()),
            },
            recv(end) -> _ => bail!("{} did not say within {} s what it sees", model.url, PATIENCE.as_secs()),
        }
        if is_enough(model) {
            return Ok(());
        }
    }
}

fn show(model: &mut Model, news: &Receiver<News>, end: &Receiver<()>, asks: &mpsc::Sender<Ask>) -> anyhow::Result<()> {
    let mut screen =
        Screen::open(Theme { colours: crate::logging::may_colour() }).context("could not take over the terminal; try `--once`")?;
    let (inputs_in, inputs) = bounded(MAX_KEYS);
    std::thread::Builder::new().name("keys".to_owned()).spawn(move || screen::read(&inputs_in))?;
    loop {
        if let Some(ask) = model.tick(now()) {
            // While so many are asked for already, this one is not missed.
            let _ = asks.try_send(ask);
        }
        screen.draw(model).context("could not draw")?;
        crossbeam_channel::select! {
            recv(end) -> _ => return Ok(()),
            recv(inputs) -> input => match input {
                Ok(Input::Key(key)) => match model.key(key) {
                    Action::Nothing => {}
                    Action::Quit => return Ok(()),
                    Action::Redraw => screen.clear()?,
                    Action::Ask(ask) => _ = asks.try_send(ask),
                },
                Ok(Input::Resized) => {}
                Ok(Input::Closed(error)) => return Err(error).context("could not read the keys"),
                Err(_) => bail!("could not read the keys"),
            },
            recv(news) -> said => model.take(said.context("the thread that follows the server has ended")?, now()),
            default(BREATH) => {}
        }
        // What came meanwhile is drawn at once; a bound, so that keys are never kept waiting.
        for said in news.try_iter().take(MAX_NEWS) {
            model.take(said, now());
        }
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // `skep top --once | head` closes the pipe early: that is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed.context("could not print"),
    }
}

/// All lists as text, one below the other.
fn report(model: &Model) -> String {
    let mut text = String::new();
    for tab in TABS {
        let list = List::new(tab, Scope::Everything);
        let lines = list.lines(&model.rows, model.now);
        let gap = if text.is_empty() { "" } else { "\n" };
        let shown = if lines.is_empty() { format!("{}\n", tab.nothing()) } else { view::text(&list, &lines) };
        text.push_str(&format!("{gap}{} {}\n{shown}", tab.title(), view::count(model, tab)));
    }
    text
}
