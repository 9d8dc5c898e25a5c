//! One profile of a merchant: its values, changes of it, and how the pay page looks with it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use kassa_api::{no_profile, stored_profile};
use kassa_colors::{Palette, Rgb};
use kassa_domain::merchant::Merchant;
use kassa_domain::page_session::{PageOptions, PaymentMethodCategory};
use kassa_domain::{MerchantId, Permission};
use kassa_engine::{BadFields, new_nonce, page_options, shop_colors, shop_links};
use kassa_http::{ApiError, Body, Parameters};
use kassa_i18n::Language;
use kassa_page::SamplePage;
use kassa_wire::kassa::{Profile, ProfileColors};

use crate::Console;
use crate::access::{Access, Form};
use crate::frame::{Content, Outcome, Permissions, Place, answer, answer_with_frames};
use crate::merchant::no_merchant;
use crate::profile_form::{COLORS, ChoiceField, LINKS, LOOK, ProfileForm, TextField, URLS, choices};

#[derive(Template)]
#[template(path = "console/profile.html")]
struct ProfilePage {
    merchant: Arc<Merchant>,
    /// The id of the profile; `None` for a profile that is to be created.
    profile_id: Option<String>,
    form: ProfileForm,
    choices: Vec<ChoiceField>,
    permissions: Permissions,
}

impl ProfilePage {
    const CATEGORIES: &[PaymentMethodCategory] = PaymentMethodCategory::ALL;
    const LOOK: &[TextField] = LOOK;
    const COLORS: &[TextField] = COLORS;
    const LINKS: &[TextField] = LINKS;
    const URLS: &[TextField] = URLS;
}

#[derive(Template)]
#[template(path = "console/profile_preview.html")]
struct PreviewPage {
    merchant: Arc<Merchant>,
    profile: Profile,
    language: &'static Language,
    colors: Vec<ShownColor>,
}

/// A colour that the profile chose, and how the pages show it.
struct ShownColor {
    used_for: &'static str,
    chosen: String,
    light: Rgb,
    dark: Rgb,
}

/// The uses of the colours of a profile.
fn shown_colors(colors: &ProfileColors) -> Vec<ShownColor> {
    let (accent, background) = (colors.accent.as_deref(), colors.background.as_deref());
    let Palette { light, dark } = Palette::of(accent, background);
    let shown = |used_for, chosen: Option<&str>, light, dark| {
        Some(ShownColor { used_for, chosen: chosen?.to_string(), light, dark })
    };
    let uses = [
        shown("Pay button", accent, light.fill, dark.fill),
        shown("Links, and what is chosen", accent, light.accent, dark.accent),
        shown("Background of the page", background, light.paper, dark.paper),
    ];
    uses.into_iter().flatten().collect()
}

impl PreviewPage {
    fn languages() -> impl Iterator<Item = &'static Language> {
        Language::all()
    }
}

/// The form for a new profile.
pub(crate) async fn new(
    State(console): State<Console>,
    access: Access,
    Path(merchant): Path<String>,
) -> Result<Response, ApiError> {
    let merchant = merchant_of(&console, &merchant).await?;
    respond(&console, &access, merchant, (None, ProfileForm::default()), (StatusCode::OK, None))
}

/// Creates a profile, and goes to its page. A refused form is shown again with its values.
pub(crate) async fn create(
    State(console): State<Console>,
    Path(merchant): Path<String>,
    form: Form,
) -> Result<Response, ApiError> {
    let Form { access, fields } = form;
    access.require(Permission::Administer)?;
    let merchant = merchant_of(&console, &merchant).await?;
    let form = ProfileForm::sent(&fields);
    match created(&console, &access, &merchant, &form).await {
        Ok(profile) => Ok(Redirect::to(&path_of(&merchant.id, &profile.profile_id)).into_response()),
        Err(error) => {
            let refused = Outcome::of(Err(error))?;
            respond(&console, &access, merchant, (None, form), refused)
        }
    }
}

async fn created(
    console: &Console,
    access: &Access,
    merchant: &Merchant,
    form: &ProfileForm,
) -> Result<Profile, ApiError> {
    let mut body = form.body()?;
    let id = form.value("profile_id");
    if !id.is_empty() {
        body["profile_id"] = id.into();
    }
    let asked = Body::of(&body)?.read()?;
    stored_profile(console.profiles.create(&merchant.id, asked, &access.requester()).await?)
}

