//! An answer counts even if the process did not run when it arrived, because it was stopped or its machine slept.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc;
use std::thread;

use kassa_outgoing::Call;
use tokio::sync::oneshot;

use super::receiver::NO_CONTENT;
use super::{SHORT, call, make, open_network, said};

/// A receiver on its own thread. It reads one request, answers while the caller sleeps, and wakes the caller long after
/// the timeout.
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
            // Nothing is sent on this channel, so the call returns after the time.
            is_asleep.recv_timeout(5 * SHORT).unwrap_err();
            wake.send(()).unwrap();
            is_asleep.recv().unwrap_err();
        });
        Self { url, was_called, sleeps, wakes }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_answer_that_arrives_while_the_process_sleeps_is_no_timeout() {
    let receiver = Receiver::start();
    let called = call(receiver.url);
    let answer = tokio::spawn(async move { make(&open_network(), Call { timeout: SHORT, ..called }).await });
    receiver.was_called.await.unwrap();
    // The runtime has one thread. This task blocks it, so nothing else runs.
    let slept = tokio::spawn(async move {
        receiver.sleeps.send(()).unwrap();
        receiver.wakes.recv().unwrap();
        receiver.sleeps
    });
    let connection_stays = slept.await.unwrap();
    assert_eq!(said(&answer.await.unwrap()), "204 ");
    drop(connection_stays);
}
