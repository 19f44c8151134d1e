//! The files under `processor/web`, embedded as they are.

use std::sync::LazyLock;

use super::pages::Page;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// All pages and what they load.
pub(super) static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    vec![
        page(HTML, "/", include_bytes!("../../web/index.html")),
        page(HTML, "/charts", include_bytes!("../../web/charts.html")),
        page(STYLE, "/style.css", include_bytes!("../../web/style.css")),
        page("image/svg+xml", "/icon.svg", include_bytes!("../../web/icon.svg")),
        page(SCRIPT, "/alerts.js", include_bytes!("../../web/alerts.js")),
        page(SCRIPT, "/charts.js", include_bytes!("../../web/charts.js")),
        page(SCRIPT, "/colour.js", include_bytes!("../../web/colour.js")),
        page(SCRIPT, "/containers.js", include_bytes!("../../web/containers.js")),
        page(SCRIPT, "/format.js", include_bytes!("../../web/format.js")),
        page(SCRIPT, "/history.js", include_bytes!("../../web/history.js")),
        page(SCRIPT, "/live.js", include_bytes!("../../web/live.js")),
        page(SCRIPT, "/nodes.js", include_bytes!("../../web/nodes.js")),
        page(SCRIPT, "/spark.js", include_bytes!("../../web/spark.js")),
        page(SCRIPT, "/swarm.js", include_bytes!("../../web/swarm.js")),
        page(SCRIPT, "/vendor/uplot.js", include_bytes!("../../web/vendor/uplot.js")),
        page(STYLE, "/vendor/uplot.css", include_bytes!("../../web/vendor/uplot.css")),
    ]
});

fn page(content_type: &'static str, path: &'static str, bytes: &'static [u8]) -> Page {
    Page::new(path, content_type, bytes)
}
