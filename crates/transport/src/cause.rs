//! What an error comes down to.

use std::error::Error;

/// The cause that a person can do something about: `Connection refused`, not `client error (Connect)`.
pub fn innermost(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(found) = cause {
        text = found.to_string();
        cause = found.source();
    }
    text
}
