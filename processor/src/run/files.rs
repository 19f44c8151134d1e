//! Room for the files and sockets that are open at a time.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises this process's limit of open files to as much as it may have: the usual 1,024 would be gone with the connections that there is
/// memory for, and the journal could open no further segment.
pub(super) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    if let Err(error) = raised {
        tracing::debug!(%error, "the limit of open files stays at {:?}", limit.current);
    }
}
