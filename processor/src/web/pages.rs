//! Serving embedded files.

use hyper::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH};
use hyper::{HeaderMap, Response, StatusCode};

use super::answer;
use super::body::Body;

/// One embedded file.
pub(super) struct Page {
    path: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    /// Names its content, so that a browser need not fetch it twice.
    etag: HeaderValue,
}

impl Page {
    pub(super) fn new(path: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        let etag = format!("\"{:08x}-{:x}\"", crc32fast::hash(bytes), bytes.len());
        let etag = HeaderValue::from_str(&etag).expect("digits and quotes are a header's value");
        Self { path, content_type, bytes, etag }
    }
}

/// Serves one of `pages`, or 304 when the asker has it already.
pub(super) fn serve(pages: &[Page], path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let page = pages.iter().find(|page| page.path == path)?;
    let known = headers.get(IF_NONE_MATCH).is_some_and(|given| *given == page.etag);
    let (status, body) = if known { (StatusCode::NOT_MODIFIED, Body::Whole(None)) } else { (StatusCode::OK, Body::whole(page.bytes)) };
    let mut response = answer::of(status, page.content_type, body);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response.headers_mut().insert(ETAG, page.etag.clone());
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_sent_once_and_then_confirmed() {
        let pages = [Page::new("/", "text/html", b"<p>skep")];
        let first = serve(&pages, "/", &HeaderMap::new()).unwrap();
        assert_eq!(first.status(), StatusCode::OK);
        let etag = first.headers().get(ETAG).unwrap().clone();
        let second = serve(&pages, "/", &HeaderMap::from_iter([(IF_NONE_MATCH, etag)])).unwrap();
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
        assert!(serve(&pages, "/other", &HeaderMap::new()).is_none());
    }

    #[test]
    fn nothing_on_a_page_may_come_from_elsewhere() {
        let pages = [Page::new("/", "text/html", b"<p>skep")];
        let page = serve(&pages, "/", &HeaderMap::new()).unwrap();
        assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
        assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    }
}
