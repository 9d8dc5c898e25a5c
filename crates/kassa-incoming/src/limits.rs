//! The limits of a listener, with their values in production.

use std::time::Duration;

/// Limits of one listener. The defaults are those of production; tests shorten the times.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum number of connections. The limit of open files lowers it further.
    pub connections: usize,
    /// A connection without a call in flight is closed after this time, whether it is idle or part of a request's head
    /// has arrived. It is exact to a fifteenth of [`Limits::answer`].
    pub idle: Duration,
    /// Time for a TLS handshake.
    pub handshake: Duration,
    /// Time for the body of a request to arrive, from the first wait for it.
    pub body: Duration,
    /// Time for the caller to read each piece of an answer (16 KiB at most) once it is ready.
    pub answer: Duration,
    /// Maximum memory of all connections together, in bytes, for answers that are not read and bodies that are not
    /// complete.
    pub memory: usize,
    /// Maximum number of concurrent calls on one HTTP/2 connection.
    pub streams: u32,
    /// Time to finish the calls in flight after a stop.
    pub stop: Duration,
}

impl Limits {
    /// Connections of a main listener: an idle one costs about 30 KiB.
    pub const CONNECTIONS: usize = 16_384;
    /// See [`Limits::idle`].
    pub const IDLE: Duration = Duration::from_secs(60);
    /// See [`Limits::handshake`].
    pub const HANDSHAKE: Duration = Duration::from_secs(10);
    /// See [`Limits::body`].
    pub const BODY: Duration = Duration::from_secs(30);
    /// See [`Limits::answer`].
    pub const ANSWER: Duration = Duration::from_secs(30);
    /// See [`Limits::memory`].
    pub const MEMORY: usize = 64 * 1024 * 1024;
    /// See [`Limits::streams`].
    pub const STREAMS: u32 = 64;
    /// See [`Limits::stop`].
    pub const STOP: Duration = Duration::from_secs(10);

    /// The limits of a listener for operators, beside the main listener of the same process.
    #[must_use]
    pub fn for_operators() -> Self {
        Self { connections: 256, memory: 4 * 1024 * 1024, ..Self::default() }
    }

    /// The time between two checks of the connections.
    pub(crate) fn tick(&self) -> Duration {
        (self.answer / ANSWER_TICKS).max(Duration::from_millis(1))
    }

    /// Ticks after which a connection without a call in flight is closed.
    pub(crate) fn idle_ticks(&self) -> u32 {
        u32::try_from(self.idle.as_nanos().div_ceil(self.tick().as_nanos())).unwrap_or(u32::MAX)
    }
}

/// Ticks in which the caller has to read a piece of an answer.
pub(crate) const ANSWER_TICKS: u32 = 15;

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: Self::CONNECTIONS,
            idle: Self::IDLE,
            handshake: Self::HANDSHAKE,
            body: Self::BODY,
            answer: Self::ANSWER,
            memory: Self::MEMORY,
            streams: Self::STREAMS,
            stop: Self::STOP,
        }
    }
}
