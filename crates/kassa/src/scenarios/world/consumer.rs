//! The consumer: uses the page as a browser without scripts does, or acts through the lab.

use http::Method;
use serde_json::json;

use super::page::Page;
use super::service::Answer;
use super::{Outcome, World};
use crate::scenarios::scenario::{Consumer, Verb};

/// The most redirects that are followed in a row.
const MOST_REDIRECTS: usize = 5;

impl World {
    pub(super) async fn consume(&self, consumer: &Consumer) -> Outcome {
        match consumer.does {
            Verb::Open => self.followed(self.service.browse(&self.filled("$page"), None).await).await,
            Verb::Pay => {
                let answer = self.service.browse(&self.filled("$page/pay"), Some(self.form(consumer))).await;
                if consumer.returns { self.followed(answer).await } else { Outcome::of(answer) }
            }
            Verb::Enter | Verb::Approve | Verb::Decline | Verb::Error | Verb::Back | Verb::Cancel => {
                let path = format!("sessions/$session/{}", consumer.does.as_str());
                let body = consumer.reason.as_ref().map_or(json!({}), |reason| json!({ "reason": reason }));
                let mut outcome = self.lab(Method::POST, &path, &body).await;
                if outcome.answer.is_success() && consumer.does != Verb::Enter && consumer.returns {
                    let shown = self.service.browse(&self.filled("$page/outcome"), None).await;
                    outcome.page = self.followed(shown).await.page;
                }
                outcome
            }
        }
    }

    /// Fills in the form of the page that the consumer saw last.
    fn form(&self, consumer: &Consumer) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("order_seen", self.page.order_seen.as_deref().unwrap_or_default())
            .append_pair("payment_method_category", "pay_later")
            .append_pair("email", &consumer.email)
            .append_pair("one_time_code", "123456")
            .finish()
    }

    /// Follows the redirects of an answer, as a browser does, until the shop is reached.
    async fn followed(&self, mut answer: Answer) -> Outcome {
        for _ in 0..MOST_REDIRECTS {
            let Some(location) = &answer.location else { break };
            let base = url::Url::parse(&self.filled("$page")).ok();
            let Some(to) = base.and_then(|base| base.join(location).ok()) else { break };
            answer = self.service.browse(to.as_str(), None).await;
            if to.as_str().starts_with(&self.shop.url) {
                break;
            }
        }
        Outcome { page: Some(Page::of(&answer.text)), ..Outcome::of(answer) }
    }
}
