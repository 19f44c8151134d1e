//! What the messages go to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use testbed::{Server, free_port, http, require, wait_until};

use crate::common::{PATIENCE, Skep, project};

/// Whoever takes POSTs.
pub(crate) struct PostBox {
    folder: PathBuf,
    port: u16,
    _server: Server,
}

impl PostBox {
    pub(crate) fn start(folder: &Path) -> Option<Self> {
        Self::launch(folder, &[])
    }

    /// Over https, with the certificate of the tests for localhost.
    pub(crate) fn start_https(folder: &Path) -> Option<Self> {
        Self::launch(folder, &["server.pem", "server.key"].map(|name| project("processor/tests/tls").join(name)))
    }

    fn launch(folder: &Path, certificate: &[PathBuf]) -> Option<Self> {
        let python = require("python3", "python3")?;
        fs::create_dir_all(folder).unwrap();
        let mut command = Command::new(python);
        command.arg(project("tests/notify/post_box.py")).arg(folder).args(certificate);
        let server = Server::start(&mut command, &folder.join("log")).unwrap();
        let mut port = None;
        wait_until(PATIENCE, || {
            port = fs::read_to_string(folder.join("port")).ok().and_then(|text| text.parse().ok());
            port.is_some()
        });
        let port = port.unwrap_or_else(|| panic!("the post box did not come up: {}", server.output()));
        Some(Self { folder: folder.to_owned(), port, _server: server })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn https_url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    pub(crate) fn answer(&self, status: u16) {
        fs::write(self.folder.join("status"), status.to_string()).unwrap();
    }

    /// Answers the first ones so: `STATUS` or `STATUS HEADER: VALUE` each.
    pub(crate) fn script(&self, answers: &[&str]) {
        fs::write(self.folder.join("script"), answers.join("\n")).unwrap();
    }

    /// Takes what comes, but says so this much later.
    pub(crate) fn delay(&self, delay: Duration) {
        fs::write(self.folder.join("delay"), delay.as_secs_f64().to_string()).unwrap();
    }

    pub(crate) fn posts(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.join("posts")).unwrap_or_default();
        // The last line may still be on its way.
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, n: usize, skep: &Skep) -> Vec<Value> {
        let mut posts = Vec::new();
        let seen = wait_until(PATIENCE, || {
            posts = self.posts();
            posts.len() >= n
        });
        assert!(seen, "{} of {n} posts came: {posts:#?}\nskep says:\n{}", posts.len(), skep.server.output());
        posts
    }
}

/// A mail server that puts mails into a folder.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    folder: PathBuf,
    _server: Server,
}

/// A mail, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    text: String,
}

/// Lets in `skep` with the password `secret`.
const HANDLER: &str = "
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult
class Guarded(Mailbox):
    async def auth_PLAIN(self, server, args):
        import base64
        given = base64.b64decode(args[1]) if len(args) > 1 else await server.challenge_auth('')
        if given == b'\\0skep\\0secret':
            return AuthResult(success=True, auth_data=b'skep')
        return AuthResult(success=False, handled=False)
    async def handle_MAIL(self, server, session, envelope, address, options):
        if not session.authenticated:
            return '530 5.7.0 Authentication required'
        envelope.mail_from = address
        return '250 OK'
";

/// Says a little later that it took a mail.
const SLOW: &str = "
import asyncio
from aiosmtpd.handlers import Mailbox
class Slow(Mailbox):
    async def handle_DATA(self, server, session, envelope):
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(MILLIS / 1000)
        return answer
";

impl MailServer {
    /// Takes what comes, but says so this much later.
    pub(crate) fn start_slow(folder: &Path, delay: Duration) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("slow.py"), SLOW.replace("MILLIS", &delay.as_millis().to_string())).unwrap();
        Self::launch(folder, "slow.Slow", &[])
    }

    /// Without encryption and passwords.
    pub(crate) fn start(folder: &Path) -> Option<Self> {
        Self::launch(folder, "aiosmtpd.handlers.Mailbox", &[])
    }

    /// With STARTTLS, and open only to `skep` with the password `secret`.
    pub(crate) fn start_guarded(folder: &Path) -> Option<Self> {
        let file = |name: &str| project("processor/tests/tls").join(name).to_str().unwrap().to_owned();
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("guarded.py"), HANDLER).unwrap();
        Self::launch(folder, "guarded.Guarded", &["--tlscert", &file("server.pem"), "--tlskey", &file("server.key")])
    }

    fn launch(folder: &Path, class: &str, arguments: &[&str]) -> Option<Self> {
        let program = require("aiosmtpd", "python3-aiosmtpd")?;
        fs::create_dir_all(folder).unwrap();
        let port = free_port();
        let mut command = Command::new(program);
        command.arg("-n").args(["-l", &format!("127.0.0.1:{port}"), "-c", class]).args(arguments).arg(folder.join("mails"));
        let mut server = Server::start(command.env("PYTHONPATH", folder), &folder.join("log")).unwrap();
        let up = wait_until(PATIENCE, || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() || !server.is_running());
        assert!(up && server.is_running(), "the mail server did not come up: {}", server.output());
        Some(Self { port, folder: folder.join("mails"), _server: server })
    }

    /// In the order in which they came.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        let Ok(entries) = fs::read_dir(self.folder.join("new")) else { return Vec::new() };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort_by_key(|file| (file.metadata().unwrap().modified().unwrap(), file.clone()));
        files.iter().map(|file| Mail { text: fs::read_to_string(file).unwrap().replace("\r\n", "\n") }).collect()
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, n: usize, skep: &Skep) -> Vec<Mail> {
        let mut mails = Vec::new();
        let seen = wait_until(PATIENCE, || {
            mails = self.mails();
            mails.len() >= n
        });
        assert!(seen, "{} of {n} mails came: {mails:#?}\nskep says:\n{}", mails.len(), skep.server.output());
        mails
    }
}

impl Mail {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let unfolded = self.text.split("\n\n").next()?.replace("\n ", " ");
        unfolded.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
    }

    pub(crate) fn body(&self) -> &str {
        self.text.split_once("\n\n").map_or("", |(_, body)| body)
    }
}

/// A real Alertmanager.
pub(crate) struct Alertmanager {
    pub(crate) port: u16,
    server: Server,
}

impl Alertmanager {
    pub(crate) fn start(folder: &Path) -> Option<Self> {
        let program = require("prometheus-alertmanager", "prometheus-alertmanager")?;
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("config.yml"), "route: {receiver: none}\nreceivers: [{name: none}]\n").unwrap();
        let port = free_port();
        let mut command = Command::new(program);
        command.arg(format!("--config.file={}", folder.join("config.yml").display()));
        command.arg(format!("--storage.path={}", folder.join("data").display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}")).arg("--cluster.listen-address=");
        let server = Server::start(&mut command, &folder.join("log")).unwrap();
        let alertmanager = Self { port, server };
        let ready = wait_until(PATIENCE, || alertmanager.get("/-/ready").is_some_and(|answer| answer.status == 200));
        assert!(ready, "Alertmanager did not come up: {}", alertmanager.server.output());
        Some(alertmanager)
    }

    fn get(&self, path: &str) -> Option<http::Answer> {
        http::get(([127, 0, 0, 1], self.port).into(), path).ok()
    }

    /// What it holds.
    pub(crate) fn alerts(&self) -> Vec<Value> {
        self.get("/api/v2/alerts").and_then(|answer| serde_json::from_str(&answer.body).ok()).unwrap_or_default()
    }
}
