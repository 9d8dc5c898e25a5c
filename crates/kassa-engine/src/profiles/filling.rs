//! Gives a creation the values of a profile, field by field.

use kassa_wire::hpp::{MerchantUrls, Options, SessionCreation};
use kassa_wire::kassa::{ProfileColors, ProfileLinks, ProfileValues};

/// The profile of a creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppliedProfile {
    /// The creation names no profile, and the merchant has no default profile.
    Nothing,
    /// The creation has the values of the profile with this id.
    Filled(String),
    /// The creation names a profile that the merchant does not have.
    Unknown,
}

/// A creation of a page session, with the values of a profile where the merchant's call has none.
pub struct FilledCreation {
    /// The creation.
    pub creation: SessionCreation,
    /// The profile whose values it has.
    pub profile: AppliedProfile,
    /// The shop's own pages, which only a profile gives.
    pub links: ProfileLinks,
    /// The colours of its pages, which only a profile gives.
    pub colors: ProfileColors,
}

impl FilledCreation {
    /// A creation to which no profile applies.
    #[must_use]
    pub fn without_profile(creation: SessionCreation) -> Self {
        Self {
            creation,
            profile: AppliedProfile::Nothing,
            links: ProfileLinks::default(),
            colors: ProfileColors::default(),
        }
    }
}

/// Returns the creation with the values of the profile where it has none of its own. An empty text and an empty list
/// count as no value, as they do without a profile.
pub(super) fn filled(creation: SessionCreation, profile_id: &str, values: &ProfileValues) -> FilledCreation {
    let SessionCreation { payment_session_url, merchant_urls, options, profile_id: _ } = creation;
    let creation = SessionCreation {
        payment_session_url,
        merchant_urls: Some(filled_urls(merchant_urls.unwrap_or_default(), &values.merchant_urls)),
        options: Some(filled_options(options.unwrap_or_default(), &values.options)),
        profile_id: Some(profile_id.to_string()),
    };
    let profile = AppliedProfile::Filled(profile_id.to_string());
    FilledCreation { creation, profile, links: values.links.clone(), colors: values.colors.clone() }
}

fn filled_urls(own: MerchantUrls, of_profile: &MerchantUrls) -> MerchantUrls {
    let MerchantUrls { success, cancel, back, failure, error, status_update } = own;
    MerchantUrls {
        success: text(success, of_profile.success.as_deref()),
        cancel: text(cancel, of_profile.cancel.as_deref()),
        back: text(back, of_profile.back.as_deref()),
        failure: text(failure, of_profile.failure.as_deref()),
        error: text(error, of_profile.error.as_deref()),
        status_update: text(status_update, of_profile.status_update.as_deref()),
    }
}

fn filled_options(own: Options, of_profile: &Options) -> Options {
    // A single category and a list of them are two forms of one choice.
    let chooses = own.payment_method_category.as_deref().is_some_and(|word| !word.is_empty())
        || own.payment_method_categories.as_deref().is_some_and(|words| !words.is_empty());
    let categories = if chooses { &own } else { of_profile };
    Options {
        payment_method_category: categories.payment_method_category.clone(),
        payment_method_categories: categories.payment_method_categories.clone(),
        place_order_mode: text(own.place_order_mode, of_profile.place_order_mode.as_deref()),
        payment_fallback: own.payment_fallback.or(of_profile.payment_fallback),
        purchase_type: text(own.purchase_type, of_profile.purchase_type.as_deref()),
        page_title: own
            .page_title
            .filter(|title| !title.trim().is_empty())
            .or_else(|| of_profile.page_title.clone()),
        logo_url: text(own.logo_url, of_profile.logo_url.as_deref()),
        background_images: own
            .background_images
            .filter(|images| !images.is_empty())
            .or_else(|| of_profile.background_images.clone()),
        show_subtotal_detail: text(own.show_subtotal_detail, of_profile.show_subtotal_detail.as_deref()),
    }
}

fn text(own: Option<String>, of_profile: Option<&str>) -> Option<String> {
    own.filter(|text| !text.is_empty()).or_else(|| of_profile.map(str::to_string))
}

#[cfg(test)]
mod tests {
    use kassa_wire::hpp::BackgroundImage;
    use kassa_wire::shape::Shaped as _;
    use serde_json::{Value, json};

    use super::*;

