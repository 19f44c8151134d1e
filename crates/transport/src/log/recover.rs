//! What a log's folder holds after a restart, or a crash: which files belong to the log, and where each of them ends.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::segment::{self, HEADER, Header, Role, SegmentReader, Step};
use super::{Error, Position, Sealed};

/// What was found in the log when it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The place of the last good frame.
    pub end: Position,
    /// Good frames after [`super::Options::after`].
    pub n_frames: u64,
    /// Whether the last write had not been finished; nothing of it is read.
    pub torn: bool,
    /// What cannot be read, oldest first. Its file is kept, with the ending `.bad`, when its segment is released.
    pub damaged: Vec<Damage>,
}

/// A stretch of the log that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The last place before it; the offset is 0 for a whole segment.
    pub after: Position,
    /// Its length, where it is known; at least one byte.
    pub n_bytes: u64,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) recovered: Recovered,
    pub(super) segments: BTreeMap<u32, Sealed>,
    /// Numbers of the files that may be overwritten, newest last.
    pub(super) spares: Vec<u32>,
    /// Numbers of the files that are kept for their damage, newest last.
    pub(super) bad: Vec<u32>,
    /// The greatest number that was ever seen.
    pub(super) newest: u32,
}

/// Looks through the folder. Frames up to `after` are not read.
pub(super) fn recover(dir: &Path, after: Position) -> Result<Found, Error> {
    let mut found = Found { newest: after.segment(), ..Found::default() };
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { doing: "recover", path, source }
    };
    let mut headers = Vec::new();
    for (number, role) in segment::list(dir).map_err(failed(dir))? {
        found.newest = found.newest.max(number);
        match role {
            Role::Spare => found.spares.push(number),
            Role::Bad => found.bad.push(number),
            Role::Segment => {
                let path = segment::path(dir, number, Role::Segment);
                headers.extend(header(dir, number, &mut found).map_err(failed(&path))?);
            }
        }
    }
    for (number, end) in ends(headers, dir, &mut found).map_err(failed(dir))? {
        let path = segment::path(dir, number, Role::Segment);
        scan(&path, number, end, after, &mut found).map_err(failed(&path))?;
    }
    found.recovered.damaged.sort_unstable_by_key(|damage| damage.after);
    found.bad.sort_unstable();
    Ok(found)
}

/// A segment's header. A file without frames of its own becomes a spare, one whose header is damaged is kept aside.
fn header(dir: &Path, number: u32, found: &mut Found) -> io::Result<Option<Header>> {
    let path = segment::path(dir, number, Role::Segment);
    match Header::read(&path)? {
        Some(header) if header.number == number => return Ok(Some(header)),
        // It was renamed to be begun, and not yet begun.
        Some(_) => spare(dir, number, found)?,
        None => {
            let n_bytes = path.metadata()?.len();
            if n_bytes == 0 {
                spare(dir, number, found)?;
            } else {
                fs::rename(&path, segment::path(dir, number, Role::Bad))?;
                found.bad.push(number);
                found.recovered.damaged.push(Damage { after: Position::new(number, 0), n_bytes });
            }
        }
    }
    Ok(None)
}

fn spare(dir: &Path, number: u32, found: &mut Found) -> io::Result<()> {
    fs::rename(segment::path(dir, number, Role::Segment), segment::path(dir, number, Role::Spare))?;
    found.spares.push(number);
    Ok(())
}

/// Where the frames of a segment end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Its successor says so.
    Known(u32),
    /// Its successor is lost: behind the last frame that is good.
    Unknown,
    /// It has none: behind the last frame that is good. What follows may be the torn end of a write.
    Last,
}

/// Follows the segments from the newest back, oldest first in the answer. A segment that its successor does not continue was given up
/// after a failed write, and its frames were never committed.
fn ends(headers: Vec<Header>, dir: &Path, found: &mut Found) -> io::Result<Vec<(u32, End)>> {
    let mut ends = Vec::new();
    let mut successor: Option<Header> = None;
    for header in headers.into_iter().rev() {
        let end = match successor {
            None => End::Last,
            Some(next) if next.after.segment() < header.number => {
                spare(dir, header.number, found)?;
                continue;
            }
            Some(next) if next.after.segment() == header.number => End::Known(next.after.offset()),
            Some(_) => End::Unknown,
        };
        ends.push((header.number, end));
        successor = Some(header);
    }
    ends.reverse();
    Ok(ends)
}

/// Reads a segment through and notes where it ends.
fn scan(path: &Path, number: u32, end: End, after: Position, found: &mut Found) -> io::Result<()> {
    let known = match end {
        End::Known(end) => Some(end),
        End::Unknown | End::Last => None,
    };
    if let Some(end) = known.filter(|&end| Position::new(number, end) <= after) {
        found.segments.insert(number, Sealed { end, damaged: false });
        found.recovered.end = Position::new(number, end);
        return Ok(());
    }
    let mut reader = SegmentReader::open(path, number, HEADER, known)?;
    let mut step = reader.step()?;
    let mut damaged = false;
    while step == Step::Frame {
        if let Some((offset, n_bytes)) = reader.take_passed_over() {
            damaged = true;
            found.recovered.damaged.push(Damage { after: Position::new(number, offset), n_bytes });
        }
        found.recovered.n_frames += u64::from(Position::new(number, reader.offset()) > after);
        step = reader.step()?;
    }
    let offset = reader.offset();
    let n_bytes = reader.bytes_left();
    if step == Step::Bad && known.is_some() {
        damaged = true;
        found.recovered.damaged.push(Damage { after: Position::new(number, offset), n_bytes });
    }
    found.recovered.torn |= step == Step::Bad && end == End::Last && n_bytes > 0;
    found.segments.insert(number, Sealed { end: offset, damaged });
    if offset > HEADER {
        found.recovered.end = Position::new(number, offset);
    }
    Ok(())
}
