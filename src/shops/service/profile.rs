//! What a shop shows of itself: its picture, where it sends from, its policies, when it is away.

use std::collections::BTreeSet;

use chrono::Datelike;

use super::not_found;
use crate::{
    kernel::{
        address::Address,
        error::Failure,
        id::Id,
        text::{self, TextError},
    },
    media::{
        self,
        error::MediaError,
        model::{Upload, UploadPurpose},
    },
    platform::{
        clock::{Time, stored},
        db::{Conn, Tx},
    },
    shops::{
        error::ShopError,
        model::{Holiday, MAXIMUM_POLICY, Shop, ShopPolicyKind},
        queries::{self, NewPolicy, ProfileColumns},
    },
    users::model::User,
};

/// A change of what a shop shows of itself. The outer `None` leaves a value as it is, the inner one clears it.
#[derive(Debug, Default)]
#[allow(clippy::option_option, reason = "what stays is told from what goes")]
pub struct ProfileChange {
    pub banner: Option<Option<WantedBanner>>,
    pub ships_from: Option<Option<Address>>,
    pub holiday: Option<Option<WantedHoliday>>,
    /// Without a text a policy goes.
    pub policies: Vec<(ShopPolicyKind, Option<String>)>,
}

/// The picture that a shop shall show. Without an upload it is the one that it shows already.
#[derive(Debug)]
pub struct WantedBanner {
    pub upload: Option<Id<Upload>>,
    pub alternative_text: String,
}

/// When a shop will take no orders; from now on if no beginning is given.
#[derive(Debug)]
pub struct WantedHoliday {
    pub from: Option<Time>,
    pub until: Option<Time>,
    pub note: String,
}

impl ProfileChange {
    /// The change with its texts in order.
    ///
    /// # Errors
    /// The first text or address that is not taken, or a policy that is named twice.
    pub(super) fn checked(mut self) -> Result<Self, ShopError> {
        if let Some(Some(banner)) = &mut self.banner {
            banner.alternative_text = text(&banner.alternative_text, 500, "banner.alternativeText")?;
        }
        if let Some(Some(holiday)) = &mut self.holiday {
            holiday.note = text(&holiday.note, 500, "holiday.note")?;
        }
        self.ships_from = match self.ships_from {
            Some(Some(address)) => Some(Some(address.checked().map_err(ShopError::Address)?)),
            other => other,
        };
        let mut kinds = BTreeSet::new();
        for (place, (kind, body)) in self.policies.iter_mut().enumerate() {
            if !kinds.insert(*kind) {
                return Err(ShopError::PolicyTwice { place });
            }
            if let Some(given) = body {
                let checked = text(given, MAXIMUM_POLICY, &format!("policies.{place}.body"))?;
                *body = Some(checked).filter(|body| !body.is_empty());
            }
        }
        Ok(self)
    }
}

fn text(given: &str, maximum: usize, field: &str) -> Result<String, ShopError> {
    match text::paragraph(given, maximum) {
        Err(TextError::Blank) => Ok(String::new()),
        checked => checked.map_err(|error| ShopError::Text { field: field.into(), error }),
    }
}

/// Shops with the whole address that each sends from, if it has said so; in no order.
///
/// # Errors
/// If the database fails.
pub fn senders(conn: &mut Conn, ids: &[Id<Shop>]) -> Result<Vec<(Shop, Option<Address>)>, Failure> {
    let rows = queries::senders(conn, ids)?;
    Ok(rows.into_iter().map(|(shop, address)| (shop, address.and_then(|address| address.parse()))).collect())
}

/// A step: changes what a locked shop shows of itself. Texts and addresses are taken as they are.
pub fn change_profile(
    tx: &mut Tx<'_>,
    user: Id<User>,
    shop: Id<Shop>,
    change: &ProfileChange,
) -> Result<(), ShopError> {
    let mut columns = ProfileColumns::default();
    let before = queries::profile(tx.conn(), shop)?;
    let shown = before.as_ref().and_then(|profile| profile.banner_id);
    let mut banner = shown;
    if let Some(wanted) = &change.banner {
        banner = match wanted {
            None => None,
            Some(WantedBanner { upload: None, .. }) => Some(shown.ok_or_else(|| not_found("banner.uploadId"))?),
            Some(WantedBanner { upload: Some(upload), .. }) => {
                let medium = media::service::uploaded(tx.conn(), user, *upload, UploadPurpose::Banner);
                Some(medium.map_err(not_sent)?)
            }
        };
        columns.banner_id = Some(banner);
        columns.banner_text = Some(wanted.as_ref().map_or("", |wanted| &wanted.alternative_text));
    }
    if let Some(address) = &change.ships_from {
        columns.ships_from = Some(address.as_ref().map(serde_json::to_value).transpose().map_err(Failure::internal)?);
    }
    if let Some(wanted) = &change.holiday {
        let holiday = wanted.as_ref().map(|wanted| holiday(wanted, tx.now())).transpose()?;
        columns.holiday_from = Some(holiday.map(|holiday| holiday.from));
        columns.holiday_until = Some(holiday.and_then(|holiday| holiday.until));
        columns.holiday_note = Some(wanted.as_ref().map_or("", |wanted| &wanted.note));
    }
    if change.banner.is_some() || change.ships_from.is_some() || change.holiday.is_some() {
        queries::ensure_profile(tx, shop)?;
        if let Some(medium) = banner.filter(|_| banner != shown) {
            media::service::attach(tx, medium).map_err(not_sent)?;
        }
        queries::set_profile(tx, shop, &columns)?;
        if let Some(medium) = shown.filter(|_| banner != shown) {
            media::service::release(tx, medium)?;
        }
    }
    change_policies(tx, shop, &change.policies)
}

fn change_policies(
    tx: &mut Tx<'_>,
    shop: Id<Shop>,
    policies: &[(ShopPolicyKind, Option<String>)],
) -> Result<(), ShopError> {
    let updated_at = tx.now();
    let said = policies.iter().filter_map(|(kind, body)| Some((*kind, body.as_deref()?)));
    let rows: Vec<_> = said.map(|(kind, body)| NewPolicy { shop_id: shop, kind, body, updated_at }).collect();
    if !rows.is_empty() {
        queries::set_policies(tx, &rows)?;
    }
    let gone: Vec<_> = policies.iter().filter(|(_, body)| body.is_none()).map(|(kind, _)| *kind).collect();
    if !gone.is_empty() {
        queries::delete_policies(tx, shop, &gone)?;
    }
    Ok(())
}

fn holiday(wanted: &WantedHoliday, now: Time) -> Result<Holiday, ShopError> {
    let holiday = Holiday { from: wanted.from.map_or(now, stored), until: wanted.until.map(stored) };
    let out_of_range = |field: &str| Err(ShopError::HolidayMoment { field: field.into() });
    if !(1970..=9_999).contains(&holiday.from.year()) {
        return out_of_range("startsAt");
    }
    match holiday.until {
        Some(until) if until <= holiday.from || until <= now || until.year() > 9_999 => out_of_range("endsAt"),
        _ => Ok(holiday),
    }
}

fn not_sent(error: MediaError) -> ShopError {
    match error {
        MediaError::Incomplete => ShopError::NotSent,
        MediaError::Failed(failure) => failure.into(),
        _ => not_found("banner.uploadId"),
    }
}
