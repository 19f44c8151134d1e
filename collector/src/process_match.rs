//! Which processes are measured, and the name that they are added up under.

use regex::bytes::{Regex, RegexBuilder};

/// Bytes that a compiled expression may take.
const REGEX_BYTES: usize = 1 << 20;

/// The kernel keeps so much of a process' name.
const NAME_BYTES: usize = 15;

/// The most that one collector measures.
pub const MAX_MATCHES: usize = 32;

/// A choice of processes.
#[derive(Clone, Debug)]
pub struct ProcessMatch {
    name: String,
    /// `None`: by the name itself.
    command: Option<Regex>,
}

impl ProcessMatch {
    /// Those of this name, as the kernel has it: `nginx`.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), command: None }
    }

    /// Those whose command line, its words joined by blanks, holds what the expression describes; they are told under `name`.
    ///
    /// # Errors
    /// When it is no regular expression, or too large a one.
    pub fn by_command(expression: &str, name: &str) -> Result<Self, regex::Error> {
        let command = RegexBuilder::new(expression).size_limit(REGEX_BYTES).build()?;
        Ok(Self { name: name.to_owned(), command: Some(command) })
    }

    /// What they are told under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is such a process. A thread of the kernel has no command line and no expression finds it.
    pub fn matches(&self, name: &[u8], command: &[u8]) -> bool {
        match &self.command {
            None => name == self.name.as_bytes().get(..NAME_BYTES).unwrap_or(self.name.as_bytes()),
            Some(command_line) => !command.is_empty() && command_line.is_match(command),
        }
    }
}

impl PartialEq for ProcessMatch {
    fn eq(&self, other: &Self) -> bool {
        let text = |of: &Self| of.command.as_ref().map(|regex| regex.as_str().to_owned());
        self.name == other.name && text(self) == text(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_compared_as_far_as_the_kernel_keeps_it() {
        let long = ProcessMatch::named("docker-containerd-shim");
        assert!(long.matches(b"docker-containe", b"") && !long.matches(b"docker", b"docker-containerd-shim"));
        assert!(ProcessMatch::named("nginx").matches(b"nginx", b"nginx: worker") && !ProcessMatch::named("nginx").matches(b"nginx2", b""));
    }

    #[test]
    fn an_expression_looks_at_the_command_line() {
        let web = ProcessMatch::by_command(r"^python3? .*\bweb\.py\b", "web").unwrap();
        assert!(web.matches(b"python3", b"python3 /srv/web.py") && !web.matches(b"web.py", b"sh web.py"));
        assert!(!ProcessMatch::by_command(".*", "all").unwrap().matches(b"kthreadd", b""));
        ProcessMatch::by_command("(", "x").unwrap_err();
        ProcessMatch::by_command(r"(\w{1000}){1000}", "x").unwrap_err();
    }
}
