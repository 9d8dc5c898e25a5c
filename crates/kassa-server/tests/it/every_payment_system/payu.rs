//! The example adapter for PayU, in front of the public simulator of PayU. Both are processes of their own.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use kassa_engine::{Clock as _, SystemClock};
use kassa_outgoing::{Network, OutgoingPolicy};
use kassa_store::simulation::Database;
use kassa_testkit::payu::{Adapter, Simulator};
use kassa_wire::signature::secret_text;
use serde_json::Value;
use tempfile::TempDir;

use crate::external::front::{external_site, rules};
use crate::external::system::SECRETS;
use crate::harness::{Answer, Merchant, Site, TestClock};
use crate::klarna::line::Line;

/// A Kassa in front of the adapter.
pub struct PayU {
    site: Site,
    pub line: Arc<Line>,
    simulator: Merchant,
    _adapter: Adapter,
    _folder: TempDir,
}

impl Deref for PayU {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl PayU {
    pub async fn start(database: Database, simulator: &Simulator) -> Self {
        let folder = TempDir::new().unwrap();
        let secrets = SECRETS.map(secret_text);
        let adapter = simulator.adapter([&secrets[0], &secrets[1]], folder.path());
        let line = Arc::new(Line::new());
        // The adapter compares the time of a signature with the machine's clock.
        let clock = TestClock::starting_at(SystemClock.system_now().as_ms());
        let site = external_site(database, rules(&adapter.url, &simulator.origin), line.clone(), clock).await;
        let network = Arc::new(Network::new(OutgoingPolicy::for_this_machine()).unwrap());
        let simulator = Merchant::nobody(network, &simulator.origin);
        Self { site, line, simulator, _adapter: adapter, _folder: folder }
    }

    /// The consumer approves the payment on PayU's page. The shop collects by hand.
    pub async fn hold(&self) {
        let order = self.latest_order();
        let held = self.act(&format!("/sim/payu/hold/{order}"), "").await;
        assert!(matches!(held.status, 302 | 303), "{} {}", held.status, held.text);
    }

    /// The consumer rejects the payment on PayU's page.
    pub async fn reject(&self) {
        let order = self.latest_order();
        let rejected = self.act(&format!("/sim/payu/authorize/{order}"), "action=reject").await;
        assert!(matches!(rejected.status, 302 | 303), "{} {}", rejected.status, rejected.text);
    }

    /// The number of orders of this adapter whose money PayU took.
    pub async fn captured_orders(&self) -> usize {
        let mut captured = 0;
        for order in self.started() {
            captured += usize::from(self.order(&order).await["status"] == "COMPLETED");
        }
        captured
    }

    async fn order(&self, id: &str) -> Value {
        let token = self.act("/payu/pl/standard/user/oauth/authorize", "client_id=300746").await;
        let bearer = format!("Bearer {}", token.json["access_token"].as_str().unwrap());
        let mut caller = self.simulator.clone();
        caller.authorization = bearer;
        caller.get(&format!("/payu/api/v2_1/orders/{id}")).await.json["orders"][0].clone()
    }

    /// The ids of the orders that this adapter started, by its answers.
    fn started(&self) -> Vec<String> {
        let answers = self.line.answers();
        let bodies = answers.iter().filter_map(|answer| serde_json::from_slice::<Value>(&answer.body).ok());
        bodies.filter_map(|body| Some(body["payment_reference"].as_str()?.to_string())).collect()
    }

    /// The order to whose page the consumer was sent last.
    fn latest_order(&self) -> String {
        self.started().pop().expect("a payment was started")
    }

    async fn act(&self, path: &str, form: &'static str) -> Answer {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.simulator.call(Method::POST, path, &headers, Bytes::from_static(form.as_bytes())).await
    }
}
