//! The profiles of merchants. A profile has values for the merchant URLs and options of page sessions.
//!
//! A session gets the values at its creation, where the merchant's call has none of its own. They are stored in the
//! session, so a later change of the profile does not change the session.

mod filling;

use std::sync::Arc;

use kassa_domain::{MerchantId, Timestamp};
use kassa_store::{CreateProfileOutcome, ProfileRow, Store, StoreError};
use kassa_wire::hpp::SessionCreation;
use kassa_wire::kassa::{Profile, ProfileCreation, ProfileReplacement, ProfileValues};
use kassa_wire::stored::Stored as _;
use kassa_wire::time::Instant;

use crate::accounts::{Absence, NAME_RULE, Remembered, is_id, is_name};
use crate::audit::{Act, ActKind, ActLog, Requester, log_act};
use crate::clock::Clock;
use crate::ids::new_uuid;
use crate::links::Links;
use crate::page_rules::{BadFields, merchant_urls, page_options, shop_links};
use crate::random::Random;

use filling::filled;
pub use filling::{AppliedProfile, FilledCreation};

/// The rule for the id of a profile.
const ID_RULE: &str = "The id of a profile has letters, digits, - and _, 64 at most";

/// The outcome of creating or replacing a profile.
#[derive(Debug)]
pub enum ProfileChange {
    /// The profile is stored.
    Stored(Box<Profile>),
    /// The merchant has a profile with this id.
    Taken,
    /// There is no such merchant.
    UnknownMerchant,
    /// The merchant has no profile with this id.
    UnknownProfile,
    /// These fields have values that are not allowed.
    Unusable(BadFields),
}

/// Creates, lists, replaces, deletes and applies the profiles of merchants.
#[derive(Clone)]
pub struct Profiles(Arc<Parts>);

struct Parts {
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    acts: ActLog,
    links: Links,
    /// The profiles that were named within the last second.
    named: Remembered<Applicable>,
    /// The default profiles, by merchant, as they were read within the last second.
    defaults: Remembered<Applicable>,
}

/// The part of a profile that a creation needs.
struct Applicable {
    id: String,
    values: ProfileValues,
}

