use futures_util::future::{BoxFuture, FutureExt as _, ready};
use http::HeaderMap;
use kassa_outgoing::{CallAnswer, CallError, CallErrorKind};

use super::*;

fn message() -> OutgoingMessage {
    OutgoingMessage {
        id: "0199".to_string(),
        recipient: "+46701740605".to_string(),
        subject: String::new(),
        text: "Pay \"here\" {to} & now: https://pay.example/pay/t".to_string(),
        link: "https://pay.example/pay/t".to_string(),
        shop_name: "Shop".to_string(),
        links: kassa_engine::ShopLinks::default(),
        colors: kassa_engine::ShopColors::default(),
        locale: "en-GB".to_string(),
    }
}

fn gateway(format: BodyFormat, body: &str) -> HttpGateway {
    HttpGateway {
        url: "https://sms.example/send".to_string(),
        authorization: Some("Bearer secret".to_string()),
        format,
        body: body.to_string(),
        from: "SHOP".to_string(),
    }
}

#[test]
fn values_are_written_in_the_format_of_the_body_and_are_not_templates() {
    let json =
        gateway(BodyFormat::Json, r#"{"to": "{to}", "sender": "{from}", "body": "{text}", "ref": "{id}"}"#);
    let body = json.call(&message()).body;
    let sent: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&sent["to"], &sent["body"]), (&"+46701740605".into(), &message().text.into()));
    let form = gateway(BodyFormat::Form, "to={to}&text={text}");
    let body = form.call(&message()).body;
    let sent: Vec<_> = form_urlencoded::parse(&body).into_owned().collect();
    assert_eq!(sent, [("to".to_string(), "+46701740605".to_string()), ("text".to_string(), message().text)]);
}

#[test]
fn twilio_gets_its_form_and_the_accounts_secret() {
    let account = TwilioAccount {
        url: "https://api.twilio.com".to_string(),
        account: "AC1".to_string(),
        auth_token: "token".to_string(),
        from: "+15005550006".to_string(),
    };
    let call = account.call(&message());
    assert_eq!(call.url, "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json");
    assert_eq!(call.headers[1], ("authorization", "Basic QUMxOnRva2Vu".to_string()));
    let sent: Vec<_> = form_urlencoded::parse(&call.body).into_owned().collect();
    assert_eq!(sent.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["To", "From", "Body"]);
    assert!(!format!("{account:?}").contains("token\""));
}

/// A network in which every call has one outcome.
struct Always(Result<StatusCode, CallErrorKind>);

impl Outgoing for Always {
    fn call_with_headers(&self, _: Call, _: HeaderMap) -> BoxFuture<'_, Result<CallAnswer, CallError>> {
        let answer = |status| CallAnswer {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            is_whole: true,
            connected_after_ms: None,
            head_after_ms: 1,
        };
        ready(self.0.map(answer).map_err(|kind| CallError::new(kind, ""))).boxed()
    }
}

#[test]
fn an_answer_decides_whether_the_message_is_sent_again() {
    let outcome = |answer| {
        let gateway = SmsGateway::Http(gateway(BodyFormat::Form, "to={to}"));
        let sender = SmsSender::new(gateway, Arc::new(Always(answer)));
        sender.send(&message()).now_or_never().unwrap().as_str()
    };
    let statuses = [
        (200, "sent"),
        (201, "sent"),
        (400, "refused"),
        (401, "postponed"),
        (429, "postponed"),
        (503, "postponed"),
    ];
    for (status, expected) in statuses {
        assert_eq!(outcome(Ok(StatusCode::from_u16(status).unwrap())), expected, "{status}");
    }
    assert_eq!(outcome(Err(CallErrorKind::ConnectionLost)), "no_answer");
}
