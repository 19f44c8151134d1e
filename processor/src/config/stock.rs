//! The rules that are on without a rule file; compiled in, and shipped as files to read and to copy.

/// File name and text of each.
pub(super) const STOCK: [(&str, &str); 11] = [
    ("cpu.yaml", include_str!("../../../rules/cpu.yaml")),
    ("memory.yaml", include_str!("../../../rules/memory.yaml")),
    ("disk.yaml", include_str!("../../../rules/disk.yaml")),
    ("network.yaml", include_str!("../../../rules/network.yaml")),
    ("kernel.yaml", include_str!("../../../rules/kernel.yaml")),
    ("clock.yaml", include_str!("../../../rules/clock.yaml")),
    ("node.yaml", include_str!("../../../rules/node.yaml")),
    ("swarm.yaml", include_str!("../../../rules/swarm.yaml")),
    ("consul.yaml", include_str!("../../../rules/consul.yaml")),
    ("container.yaml", include_str!("../../../rules/container.yaml")),
    ("itself.yaml", include_str!("../../../rules/itself.yaml")),
];

const BEGINNING: &str = "<stock>/";

/// What a stock file is called among others.
pub(super) fn name_of(file: &str) -> String {
    format!("{BEGINNING}{file}")
}

/// Whether a file of this name is compiled in.
pub(super) fn is_stock(name: &str) -> bool {
    name.starts_with(BEGINNING)
}

/// The text of a stock file up to its tests, which production has no use for: most of the file is tests, and they come last.
pub(super) fn rules_of(text: &str) -> &str {
    text.find("\ntests:\n").and_then(|end| text.get(..=end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::super::mutants::without_tests;
    use super::*;

    #[test]
    fn the_tests_of_every_file_come_last() {
        for (name, text) in STOCK {
            assert_eq!(rules_of(text), without_tests(text), "{name}");
            assert!(rules_of(text).len() < text.len(), "{name}");
        }
    }
}
