//! The integrator's choices: channel, place order mode, category and merchant URLs.

use super::basket::Fields;

/// A word of the wire with its meaning for a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// The word on the wire; empty if the call omits the field.
    pub(super) word: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
}

const fn choice(word: &'static str, label: &'static str, hint: &'static str) -> Choice {
    Choice { word, label, hint }
}

/// `acquiring_channel`
pub(super) static CHANNELS: [Choice; 3] = [
    choice("ECOMMERCE", "Web shop", "Cancel counts as Back"),
    choice("IN_STORE", "In store", "Cancel is final"),
    choice("TELESALES", "Telesales", "Cancel is final"),
];

/// `place_order_mode`
pub(super) static MODES: [Choice; 3] = [
    choice("NONE", "The shop does", "You get an authorization token, and place the order yourself"),
    choice("PLACE_ORDER", "Kassa does", "You get an order id; capture when you ship"),
    choice("CAPTURE_ORDER", "Kassa does, captured", "You get an order id; the money is on its way"),
];

/// `payment_method_category`
pub(super) static CATEGORIES: [Choice; 4] = [
    choice("", "All that are offered", ""),
    choice("pay_now", "Pay now", ""),
    choice("pay_later", "Pay later", ""),
    choice("pay_over_time", "Pay over time", ""),
];

/// The fields of `merchant_urls`.
pub(super) static URLS: [Choice; 6] = [
    choice("success", "success", "after the payment"),
    choice("back", "back", "gives the page a Back button"),
    choice("cancel", "cancel", "used if back is not given"),
    choice("failure", "failure", "after a decline"),
    choice("error", "error", "after a technical error"),
    choice("status_update", "status_update", "the callbacks"),
];

/// The selected choices: one of each table, and any number of URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choices {
    pub(super) channel: &'static str,
    pub(super) mode: &'static str,
    pub(super) category: &'static str,
    /// In the order of [`URLS`].
    pub(super) urls: Vec<&'static str>,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            channel: CHANNELS[0].word,
            mode: MODES[0].word,
            category: CATEGORIES[0].word,
            urls: URLS.iter().map(|url| url.word).collect(),
        }
    }
}

impl Choices {
    /// Reads the fields. Missing and unknown ones get their initial value.
    pub(super) fn of(fields: &Fields) -> Self {
        let mut choices = Self::default();
        if fields.iter().any(|(name, _)| name == "urls") {
            let is_given = |word| fields.iter().any(|(name, value)| name == "url" && value == word);
            choices.urls.retain(|word| is_given(*word));
        }
        for (name, value) in fields {
            match name.as_str() {
                "channel" => choose(&mut choices.channel, &CHANNELS, value),
                "mode" => choose(&mut choices.mode, &MODES, value),
                "category" => choose(&mut choices.category, &CATEGORIES, value),
                _ => {}
            }
        }
        choices
    }

    /// Returns the query fields of all choices that differ from the initial ones.
    pub(super) fn fields(&self) -> Vec<(&'static str, &'static str)> {
        let start = Self::default();
        let mut fields = Vec::new();
        let words = [
            ("channel", self.channel, start.channel),
            ("mode", self.mode, start.mode),
            ("category", self.category, start.category),
        ];
        fields.extend(
            words.iter().filter(|(_, own, at_start)| own != at_start).map(|(name, own, _)| (*name, *own)),
        );
        if self.urls != start.urls {
            // A browser does not send boxes that are not ticked. This field says that the form had them.
            fields.push(("urls", "shown"));
            fields.extend(self.urls.iter().map(|word| ("url", *word)));
        }
        fields
    }

    /// Returns whether the call contains this URL.
    pub(super) fn gives(&self, url: &str) -> bool {
        self.urls.contains(&url)
    }
}

fn choose(chosen: &mut &'static str, among: &[Choice], word: &str) {
    if let Some(choice) = among.iter().find(|choice| choice.word == word) {
        *chosen = choice.word;
    }
}
