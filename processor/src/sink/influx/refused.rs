//! What a server says of the lines that it did not take of a batch, each version in its own way.

use serde_json::Value;

/// What precedes a line that a 1.x could not read, and what follows it.
const QUOTED: (&str, &str) = ("unable to parse '", "': ");

/// The lines that were refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refused {
    /// How many, as far as the server says.
    pub(crate) n_lines: u64,
    /// Their numbers, from 1 and in order: a 3 tells.
    pub(crate) numbers: Vec<u32>,
    /// The server's words to the first of those.
    pub(crate) first: Option<String>,
    /// The lines themselves: a 1.x tells of those that it could not read, and counts those whose values do not fit.
    pub(crate) quoted: Vec<String>,
}

impl Refused {
    /// Reads an answer's JSON and its text.
    pub(crate) fn read(json: Option<&Value>, text: &str) -> Self {
        let data = json.and_then(|json| json.get("data")?.as_array()).map_or(&[][..], Vec::as_slice);
        let number = |line: &Value| u32::try_from(line.get("line_number")?.as_u64()?).ok();
        let mut numbers: Vec<u32> = data.iter().filter_map(number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let first = data.first().and_then(|line| Some(line.get("error_message")?.as_str()?.to_owned()));
        let quoted = quoted(text);
        let n_lines = dropped(text) + numbers.len().max(quoted.len()) as u64;
        Self { n_lines, numbers, first, quoted }
    }
}

fn quoted(text: &str) -> Vec<String> {
    let parts = text.split(QUOTED.0).skip(1);
    parts.filter_map(|part| part.split_once(QUOTED.1)).map(|(line, _)| line.to_owned()).collect()
}

/// The number after `dropped=`.
fn dropped(text: &str) -> u64 {
    let Some((_, after)) = text.split_once("dropped=") else { return 0 };
    let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    after.get(..digits).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_1_quotes_what_it_cannot_read_and_counts_what_does_not_fit() {
        let text = "partial write: unable to parse 'm x=1i 9': time outside range\nunable to parse 'm y=': missing field value dropped=0";
        let refused = Refused::read(None, text);
        assert_eq!((refused.n_lines, refused.quoted), (2, vec!["m x=1i 9".to_owned(), "m y=".to_owned()]));
        assert_eq!(Refused::read(None, "partial write: field type conflict: x dropped=12").n_lines, 12);
        assert_eq!(Refused::read(None, "partial write: dropped=lots"), Refused::default());
    }
}
