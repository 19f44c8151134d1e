//! The log with one writer: restarts, recycling, its bound, damage and failed writes.

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_000);

fn options(segment_bytes: u32, max_bytes: u64) -> Options {
    Options { segment_bytes, max_bytes, after: Position::START }
}

fn append(log: &mut Log, payload: &str) -> Position {
    let position = log.append(1, NOW, &[payload.as_bytes()]).unwrap();
    log.commit().unwrap();
    position
}

fn payloads(log: &Log, after: Position) -> Vec<String> {
    let mut reader = log.read_after(after);
    let mut out = Vec::new();
    while let Some(frame) = reader.next().unwrap() {
        out.push(String::from_utf8(frame.payload.to_vec()).unwrap());
    }
    out
}

fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = dir.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "lock");
    names.sort();
    names
}

#[test]
fn what_was_committed_is_there_after_a_restart_and_what_was_not_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, recovered) = Log::open(dir.path(), Options::default()).unwrap();
    assert_eq!(recovered, Recovered::default());
    let one = append(&mut log, "one");
    append(&mut log, "two");
    log.append(1, NOW, &[b"never"]).unwrap();
    drop(log);
    let (mut log, recovered) = Log::open(dir.path(), Options::default()).unwrap();
    assert_eq!((recovered.n_frames, recovered.torn), (2, false));
    let three = append(&mut log, "three");
    assert!(three > recovered.end && recovered.end > one);
    assert_eq!(payloads(&log, Position::START), ["one", "two", "three"]);
    assert_eq!(payloads(&log, one), ["two", "three"]);
    assert_eq!(payloads(&log, three), [""; 0]);
}

#[test]
fn a_frame_gives_back_its_kind_its_time_and_its_parts_joined() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path(), Options::default()).unwrap();
    let position = log.append(9, NOW, &[b"a", b"", b"bc"]).unwrap();
    assert_eq!(log.commit().unwrap(), position);
    let mut reader = log.read_after(Position::START);
    assert_eq!(reader.next().unwrap(), Some(Frame { position, kind: 9, now: NOW, payload: b"abc" }));
    assert_eq!(reader.next().unwrap(), None);
}

#[test]
fn released_segments_are_written_over_and_their_old_frames_stay_dead() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path(), options(64, 1000)).unwrap();
    append(&mut log, "a long first frame that fills its segment");
    let second = append(&mut log, "a long second frame that fills its segment");
    append(&mut log, "third");
    log.release(second).unwrap();
    assert_eq!(files(dir.path()), ["0000000001.spare", "0000000002.spare", "0000000003.seg"]);
    append(&mut log, "and so much more that the segment is full");
    append(&mut log, "x");
    assert_eq!(files(dir.path()), ["0000000001.spare", "0000000003.seg", "0000000004.seg"]);
    drop(log);
    let (log, recovered) = Log::open(dir.path(), options(64, 1000)).unwrap();
    assert_eq!(recovered.damaged, []);
    assert_eq!(payloads(&log, Position::START), ["third", "and so much more that the segment is full", "x"]);
}

#[test]
fn full_is_an_error_until_something_is_released() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path(), options(50, 150)).unwrap();
    let first = append(&mut log, "twenty bytes of text");
    append(&mut log, "twenty bytes of text");
    let error = log.append(1, NOW, &[b"twenty bytes of text"]).unwrap_err();
    assert!(matches!(error, Error::Full { max_bytes: 150, .. }), "{error}");
    log.release(first).unwrap();
    append(&mut log, "more");
}

#[test]
fn a_damaged_segment_is_kept_aside_when_it_is_released() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path(), options(100, 10_000)).unwrap();
    for text in ["one", "two, which is long enough to fill the segment", "three, which is in the next one"] {
        append(&mut log, text);
        append(&mut log, text);
    }
    drop(log);
    let path = segment::path(dir.path(), 1, Role::Segment);
    let mut bytes = fs::read(&path).unwrap();
    bytes[HEADER as usize + 20 + 17] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (mut log, recovered) = Log::open(dir.path(), options(100, 10_000)).unwrap();
    assert_eq!(recovered.damaged.len(), 1);
    assert_eq!(recovered.damaged[0].after, Position::new(1, HEADER + 20));
    let kept = payloads(&log, Position::START);
    assert_eq!((kept[0].as_str(), kept.last().unwrap().as_str()), ("one", "three, which is in the next one"));
    log.release(recovered.end).unwrap();
    assert!(files(dir.path()).contains(&"0000000001.bad".to_owned()), "{:?}", files(dir.path()));
}

