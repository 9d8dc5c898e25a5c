//! The form of a profile: its fields, the values that they show, and the profile that a sent form describes.

use std::collections::{BTreeMap, BTreeSet};

use kassa_domain::page_session::{PaymentMethodCategory, PlaceOrderMode, PurchaseType, SubtotalDetail};
use kassa_http::{ApiError, Parameters};
use kassa_wire::kassa::Profile;
use serde_json::{Map, Value, json};

/// The field of a checkbox begins so, and ends with the category.
const CATEGORY_FIELD: &str = "category_";

/// The field with the background images: in each line a width and an address.
const IMAGES: &str = "options.background_images";

/// The rule for the field with the background images.
const IMAGES_RULE: &str =
    "Each line has the width of a screen in pixels, a space, and the address of an image";

/// A field for text. Its name is the place of its value in a profile.
pub(crate) struct TextField {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) example: &'static str,
}

const fn field(name: &'static str, label: &'static str, example: &'static str) -> TextField {
    TextField { name, label, example }
}

/// The fields for the look of the page.
pub(crate) const LOOK: &[TextField] = &[
    field("options.page_title", "Title of the page", "Complete your purchase"),
    field("options.logo_url", "Address of the logo", "https://shop.example/logo.png"),
];

/// The fields for the colours.
pub(crate) const COLORS: &[TextField] = &[
    field("colors.accent", "Pay button, links, and what is chosen", "#14594a"),
    field("colors.background", "Background of the page", "#f4f1ea"),
];

/// The fields for the merchant URLs.
pub(crate) const URLS: &[TextField] = &[
    field("merchant_urls.success", "success", "https://shop.example/thanks?id={{session_id}}"),
    field("merchant_urls.cancel", "cancel", ""),
    field("merchant_urls.back", "back", ""),
    field("merchant_urls.failure", "failure", ""),
    field("merchant_urls.error", "error", ""),
    field("merchant_urls.status_update", "status_update", "https://shop.example/callbacks"),
];

/// The fields for the links to the shop's own pages.
pub(crate) const LINKS: &[TextField] = &[
    field("links.terms", "Terms and conditions", "https://shop.example/terms"),
    field("links.privacy", "Privacy policy", "https://shop.example/privacy"),
    field("links.support", "Customer support", "https://shop.example/support"),
];

/// The names of all fields for text.
fn text_fields() -> impl Iterator<Item = &'static str> {
    LOOK.iter().chain(COLORS).chain(LINKS).chain(URLS).map(|field| field.name)
}

/// A field with a choice. Its name is the place of its value in a profile.
pub(crate) struct ChoiceField {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) words: Vec<&'static str>,
}

/// The fields with a choice. Without one, the profile has no value.
pub(crate) fn choices() -> Vec<ChoiceField> {
    let words = |name, label, words| ChoiceField { name, label, words };
    vec![
        words(
            "options.purchase_type",
            "Label of the pay button",
            PurchaseType::ALL.iter().map(|word| word.as_str()).collect(),
        ),
        words(
            "options.place_order_mode",
            "Effect of the payment",
            PlaceOrderMode::ALL.iter().map(|word| word.as_str()).collect(),
        ),
        words(
            "options.payment_fallback",
            "Offer the other categories after a decline",
            vec!["TRUE", "FALSE"],
        ),
        words(
            "options.show_subtotal_detail",
            "Subtotal and tax",
            SubtotalDetail::ALL.iter().map(|word| word.as_str()).collect(),
        ),
    ]
}

/// The values that the form shows.
#[derive(Default)]
pub(crate) struct ProfileForm {
    fields: BTreeMap<String, String>,
    categories: BTreeSet<String>,
    pub(crate) is_default: bool,
}

impl ProfileForm {
    /// The values of a stored profile.
    pub(crate) fn of(profile: &Profile) -> Result<Self, ApiError> {
        let json = serde_json::to_value(profile)?;
        let mut fields = BTreeMap::from([("name".to_string(), profile.name.clone())]);
        for name in text_fields() {
            fields.insert(name.to_string(), text_at(&json, name));
        }
        for choice in choices() {
            fields.insert(choice.name.to_string(), text_at(&json, choice.name).to_ascii_uppercase());
        }
        let images = profile.values.options.background_images.iter().flatten();
        let lines = images.map(|image| {
            format!("{} {}", image.width.unwrap_or(0), image.url.as_deref().unwrap_or_default())
        });
        fields.insert(IMAGES.to_string(), lines.collect::<Vec<_>>().join("\n"));
        let options = &profile.values.options;
        let single = options.payment_method_category.iter();
        let categories = single.chain(options.payment_method_categories.iter().flatten());
        let categories = categories.map(|word| word.to_ascii_uppercase()).collect();
        Ok(Self { fields, categories, is_default: profile.is_default })
    }

