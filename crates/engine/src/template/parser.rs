//! Text to parts.

use std::ops::Range;

use super::{Filter, Part};
use crate::Mistake;
use crate::expression::Expression;

const FILTERS: [(&str, Filter); 3] = [("percent", Filter::Percent), ("bytes", Filter::Bytes), ("duration", Filter::Duration)];

/// Takes a template apart; the mistakes come in the order of the text.
pub(super) fn parts(text: &str) -> Result<Vec<Part>, Vec<Mistake>> {
    let mut parts = Vec::new();
    let mut mistakes = Vec::new();
    let mut at = 0;
    while let Some((before, behind)) = text.get(at..).and_then(|rest| rest.split_once("{{")) {
        push_text(&mut parts, before);
        let open = at + before.len();
        let Some((inside, _)) = behind.split_once("}}") else {
            mistakes.push(wrong(open..open + 2, "the `{{` that starts here has no closing `}}`", "write `{{host}}`"));
            return Err(mistakes);
        };
        at = open + 2 + inside.len() + 2;
        match field(inside, open..at) {
            Ok(part) => parts.push(part),
            Err(found) => mistakes.extend(found),
        }
    }
    push_text(&mut parts, text.get(at..).unwrap_or_default());
    if mistakes.is_empty() { Ok(parts) } else { Err(mistakes) }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

/// Signs of arithmetic, which no field has in its name; a minus between spaces, or in front, is one too.
fn is_arithmetic(text: &str) -> bool {
    text.contains(['+', '*', '/', '%', '(', ')', '`']) || text.contains(" - ") || text.starts_with('-')
}

fn field(inside: &str, span: Range<usize>) -> Result<Part, Vec<Mistake>> {
    let (written, filter) = match inside.split_once('|') {
        Some((written, filter)) => (written, Some(filter.trim())),
        None => (inside, None),
    };
    let name = written.trim();
    if is_arithmetic(name) {
        return arithmetic(written, filter, span);
    }
    name_alone(name, filter, span).map_err(|mistake| vec![mistake])
}

fn arithmetic(written: &str, filter: Option<&str>, span: Range<usize>) -> Result<Part, Vec<Mistake>> {
    let start = span.start + 2;
    let moved = |mistake: Mistake| Mistake { span: start + mistake.span.start..start + mistake.span.end, ..mistake };
    let parsed = Expression::parse(written).map_err(|mistakes| mistakes.into_iter().map(moved).collect::<Vec<_>>());
    let filter = filter.map(|filter| named(filter, span.clone())).transpose();
    match (parsed, filter) {
        (Ok(expression), Ok(filter)) => Ok(Part::Arithmetic { expression, filter, span }),
        (Ok(_), Err(wrong)) => Err(vec![wrong]),
        (Err(wrong), filter) => Err(filter.err().into_iter().chain(wrong).collect()),
    }
}

fn name_alone(name: &str, filter: Option<&str>, span: Range<usize>) -> Result<Part, Mistake> {
    if name.is_empty() {
        return Err(wrong(span, "a field is missing between `{{` and `}}`", "write `{{host}}`"));
    }
    if name.contains(|c: char| c.is_whitespace() || matches!(c, '{' | '}' | '"' | '\'')) {
        return Err(wrong(span, format!("`{name}` is not a field"), "a field stands alone, or with a filter: `{{metric | percent}}`"));
    }
    let filter = filter.map(|filter| named(filter, span.clone())).transpose()?;
    Ok(Part::Field { name: name.to_owned(), filter, span })
}

fn named(name: &str, span: Range<usize>) -> Result<Filter, Mistake> {
    if let Some((_, filter)) = FILTERS.iter().find(|(known, _)| *known == name) {
        return Ok(*filter);
    }
    let known = FILTERS.map(|(known, _)| known);
    let help = match catalogue::nearest(name, known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    Err(wrong(span, format!("`{name}` is not a filter"), help))
}

fn wrong(span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Mistake {
    Mistake { span, message: message.into(), help: Some(help.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[(Range<usize>, &str)]) {
        let found = parts(text).unwrap_err();
        let found: Vec<_> = found.iter().map(|mistake| (mistake.span.clone(), mistake.message.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_mistake_is_told_at_its_braces() {
        check(
            "{{host}} {{metric | precent}} {{}}",
            &[(9..29, "`precent` is not a filter"), (30..34, "a field is missing between `{{` and `}}`")],
        );
        check(
            "{{metric * }}{{metric / 0 | bites}}",
            &[
                (10..10, "a number or a field is missing behind `*`"),
                (13..35, "`bites` is not a filter"),
                (24..25, "`/` by zero gives no number"),
            ],
        );
        check("{{host", &[(0..2, "the `{{` that starts here has no closing `}}`")]);
        check("{{a b}}{{metric | percent | bytes}}", &[(0..7, "`a b` is not a field"), (7..35, "`percent | bytes` is not a filter")]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[{}| a%é\n*(-]{0,20}") {
            let _ = parts(&text);
        }
    }
}
