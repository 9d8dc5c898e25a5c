//! A Kassa in front of an external payment system.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use kassa_domain::payment_session::{CategoryVisibility, OfferedCategory};
use kassa_engine::{Clock as _, Rates, SeededRandom};
use kassa_server::{ExternalRules, ExternalSetup, NOTIFICATIONS_PATH, PaymentSetup};
use kassa_store::simulation::Database;
use kassa_wire::signature::{secret_text, sign};
use serde_json::{Value, json};

use super::system::{PAGES, SECRETS, System};
use crate::harness::{Answer, Opened, Site, TestClock, on_each_engine};
use crate::klarna::line::{Disturbance, Line};

/// A Kassa whose payment system is external.
pub struct ExternalFront {
    site: Site,
    pub line: Arc<Line>,
    pub system: System,
}

impl Deref for ExternalFront {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

/// Runs a journey of a Kassa with an external payment system, on each engine. At the end, Kassa has broken no rule of
/// the protocol.
pub fn external_journey<F: Future<Output = ()>>(walk: impl Fn(Arc<ExternalFront>) -> F) {
    on_each_engine(async |database| {
        let system = System::start().await;
        let front = ExternalFront::start(database, system.clone()).await;
        walk(Arc::new(front)).await;
        assert_eq!(system.breaches(), [""; 0]);
    });
}

/// The rules for an adapter at this URL.
pub fn rules(url: &str, redirect_origin: &str) -> ExternalRules {
    let category = |identifier: &str, name: &str| OfferedCategory {
        identifier: identifier.to_string(),
        name: name.to_string(),
        visibility: CategoryVisibility::ByDefault,
    };
    ExternalRules {
        name: "Acme".to_string(),
        url: url.to_string(),
        redirect_origins: vec![redirect_origin.to_string()],
        categories: vec![category("pay_now", "Card"), category("blik", "BLIK")],
        secrets: vec![secret_text(SECRETS[0])],
        notification_secrets: vec![secret_text(SECRETS[1])],
        read_timeout: Duration::from_secs(3),
        order_timeout: Duration::from_secs(15),
        reads_per_second: 1_000,
    }
}

impl ExternalFront {
    pub async fn start(database: Database, system: System) -> Self {
        let line = Arc::new(Line::new());
        let rules = rules(&system.url, PAGES);
        let site = external_site(database, rules, line.clone(), TestClock::default()).await;
        Self { site, line, system }
    }

    /// Creates a payment session.
    pub async fn payment_session(&self) -> String {
        self.merchant.payment_session("ECOMMERCE").await
    }

    /// Creates a page session with this `place_order_mode`, and opens its page.
    pub async fn opened(&self, payment: &str, place_order_mode: &str) -> Opened {
        let created = self.create_at(&self.url, payment, json!({"place_order_mode": place_order_mode})).await;
        self.page_of(&created).await.0
    }

    /// Presses Pay. Returns the answer, which is a redirect if the payment has started.
    pub async fn press_pay(&self, opened: &Opened, category: &str) -> Answer {
        press_pay(&self.site, opened, category).await
    }

    /// Presses Pay with the first category, and checks that the browser goes to the payment system.
    pub async fn go_to_pay(&self, opened: &Opened) -> String {
        let answer = self.press_pay(opened, "pay_now").await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let location = answer.header("location").to_string();
        assert!(location.starts_with(PAGES), "{location}");
        location
    }

    /// The browser returns from the payment system.
    pub async fn return_to(&self, opened: &Opened) -> Answer {
        self.look(&format!("{}/returned", opened.page)).await
    }

    /// The payment system notifies Kassa, with this secret and a time that differs by `off_s` seconds.
    pub async fn notify(&self, body: &Value, secret: &[u8], off_s: i64) -> Answer {
        let body = body.to_string();
        let at_s = self.clock.system_now().as_ms() / 1_000 + off_s;
        let signature = sign(&[secret_text(secret)], "n-1", at_s, body.as_bytes());
        let (at, body) = (at_s.to_string(), Bytes::from(body));
        let headers = [
            ("content-type", "application/json"),
            ("webhook-id", "n-1"),
            ("webhook-timestamp", at.as_str()),
            ("webhook-signature", signature.as_str()),
        ];
        self.anyone.call(Method::POST, NOTIFICATIONS_PATH, &headers, body).await
    }

    /// Disturbs the next requests of an operation.
    pub fn disturb(&self, operation: &str, disturbances: &[Disturbance]) {
        self.line.disturb(operation, disturbances);
    }

    /// Ends all disturbances.
    pub fn calm(&self) {
        self.line.calm();
    }

    /// The bodies of the requests of an operation.
    pub fn requests(&self, operation: &str) -> Vec<Bytes> {
        self.line.sent(operation).into_iter().map(|call| call.body).collect()
    }
}

/// A Kassa with an external payment system.
pub async fn external_site(
    database: Database,
    rules: ExternalRules,
    line: Arc<Line>,
    clock: TestClock,
) -> Site {
    let external = ExternalSetup { rules, outgoing: line, random: Arc::new(SeededRandom::new(11)) };
    let setup = PaymentSetup { external: Some(external), ..PaymentSetup::default() };
    Site::start(database, setup, Rates::NONE, clock).await
}

/// Presses Pay on a page without JavaScript.
pub async fn press_pay(site: &Site, opened: &Opened, category: &str) -> Answer {
    let form = format!("payment_method_category={category}");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    site.anyone.call(Method::POST, &format!("{}/pay", opened.page), &headers, Bytes::from(form)).await
}
