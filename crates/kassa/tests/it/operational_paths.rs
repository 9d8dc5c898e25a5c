//! The listener of the operational paths of `kassa serve`.

use std::io::{BufRead, BufReader, Read as _};
use std::net::TcpListener;
use std::process::Stdio;

use crate::harness::{Configuration, Merchant};

#[test]
fn the_start_fails_if_the_configured_address_is_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let configuration =
        Configuration::with("FOLDER/kassa.db", "").overriding("KASSA_OPERATIONS_LISTEN", &address);
    let output = configuration.command(&["serve"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(&format!("operations_listen: cannot listen on {address}")), "{said}");
}

/// Without a setting, a second node on one machine starts.
#[tokio::test]
async fn a_node_starts_without_operational_paths_if_the_default_address_is_in_use() {
    // Another process may have the port already, so the result does not matter.
    let _taken = TcpListener::bind("127.0.0.1:9464");
    let configuration = Configuration::with("FOLDER/kassa.db", "").without("operations_listen");
    let mut command = configuration.command(&["serve"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end_matches(".\n").rsplit(' ').next().unwrap().to_string();
    let neighbour = Merchant::new(&format!("http://{address}"), "", "");
    assert_eq!(neighbour.get("/readyz").await.status, 200);
    process.kill().unwrap();
    process.wait().unwrap();
    let mut said = String::new();
    process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("KASSA_OPERATIONS_LISTEN") && said.contains("127.0.0.1:9464"), "{said}");
}

#[tokio::test]
async fn a_node_prints_the_address_of_its_operational_paths() {
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    let node = configuration.node();
    let operator = node.operator();
    for path in ["/healthz", "/readyz", "/metrics"] {
        operator.get(path).await.expect(200);
    }
    let outside = Merchant::new(&node.url, "", "");
    outside.get("/metrics").await.expect(404);
}
