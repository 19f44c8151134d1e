//! `skep import`: a file of line protocol into a running skep, past its rules.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use hyper::{Method, StatusCode};
use serde_json::Value;
use transport::percent::encode;

use crate::cli::ImportOptions;
use crate::client::{self, Sent};
use crate::progress::Progress;
use crate::quiet;

/// Bytes that go at once.
const PIECE: usize = 1 << 20;

/// Sends the file piece by piece.
///
/// # Errors
/// The file cannot be read, or nobody answers.
pub(crate) fn run(options: &ImportOptions) -> anyhow::Result<ExitCode> {
    let shown = options.file.display();
    let file = File::open(&options.file).with_context(|| format!("could not read {shown}"))?;
    let mut progress = Progress::new("import", file.metadata().map_or(0, |about| about.len()));
    let token = quiet::token(&options.changing)?;
    let path = format!("/write?late=true&precision={}", encode(&options.precision));
    let (mut lines, mut piece, mut done) = (BufReader::new(file), Vec::new(), 0);
    let (mut n_lines, mut refused) = (0, Vec::new());
    loop {
        let begin = n_lines;
        while piece.len() < PIECE && lines.read_until(b'\n', &mut piece).with_context(|| format!("could not read {shown}"))? > 0 {
            n_lines += 1;
        }
        if piece.is_empty() {
            break;
        }
        done += piece.len() as u64;
        let body = String::from_utf8_lossy(&piece).into_owned();
        refused.extend(send(options, &Sent { method: Method::POST, path: &path, body, token: token.clone() }, begin)?);
        piece.clear();
        progress.at(done);
    }
    progress.end();
    let mut out = io::stdout().lock();
    refused.iter().try_for_each(|text| writeln!(out, "{text}"))?;
    writeln!(out, "{n_lines} lines sent")?;
    Ok(if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was refused of a piece that begins behind so many lines.
fn send(options: &ImportOptions, sent: &Sent<'_>, begin: usize) -> anyhow::Result<Option<String>> {
    let url = &options.changing.target.url;
    let answer = client::send(url, sent)?;
    if answer.status == StatusCode::NO_CONTENT {
        return Ok(None);
    }
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = json.get("error").and_then(Value::as_str).unwrap_or("no reason given").to_owned();
    let is_of_lines = text.starts_with("partial write:") || text.starts_with("unable to parse:");
    if answer.status != StatusCode::BAD_REQUEST || !is_of_lines {
        bail!("{url} answered {}: {text}", answer.status);
    }
    Ok(Some(format!("behind line {begin}: {text}")))
}
