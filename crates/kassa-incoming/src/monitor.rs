//! Checks the connections of a listener once per tick, and closes those that are idle or whose answers are not read.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::connection::{IncomingConnection, Instruction};
use crate::limits::{ANSWER_TICKS, Limits};

/// A connection that has to finish is closed this many ticks later, if it is still idle.
const TICKS_TO_FINISH: u32 = 1;

/// A connection without a place may be idle for only this part of the time.
const PART_IF_REJECTED: u32 = 12;

/// The shortest time between two checks of the memory.
const PAUSE: Duration = Duration::from_millis(10);

/// The connections of a listener, its clock and its memory.
pub(crate) struct ConnectionMonitor {
    pub(crate) limits: Limits,
    /// The present tick, from 1 on.
    tick: AtomicU32,
    /// Memory of all connections for answers that are not read and bodies that are not complete, in bytes.
    memory: AtomicUsize,
    is_short: Notify,
    /// The events since the last tick, for the log.
    happened: TickCounts,
    connections: Mutex<Vec<WatchedConnection>>,
}

/// Counts for the log.
#[derive(Default)]
struct TickCounts {
    /// Connections that were closed to free memory.
    freed: AtomicU32,
    /// Connections that got no place.
    turned_away: AtomicU32,
}

/// A connection, and the results of the last checks.
struct WatchedConnection {
    connection: Weak<IncomingConnection>,
    calls: u32,
    idle_ticks: u32,
}

impl ConnectionMonitor {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            tick: AtomicU32::new(1),
            memory: AtomicUsize::new(0),
            is_short: Notify::new(),
            happened: TickCounts::default(),
            connections: Mutex::default(),
        })
    }

    /// The present tick.
    pub(crate) fn now(&self) -> u32 {
        self.tick.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, connection: &Arc<IncomingConnection>) {
        // The first check finds another number of calls, so the connection is not idle before a whole tick is over.
        let watched =
            WatchedConnection { connection: Arc::downgrade(connection), calls: u32::MAX, idle_ticks: 0 };
        self.connections.lock().push(watched);
    }

    /// Notes a connection that got no place.
    pub(crate) fn note_rejected(&self) {
        self.happened.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_memory(&self, bytes: usize) {
        if self.memory.fetch_add(bytes, Ordering::Relaxed) + bytes > self.limits.memory {
            self.is_short.notify_one();
        }
    }

    pub(crate) fn remove_memory(&self, bytes: usize) {
        self.memory.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Gives the same instruction to all connections.
    pub(crate) fn instruct_all(&self, instruction: Instruction) {
        self.for_each(|watched, _| watched.instruct(instruction));
    }

    /// Checks the connections for as long as this is polled.
    pub(crate) async fn look(&self) {
        let mut ticks = interval(self.limits.tick());
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick comes at once.
        ticks.tick().await;
        loop {
            tokio::select! {
                _ = ticks.tick() => self.next_tick(),
                () = self.is_short.notified() => {
                    self.free_memory();
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// Closes the overdue connections at the beginning of the next tick. No piece of an answer is counted for that tick
    /// before.
    fn next_tick(&self) {
        let next = self.now() + 1;
        let mut overdue = 0;
        self.for_each(|connection, watched| {
            let instruction = watched.look(connection, next, &self.limits);
            if instruction > connection.instruction() {
                tracing::debug!(peer = %connection.address, ?instruction, "ending a connection");
                overdue += u32::from(instruction == Instruction::Abort);
                connection.instruct(instruction);
            }
        });
        self.tick.store(next, Ordering::Relaxed);
        self.log(overdue);
    }

    /// Logs closed and refused connections, at most once per tick.
    fn log(&self, overdue: u32) {
        let TickCounts { freed, turned_away } = &self.happened;
        if overdue > 0 {
            tracing::info!(connections = overdue, "closed connections whose answers were not read in time");
        }
        let freed = freed.swap(0, Ordering::Relaxed);
        if freed > 0 {
            let limit = self.limits.memory;
            tracing::warn!(
                connections = freed,
                limit,
                "closed connections to free memory: answers are not read"
            );
        }
        let turned_away = turned_away.swap(0, Ordering::Relaxed);
        if turned_away > 0 {
            tracing::warn!(
                connections = turned_away,
                "turned connections away: too many, or too many of one address"
            );
        }
    }

    /// Closes the connections whose answers have waited longest, until a quarter of the memory is free.
    fn free_memory(&self) {
        let used = self.memory.load(Ordering::Relaxed);
        if used <= self.limits.memory {
            return;
        }
        let now = self.now() + 1;
        let mut users = Vec::new();
        let mut ending = 0;
        self.for_each(|connection, _| match (connection.memory(), connection.instruction()) {
            (0, _) => {}
            (memory, Instruction::Close | Instruction::Abort) => ending += memory,
            (memory, Instruction::GoOn | Instruction::Finish) => {
                let waited = connection.oldest_unsent(now).max(connection.blocked_for(now));
                users.push((waited, memory, connection.clone()));
            }
        });
        users.sort_unstable_by_key(|(waited, memory, _)| Reverse((*waited, *memory)));
        let mut excess = (used - self.limits.memory / 4 * 3).saturating_sub(ending);
        for (_, memory, connection) in users {
            if excess == 0 {
                break;
            }
            connection.instruct(Instruction::Abort);
            excess = excess.saturating_sub(memory);
            self.happened.freed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Calls `visit` for each connection, and removes those that have ended.
    fn for_each(&self, mut visit: impl FnMut(&Arc<IncomingConnection>, &mut WatchedConnection)) {
        let mut connections = self.connections.lock();
        connections.retain_mut(|watched| {
            let connection = watched.connection.upgrade();
            if let Some(connection) = &connection {
                visit(connection, watched);
            }
            connection.is_some()
        });
    }
}

impl WatchedConnection {
    /// The instruction for the connection at the beginning of the tick `now`.
    fn look(&mut self, connection: &IncomingConnection, now: u32, limits: &Limits) -> Instruction {
        if connection.oldest_unsent(now).max(connection.blocked_for(now)) > ANSWER_TICKS {
            return Instruction::Abort;
        }
        let calls = connection.calls();
        let is_idle = calls == self.calls && !connection.is_in_call();
        self.idle_ticks = if is_idle { self.idle_ticks + 1 } else { 0 };
        self.calls = calls;
        let most = match connection.place.is_rejected {
            true => limits.idle_ticks().div_ceil(PART_IF_REJECTED),
            false => limits.idle_ticks(),
        };
        match self.idle_ticks {
            idle if idle >= most + TICKS_TO_FINISH => Instruction::Close,
            idle if idle >= most => Instruction::Finish,
            _ => Instruction::GoOn,
        }
    }
}
