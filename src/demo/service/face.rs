//! What the demo market's shop of lights shows of itself.

use crate::{
    demo::error::DemoError,
    kernel::{address::Address, id::Id},
    platform::db::Tx,
    shops::{
        self,
        model::{Shop, ShopPolicyKind},
        service::ProfileChange,
    },
    users::model::User,
};

const POLICIES: [(ShopPolicyKind, &str); 2] = [
    (
        ShopPolicyKind::Returns,
        "Whatever you do not like comes back within 30 days. We pay for it if it is broken, you do if it is not.",
    ),
    (ShopPolicyKind::Shipping, "What is ordered by noon leaves the same day, in paper. Nothing is sent on Sundays."),
];

/// Says where a shop sends from, and on what one can rely.
pub(super) fn show(tx: &mut Tx<'_>, owner: Id<User>, shop: Id<Shop>) -> Result<(), DemoError> {
    let ships_from = Address {
        name: "Northern Lights".into(),
        lines: vec!["12 Mill Lane".into()],
        postal_code: Some("HX7 8AD".into()),
        city: "Hebden Bridge".into(),
        region: None,
        country: super::british()?,
        phone: None,
    };
    let change = ProfileChange {
        ships_from: Some(Some(ships_from)),
        policies: POLICIES.map(|(kind, body)| (kind, Some(body.to_owned()))).into(),
        ..ProfileChange::default()
    };
    Ok(shops::service::change_profile(tx, owner, shop, &change)?)
}
