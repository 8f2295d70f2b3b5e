//! What people say about themselves and what they prefer.

use uuid::Uuid;

use super::name;
use crate::users::{
    error::AccountError,
    model::{
        ForgetLearned, Handle, MAXIMUM_HANDLES, NotificationSwitch, Preferences, QuietHours, Theme, User, signed_in,
    },
    queries::{self, StoredPreferences},
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        place::{CountryCode, Locale, TimeZone},
        text,
    },
    platform::{app::App, caller::Caller, db::Tx},
};

/// A change of one's own profile; what is absent stays.
pub struct ProfileChange {
    pub display_name: Option<String>,
    pub handle: Option<String>,
    pub bio: Option<String>,
}

pub async fn update_profile(app: &App, caller: &Caller, change: ProfileChange) -> Result<User, AccountError> {
    let user = signed_in(caller)?;
    let display_name = change.display_name.map(|given| name("displayName", &given)).transpose()?;
    let bio = match change.bio.as_deref().map(str::trim) {
        None => None,
        Some("") => Some(String::new()),
        Some(given) => {
            Some(text::paragraph(given, 1_000).map_err(|error| AccountError::Text { field: "bio".into(), error })?)
        }
    };
    let handle = change.handle.map(|given| Handle::new(&given)).transpose()?;
    let update = move |tx: &mut Tx<'_>| {
        if let Some(handle) = &handle {
            queries::lock_user(tx, user)?;
            take_handle(tx, user, handle)?;
        }
        Ok(queries::set_profile(tx, user, display_name.as_deref(), handle.as_ref(), bio.as_deref())?)
    };
    app.db.write(caller, update).await
}

/// A step: makes a handle a person's, if it is not already. One that they had before is still theirs.
fn take_handle(tx: &mut Tx<'_>, user: Id<User>, handle: &Handle) -> Result<(), AccountError> {
    let now = tx.now();
    match queries::handle_owner(tx.conn(), handle)? {
        Some(owner) if owner == user => return Ok(()),
        Some(_) => return Err(AccountError::HandleTaken),
        None => {}
    }
    if queries::count_handles(tx.conn(), user)? >= MAXIMUM_HANDLES {
        return Err(AccountError::TooManyHandles);
    }
    // Somebody else may have taken it at this very moment.
    if queries::insert_handle(tx, user, handle, now)? { Ok(()) } else { Err(AccountError::HandleTaken) }
}

/// A step: the picture that everybody sees of a person, or none. Returns the one before.
pub fn set_avatar(tx: &mut Tx<'_>, user: Id<User>, avatar: Option<Uuid>) -> Result<Option<Uuid>, Failure> {
    let before = queries::lock_user(tx, user)?.avatar_id;
    if before != avatar {
        queries::set_avatar(tx, user, avatar)?;
    }
    Ok(before)
}

/// A change of one's own preferences. The outer `None` leaves a value as it is, the inner one clears it.
#[derive(Default, Clone)]
pub struct PreferencesChange {
    pub locale: Option<Option<Locale>>,
    pub currency: Option<Option<CurrencyCode>>,
    pub country: Option<Option<CountryCode>>,
    pub time_zone: Option<Option<TimeZone>>,
    pub theme: Option<Theme>,
    pub notifications: Vec<NotificationSwitch>,
    pub quiet_hours: Option<Option<QuietHours>>,
    pub has_read_receipts: Option<bool>,
    pub has_typing_indicators: Option<bool>,
    pub shows_text_in_pushes: Option<bool>,
    pub has_personalization: Option<bool>,
}

pub async fn update_preferences(
    app: &App,
    caller: &Caller,
    change: PreferencesChange,
) -> Result<Preferences, AccountError> {
    let user = signed_in(caller)?;
    if change.quiet_hours.flatten().is_some_and(|hours| hours.from == hours.until) {
        return Err(AccountError::QuietHours);
    }
    app.db.write(caller, move |tx| change_preferences(tx, user, &change)).await
}

/// A step: changes a person's preferences.
pub(super) fn change_preferences(
    tx: &mut Tx<'_>,
    user: Id<User>,
    change: &PreferencesChange,
) -> Result<Preferences, AccountError> {
    queries::lock_user(tx, user)?;
    let old = queries::preferences_of(tx.conn(), user)?;
    let notifications = old.notifications_with(&change.notifications).map_err(Failure::internal)?;
    let quiet_hours = change.quiet_hours.unwrap_or(old.quiet_hours());
    let row = StoredPreferences {
        user_id: user,
        locale: change.locale.clone().unwrap_or(old.locale),
        currency: change.currency.unwrap_or(old.currency),
        country: change.country.unwrap_or(old.country),
        time_zone: change.time_zone.unwrap_or(old.time_zone),
        theme: change.theme.unwrap_or(old.theme),
        notifications,
        quiet_from: quiet_hours.map(|hours| hours.from),
        quiet_until: quiet_hours.map(|hours| hours.until),
        has_read_receipts: change.has_read_receipts.unwrap_or(old.has_read_receipts),
        has_typing_indicators: change.has_typing_indicators.unwrap_or(old.has_typing_indicators),
        shows_text_in_pushes: change.shows_text_in_pushes.unwrap_or(old.shows_text_in_pushes),
        has_personalization: change.has_personalization.unwrap_or(old.has_personalization),
    };
    queries::set_preferences(tx, &row)?;
    if old.has_personalization && !row.has_personalization {
        tx.enqueue(&ForgetLearned { user })?;
    }
    Ok(queries::preferences_of(tx.conn(), user)?)
}

/// The caller's preferences; defaults for a guest.
pub async fn preferences(app: &App, caller: &Caller) -> Result<Preferences, Failure> {
    match caller.signed_in() {
        Some(person) => app.db.read(move |conn| queries::preferences_of(conn, Id::from_uuid(person.user))).await,
        None => Ok(Preferences::default()),
    }
}

/// In which language, currency and country a request is answered.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub locale: Locale,
    pub currency: CurrencyCode,
    pub country: CountryCode,
}

/// What the request says, else what the person prefers, else what the market has.
pub async fn surroundings(app: &App, caller: &Caller) -> Result<Surroundings, Failure> {
    let request = &caller.request;
    let preferences = match (&request.locale, request.currency, request.country) {
        (Some(_), Some(_), Some(_)) => Preferences::default(),
        _ => preferences(app, caller).await?,
    };
    Ok(Surroundings {
        locale: request.locale.clone().or(preferences.locale).unwrap_or_default(),
        currency: request.currency.or(preferences.currency).unwrap_or(app.market.currency),
        country: request.country.or(preferences.country).unwrap_or(app.market.country),
    })
}
