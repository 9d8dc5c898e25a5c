//! The order summary on the page: lines, tax and total.

use kassa_i18n::Texts;
use kassa_i18n::format_money;

/// The order's lines and totals. All amounts are minor units of one currency.
pub(crate) struct OrderSummary<'a> {
    /// The currency of the order, ISO 4217.
    pub(crate) currency: &'a str,
    /// The lines, in the merchant's order; may be empty.
    pub(crate) lines: Vec<OrderLine<'a>>,
    /// The sum before tax, delivery and discounts; `None` if the order has only items.
    pub(crate) subtotal_minor_units: Option<i64>,
    /// The tax that the lines contain, shown below the total; `None` if it is unknown or has its own line.
    pub(crate) included_tax_minor_units: Option<i64>,
    /// The amount that the consumer pays.
    pub(crate) total_minor_units: i64,
    /// Whether subtotal and tax are shown.
    pub(crate) subtotal_detail: SubtotalDetail,
}

/// One line of the order.
pub(crate) struct OrderLine<'a> {
    /// The kind of the line.
    pub(crate) kind: LineKind,
    /// The merchant's name for the line; if empty, the page shows the kind's name.
    pub(crate) name: &'a str,
    /// Kassa's own address of the line's image.
    pub(crate) image_href: Option<String>,
    /// The quantity; shown for an item if it is more than one.
    pub(crate) quantity: i64,
    /// The price of one unit; shown if there are several.
    pub(crate) unit_minor_units: i64,
    /// The discount that the amount of the line contains; 0 if there is none.
    pub(crate) discount_minor_units: i64,
    /// The amount of the whole line, negative for a discount.
    pub(crate) total_minor_units: i64,
}

/// The receipt of a completed payment.
pub(crate) struct Receipt<'a> {
    /// The shop's number of the order, or that of the payment system.
    pub(crate) number: Option<&'a str>,
    /// The lines and the total.
    pub(crate) order: OrderSummary<'a>,
}

/// The kind of an order line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// An item: `physical`, `digital`, and every type that is not named below.
    #[default]
    Item,
    /// `discount`, `gift_card`, `store_credit`.
    Discount,
    /// `shipping_fee`.
    Delivery,
    /// `sales_tax`.
    Tax,
    /// `surcharge`.
    Surcharge,
}

/// The merchant's `show_subtotal_detail`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SubtotalDetail {
    /// Subtotal and tax are shown.
    #[default]
    Shown,
    /// `HIDE`: lines and total only.
    Hidden,
}

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amount<'a> {
    /// In minor units: cents, öre, and whole yen.
    pub(crate) minor_units: i64,
    /// ISO 4217.
    pub(crate) currency: &'a str,
}

/// Number of lines that a long order shows before it folds the rest.
const LINES_BEFORE_FOLD: usize = 4;

impl<'a> OrderSummary<'a> {
    pub(super) fn amount(&self, minor_units: i64) -> Amount<'a> {
        Amount { minor_units, currency: self.currency }
    }

    /// Returns the lines that are always visible. A single line is never folded alone.
    pub(super) fn first_lines(&self) -> &[OrderLine<'a>] {
        &self.lines[..self.fold()]
    }

    /// Returns the lines that the consumer can unfold.
    pub(super) fn folded_lines(&self) -> &[OrderLine<'a>] {
        &self.lines[self.fold()..]
    }

    fn fold(&self) -> usize {
        if self.lines.len() > LINES_BEFORE_FOLD + 1 { LINES_BEFORE_FOLD } else { self.lines.len() }
    }

    pub(super) fn shown_subtotal(&self) -> Option<i64> {
        self.subtotal_minor_units.filter(|_| self.shows_detail())
    }

    pub(super) fn shown_tax(&self) -> Option<i64> {
        self.included_tax_minor_units.filter(|_| self.shows_detail())
    }

    fn shows_detail(&self) -> bool {
        self.subtotal_detail == SubtotalDetail::Shown
    }
}

impl<'a> OrderLine<'a> {
    pub(super) fn label(&self, texts: &'a Texts) -> &'a str {
        let name = self.name.trim();
        if name.is_empty() { self.kind.label(texts) } else { name }
    }

    pub(super) fn shows_quantity(&self) -> bool {
        self.kind == LineKind::Item && self.quantity > 1
    }

    /// Returns the discount as a negative amount.
    pub(super) fn shown_discount(&self) -> Option<i64> {
        let is_shown = self.kind == LineKind::Item && self.discount_minor_units > 0;
        is_shown.then_some(-self.discount_minor_units)
    }
}

impl LineKind {
    fn label(self, texts: &Texts) -> &str {
        match self {
            Self::Item => &texts.item,
            Self::Discount => &texts.discount,
            Self::Delivery => &texts.delivery,
            Self::Tax => &texts.tax,
            Self::Surcharge => &texts.surcharge,
        }
    }

    /// Returns the suffix of the line's style class.
    pub(super) fn style(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Discount => "discount",
            Self::Delivery | Self::Tax | Self::Surcharge => "extra",
        }
    }
}

impl Amount<'_> {
    pub(super) fn formatted(self, locale: &str) -> String {
        format_money(self.minor_units, self.currency, locale)
    }
}
