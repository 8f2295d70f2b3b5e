//! What shops show of themselves, on the wire.

use async_graphql::{InputObject, SimpleObject};

use crate::{
    kernel::{address, id::Id, place::CountryCode},
    media::{graphql::Image, model::Upload},
    platform::clock::Time,
    shops::{
        model::{self, Profile, ShopPolicyKind, ShownProfile},
        service::{WantedBanner, WantedHoliday},
    },
};

/// The picture across the top of a shop.
#[derive(Debug, Clone, SimpleObject)]
pub struct ShopBanner {
    /// The image.
    pub image: Image,
    /// What it shows, for those who do not see it: up to 500 characters; empty if the shop has not said.
    pub alternative_text: String,
}

impl ShopBanner {
    pub(super) fn of(ShownProfile { profile, banner }: ShownProfile) -> Option<Self> {
        Some(Self { image: banner?.into(), alternative_text: profile.banner_text })
    }
}

/// Where a shop sends from, as far as everybody sees it. Its members see the whole address at their desk.
#[derive(Debug, Clone, SimpleObject)]
pub struct ShippingOrigin {
    /// The town.
    pub city: String,
    /// The state, county or province as it is written in addresses there; null where none is.
    pub region: Option<String>,
    /// The country.
    pub country: CountryCode,
}

impl From<address::Address> for ShippingOrigin {
    fn from(address::Address { city, region, country, .. }: address::Address) -> Self {
        Self { city, region, country }
    }
}

/// A time in which a shop takes no orders. What it sells can be looked at.
#[derive(Debug, Clone, SimpleObject)]
pub struct ShopHoliday {
    /// Since when, or from when on, it takes none.
    pub starts_at: Time,
    /// When it takes orders again; null if the shop has not said.
    pub ends_at: Option<Time>,
    /// What the shop says about it, up to 500 characters; empty if nothing.
    pub note: String,
    /// Whether it has begun.
    pub is_on: bool,
}

impl ShopHoliday {
    pub(super) fn of(profile: &Profile, now: Time) -> Option<Self> {
        let holiday = profile.holiday.holiday(now)?;
        let note = profile.holiday_note.clone();
        Some(Self { starts_at: holiday.from, ends_at: holiday.until, note, is_on: holiday.is_on(now) })
    }
}

/// What a shop tells buyers to know beforehand.
#[derive(Debug, Clone, SimpleObject)]
pub struct ShopPolicy {
    /// What it is about.
    pub kind: ShopPolicyKind,
    /// What it says, up to 20,000 characters.
    pub body: String,
    /// When it was last written.
    pub updated_at: Time,
}

impl From<model::Policy> for ShopPolicy {
    fn from(model::Policy { kind, body, updated_at, .. }: model::Policy) -> Self {
        Self { kind, body, updated_at }
    }
}

/// The picture that a shop shall show.
#[derive(InputObject)]
pub struct ShopBannerInput {
    /// An upload of yours with the purpose `BANNER`, to which a file was sent. If absent it stays the picture that it is.
    upload_id: Option<Id<Upload>>,
    /// What it shows, for those who do not see it: up to 500 characters.
    #[graphql(default)]
    alternative_text: String,
}

impl From<ShopBannerInput> for WantedBanner {
    fn from(ShopBannerInput { upload_id, alternative_text }: ShopBannerInput) -> Self {
        Self { upload: upload_id, alternative_text }
    }
}

/// When a shop will take no orders.
#[derive(InputObject)]
pub struct ShopHolidayInput {
    /// From when on; from now on if absent.
    starts_at: Option<Time>,
    /// Until when; until the shop ends it if absent.
    ends_at: Option<Time>,
    /// What buyers are told about it, up to 500 characters.
    #[graphql(default)]
    note: String,
}

impl From<ShopHolidayInput> for WantedHoliday {
    fn from(ShopHolidayInput { starts_at, ends_at, note }: ShopHolidayInput) -> Self {
        Self { from: starts_at, until: ends_at, note }
    }
}

/// What a policy shall say.
#[derive(InputObject)]
pub struct ShopPolicyInput {
    /// What it is about.
    pub kind: ShopPolicyKind,
    /// What it says, up to 20,000 characters. Null or empty takes the policy away.
    pub body: Option<String>,
}
