//! What people look for, as it is kept.

mod filter;
mod recent;
mod trending;

pub use self::{filter::*, recent::*, trending::*};

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        id::{Entity, Id},
        place::Locale,
    },
    platform::{clock::Time, jobs::JobBody},
    products::model::{Product, ProductFilter},
    schema::saved_searches,
    users::model::User,
};

/// A filter of products that somebody wants to find again.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = saved_searches)]
pub struct SavedSearch {
    pub id: Id<SavedSearch>,
    pub user_id: Id<User>,
    pub name: String,
    /// As the API takes it.
    pub filter: serde_json::Value,
    /// The language in which it was looked for.
    pub locale: Option<Locale>,
    /// Whether they are told when something new fits.
    pub has_notices: bool,
    pub created_at: Time,
    /// Up to when what has come to the market was held against it.
    pub looked_at: Time,
}

impl Entity for SavedSearch {
    const PREFIX: &'static str = "savedsearch";
}

impl SavedSearch {
    /// Of one person at the most.
    pub const MAXIMUM: i64 = 50;
    /// Characters of a name at the most.
    pub const MAXIMUM_NAME: usize = 80;
    /// Bytes of a filter at the most, as JSON.
    pub const MAXIMUM_FILTER: usize = 16_384;
    /// After how long it is looked at again.
    pub const LOOKED_AT_AGAIN: TimeDelta = TimeDelta::hours(1);
    /// After how long it is looked at again when there was news of it: so much longer than a day that it is told of once more then.
    pub const TOLD_AGAIN: TimeDelta = TimeDelta::hours(25);

    /// What it finds; none if this program does not understand its filter.
    pub fn products(&self) -> Option<ProductFilter> {
        saved_filter(&self.filter, self.locale.clone())
    }
}

/// What is to be saved.
#[derive(Debug, Clone, Serialize)]
pub struct SaveSearch {
    pub name: String,
    pub filter: serde_json::Value,
    pub has_notices: bool,
}

/// What changes about a saved search; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct SavedSearchChange {
    pub name: Option<String>,
    pub has_notices: Option<bool>,
}

/// Tells somebody what new products fit a search that they have saved.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SearchNews {
    pub search: Id<SavedSearch>,
    pub user: Id<User>,
    /// The newest ones, the last one first.
    pub products: Vec<Id<Product>>,
}

impl JobBody for SearchNews {
    const KIND: &'static str = "searches.news";
}
