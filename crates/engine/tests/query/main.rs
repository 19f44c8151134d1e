//! What the query language promises: Riemann's meaning, mistakes with their places, partial evaluation.

mod conformance;
mod dispatch;
mod mistakes;
mod properties;
