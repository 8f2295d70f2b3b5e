//! Preferences in Postgres.

use diesel::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper, upsert::excluded,
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        place::{CountryCode, Locale, TimeOfDay, TimeZone},
    },
    platform::db::{Conn, Tx},
    schema::preferences,
    users::model::{Preferences, Theme, User},
};

pub fn preferences_of(conn: &mut Conn, user: Id<User>) -> Result<Preferences, Failure> {
    let row = preferences::table.find(user).select(Preferences::as_select()).first(conn).optional()?;
    Ok(row.unwrap_or_default())
}

#[derive(Insertable)]
#[diesel(table_name = preferences)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct StoredPreferences {
    pub user_id: Id<User>,
    pub locale: Option<Locale>,
    pub currency: Option<CurrencyCode>,
    pub country: Option<CountryCode>,
    pub time_zone: Option<TimeZone>,
    pub theme: Theme,
    pub notifications: serde_json::Value,
    pub quiet_from: Option<TimeOfDay>,
    pub quiet_until: Option<TimeOfDay>,
    pub has_read_receipts: bool,
    pub has_typing_indicators: bool,
    pub shows_text_in_pushes: bool,
    pub has_personalization: bool,
}

pub fn set_preferences(tx: &mut Tx<'_>, row: &StoredPreferences) -> Result<(), Failure> {
    diesel::insert_into(preferences::table)
        .values(row)
        .on_conflict(preferences::user_id)
        .do_update()
        .set((
            preferences::locale.eq(excluded(preferences::locale)),
            preferences::currency.eq(excluded(preferences::currency)),
            preferences::country.eq(excluded(preferences::country)),
            preferences::time_zone.eq(excluded(preferences::time_zone)),
            preferences::theme.eq(excluded(preferences::theme)),
            preferences::notifications.eq(excluded(preferences::notifications)),
            preferences::quiet_from.eq(excluded(preferences::quiet_from)),
            preferences::quiet_until.eq(excluded(preferences::quiet_until)),
            preferences::has_read_receipts.eq(excluded(preferences::has_read_receipts)),
            preferences::has_typing_indicators.eq(excluded(preferences::has_typing_indicators)),
            preferences::shows_text_in_pushes.eq(excluded(preferences::shows_text_in_pushes)),
            preferences::has_personalization.eq(excluded(preferences::has_personalization)),
        ))
        .execute(tx.conn())?;
    Ok(())
}
