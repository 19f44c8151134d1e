//! Which of our metrics node_exporter and cAdvisor have too, and what these call them.

mod container;
mod host;

pub use container::CONTAINERS;
pub use host::HOST;

/// A metric under Prometheus' name for it. Rows of one name stand together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exported {
    /// Of node_exporter, where it begins with `node_`; of cAdvisor otherwise.
    pub name: &'static str,
    /// Ours.
    pub measurement: &'static str,
    /// Ours.
    pub field: &'static str,
    /// The one instance that it is of, whose attributes are then no labels; `None`: each.
    pub instance: Option<&'static str>,
    /// How the value is made of ours.
    pub value: Value,
    /// Labels that are the same for all of the row.
    pub labels: &'static [(&'static str, &'static str)],
    /// One sentence; `None`: that of our metric.
    pub about: Option<&'static str>,
}

/// How a value is made of ours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// It is the same.
    Same,
    /// Ours in a smaller unit: so many to one.
    Per(f64),
    /// Ours in a larger unit: so many of one.
    Times(f64),
    /// Ours is a part; parts with the same labels are added up.
    Part,
    /// The time of our sample, in seconds.
    Time,
    /// 1, with the host's name as the label `nodename`.
    Node,
}

/// A label made of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Ours.
    pub attribute: &'static str,
    /// Prometheus'.
    pub label: &'static str,
    /// What ours begins with and theirs does not.
    pub prefix: &'static str,
}

const fn label(attribute: &'static str, label: &'static str) -> Label {
    Label { attribute, label, prefix: "" }
}

/// Of what a container is called, in the order of cAdvisor's labels.
const CONTAINER: [Label; 5] = [
    label("swarm_stack", "container_label_com_docker_stack_namespace"),
    label("swarm_service", "container_label_com_docker_swarm_service_name"),
    label("container_name", "name"),
    label("interface", "interface"),
    label("device", "device"),
];

/// The labels of a measurement.
pub fn labels(measurement: &str) -> &'static [Label] {
    const CPU: &[Label] = &[Label { attribute: "cpu", label: "cpu", prefix: "cpu" }];
    const DISK: &[Label] = &[label("device", "device"), label("fstype", "fstype"), label("path", "mountpoint")];
    const DISKIO: &[Label] = &[label("name", "device")];
    const NET: &[Label] = &[label("interface", "device")];
    match measurement {
        "cpu" | "linux_cpu" => CPU,
        "disk" => DISK,
        "diskio" => DISKIO,
        "net" => NET,
        name if name.starts_with("docker_container_") => &CONTAINER,
        _ => &[],
    }
}

const fn same(name: &'static str, measurement: &'static str, field: &'static str) -> Exported {
    Exported { name, measurement, field, instance: None, value: Value::Same, labels: &[], about: None }
}

impl Exported {
    const fn per(self, units: f64) -> Self {
        Self { value: Value::Per(units), ..self }
    }

    const fn times(self, units: f64) -> Self {
        Self { value: Value::Times(units), ..self }
    }

    const fn part(self) -> Self {
        Self { value: Value::Part, ..self }
    }

    const fn time(self) -> Self {
        Self { value: Value::Time, ..self }
    }

    const fn node(self) -> Self {
        Self { value: Value::Node, ..self }
    }

    const fn of(self, instance: &'static str) -> Self {
        Self { instance: Some(instance), ..self }
    }

    const fn with(self, labels: &'static [(&'static str, &'static str)]) -> Self {
        Self { labels, ..self }
    }

    const fn about(self, about: &'static str) -> Self {
        Self { about: Some(about), ..self }
    }
}
