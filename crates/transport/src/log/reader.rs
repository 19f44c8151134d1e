//! Reading the log from a place on, in order.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::segment::{self, Role, SegmentReader, Step};
use super::{Error, Frame, Position};

/// Reads the frames after a place, up to where the log ended when the reader was made.
#[derive(Debug)]
pub struct Reader {
    dir: PathBuf,
    /// Number and end of the segments to come.
    segments: VecDeque<(u32, u32)>,
    current: Option<SegmentReader>,
    position: Position,
    bytes_lost: u64,
}

impl Reader {
    pub(super) fn new(dir: PathBuf, segments: VecDeque<(u32, u32)>, after: Position) -> Self {
        Self { dir, segments, current: None, position: after, bytes_lost: 0 }
    }

    /// The next frame, or nothing at the end. What cannot be read is passed over, up to the next good frame or the next segment, and counted.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk fails; the reader may be asked again.
    #[expect(clippy::should_implement_trait, reason = "a frame borrows the reader's buffer, which an iterator's item cannot")]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, Error> {
        while self.current.is_some() || self.open_next()? {
            let Some(current) = &mut self.current else { break };
            let number = current.number();
            let path = || segment::path(&self.dir, number, Role::Segment);
            match current.step() {
                Ok(Step::Frame) => {
                    if let Some((offset, n_bytes)) = current.take_passed_over() {
                        self.bytes_lost += n_bytes;
                        tracing::warn!(segment = %path().display(), offset, n_bytes, "a damaged frame is lost");
                    }
                    break;
                }
                Ok(Step::End) => self.current = None,
                Ok(Step::Bad) => {
                    self.bytes_lost += current.bytes_left();
                    tracing::warn!(segment = %path().display(), offset = current.offset(), "a damaged frame; the rest of its segment is lost");
                    self.current = None;
                }
                Err(source) => return Err(Error::Io { doing: "read", path: path(), source }),
            }
        }
        let frame = self.current.as_ref().and_then(SegmentReader::frame);
        self.position = frame.map_or(self.position, |frame| frame.position);
        Ok(frame)
    }

    fn open_next(&mut self) -> Result<bool, Error> {
        let Some(&(number, end)) = self.segments.front() else { return Ok(false) };
        let from = if self.position.segment() == number { self.position.offset() } else { 0 };
        let path = segment::path(&self.dir, number, Role::Segment);
        let reader = SegmentReader::open(&path, number, from, Some(end)).map_err(|source| Error::Io { doing: "read", path, source })?;
        self.segments.pop_front();
        self.current = Some(reader);
        Ok(true)
    }

    /// The place of the frame that came last.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Whether the last [`Reader::next`] found nothing more; what was committed since takes a new reader.
    pub fn is_at_end(&self) -> bool {
        self.current.is_none() && self.segments.is_empty()
    }

    /// Bytes that were passed over because they were damaged.
    pub fn bytes_lost(&self) -> u64 {
        self.bytes_lost
    }
}
