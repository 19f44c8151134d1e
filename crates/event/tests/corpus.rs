//! A kept corpus, and what comes of damaging it: nothing panics, and the decoder takes what prost takes.
//!
//! `corpus/` holds the requests of `tests/conformance/wire.json`, some of them cut off, and impossible lengths, each as it stands on a
//! connection; the stream that collectd corrupted is among the fixtures. `SKEP_FUZZ_CASES` says how often each is damaged.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[allow(dead_code, reason = "the rest is for the oracle")]
mod proto;

use std::path::Path;
use std::sync::LazyLock;

use event::msg::{Encoder, Msg, events, query};
use event::{Event, Name, collectd, graphite, opentsdb};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut files: Vec<_> = std::fs::read_dir(tests.join("corpus")).unwrap().map(|file| file.unwrap().path()).collect();
    files.push(tests.join("fixtures/collectd-write_riemann-corrupt.bin"));
    files.sort();
    assert!(files.len() > 30, "the corpus is not there");
    files.iter().flat_map(|file| parts(&std::fs::read(file).unwrap())).collect()
});

/// The messages of a stream, and what is left where no whole one follows.
fn parts(mut stream: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = vec![stream[..stream.len().min(1 << 14)].to_vec()];
    while let Some((head, rest)) = stream.split_first_chunk::<4>() {
        let Some((message, rest)) = rest.split_at_checked(u32::from_be_bytes(*head) as usize) else { break };
        parts.push(message.to_vec());
        stream = rest;
    }
    parts
}

/// All that bytes of a stranger go through before anything is kept of them.
fn target(bytes: &[u8]) {
    proto::check_bytes(bytes);
    if Msg::decode(bytes).is_ok() {
        let _ = query(bytes);
        let mut again = Encoder::new();
        for view in events(bytes) {
            let _ = collectd::service(&view.labels, &mut Vec::new());
            let owned = Event::from(&view);
            owned.with_view(|view| again.event(view));
            let _ = owned.service.as_deref().map(Name::split);
        }
        assert!(Msg::decode(again.bytes()).is_ok(), "what was decoded and encoded again is no message");
    }
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines() {
        let _ = (graphite::decode(line, true), graphite::decode(line, false), opentsdb::decode(line));
    }
}

/// One way to damage bytes.
#[derive(Clone, Debug)]
enum Damage {
    Set(Index, u8),
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Cut(Index),
    Repeat(Index, Index),
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Self::Set(at, byte)),
            (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Self::Flip(at, bit)),
            (any::<Index>(), prop::collection::vec(any::<u8>(), 1..8)).prop_map(|(at, bytes)| Self::Insert(at, bytes)),
            any::<Index>().prop_map(Self::Cut),
            (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Self::Repeat(from, to)),
        ]
    }

    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: &Index| at.index(bytes.len().max(1));
        match self {
            Self::Set(at, byte) => {
                let at = place(at);
                bytes.splice(at..(at + 1).min(bytes.len()), [*byte]);
            }
            Self::Flip(at, bit) => {
                let at = place(at);
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << bit);
            }
            Self::Insert(at, new) => {
                let at = place(at).min(bytes.len());
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Cut(at) => bytes.truncate(place(at)),
            Self::Repeat(from, to) => {
                let (from, to) = (place(from), place(to));
                let stretch = bytes.get(from.min(to)..from.max(to)).unwrap_or_default().to_vec();
                bytes.extend(stretch);
            }
        }
    }
}

#[test]
fn every_seed_is_taken_as_prost_takes_it() {
    SEEDS.iter().for_each(|seed| target(seed));
}

#[test]
fn damaged_seeds_are_taken_as_prost_takes_them() {
    let cases = std::env::var("SKEP_FUZZ_CASES").map_or(4_000, |cases| cases.parse().expect("SKEP_FUZZ_CASES is a number"));
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let damaged = (any::<Index>(), prop::collection::vec(Damage::any(), 1..6));
    let run = runner.run(&damaged, |(seed, damages)| {
        let mut bytes = SEEDS[seed.index(SEEDS.len())].clone();
        damages.iter().for_each(|damage| damage.apply(&mut bytes));
        target(&bytes);
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}
