//! The profiles of merchants. The store does not read their content.

use kassa_domain::{MerchantId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::audit::{NewAct, push_act, unit_with_act};
use crate::engine::{Answer, Guard, Statement};
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// A profile, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileRow {
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The id, which is unique for the merchant.
    pub profile_id: String,
    /// The name that operators read.
    pub name: String,
    /// Whether the profile applies to sessions that name none.
    pub is_default: bool,
    /// The values of the profile, as JSON.
    pub content: String,
    /// When the profile was created.
    pub created_at: Timestamp,
    /// When the profile was last replaced, or created.
    pub updated_at: Timestamp,
}

/// The outcome of storing a new profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateProfileOutcome {
    /// The profile is stored.
    Created,
    /// The merchant has a profile with this id.
    Taken,
    /// There is no such merchant.
    UnknownMerchant,
}

columns! {
    profile { merchant_id, profile_id, name, is_default, content, created_at, updated_at }
}

impl Store {
    /// Stores a new profile. If it is the default one, the default profile before it becomes an ordinary one.
    pub async fn create_profile(
        &self,
        profile: &ProfileRow,
        act: &NewAct,
    ) -> Result<CreateProfileOutcome, StoreError> {
        let merchant = Statement::new(
            sql!("select 1 from merchant where merchant_id = $1 {share}"),
            [profile.merchant_id.as_str().into()],
        );
        let statement = Statement::new(
            "insert into profile (merchant_id, profile_id, name, is_default, content, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (merchant_id, profile_id) do nothing",
            [
                profile.merchant_id.as_str().into(),
                profile.profile_id.as_str().into(),
                profile.name.as_str().into(),
                profile.is_default.into(),
                profile.content.as_str().into(),
                profile.created_at.as_ms().into(),
                profile.updated_at.as_ms().into(),
            ],
        );
        // Units with an act run one after the other, so no other unit adds a default profile in between.
        let mut unit = unit_with_act();
        unit.push(merchant.locking_for(Guard::Merchant));
        if profile.is_default {
            unit.push(end_other_defaults(profile));
        }
        unit.push(statement.guarding(Guard::NewProfile));
        push_act(&mut unit, act);
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(CreateProfileOutcome::Created),
            Answer::Refused(Guard::NewProfile) => Ok(CreateProfileOutcome::Taken),
            Answer::Refused(_) => Ok(CreateProfileOutcome::UnknownMerchant),
        }
    }

    /// Replaces a profile, which keeps its creation date; `false` if there is none with this id.
    pub async fn replace_profile(&self, profile: &ProfileRow, act: &NewAct) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "update profile set name = $1, is_default = $2, content = $3, updated_at = $4
             where merchant_id = $5 and profile_id = $6",
            [
                profile.name.as_str().into(),
                profile.is_default.into(),
                profile.content.as_str().into(),
                profile.updated_at.as_ms().into(),
                profile.merchant_id.as_str().into(),
                profile.profile_id.as_str().into(),
            ],
        );
        let mut unit = unit_with_act();
        if profile.is_default {
            unit.push(end_other_defaults(profile));
        }
        unit.push(statement.guarding(Guard::Profile));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }

    /// Deletes a profile; `false` if there is none with this id.
    pub async fn delete_profile(
        &self,
        of: &MerchantId,
        profile_id: &str,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "delete from profile where merchant_id = $1 and profile_id = $2",
            [of.as_str().into(), profile_id.into()],
        );
        let mut unit = unit_with_act();
        unit.push(statement.guarding(Guard::Profile));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }

    /// The profiles of a merchant, by id.
    pub async fn profiles(&self, of: &MerchantId) -> Result<Vec<ProfileRow>, StoreError> {
        let statement = Statement::new(
            sql!("select {profile} from profile where merchant_id = $1 order by profile_id", profile),
            [of.as_str().into()],
        );
        self.rows(statement, read_profile).await
    }

    /// The profile of a merchant with this id.
    pub async fn profile(&self, of: &MerchantId, profile_id: &str) -> Result<Option<ProfileRow>, StoreError> {
        let statement = Statement::new(
            sql!("select {profile} from profile where merchant_id = $1 and profile_id = $2", profile),
            [of.as_str().into(), profile_id.into()],
        );
        self.row(statement, read_profile).await
    }

    /// The profile that applies to the sessions of a merchant that name none.
    pub async fn default_profile(&self, of: &MerchantId) -> Result<Option<ProfileRow>, StoreError> {
        let statement = Statement::new(
            sql!("select {profile} from profile where merchant_id = $1 and is_default = 1", profile),
            [of.as_str().into()],
        );
        self.row(statement, read_profile).await
    }
}

fn end_other_defaults(profile: &ProfileRow) -> Statement {
    Statement::new(
        "update profile set is_default = 0 where merchant_id = $1 and profile_id <> $2 and is_default = 1",
        [profile.merchant_id.as_str().into(), profile.profile_id.as_str().into()],
    )
}

fn read_profile(row: &mut Row) -> Result<ProfileRow, StoreError> {
    Ok(ProfileRow {
        merchant_id: MerchantId::new(row.text(profile::merchant_id)?),
        profile_id: row.get(profile::profile_id)?,
        name: row.get(profile::name)?,
        is_default: row.get(profile::is_default)?,
        content: row.get(profile::content)?,
        created_at: row.instant(profile::created_at)?,
        updated_at: row.instant(profile::updated_at)?,
    })
}
