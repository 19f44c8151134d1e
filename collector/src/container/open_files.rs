//! Room for the files that are kept open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that a container takes at the most: of its control groups, its network, its pressure.
const OF_CONTAINER: u64 = 16;

/// Files for all else: the host's samplers, sockets, the backlog. Of a low limit it is a half.
const OF_ALL_ELSE: u64 = 256;

/// Raises this process's limit of open files to as much as it may have, once at start: each container takes about a dozen,
/// and the usual limit of 1,024 is too few for a hundred. Gives the limit, `None` for none.
pub(super) fn raise_limit() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    if let Err(err) = raised {
        tracing::debug!("the limit of open files stays at {:?}: {err}", limit.current);
    }
    getrlimit(Resource::Nofile).current
}

/// Of how many containers the files may be kept open within a limit.
pub(super) fn most_open(limit: Option<u64>) -> usize {
    let room = |limit: u64| (limit - OF_ALL_ELSE.min(limit / 2)) / OF_CONTAINER;
    limit.map_or(usize::MAX, |limit| usize::try_from(room(limit)).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_as_high_as_it_may_be() {
        assert_eq!(raise_limit(), getrlimit(Resource::Nofile).maximum);
    }

    #[test]
    fn a_low_limit_bounds_what_is_kept_open() {
        assert_eq!(most_open(None), usize::MAX);
        assert_eq!(most_open(Some(1024)), 48);
        assert_eq!(most_open(Some(64)), 2);
        assert_eq!(most_open(Some(0)), 0);
        assert!(most_open(Some(1 << 20)) > 60_000);
    }
}
