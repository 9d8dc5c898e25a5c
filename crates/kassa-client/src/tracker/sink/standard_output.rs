//! Standard output as a sink, written by its own thread. A reader that stops reading delays the changes for this sink,
//! and nothing else in the tracker.

use std::io::{self, Write as _};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::delivery_error::DeliveryError;

/// A line, and the sender for the result of writing it.
type Line = (String, oneshot::Sender<io::Result<()>>);

static PRINTER: OnceLock<Mutex<Sender<Line>>> = OnceLock::new();

/// Prints a line, and returns when it was written. If the caller is dropped before, the tracker delivers the change
/// again.
pub(super) async fn print_line(line: String) -> Result<(), DeliveryError> {
    let (done, is_done) = oneshot::channel();
    let printer = PRINTER.get_or_init(|| {
        let (printer, lines) = channel();
        // If no thread can start, the line has no receiver, and the send below fails.
        let _ = thread::Builder::new().name("kassa-printer".to_string()).spawn(move || print(&lines));
        Mutex::new(printer)
    });
    let sent = printer.lock().send((line, done));
    sent.map_err(|_| DeliveryError::PrinterEnded)?;
    is_done.await.map_err(|_| DeliveryError::PrinterEnded)?.map_err(DeliveryError::Line)
}

fn print(lines: &Receiver<Line>) {
    while let Ok((line, done)) = lines.recv() {
        let mut out = io::stdout().lock();
        let written = writeln!(out, "{line}").and_then(|()| out.flush());
        // A caller that was dropped delivers the line again.
        let _ = done.send(written);
    }
}
