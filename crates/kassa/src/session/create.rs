//! `kassa session create`: creates a payment session with a cart from options, and a page session for it.

use clap::{Args, ValueEnum};
use kassa_i18n::currency_decimals;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Map, Value, json};

use super::market::Market;
use crate::failure::Failure;
use crate::remote::Remote;
use crate::table::text;

/// The options of `kassa session create`.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Options {
    /// Amount to pay, as a decimal number in the currency.
    #[arg(long, default_value = "100.00", conflicts_with = "items", allow_hyphen_values = true, value_parser = amount)]
    amount: Decimal,
    /// An order line, as NAME=PRICE or NAME=PRICExQUANTITY (example: Mug=49.00x2). May be given several times. The
    /// amount is then the sum of the lines.
    #[arg(long = "item", value_name = "ITEM", value_parser = item)]
    items: Vec<Item>,
    /// Country of the purchase, by ISO 3166.
    #[arg(long, default_value = "SE")]
    country: String,
    /// Currency, by ISO 4217 (default: the currency of the country).
    #[arg(long)]
    currency: Option<String>,
    /// Language and region of the consumer (default: the usual ones of the country; example: sv-SE).
    #[arg(long)]
    locale: Option<String>,
    /// Sales channel.
    #[arg(long, default_value = "ecommerce")]
    channel: Channel,
    /// URL that receives the callbacks. It may have placeholders, such as `{{session_id}}`.
    #[arg(long, value_name = "URL")]
    status_update: Option<String>,
    /// URL to which the browser goes after the payment. It may have placeholders.
    #[arg(long, value_name = "URL")]
    success: Option<String>,
    /// Place the order when the consumer pays, instead of giving the merchant an authorization token.
    #[arg(long)]
    place_order: bool,
    #[command(flatten)]
    remote: Remote,
}

/// A sales channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Channel {
    Ecommerce,
    InStore,
    Telesales,
}

impl Channel {
    /// The word of the wire.
    const fn on_the_wire(self) -> &'static str {
        match self {
            Self::Ecommerce => "ECOMMERCE",
            Self::InStore => "IN_STORE",
            Self::Telesales => "TELESALES",
        }
    }
}

/// An order line as the user wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    name: String,
    price: Decimal,
    quantity: i64,
}

/// Reads an amount. Its decimals are checked later, when the currency is known.
fn amount(given: &str) -> Result<Decimal, &'static str> {
    let amount = Decimal::from_str_exact(given.trim()).ok().filter(|amount| !amount.is_sign_negative());
    amount.ok_or("expected a decimal number with a point, not negative, such as 49.00")
}

/// Reads `NAME=PRICE` or `NAME=PRICExQUANTITY`. The name may contain `=`.
fn item(given: &str) -> Result<Item, &'static str> {
    let wrong = "expected NAME=PRICE or NAME=PRICExQUANTITY, such as Mug=49.00x2, with a quantity from 1";
    let (name, rest) = given.rsplit_once('=').ok_or(wrong)?;
    let (price, quantity) = rest.split_once('x').unwrap_or((rest, "1"));
    let quantity: i64 = quantity.trim().parse().map_err(|_| wrong)?;
    let price = amount(price)?;
    let name = name.trim().to_string();
    if name.is_empty() || quantity < 1 { Err(wrong) } else { Ok(Item { name, price, quantity }) }
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let remote = &options.remote;
    let payment_session = remote.post("/payments/v1/sessions", &options.cart()?)?;
    let id = text(&payment_session["session_id"]);
    let payment_session_url = remote.url_of(&format!("/payments/v1/sessions/{id}"));
    let mut created = remote.post("/hpp/v1/sessions", &options.page_session(&payment_session_url))?;
    created["payment_session"] = payment_session;
    remote.print(&created, |created| {
        let field = |name: &str| text(&created[name]);
        format!("Page session  {}\nPayment page  {}", field("session_id"), field("redirect_url"))
    })
}

impl Options {
    /// The body of the payment session.
    fn cart(&self) -> Result<Value, Failure> {
        let country = self.country.trim().to_ascii_uppercase();
        let currency = self.currency_in(&country)?;
        let lines = self.lines(&currency)?;
        let total = |sum: Option<i64>, line: &Line| sum?.checked_add(line.total_amount);
        let order_amount = lines.iter().fold(Some(0), total);
        let order_amount = order_amount.ok_or_else(|| too_large("--item"))?;
        let locale =
            self.locale.clone().or_else(|| Market::of(&country).map(|market| market.locale.to_string()));
        Ok(json!({
            "purchase_country": country,
            "purchase_currency": currency,
            "locale": locale.unwrap_or_else(|| format!("en-{country}")),
            "acquiring_channel": self.channel.on_the_wire(),
            "order_amount": order_amount,
            "order_lines": lines.iter().map(Line::json).collect::<Vec<_>>(),
        }))
    }

