//! How products are taxed, as far as that is said of them.

use diesel::{Queryable, Selectable};

use crate::{
    kernel::id::{Entity, Id},
    schema::tax_classes,
};

/// Tax classes of the market at the most.
pub const MAXIMUM_TAX_CLASSES: i64 = 50;

/// How products are taxed, where it is not as usual.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tax_classes)]
pub struct TaxClass {
    pub id: Id<TaxClass>,
    pub handle: String,
    pub name: String,
    pub version: i32,
}

impl Entity for TaxClass {
    const PREFIX: &'static str = "taxclass";
}
