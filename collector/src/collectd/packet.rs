//! collectd's binary protocol taken apart: a datagram is a row of parts, each with its kind, its length and what it says.
//!
//! Texts, times and numbers hold for all that follows until another takes their place; values and messages end an item.

use event::Timestamp;

/// Kind and length, two bytes each, both big-endian; the length counts itself.
pub(super) const HEADER: usize = 4;

/// Kinds of parts, as collectd's `network.h` numbers them.
pub(super) mod kind {
    pub(in crate::collectd) const HOST: u16 = 0x0000;
    pub(in crate::collectd) const TIME: u16 = 0x0001;
    pub(in crate::collectd) const PLUGIN: u16 = 0x0002;
    pub(in crate::collectd) const PLUGIN_INSTANCE: u16 = 0x0003;
    pub(in crate::collectd) const TYPE: u16 = 0x0004;
    pub(in crate::collectd) const TYPE_INSTANCE: u16 = 0x0005;
    pub(in crate::collectd) const VALUES: u16 = 0x0006;
    pub(in crate::collectd) const INTERVAL: u16 = 0x0007;
    pub(in crate::collectd) const TIME_HR: u16 = 0x0008;
    pub(in crate::collectd) const INTERVAL_HR: u16 = 0x0009;
    pub(in crate::collectd) const MESSAGE: u16 = 0x0100;
    pub(in crate::collectd) const SEVERITY: u16 = 0x0101;
}

/// Values of one list; collectd's own types have five at the most.
const MAX_VALUES: usize = 64;

/// Bytes of one name; collectd's own have 127 at the most unless it is built for more.
const MAX_NAME: usize = 255;

/// Bytes of a notification's text; collectd's own have 255 at the most.
const MAX_MESSAGE: usize = 4096;

/// Where a datagram stopped to be one of collectd's: cut, or something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Time and spans of time as collectd has them: 2^-30 s, since 1970 where it is a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticks(pub(super) u64);

impl Ticks {
    pub(super) const PER_SECOND: f64 = (1u64 << 30) as f64;

    fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1 << 30))
    }

    pub(super) fn as_secs_f64(self) -> f64 {
        self.0 as f64 / Self::PER_SECOND
    }

    /// Seconds from an earlier time.
    pub(super) fn secs_since(self, earlier: Self) -> f64 {
        Self(self.0.saturating_sub(earlier.0)).as_secs_f64()
    }

    /// To the nearest microsecond.
    pub(super) fn timestamp(self) -> Timestamp {
        let micros = (u128::from(self.0) * 1_000_000 + (1 << 29)) >> 30;
        Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

/// What values and notifications are about. Instances may be empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity<'a> {
    pub(super) host: &'a [u8],
    pub(super) plugin: &'a [u8],
    pub(super) plugin_instance: &'a [u8],
    pub(super) type_name: &'a [u8],
    pub(super) type_instance: &'a [u8],
}

/// One number, by the kind of its data source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// Only grows, and begins again at 0 when 32 or 64 bits are full.
    Counter(u64),
    Gauge(f64),
    /// Changes; its change counts.
    Derive(i64),
    /// A counter that each reading sets to 0.
    Absolute(u64),
}

/// The values of one identity at one time; at least one.
#[derive(Clone, Copy, Debug)]
pub(super) struct ValueList<'a> {
    pub(super) identity: Identity<'a>,
    pub(super) time: Ticks,
    /// Between two such lists; 0 when the sender does not say.
    pub(super) interval: Ticks,
    /// One byte a value, checked: 0 counter, 1 gauge, 2 derive, 3 absolute.
    pub(super) kinds: &'a [u8],
    numbers: &'a [u8],
}

impl<'a> ValueList<'a> {
    pub(super) fn values(&self) -> impl Iterator<Item = Value> + use<'a> {
        let numbers = self.numbers.as_chunks::<8>().0;
        self.kinds.iter().zip(numbers).filter_map(|(kind, bytes)| value(*kind, *bytes))
    }
}

/// Only gauges are little-endian.
fn value(kind: u8, bytes: [u8; 8]) -> Option<Value> {
    match kind {
        0 => Some(Value::Counter(u64::from_be_bytes(bytes))),
        1 => Some(Value::Gauge(f64::from_le_bytes(bytes))),
        2 => Some(Value::Derive(i64::from_be_bytes(bytes))),
        3 => Some(Value::Absolute(u64::from_be_bytes(bytes))),
        _ => None,
    }
}

/// Something happened, or a threshold was crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Notification<'a> {
    pub(super) identity: Identity<'a>,
    pub(super) time: Ticks,
    /// 1 failure, 2 warning, 4 okay.
    pub(super) severity: u64,
    pub(super) message: &'a [u8],
}

/// What a datagram tells.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item<'a> {
    Values(ValueList<'a>),
    Notification(Notification<'a>),
}

/// The items of a datagram; the first mistake ends them.
pub(super) fn items(datagram: &[u8]) -> Items<'_> {
    Items { rest: datagram, identity: Identity::default(), time: Ticks(0), interval: Ticks(0), severity: 0 }
}