    fn currency_in(&self, country: &str) -> Result<String, Failure> {
        let usual = || Market::of(country).map(|market| market.currency.to_string());
        let given = self.currency.as_deref().map(|currency| currency.trim().to_ascii_uppercase());
        given.or_else(usual).ok_or_else(|| {
            Failure::Usage(format!(
                "--country {country}: Kassa does not know its currency. Give it with --currency, such as --currency \
                 JPY"
            ))
        })
    }

    fn lines(&self, currency: &str) -> Result<Vec<Line>, Failure> {
        if self.items.is_empty() {
            let unit_price = minor_units(self.amount, currency, "--amount")?;
            return Ok(vec![Line {
                name: "Goods".into(),
                quantity: 1,
                unit_price,
                total_amount: unit_price,
            }]);
        }
        let line = |item: &Item| {
            let unit_price = minor_units(item.price, currency, &format!("--item {}", item.name))?;
            let total_amount = unit_price.checked_mul(item.quantity).ok_or_else(|| too_large("--item"))?;
            Ok(Line { name: item.name.clone(), quantity: item.quantity, unit_price, total_amount })
        };
        self.items.iter().map(line).collect()
    }

    /// The body of the page session.
    fn page_session(&self, payment_session_url: &str) -> Value {
        let urls = [("status_update", &self.status_update), ("success", &self.success)];
        let urls = urls.into_iter().filter_map(|(name, url)| Some((name.to_string(), json!(url.as_ref()?))));
        let urls: Map<String, Value> = urls.collect();
        let mode = if self.place_order { "PLACE_ORDER" } else { "NONE" };
        json!({
            "payment_session_url": payment_session_url,
            "merchant_urls": urls,
            "options": { "place_order_mode": mode },
        })
    }
}

/// An order line in minor units.
struct Line {
    name: String,
    quantity: i64,
    unit_price: i64,
    total_amount: i64,
}

impl Line {
    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "quantity": self.quantity,
            "unit_price": self.unit_price,
            "total_amount": self.total_amount,
        })
    }
}

/// Converts an amount into minor units, of which a currency has as many as its decimals say.
fn minor_units(amount: Decimal, currency: &str, option: &str) -> Result<i64, Failure> {
    let decimals = currency_decimals(currency);
    let factor = (0..decimals).fold(Decimal::ONE, |factor, _| factor * Decimal::TEN);
    let scaled = amount.checked_mul(factor).ok_or_else(|| too_large(option))?;
    if !scaled.is_integer() {
        let expected = match decimals {
            0 => "no decimals, so give a whole number".to_string(),
            decimals => format!("{decimals} decimals, so give at most {decimals}"),
        };
        return Err(Failure::Usage(format!(
            "{option}: {amount} has too many decimals: {currency} has {expected}"
        )));
    }
    scaled.to_i64().ok_or_else(|| too_large(option))
}

fn too_large(option: &str) -> Failure {
    Failure::Usage(format!("{option}: the amount is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &str, currency: &str, expected: Option<i64>) {
        let found = amount(given).ok().and_then(|amount| minor_units(amount, currency, "--amount").ok());
        assert_eq!(found, expected, "{given} {currency}");
    }

    #[test]
    fn an_amount_becomes_minor_units_by_the_decimals_of_its_currency() {
        check("100.00", "SEK", Some(10_000));
        check("0.1", "EUR", Some(10));
        check("100", "SEK", Some(10_000));
        check("100.00", "JPY", Some(100));
        check("1.234", "KWD", Some(1_234));
        check("92233720368547758.07", "SEK", Some(i64::MAX));
    }

    #[test]
    fn an_amount_that_the_currency_cannot_express_is_refused() {
        for (given, currency) in [
            ("1.234", "SEK"),
            ("0.5", "JPY"),
            ("-1.00", "SEK"),
            ("1,00", "SEK"),
            ("1e3", "SEK"),
            ("", "SEK"),
            ("92233720368547758.08", "SEK"),
            ("79228162514264337593543950335", "SEK"),
        ] {
            check(given, currency, None);
        }
    }

    #[test]
    fn an_item_is_a_name_a_price_and_a_quantity() {
        let read =
            |given: &str| item(given).ok().map(|item| (item.name, item.price.to_string(), item.quantity));
        assert_eq!(read("Mug=49.00x2"), Some(("Mug".to_string(), "49.00".to_string(), 2)));
        assert_eq!(read("Box=4x4 =7"), Some(("Box=4x4".to_string(), "7".to_string(), 1)));
        for wrong in ["Mug", "=49.00", "Mug=", "Mug=49.00x0", "Mug=49.00x-1", "Mug=49.00x", "Mug=49.00x1x1"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
