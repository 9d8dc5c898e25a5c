//! `kassa track` and `kassa listen` close idle callers, as the server does.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::Stdio;
use std::thread;

use serde_json::Value;

use super::{KilledOnDrop, Settings};
use crate::connections_are_bounded::exchange;
use crate::harness::{Dev, kassa};

#[test]
fn an_idle_caller_is_closed() {
    let dev = Dev::start();
    let track = Settings::for_dev(&dev).with_callbacks(&dev).start();
    let secret = dev.announced["callback_secret"].as_str().unwrap();
    let mut listen = kassa();
    listen.args(["listen", "--listen", "127.0.0.1:0", "--json", "--secret", secret]);
    let mut listen = KilledOnDrop(listen.stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(listen.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let announced: Value = serde_json::from_str(&line).unwrap();
    let callbacks = track.callbacks.trim_end_matches("/callbacks").to_string();
    let urls = [callbacks, track.private.url.clone(), announced["url"].as_str().unwrap().to_string()];
    thread::scope(|scope| {
        for url in &urls {
            for sent in ["", "POST /callbacks HTTP/1.1\r\nho"] {
                let connection = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
                scope.spawn(move || assert_eq!(exchange(connection, sent), "", "{url} {sent:?}"));
            }
        }
    });
}
