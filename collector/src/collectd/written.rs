//! Tests only: datagrams put together as collectd does.

use aes::Aes256Enc;
use aes::cipher::KeyInit;
use ring::{digest, hmac};

use super::packet::{HEADER, Ticks, Value, kind};
use super::seal::{ENCRYPTED, SIGNED, output_feedback};

/// Parts, one after the other.
#[derive(Clone, Default)]
pub(super) struct Packet(pub(super) Vec<u8>);

impl Packet {
    pub(super) fn part(mut self, kind: u16, body: &[u8]) -> Self {
        let length = u16::try_from(HEADER + body.len()).unwrap();
        self.0.extend_from_slice(&kind.to_be_bytes());
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(body);
        self
    }

    pub(super) fn text(self, kind: u16, text: &str) -> Self {
        self.part(kind, &[text.as_bytes(), &[0]].concat())
    }

    pub(super) fn number(self, kind: u16, number: u64) -> Self {
        self.part(kind, &number.to_be_bytes())
    }

    /// `[host, plugin, plugin_instance, type, type_instance]`
    pub(super) fn identity(self, names: [&str; 5]) -> Self {
        let kinds = [kind::HOST, kind::PLUGIN, kind::PLUGIN_INSTANCE, kind::TYPE, kind::TYPE_INSTANCE];
        kinds.into_iter().zip(names).fold(self, |packet, (kind, name)| packet.text(kind, name))
    }

    /// In seconds since 1970 and seconds.
    pub(super) fn at(self, time: f64, interval: f64) -> Self {
        let ticks = |secs: f64| (secs * Ticks::PER_SECOND) as u64;
        self.number(kind::TIME_HR, ticks(time)).number(kind::INTERVAL_HR, ticks(interval))
    }

    pub(super) fn values(self, values: &[Value]) -> Self {
        let mut body = u16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
        body.extend(values.iter().map(|value| match value {
            Value::Counter(_) => 0,
            Value::Gauge(_) => 1,
            Value::Derive(_) => 2,
            Value::Absolute(_) => 3,
        }));
        for value in values {
            body.extend_from_slice(&match *value {
                Value::Counter(number) | Value::Absolute(number) => number.to_be_bytes(),
                Value::Gauge(number) => number.to_le_bytes(),
                Value::Derive(number) => number.to_be_bytes(),
            });
        }
        self.part(kind::VALUES, &body)
    }

    pub(super) fn notification(self, severity: u64, message: &str) -> Self {
        self.number(kind::SEVERITY, severity).text(kind::MESSAGE, message)
    }
}

/// Signs as collectd does.
pub(super) fn sign(content: &[u8], user: &str, password: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, password.as_bytes());
    let mac = hmac::sign(&key, &[user.as_bytes(), content].concat());
    let head = Packet::default().part(SIGNED, &[mac.as_ref(), user.as_bytes()].concat()).0;
    [&head, content].concat()
}

/// Encrypts as collectd does.
pub(super) fn encrypt(content: &[u8], user: &str, password: &str) -> Vec<u8> {
    let iv = *b"0123456789abcdef";
    let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, content);
    let mut sealed = [sum.as_ref(), content].concat();
    let hash = digest::digest(&digest::SHA256, password.as_bytes());
    output_feedback(&Aes256Enc::new_from_slice(hash.as_ref()).unwrap(), iv, &mut sealed);
    let length = u16::try_from(user.len()).unwrap().to_be_bytes();
    Packet::default().part(ENCRYPTED, &[&length, user.as_bytes(), &iv, &sealed].concat()).0
}
