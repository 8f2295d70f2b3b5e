//! What shops have of parts of orders, for one caller.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use crate::{
    kernel::{error::Failure, id::Id},
    orders::{
        model::{Moved, OrderPart},
        policy,
        queries::{self, explanation},
    },
    payments::model::Dispute,
    platform::{
        caller::Caller,
        db::Conn,
        gql::{Reader, WireError},
    },
    shops::model::{Permission, Shop},
};

/// What moved on the account of a part's shop for it: for members of the shop who see its money, and for staff. Nobody else gets
/// anything, be it nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BooksByPart(pub Id<OrderPart>);

/// The part of a shop that a dispute is about. Whether the caller may see it is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DisputedPart(pub Id<Dispute>, pub Id<Shop>);

impl Loader<DisputedPart> for Reader {
    type Value = Id<OrderPart>;
    type Error = WireError;

    async fn load(&self, keys: &[DisputedPart]) -> Result<HashMap<DisputedPart, Id<OrderPart>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let parts = self.app.db.read(move |conn| explanation::disputed_parts(conn, &ids)).await?;
        Ok(parts.into_iter().map(|(dispute, shop, part)| (DisputedPart(dispute, shop), part)).collect())
    }
}

/// Those of some parts of which a caller may see what their shops have of them.
fn open(conn: &mut Conn, caller: &Caller, ids: &[Id<OrderPart>]) -> Result<Vec<Id<OrderPart>>, Failure> {
    let parts = explanation::shops_of_parts(conn, ids)?;
    // Staff see all orders, whoever placed them.
    if policy::sees(caller, None) {
        return Ok(parts.into_iter().map(|(part, _)| part).collect());
    }
    let Some(person) = caller.signed_in() else { return Ok(Vec::new()) };
    let roles = queries::shops_of(conn, Id::from_uuid(person.user))?.into_iter();
    let shops: Vec<Id<Shop>> = roles.filter(|(_, role)| role.may(Permission::SeeMoney)).map(|(shop, _)| shop).collect();
    Ok(parts.into_iter().filter(|(_, shop)| shops.contains(shop)).map(|(part, _)| part).collect())
}

impl Loader<BooksByPart> for Reader {
    type Value = Vec<Moved>;
    type Error = WireError;

    async fn load(&self, keys: &[BooksByPart]) -> Result<HashMap<BooksByPart, Vec<Moved>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let open = open(conn, &caller, &ids)?;
            let moved = if open.is_empty() { Vec::new() } else { explanation::moved_for(conn, &open)? };
            Ok::<_, Failure>((open, moved))
        };
        let (open, moved) = self.app.db.read(read).await?;
        let mut by_part: HashMap<BooksByPart, Vec<Moved>> =
            open.into_iter().map(|part| (BooksByPart(part), Vec::new())).collect();
        for row in moved {
            by_part.entry(BooksByPart(row.part_id)).or_default().push(row);
        }
        Ok(by_part)
    }
}
