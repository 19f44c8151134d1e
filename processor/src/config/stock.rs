//! The rules that are on without a rule file; compiled in, and shipped as files to read and to copy.

/// File name and text of each.
pub(super) const STOCK: [(&str, &str); 10] = [
    ("cpu.yaml", include_str!("../../../rules/cpu.yaml")),
    ("memory.yaml", include_str!("../../../rules/memory.yaml")),
    ("disk.yaml", include_str!("../../../rules/disk.yaml")),
    ("network.yaml", include_str!("../../../rules/network.yaml")),
    ("kernel.yaml", include_str!("../../../rules/kernel.yaml")),
    ("clock.yaml", include_str!("../../../rules/clock.yaml")),
    ("node.yaml", include_str!("../../../rules/node.yaml")),
    ("swarm.yaml", include_str!("../../../rules/swarm.yaml")),
    ("container.yaml", include_str!("../../../rules/container.yaml")),
    ("itself.yaml", include_str!("../../../rules/itself.yaml")),
];
