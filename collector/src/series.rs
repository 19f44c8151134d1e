//! The series of one measurement of one device: texts built once, then numbers put beside them each turn.

use std::array;

use event::{LabelsBuf, Metric, Name, mark};

use crate::Samples;

/// `N` fields of a measurement, with the attributes that they share.
#[derive(Clone, Debug)]
pub struct Series<const N: usize> {
    labels: LabelsBuf,
    services: [String; N],
}

impl<const N: usize> Series<N> {
    /// Of a measurement of which there is one.
    pub fn plain(measurement: &str, fields: [&str; N]) -> Self {
        Self::new(measurement, None, fields, &[])
    }

    /// Of one instance of it, with its attributes.
    pub fn of(measurement: &str, instance: &str, fields: [&str; N], attributes: &[(&str, &str)]) -> Self {
        Self::new(measurement, Some(instance), fields, attributes)
    }

    /// With or without an instance.
    pub fn new(measurement: &str, instance: Option<&str>, fields: [&str; N], attributes: &[(&str, &str)]) -> Self {
        let mut labels = LabelsBuf::new();
        labels.mark(mark::SKEP);
        for (key, value) in attributes {
            labels.attribute(key.as_bytes(), value.as_bytes());
        }
        let services = array::from_fn(|index| {
            let field = fields.get(index).copied().unwrap_or_default();
            Name { measurement, instance, field }.to_string()
        });
        Self { labels, services }
    }

    /// Writes the turn's values, in the order of the fields; those that are `None` are left out.
    pub fn put(&self, out: &mut Samples, values: [Option<Metric>; N]) {
        for (service, value) in self.services.iter().zip(values) {
            if let Some(metric) = value {
                out.metric(service, self.labels.view(), metric);
            }
        }
    }
}

/// A counter or a size; beyond `i64` it stays at the end of the range.
pub fn int(value: u64) -> Option<Metric> {
    Some(Metric::Int(i64::try_from(value).unwrap_or(i64::MAX)))
}

/// A percentage, a rate or a ratio; `None` when it is no number.
pub fn float(value: f64) -> Option<Metric> {
    Metric::float(value)
}

#[cfg(test)]
mod tests {
    use event::{Event, Timestamp, msg};

    use super::*;

    #[test]
    fn values_stand_beside_their_fields_and_absent_ones_are_left_out() {
        let series = Series::of("net", "eth0", ["err_in", "err_out", "drop_in"], &[("interface", "eth0")]);
        let mut samples = Samples::new("node1");
        samples.begin(Timestamp::from_secs(60));
        series.put(&mut samples, [int(7), None, float(0.5)]);
        let seen: Vec<Event> = samples.messages().flat_map(msg::events).map(|view| Event::from(&view)).collect();
        let services: Vec<_> = seen.iter().map(|event| (event.service.as_deref(), event.metric)).collect();
        assert_eq!(services, [(Some("net/eth0/err_in"), int(7)), (Some("net/eth0/drop_in"), float(0.5))]);
        assert_eq!(seen[0].attributes, [("interface".to_owned(), "eth0".to_owned())]);
        assert_eq!(seen[0].marks, ["skep"]);
    }

    #[test]
    fn numbers_that_do_not_fit_are_cut_or_left_out() {
        assert_eq!(int(u64::MAX), Some(Metric::Int(i64::MAX)));
        assert_eq!(float(f64::NAN), None);
    }
}
