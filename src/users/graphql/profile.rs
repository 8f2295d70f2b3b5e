//! Profile and preferences on the wire.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::User;
use crate::users::{
    model::{self, NotificationChannel, NotificationKind, NotificationSwitch, Theme},
    service::{self, PreferencesChange, ProfileChange},
};
use crate::{
    kernel::{
        money::CurrencyCode,
        place::{CountryCode, Locale, TimeZone},
    },
    platform::gql::{Ask, SignedInOnly, WireResult, change, set},
    user_errors::{UserError, answer},
};

/// How notices of one kind travel.
#[derive(SimpleObject)]
pub struct NotificationPreference {
    /// What the notice is about.
    kind: NotificationKind,
    /// The ways that are switched on; empty when all are off.
    channels: Vec<NotificationChannel>,
}

/// What a person prefers.
#[derive(SimpleObject)]
pub struct Preferences {
    /// The language for texts and mail; null means as the request has it.
    locale: Option<Locale>,
    /// The currency to show prices in where a shop offers it; null means as the request has it.
    currency: Option<CurrencyCode>,
    /// Where the person is; null means as the request has it.
    country: Option<CountryCode>,
    /// When it is day where the person is; null means that nobody said.
    time_zone: Option<TimeZone>,
    /// How the client should look.
    theme: Theme,
    /// The switches of every kind of notice.
    notifications: Vec<NotificationPreference>,
}

impl From<model::Preferences> for Preferences {
    fn from(row: model::Preferences) -> Self {
        let notifications = row.switches();
        let preference = |NotificationSwitch { kind, channels }| NotificationPreference { kind, channels };
        Self {
            locale: row.locale,
            currency: row.currency,
            country: row.country,
            time_zone: row.time_zone,
            theme: row.theme,
            notifications: notifications.into_iter().map(preference).collect(),
        }
    }
}

/// What changes about your profile. What is absent stays.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// The name to go by, 1 to 80 characters.
    display_name: MaybeUndefined<String>,
    /// The name to be found by: 3 to 30 letters, digits and underscores, a letter first. Former ones lead to you, too; ten in
    /// all.
    handle: MaybeUndefined<String>,
    /// What you say about yourself, up to 1,000 characters. Null clears it.
    bio: MaybeUndefined<String>,
}

/// What `updateProfile` answers.
#[derive(SimpleObject)]
pub struct UpdateProfilePayload {
    /// You, as everybody sees you now.
    user: Option<User>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// How notices of one kind shall travel.
#[derive(InputObject)]
pub struct NotificationPreferenceInput {
    /// What the notice is about.
    kind: NotificationKind,
    /// The ways to switch on; all others are switched off.
    channels: Vec<NotificationChannel>,
}

/// What changes about your preferences. What is absent stays, an explicit null of locale, currency, country or time zone goes back to what the request has.
#[derive(InputObject)]
pub struct UpdatePreferencesInput {
    /// The language for texts and mail.
    locale: MaybeUndefined<Locale>,
    /// The currency to show prices in where a shop offers it.
    currency: MaybeUndefined<CurrencyCode>,
    /// Where you are.
    country: MaybeUndefined<CountryCode>,
    /// When it is day where you are.
    time_zone: MaybeUndefined<TimeZone>,
    /// How the client should look.
    theme: MaybeUndefined<Theme>,
    /// Kinds of notices whose switches change; kinds that are not named stay.
    notifications: MaybeUndefined<Vec<NotificationPreferenceInput>>,
}

/// What `updatePreferences` answers.
#[derive(SimpleObject)]
pub struct UpdatePreferencesPayload {
    /// What you prefer now.
    preferences: Option<Preferences>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ProfileMutation;

#[Object]
impl ProfileMutation {
    /// Changes what everybody sees of you.
    ///
    /// Codes: `BLANK`, `INVALID`, `TAKEN`, `TOO_LONG`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateProfileInput,
    ) -> WireResult<UpdateProfilePayload> {
        let bio = change(input.bio).map(Option::unwrap_or_default);
        let (display_name, handle) = (set(input.display_name, "displayName")?, set(input.handle, "handle")?);
        let change = ProfileChange { display_name, handle, bio };
        let result = service::update_profile(ctx.app(), ctx.caller(), change).await;
        let (user, user_errors) = answer(ctx, result).await?;
        Ok(UpdateProfilePayload { user: user.map(Into::into), user_errors })
    }

    /// Changes what you prefer.
    ///
    /// Codes: none.
    #[graphql(guard = "SignedInOnly")]
    async fn update_preferences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdatePreferencesInput,
    ) -> WireResult<UpdatePreferencesPayload> {
        let switch = |NotificationPreferenceInput { kind, channels }| NotificationSwitch { kind, channels };
        let change = PreferencesChange {
            locale: change(input.locale),
            currency: change(input.currency),
            country: change(input.country),
            time_zone: change(input.time_zone),
            theme: set(input.theme, "theme")?,
            notifications: set(input.notifications, "notifications")?
                .unwrap_or_default()
                .into_iter()
                .map(switch)
                .collect(),
        };
        let result = service::update_preferences(ctx.app(), ctx.caller(), change).await;
        let (preferences, user_errors) = answer(ctx, result).await?;
        Ok(UpdatePreferencesPayload { preferences: preferences.map(Into::into), user_errors })
    }
}
