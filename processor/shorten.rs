//! Leaves out of the pages' scripts and styles what only people read: comments and indentation. Line by line, since the files are
//! written so that this is enough; where a line could be taken for something else, the build stops and says which.
//! A part of `build.rs`, which the crate's tests include too.

/// The text without comment lines, without `/** … */` inside lines and without indentation.
///
/// # Errors
///
/// Says which line this cannot be sure about, and how to write it instead.
pub(crate) fn shorten(name: &str, text: &str) -> Result<String, String> {
    let mut short = String::with_capacity(text.len());
    let mut is_comment = false;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let rest = if is_comment {
            let Some((_, rest)) = line.split_once("*/") else { continue };
            rest
        } else {
            line
        };
        let (kept, opens) = without_comments(rest.trim()).map_err(|advice| format!("{name}:{number}: {advice}"))?;
        is_comment = opens;
        if !kept.is_empty() {
            short.push_str(&kept);
            short.push('\n');
        }
    }
    if is_comment { Err(format!("{name}: a comment has no end: a line with */ is missing")) } else { Ok(short) }
}

/// What is left of a line that begins outside a comment, and whether a comment begins in it that it does not end.
fn without_comments(line: &str) -> Result<(String, bool), &'static str> {
    if line.starts_with("//") {
        return Ok((String::new(), false));
    }
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    loop {
        // In the middle of a line only `/**` is taken for a comment: `/*` may be part of a pattern.
        let begin = if kept.is_empty() && rest.starts_with("/*") { Some(0) } else { rest.find("/**") };
        let Some((before, comment)) = begin.and_then(|begin| rest.split_at_checked(begin)) else { break };
        kept.push_str(before);
        if ends_in_text(&kept) {
            return Err("`/**` may be part of a text here; write it in two pieces");
        }
        let Some((_, after)) = comment.split_at_checked(2).and_then(|(_, body)| body.split_once("*/")) else {
            return Ok((kept.trim_end().to_owned(), true));
        };
        kept.truncate(kept.trim_end().len());
        rest = after.trim_start();
        if !kept.is_empty() && !rest.is_empty() {
            kept.push(' ');
        }
    }
    kept.push_str(rest);
    // A text over several lines would lose its indentation, and lines that look like comments.
    if kept.matches('`').count() % 2 == 1 {
        return Err("a text in backticks must end in its line; write a backtick that is meant as one as \\x60");
    }
    Ok((kept, false))
}

/// Whether a line so far has begun a text that it has not ended; the code within `${…}` is none.
fn ends_in_text(line: &str) -> bool {
    let is_odd = |quote: char| line.matches(quote).count() % 2 == 1;
    is_odd('\'') || is_odd('"') || (is_odd('`') && line.rfind("${") <= line.rfind('}'))
}
