//! The state of one connection: its calls, the answers that the caller has not read yet, and the instruction to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

use crate::limits::ANSWER_TICKS;
use crate::monitor::ConnectionMonitor;
use crate::places::{ConnectionPlace, Peer};

/// A piece of an answer is counted by the tick in which it was made. When the same counter is used again, the piece is
/// overdue.
const COUNTERS: usize = ANSWER_TICKS as usize + 1;

/// The instruction to a connection. A later instruction never withdraws a stricter one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Instruction {
    /// As it is.
    GoOn,
    /// Finish the calls in flight, accept no others, then close.
    Finish,
    /// Close now.
    Close,
    /// Close now, and discard what the kernel has not sent yet.
    Abort,
}

impl Instruction {
    const ALL: [Self; 4] = [Self::GoOn, Self::Finish, Self::Close, Self::Abort];
}

/// One connection. Its task, its calls, and each piece of an answer that is not sent have a reference to it.
pub(crate) struct IncomingConnection {
    pub(crate) address: SocketAddr,
    pub(crate) peer: Peer,
    pub(crate) place: ConnectionPlace,
    watch: Arc<ConnectionMonitor>,
    /// Calls so far; the count may wrap.
    calls: AtomicU32,
    in_flight: AtomicU32,
    /// Pieces of answers that are not sent yet.
    unsent: [AtomicU32; COUNTERS],
    /// The memory of these answers, and of request bodies that are not complete, in bytes.
    memory: AtomicUsize,
    /// The tick since which the kernel takes no more bytes, or 0.
    blocked_since: AtomicU32,
    instruction: AtomicU8,
    /// Whether a call was answered before its body had arrived. The caller may still be sending it.
    has_abandoned_body: AtomicBool,
    task: AtomicWaker,
}

/// Memory that counts for a connection, until this is dropped.
pub(crate) struct Memory {
    connection: Arc<IncomingConnection>,
    bytes: usize,
}

/// A piece of an answer that is not sent yet, until this is dropped.
pub(crate) struct UnsentBytes {
    connection: Arc<IncomingConnection>,
    counter: usize,
}

impl IncomingConnection {
    pub(crate) fn new(
        address: SocketAddr,
        peer: Peer,
        place: ConnectionPlace,
        watch: Arc<ConnectionMonitor>,
    ) -> Arc<Self> {
        Arc::new(Self {
            address,
            peer,
            place,
            watch,
            calls: AtomicU32::new(0),
            in_flight: AtomicU32::new(0),
            unsent: Default::default(),
            memory: AtomicUsize::new(0),
            blocked_since: AtomicU32::new(0),
            instruction: AtomicU8::new(0),
            has_abandoned_body: AtomicBool::new(false),
            task: AtomicWaker::new(),
        })
    }

    pub(crate) fn watch(&self) -> &Arc<ConnectionMonitor> {
        &self.watch
    }

    pub(crate) fn begin_call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn end_call(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    pub(crate) fn is_in_call(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn note_blocked(&self) {
        if self.blocked_since.load(Ordering::Relaxed) == 0 {
            self.blocked_since.store(self.watch.now(), Ordering::Relaxed);
        }
    }

    pub(crate) fn note_written(&self) {
        if self.blocked_since.load(Ordering::Relaxed) != 0 {
            self.blocked_since.store(0, Ordering::Relaxed);
        }
    }

    /// How many ticks ago the oldest unsent piece was made, at the beginning of the tick `now`; 0 if there is none.
    pub(crate) fn oldest_unsent(&self, now: u32) -> u32 {
        let ages = (1..=ANSWER_TICKS + 1).rev();
        let is_unsent = |age: &u32| self.unsent[counter(now.wrapping_sub(*age))].load(Ordering::Relaxed) > 0;
        ages.into_iter().find(is_unsent).unwrap_or(0)
    }

    /// The number of ticks in which the kernel accepted no bytes.
    pub(crate) fn blocked_for(&self, now: u32) -> u32 {
        match self.blocked_since.load(Ordering::Relaxed) {
            0 => 0,
            since => now.wrapping_sub(since),
        }
    }

    pub(crate) fn memory(&self) -> usize {
        self.memory.load(Ordering::Relaxed)
    }

    /// Gives an instruction to the connection's task.
    pub(crate) fn instruct(&self, instruction: Instruction) {
        if self.instruction.fetch_max(instruction as u8, Ordering::Relaxed) < instruction as u8 {
            self.task.wake();
        }
    }

    pub(crate) fn abandon_body(&self) {
        self.has_abandoned_body.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_abandoned_body(&self) -> bool {
        self.has_abandoned_body.load(Ordering::Relaxed)
    }

    pub(crate) fn instruction(&self) -> Instruction {
        Instruction::ALL[usize::from(self.instruction.load(Ordering::Relaxed))]
    }

    /// The instruction, for the connection's task. A stricter instruction wakes the task.
    pub(crate) fn poll_instruction(&self, context: &Context<'_>) -> Instruction {
        self.task.register(context.waker());
        self.instruction()
    }

    /// Runs `future` in the connection's task. Returns `None` if the connection has to end first.
    pub(crate) async fn until_instructed<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(future);
        std::future::poll_fn(|context| match self.poll_instruction(context) {
            Instruction::GoOn => future.as_mut().poll(context).map(Some),
            Instruction::Finish | Instruction::Close | Instruction::Abort => Poll::Ready(None),
        })
        .await
    }
}

impl Memory {
    pub(crate) fn of(connection: &Arc<IncomingConnection>, bytes: usize) -> Self {
        let mut memory = Self { connection: connection.clone(), bytes: 0 };
        memory.add(bytes);
        memory
    }

    pub(crate) fn add(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.connection.memory.fetch_add(bytes, Ordering::Relaxed);
        self.connection.watch.add_memory(bytes);
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.connection.memory.fetch_sub(self.bytes, Ordering::Relaxed);
        self.connection.watch.remove_memory(self.bytes);
    }
}

impl UnsentBytes {
    pub(crate) fn new(connection: &Arc<IncomingConnection>) -> Self {
        let counter = counter(connection.watch.now());
        connection.unsent[counter].fetch_add(1, Ordering::Relaxed);
        Self { connection: connection.clone(), counter }
    }
}

impl Drop for UnsentBytes {
    fn drop(&mut self) {
        self.connection.unsent[self.counter].fetch_sub(1, Ordering::Relaxed);
    }
}

fn counter(tick: u32) -> usize {
    tick as usize % COUNTERS
}
