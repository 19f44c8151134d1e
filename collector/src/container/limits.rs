//! What a container may use, and the files that say so.

use super::seldom::Seldom;
use crate::kernel::cgroup::{Quota, limit, number};
use crate::kernel::cgroup_place::{Place, Version};
use crate::kernel::{cgroup_v1, cgroup_v2};

/// What a container may use.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Limits {
    /// CPU time per period.
    pub cpu: Option<Quota>,
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Processes and threads.
    pub pids: Option<u64>,
}

/// Where a container's limits stand.
#[derive(Debug, Default)]
pub(super) struct LimitFiles {
    cpu: Option<CpuFiles>,
    memory: Option<Seldom>,
    pids: Option<Seldom>,
}

#[derive(Debug)]
enum CpuFiles {
    V1 { quota: Seldom, period: Seldom },
    V2 { max: Seldom },
}

impl LimitFiles {
    /// Those of the groups of the controllers CPU, memory and pids.
    pub(super) fn of(cpu: Option<&Place>, memory: Option<&Place>, pids: Option<&Place>) -> Self {
        Self {
            cpu: cpu.map(|place| match place.version {
                Version::V1 => {
                    CpuFiles::V1 { quota: Seldom::of(place, "cpu.cfs_quota_us"), period: Seldom::of(place, "cpu.cfs_period_us") }
                }
                Version::V2 => CpuFiles::V2 { max: Seldom::of(place, "cpu.max") },
            }),
            memory: memory.map(|place| match place.version {
                Version::V1 => Seldom::of(place, "memory.limit_in_bytes"),
                Version::V2 => Seldom::of(place, "memory.max"),
            }),
            pids: pids.map(|place| Seldom::of(place, "pids.max")),
        }
    }

    /// Reads them, by way of `buffer`.
    pub(super) fn read(&self, buffer: &mut Vec<u8>) -> Limits {
        Limits {
            cpu: match &self.cpu {
                Some(CpuFiles::V1 { quota, period }) => {
                    let quota_us = number(quota.read(buffer));
                    cgroup_v1::quota(quota_us, period.read(buffer))
                }
                Some(CpuFiles::V2 { max }) => cgroup_v2::cpu_max(max.read(buffer)),
                None => None,
            },
            memory: self.memory.as_ref().and_then(|file| limit(file.read(buffer))),
            pids: self.pids.as_ref().and_then(|file| limit(file.read(buffer))),
        }
    }
}
