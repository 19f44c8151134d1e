//! Mail by SMTP. Its Message-ID is the message's id, so that whoever gets it twice sees one; what it follows on is its thread.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls as Encryption, TlsParameters};
use lettre::{SmtpTransport, Transport as _};

use super::failure::Failure;
use super::secret;
use crate::notify::{Id, Letter, Mail, Tls};

/// How long each step of the conversation may take.
const WITHIN: Duration = Duration::from_secs(20);

/// Sends a mail.
pub(super) fn send(settings: &Mail, letter: &Letter, host: &str) -> Result<(), Failure> {
    let message = message(settings, letter, host).map_err(Failure::lasting)?;
    let transport = transport(settings, host).map_err(Failure::passing)?;
    match transport.send(&message) {
        Ok(_) => Ok(()),
        Err(error) if error.is_permanent() => Err(Failure::lasting(transport_reason(&error))),
        Err(error) => Err(Failure::passing(transport_reason(&error))),
    }
}

/// lettre's own sentence names the kind; its source says what it was.
fn transport_reason(error: &lettre::transport::smtp::Error) -> String {
    let inner = transport::innermost(error);
    let outer = error.to_string();
    if outer.contains(&inner) { outer } else { format!("{outer}: {inner}") }
}

fn message(settings: &Mail, letter: &Letter, host: &str) -> Result<Message, String> {
    let host = domain(host);
    let from = settings.from.clone().unwrap_or_else(|| format!("skep@{host}"));
    let id = |id: Id| format!("<{id}@skep.{host}>");
    let mut builder: MessageBuilder = Message::builder().from(mailbox(&from)?).subject(letter.subject()).message_id(Some(id(letter.id)));
    for to in &settings.to {
        builder = builder.to(mailbox(to)?);
    }
    if let Some(thread) = letter.thread {
        builder = builder.in_reply_to(id(thread)).references(id(thread));
    }
    builder.header(ContentType::TEXT_PLAIN).body(letter.text()).map_err(|error| format!("no mail could be made: {error}"))
}

fn mailbox(address: &str) -> Result<Mailbox, String> {
    address.parse().map_err(|error| format!("`{address}` is no address: {error}"))
}

/// A host's name with nothing that an address may not hold.
fn domain(host: &str) -> String {
    let name: String = host.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')).collect();
    if name.is_empty() { "localhost".to_owned() } else { name }
}

fn transport(settings: &Mail, host: &str) -> Result<SmtpTransport, String> {
    let (server, port) = settings.smtp.rsplit_once(':').unwrap_or((&settings.smtp, "25"));
    let port = port.parse().map_err(|_| format!("`{}` is not HOST:PORT", settings.smtp))?;
    let server = server.trim_matches(['[', ']']);
    let parameters = || parameters(settings, server);
    let tls = match settings.tls {
        Tls::Off => Encryption::None,
        Tls::Starttls => Encryption::Required(parameters()?),
        Tls::On => Encryption::Wrapper(parameters()?),
    };
    let hello = lettre::transport::smtp::extension::ClientId::Domain(domain(host));
    let mut builder = SmtpTransport::builder_dangerous(server).port(port).tls(tls).timeout(Some(WITHIN)).hello_name(hello);
    if let Some(user) = &settings.user {
        let password = settings.password_file.as_deref().map_or_else(|| Ok(String::new()), secret::read)?;
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    Ok(builder.build())
}

fn parameters(settings: &Mail, server: &str) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(server.to_owned());
    if let Some(path) = &settings.ca_file {
        let pem = secret::read(path)?;
        builder = builder
            .add_root_certificate(Certificate::from_pem(pem.as_bytes()).map_err(|error| format!("{path} holds no certificate: {error}"))?);
    }
    builder.build_rustls().map_err(|error| format!("TLS could not be set up: {error}"))
}
