//! Debian's HAProxy in front of the nodes, with the configuration that the documentation points to.

use std::net::TcpStream;
use std::process::{Command, Stdio};

use kassa_testkit::eventually_blocking;
use kassa_testkit::processes::KilledOnDrop;

use super::nodes::address;
use crate::workspace::root;

/// The number of nodes behind the balancer.
pub const NODES: usize = 3;

/// The address of the balancer.
pub fn front() -> String {
    format!("{}:8000", address())
}

/// The address of a node, counted from 0.
pub fn node(index: usize) -> String {
    format!("{}:{}", address(), 8001 + index)
}

/// The address of a node's operational paths, counted from 0.
pub fn operations(index: usize) -> String {
    format!("{}:{}", address(), operations_port(index))
}

const fn operations_port(index: usize) -> usize {
    9001 + index
}

/// A running balancer. It stops when this value is dropped.
pub struct Balancer {
    _process: KilledOnDrop,
}

impl Balancer {
    pub fn start() -> Self {
        let mut command = Command::new("haproxy");
        command.arg("-db").arg("-f").arg(root().join("deploy/haproxy.cfg")).env("KASSA_FRONT", front());
        for index in 0..NODES {
            let number = index + 1;
            command.env(format!("KASSA_NODE_{number}"), node(index));
            command.env(format!("KASSA_OPERATIONS_PORT_{number}"), operations_port(index).to_string());
        }
        let process = command.stdin(Stdio::null()).spawn().expect("./test installs haproxy");
        let process = KilledOnDrop(process);
        eventually_blocking("a balancer that listens", || TcpStream::connect(front()));
        Self { _process: process }
    }
}
