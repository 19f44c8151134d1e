//! The series of one measurement of one device: texts built once, then numbers put beside them each turn.

use std::array;
use std::cell::Cell;

use event::{LabelsBuf, Metric, Name, mark};

use crate::Samples;

/// `N` fields of a measurement, with the attributes that they share.
#[derive(Clone, Debug)]
pub struct Series<const N: usize> {
    labels: LabelsBuf,
    services: [String; N],
    /// Which of them are wanted; asked once.
    wanted: Cell<Option<[bool; N]>>,
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
        Self { labels, services, wanted: Cell::new(None) }
    }

    /// Writes the turn's values, in the order of the fields; those that are `None` are left out.
    pub fn put(&self, out: &mut Samples, values: [Option<Metric>; N]) {
        for ((service, value), is_wanted) in self.services.iter().zip(values).zip(self.wanted(out)) {
            if let Some(metric) = value.filter(|_| is_wanted) {
                out.metric(service, self.labels.view(), metric);
            }
        }
    }

    fn wanted(&self, out: &Samples) -> [bool; N] {
        self.wanted.get().unwrap_or_else(|| {
            let wanted = self.services.each_ref().map(|service| out.wants(service));
            self.wanted.set(Some(wanted));
            wanted
        })
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
    use event::{Event, Pattern, Timestamp, msg};

    use super::*;
    use crate::Lists;

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
    fn what_is_not_wanted_is_left_out_from_the_first_turn_on() {
        let lists = Lists { allow: Vec::new(), deny: vec![Pattern::new("net/err_*")] };
        let series = Series::of("net", "eth0", ["err_in", "err_out", "drop_in"], &[]);
        let mut samples = Samples::of_metrics("node1", lists);
        for secs in [60, 61] {
            samples.begin(Timestamp::from_secs(secs));
            series.put(&mut samples, [int(7), int(8), int(9)]);
            assert_eq!(samples.n_samples(), 1);
        }
    }

    #[test]
    fn numbers_that_do_not_fit_are_cut_or_left_out() {
        assert_eq!(int(u64::MAX), Some(Metric::Int(i64::MAX)));
        assert_eq!(float(f64::NAN), None);
    }
}
