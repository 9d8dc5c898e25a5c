//! What connections may cost: how many are held at once, and for how long one may keep silent.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The longest that a connection waits for the headers of its next call, be it idle or in the midst of them.
pub(crate) const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// Connections held at most: an idle one costs about 30 KiB.
const MOST: usize = 16_384;

/// So many beyond them are told to try again later. Any further are closed without a word.
const MOST_TURNED_AWAY: usize = 64;

/// Places for connections.
#[derive(Clone)]
pub(crate) struct Places {
    held: Arc<Semaphore>,
    turned_away: Arc<Semaphore>,
}

/// A connection's place, for as long as this is kept.
#[derive(Clone)]
pub(crate) struct Place {
    is_turned_away: bool,
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Place {
    pub(crate) const fn is_turned_away(&self) -> bool {
        self.is_turned_away
    }
}

impl Places {
    /// As many as the limit of open files leaves room for: a quarter of them stays for the database and for callbacks.
    pub(crate) fn new() -> Self {
        let most = open_files().map_or(MOST, |files| (files / 4 * 3).min(MOST));
        Self {
            held: Arc::new(Semaphore::new(most)),
            turned_away: Arc::new(Semaphore::new(MOST_TURNED_AWAY.min(most / 16))),
        }
    }

    /// Takes a place for a connection that was accepted.
    pub(crate) fn take(&self) -> io::Result<Place> {
        let take = |places: &Arc<Semaphore>| places.clone().try_acquire_owned().map(Arc::new);
        if let Ok(permit) = take(&self.held) {
            return Ok(Place { is_turned_away: false, _permit: permit });
        }
        let permit = take(&self.turned_away).map_err(|_| io::Error::other("too many connections"))?;
        Ok(Place { is_turned_away: true, _permit: permit })
    }
}

/// The limit of open files, raised as far as this process may; none where there is none. Shells and service managers set
/// it low for the sake of programs that would break with more, which this one does not.
fn open_files() -> Option<usize> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let is_raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_ok();
    let limit = if is_raised { maximum } else { current };
    limit.map(|files| usize::try_from(files).unwrap_or(usize::MAX))
}
