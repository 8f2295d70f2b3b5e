//! Preferences on the wire.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use crate::users::{
    model::{self, NotificationChannel, NotificationKind, NotificationSwitch, Theme},
    service::{self, PreferencesChange},
};
use crate::{
    kernel::{
        money::CurrencyCode,
        place::{CountryCode, Locale, TimeOfDay, TimeZone},
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

/// The hours of each day in which you are left alone, by the clock in your time zone, else in UTC.
#[derive(SimpleObject)]
pub struct QuietHours {
    /// When they begin.
    from: TimeOfDay,
    /// When they end, perhaps on the next day.
    until: TimeOfDay,
}

impl From<model::QuietHours> for QuietHours {
    fn from(model::QuietHours { from, until }: model::QuietHours) -> Self {
        Self { from, until }
    }
}

/// What a person prefers.
#[derive(SimpleObject)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
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
    /// The hours in which no push and no mail comes that can wait; null means that there are none.
    quiet_hours: Option<QuietHours>,
    /// Whether others see how far you have read.
    has_read_receipts: bool,
    /// Whether others see that you are writing.
    has_typing_indicators: bool,
    /// Whether pushes say who wrote and what, also on a locked screen; else they say that there is a message. Off until switched on.
    has_text_in_pushes: bool,
    /// Whether it is kept what you look at and look for, and goes into what you are shown. Switched off, nothing more is kept from then on, and nothing of it
    /// shown; `clearHistory` also forgets what was kept before.
    has_personalization: bool,
    /// The switches of every kind of notice.
    notifications: Vec<NotificationPreference>,
}

impl From<model::Preferences> for Preferences {
    fn from(row: model::Preferences) -> Self {
        let (notifications, quiet_hours) = (row.switches(), row.quiet_hours().map(Into::into));
        let preference = |NotificationSwitch { kind, channels }| NotificationPreference { kind, channels };
        Self {
            locale: row.locale,
            currency: row.currency,
            country: row.country,
            time_zone: row.time_zone,
            theme: row.theme,
            quiet_hours,
            has_read_receipts: row.has_read_receipts,
            has_typing_indicators: row.has_typing_indicators,
            has_text_in_pushes: row.shows_text_in_pushes,
            has_personalization: row.has_personalization,
            notifications: notifications.into_iter().map(preference).collect(),
        }
    }
}

/// How notices of one kind shall travel.
#[derive(InputObject)]
pub struct NotificationPreferenceInput {
    /// What the notice is about.
    kind: NotificationKind,
    /// The ways to switch on; all others are switched off.
    channels: Vec<NotificationChannel>,
}

/// The hours of each day in which you are left alone.
#[derive(InputObject)]
pub struct QuietHoursInput {
    /// When they begin.
    from: TimeOfDay,
    /// When they end, perhaps on the next day. Not when they begin.
    until: TimeOfDay,
}

/// What changes about your preferences. What is absent stays, an explicit null of locale, currency,
/// country or time zone goes back to what the request has, and one of quiet hours ends them.
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
    /// The hours of each day in which you are left alone.
    quiet_hours: MaybeUndefined<QuietHoursInput>,
    /// Whether others see how far you have read.
    has_read_receipts: MaybeUndefined<bool>,
    /// Whether others see that you are writing.
    has_typing_indicators: MaybeUndefined<bool>,
    /// Whether pushes say who wrote and what.
    has_text_in_pushes: MaybeUndefined<bool>,
    /// Whether it is kept what you look at and look for, and goes into what you are shown.
    has_personalization: MaybeUndefined<bool>,
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
pub struct PreferencesMutation;

#[Object]
impl PreferencesMutation {
    /// Changes what you prefer.
    ///
    /// Codes: `INVALID`.
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
            quiet_hours: change(input.quiet_hours)
                .map(|hours| hours.map(|QuietHoursInput { from, until }| model::QuietHours { from, until })),
            has_read_receipts: set(input.has_read_receipts, "hasReadReceipts")?,
            has_typing_indicators: set(input.has_typing_indicators, "hasTypingIndicators")?,
            shows_text_in_pushes: set(input.has_text_in_pushes, "hasTextInPushes")?,
            has_personalization: set(input.has_personalization, "hasPersonalization")?,
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