#[test]
fn a_damaged_frame_costs_only_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path(), Options::default()).unwrap();
    for text in ["one", "two", "three", "four", "five"] {
        append(&mut log, text);
    }
    drop(log);
    let path = segment::path(dir.path(), 1, Role::Segment);
    let mut bytes = fs::read(&path).unwrap();
    // Payloads of the second and the third frame; their heads still say where they end.
    bytes[HEADER as usize + 20 + 17] ^= 1;
    bytes[HEADER as usize + 40 + 17] ^= 1;
    fs::write(&path, bytes).unwrap();
    // Twice: as the newest segment, and as one whose successor says where it ends.
    for _ in 0..2 {
        let (log, recovered) = Log::open(dir.path(), Options::default()).unwrap();
        assert_eq!(recovered.damaged, [Damage { after: Position::new(1, HEADER + 20), n_bytes: 20 + 22 }]);
        assert_eq!((recovered.n_frames, recovered.torn), (3, false));
        assert_eq!(payloads(&log, Position::START), ["one", "four", "five"]);
        let mut reader = log.read_after(Position::START);
        while reader.next().unwrap().is_some() {}
        assert_eq!(reader.bytes_lost(), 42);
    }
}

#[test]
fn positions_go_on_after_a_snapshot_whose_frames_were_lost() {
    let dir = tempfile::tempdir().unwrap();
    let after = Position::new(41, 4096);
    let (mut log, _) = Log::open(dir.path(), Options { after, ..Options::default() }).unwrap();
    assert!(append(&mut log, "one") > after);
    assert_eq!(payloads(&log, after), ["one"]);
}

#[test]
fn a_folder_has_one_log_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let open = || Log::open(dir.path(), Options::default());
    let first = open().unwrap();
    assert!(matches!(open(), Err(Error::InUse { .. })));
    drop(first);
    open().unwrap();
}

#[test]
fn a_failed_write_leaves_nothing_behind_and_the_next_one_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path(), Options::default()).unwrap();
    append(&mut log, "one");
    // A file opened for reading only refuses to be written, as a disk does that has become read-only.
    let path = segment::path(dir.path(), 1, Role::Segment);
    log.current.file = Arc::new(File::open(&path).unwrap());
    let failed = log.append(1, NOW, &[b"lost"]).unwrap();
    let error = log.commit().unwrap_err();
    assert_eq!(error.to_string(), format!("could not write {}", path.display()));
    // A write may also fail after half of it; then whole frames can be in the file.
    let mut left = Vec::new();
    frame::put(&mut left, 1, 1, NOW, &[b"lost"]);
    OpenOptions::new().append(true).open(&path).unwrap().write_all_at(&left, u64::from(log.current.offset)).unwrap();
    let two = append(&mut log, "two");
    assert!(two > failed);
    assert_eq!(payloads(&log, Position::START), ["one", "two"]);
    drop(log);
    let (log, recovered) = Log::open(dir.path(), Options::default()).unwrap();
    assert_eq!((payloads(&log, Position::START), recovered.damaged), (vec!["one".to_owned(), "two".to_owned()], vec![]));
}

#[test]
fn the_sync_thread_ends_with_a_last_sync() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path(), Options::default()).unwrap();
    let thread = log.syncer().spawn(std::time::Duration::from_secs(3600)).unwrap();
    append(&mut log, "one");
    drop(thread);
    log.syncer().sync().unwrap();
}

#[test]
fn however_small_its_bound_a_log_goes_on_when_it_is_released() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path(), Options { max_bytes: 400, ..Options::default() }).unwrap();
    for _ in 0..100 {
        let position = append(&mut log, "twenty bytes of text");
        log.release(position).unwrap();
    }
}
