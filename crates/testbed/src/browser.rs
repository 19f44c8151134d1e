//! A headless Chromium, driven over its debugging pipe (two named pipes, JSON messages that end with a NUL byte).

#![expect(clippy::indexing_slicing, reason = "indexing a JSON value gives null where there is nothing; it never panics")]

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Server;

/// How long the browser may take for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// One page of a browser of its own.
#[derive(Debug)]
pub struct Browser {
    to: File,
    from: Receiver<Value>,
    next_id: u64,
    session: String,
    problems: Vec<String>,
    requests: Vec<String>,
    _chromium: Server,
    _folder: TempDir,
}

impl Browser {
    /// Starts `chromium` with an empty profile and one blank page of this size in CSS pixels.
    ///
    /// # Errors
    /// When it cannot be started or does not speak.
    pub fn start(chromium: &Path, width: u32, height: u32) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (commands, answers) = (folder.path().join("commands"), folder.path().join("answers"));
        if !Command::new("mkfifo").args([&commands, &answers]).status()?.success() {
            return Err(io::Error::other("mkfifo failed"));
        }
        let quiet = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
                     --disable-component-update --disable-sync --hide-scrollbars --remote-debugging-pipe";
        let profile = folder.path().join("profile");
        // The shell opens the pipes as descriptors 3 and 4, where Chromium looks for them.
        let script = format!("exec \"$0\" {quiet} --window-size={width},{height} --user-data-dir=\"$1\" about:blank 3<\"$2\" 4>\"$3\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).arg(chromium).args([&profile, &commands, &answers]);
        let server = Server::start(&mut command, &folder.path().join("log"))?;
        let to = OpenOptions::new().write(true).open(&commands)?;
        let from = read_messages(File::open(&answers)?);
        let mut browser = Self {
            to,
            from,
            next_id: 0,
            session: String::new(),
            problems: Vec::new(),
            requests: Vec::new(),
            _chromium: server,
            _folder: folder,
        };
        browser.attach(width, height)?;
        Ok(browser)
    }

    fn attach(&mut self, width: u32, height: u32) -> io::Result<()> {
        let target = self.call("Target.createTarget", json!({"url": "about:blank"}))?;
        let attached = self.call("Target.attachToTarget", json!({"targetId": target["targetId"], "flatten": true}))?;
        self.session = attached["sessionId"].as_str().unwrap_or_default().to_owned();
        for domain in ["Page.enable", "Runtime.enable", "Log.enable", "Network.enable"] {
            self.call(domain, json!({}))?;
        }
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size).map(|_| ())
    }

    /// Opens an address; returns before all is loaded.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn open(&mut self, url: &str) -> io::Result<()> {
        self.call("Page.navigate", json!({"url": url})).map(|_| ())
    }

    /// The value of a JavaScript expression in the page.
    ///
    /// # Errors
    /// When the expression throws or the browser does not answer.
    pub fn evaluate(&mut self, expression: &str) -> io::Result<Value> {
        let answer = self.call("Runtime.evaluate", json!({"expression": expression, "returnByValue": true, "awaitPromise": true}))?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(io::Error::other(format!("`{expression}` threw: {details}"))),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    /// Asks for `expression` every 50 ms until it is true; `false` when `limit` has passed.
    pub fn wait_for(&mut self, expression: &str, limit: Duration) -> bool {
        crate::wait_until(limit, || self.evaluate(expression).is_ok_and(|value| value == Value::Bool(true)))
    }

    /// Dark or light, as the page's media query sees it.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn prefer(&mut self, scheme: &str) -> io::Result<()> {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features})).map(|_| ())
    }

    /// A PNG of what is to be seen, base64 as the browser gives it.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn screenshot(&mut self) -> io::Result<String> {
        let answer = self.call("Page.captureScreenshot", json!({"format": "png"}))?;
        Ok(answer["data"].as_str().unwrap_or_default().to_owned())
    }

    /// Errors that the page has logged or thrown so far.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Addresses that the page has asked for so far.
    pub fn requests(&self) -> &[String] {
        &self.requests
    }

    fn call(&mut self, method: &str, params: Value) -> io::Result<Value> {
        self.next_id += 1;
        let mut message = json!({"id": self.next_id, "method": method, "params": params});
        if !self.session.is_empty() && !method.starts_with("Target.") {
            message["sessionId"] = Value::from(self.session.as_str());
        }
        self.to.write_all(format!("{message}\0").as_bytes())?;
        loop {
            let answer = self.from.recv_timeout(PATIENCE).map_err(|_| io::Error::other(format!("no answer to {method}")))?;
            if answer["id"] == self.next_id {
                return match answer.get("error") {
                    Some(error) => Err(io::Error::other(format!("{method}: {error}"))),
                    None => Ok(answer["result"].clone()),
                };
            }
            self.note(&answer);
        }
    }

    fn note(&mut self, event: &Value) {
        let params = &event["params"];
        match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.problems.push(params["exceptionDetails"].to_string()),
            Some("Runtime.consoleAPICalled") if params["type"] == "error" => self.problems.push(params["args"].to_string()),
            Some("Log.entryAdded") if params["entry"]["level"] == "error" => self.problems.push(params["entry"].to_string()),
            Some("Network.requestWillBeSent") => self.requests.push(params["request"]["url"].as_str().unwrap_or_default().to_owned()),
            _ => {}
        }
    }
}

fn read_messages(answers: File) -> Receiver<Value> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for message in BufReader::new(answers).split(0) {
            let Ok(bytes) = message else { return };
            let Ok(value) = serde_json::from_slice(&bytes) else { continue };
            if sender.send(value).is_err() {
                return;
            }
        }
    });
    receiver
}
