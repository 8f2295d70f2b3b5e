//! A client's connection, which ends when the client does not do its part.
//!
//! actix gives the head of a connection's *first* request a time, but none to later ones, and waits for ever for a client
//! that does not read. Both are bounded here, below HTTP, so that requests, sockets and event streams are alike: whoever
//! began to ask has the beginning of an answer within [`Patience::exchange`] and what an [`Allowance`] adds to it, and whoever is answered reads on within
//! [`Patience::reading`]. And whoever asks on and on behind an answer that is under way is not heard for ever: actix takes
//! no more than 128 KiB of that in, but then has the connection's task run again at once, time after time, until it can.

use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use actix_web::rt::net::TcpStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::shares::Share;
use crate::platform::config::Patience;

/// Turns of a connection's task in which it neither tried to read nor got anything written, within [`IDLE_WINDOW`]. A task
/// that waits has a few, one that spins has so many in milliseconds, or in a second where the machine is busy.
const IDLE_TURNS: u32 = 1_000;
const IDLE_WINDOW: Duration = Duration::from_secs(10);

/// More time for the exchange that a connection is in, from whoever serves it.
#[derive(Clone, Default)]
pub struct Allowance(Arc<AtomicU64>);

impl Allowance {
    /// So much more than [`Patience::exchange`], until there is the beginning of an answer.
    pub fn grant(&self, more: Duration) {
        self.0.store(u64::try_from(more.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn granted(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn end(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// A TCP connection with deadlines.
pub struct Connection {
    io: TcpStream,
    patience: Patience,
    allowance: Allowance,
    #[allow(dead_code, reason = "it is held, not read")]
    share: Option<Share<IpAddr>>,
    /// Since when the client has been sending what nothing was answered to yet.
    asking: Option<Instant>,
    /// Since when nothing more has fitted into the connection.
    stuck: Option<Instant>,
    /// How often the task has come by for nothing since it last tried to read, and since when that is counted.
    ///
    /// What is written must not begin the count anew: a stream on which something is told ten times a second would let its
    /// task spin in between for ever.
    idle_turns: u32,
    idle_since: Option<Instant>,
    /// Whether this turn got something written.
    has_written: bool,
    /// Wakes the connection's task. It may ring too early, because deadlines mostly move on before it does.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Connection {
    /// `share` is what its address holds while it is open.
    pub fn new(io: TcpStream, patience: Patience, share: Option<Share<IpAddr>>) -> Self {
        // Answers and events are written whole, so there is nothing to gather them with.
        let _ = io.set_nodelay(true);
        Self {
            io,
            patience,
            allowance: Allowance::default(),
            share,
            asking: None,
            stuck: None,
            idle_turns: 0,
            idle_since: None,
            has_written: false,
            alarm: None,
        }
    }

    /// By which its exchanges are given more time.
    pub fn allowance(&self) -> Allowance {
        self.allowance.clone()
    }

    /// Fails once the task does nothing but come by.
    fn count_turn(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.has_written) {
            return Ok(());
        }
        let now = Instant::now();
        if self.idle_since.is_none_or(|since| now - since > IDLE_WINDOW) {
            self.idle_since = Some(now);
            self.idle_turns = 0;
        }
        self.idle_turns += 1;
        if self.idle_turns > IDLE_TURNS {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the client asks more than is answered"));
        }
        Ok(())
    }

    /// Sees to it that the task is woken when the client's time is over, and fails once it is.
    fn watch(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let asked = self.asking.map(|since| since + self.patience.exchange + self.allowance.granted());
        let read = self.stuck.map(|since| since + self.patience.reading);
        let Some(due) = asked.into_iter().chain(read).min() else { return Ok(()) };
        loop {
            if due <= Instant::now() {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the client took too long"));
            }
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(due)));
            if alarm.is_elapsed() || alarm.deadline() > due {
                alarm.as_mut().reset(due);
            }
            if alarm.as_mut().poll(context).is_pending() {
                return Ok(());
            }
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.idle_turns = 0;
        this.idle_since = None;
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.io).poll_read(context, buffer);
        if read.is_pending() {
            this.watch(context)?;
        } else if buffer.filled().len() > before {
            this.asking.get_or_insert_with(Instant::now);
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.io).poll_write(context, bytes);
        if written.is_pending() {
            this.stuck.get_or_insert_with(Instant::now);
            this.watch(context)?;
            this.count_turn()?;
        } else {
            this.asking = None;
            this.allowance.end();
            this.stuck = None;
            this.has_written = true;
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // Each turn ends with it, whether there was anything to write or not.
        this.count_turn()?;
        Pin::new(&mut this.io).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(context)
    }
}