    /// The values of a sent form.
    pub(crate) fn sent(parameters: &Parameters) -> Self {
        let choices = choices();
        let names = text_fields().chain(choices.iter().map(|choice| choice.name));
        let names = names.chain(["name", "profile_id", IMAGES]);
        let value = |name: &str| parameters.text(name).unwrap_or_default().trim().to_string();
        let chosen = PaymentMethodCategory::ALL.iter().map(|category| category.as_str());
        let chosen = chosen.filter(|word| parameters.text(&format!("{CATEGORY_FIELD}{word}")).is_some());
        Self {
            fields: names.map(|name| (name.to_string(), value(name))).collect(),
            categories: chosen.map(str::to_string).collect(),
            is_default: parameters.text("is_default").is_some(),
        }
    }

    /// The value of a field.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Whether a category is chosen.
    pub(crate) fn has_category(&self, category: &PaymentMethodCategory) -> bool {
        self.categories.contains(category.as_str())
    }

    /// The profile as the body of the operator's API has it. Empty fields are left out.
    pub(crate) fn body(&self) -> Result<Value, ApiError> {
        let (mut merchant_urls, mut options) = (Map::new(), Map::new());
        let (mut links, mut colors) = (Map::new(), Map::new());
        for (name, value) in self.fields.iter().filter(|(name, value)| !value.is_empty() && *name != IMAGES) {
            match name.split_once('.') {
                Some(("colors", field)) => colors.insert(field.to_string(), json!(value)),
                Some(("links", field)) => links.insert(field.to_string(), json!(value)),
                Some(("merchant_urls", field)) => merchant_urls.insert(field.to_string(), json!(value)),
                Some(("options", "payment_fallback")) => {
                    options.insert("payment_fallback".to_string(), json!(value == "TRUE"))
                }
                Some(("options", field)) => options.insert(field.to_string(), json!(value)),
                Some(_) | None => None,
            };
        }
        if !self.categories.is_empty() {
            options.insert("payment_method_categories".to_string(), json!(self.categories));
        }
        let images = self.images()?;
        if !images.is_empty() {
            options.insert("background_images".to_string(), json!(images));
        }
        Ok(json!({
            "name": self.value("name"),
            "is_default": self.is_default,
            "merchant_urls": merchant_urls,
            "options": options,
            "links": links,
            "colors": colors,
        }))
    }

    fn images(&self) -> Result<Vec<Value>, ApiError> {
        let lines = self.value(IMAGES).lines().map(str::trim).filter(|line| !line.is_empty());
        let image = |line: &str| {
            let (width, url) = line.split_once(' ')?;
            Some(json!({ "width": width.parse::<i64>().ok()?, "url": url.trim() }))
        };
        let wrong = || ApiError::bad_values_by_rule([IMAGES], IMAGES_RULE);
        lines.map(|line| image(line).ok_or_else(wrong)).collect()
    }
}

/// The text at a place such as `options.page_title`.
fn text_at(profile: &Value, place: &str) -> String {
    match profile.pointer(&format!("/{}", place.replace('.', "/"))) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(_) | None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(values: &Value) -> Profile {
        let mut json = json!({
            "profile_id": "p", "name": "Web shop", "is_default": true, "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
        });
        json.as_object_mut().unwrap().extend(values.as_object().unwrap().clone());
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_form_that_is_sent_unchanged_describes_the_same_profile() {
        let values = json!({
            "merchant_urls": {
                "success": "https://o/1", "cancel": "https://o/2", "back": "https://o/3", "failure": "https://o/4",
                "error": "https://o/5", "status_update": "https://o/6",
            },
            "links": {"terms": "https://o/7", "privacy": "https://o/8", "support": "https://o/9"},
            "colors": {"accent": "#14594a", "background": "#f4f1ea"},
            "options": {
                "place_order_mode": "PLACE_ORDER", "payment_method_categories": ["PAY_LATER", "PAY_NOW"],
                "payment_fallback": false, "purchase_type": "RENT", "page_title": "Title",
                "logo_url": "https://o/logo.png", "show_subtotal_detail": "HIDE",
                "background_images": [{"url": "https://o/s.png", "width": 700}, {"url": "https://o/l.png", "width": 0}],
            },
        });
        let form = ProfileForm::of(&profile(&values)).unwrap();
        let mut expected = values;
        expected["name"] = json!("Web shop");
        expected["is_default"] = json!(true);
        assert_eq!(form.body().unwrap(), expected);
    }

    #[test]
    fn empty_fields_are_no_values_of_the_profile() {
        let form = ProfileForm::sent(&Parameters::of(b"name=Shop&options.page_title=+&category_KLARNA=1"));
        let expected = json!({
            "name": "Shop", "is_default": false, "merchant_urls": {}, "links": {}, "colors": {},
            "options": {"payment_method_categories": ["KLARNA"]},
        });
        assert_eq!(form.body().unwrap(), expected);
    }

    #[test]
    fn a_line_that_is_no_background_image_is_refused() {
        for line in ["https://o/1.png", "wide https://o/1.png", "700"] {
            let form = form_urlencoded(&[("name", "Shop"), (IMAGES, line)]);
            assert!(ProfileForm::sent(&Parameters::of(form.as_bytes())).body().is_err(), "{line}");
        }
    }

    fn form_urlencoded(fields: &[(&str, &str)]) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    }
}
