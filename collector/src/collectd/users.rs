//! Who may send: collectd's file of users, a line `user: password` each.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use aes::Aes256Enc;
use aes::cipher::KeyInit;
use ring::{digest, hmac};

use super::Mistake;

/// Names and passwords. Printing them for a log names the users alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Users(BTreeMap<String, String>);

impl Users {
    /// Reads the text of collectd's `AuthFile`: a line `user: password` each; empty lines and those after a `#` are passed over.
    /// Blanks before a password do not belong to it, those after it do.
    ///
    /// # Errors
    /// Every line that is none, with its number. No message shows a password.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let mut users = BTreeMap::new();
        let mut mistakes = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            if let Err(problem) = read(text.trim_start(), &mut users) {
                mistakes.push(Mistake { line, problem });
            }
        }
        if mistakes.is_empty() { Ok(Self(users)) } else { Err(mistakes) }
    }

    /// Nobody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn read(line: &str, users: &mut BTreeMap<String, String>) -> Result<(), String> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(());
    }
    let Some((user, password)) = line.split_once(':') else {
        return Err("no `:` between user and password; write `user: password`".to_owned());
    };
    let (user, password) = (user.trim_end(), password.trim_start());
    if user.is_empty() {
        return Err("no user before the `:`; write `user: password`".to_owned());
    }
    if password.is_empty() {
        return Err(format!("`{user}` has no password; write `{user}: password`"));
    }
    match users.insert(user.to_owned(), password.to_owned()) {
        None => Ok(()),
        Some(_) => Err(format!("`{user}` stands here a second time; leave one line")),
    }
}

/// What passwords are needed for, made once.
pub(super) struct Keys(HashMap<Box<[u8]>, Key>);

/// One user's.
pub(super) struct Key {
    pub(super) signature: hmac::Key,
    pub(super) cipher: Aes256Enc,
}

impl Keys {
    pub(super) fn of(users: &Users) -> Self {
        let key = |(user, password): (&String, &String)| Some((user.as_bytes().into(), Key::of(password.as_bytes())?));
        Self(users.0.iter().filter_map(key).collect())
    }

    pub(super) fn get(&self, user: &[u8]) -> Option<&Key> {
        self.0.get(user)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Key {
    /// A SHA-256 is as long as the cipher's key, so this is never `None`.
    fn of(password: &[u8]) -> Option<Self> {
        let hash = digest::digest(&digest::SHA256, password);
        let cipher = Aes256Enc::new_from_slice(hash.as_ref()).ok()?;
        Some(Self { signature: hmac::Key::new(hmac::HMAC_SHA256, password), cipher })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys of {} users", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let expected = expected.iter().map(|(user, password)| ((*user).to_owned(), (*password).to_owned())).collect();
        assert_eq!(Users::parse(text).unwrap().0, expected);
    }

    #[track_caller]
    fn check_refused(text: &str, expected: &[&str]) {
        let mistakes = Users::parse(text).unwrap_err();
        let told: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
        assert_eq!(told, expected);
        assert!(told.iter().all(|line| !line.contains("secret")));
    }

    #[test]
    fn a_line_is_a_user_and_a_password() {
        check("# all nodes\nnode1: secret\n\n  node2 :\tse:cret \r\n", &[("node1", "secret"), ("node2", "se:cret ")]);
        check("", &[]);
    }

    #[test]
    fn every_line_that_is_none_is_told_without_its_password() {
        check_refused(
            "node1 secret\n: secret\nnode2:\nnode3: secret\nnode3: secret",
            &[
                "line 1: no `:` between user and password; write `user: password`",
                "line 2: no user before the `:`; write `user: password`",
                "line 3: `node2` has no password; write `node2: password`",
                "line 5: `node3` stands here a second time; leave one line",
            ],
        );
    }

    #[test]
    fn a_log_never_shows_a_password() {
        let users = Users::parse("node1: secret").unwrap();
        assert_eq!(format!("{users:?} {:?}", Keys::of(&users)), r#"{"node1"} Keys of 1 users"#);
    }
}
