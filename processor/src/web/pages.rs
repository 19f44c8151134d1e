//! Serving embedded files: packed to who takes gzip, and to each browser once.

use std::io::Read as _;

use flate2::read::GzDecoder;
use hyper::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderValue, IF_NONE_MATCH, VARY};
use hyper::{HeaderMap, Response, StatusCode};

use super::answer;
use super::body::Body;

/// One embedded file.
#[derive(Clone, Copy, Debug)]
pub(super) struct File {
    /// Its path below `processor/web`.
    pub(super) name: &'static str,
    /// What it is.
    pub(super) content_type: &'static str,
    /// Its content as gzip.
    pub(super) packed: &'static [u8],
}

/// Files, and the paths at which pages stand.
#[derive(Debug)]
pub(super) struct Site {
    files: Vec<(File, [HeaderValue; 2])>,
    at: &'static [(&'static str, &'static str)],
    below: &'static [(&'static str, &'static str)],
}

impl Site {
    /// Of `files`; `at` names the page of a path, `below` that of all paths with such a beginning.
    pub(super) fn new(files: &[File], at: &'static [(&'static str, &'static str)], below: &'static [(&'static str, &'static str)]) -> Self {
        Self { files: files.iter().map(|file| (*file, etags(file.packed))).collect(), at, below }
    }

    fn find(&self, path: &str) -> Option<&(File, [HeaderValue; 2])> {
        let of_path = || self.at.iter().find(|(known, _)| *known == path);
        let of_beginning = || self.below.iter().find(|(beginning, _)| path.strip_prefix(beginning).is_some_and(|name| !name.is_empty()));
        let name = match of_path().or_else(of_beginning) {
            Some((_, name)) => name,
            // A page has its path, and no second one by its file's name.
            None => path.strip_prefix('/').filter(|name| !name.ends_with(".html"))?,
        };
        self.files.iter().find(|(file, _)| file.name == name)
    }
}

/// They name the content, so that a browser need not fetch it twice: one for it plain, one for it packed.
fn etags(packed: &[u8]) -> [HeaderValue; 2] {
    let name = format!("{:08x}-{:x}", crc32fast::hash(packed), packed.len());
    let etag = |text: String| HeaderValue::from_str(&text).expect("letters, digits and quotes are a header's value");
    [etag(format!("\"{name}\"")), etag(format!("\"{name}-gzip\""))]
}

/// Serves what stands at a path, or 304 when the asker has it already.
pub(super) fn serve(site: &Site, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let (file, [plain, packed]) = site.find(path)?;
    let takes_gzip = takes_gzip(headers);
    let etag = if takes_gzip { packed } else { plain };
    let is_known = headers.get(IF_NONE_MATCH).is_some_and(|given| given == etag);
    let mut response = if is_known {
        answer::of(StatusCode::NOT_MODIFIED, file.content_type, Body::Whole(None))
    } else if takes_gzip {
        answer::of(StatusCode::OK, file.content_type, Body::whole(file.packed))
    } else {
        answer::of(StatusCode::OK, file.content_type, Body::whole(unpacked(file.packed)))
    };
    let headers = response.headers_mut();
    if takes_gzip && !is_known {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(ETAG, etag.clone());
    Some(response)
}

/// Whether `gzip` or `*` is among what is accepted, and not with `q=0`.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let Some(accepted) = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()) else { return false };
    accepted.split(',').any(|one| {
        let (name, weight) = one.split_once(';').map_or((one, ""), |(name, weight)| (name, weight.trim()));
        let refused = weight.strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0_f32));
        matches!(name.trim(), "gzip" | "*") && !refused
    })
}

/// Few ask for it: scripts, and people with curl.
fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut bytes).expect("build.rs packed it, and memory takes it");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<p>skep`, packed.
    const PACKED: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xb3\x29\xb0\x2b\xce\x4e\x2d\x00\x00\x13\xde\x1b\x92\x07\x00\x00\x00";

    fn site() -> Site {
        let file = File { name: "index.html", content_type: "text/html", packed: PACKED };
        Site::new(&[file], &[("/", "index.html")], &[("/nodes/", "index.html")])
    }

    fn accepting(encoding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(encoding))])
    }

    #[test]
    fn a_page_is_sent_once_and_then_confirmed() {
        let first = serve(&site(), "/", &accepting("gzip")).unwrap();
        assert_eq!(first.status(), StatusCode::OK);
        let mut headers = accepting("gzip");
        headers.insert(IF_NONE_MATCH, first.headers().get(ETAG).unwrap().clone());
        assert_eq!(serve(&site(), "/", &headers).unwrap().status(), StatusCode::NOT_MODIFIED);
        headers.remove(ACCEPT_ENCODING);
        assert_eq!(serve(&site(), "/", &headers).unwrap().status(), StatusCode::OK, "plain it is another content");
        assert!(serve(&site(), "/other", &HeaderMap::new()).is_none());
    }

    #[test]
    fn gzip_is_sent_to_who_takes_it() {
        for (accepted, is_packed) in
            [("gzip, deflate, br", true), ("br;q=1, gzip;q=0.5", true), ("*", true), ("gzip;q=0", false), ("br", false), ("", false)]
        {
            let response = serve(&site(), "/", &accepting(accepted)).unwrap();
            assert_eq!(response.headers().contains_key(CONTENT_ENCODING), is_packed, "{accepted}");
            assert_eq!(response.headers()[VARY], "accept-encoding");
        }
    }

    #[test]
    fn nothing_on_a_page_may_come_from_elsewhere() {
        let page = serve(&site(), "/", &HeaderMap::new()).unwrap();
        assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
        assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    }
}
