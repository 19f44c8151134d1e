//! docs/openapi.json says what is answered: schemathesis from PyPI sends what it allows and what it does not, and looks at each answer.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::path::Path;
use std::process::Command;

use common::{Skep, python};

const PACKAGES: [&str; 1] = ["schemathesis==4.32.5"];

/// Streams do not end.
const STREAMS: [&str; 4] = ["/api/v1/live", "/api/v1/record", "/index", "/pubsub/index"];

/// A text may fit its schema and be no query, no time, no line of a protocol: that such a one is taken is not asked for.
/// All else is: no answer of the server's fault, no undocumented status or type, bodies as their schemas have them, nothing wrong taken.
const UNASKED: &str = "positive_data_acceptance";

#[test]
fn the_server_answers_as_its_openapi_file_says() {
    let Some(python) = python::with("openapi", &PACKAGES, "schemathesis") else { return };
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("run", folder.path(), &[]);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let mut command = Command::new(python.with_file_name("schemathesis"));
    command.current_dir(folder.path()).arg("run").arg(file).args(["--url", &format!("http://{}", skep.http)]);
    command.args(["--no-color", "--generation-deterministic", "--phases", "examples,coverage,fuzzing", "--max-examples", "10"]);
    command.args(["--max-time", "20", "--request-timeout", "30", "--exclude-checks", UNASKED, "--warnings", "off"]);
    STREAMS.iter().for_each(|path| _ = command.args(["--exclude-path", path]));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "see what schemathesis says above");
    let log = skep.stop();
    assert!(!log.contains("panicked"), "{log}");
}
