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

/// A shorter text is no secret, and stands everywhere.
const SHORTEST: usize = 4;

/// A part of a URL's path that is shorter may be a plain word.
const SHORTEST_PART: usize = 8;

/// What of a URL lets those in who know it: all behind the host, and its longer parts by themselves.
pub(super) fn of_url(url: &str) -> Vec<String> {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    let (host, path) = behind.find(['/', '?']).map_or((behind, ""), |at| behind.split_at(at));
    let user = host.rsplit_once('@').map(|(user, _)| user.to_owned());
    let parts = path.split(['/', '?', '&', '=']).filter(|part| part.len() >= SHORTEST_PART).map(str::to_owned);
    user.into_iter().chain([path.to_owned()]).chain(parts).collect()
}

/// The text without the secrets, for a log.
pub(super) fn hide(text: String, secrets: &[String]) -> String {
    let mut secrets: Vec<&String> = secrets.iter().filter(|secret| secret.len() >= SHORTEST).collect();
    // A longer one may hold a shorter one.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.into_iter().fold(text, |text, secret| text.replace(secret.as_str(), "***"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, said: &str, expected: &str) {
        assert_eq!(hide(said.to_owned(), &of_url(url)), expected);
    }

    #[test]
    fn what_stands_behind_the_host_of_a_url_is_hidden() {
        check("https://hooks.example.org/services/T000/B000/abcdefghij", "no hook /services/T000/B000/abcdefghij", "no hook ***");
        check(
            "https://hooks.example.org/services/T000/B000/abcdefghij",
            "no token abcdefghij at hooks.example.org",
            "no token *** at hooks.example.org",
        );
        check("https://example.org?token=abcdefghij", "?token=abcdefghij and abcdefghij", "*** and ***");
        check("http://ops:geheim@example.org/", "GET / by ops:geheim", "GET / by ***");
        check("http://example.org", "example.org is away", "example.org is away");
    }
}
