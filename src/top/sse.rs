//! Server-sent events out of the pieces in which a body comes.

use anyhow::bail;

/// A longer event is none of skep's: a snapshot of 10,000 rows has some megabytes.
const MAX_BYTES: usize = 64 << 20;

/// One event.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) event: String,
    pub(super) data: String,
}

/// What has come and is not yet whole.
#[derive(Debug, Default)]
pub(super) struct Parser {
    buffer: Vec<u8>,
    /// Up to here no end was found.
    seen: usize,
}

impl Parser {
    /// Takes a piece and hands on the events that are whole now.
    ///
    /// # Errors
    /// When an event gets too long.
    pub(super) fn take(&mut self, piece: &[u8], mut each: impl FnMut(Sent)) -> anyhow::Result<()> {
        self.buffer.extend_from_slice(piece);
        let mut start = 0;
        while let Some(end) = self.end() {
            each(read(self.buffer.get(start..end).unwrap_or_default()));
            start = end + 2;
            self.seen = start;
        }
        self.buffer.drain(..start);
        // The next piece may begin with the second of two line feeds.
        self.seen = self.buffer.len().saturating_sub(1);
        if self.buffer.len() > MAX_BYTES {
            bail!("an event of over {} MiB came; is that a skep?", MAX_BYTES >> 20);
        }
        Ok(())
    }

    fn end(&self) -> Option<usize> {
        let rest = self.buffer.get(self.seen..)?;
        rest.windows(2).position(|pair| pair == b"\n\n").map(|at| self.seen + at)
    }
}

fn read(block: &[u8]) -> Sent {
    let mut sent = Sent { event: String::new(), data: String::new() };
    for line in String::from_utf8_lossy(block).lines() {
        if let Some(event) = line.strip_prefix("event: ") {
            event.clone_into(&mut sent.event);
        } else if let Some(data) = line.strip_prefix("data: ") {
            sent.data.push_str(data);
        }
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"retry: 1000\n\nevent: beat\ndata: {}\n\nevent: gone\ndata: {\"s\":\"a\",\"ids\":[1]}\n\nevent: del";

    fn parse(n_bytes: usize) -> Vec<(String, String)> {
        let (mut parser, mut found) = (Parser::default(), Vec::new());
        for piece in TEXT.chunks(n_bytes) {
            parser.take(piece, |sent| found.push((sent.event, sent.data))).unwrap();
        }
        found
    }

    #[test]
    fn events_are_the_same_however_they_are_cut() {
        let whole = parse(TEXT.len());
        let pair = |event: &str, data: &str| (event.to_owned(), data.to_owned());
        assert_eq!(whole, [pair("", ""), pair("beat", "{}"), pair("gone", "{\"s\":\"a\",\"ids\":[1]}")]);
        for n_bytes in 1..TEXT.len() {
            assert_eq!(parse(n_bytes), whole, "in pieces of {n_bytes}");
        }
    }
}
