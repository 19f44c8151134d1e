//! What comes in a test, in the order of time: the rows of the file, and a recording's frames.

use event::msg::Encoder;
use event::{Duration, Event, Timestamp};
use transport::frames;

use super::{RuleTest, Sample};
use crate::driver::recorder::Kind;
use crate::driver::recording::{self, NoFrame};

/// When a test begins that has no recording: 2000-01-01T00:00:00Z, a whole multiple of whatever goes by the clock. Riemann's sliding windows,
/// and so ours, pass over what happened at 1970-01-01T00:00:00Z, which no event of a real sender did.
const START: Timestamp = Timestamp::from_secs(946_684_800);

/// All that comes, soonest first.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// When the test begins: at `START`, or the first moment of its recording.
    pub start: Timestamp,
    /// When the last ttl of the rows is over; of a recording its end.
    pub end: Timestamp,
    /// In the order of time; what comes at one instant as the file has it.
    pub steps: Vec<(Timestamp, Input)>,
}

/// What the engine is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// An encoded `Msg`.
    Msg(Vec<u8>),
    /// A stretch of time that does not count, and the grace.
    Gap(Duration, Duration),
}

/// Why a file is no recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRecording {
    /// It begins otherwise.
    #[error("it is no recording; `skep record --out FILE` makes one")]
    NoRecording,
    /// It has a frame of no known kind.
    #[error("it cannot be read to its end: {0}")]
    NoFrame(#[from] NoFrame),
}

impl Inputs {
    /// Of a test; `recording` is what its `replay` names.
    ///
    /// # Errors
    /// [`BadRecording`].
    pub fn new(test: &RuleTest, recording: Option<&[u8]>) -> Result<Self, BadRecording> {
        let mut inputs = Self { start: START, end: START, ..Self::default() };
        if let Some(bytes) = recording {
            inputs.replay(bytes)?;
        }
        inputs.rows(test);
        inputs.steps.sort_by_key(|(at, _)| *at);
        Ok(inputs)
    }

    fn replay(&mut self, bytes: &[u8]) -> Result<(), BadRecording> {
        let mut rest = bytes.strip_prefix(recording::HEAD).ok_or(BadRecording::NoRecording)?;
        let mut start = None;
        self.end = Timestamp::default();
        while let Some(frame) = recording::take(&mut rest)? {
            start.get_or_insert(frame.now);
            self.end = self.end.max(frame.now);
            match frame.kind {
                Kind::Batch => self.steps.extend(frames::messages(frame.content).map(|msg| (frame.now, Input::Msg(msg.to_vec())))),
                Kind::Gap => {
                    let (gap, grace) = crate::replay::gap(frame.content);
                    // Its frame says when it ended; nothing is due while it lasts.
                    self.steps.push((frame.now + (Duration::ZERO - gap), Input::Gap(gap, grace)));
                }
                Kind::Tick | Kind::Plan | Kind::Quiet => {}
            }
        }
        self.start = start.unwrap_or(START);
        Ok(())
    }

    /// Events of one instant are one message.
    fn rows(&mut self, test: &RuleTest) {
        let mut events: Vec<(Timestamp, Event)> = Vec::new();
        for row in &test.rows {
            let ttl = Duration::from_secs_f64(row.event.ttl.map_or(0.0, f64::from));
            for (at, sample) in row.samples.iter().enumerate() {
                let Sample::Event(metric) = *sample else { continue };
                let time = self.start + row.from + row.every * at as i64;
                self.end = self.end.max(time + ttl);
                events.push((time, Event { time: Some(time), metric, ..row.event.clone() }));
            }
        }
        events.sort_by_key(|(time, _)| *time);
        for instant in events.chunk_by(|(one, _), (other, _)| one == other) {
            let mut encoder = Encoder::new();
            let Some((time, _)) = instant.first() else { continue };
            for (_, event) in instant {
                event.with_view(|view| encoder.event(view));
            }
            self.steps.push((*time, Input::Msg(encoder.bytes().to_vec())));
        }
    }
}
