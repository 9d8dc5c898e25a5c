//! `kassa track` and the commands call through the proxy of the environment or of the settings.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use super::{Running, Settings};
use crate::harness::{Dev, kassa};

/// A proxy that refuses every call, and reports the first line of each.
struct Proxy {
    address: SocketAddr,
    lines: Receiver<String>,
}

impl Proxy {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                let mut head = Vec::new();
                while head.last().is_none_or(|line: &String| line.trim() != "") {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    head.push(line);
                }
                let answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                reader.get_mut().write_all(answer).unwrap();
                // If sending fails, the test has ended.
                let _ = sender.send(head[0].trim().to_string());
            }
        });
        Self { address, lines }
    }

    fn first_line(&self) -> String {
        self.lines.recv_timeout(super::PATIENCE).expect("the proxy is called")
    }
}

/// A command without the proxies of the machine that runs the test.
fn command() -> Command {
    let mut command = kassa();
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command
}

/// Compares one record with a service at this URL.
fn reconcile(service: &str, more: &str) -> Command {
    let dev = Dev::start();
    let settings = Settings::for_service(service, &dev).with("[sink]\njson = true");
    let file = settings.file();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{more}\n{text}")).unwrap();
    let records = file.with_file_name("records.csv");
    std::fs::write(&records, "session_id,status\ns-1,BACK\n").unwrap();
    let mut command = command();
    command.args(["track", "reconcile", "--config", file.to_str().unwrap()]);
    command.args(["--from", records.to_str().unwrap()]).stdout(Stdio::null()).stderr(Stdio::null());
    // The folder must exist until the command ends.
    std::mem::forget(settings);
    command
}

const SERVICE: &str = "https://service.invalid";
const TUNNEL: &str = "CONNECT service.invalid:443 HTTP/1.1";

#[test]
fn calls_to_the_service_go_through_the_proxy_of_the_environment() {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let proxy = Proxy::start();
        let mut command = reconcile(SERVICE, "");
        let _running = Running(command.env(name, proxy.address.to_string()).spawn().unwrap());
        assert_eq!(proxy.first_line(), TUNNEL, "{name}");
    }
}

#[test]
fn the_setting_comes_before_the_environment() {
    let (proxy, other) = (Proxy::start(), Proxy::start());
    let mut command = reconcile(SERVICE, &format!("proxy = \"http://user:pass@{}\"", proxy.address));
    let _running = Running(command.env("HTTPS_PROXY", other.address.to_string()).spawn().unwrap());
    assert_eq!(proxy.first_line(), TUNNEL);
    assert!(other.lines.try_recv().is_err());
}

#[test]
fn a_listed_host_and_a_setting_of_none_go_out_directly() {
    for (more, not_through) in [("", "service.invalid"), ("proxy = \"none\"", "")] {
        let proxy = Proxy::start();
        let mut command = reconcile(SERVICE, more);
        command.env("HTTPS_PROXY", proxy.address.to_string()).env("NO_PROXY", not_through);
        // The name has no address, so the command ends.
        assert_eq!(command.status().unwrap().code(), Some(1));
        assert!(proxy.lines.try_recv().is_err(), "{more} {not_through}");
    }
}

#[test]
fn commands_go_through_the_proxy_but_not_to_this_machine() {
    let proxy = Proxy::start();
    let list = |url: &str| {
        let mut command = command();
        command.env("ALL_PROXY", format!("http://{}", proxy.address));
        command.args(["session", "list", "--url", url]).output().unwrap()
    };
    let output = list("https://kassa.invalid");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the proxy cannot be used: tunnel error: unsuccessful"), "{said}");
    assert_eq!(proxy.first_line(), "CONNECT kassa.invalid:443 HTTP/1.1");
    let dev = Dev::start();
    let without_scheme = dev.url().trim_start_matches("http://").to_string();
    assert!(list(&without_scheme).status.success(), "the scheme may be left out, too");
    assert!(proxy.lines.try_recv().is_err());
}
