//! Texts that stand in files of their own: read each time, so that they may change while skep runs.

use std::fs;

use crate::notify::Given;

/// The text in a file, without the line end behind it. The error is a sentence.
pub(super) fn read(path: &str) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("could not read {path}: {error}"))?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() { Err(format!("{path} is empty")) } else { Ok(text.to_owned()) }
}

/// The text, wherever it stands.
pub(super) fn text(given: &Given) -> Result<String, String> {
    match given {
        Given::Here(text) => Ok(text.clone()),
        Given::File(path) => read(path),
    }
}
