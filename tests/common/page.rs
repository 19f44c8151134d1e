//! The blocks of docs/operating.md, which says in the line above each where it is run.

use std::fs;

use super::project;

pub(crate) fn operating() -> String {
    fs::read_to_string(project("docs/operating.md")).unwrap()
}

/// The commands below `<!-- MARK -->`.
#[track_caller]
pub(crate) fn block(mark: &str) -> String {
    let page = operating();
    let block =
        page.split(&format!("<!-- {mark} -->\n```sh\n")).nth(1).unwrap_or_else(|| panic!("docs/operating.md has no block `{mark}`"));
    block.split("```").next().unwrap().to_owned()
}
