//! This machine's name.

/// The name from the settings, or the kernel's host name.
pub(crate) fn name(from_settings: Option<String>) -> String {
    let kernel = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok().map(|name| name.trim().to_owned());
    from_settings.or_else(kernel).filter(|name| !name.is_empty()).unwrap_or_else(|| "localhost".to_owned())
}
