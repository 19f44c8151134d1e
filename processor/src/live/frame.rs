//! What a live client is sent.

use bytes::Bytes;

/// Names of a row's values, in their order. A row of a delta may be cut short: what is left out is as it was.
/// `time` is in seconds; measurement, instance and field are the parts of a sample's service.
pub(crate) const COLUMNS: &str = concat!(
    r#"["id","state","metric","time","host","service","measurement","instance","field","#,
    r#""ttl","description","tags","attributes"]"#
);

/// What a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// All rows that the query shows; what the client had is void.
    Snapshot,
    /// The latest values of each row that changed.
    Delta,
    /// Ids of rows that are no longer shown.
    Gone,
}

/// One frame of one subscription.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The client's number for the subscription.
    pub subscription: usize,
    /// What it says.
    pub kind: FrameKind,
    /// The inside of a JSON object: `"columns":[…],"rows":[…]`, `"rows":[…]` or `"ids":[…]`; shared among clients.
    pub body: Bytes,
}
