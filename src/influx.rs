//! `skep influx setup` and `skep doctor`: an InfluxDB made ready, and looked at.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use event::Duration;
use processor::config::Secrets;
use processor::sink::influx::admin::{self, Health, Login, Outcome, Step, Wish};
use processor::sink::influx::{Secret, Settings};
use serde_json::json;

use crate::cli::{DoctorOptions, InfluxAction, InfluxOptions, Server, SetupOptions};
use crate::configured::{self, Refused};
use crate::{clock, influx_url, node};

/// Makes what is missing, and prints it step by step.
///
/// # Errors
/// When files cannot be read or written, or the address is none.
pub(crate) fn run(options: &InfluxOptions) -> anyhow::Result<ExitCode> {
    let InfluxAction::Setup(options) = &options.action;
    configured::conclude(setup(options))
}

fn setup(options: &SetupOptions) -> Result<ExitCode, Refused> {
    let (settings, _) = server(&options.server)?;
    let retention = options.retention.as_deref().map(duration).transpose()?;
    let wish = Wish {
        settings,
        admin: options.admin.clone(),
        password: options.admin_password_file.as_deref().map(secret).transpose()?,
        token: options.admin_token_file.as_deref().map(secret).transpose()?,
        retention,
    };
    fs::create_dir_all(&options.secrets).with_context(|| format!("could not make {}", options.secrets.display()))?;
    let made = runtime()?.block_on(admin::setup(wish)).map_err(anyhow::Error::from)?;
    let mut out = io::stdout().lock();
    for Step { what, outcome } in &made.steps {
        let written = match outcome {
            Outcome::Done => writeln!(out, "made     {what}"),
            Outcome::Already => writeln!(out, "is there {what}"),
            Outcome::Failed(why) => writeln!(out, "REFUSED  {what}: {why}"),
        };
        written.map_err(anyhow::Error::from)?;
    }
    for login in &made.logins {
        let path = keep(&options.secrets, login)?;
        let user = login.user.as_ref().map(|user| format!("password of `{user}`")).unwrap_or_else(|| format!("token ({})", login.role));
        writeln!(out, "kept     {user} in {}", path.display()).map_err(anyhow::Error::from)?;
    }
    Ok(if made.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes a secret into a file of its own, for its owner alone.
fn keep(folder: &Path, login: &Login) -> anyhow::Result<PathBuf> {
    let path = folder.join(format!("influx-{}", login.role));
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
    let written = file.and_then(|mut file| file.write_all(login.secret.0.as_bytes()));
    written.with_context(|| format!("could not write {}", path.display()))?;
    Ok(path)
}

/// Looks at the InfluxDB, and prints what was found.
///
/// # Errors
/// When there is none in the settings, or its address is none.
pub(crate) fn doctor(options: &DoctorOptions) -> anyhow::Result<ExitCode> {
    configured::conclude(look(options))
}

fn look(options: &DoctorOptions) -> Result<ExitCode, Refused> {
    let (settings, host) = server(&options.server)?;
    let checks = runtime()?.block_on(admin::doctor(settings, clock::now(), &host)).map_err(anyhow::Error::from)?;
    let mut out = io::stdout().lock();
    for check in &checks {
        let (health, millis) = (name(check.health), check.micros as f64 / 1000.0);
        let written = if options.json {
            writeln!(out, "{}", json!({ "check": check.name, "health": health, "text": check.text, "ms": millis }))
        } else {
            writeln!(out, "{health:4}  {:9}  {:7.1} ms  {}", check.name, millis, check.text)
        };
        written.map_err(anyhow::Error::from)?;
    }
    let is_bad = checks.iter().any(|check| check.health == Health::Bad);
    Ok(if is_bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn name(health: Health) -> &'static str {
    match health {
        Health::Well => "ok",
        Health::Odd => "look",
        Health::Bad => "BAD",
    }
}

/// The server of flags and file, and this machine's name.
fn server(server: &Server) -> Result<(Settings, String), Refused> {
    let settings = configured::settings(&server.common, Secrets::Needed)?;
    let file = settings.processor.influx.clone();
    let influx = match &server.influx {
        Some(url) => influx_url::apply(url, file)?,
        None => file.ok_or_else(|| anyhow!("no InfluxDB is named; give --influx URL, or `processor.influx.url` in the settings"))?,
    };
    Ok((influx.in_folder(""), node::name(settings.collector.host)))
}

fn secret(path: &Path) -> anyhow::Result<Secret> {
    let text = fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    Ok(Secret(text.trim().to_owned()))
}

fn duration(text: &str) -> anyhow::Result<Duration> {
    Duration::parse(text).map_err(|_| anyhow!("`{text}` is no duration; write 30d, 12h or 90m"))
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
