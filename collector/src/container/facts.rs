//! What Docker says about one container.

use event::Timestamp;

use super::{Attachment, Endpoint, Identity};

/// Which container: Docker's id of 64 hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

impl Id {
    /// Takes an id as the API gives it; `None` for what cannot be one and must not become part of a path.
    pub fn new(id: &str) -> Option<Self> {
        let good = id.len() >= 12 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        good.then(|| Self(id.to_owned()))
    }

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first digits of it, as `docker ps` shows twelve.
    pub fn short(&self, digits: usize) -> &str {
        self.0.get(..digits).unwrap_or(&self.0)
    }
}

/// What a container is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Made, never started.
    Created,
    /// Its process runs.
    Running,
    /// Its processes are frozen.
    Paused,
    /// Ended, and about to be started again.
    Restarting,
    /// Being taken away.
    Removing,
    /// Its process has ended.
    Exited,
    /// Could not be taken away.
    Dead,
    /// What this skep does not know.
    #[default]
    Unknown,
}

impl Status {
    /// Docker's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Removing => "removing",
            Self::Exited => "exited",
            Self::Dead => "dead",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it has processes.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// The result of a container's own health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// `starting`, `healthy` or `unhealthy`.
    pub status: String,
    /// Checks that failed one after the other.
    pub failing_streak: i64,
}

/// One container, as `inspect` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Which one.
    pub id: Id,
    /// What it is called.
    pub identity: Identity,
    /// The image it was made from, as the user wrote it, without the digest that a swarm adds.
    pub image: String,
    /// What it is doing.
    pub status: Status,
    /// Its first process; `None` when it has none.
    pub pid: Option<u32>,
    /// When it was made; the newest of two with one name owns the name.
    pub created: Timestamp,
    /// When its process was last started.
    pub started: Option<Timestamp>,
    /// How often Docker's restart policy has started it again.
    pub restart_count: i64,
    /// What its process ended with; 0 while it runs.
    pub exit_code: i64,
    /// The signal that asks it to end, where that is not TERM.
    pub stop_signal: Option<u8>,
    /// Whether it ended because it ran out of memory.
    pub oom_killed: bool,
    /// `None` when it has no health check.
    pub health: Option<Health>,
    /// It uses the host's network, so that its network counters would be the host's.
    pub host_network: bool,
    /// Its addresses in Docker's networks, by the networks' names.
    pub attachments: Vec<Attachment>,
    /// Where its labels ask for it to be scraped.
    pub endpoint: Option<Endpoint>,
}

impl Facts {
    /// `registry:5000/shop/web:2` is the image `registry:5000/shop/web` in version `2`.
    pub(super) fn image_and_version(&self) -> (&str, &str) {
        match self.image.rsplit_once(':') {
            // What was made from an image without a name is shown by its digest, `sha256:…`.
            Some((image, version)) if !version.contains('/') && image != "sha256" => (image, version),
            _ => (&self.image, ""),
        }
    }
}

/// Docker's RFC 3339 with nanoseconds; `None` for "never", which Docker writes as the year 1.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).ok().filter(|time| time.secs() >= 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(timestamp(text).map(|time| time.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn docker_writes_nanoseconds() {
        check("2026-11-24T17:05:51.530725861Z", Some("2026-11-24T17:05:51.530725Z"));
        check("2026-11-24T17:05:51Z", Some("2026-11-24T17:05:51Z"));
        check("2024-02-29T00:00:00.5Z", Some("2024-02-29T00:00:00.500Z"));
    }

    #[test]
    fn another_zone_is_taken_off() {
        check("2026-11-24T18:05:51.53+01:00", Some("2026-11-24T17:05:51.530Z"));
        check("2026-11-24T09:35:51-07:30", Some("2026-11-24T17:05:51Z"));
    }

    #[test]
    fn the_year_one_is_never() {
        check("0001-01-01T00:00:00Z", None);
    }

    #[test]
    fn other_text_is_no_time() {
        for text in ["", "T", "2026-11-24", "2026-11-24T17:05Z", "2026-13-24T17:05:51Z", "2026-11-24T17:05:51", "x-y-zTa:b:cZ"] {
            check(text, None);
        }
    }

    #[track_caller]
    fn check_image(image: &str, expected: (&str, &str)) {
        assert_eq!(Facts { image: image.to_owned(), ..Facts::default() }.image_and_version(), expected);
    }

    #[test]
    fn an_image_is_told_from_its_version() {
        check_image("registry:5000/shop/web:2", ("registry:5000/shop/web", "2"));
        check_image("registry:5000/shop/web", ("registry:5000/shop/web", ""));
        check_image("web", ("web", ""));
        check_image("sha256:54223423c92d", ("sha256:54223423c92d", ""));
    }

    #[test]
    fn an_id_cannot_leave_its_folder() {
        assert!(Id::new("59bfc5f995fa4a93a9edc94449955ddf645795c2a9f1a1a8ab404143e2783f3c").is_some());
        for text in ["", "59bf", "../../../../etc/passwd", "59bfc5f995fa/../../x"] {
            assert_eq!(Id::new(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_an_event_prints_is_read_back(micros in 0..4_000_000_000_000_000_i64) {
            let time = Timestamp::from_micros(micros);
            prop_assert_eq!(timestamp(&time.to_string()), Some(time));
        }

        #[test]
        fn no_text_makes_it_panic(text in "([0-9]{0,20}[-:T.Z+]?){0,8}|\\PC{0,30}") {
            timestamp(&text);
        }
    }
}
