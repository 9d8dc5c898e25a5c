//! A process that does not run for a while, because it is stopped or its machine sleeps, takes the answers that came
//! meanwhile for answers.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc;
use std::thread;

use kassa_outgoing::Call;
use tokio::sync::oneshot;

use super::receiver::NO_CONTENT;
use super::{SHORT, call, make, open_network, said};

/// A receiver beside the runtime. It takes one request, answers once it hears that the caller sleeps, and wakes the
/// caller long after the timeout.
struct Receiver {
    url: String,
    was_called: oneshot::Receiver<()>,
    sleeps: mpsc::Sender<()>,
    wakes: mpsc::Receiver<()>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (called, was_called) = oneshot::channel();
        let ((sleeps, is_asleep), (wake, wakes)) = (mpsc::channel(), mpsc::channel());
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n{}") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            called.send(()).unwrap();
            is_asleep.recv().unwrap();
            stream.write_all(NO_CONTENT).unwrap();
            // Nothing is sent here: this ends when the time is over.
            is_asleep.recv_timeout(5 * SHORT).unwrap_err();
            wake.send(()).unwrap();
            is_asleep.recv().unwrap_err();
        });
        Self { url, was_called, sleeps, wakes }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_answer_that_came_while_the_process_slept_is_no_timeout() {
    let receiver = Receiver::start();
    let called = call(receiver.url);
    let answer = tokio::spawn(async move { make(&open_network(), Call { timeout: SHORT, ..called }).await });
    receiver.was_called.await.unwrap();
    // The runtime has one thread, and this keeps it from everything else.
    let slept = tokio::spawn(async move {
        receiver.sleeps.send(()).unwrap();
        receiver.wakes.recv().unwrap();
        receiver.sleeps
    });
    let connection_stays = slept.await.unwrap();
    assert_eq!(said(&answer.await.unwrap()), "204 ");
    drop(connection_stays);
}