impl Profiles {
    pub(crate) fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        acts: ActLog,
        links: Links,
    ) -> Self {
        // An operator creates a profile just before a merchant names it, so an unknown id is read again.
        let named = Remembered::new(Absence::IsForgotten);
        // Most merchants have no default profile, and each creation asks for it.
        let defaults = Remembered::new(Absence::IsKept);
        Self(Arc::new(Parts { store, clock, random, acts, links, named, defaults }))
    }

    /// Creates a profile. If it is the default one, the default profile before it becomes an ordinary one.
    pub async fn create(
        &self,
        of: &MerchantId,
        asked: ProfileCreation,
        by: &Requester,
    ) -> Result<ProfileChange, StoreError> {
        let now = self.0.clock.system_now();
        let given = asked.profile_id.clone().filter(|id| !id.is_empty());
        let id = given.unwrap_or_else(|| new_uuid(&*self.0.random, now));
        let profile = match self.checked(of, id, asked.into(), now)? {
            Ok(profile) => profile,
            Err(problems) => return Ok(ProfileChange::Unusable(problems)),
        };
        let act = Act::profile(ActKind::ProfileCreated, &profile);
        let stored = self.0.store.create_profile(&profile, &self.0.acts.record(&act, by)?).await;
        self.forget();
        match stored? {
            CreateProfileOutcome::Created => {
                log_act(&act, by);
                Ok(ProfileChange::Stored(Box::new(listed(profile)?)))
            }
            CreateProfileOutcome::Taken => Ok(ProfileChange::Taken),
            CreateProfileOutcome::UnknownMerchant => Ok(ProfileChange::UnknownMerchant),
        }
    }

    /// Replaces a profile as a whole.
    pub async fn replace(
        &self,
        of: &MerchantId,
        id: &str,
        asked: ProfileReplacement,
        by: &Requester,
    ) -> Result<ProfileChange, StoreError> {
        let Some(before) = self.row(of, id).await? else { return Ok(ProfileChange::UnknownProfile) };
        let profile = match self.checked(of, before.profile_id, asked, self.0.clock.system_now())? {
            Ok(profile) => ProfileRow { created_at: before.created_at, ..profile },
            Err(problems) => return Ok(ProfileChange::Unusable(problems)),
        };
        let act = Act::profile(ActKind::ProfileReplaced, &profile);
        let is_replaced = self.0.store.replace_profile(&profile, &self.0.acts.record(&act, by)?).await;
        self.forget();
        if !is_replaced? {
            return Ok(ProfileChange::UnknownProfile);
        }
        log_act(&act, by);
        Ok(ProfileChange::Stored(Box::new(listed(profile)?)))
    }

    /// Deletes a profile; `false` if there is none with this id. Other nodes apply it for a second more.
    pub async fn delete(&self, of: &MerchantId, id: &str, by: &Requester) -> Result<bool, StoreError> {
        if !is_id(id) {
            return Ok(false);
        }
        let act = Act::profile_deleted(of, id);
        let is_deleted = self.0.store.delete_profile(of, id, &self.0.acts.record(&act, by)?).await;
        self.forget();
        let is_deleted = is_deleted?;
        if is_deleted {
            log_act(&act, by);
        }
        Ok(is_deleted)
    }

    /// The profiles of a merchant, by id.
    pub async fn list(&self, of: &MerchantId) -> Result<Vec<Profile>, StoreError> {
        self.0.store.profiles(of).await?.into_iter().map(listed).collect()
    }

    /// The profile of a merchant with this id.
    pub async fn profile(&self, of: &MerchantId, id: &str) -> Result<Option<Profile>, StoreError> {
        self.row(of, id).await?.map(listed).transpose()
    }

    /// Gives a creation the values of a profile. See [`crate::Engine::with_profile`].
    pub(crate) async fn apply(
        &self,
        merchant: &MerchantId,
        creation: SessionCreation,
    ) -> Result<FilledCreation, StoreError> {
        let (named, now) = (creation.profile_id.as_deref().unwrap_or_default(), self.0.clock.monotonic_now());
        let profile = if named.is_empty() {
            let read = || self.read_default(merchant);
            self.0.defaults.get(merchant.as_str(), now, read).await?
        } else {
            let read = || self.read_named(merchant, named);
            self.0.named.get(&format!("{merchant} {named}"), now, read).await?
        };
        Ok(match profile {
            Some(profile) => filled(creation, &profile.id, &profile.values),
            None if named.is_empty() => FilledCreation::without_profile(creation),
            None => FilledCreation {
                profile: AppliedProfile::Unknown,
                ..FilledCreation::without_profile(creation)
            },
        })
    }

    async fn read_default(&self, merchant: &MerchantId) -> Result<Option<Applicable>, StoreError> {
        self.0.store.default_profile(merchant).await?.map(applicable).transpose()
    }

    async fn read_named(&self, merchant: &MerchantId, id: &str) -> Result<Option<Applicable>, StoreError> {
        self.row(merchant, id).await?.map(applicable).transpose()
    }

    /// A text that cannot be an id is not looked for: PostgreSQL does not take every text.
    async fn row(&self, of: &MerchantId, id: &str) -> Result<Option<ProfileRow>, StoreError> {
        if is_id(id) { self.0.store.profile(of, id).await } else { Ok(None) }
    }

    /// Checks a profile by the rules for a session's own values.
    fn checked(
        &self,
        of: &MerchantId,
        profile_id: String,
        asked: ProfileReplacement,
        now: Timestamp,
    ) -> Result<Result<ProfileRow, BadFields>, StoreError> {
        let ProfileReplacement { name, is_default, merchant_urls: urls, options, links, colors } = asked;
        let values = ProfileValues {
            merchant_urls: urls.unwrap_or_default(),
            options: options.unwrap_or_default(),
            links: links.unwrap_or_default(),
            colors: colors.unwrap_or_default(),
        };
        let mut problems = BadFields::default();
        if !is_id(&profile_id) {
            problems.push_with("profile_id".to_string(), ID_RULE);
        }
        if !is_name(&name) {
            problems.push_with("name".to_string(), NAME_RULE);
        }
        merchant_urls(values.merchant_urls.clone(), &self.0.links, &mut problems);
        page_options(values.options.clone(), &mut problems);
        shop_links(values.links.clone(), &mut problems);
        if !problems.is_empty() {
            return Ok(Err(problems));
        }
        Ok(Ok(ProfileRow {
            merchant_id: of.clone(),
            profile_id,
            name,
            is_default: is_default.unwrap_or_default(),
            content: serde_json::to_string(&values)?,
            created_at: now,
            updated_at: now,
        }))
    }

    fn forget(&self) {
        self.0.named.forget();
        self.0.defaults.forget();
    }
}

fn applicable(row: ProfileRow) -> Result<Applicable, StoreError> {
    Ok(Applicable { id: row.profile_id, values: ProfileValues::from_stored(&row.content)? })
}

fn listed(row: ProfileRow) -> Result<Profile, StoreError> {
    Ok(Profile {
        profile_id: row.profile_id,
        name: row.name,
        is_default: row.is_default,
        values: ProfileValues::from_stored(&row.content)?,
        created_at: Instant::from_ms(row.created_at.as_ms()),
        updated_at: Instant::from_ms(row.updated_at.as_ms()),
    })
}
