//! The rows and bodies that both sides of a comparison use.

use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::merchant_urls::MerchantUrls;
use kassa_domain::page_session::{PageOptions, PageSession};
use kassa_domain::payment_session::{PaymentSession, PaymentSystemKey};
use kassa_domain::{Actor, Endpoint, EventId, MerchantId, PageSessionId, PaymentSessionId, Timestamp};
use kassa_engine::DEV_MERCHANT;
use kassa_store::{Advance, NewCallback};

/// 2024-07-01, the time in the ids.
pub const START_MS: usize = 1_719_792_000_000;

/// 2100-01-01, so that no session expires during a measurement.
pub const NEVER_MS: i64 = 4_102_444_800_000;

/// An id in the format of a UUID version 7, ordered by its number.
fn id(number: usize, kind: u16) -> String {
    let ms = START_MS + number;
    format!("{:08x}-{:04x}-7000-8{kind:03x}-{number:012x}", ms >> 16, ms & 0xffff)
}

/// The payment session that all sessions host.
pub fn payment_session() -> PaymentSession {
    PaymentSession {
        id: PaymentSessionId::new(id(0, 2)),
        system: PaymentSystemKey::Sandbox,
        merchant_id: MerchantId::new(DEV_MERCHANT),
        version: 0,
        created_at: Timestamp::from_ms(i64::try_from(START_MS).unwrap()),
        expires_at: Timestamp::from_ms(NEVER_MS),
        body: CART.to_string(),
        authorization_token: None,
        completion: None,
        started: None,
    }
}

/// The session with this number, as it is created.
pub fn new_session(number: usize) -> PageSession {
    let created_at = Timestamp::from_ms(i64::try_from(START_MS + number).unwrap());
    PageSession {
        id: PageSessionId::new(id(number, 1)),
        merchant_id: MerchantId::new(DEV_MERCHANT),
        payment_session_id: payment_session().id,
        status: Status::Waiting,
        version: 0,
        created_at,
        updated_at: created_at,
        expires_at: Timestamp::from_ms(NEVER_MS),
        merchant_urls: MerchantUrls {
            success: Some(
                "https://shop.example/success?sid={{session_id}}&token={{authorization_token}}".to_string(),
            ),
            back: Some("https://shop.example/back?sid={{session_id}}".to_string()),
            failure: Some("https://shop.example/failure?sid={{session_id}}".to_string()),
            ..MerchantUrls::default()
        },
        options: PageOptions::default(),
        authorization_token: None,
        order: None,
        open_operation: None,
        id_check: None,
    }
}

/// The change of the same session when the consumer opens its page, with everything that is committed together.
pub fn changed(number: usize, url: Option<&str>) -> Advance {
    let mut session = new_session(number);
    session.status = Status::InProgress;
    session.version = 1;
    session.updated_at = session.created_at.plus_ms(1);
    let event_id = id(number, 3);
    let body = format!(
        r#"{{"event_id":"{event_id}","session":{{"session_id":"{}","status":"IN_PROGRESS","updated_at":"2019-05-13T14:51:46.288Z","expires_at":"2019-05-15T13:51:43.507Z"}}}}"#,
        session.id
    );
    let callback = url.map(|url| NewCallback {
        endpoint: Endpoint::shared(url.trim_end_matches('/')),
        url: url.to_string(),
        due_at: session.created_at,
        leased_until: None,
    });
    Advance {
        session,
        event: Event::ConsumerEntered,
        actor: Actor::Consumer,
        event_id: EventId::new(event_id),
        body,
        callback,
        note: None,
        new_authorization: None,
        operation_end: None,
        release: None,
        reference_reads: None,
        timer: None,
    }
}

/// The body of a new payment session.
pub const CART: &str = r#"{"acquiring_channel":"ECOMMERCE","purchase_country":"SE","purchase_currency":"SEK","locale":"sv-SE","order_amount":9999,"order_tax_amount":1870,"order_lines":[{"name":"Running shoe","quantity":1,"unit_price":9999,"tax_rate":2300,"total_amount":9999,"total_tax_amount":1870}]}"#;

/// The body of a new page session.
pub fn creation(payment_session: &str, status_update: Option<&str>) -> String {
    let status_update = status_update.map_or(String::new(), |url| format!(r#","status_update":"{url}""#));
    format!(
        r#"{{"payment_session_url":"http://localhost/payments/v1/sessions/{payment_session}","merchant_urls":{{"success":"https://shop.example/success?sid={{{{session_id}}}}&token={{{{authorization_token}}}}","back":"https://shop.example/back?sid={{{{session_id}}}}","failure":"https://shop.example/failure?sid={{{{session_id}}}}"{status_update}}}}}"#
    )
}