pub(crate) async fn show(
    State(console): State<Console>,
    access: Access,
    Path((merchant, profile)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let merchant = merchant_of(&console, &merchant).await?;
    let profile = profile_of(&console, &merchant, &profile).await?;
    let form = ProfileForm::of(&profile)?;
    respond(&console, &access, merchant, (Some(profile.profile_id), form), (StatusCode::OK, None))
}

/// Saves or deletes a profile.
pub(crate) async fn act(
    State(console): State<Console>,
    Path((merchant, profile)): Path<(String, String)>,
    form: Form,
) -> Result<Response, ApiError> {
    let Form { access, fields } = form;
    access.require(Permission::Administer)?;
    let merchant = merchant_of(&console, &merchant).await?;
    match fields.text("do").unwrap_or_default() {
        "save" => save(&console, &access, merchant, &profile, &fields).await,
        "delete" => match console.profiles.delete(&merchant.id, &profile, &access.requester()).await? {
            true => Ok(Redirect::to(&format!("/console/merchants/{}", merchant.id)).into_response()),
            false => Err(no_profile()),
        },
        _ => Err(ApiError::bad_values(["do"])),
    }
}

async fn save(
    console: &Console,
    access: &Access,
    merchant: Arc<Merchant>,
    id: &str,
    fields: &Parameters,
) -> Result<Response, ApiError> {
    let form = ProfileForm::sent(fields);
    let replaced = async {
        let asked = Body::of(&form.body()?)?.read()?;
        stored_profile(console.profiles.replace(&merchant.id, id, asked, &access.requester()).await?)
    };
    let saved = replaced.await.map(|_| Outcome::Done("New page sessions get these values.".to_string()));
    let outcome = Outcome::of(saved)?;
    if outcome.0 == StatusCode::NOT_FOUND {
        return Err(no_profile());
    }
    respond(console, access, merchant, (Some(id.to_string()), form), outcome)
}

/// The page that shows the pay page with the profile, on a phone and on a larger screen.
pub(crate) async fn preview(
    State(console): State<Console>,
    access: Access,
    Path((merchant, profile)): Path<(String, String)>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let merchant = merchant_of(&console, &merchant).await?;
    let profile = profile_of(&console, &merchant, &profile).await?;
    let title = format!("Preview of {}", profile.name);
    let (language, colors) = (language_of(&parameters), shown_colors(&profile.values.colors));
    let body = PreviewPage { merchant, profile, language, colors }.render()?;
    let content = Content { place: Place::Merchants, title, live: None, body };
    answer_with_frames(&console, &access, &content)
}

/// The pay page with a sample order and the profile. The page cannot pay.
pub(crate) async fn sample(
    State(console): State<Console>,
    _access: Access,
    Path((merchant, profile)): Path<(String, String)>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let merchant = merchant_of(&console, &merchant).await?;
    let profile = profile_of(&console, &merchant, &profile).await?;
    // The values were valid when they were stored. A value that is not any more is left out.
    let mut problems = BadFields::default();
    let links = shop_links(profile.values.links, &mut problems);
    let colors = shop_colors(profile.values.colors);
    let options = PageOptions { links, colors, ..page_options(profile.values.options, &mut problems) };
    let language = language_of(&parameters).tag;
    let sample = SamplePage { shop_name: &merchant.name, options: &options, language, links: &console.links };
    Ok(sample.response(&console.languages, &new_nonce(&*console.random)))
}

fn language_of(parameters: &Parameters) -> &'static Language {
    parameters.text("language").and_then(Language::of).unwrap_or_else(Language::english)
}

async fn merchant_of(console: &Console, id: &str) -> Result<Arc<Merchant>, ApiError> {
    console.accounts.merchant(&MerchantId::new(id)).await?.ok_or_else(no_merchant)
}

async fn profile_of(console: &Console, merchant: &Merchant, id: &str) -> Result<Profile, ApiError> {
    console.profiles.profile(&merchant.id, id).await?.ok_or_else(no_profile)
}

fn path_of(merchant: &MerchantId, profile: &str) -> String {
    format!("/console/merchants/{merchant}/profiles/{profile}")
}

fn respond(
    console: &Console,
    access: &Access,
    merchant: Arc<Merchant>,
    (profile_id, form): (Option<String>, ProfileForm),
    (status, outcome): (StatusCode, Option<Outcome>),
) -> Result<Response, ApiError> {
    let title = match &profile_id {
        Some(id) => format!("Profile {id} of {}", merchant.name),
        None => format!("New profile of {}", merchant.name),
    };
    let permissions = Permissions::of(access);
    let page = ProfilePage { merchant, profile_id, form, choices: choices(), permissions };
    let content = Content { place: Place::Merchants, title, live: None, body: page.render()? };
    answer(console, access, status, outcome, &content)
}