/// Reads items off the front of a datagram.
#[derive(Debug)]
pub(super) struct Items<'a> {
    rest: &'a [u8],
    identity: Identity<'a>,
    time: Ticks,
    interval: Ticks,
    severity: u64,
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<Item<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            match self.part() {
                Ok(None) => {}
                Ok(Some(item)) => return Some(Ok(item)),
                Err(malformed) => {
                    self.rest = &[];
                    return Some(Err(malformed));
                }
            }
        }
        None
    }
}

impl<'a> Items<'a> {
    /// Takes one part; gives the item that it ends.
    fn part(&mut self) -> Result<Option<Item<'a>>, Malformed> {
        let (part, body, rest) = split(self.rest).ok_or(Malformed)?;
        self.rest = rest;
        match part {
            kind::HOST => self.identity.host = name(body)?,
            kind::PLUGIN => self.identity.plugin = name(body)?,
            kind::PLUGIN_INSTANCE => self.identity.plugin_instance = name(body)?,
            kind::TYPE => self.identity.type_name = name(body)?,
            kind::TYPE_INSTANCE => self.identity.type_instance = name(body)?,
            kind::TIME => self.time = Ticks::from_secs(number(body)?),
            kind::TIME_HR => self.time = Ticks(number(body)?),
            kind::INTERVAL => self.interval = Ticks::from_secs(number(body)?),
            kind::INTERVAL_HR => self.interval = Ticks(number(body)?),
            kind::SEVERITY => self.severity = number(body)?,
            kind::VALUES => return self.values(body).map(|list| Some(Item::Values(list))),
            kind::MESSAGE => return self.notification(body).map(|notification| Some(Item::Notification(notification))),
            // Newer senders may know more; a signature that nobody asks for is passed over too.
            _ => {}
        }
        Ok(None)
    }

    fn values(&self, body: &'a [u8]) -> Result<ValueList<'a>, Malformed> {
        let (count, rest) = body.split_first_chunk::<2>().ok_or(Malformed)?;
        let count = usize::from(u16::from_be_bytes(*count));
        let (kinds, numbers) = rest.split_at_checked(count).ok_or(Malformed)?;
        let is_sound = (1..=MAX_VALUES).contains(&count) && numbers.len() == 8 * count && kinds.iter().all(|kind| *kind <= 3);
        let Identity { host, plugin, type_name, .. } = self.identity;
        let is_named = ![host, plugin, type_name].contains(&[].as_slice());
        let list = ValueList { identity: self.identity, time: self.time, interval: self.interval, kinds, numbers };
        (is_sound && is_named && self.time != Ticks(0)).then_some(list).ok_or(Malformed)
    }

    fn notification(&self, body: &'a [u8]) -> Result<Notification<'a>, Malformed> {
        let message = text(body, MAX_MESSAGE)?;
        let is_sound = matches!(self.severity, 1 | 2 | 4) && self.time != Ticks(0) && !message.is_empty() && !self.identity.host.is_empty();
        let notification = Notification { identity: self.identity, time: self.time, severity: self.severity, message };
        is_sound.then_some(notification).ok_or(Malformed)
    }
}

/// The kind and the body of the first part, and what follows it.
pub(super) fn split(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (kind, after) = bytes.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*after.first_chunk::<2>()?));
    let (part, rest) = bytes.split_at_checked(length)?;
    Some((u16::from_be_bytes(*kind), part.get(HEADER..)?, rest))
}

fn name(body: &[u8]) -> Result<&[u8], Malformed> {
    text(body, MAX_NAME)
}

/// A text ends with a zero; none is within it.
fn text(body: &[u8], longest: usize) -> Result<&[u8], Malformed> {
    let text = body.strip_suffix(&[0]).ok_or(Malformed)?;
    (text.len() <= longest && !text.contains(&0)).then_some(text).ok_or(Malformed)
}

