//! Packs the files of the pages, so that they are embedded and sent as gzip; building them needs no Node.
//! Ours lose their comments on the way; a library is packed as it came.

mod shorten;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use shorten::shorten;
use zopfli::{Format, Options};

/// Folders below the crate whose files are embedded; what else lies there (tests, scripts) is not.
const FOLDERS: [&str; 2] = ["web", "web/vendor"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=shorten.rs");
    let crate_folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut files = Vec::new();
    for folder in FOLDERS {
        println!("cargo:rerun-if-changed={folder}");
        for entry in fs::read_dir(crate_folder.join(folder))? {
            let path = entry?.path();
            if content_type(&path).is_some() {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (number, path) in files.iter().enumerate() {
        table.push_str(&row(path, &crate_folder.join("web"), &out.join(format!("{number}.gz")))?);
    }
    table.push_str("]\n");
    fs::write(out.join("files.rs"), table)?;
    Ok(())
}

/// Of a file that is embedded.
fn content_type(path: &Path) -> Option<&'static str> {
    match path.extension()?.to_str()? {
        "html" => Some("text/html; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

/// Packs one file and gives its row of the table.
fn row(path: &Path, root: &Path, packed: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo:rerun-if-changed={}", path.display());
    let name = path.strip_prefix(root)?.to_str().ok_or("a file's name is no text")?;
    let content_type = content_type(path).ok_or("a file of a kind that is not embedded")?;
    let text = fs::read_to_string(path)?;
    let is_ours = !name.contains('/') && (name.ends_with(".js") || name.ends_with(".css"));
    let text = if is_ours { shorten(name, &text)? } else { text };
    zopfli::compress(Options::default(), Format::Gzip, text.as_bytes(), fs::File::create(packed)?)?;
    let mut row = String::new();
    writeln!(row, "    File {{ name: {name:?}, content_type: {content_type:?}, packed: include_bytes!({packed:?}) }},")?;
    Ok(row)
}
