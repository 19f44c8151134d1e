//! One segment file: its name, its header, and reading its frames one by one.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::frame::{self, Head};
use super::{Frame, Position};

/// Bytes of the header; the first frame stands behind it.
pub(super) const HEADER: u32 = 32;

const MAGIC: [u8; 8] = *b"skep-log";
const VERSION: u32 = 1;

/// How much is read at once; segments are read from front to back.
const READ_BYTES: usize = 256 << 10;

/// What a segment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) number: u32,
    /// Where the log ended when the segment was begun. What its predecessor holds behind that was never, or is no longer, part
    /// of the log: the torn end of a write, or what a recycled file held before.
    pub(super) after: Position,
}

impl Header {
    fn encode(&self) -> [u8; HEADER as usize] {
        let mut out = [0; HEADER as usize];
        let fields = [&MAGIC[..], &VERSION.to_le_bytes(), &self.number.to_le_bytes(), &self.after.as_u64().to_le_bytes(), &[0; 4]];
        let bytes = fields.into_iter().flatten();
        out.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = *byte);
        let [body @ .., c0, c1, c2, c3] = &mut out;
        [*c0, *c1, *c2, *c3] = crc32fast::hash(body).to_le_bytes();
        out
    }

    fn decode(bytes: &[u8; HEADER as usize]) -> Option<Self> {
        let (_, rest) = bytes.split_first_chunk::<12>()?;
        let (number, rest) = rest.split_first_chunk()?;
        let (after, _) = rest.split_first_chunk()?;
        let header = Self { number: u32::from_le_bytes(*number), after: Position::from_u64(u64::from_le_bytes(*after)) };
        (header.encode() == *bytes).then_some(header)
    }

    pub(super) fn write(&self, file: &File) -> io::Result<()> {
        file.write_all_at(&self.encode(), 0)
    }

    /// The header of a file, when it has a good one.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut bytes = [0; HEADER as usize];
        match File::open(path)?.read_exact_at(&mut bytes, 0) {
            Ok(()) => Ok(Self::decode(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What a file in the log's folder is, by its name's ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Part of the log.
    Segment,
    /// Free to be overwritten.
    Spare,
    /// Kept because it was damaged.
    Bad,
}

impl Role {
    fn ending(self) -> &'static str {
        match self {
            Role::Segment => "seg",
            Role::Spare => "spare",
            Role::Bad => "bad",
        }
    }
}

/// Where the segment of this number lies in this role.
pub(super) fn path(dir: &Path, number: u32, role: Role) -> PathBuf {
    dir.join(format!("{number:010}.{}", role.ending()))
}

/// The files of the log in a folder, in order of their numbers.
pub(super) fn list(dir: &Path) -> io::Result<Vec<(u32, Role)>> {
    let mut files = Vec::new();
    for entry in dir.read_dir()? {
        let name = entry?.file_name();
        let Some((number, ending)) = name.to_str().and_then(|name| name.split_once('.')) else { continue };
        let role = [Role::Segment, Role::Spare, Role::Bad].into_iter().find(|role| role.ending() == ending);
        if let (Ok(number), Some(role)) = (number.parse(), role) {
            files.push((number, role));
        }
    }
    files.sort_unstable_by_key(|&(number, _)| number);
    Ok(files)
}

/// What comes next in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A good frame: see [`SegmentReader::frame`].
    Frame,
    /// The segment's end.
    End,
    /// Something that is no frame of this segment.
    Bad,
}

/// Reads the frames of one segment from front to back.
#[derive(Debug)]
pub(super) struct SegmentReader {
    file: BufReader<File>,
    number: u32,
    /// Where the last good frame ended; while one is looked for, where the next may begin.
    offset: u64,
    limit: u64,
    head: Option<Head>,
    passed_over: Option<(u32, u64)>,
    payload: Vec<u8>,
}

impl SegmentReader {
    /// Starts at `from`, which is where a frame starts. `end` is where the frames end, when that is known.
    pub(super) fn open(path: &Path, number: u32, from: u32, end: Option<u32>) -> io::Result<Self> {
        let file = File::open(path)?;
        let from = u64::from(from.max(HEADER));
        let limit = end.map_or(file.metadata()?.len(), u64::from);
        let mut file = BufReader::with_capacity(READ_BYTES, file);
        file.seek(SeekFrom::Start(from))?;
        Ok(Self { file, number, offset: from, limit, head: None, passed_over: None, payload: Vec::new() })
    }

    /// Reads on. After [`Step::Bad`] there is nothing more to be had.
    ///
    /// A damaged frame costs only itself where its length still leads to a good one; see [`SegmentReader::take_passed_over`].
    pub(super) fn step(&mut self) -> io::Result<Step> {
        if self.offset >= self.limit {
            return Ok(Step::End);
        }
        let begin = self.offset;
        while let Some(head) = self.read_frame()? {
            let is_good = head.is_of(self.number, &self.payload);
            if is_good {
                self.passed_over = (self.offset > begin).then(|| (begin as u32, self.offset - begin));
                self.head = Some(head);
            }
            self.offset += frame::HEAD as u64 + u64::from(head.len);
            if is_good {
                return Ok(Step::Frame);
            }
        }
        self.offset = begin;
        Ok(Step::Bad)
    }

    /// Where the damage before the frame of the last [`Step::Frame`] begins, and its bytes; once.
    pub(super) fn take_passed_over(&mut self) -> Option<(u32, u64)> {
        self.passed_over.take()
    }

    /// A head and its payload, whether good or not; nothing where they do not fit before the limit.
    fn read_frame(&mut self) -> io::Result<Option<Head>> {
        let room = self.limit - self.offset;
        let mut head = [0; frame::HEAD];
        if room < head.len() as u64 || !filled(self.file.read_exact(&mut head))? {
            return Ok(None);
        }
        let head = Head::read(&head);
        if room < frame::HEAD as u64 + u64::from(head.len) {
            return Ok(None);
        }
        self.payload.resize(head.len as usize, 0);
        Ok(filled(self.file.read_exact(&mut self.payload))?.then_some(head))
    }

    /// Where the last good frame ended.
    pub(super) fn offset(&self) -> u32 {
        self.offset as u32
    }

    /// How many bytes from there to where the frames should have ended.
    pub(super) fn bytes_left(&self) -> u64 {
        self.limit.saturating_sub(self.offset)
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// The frame of the last [`Step::Frame`].
    pub(super) fn frame(&self) -> Option<Frame<'_>> {
        let head = self.head?;
        Some(Frame { position: Position::new(self.number, self.offset()), kind: head.kind, now: head.now, payload: &self.payload })
    }
}

/// Whether all was read; a file that is shorter than expected is no error here.
fn filled(read: io::Result<()>) -> io::Result<bool> {
    match read {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_good_whole_or_not_at_all() {
        let header = Header { number: 7, after: Position::new(6, 4096) };
        let bytes = header.encode();
        assert_eq!(Header::decode(&bytes), Some(header));
        for at in 0..bytes.len() {
            let mut damaged = bytes;
            damaged[at] ^= 1;
            assert_eq!(Header::decode(&damaged), None, "byte {at}");
        }
    }

    #[test]
    fn only_the_logs_own_files_are_listed() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["0000000002.seg", "0000000001.spare", "0000000003.bad", "lock", "cursor", "x.seg", "1.seg.tmp"] {
            File::create(dir.path().join(name)).unwrap();
        }
        assert_eq!(list(dir.path()).unwrap(), [(1, Role::Spare), (2, Role::Segment), (3, Role::Bad)]);
    }
}
