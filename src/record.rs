//! `skep record`: what a running skep's engine is given, into a file.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use engine::query::Query;
use event::msg;
use processor::driver::recorder::Kind;
use processor::driver::recording::{self, Frame};
use transport::frames;

use crate::cli::RecordOptions;
use crate::{client, signals};

/// Records until it is told to end, or the processor ends.
///
/// # Errors
/// When there is no such skep, the query is wrong or the file cannot be written.
pub(crate) fn run(options: &RecordOptions) -> anyhow::Result<ExitCode> {
    let query = options.query.as_deref().map(parse).transpose()?;
    let file = File::create(&options.out).with_context(|| format!("could not write {}", options.out.display()))?;
    let mut out = BufWriter::new(file);
    out.write_all(recording::HEAD)?;
    let mut buffer = Vec::new();
    let mut n_frames = 0_u64;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut body = client::open(&options.target.url, "/api/v1/record", None).await?;
        tracing::info!("recording into {}; end with Ctrl-C", options.out.display());
        loop {
            let piece = tokio::select! {
                piece = client::next(&mut body) => piece?,
                () = signals::requested() => return Ok::<_, anyhow::Error>(()),
            };
            let Some(piece) = piece else { bail!("the recording ended: skep stopped, or this was too slow for it") };
            buffer.extend_from_slice(&piece);
            let mut rest = &buffer[..];
            while let Some(frame) = recording::take(&mut rest)? {
                n_frames += 1;
                out.write_all(&encode(&frame, query.as_ref()))?;
            }
            let n_left = rest.len();
            buffer.drain(..buffer.len() - n_left);
            out.flush()?;
        }
    })?;
    out.flush()?;
    tracing::info!("{n_frames} frames recorded");
    Ok(ExitCode::SUCCESS)
}

fn parse(text: &str) -> anyhow::Result<Query> {
    Query::parse(text)
        .map_err(|mistakes| anyhow::anyhow!("the query is wrong\n{}", processor::config::report_query(text, &mistakes).trim_end()))
}

/// The frame, with the query's events alone where there is one.
fn encode(frame: &Frame<'_>, query: Option<&Query>) -> Vec<u8> {
    let mut out = Vec::with_capacity(recording::FRAME_HEAD + frame.content.len());
    let Some(query) = query.filter(|_| frame.kind == Kind::Batch) else {
        recording::put(&mut out, frame.kind, frame.now, &[frame.content]);
        return out;
    };
    let mut content = Vec::new();
    let mut encoder = msg::Encoder::new();
    for message in frames::messages(frame.content) {
        encoder.clear();
        msg::events(message).filter(|event| query.matches(event)).for_each(|event| encoder.event(&event));
        if !encoder.is_empty() {
            frames::put(&mut content, encoder.bytes());
        }
    }
    if !content.is_empty() {
        recording::put(&mut out, frame.kind, frame.now, &[&content]);
    }
    out
}
