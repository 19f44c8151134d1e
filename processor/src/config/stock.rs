//! The rules that are on without a rule file; compiled in, and shipped as files to read and to copy.

/// File name and text of each.
pub(super) const STOCK: [(&str, &str); 4] = [
    ("cpu.yaml", include_str!("../../../rules/cpu.yaml")),
    ("memory.yaml", include_str!("../../../rules/memory.yaml")),
    ("disk.yaml", include_str!("../../../rules/disk.yaml")),
    ("clock.yaml", include_str!("../../../rules/clock.yaml")),
];