    /// A profile with a value for every field.
    fn profile() -> ProfileValues {
        ProfileValues {
            merchant_urls: MerchantUrls::read(json!({
                "success": "https://p/success", "cancel": "https://p/cancel", "back": "https://p/back",
                "failure": "https://p/failure", "error": "https://p/error", "status_update": "https://p/callbacks",
            }))
            .unwrap(),
            options: Options::read(json!({
                "place_order_mode": "PLACE_ORDER", "payment_method_categories": ["PAY_NOW", "PAY_LATER"],
                "payment_fallback": true, "purchase_type": "RENT", "page_title": "Of the profile",
                "logo_url": "https://p/logo.png", "background_images": [{"url": "https://p/b.png", "width": 9}],
                "show_subtotal_detail": "HIDE",
            }))
            .unwrap(),
            links: ProfileLinks { terms: Some("https://p/terms".to_string()), ..ProfileLinks::default() },
            colors: ProfileColors { accent: Some("#14594a".to_string()), ..ProfileColors::default() },
        }
    }

    fn creation(body: Value) -> SessionCreation {
        SessionCreation::read(body).unwrap()
    }

    #[test]
    fn a_creation_without_values_gets_each_value_of_the_profile() {
        let profile = profile();
        let own = creation(json!({"payment_session_url": "https://k/1"}));
        let FilledCreation { creation: filled, links, colors, .. } = filled(own, "p", &profile);
        assert_eq!((links, colors), (profile.links, profile.colors));
        assert_eq!(filled.merchant_urls, Some(profile.merchant_urls));
        assert_eq!(filled.options, Some(profile.options));
        assert_eq!(filled.profile_id.as_deref(), Some("p"));
        assert_eq!(filled.payment_session_url.as_deref(), Some("https://k/1"));
    }

    #[test]
    fn each_value_of_the_creation_stays_and_the_others_come_from_the_profile() {
        let own = json!({
            "merchant_urls": {
                "success": "https://o/1", "cancel": "https://o/2", "back": "https://o/3", "failure": "https://o/4",
                "error": "https://o/5", "status_update": "https://o/6",
            },
            "options": {
                "place_order_mode": "NONE", "payment_method_categories": ["KLARNA"], "payment_fallback": false,
                "purchase_type": "BUY", "page_title": "Own", "logo_url": "https://o/logo.png",
                "background_images": [{"url": "https://o/b.png", "width": 7}], "show_subtotal_detail": "hide",
            },
        });
        let of_profile = serde_json::to_value(profile()).unwrap();
        for group in ["merchant_urls", "options"] {
            for (field, value) in own[group].as_object().unwrap() {
                let filled = filled(creation(json!({group: {field: value}})), "p", &profile()).creation;
                let mut expected = of_profile.clone();
                expected.as_object_mut().unwrap().retain(|name, _| name != "links" && name != "colors");
                expected[group][field] = value.clone();
                let found = json!({"merchant_urls": filled.merchant_urls, "options": filled.options});
                assert_eq!(found, expected, "{group}.{field}");
            }
        }
    }

    #[test]
    fn an_empty_text_and_an_empty_list_are_no_values() {
        let empty = json!({
            "merchant_urls": {"success": "", "back": ""},
            "options": {
                "page_title": "  ", "logo_url": "", "purchase_type": "", "payment_method_category": "",
                "payment_method_categories": [], "background_images": [],
            },
        });
        let profile = profile();
        let filled = filled(creation(empty), "p", &profile).creation;
        assert_eq!(filled.merchant_urls, Some(profile.merchant_urls));
        assert_eq!(filled.options, Some(profile.options));
    }

    #[test]
    fn a_single_category_replaces_the_list_of_the_profile() {
        let own = creation(json!({"options": {"payment_method_category": "KLARNA"}}));
        let options = filled(own, "p", &profile()).creation.options.unwrap();
        assert_eq!(options.payment_method_category.as_deref(), Some("KLARNA"));
        assert_eq!(options.payment_method_categories, None);
    }

    #[test]
    fn an_image_of_the_creation_is_not_mixed_with_those_of_the_profile() {
        let own = creation(json!({"options": {"background_images": [{"url": "https://o/b.png"}]}}));
        let images = filled(own, "p", &profile()).creation.options.unwrap().background_images;
        let expected = BackgroundImage { url: Some("https://o/b.png".to_string()), width: None };
        assert_eq!(images, Some(vec![expected]));
    }
}
