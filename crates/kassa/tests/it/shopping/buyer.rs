//! A merchant with its consumers: starts purchases, continues earlier ones, and records every answer.

use http::Method;
use serde_json::{Value, json};

use super::Dice;
use super::purchase::Purchase;
use crate::harness::{Answer, Merchant, cart};

/// The number of steps in one purchase before another is chosen. An unfinished purchase may be continued later.
const STEPS: u32 = 5;

/// The acts on an open session. Entering and paying are the most frequent.
const ACTS: [&str; 10] =
    ["enter", "enter", "enter", "approve", "approve", "approve", "decline", "error", "back", "cancel"];

/// The consumer's requests on the page: the path below the page's own, and the form to send.
const ON_THE_PAGE: [(&str, Option<&str>); 6] = [
    ("", None),
    ("/pay", Some("payment_method_category=pay_later&email=customer@email.se&one_time_code=123456")),
    ("/pay", Some("payment_method_category=pay_now&email=customer%2Bdenied@email.se&one_time_code=123456")),
    ("/pay", Some("payment_method_category=pay_now&email=customer%2Berror@email.se&one_time_code=123456")),
    ("/back", Some("")),
    ("/cancel", Some("")),
];

pub struct Buyer {
    dice: Dice,
    status_update: String,
    pub purchases: Vec<Purchase>,
}

/// The reason for a missing answer: the process has ended.
type CutOff = String;

impl Buyer {
    pub fn new(dice: Dice, status_update: &str) -> Self {
        Self { dice, status_update: status_update.to_string(), purchases: Vec::new() }
    }

    /// Buys until a call is not answered.
    pub async fn shop_until_cut_off(mut self, merchant: Merchant) -> Self {
        while self.shop(&merchant).await.is_ok() {}
        self
    }

    async fn shop(&mut self, merchant: &Merchant) -> Result<(), CutOff> {
        let goes_on = !self.purchases.is_empty() && self.dice.below(3) == 0;
        let chosen = if goes_on {
            let recent = u32::try_from(self.purchases.len().min(50)).unwrap();
            self.purchases.len() - 1 - self.dice.below(recent) as usize
        } else {
            self.begin(merchant).await?
        };
        for _ in 0..STEPS {
            if self.purchases[chosen].is_final() {
                return self.place_order(merchant, chosen).await;
            }
            self.step(merchant, chosen).await?;
        }
        Ok(())
    }

    /// Creates a payment session with one page session, sometimes with two.
    async fn begin(&mut self, merchant: &Merchant) -> Result<usize, CutOff> {
        let channel = self.dice.one_of(&["ECOMMERCE", "IN_STORE"]);
        let payment = post(merchant, "/payments/v1/sessions", &cart(channel)).await?.expect(200);
        let siblings = if self.dice.below(5) == 0 { 2 } else { 1 };
        for _ in 0..siblings {
            let body = json!({
                "payment_session_url": format!("{}/payments/v1/sessions/{}", merchant.url, payment.word("session_id")),
                "merchant_urls": {"status_update": self.status_update},
                "options": {"place_order_mode": self.dice.one_of(&["NONE", "PLACE_ORDER", "CAPTURE_ORDER"])},
            });
            let created = post(merchant, "/hpp/v1/sessions", &body).await?.expect(201);
            let page = created.word("redirect_url").strip_prefix(&merchant.url).unwrap().to_string();
            self.purchases.push(Purchase::new(created.word("session_id").to_string(), page));
        }
        Ok(self.purchases.len() - 1)
    }

    /// Carries out one act of the consumer or the merchant. 409 means that the lifecycle table refuses it.
    async fn step(&mut self, merchant: &Merchant, chosen: usize) -> Result<(), CutOff> {
        if self.dice.below(12) == 0 {
            return self.disable(merchant, chosen).await;
        }
        if self.dice.below(3) == 0 {
            return self.browse(merchant, chosen).await;
        }
        let purchase = &mut self.purchases[chosen];
        let path = format!("/lab/v1/sessions/{}/{}", purchase.session, self.dice.one_of(&ACTS));
        let answer = post(merchant, &path, &json!({})).await?;
        match answer.status {
            200 => purchase.answers.push(answer.json),
            409 => purchase.answers.push(read(merchant, &purchase.session).await?),
            _ => panic!("{path}: {}", answer.text),
        }
        Ok(())
    }

    /// Carries out one act on the page. The answer shows no status, so a read follows.
    async fn browse(&mut self, merchant: &Merchant, chosen: usize) -> Result<(), CutOff> {
        let purchase = &mut self.purchases[chosen];
        let (below, form) = self.dice.one_of(&ON_THE_PAGE);
        let answer = merchant.browse(&format!("{}{below}", purchase.page), *form).await?;
        assert!(answer.status < 500, "{below}: {} {}", answer.status, answer.text);
        purchase.answers.push(read(merchant, &purchase.session).await?);
        Ok(())
    }

    async fn disable(&mut self, merchant: &Merchant, chosen: usize) -> Result<(), CutOff> {
        let purchase = &mut self.purchases[chosen];
        let path = format!("/hpp/v1/sessions/{}", purchase.session);
        let answer = merchant.call(Method::DELETE, &path, &Value::Null).await?;
        match answer.status {
            204 => purchase.was_disabled = true,
            400 => purchase.answers.push(read(merchant, &purchase.session).await?),
            _ => panic!("{path}: {}", answer.text),
        }
        Ok(())
    }

    /// Places the order of a completed purchase that has a token, even if it was placed before. Two page sessions of
    /// one payment session may both be authorized: then one order is refused.
    async fn place_order(&mut self, merchant: &Merchant, chosen: usize) -> Result<(), CutOff> {
        let purchase = &mut self.purchases[chosen];
        let Some(token) = purchase.token() else { return Ok(()) };
        let path = format!("/payments/v1/authorizations/{token}/order");
        let answer = post(merchant, &path, &cart_to_order()).await?;
        if answer.status == 200 {
            let order = answer.word("order_id").to_string();
            assert!(purchase.order.as_ref().is_none_or(|earlier| *earlier == order), "a second order");
            purchase.order = Some(order);
        } else {
            assert!([403, 404, 409].contains(&answer.status), "{path}: {}", answer.text);
            assert_eq!(purchase.order, None, "an acknowledged order is refused: {}", answer.text);
        }
        Ok(())
    }
}

/// The cart without the fields that an order must not repeat.
pub fn cart_to_order() -> Value {
    let mut cart = cart("ECOMMERCE");
    cart.as_object_mut().unwrap().remove("acquiring_channel");
    cart
}

async fn post(merchant: &Merchant, path: &str, body: &Value) -> Result<Answer, CutOff> {
    merchant.call(Method::POST, path, body).await
}

async fn read(merchant: &Merchant, session: &str) -> Result<Value, CutOff> {
    let path = format!("/hpp/v1/sessions/{session}");
    Ok(merchant.call(Method::GET, &path, &Value::Null).await?.expect(200).json)
}
