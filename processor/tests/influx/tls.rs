//! A server behind https that wants to see a certificate.

use std::path::PathBuf;
use std::sync::Arc;

use processor::sink::influx::{self, Settings, Tls};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto};
use transport::tls::{certificates, private_key};

use crate::fake::Fake;
use crate::feed::{Feed, of, settings};

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

/// A server that lets in whom the tests' authority has signed.
fn start() -> Fake {
    let provider = Arc::new(crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(certificates(&file("ca.pem")).unwrap().remove(0)).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates(&file("server.pem")).unwrap(), private_key(&file("server.key")).unwrap())
        .unwrap();
    Fake::start_with(Some(Arc::new(config).into()), |_, _| (204, Vec::new(), String::new()))
}

/// A server that lets in everybody.
pub(crate) fn acceptor() -> tokio_rustls::TlsAcceptor {
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates(&file("server.pem")).unwrap(), private_key(&file("server.key")).unwrap())
        .unwrap();
    Arc::new(config).into()
}

/// Trust in the tests' authority alone.
pub(crate) fn trusting() -> Tls {
    Tls { ca: Some(file("ca.pem")), and_usual: false, identity: None }
}

fn settings_of(fake: &Fake, tls: Tls) -> (Settings, tempfile::TempDir) {
    let (settings, folder) = settings(format!("https://localhost:{}?db=x", fake.address.port()));
    (Settings { tls, ..settings }, folder)
}

fn identity() -> Option<(PathBuf, PathBuf)> {
    Some((file("client.pem"), file("client.key")))
}

#[test]
fn a_private_authority_and_a_certificate_of_our_own_open_the_door() {
    let fake = start();
    let (settings, _folder) = settings_of(&fake, Tls { ca: Some(file("ca.pem")), and_usual: false, identity: identity() });
    let mut feed = Feed::open(settings);
    feed.second(0);
    feed.wait_until_safe();
    assert_eq!(of(&feed.handle.counters().lines_written), 1);
}

#[test]
fn without_either_the_points_are_kept_and_the_reason_told() {
    let fake = start();
    for (tls, reason) in [
        (Tls { ca: None, and_usual: false, identity: identity() }, "UnknownIssuer"),
        (Tls { ca: Some(file("ca.pem")), and_usual: false, identity: None }, "ertificate"),
    ] {
        let (settings, _folder) = settings_of(&fake, tls);
        let mut feed = Feed::open(settings);
        feed.second(0);
        feed.wait_for_status(reason);
        assert_eq!(of(&feed.close().counters().lines_spooled), 1);
    }
    assert!(fake.asked().is_empty());
}

#[test]
fn a_file_that_holds_no_certificate_is_named_at_the_start() {
    let fake = start();
    let (settings, _folder) = settings_of(&fake, Tls { ca: Some(file("README.md")), and_usual: false, identity: None });
    let error = influx::open(settings).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("README.md: it holds no certificate"), "{source}");
}
