//! The line to the server: a thread of its own that follows the stream, opens it again when it broke, and asks for pages.

use std::time::Duration;

use crossbeam_channel::Sender;
use serde_json::Value;
use tokio::sync::mpsc::Receiver;
use transport::percent::encode;

use super::model::{News, QUERIES};
use super::page::{Ask, Said};
use super::row::Frame;
use super::sse::{Parser, Sent};
use crate::client;

/// A broken line is tried again after this.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Longer than the server is ever silent: a line that says nothing for so long is taken for broken.
const SILENCE: Duration = Duration::from_secs(20);

/// Where the server is, and what is shown there.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) url: String,
    pub(super) token: Option<String>,
}

/// Follows the stream until nobody listens any more.
pub(super) async fn follow(server: &Server, news: &Sender<News>, mut asks: Receiver<Ask>) {
    let stream = async {
        loop {
            let why = match once(server, news).await {
                Ok(()) => "the server ended the stream".to_owned(),
                Err(error) => format!("{error:#}"),
            };
            if news.send(News::Lost(why)).is_err() {
                return;
            }
            tokio::time::sleep(TRY_AGAIN).await;
        }
    };
    let answers = async {
        while let Some(ask) = asks.recv().await {
            let told = answer(server, &ask).await.map_err(|error| format!("{error:#}"));
            if news.send(News::Told(ask, told)).is_err() {
                return;
            }
        }
        // Nobody can ask any more, but the stream goes on.
        std::future::pending().await
    };
    tokio::select! {
        () = stream => {}
        () = answers => {}
    }
}

/// One connection, until it ends.
async fn once(server: &Server, news: &Sender<News>) -> anyhow::Result<()> {
    let queries: Vec<String> = QUERIES.iter().map(|(name, query)| format!("s={}", encode(&format!("{name}:{query}")))).collect();
    let path = format!("/api/v1/live?{}&rate=1000", queries.join("&"));
    let mut body = client::open(&server.url, &path, server.token.as_deref()).await?;
    let mut parser = Parser::default();
    if news.send(News::Connected).is_err() {
        return Ok(());
    }
    loop {
        let piece = tokio::time::timeout(SILENCE, client::next(&mut body)).await;
        let Some(piece) = piece.map_err(|_| anyhow::anyhow!("nothing came for {} s", SILENCE.as_secs()))?? else { return Ok(()) };
        let mut open = true;
        parser.take(&piece, |sent| open &= read(&sent).is_none_or(|said| news.send(said).is_ok()))?;
        if !open {
            return Ok(());
        }
    }
}

fn read(sent: &Sent) -> Option<News> {
    let told = || serde_json::from_str::<Value>(&sent.data).ok();
    match sent.event.as_str() {
        "snapshot" => Some(News::Frame(Frame::Snapshot(told()?))),
        "delta" => Some(News::Frame(Frame::Delta(told()?))),
        "gone" => Some(News::Frame(Frame::Gone(told()?))),
        "beat" => Some(News::Beat),
        _ => None,
    }
}

async fn answer(server: &Server, ask: &Ask) -> anyhow::Result<Vec<Said>> {
    let path = ask.path();
    let sent = client::Sent::get(&path, server.token.clone());
    let answer = client::fetch(&server.url, &sent).await?;
    let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if !answer.status.is_success() {
        anyhow::bail!("{}", told.get("error").and_then(Value::as_str).unwrap_or("the server refused to answer"));
    }
    Ok(ask.words(&told))
}
