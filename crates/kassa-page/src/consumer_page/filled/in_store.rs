//! Builds the pages of a shop with staff.

use kassa_domain::lifecycle::Status;
use kassa_engine::MessageChannel;

use super::PageContext;
use crate::consumer_page::language::PagePath;
use crate::consumer_page::view::{
    DisplayPage, IdCheckCard, Outcome, OutcomePage, SendForms, StaffNotice, StaffPage,
};

impl PageContext<'_> {
    /// The page while the staff checks the identity document. The browser opens the outcome when the status changes.
    pub(in crate::consumer_page) fn id_check_page(&self, nonce: &str, shown_at: (&str, PagePath)) -> String {
        let language = self.language();
        let (token, _) = shown_at;
        let challenge = self.session.id_check.as_ref().map(|check| &check.challenge);
        OutcomePage {
            frame: self.frame(nonce, &language, Some(shown_at)),
            outcome: Outcome::IdCheck,
            amount: Some(self.amount()),
            receipt: None,
            id_check_code: challenge.map(|challenge| challenge.code.as_str()),
            retry_href: None,
            continue_url: None,
            continue_after_s: None,
            reload_href: Some(&format!("/pay/{token}/outcome")),
            live_href: Some(&format!("/pay/{token}/live?version={}", self.session.version)),
        }
        .html()
    }

    /// The page of the staff of a shop, at this path.
    pub(in crate::consumer_page) fn staff_page(
        &self,
        nonce: &str,
        page: &str,
        notice: Option<StaffNotice>,
    ) -> String {
        let language = self.language();
        let (session, engine) = (self.session, &self.pages.engine);
        let is_open = session.can_be_paid();
        // During a check the staff has the customer in front of it.
        let invites = is_open && session.id_check.is_none();
        StaffPage {
            frame: self.frame(nonce, &language, None),
            page,
            status: session.status,
            amount: self.amount(),
            reference: self
                .content
                .merchant_reference1
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty()),
            qr_href: invites.then(|| self.qr_href()),
            live_href: format!("{page}/events?version={}", session.version),
            send: invites.then(|| SendForms {
                by_email: engine.offers(MessageChannel::Email),
                by_sms: engine.offers(MessageChannel::Sms),
                country: self.content.effective_country(),
            }),
            id_check: session
                .id_check
                .as_ref()
                .map(|check| IdCheckCard { code: &check.challenge.code, name: self.name_of_consumer() }),
            notice,
            can_be_disabled: is_open,
        }
        .html()
    }

    /// The screen that faces the customer, at this path. It has the QR code until the customer has scanned it.
    pub(in crate::consumer_page) fn display_page(&self, nonce: &str, page: &str) -> String {
        let language = self.language();
        let session = self.session;
        let can_be_scanned = match session.status {
            Status::Waiting | Status::Back | Status::Failed | Status::Error | Status::Timeout => {
                session.can_be_paid()
            }
            Status::InProgress
            | Status::ManualIdCheck
            | Status::Completed
            | Status::Cancelled
            | Status::Disabled => false,
        };
        DisplayPage {
            frame: self.frame(nonce, &language, None),
            page: &format!("{page}/display"),
            status: session.status,
            amount: self.amount(),
            qr_href: can_be_scanned.then(|| self.qr_href()),
            live_href: format!("{page}/events?version={}", session.version),
        }
        .html()
    }

    fn qr_href(&self) -> String {
        format!("{}/qr", self.pages.links.page_path(&self.session.id))
    }

    /// The name in the billing address, to be compared with the document.
    fn name_of_consumer(&self) -> Option<String> {
        let address = self.content.billing_address.as_ref()?;
        let parts = [address.given_name.as_deref(), address.family_name.as_deref()];
        let name = parts.into_iter().flatten().map(str::trim).collect::<Vec<_>>().join(" ");
        (!name.trim().is_empty()).then_some(name)
    }
}
