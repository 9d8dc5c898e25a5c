//! The visitor's basket: market, articles and the integrator's choices. The address contains all of it, so the shop
//! works without a cookie, a script or a server-side session.

use url::form_urlencoded::Serializer;

use super::catalogue::{ARTICLE_COUNT, CATALOGUE};
use super::choices::Choices;
use super::market::Market;

/// The fields of a form or a query string, in order.
pub(super) type Fields = Vec<(String, String)>;

/// Maximum quantity of one article.
const MAX_QUANTITY: u8 = 9;

/// The query field of an empty basket. Without it, a query that contains no article selects the initial basket.
const EMPTY: &str = "empty";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Basket {
    pub(super) market: Market,
    /// The quantity of each article, in the catalogue's order.
    pub(super) quantities: [u8; ARTICLE_COUNT],
    pub(super) choices: Choices,
}

impl Default for Basket {
    fn default() -> Self {
        Self { market: Market::Sweden, quantities: [2, 1, 0, 0, 0, 0], choices: Choices::default() }
    }
}

impl Basket {
    /// Reads the fields. Missing and unknown ones get their initial value.
    pub(super) fn of(fields: &Fields) -> Self {
        let named = |name: &str| fields.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value);
        let start = Self::default();
        let market = named("market").and_then(|country| Market::of_country(country));
        let given =
            CATALOGUE.each_ref().map(|product| named(product.id).and_then(|text| text.parse::<u8>().ok()));
        let says_nothing = given.iter().all(Option::is_none) && named(EMPTY).is_none();
        let quantities = if says_nothing {
            start.quantities
        } else {
            given.map(|count| count.unwrap_or(0).min(MAX_QUANTITY))
        };
        let mut basket =
            Self { market: market.unwrap_or(start.market), quantities, choices: Choices::of(fields) };
        for (name, value) in fields {
            basket.apply_button(name, value);
        }
        basket
    }

    /// Applies a button of the cart: `add`, `less` or `remove`.
    fn apply_button(&mut self, button: &str, product: &str) {
        let Some(place) = CATALOGUE.iter().position(|known| known.id == product) else { return };
        let count = &mut self.quantities[place];
        match button {
            "add" => *count = (*count + 1).min(MAX_QUANTITY),
            "less" => *count = count.saturating_sub(1),
            "remove" => *count = 0,
            _ => {}
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.quantities.iter().all(|count| *count == 0)
    }

    /// Returns the total quantity of all articles.
    pub(super) fn count(&self) -> u32 {
        self.quantities.iter().copied().map(u32::from).sum()
    }

    /// Returns the shop's address with this basket.
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
    fn check(query: &str, expected: [u8; ARTICLE_COUNT]) {
        assert_eq!(Basket::of(&fields(query)).quantities, expected, "{query}");
    }

    #[test]
    fn a_query_without_articles_gives_the_initial_basket() {
        check("", [2, 1, 0, 0, 0, 0]);
        check("market=DE", [2, 1, 0, 0, 0, 0]);
        check("empty=1", [0; ARTICLE_COUNT]);
    }

    #[test]
    fn buttons_change_quantities_within_bounds() {
        check("mug=1&add=mug", [2, 0, 0, 0, 0, 0]);
        check("mug=9&add=mug", [9, 0, 0, 0, 0, 0]);
        check("mug=1&fern=2&less=mug", [0, 0, 0, 0, 0, 2]);
        check("empty=1&less=mug", [0; ARTICLE_COUNT]);
        check("mug=3&buns=1&remove=mug", [0, 0, 1, 0, 0, 0]);
        check("mug=3&add=unknown", [3, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn an_unreadable_quantity_counts_as_zero() {
        check("mug=-1&coffee=many&buns=200", [0, 0, 9, 0, 0, 0]);
    }

    #[test]
    fn the_address_gives_the_same_basket() {
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
