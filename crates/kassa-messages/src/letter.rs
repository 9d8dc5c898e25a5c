//! The e-mail itself: text, HTML, and the QR code of the link.

use askama::Template;
use kassa_colors::{Palette, Theme};
use kassa_engine::OutgoingMessage;
use kassa_i18n::Texts;
use kassa_qr::QrError;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

/// The name of the QR code within the e-mail.
const QR_CODE: &str = "qr-code";

/// The reason why there is no e-mail. The details do not repeat the recipient.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoLetter {
    /// The mail library does not read the recipient as an address.
    #[error("the recipient is not an address")]
    Recipient,
    /// The library cannot write the e-mail.
    #[error("the e-mail cannot be written")]
    Unwritable,
    /// The link is too long for a QR code.
    #[error(transparent)]
    Qr(#[from] QrError),
}

#[derive(Template)]
#[template(path = "messages/email.html")]
struct HtmlLetter<'a> {
    texts: &'a Texts,
    message: &'a OutgoingMessage,
    theme: Theme,
}

impl<'a> HtmlLetter<'a> {
    fn of(message: &'a OutgoingMessage, texts: &'a Texts) -> Self {
        let colors = &message.colors;
        let theme = Palette::of(colors.accent.as_deref(), colors.background.as_deref()).light;
        Self { texts, message, theme }
    }
}

/// Writes the e-mail. Each attempt has the same `Message-ID`, so that a mailbox can drop a second copy.
pub(crate) fn letter(message: &OutgoingMessage, from: &Address, texts: &Texts) -> Result<Message, NoLetter> {
    let recipient = message.recipient.parse().map_err(|_| NoLetter::Recipient)?;
    let html = HtmlLetter::of(message, texts).render().map_err(|_| NoLetter::Unwritable)?;
    let qr_code = Attachment::new_inline(QR_CODE.to_string()).body(kassa_qr::png(&message.link)?, png());
    let with_picture = MultiPart::related().singlepart(SinglePart::html(html)).singlepart(qr_code);
    let content =
        MultiPart::alternative().singlepart(SinglePart::plain(message.text.clone())).multipart(with_picture);
    Message::builder()
        .from(Mailbox::new(Some(in_header(&message.shop_name)), from.clone()))
        .to(Mailbox::new(None, recipient))
        .subject(in_header(&message.subject))
        .message_id(Some(format!("<{}@{}>", message.id, from.domain())))
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_string(),
        ))
        .multipart(content)
        .map_err(|_| NoLetter::Unwritable)
}

/// A text in a header. The library cannot write control characters, and a line break would begin another header.
fn in_header(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

fn png() -> ContentType {
    ContentType::parse("image/png").expect("this is a content type")
}

impl HtmlLetter<'_> {
    const QR_CODE: &'static str = QR_CODE;

    fn lang(&self) -> &str {
        self.texts.language.tag
    }

    fn dir(&self) -> &'static str {
        self.texts.language.direction.dir()
    }

    /// The links to the shop's own pages, each with its text.
    fn links(&self) -> Vec<(&str, &str)> {
        let (links, texts) = (&self.message.links, self.texts);
        let all = [
            (&links.terms, &texts.terms_link),
            (&links.privacy, &texts.privacy_link),
            (&links.support, &texts.support_link),
        ];
        all.into_iter().filter_map(|(url, label)| Some((url.as_deref()?, &**label))).collect()
    }
}

#[cfg(test)]
mod tests {
    use kassa_engine::{ShopColors, ShopLinks};
    use kassa_i18n::Languages;

    use super::*;

    fn message() -> OutgoingMessage {
        OutgoingMessage {
            id: "0199".to_string(),
            recipient: "ada@example.com".to_string(),
            subject: "Ditt köp".to_string(),
            text: "Slutför ditt köp: https://pay.example/pay/t".to_string(),
            link: "https://pay.example/pay/t".to_string(),
            shop_name: "Åhs <Shop> & Co".to_string(),
            locale: "sv-SE".to_string(),
            links: ShopLinks::default(),
            colors: ShopColors::default(),
        }
    }

    fn written(message: &OutgoingMessage) -> String {
        let from = "pay@shop.example".parse().unwrap();
        let letter = letter(message, &from, Languages::built_in().of(&message.locale)).unwrap();
        String::from_utf8(letter.formatted()).unwrap()
    }

    #[test]
    fn an_email_has_text_html_and_a_qr_code() {
        let letter = written(&message());
        for part in [
            "Message-ID: <0199@shop.example>",
            "Auto-Submitted: auto-generated",
            "To: ada@example.com",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "image/png",
            "Content-ID: <qr-code>",
        ] {
            assert!(letter.contains(part), "{part} in {letter}");
        }
    }

    #[test]
    fn a_name_or_subject_adds_no_header_and_no_markup() {
        let bad = "Shop\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script>\u{202e}\u{0}\u{7}";
        let message = OutgoingMessage { shop_name: bad.to_string(), subject: bad.to_string(), ..message() };
        let letter = written(&message);
        let (headers, _) = letter.split_once("\r\n\r\n").unwrap();
        assert!(headers.lines().all(|line| !line.starts_with("Bcc")), "{headers}");
        assert!(!letter.contains("<script>"), "{letter}");
    }

    #[test]
    fn the_links_of_the_shop_are_at_the_end_in_the_language_of_the_message() {
        let html = |message: &OutgoingMessage| {
            HtmlLetter::of(message, Languages::built_in().of("sv-SE")).render().unwrap()
        };
        let terms = Some("https://shop.example/terms?a=1&b=\"".to_string());
        let links = ShopLinks { terms, ..ShopLinks::default() };
        let shown = html(&OutgoingMessage { links, ..message() });
        assert!(shown.contains("href=\"https://shop.example/terms?a=1&#38;b=&#34;\""), "{shown}");
        assert!(shown.contains(">Köpvillkor</a>") && !shown.contains("Integritetspolicy"), "{shown}");
        assert!(!html(&message()).contains("Köpvillkor"));
    }

    #[test]
    fn the_button_and_the_links_have_the_colours_of_the_shop() {
        let colors = ShopColors { accent: Some("#ffcc00".to_string()), background: None };
        let message = OutgoingMessage { colors, ..message() };
        let html = HtmlLetter::of(&message, Languages::built_in().of("sv-SE")).render().unwrap();
        assert!(html.contains("background:#ffcc00;color:#000000"), "{html}");
        assert!(html.contains("style=\"color:#866a00\""), "{html}");
    }

    #[test]
    fn a_recipient_with_more_than_one_address_is_refused() {
        let from = "pay@shop.example".parse().unwrap();
        for recipient in ["a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com", ""] {
            let message = OutgoingMessage { recipient: recipient.to_string(), ..message() };
            let refused = letter(&message, &from, Languages::built_in().of("en")).unwrap_err();
            assert!(matches!(refused, NoLetter::Recipient), "{recipient}");
        }
    }
}
