//! What a visitor has chosen: market, articles and the choices of an integrator. It lives in the address, so that
//! the shop works without a cookie, a script or a session.

use url::form_urlencoded::Serializer;

use super::catalogue::{CATALOGUE, RANGE};
use super::choices::Choices;
use super::market::Market;

/// Fields of a form or an address, in their order.
pub(super) type Fields = Vec<(String, String)>;

/// At most so many of one article.
const MOST: u8 = 9;

/// Says that the basket was emptied on purpose: a visitor who names nothing gets a basket to start with.
const EMPTY: &str = "empty";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Basket {
    pub(super) market: Market,
    /// How many of each, in the order of the catalogue.
    pub(super) quantities: [u8; RANGE],
    pub(super) choices: Choices,
}

impl Default for Basket {
    fn default() -> Self {
        Self { market: Market::Sweden, quantities: [2, 1, 0, 0, 0, 0], choices: Choices::default() }
    }
}

impl Basket {
    /// Reads the fields; what is left out or not known is as at the start.
    pub(super) fn of(fields: &Fields) -> Self {
        let named = |name: &str| fields.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value);
        let start = Self::default();
        let market = named("market").and_then(|country| Market::of_country(country));
        let given =
            CATALOGUE.each_ref().map(|product| named(product.id).and_then(|text| text.parse::<u8>().ok()));
        let says_nothing = given.iter().all(Option::is_none) && named(EMPTY).is_none();
        let quantities =
            if says_nothing { start.quantities } else { given.map(|count| count.unwrap_or(0).min(MOST)) };
        let mut basket =
            Self { market: market.unwrap_or(start.market), quantities, choices: Choices::of(fields) };
        for (name, value) in fields {
            basket.press(name, value);
        }
        basket
    }

    /// Does what a button of the cart says.
    fn press(&mut self, button: &str, product: &str) {
        let Some(place) = CATALOGUE.iter().position(|known| known.id == product) else { return };
        let count = &mut self.quantities[place];
        match button {
            "add" => *count = (*count + 1).min(MOST),
            "less" => *count = count.saturating_sub(1),
            "remove" => *count = 0,
            _ => {}
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.quantities.iter().all(|count| *count == 0)
    }

    /// How many articles there are in all.
    pub(super) fn count(&self) -> u32 {
        self.quantities.iter().copied().map(u32::from).sum()
    }

    /// The address of the shop with this basket.
    pub(super) fn href(&self) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("market", self.market.country());
        for (product, count) in CATALOGUE.iter().zip(self.quantities).filter(|(_, count)| *count > 0) {
            query.append_pair(product.id, &count.to_string());
        }
        if self.is_empty() {
            query.append_pair(EMPTY, "1");
        }
        for (name, value) in self.choices.fields() {
            query.append_pair(name, value);
        }
        format!("/demo?{}", query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(query: &str) -> Fields {
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    #[track_caller]
    fn check(query: &str, expected: [u8; RANGE]) {
        assert_eq!(Basket::of(&fields(query)).quantities, expected, "{query}");
    }

    #[test]
    fn a_visitor_who_names_nothing_gets_a_basket_to_start_with() {
        check("", [2, 1, 0, 0, 0, 0]);
        check("market=DE", [2, 1, 0, 0, 0, 0]);
        check("empty=1", [0; RANGE]);
    }

    #[test]
    fn buttons_add_lessen_and_remove_within_bounds() {
        check("mug=1&add=mug", [2, 0, 0, 0, 0, 0]);
        check("mug=9&add=mug", [9, 0, 0, 0, 0, 0]);
        check("mug=1&fern=2&less=mug", [0, 0, 0, 0, 0, 2]);
        check("empty=1&less=mug", [0; RANGE]);
        check("mug=3&buns=1&remove=mug", [0, 0, 1, 0, 0, 0]);
        check("mug=3&add=unknown", [3, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn what_cannot_be_read_counts_as_none() {
        check("mug=-1&coffee=many&buns=200", [0, 0, 9, 0, 0, 0]);
    }

    #[test]
    fn the_address_leads_to_the_same_basket() {
        for query in [
            "",
            "empty=1&market=US",
            "market=GB&lamp=4&channel=IN_STORE&mode=CAPTURE_ORDER",
            "mug=1&category=pay_later&urls=shown&url=back&url=cancel",
            "mug=1&urls=shown",
        ] {
            let basket = Basket::of(&fields(query));
            let href = basket.href();
            let query_of_href = href.strip_prefix("/demo?").unwrap();
            assert_eq!(Basket::of(&fields(query_of_href)), basket, "{query}");
        }
    }
}
