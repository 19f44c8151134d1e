//! The marks (Riemann's `tags`) that skep itself gives and reads.

/// Carried by every sample and event that a skep made; such an event's service is a [`crate::Name`].
pub const SKEP: &[u8] = b"skep";

/// Carried by what a collector sends from its backlog: it goes to sinks and store only, never to index or rules.
pub const LATE: &[u8] = b"late";