fn number(body: &[u8]) -> Result<u64, Malformed> {
    body.try_into().map(u64::from_be_bytes).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::written::Packet;
    use super::*;

    fn load() -> Packet {
        Packet::default().identity(["node1", "load", "", "load", ""]).at(1_795_332_000.155_547, 10.0)
    }

    fn read(bytes: &[u8]) -> Vec<Result<(Identity<'_>, Vec<Value>), Malformed>> {
        let mut found = Vec::new();
        for each in items(bytes) {
            match each {
                Ok(Item::Values(list)) => found.push(Ok((list.identity, list.values().collect()))),
                Ok(Item::Notification(_)) => {}
                Err(malformed) => found.push(Err(malformed)),
            }
        }
        found
    }

    #[test]
    fn a_datagram_of_collectds_bytes_is_read() {
        // Host, time, interval, plugin, type and three gauges, as collectd 5.12 writes them.
        let mut bytes = b"\x00\x00\x00\x0anode1\0".to_vec();
        bytes.extend_from_slice(b"\x00\x08\x00\x0c\x1a\xc0\xa9\x78\x09\xf4\x7b\x30");
        bytes.extend_from_slice(b"\x00\x09\x00\x0c\x00\x00\x00\x02\x80\x00\x00\x00");
        bytes.extend_from_slice(b"\x00\x02\x00\x09load\0\x00\x04\x00\x09load\0");
        bytes.extend_from_slice(b"\x00\x06\x00\x18\x00\x02\x01\x01");
        bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]);
        let Some(Ok(Item::Values(list))) = items(&bytes).next() else { panic!("no values") };
        assert_eq!(list.values().collect::<Vec<_>>(), [Value::Gauge(0.5), Value::Gauge(1.5)]);
        assert_eq!((list.identity.host, list.identity.plugin, list.identity.type_instance), (&b"node1"[..], &b"load"[..], &b""[..]));
        assert_eq!(list.interval.as_secs_f64(), 10.0);
        assert_eq!(list.time.timestamp().secs(), 0x1ac0_a978_09f4_7b30 >> 30);
    }

    #[test]
    fn what_was_said_holds_until_it_is_said_anew() {
        let packet = load().values(&[Value::Gauge(1.0)]).text(kind::TYPE_INSTANCE, "x").values(&[Value::Counter(2), Value::Derive(-3)]);
        let packet = packet.text(kind::TYPE_INSTANCE, "").number(kind::TIME, 60).values(&[Value::Absolute(4)]);
        let seen: Vec<_> =
            read(&packet.0).into_iter().map(|item| item.map(|(identity, values)| (identity.type_instance, values))).collect();
        let expected = [
            Ok((&b""[..], vec![Value::Gauge(1.0)])),
            Ok((&b"x"[..], vec![Value::Counter(2), Value::Derive(-3)])),
            Ok((&b""[..], vec![Value::Absolute(4)])),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_notification_is_read_with_its_severity() {
        let packet = load().notification(2, "load is 14").0;
        let Some(Ok(Item::Notification(notification))) = items(&packet).next() else { panic!("no notification") };
        assert_eq!((notification.severity, notification.message), (2, &b"load is 14"[..]));
        assert_eq!(notification.time.timestamp(), Timestamp::from_micros(1_795_332_000_155_547));
    }

    #[test]
    fn parts_of_kinds_that_nobody_knows_are_passed_over() {
        assert_eq!(read(&load().part(0x7777, b"anything").values(&[Value::Gauge(1.0)]).0).len(), 1);
    }

    #[track_caller]
    fn check_malformed(packet: Packet) {
        assert_eq!(read(&packet.0), [Err(Malformed)]);
    }

    #[test]
    fn what_is_no_datagram_of_collectds_is_refused_at_its_mistake() {
        let one = [Value::Gauge(1.0)];
        check_malformed(Packet(b"GET / HTTP/1.1\r\n\r\n".to_vec()));
        check_malformed(Packet(vec![0, 6, 0, 3]));
        check_malformed(Packet(vec![0]));
        check_malformed(load().part(kind::HOST, b"no zero at its end"));
        check_malformed(load().part(kind::HOST, b"zero\0within\0"));
        check_malformed(load().text(kind::HOST, &"x".repeat(256)));
        check_malformed(load().part(kind::TIME, &[1, 2, 3]));
        check_malformed(load().values(&[]));
        check_malformed(load().values(&[Value::Gauge(1.0); 65]));
        check_malformed(load().part(kind::VALUES, &[0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0]));
        check_malformed(load().part(kind::VALUES, &[0, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
        check_malformed(load().text(kind::HOST, "").values(&one));
        check_malformed(load().text(kind::TYPE, "").values(&one));
        check_malformed(load().number(kind::TIME, 0).values(&one));
        check_malformed(load().notification(3, "no such severity"));
        check_malformed(load().notification(1, ""));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = items(&bytes).count();
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0usize..200, byte: u8, cut in 0usize..200) {
            let mut bytes = load().values(&[Value::Gauge(1.0), Value::Derive(2)]).notification(1, "x").0;
            if let Some(old) = bytes.get_mut(at) {
                *old = byte;
            }
            bytes.truncate(cut);
            let _ = items(&bytes).filter_map(Result::ok).count();
        }

        #[test]
        fn values_come_back_as_they_were_put(counter: u64, gauge: f64, derive: i64, absolute: u64, names in prop::array::uniform5("[^\0]{1,60}")) {
            let values = [Value::Counter(counter), Value::Gauge(gauge), Value::Derive(derive), Value::Absolute(absolute)];
            let packet = Packet::default().identity(names.each_ref().map(String::as_str)).at(1e9, 1.0).values(&values).0;
            let Some(Ok(Item::Values(list))) = items(&packet).next() else { panic!("no values") };
            let identity = list.identity;
            let seen = [identity.host, identity.plugin, identity.plugin_instance, identity.type_name, identity.type_instance];
            prop_assert_eq!(seen, names.each_ref().map(String::as_bytes));
            prop_assert_eq!(list.values().map(|value| format!("{value:?}")).collect::<Vec<_>>(), values.map(|value| format!("{value:?}")));
        }
    }
}
