//! The pages and what they load: the files under `processor/web`, embedded as gzip by `build.rs`.

use std::sync::LazyLock;

use super::pages::{File, Site};

/// Every file that a browser may ask for.
const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Which page stands at which path.
const AT: &[(&str, &str)] =
    &[("/", "index.html"), ("/alerts", "alerts.html"), ("/explore", "explore.html"), ("/rules", "rules.html"), ("/status", "status.html")];

/// Which page stands at all paths that begin so and go on with a name.
const BELOW: &[(&str, &str)] =
    &[("/alerts/", "alert.html"), ("/containers/", "container.html"), ("/nodes/", "node.html"), ("/services/", "service.html")];

/// All pages and what they load.
pub(super) static PAGES: LazyLock<Site> = LazyLock::new(|| Site::new(FILES, AT, BELOW));

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;

    use super::super::pages::serve;
    use super::*;

    #[test]
    fn a_page_with_a_name_in_its_path_is_the_same_for_every_name() {
        for path in [
            "/",
            "/alerts",
            "/alerts/cpu-high",
            "/alerts/a%2Fb",
            "/explore",
            "/nodes/n1",
            "/services/shop_web",
            "/containers/web.1",
            "/rules",
            "/status",
            "/style.css",
            "/vendor/uplot.js",
        ] {
            assert!(serve(&PAGES, path, &HeaderMap::new()).is_some(), "{path}");
        }
        for path in ["/alerts/", "/index.html", "/vendor.sh", "/vendor/SHA256SUMS", "/vendor/", "/nothing"] {
            assert!(serve(&PAGES, path, &HeaderMap::new()).is_none(), "{path}");
        }
    }
}
