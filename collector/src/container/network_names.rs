//! Which of Docker's networks an interface belongs to. Docker does not say; the routing table does.

use std::net::Ipv4Addr;

/// A container's address in one of Docker's networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The network's name: `ingress`, `shop_default`.
    pub network: String,
    /// The container's address in it.
    pub address: Ipv4Addr,
}

/// The interface's network: that of the address which lies in a subnet that the interface is in.
/// `routes` is `/proc/PID/net/route`.
pub(super) fn network<'a>(routes: &str, interface: &str, attachments: &'a [Attachment]) -> Option<&'a str> {
    let subnets = || routes.lines().filter_map(subnet).filter(|(found, ..)| *found == interface);
    let is_in = |address: Ipv4Addr| subnets().any(|(_, subnet, mask)| u32::from(address) & mask == subnet);
    attachments.iter().find(|attachment| is_in(attachment.address)).map(|attachment| attachment.network.as_str())
}

/// Whether an address lies in a subnet that one of the interfaces is in.
pub(super) fn is_direct(routes: &str, address: Ipv4Addr) -> bool {
    routes.lines().filter_map(subnet).any(|(_, subnet, mask)| u32::from(address) & mask == subnet)
}

/// Interface, subnet and mask of a line `IFACE DESTINATION GATEWAY FLAGS REFCNT USE METRIC MASK …`, where there is no gateway.
fn subnet(line: &str) -> Option<(&str, u32, u32)> {
    let mut words = line.split_ascii_whitespace();
    let (interface, destination, gateway) = (words.next()?, address(words.next()?)?, address(words.next()?)?);
    let mask = address(words.nth(4)?)?;
    (gateway == 0 && mask != 0).then_some((interface, destination, mask))
}

/// The kernel prints the four bytes of an address as the number that they are in its own memory.
fn address(hexadecimal: &str) -> Option<u32> {
    u32::from_str_radix(hexadecimal, 16).ok().map(|number| u32::from_be_bytes(number.to_ne_bytes()))
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A task with a published port, in an overlay network.
    const ROUTES: &str = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                 \n\
        eth2\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\t0\t0\t0                    \n\
        eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0                    \n\
        eth1\t0001000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0                    \n\
        eth2\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0                    \n";

    #[track_caller]
    fn check(interface: &str, expected: Option<&str>) {
        let attachments = [("ingress", [10, 0, 0, 7]), ("shop_default", [10, 0, 1, 3])]
            .map(|(network, address)| Attachment { network: network.to_owned(), address: Ipv4Addr::from(address) });
        assert_eq!(network(ROUTES, interface, &attachments), expected);
    }

    #[test]
    fn an_interface_is_in_the_network_whose_address_its_subnet_holds() {
        check("eth0", Some("ingress"));
        check("eth1", Some("shop_default"));
    }

    #[test]
    fn an_interface_of_which_docker_says_nothing_is_in_none() {
        check("eth2", None);
        check("eth9", None);
    }

    #[test]
    fn an_address_is_direct_when_no_gateway_stands_before_it() {
        let seen = [[10, 0, 1, 9], [172, 18, 3, 4], [10, 0, 2, 1], [8, 8, 8, 8]].map(|address| is_direct(ROUTES, Ipv4Addr::from(address)));
        assert_eq!(seen, [true, true, false, false]);
    }

    #[test]
    fn a_default_route_holds_no_address() {
        let attachments = [Attachment { network: "a".to_owned(), address: Ipv4Addr::new(10, 0, 0, 7) }];
        assert_eq!(network("eth0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n", "eth0", &attachments), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([a-z0-9A-F\t]{0,60}\n?){0,5}|\\PC{0,60}") {
            network(&text, "eth0", &[Attachment { network: "a".to_owned(), address: Ipv4Addr::LOCALHOST }]);
        }
    }
}
