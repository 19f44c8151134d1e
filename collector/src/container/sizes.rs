//! How large the writable layers of containers are, asked of dockerd, which must walk through all their files for it: one
//! container after the other, with long rests.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::query_parameters::{InspectContainerOptions, ListContainersOptions};

use super::docker::Out;
use super::{Change, Id};
use crate::worker::steady;

/// How long one walk may take; a layer of millions of files takes minutes on a slow disk.
const WALK_SECS: u64 = 300;

/// After each walk the rest is so many times as long: dockerd walks for a twentieth of the time at the most.
const REST: u32 = 19;

/// The sizes of one container's files, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Of those that it has written or changed.
    pub writable: u64,
    /// Of all that it sees, its image included.
    pub all: u64,
}

/// Asks again and again.
pub(super) struct Sizes {
    socket: PathBuf,
    every: Duration,
    out: Out,
}

impl Sizes {
    /// Of the containers behind the socket, each once in `every` where the rests allow it.
    pub(super) fn new(socket: &Path, every: Duration, out: Out) -> Self {
        Self { socket: socket.to_owned(), every, out }
    }

    /// Never ends while somebody listens. What is wrong with dockerd is told by the session beside this one.
    pub(super) async fn run(self) {
        loop {
            let begun = steady();
            match self.round().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(err) => tracing::debug!("sizes of containers: {err}"),
            }
            tokio::time::sleep(self.every.saturating_sub(begun.elapsed())).await;
        }
    }

    /// Says whether somebody listens.
    async fn round(&self) -> Result<bool, bollard::errors::Error> {
        let docker = bollard::Docker::connect_with_unix(&self.socket.to_string_lossy(), WALK_SECS, bollard::API_DEFAULT_VERSION)?;
        let docker = docker.negotiate_version().await?;
        let options = ListContainersOptions { all: true, ..ListContainersOptions::default() };
        let ids = docker.list_containers(Some(options)).await?.into_iter().filter_map(|summary| Id::new(summary.id.as_deref()?));
        for id in ids {
            let begun = steady();
            // It may be gone by now, or take too long: the others are asked all the same.
            let Ok(answer) = docker.inspect_container(id.as_str(), Some(InspectContainerOptions { size: true })).await else { continue };
            let bytes = |size: Option<i64>| size.and_then(|size| u64::try_from(size).ok());
            if let (Some(writable), Some(all)) = (bytes(answer.size_rw), bytes(answer.size_root_fs))
                && self.out.send(Change::Sized(id, Size { writable, all })).await.is_err()
            {
                return Ok(false);
            }
            tokio::time::sleep(begun.elapsed() * REST).await;
        }
        Ok(true)
    }
}
