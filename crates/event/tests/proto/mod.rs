//! Riemann's schema as prost derives it, texts as bytes: the oracle for the hand-written decoder and encoder.

/// `Msg`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Msg {
    #[prost(bool, optional, tag = "2")]
    pub(crate) ok: Option<bool>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub(crate) error: Option<Vec<u8>>,
    #[prost(message, optional, tag = "5")]
    pub(crate) query: Option<Query>,
    #[prost(message, repeated, tag = "6")]
    pub(crate) events: Vec<Event>,
}

/// `Query`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Query {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub(crate) string: Option<Vec<u8>>,
}

/// `Event`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Event {
    #[prost(int64, optional, tag = "1")]
    pub(crate) time: Option<i64>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(crate) state: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub(crate) service: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "4")]
    pub(crate) host: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "5")]
    pub(crate) description: Option<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "7")]
    pub(crate) tags: Vec<Vec<u8>>,
    #[prost(float, optional, tag = "8")]
    pub(crate) ttl: Option<f32>,
    #[prost(message, repeated, tag = "9")]
    pub(crate) attributes: Vec<Attribute>,
    #[prost(int64, optional, tag = "10")]
    pub(crate) time_micros: Option<i64>,
    #[prost(sint64, optional, tag = "13")]
    pub(crate) metric_sint64: Option<i64>,
    #[prost(double, optional, tag = "14")]
    pub(crate) metric_d: Option<f64>,
    #[prost(float, optional, tag = "15")]
    pub(crate) metric_f: Option<f32>,
}

/// `Attribute`. The schema requires the key; prost lets it be absent, and so sees what we refuse.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Attribute {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub(crate) key: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(crate) value: Option<Vec<u8>>,
}

/// Both must take the bytes, or neither.
#[track_caller]
pub(crate) fn check_bytes(bytes: &[u8]) {
    let (ours, theirs) = (event::msg::Msg::decode(bytes), <Msg as prost::Message>::decode(bytes));
    match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(ours.n_events, theirs.events.len());
            assert_eq!(ours.events().count(), theirs.events.len());
            ours.events().zip(&theirs.events).for_each(|(ours, theirs)| theirs.check(&ours));
        }
        (Err(event::msg::DecodeError::AttributeKey), Ok(_)) | (Err(_), Err(_)) => {}
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => panic!("{bytes:02x?}: we say {ours:?}, prost says {theirs:?}"),
    }
}

impl Event {
    /// What a decoded event must be equal to.
    #[track_caller]
    pub(crate) fn check(&self, view: &event::View<'_>) {
        let filled = |text: &Option<Vec<u8>>| text.clone().filter(|text| !text.is_empty());
        let owned = |text: Option<&[u8]>| text.map(<[u8]>::to_vec);
        assert_eq!(owned(view.state), self.state);
        assert_eq!(owned(view.service), filled(&self.service));
        assert_eq!(owned(view.host), filled(&self.host));
        assert_eq!(owned(view.description), self.description);
        assert_eq!(view.ttl.map(f32::to_bits), self.ttl.map(f32::to_bits));
        assert_eq!(view.time, self.expected_time());
        assert_eq!(view.metric, self.expected_metric());
        assert_eq!(view.labels.marks().map(<[u8]>::to_vec).collect::<Vec<_>>(), self.tags);
        let attributes: Vec<_> = view.labels.attributes().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
        assert_eq!(attributes, self.attributes.iter().map(Attribute::pair).collect::<Vec<_>>());
    }

    fn expected_time(&self) -> Option<event::Timestamp> {
        self.time_micros.map(event::Timestamp::from_micros).or(self.time.map(event::Timestamp::from_secs))
    }

    fn expected_metric(&self) -> Option<event::Metric> {
        match (self.metric_sint64, self.metric_d, self.metric_f) {
            (Some(int), ..) => Some(event::Metric::Int(int)),
            (None, Some(double), _) => event::Metric::float(double),
            (None, None, Some(float)) => event::Metric::float(f64::from(float)),
            (None, None, None) => None,
        }
    }
}

impl Attribute {
    fn pair(&self) -> (Vec<u8>, Vec<u8>) {
        (self.key.clone().unwrap_or_default(), self.value.clone().unwrap_or_default())
    }
}
