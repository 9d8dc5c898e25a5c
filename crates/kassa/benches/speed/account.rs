//! The account that every measured call uses: a credential of the merchant of `kassa dev` beside the published one.
//! `kassa serve` refuses a database that accepts the published one.

use std::path::Path;
use std::sync::Arc;

use kassa_domain::Actor;
use kassa_engine::SystemClock;
use kassa_engine::SystemRandom;
use kassa_engine::{DEV_MERCHANT, Requester};
use kassa_outgoing::{Network, OutgoingPolicy};
use kassa_sandbox::Sandbox;
use kassa_server::{App, Configuration, Mode, Store};

pub const USERNAME: &str = "PK00000_speed";
pub const PASSWORD: &str = "speed";

/// Adds it, with the merchant, to a database that `kassa dev` did not make: `postgres://...`, or the path of a file.
pub async fn add_account(database: &str) {
    let store = match database.starts_with("postgres://") {
        true => Store::connect(database).await.unwrap(),
        false => Store::open(Path::new(database)).unwrap(),
    };
    let random = Arc::new(SystemRandom);
    let app = App::new(
        store,
        Arc::new(SystemClock),
        random.clone(),
        Arc::new(Network::new(OutgoingPolicy::for_this_machine()).unwrap()),
        Arc::new(Sandbox::new(random)),
        Configuration::new(Mode::Live, "http://127.0.0.1"),
    );
    app.await
        .unwrap()
        .accounts()
        .add_merchant(DEV_MERCHANT, "Speed", USERNAME, PASSWORD, &Requester::in_process(Actor::CommandLine))
        .await
        .unwrap();
}
