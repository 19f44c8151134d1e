//! What collectd's `write_riemann` sends, and what its released versions get wrong.
//!
//! collectd 5.12 ends an argument list too late (collectd #4050): in every other event it overwrites the service, the
//! state or the description by an empty text. The attributes are right, and the service was made of them.

use crate::Labels;

/// Appends the service that `write_riemann` makes of its attributes:
/// `plugin[-plugin_instance]/type[-type_instance]`, and `/ds_name` where the type has several data sources.
///
/// False, with nothing appended, for an event that is not collectd's. For those that came with an empty service.
pub fn service(labels: &Labels<'_>, out: &mut Vec<u8>) -> bool {
    let Some(parts) = Parts::of(labels) else { return false };
    out.extend_from_slice(parts.plugin);
    put_part(out, b'-', parts.plugin_instance);
    out.push(b'/');
    out.extend_from_slice(parts.kind);
    put_part(out, b'-', parts.type_instance);
    // A type with one data source calls it `value`; its name is left out (`AlwaysAppendDS false`, the default).
    put_part(out, b'/', parts.ds_name.filter(|name| *name != b"value"));
    true
}

fn put_part(out: &mut Vec<u8>, before: u8, part: Option<&[u8]>) {
    if let Some(part) = part {
        out.push(before);
        out.extend_from_slice(part);
    }
}

/// The attributes that an identifier is made of; none is empty.
struct Parts<'a> {
    plugin: &'a [u8],
    plugin_instance: Option<&'a [u8]>,
    kind: &'a [u8],
    type_instance: Option<&'a [u8]>,
    ds_name: Option<&'a [u8]>,
}

impl<'a> Parts<'a> {
    fn of(labels: &Labels<'a>) -> Option<Self> {
        let filled = |key: &[u8]| labels.attribute(key).filter(|value| !value.is_empty());
        Some(Self {
            plugin: filled(b"plugin")?,
            plugin_instance: filled(b"plugin_instance"),
            kind: filled(b"type")?,
            type_instance: filled(b"type_instance"),
            ds_name: filled(b"ds_name"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LabelsBuf;

    #[track_caller]
    fn check(attributes: &[(&str, &str)], expected: Option<&str>) {
        let mut labels = LabelsBuf::new();
        for (key, value) in attributes {
            labels.attribute(key.as_bytes(), value.as_bytes());
        }
        let mut out = Vec::new();
        let made = service(&labels.view(), &mut out);
        assert_eq!(made.then(|| String::from_utf8_lossy(&out).into_owned()).as_deref(), expected);
        assert_eq!(out.is_empty(), !made);
    }

    #[test]
    fn the_service_is_made_as_write_riemann_makes_it() {
        check(&[("plugin", "load"), ("type", "load"), ("ds_name", "shortterm")], Some("load/load/shortterm"));
        check(&[("plugin", "memory"), ("type", "memory"), ("ds_name", "value"), ("type_instance", "used")], Some("memory/memory-used"));
        check(
            &[("plugin", "interface"), ("type", "if_octets"), ("ds_name", "rx"), ("plugin_instance", "eth0")],
            Some("interface-eth0/if_octets/rx"),
        );
        check(
            &[("plugin", "cpu"), ("type", "cpu"), ("ds_name", "value"), ("plugin_instance", "0"), ("type_instance", "user")],
            Some("cpu-0/cpu-user"),
        );
    }

    #[test]
    fn a_notification_has_no_data_source() {
        check(&[("host", "node1"), ("plugin", "load"), ("type", "load"), ("DataSource", "shortterm")], Some("load/load"));
    }

    #[test]
    fn what_is_not_collectds_stays_without_service() {
        check(&[], None);
        check(&[("plugin", "load")], None);
        check(&[("plugin", ""), ("type", "load")], None);
        check(&[("type", "load"), ("ds_name", "value")], None);
    }
}
