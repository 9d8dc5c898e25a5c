//! The payment systems, with the acts of a consumer at each.

use std::fmt;
use std::sync::Arc;

use kassa_engine::{Rates, SeededRandom};
use kassa_sandbox::Sandbox;
use kassa_server::PaymentSetup;
use kassa_store::simulation::Database;
use kassa_testkit::payu::Simulator;
use serde_json::{Value, json};

use super::payu::PayU;
use crate::external::front::{ExternalFront, press_pay};
use crate::external::system::{Standing, System as Acme};
use crate::harness::{Answer, Opened, Site, TestClock, on_each_engine};
use crate::klarna::front::Front;
use crate::klarna::line::Disturbance;

/// A Kassa with one of the payment systems.
pub enum System {
    Sandbox(Box<Site>),
    Klarna(Box<Front>),
    External(Box<ExternalFront>),
    PayU(Box<PayU>),
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sandbox(_) => "sandbox",
            Self::Klarna(_) => "Klarna",
            Self::External(_) => "external",
            Self::PayU(_) => "PayU",
        })
    }
}

/// Runs a journey with each payment system, on each engine.
pub fn each_system(walk: impl AsyncFn(System)) {
    on_each_engine(async |database| walk(sandbox(database).await).await);
    on_each_engine(async |database| {
        walk(System::Klarna(Box::new(Front::start(database, Rates::NONE).await))).await;
    });
    on_each_engine(async |database| {
        let acme = Acme::start().await;
        walk(System::External(Box::new(ExternalFront::start(database, acme.clone()).await))).await;
        assert_eq!(acme.breaches(), [""; 0]);
    });
    if let Some(simulator) = Simulator::start() {
        on_each_engine(async |database| {
            walk(System::PayU(Box::new(PayU::start(database, &simulator).await))).await;
        });
    }
}

async fn sandbox(database: Database) -> System {
    let setup = PaymentSetup::from(Arc::new(Sandbox::new(Arc::new(SeededRandom::new(11)))));
    System::Sandbox(Box::new(Site::start(database, setup, Rates::NONE, TestClock::default()).await))
}

impl System {
    pub fn site(&self) -> &Site {
        match self {
            Self::Sandbox(site) => site,
            Self::Klarna(front) => front,
            Self::External(front) => front,
            Self::PayU(payu) => payu,
        }
    }

    pub fn is_remote(&self) -> bool {
        match self {
            Self::Sandbox(_) => false,
            Self::Klarna(_) | Self::External(_) | Self::PayU(_) => true,
        }
    }

    pub async fn payment_session(&self) -> String {
        match self {
            Self::Klarna(front) => front.payment_session().await,
            Self::Sandbox(_) | Self::External(_) | Self::PayU(_) => {
                self.site().merchant.payment_session("ECOMMERCE").await
            }
        }
    }

    pub async fn opened(&self, payment: &str, place_order_mode: &str) -> Opened {
        let site = self.site();
        let options = json!({"place_order_mode": place_order_mode});
        let base_url = match self {
            Self::Klarna(front) => &front.double.url,
            Self::Sandbox(_) | Self::External(_) | Self::PayU(_) => &site.url,
        };
        site.page_of(&site.create_at(base_url, payment, options).await).await.0
    }

    /// The consumer pays, and returns to Kassa's page.
    pub async fn approve(&self, payment: &str, opened: &Opened) {
        self.begin(opened).await;
        self.finish(payment, opened).await;
    }

    /// The consumer presses Pay, if there is something to do after it.
    pub async fn begin(&self, opened: &Opened) {
        match self {
            Self::Sandbox(_) => {}
            Self::Klarna(front) => front.press_pay(opened).await,
            Self::External(_) | Self::PayU(_) => {
                let answer = press_pay(self.site(), opened, "pay_now").await;
                assert_eq!(answer.status, 303, "{self}: {}", answer.text);
            }
        }
    }

    /// The consumer finishes the payment, and returns.
    pub async fn finish(&self, payment: &str, opened: &Opened) {
        match self {
            Self::Sandbox(site) => {
                site.send(&format!("{}/pay", opened.page), GOOD_CONSUMER).await;
            }
            Self::Klarna(_) | Self::External(_) | Self::PayU(_) => {
                self.approve_there(payment).await;
                self.return_from_there(opened).await;
            }
        }
    }

    /// The consumer authorizes the payment at a remote payment system.
    pub async fn approve_there(&self, payment: &str) {
        match self {
            Self::Sandbox(_) => panic!("the sandbox is here"),
            Self::Klarna(front) => {
                front.authorize(payment).await;
            }
            Self::External(front) => front.system.set(payment, Standing::Authorized),
            Self::PayU(payu) => payu.hold().await,
        }
    }

    /// The browser returns from a remote payment system.
    pub async fn return_from_there(&self, opened: &Opened) {
        match self {
            Self::Sandbox(_) => panic!("the sandbox is here"),
            Self::Klarna(front) => {
                front.claim(opened, "approved").await;
            }
            Self::External(_) | Self::PayU(_) => {
                self.site().look(&format!("{}/returned", opened.page)).await;
            }
        }
    }

    /// The consumer tries to pay, and is declined.
    pub async fn decline(&self, payment: &str, opened: &Opened) {
        self.begin(opened).await;
        match self {
            Self::Sandbox(site) => {
                site.send(&format!("{}/pay", opened.page), DENIED_CONSUMER).await;
            }
            Self::Klarna(front) => {
                front.claim(opened, "declined").await;
            }
            Self::External(front) => {
                front.system.set(payment, Standing::Declined);
                self.return_from_there(opened).await;
            }
            Self::PayU(payu) => {
                payu.reject().await;
                self.return_from_there(opened).await;
            }
        }
    }

    /// The merchant places the order of a token.
    pub async fn place(&self, token: &str, order: &Value) -> Answer {
        let merchant = match self {
            // The merchant knows Klarna, too.
            Self::Klarna(front) => &front.double.merchant,
            Self::Sandbox(_) | Self::External(_) | Self::PayU(_) => &self.site().merchant,
        };
        merchant.post(&format!("/payments/v1/authorizations/{token}/order"), order).await
    }

    /// The number of orders of a payment session at the payment system.
    pub async fn orders_of(&self, payment: &str) -> usize {
        match self {
            Self::Sandbox(site) => {
                let read = site.merchant.get(&format!("/payments/v1/sessions/{payment}")).await;
                usize::from(read.json["status"] == "complete")
            }
            Self::Klarna(front) => usize::from(front.at_the_double(payment).await["status"] == "complete"),
            Self::External(front) => front.system.orders_of(payment),
            Self::PayU(payu) => payu.captured_orders().await,
        }
    }

    /// From now on, the payment system is not reached.
    pub fn cut_off(&self) {
        let nothing = [Disturbance::NoConnection; 1_000];
        match self {
            Self::Sandbox(_) => {}
            Self::Klarna(front) => front.line.disturb("", &nothing),
            Self::External(front) => front.line.disturb("", &nothing),
            Self::PayU(payu) => payu.line.disturb("", &nothing),
        }
    }

    /// The payment system is reached again.
    pub fn reconnect(&self) {
        match self {
            Self::Sandbox(_) => {}
            Self::Klarna(front) => front.line.calm(),
            Self::External(front) => front.line.calm(),
            Self::PayU(payu) => payu.line.calm(),
        }
    }
}

const GOOD_CONSUMER: &str =
    "email=customer%40email.se&one_time_code=123456&payment_method_category=pay_later";

const DENIED_CONSUMER: &str =
    "email=customer%2Bdenied%40email.se&one_time_code=123456&payment_method_category=pay_later";
