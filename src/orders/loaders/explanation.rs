//! What shops have of parts of orders, for one caller.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    orders::{
        model::{Books, Order, OrderPart, Search},
        policy,
        queries::{self, explanation},
    },
    payments::model::{Dispute, ProviderFee},
    platform::{
        caller::Caller,
        db::Conn,
        gql::{Reader, WireError},
    },
    shops::model::{Permission, Shop},
};

/// What moved on the account of a part's shop for it, and what has to be known to say what of that has left: for members of the shop who see its money, and for staff. Nobody else gets
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

/// The part to which something was added after it was paid. Whether the caller may see it is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddedToPart(pub Uuid);

impl Loader<AddedToPart> for Reader {
    type Value = Id<OrderPart>;
    type Error = WireError;

    async fn load(&self, keys: &[AddedToPart]) -> Result<HashMap<AddedToPart, Id<OrderPart>>, WireError> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let parts = self.app.db.read(move |conn| queries::additions::parts_of(conn, &ids)).await?;
        Ok(parts.into_iter().map(|(addition, part)| (AddedToPart(addition), part)).collect())
    }
}

/// What the provider has kept for an order's payments and their disputes: for staff, whose market pays it. Nobody else gets anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FeesByOrder(pub Id<Order>);

impl Loader<FeesByOrder> for Reader {
    type Value = Vec<ProviderFee>;
    type Error = WireError;

    async fn load(&self, keys: &[FeesByOrder]) -> Result<HashMap<FeesByOrder, Vec<ProviderFee>>, WireError> {
        if !policy::sees(&self.caller, None) {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut by_order: HashMap<FeesByOrder, Vec<ProviderFee>> = HashMap::new();
        for (order, fee) in self.app.db.read(move |conn| explanation::fees_of(conn, &ids)).await? {
            by_order.entry(FeesByOrder(Id::from_uuid(order))).or_default().push(fee);
        }
        Ok(by_order)
    }
}

/// Those of some parts of which a caller may see what their shops have of them.
fn open(conn: &mut Conn, caller: &Caller, ids: &[Id<OrderPart>]) -> Result<Vec<Id<OrderPart>>, Failure> {
    // Staff see all orders, whoever placed them.
    if policy::sees(caller, None) {
        return Ok(ids.to_vec());
    }
    let parts = explanation::shops_of_parts(conn, ids)?;
    let Some(person) = caller.signed_in() else { return Ok(Vec::new()) };
    let roles = queries::shops_of(conn, Id::from_uuid(person.user))?.into_iter();
    let shops: Vec<Id<Shop>> = roles.filter(|(_, role)| role.may(Permission::SeeMoney)).map(|(shop, _)| shop).collect();
    Ok(parts.into_iter().filter(|(_, shop)| shops.contains(shop)).map(|(part, _)| part).collect())
}

/// What has to be known of the accounts of shops to say what of parts has left: two statements, and one more for every 500 parts that were sold
/// later of which something is still there.
fn searches(conn: &mut Conn, ids: &[Id<OrderPart>]) -> Result<Vec<Search>, Failure> {
    let mut searches: Vec<Search> = explanation::on_accounts(conn, ids)?.into_iter().map(Search::new).collect();
    while searches.iter().any(Search::goes_on) {
        let found = {
            let open: Vec<&Search> = searches.iter().filter(|search| search.goes_on()).collect();
            explanation::sold_later(conn, &open)?
        };
        for search in searches.iter_mut().filter(|search| search.goes_on()) {
            let part = search.on.part_id;
            search.note(found.iter().find(|found| found.part_id == part));
        }
    }
    searches.retain(Search::is_done);
    Ok(searches)
}

impl Loader<BooksByPart> for Reader {
    type Value = Books;
    type Error = WireError;

    async fn load(&self, keys: &[BooksByPart]) -> Result<HashMap<BooksByPart, Books>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let open = open(conn, &caller, &ids)?;
            if open.is_empty() {
                return Ok((open, Vec::new(), Vec::new()));
            }
            let (moved, searches) = (explanation::moved_for(conn, &open)?, searches(conn, &open)?);
            Ok::<_, Failure>((open, moved, searches))
        };
        let (open, moved, searches) = self.app.db.read_long(read).await?;
        let mut by_part: HashMap<BooksByPart, Books> =
            open.into_iter().map(|part| (BooksByPart(part), Books::default())).collect();
        for row in moved {
            by_part.entry(BooksByPart(row.part_id)).or_default().moved.push(row);
        }
        for search in searches {
            let part = BooksByPart(search.on.part_id);
            by_part.entry(part).or_default().search = Some(search);
        }
        Ok(by_part)
    }
}
