//! Settings of the listener for collectd's protocol, with the files that they name read.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use collector::collectd::{Mistake, Security, Settings, Types, Users};
use processor::settings;

/// What the collector is told.
///
/// # Errors
/// A file that cannot be read, or lines of it that are none of theirs: all of them.
pub(crate) fn settings(file: &settings::Collectd) -> anyhow::Result<Settings> {
    let security = match file.security {
        settings::Security::None => Security::None,
        settings::Security::Sign => Security::Sign,
        settings::Security::Encrypt => Security::Encrypt,
    };
    let users = file.users.as_deref().map_or_else(|| Ok(Users::default()), users)?;
    if users.is_empty() && security != Security::None {
        let path = file.users.as_deref().unwrap_or(Path::new("")).display();
        anyhow::bail!("{path} (collector.collectd.users) has no user; write lines `user: password`");
    }
    let mut types = Types::default();
    for path in &file.types {
        let text = read(path, "types")?;
        types.add(&text).map_err(|mistakes| told(path, "types", &mistakes))?;
    }
    Ok(Settings { listen: file.listen, security, users, types, max_series: file.max_series })
}

fn users(path: &Path) -> anyhow::Result<Users> {
    Users::parse(&read(path, "users")?).map_err(|mistakes| told(path, "users", &mistakes))
}

fn read(path: &Path, key: &str) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("could not read {} (collector.collectd.{key})", path.display()))
}

fn told(path: &Path, key: &str, mistakes: &[Mistake]) -> anyhow::Error {
    let lines: String = mistakes.iter().map(|mistake| format!("\n  {mistake}")).collect();
    anyhow::anyhow!("{} (collector.collectd.{key}) is not what it should be:{lines}", path.display())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// Starts with these files; gives the error.
    #[track_caller]
    fn check_refused(users: &str, types: &str, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| -> PathBuf { folder.path().join(name) };
        fs::write(path("users"), users).unwrap();
        fs::write(path("types.db"), types).unwrap();
        let file = settings::Collectd {
            security: settings::Security::Sign,
            users: Some(path("users")),
            types: vec![path("types.db")],
            ..settings::Collectd::default()
        };
        let error = settings(&file).unwrap_err().to_string();
        assert_eq!(error.replace(&*folder.path().to_string_lossy(), "/etc"), expected);
    }

    #[test]
    fn mistakes_of_its_files_are_told_with_their_lines() {
        check_refused("", "", "/etc/users (collector.collectd.users) has no user; write lines `user: password`");
        let users = "/etc/users (collector.collectd.users) is not what it should be:\
                     \n  line 1: no `:` between user and password; write `user: password`\
                     \n  line 2: `b` has no password; write `b: password`";
        check_refused("a\nb:", "", users);
        let types = "/etc/types.db (collector.collectd.types) is not what it should be:\
                     \n  line 1: `a` has no data source; write it like `a value:GAUGE:0:U`";
        check_refused("a: b", "a", types);
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let file = settings::Collectd { types: vec![PathBuf::from("/nowhere/types.db")], ..settings::Collectd::default() };
        assert_eq!(settings(&file).unwrap_err().to_string(), "could not read /nowhere/types.db (collector.collectd.types)");
    }
}
