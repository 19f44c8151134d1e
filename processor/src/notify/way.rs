//! How a notifier tells: the ways out of the house, as the rules name them.

use event::Duration;

use super::Form;

use super::Kind;

/// How a notifier tells; each way keeps, sends and counts by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// A mail.
    Mail(Mail),
    /// A POST to a URL.
    Webhook(Webhook),
    /// An event for `PagerDuty`.
    Pagerduty(Pagerduty),
    /// Alerts for Prometheus' Alertmanager.
    Alertmanager(Alertmanager),
    /// A message in a chat of Telegram.
    Telegram(Telegram),
    /// A program that is run.
    Exec(Exec),
}

/// A text that stands in the rules, or in a file of its own where not everybody shall read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// This very text.
    Here(String),
    /// The path of a file that holds it; read each time, so that it may change.
    File(String),
}

/// Mail by SMTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Addresses.
    pub to: Vec<String>,
    /// The sender's address.
    pub from: Option<String>,
    /// HOST:PORT of the mail server.
    pub smtp: String,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Who logs in.
    pub user: Option<String>,
    /// The file of that user's password.
    pub password_file: Option<String>,
    /// A file of certificates (PEM) that are trusted beside the usual ones.
    pub ca_file: Option<String>,
}

/// How the connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    Off,
    /// After a greeting in the clear; without it nothing is sent.
    Starttls,
    /// From the first byte on.
    On,
}

/// A request to a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Where.
    pub url: Given,
    /// How.
    pub method: Method,
    /// Further headers.
    pub headers: Vec<(String, Given)>,
    /// What the body is said to be.
    pub content_type: String,
    /// What the body looks like.
    pub body: Body,
    /// Who logs in (HTTP's basic authentication).
    pub login: Option<Login>,
    /// A file of certificates (PEM): who must have signed the server's, instead of the usual authorities.
    pub ca_file: Option<String>,
}

/// How a webhook is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// POST.
    #[default]
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
}

/// A user and the file of the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    /// Read each time.
    pub password_file: String,
}

/// A webhook's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// As a service wants it.
    Preset(Preset),
    /// As the user wrote it.
    Own(Form),
}

impl Default for Body {
    fn default() -> Self {
        Self::Preset(Preset::default())
    }
}

/// The forms of a webhook's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// All that there is, as JSON.
    #[default]
    Json,
    /// Slack, Mattermost, Rocket.Chat.
    Slack,
    /// Microsoft Teams, through a workflow.
    Teams,
    /// Discord.
    Discord,
    /// ntfy.
    Ntfy,
}

impl Preset {
    /// Their names in the rules.
    pub const NAMES: [&'static str; 5] = ["json", "slack", "teams", "discord", "ntfy"];

    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::Json, Self::Slack, Self::Teams, Self::Discord, Self::Ntfy];
        Self::NAMES.into_iter().zip(all).find(|(known, _)| *known == name).map(|(_, preset)| preset)
    }
}

/// `PagerDuty`'s Events API, version 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pagerduty {
    /// The file of the service's integration key.
    pub routing_key_file: String,
    /// Where its API is.
    pub url: String,
}

/// An Alertmanager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alertmanager {
    /// Where it is, without `/api`.
    pub url: String,
}

/// A chat of Telegram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telegram {
    /// The file of the bot's token.
    pub token_file: String,
    /// The chat's number, or `@name`.
    pub chat: String,
    /// Where its API is.
    pub url: String,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// Its path and arguments.
    pub command: Vec<String>,
    /// It is killed, with all that it started, when it takes longer.
    pub timeout: Duration,
}

impl Way {
    /// Whether the other side takes what it was told for open until it is told of the end.
    pub fn keeps_state(&self) -> bool {
        match self {
            Self::Pagerduty(_) | Self::Alertmanager(_) => true,
            Self::Mail(_) | Self::Webhook(_) | Self::Telegram(_) | Self::Exec(_) => false,
        }
    }

    /// Whether it takes messages of this kind.
    pub fn hears(&self, kind: Kind) -> bool {
        kind != Kind::End || self.keeps_state()
    }

    /// As the rules call it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
            Self::Webhook(_) => "webhook",
            Self::Pagerduty(_) => "pagerduty",
            Self::Alertmanager(_) => "alertmanager",
            Self::Telegram(_) => "telegram",
            Self::Exec(_) => "exec",
        }
    }
}
