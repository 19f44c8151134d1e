//! What to tell the person who has to set something right.

use super::retry::Fault;
use super::target::{Interface, Target};

/// A sentence with the place, what the server said and what to do.
pub(crate) fn advice(target: &Target, fault: Fault, message: &str) -> String {
    let (base, place) = (&target.base.url, &target.place);
    match fault {
        Fault::Credentials if uses_token(target) => {
            format!("InfluxDB at {base} does not accept the token ({message}); check `token_file`")
        }
        Fault::Credentials => {
            format!("InfluxDB at {base} does not accept user and password ({message}); check `username` and `password_file`")
        }
        Fault::Permission => format!("InfluxDB at {base} does not let us write to {place} ({message}); grant WRITE on it"),
        Fault::Missing if target.interface == Interface::Three => {
            format!("InfluxDB at {base} does not know /api/v3/write_lp ({message}); is it a 3? Else set `version`")
        }
        Fault::Missing => format!("InfluxDB at {base} has no {place} ({message}); create it, or correct the settings"),
        Fault::Moved => format!("InfluxDB at {base} sends us elsewhere ({message}); set `url` to the address that answers"),
    }
}

/// Without any credentials, the interface says what is missing.
fn uses_token(target: &Target) -> bool {
    match &target.authorization {
        Some(secret) => !secret.0.starts_with("Basic "),
        None => target.interface != Interface::One,
    }
}
