//! The shop's catalogue: six articles with their prices.

use super::market::Market;

/// One article. The template `demo/pictures.html` has its picture, by id.
#[derive(Debug)]
pub(super) struct Product {
    /// Identifies it in addresses, forms and order lines.
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) blurb: &'static str,
    pub(super) tax_class: TaxClass,
    /// Prices in minor units, in the order of [`Market::ALL`].
    prices: [i64; 4],
}

/// The tax class of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaxClass {
    Household,
    Food,
}

/// Number of articles in the catalogue.
pub(super) const ARTICLE_COUNT: usize = 6;

pub(super) static CATALOGUE: [Product; ARTICLE_COUNT] = [
    Product {
        id: "mug",
        name: "Enamel mug",
        blurb: "Survives the cabin, the car and the dishwasher.",
        tax_class: TaxClass::Household,
        prices: [17_900, 1_590, 1_395, 1_600],
    },
    Product {
        id: "coffee",
        name: "Coffee beans, 500 g",
        blurb: "Dark roast with a note of cocoa and patience.",
        tax_class: TaxClass::Food,
        prices: [13_900, 1_249, 999, 1_375],
    },
    Product {
        id: "buns",
        name: "Cinnamon buns, six",
        blurb: "Baked at five, gone by nine.",
        tax_class: TaxClass::Food,
        prices: [8_400, 890, 725, 960],
    },
    Product {
        id: "blanket",
        name: "Wool blanket",
        blurb: "One metre forty of Gotland sheep.",
        tax_class: TaxClass::Household,
        prices: [129_900, 11_900, 9_950, 12_900],
    },
    Product {
        id: "lamp",
        name: "Reading lamp",
        blurb: "A warm circle of light for one more chapter.",
        tax_class: TaxClass::Household,
        prices: [74_900, 6_990, 5_900, 7_450],
    },
    Product {
        id: "fern",
        name: "Potted fern",
        blurb: "Forgives you for the week you were away.",
        tax_class: TaxClass::Household,
        prices: [22_900, 1_990, 1_749, 2_100],
    },
];

impl Product {
    /// Returns the price of one article, in minor units.
    pub(super) fn price(&self, market: Market) -> i64 {
        self.prices[market as usize]
    }
}
