//! Settings of the pages and the HTTP API: whether they are there, what may be changed by them, and who is let in.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::sink::influx::Secret;

/// The pages and the HTTP API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Web {
    /// No pages and no API of skep's own: what is left are metrics, health, and the paths of Riemann and InfluxDB.
    pub off: bool,
    /// Nothing is silenced, disabled, acknowledged or reloaded over HTTP.
    pub read_only: bool,
    /// Where Grafana is, without a `/` at the end, for links to longer ranges.
    pub grafana: Option<String>,
    /// Who is let in; `None`: everybody who can connect.
    pub auth: Option<Auth>,
}

/// Ways to be let in; any of them does. Without a single one nobody is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auth {
    /// A user with a password.
    pub basic: Option<Basic>,
    /// A token, as `Bearer`.
    pub bearer: Option<Secret>,
    /// A header that a proxy sets once it knows who asks.
    pub trusted_header: Option<TrustedHeader>,
}

impl Auth {
    /// Names of the ways that there are, as the settings have them.
    pub fn ways(&self) -> Vec<&'static str> {
        let all = [("basic", self.basic.is_some()), ("bearer", self.bearer.is_some()), ("trusted_header", self.trusted_header.is_some())];
        all.into_iter().filter_map(|(name, is_there)| is_there.then_some(name)).collect()
    }
}

/// A user with a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basic {
    /// The name.
    pub user: String,
    /// Of the file.
    pub password: Secret,
}

/// A header that is believed from some addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedHeader {
    /// In lower case.
    pub name: String,
    /// Where the proxies are.
    pub from: Vec<Network>,
}

/// Addresses that begin alike: `10.1.0.0/16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether an address is one of them; an IPv4 address in IPv6's clothes counts as what it is.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(self.prefix),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(self.prefix),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    /// An address, or one with the number of bits that count. All addresses of the world are no network to believe.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no network; write it like 10.1.0.0/16, or a single address");
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(all), str::parse).map_err(|_| wrong())?;
        match prefix {
            0 => Err(format!("`{text}` is the whole world: anybody could say to be let in; name the networks of your proxies")),
            prefix if prefix > all => Err(wrong()),
            prefix => Ok(Self { address, prefix }),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(network: &str, inside: &[&str], outside: &[&str]) {
        let network: Network = network.parse().unwrap();
        for (addresses, expected) in [(inside, true), (outside, false)] {
            for address in addresses {
                assert_eq!(network.contains(address.parse().unwrap()), expected, "{address} in {network}");
            }
        }
    }

    #[test]
    fn a_network_holds_what_begins_alike() {
        check("10.1.0.0/16", &["10.1.2.3", "::ffff:10.1.2.3"], &["10.2.0.1", "::1"]);
        check("127.0.0.1", &["127.0.0.1"], &["127.0.0.2"]);
        check("fd00::/8", &["fd12::1"], &["fe80::1", "10.0.0.1"]);
        check("10.1.2.3/31", &["10.1.2.2", "10.1.2.3"], &["10.1.2.4"]);
    }

    #[test]
    fn what_is_no_network_is_said() {
        for wrong in ["10.1", "10.1.0.0/33", "proxy", "10.0.0.0/", "10.0.0.0/x", ""] {
            let said = wrong.parse::<Network>().unwrap_err();
            assert_eq!(said, format!("`{wrong}` is no network; write it like 10.1.0.0/16, or a single address"));
        }
        assert!("0.0.0.0/0".parse::<Network>().unwrap_err().contains("the whole world"));
    }
}
