//! Returns and claims for one caller.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::steps::Seen;
use crate::{
    kernel::{error::Failure, id::Id},
    orders::{
        model::{Claim, FullClaim, FullReturn, OrderPart, Return},
        queries::{claims, returns, steps::Bought},
    },
    platform::{
        caller::Caller,
        db::Conn,
        gql::{Reader, WireError},
    },
};

fn seen_returns(conn: &mut Conn, caller: &Caller, rows: Vec<Bought<FullReturn>>) -> Result<Vec<FullReturn>, Failure> {
    let wanted: Vec<_> = rows.iter().map(|(found, buyer)| (found.order, *buyer)).collect();
    let seen = Seen::of(conn, caller, &wanted)?;
    let found = rows.into_iter().map(|(found, _)| found);
    Ok(found.filter(|found| seen.shows_part(found.order, found.row.part_id)).collect())
}

fn seen_claims(conn: &mut Conn, caller: &Caller, rows: Vec<Bought<FullClaim>>) -> Result<Vec<FullClaim>, Failure> {
    let wanted: Vec<_> = rows.iter().map(|(found, buyer)| (found.order, *buyer)).collect();
    let seen = Seen::of(conn, caller, &wanted)?;
    let found = rows.into_iter().map(|(found, _)| found);
    Ok(found.filter(|found| seen.shows_part(found.order, found.row.part_id)).collect())
}

/// The returns of a part, oldest first, for whoever sees the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReturnsByPart(pub Id<OrderPart>);

impl Loader<ReturnsByPart> for Reader {
    type Value = Vec<FullReturn>;
    type Error = WireError;

    async fn load(&self, keys: &[ReturnsByPart]) -> Result<HashMap<ReturnsByPart, Vec<FullReturn>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = returns::by_parts(conn, &ids)?;
            seen_returns(conn, &caller, rows)
        };
        let mut by_part: HashMap<ReturnsByPart, Vec<FullReturn>> = HashMap::new();
        for found in self.app.db.read(read).await? {
            by_part.entry(ReturnsByPart(found.row.part_id)).or_default().push(found);
        }
        Ok(by_part)
    }
}

/// A return, for whoever sees its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReturnById(pub Id<Return>);

impl Loader<ReturnById> for Reader {
    type Value = FullReturn;
    type Error = WireError;

    async fn load(&self, keys: &[ReturnById]) -> Result<HashMap<ReturnById, FullReturn>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = returns::by_ids(conn, &ids)?;
            seen_returns(conn, &caller, rows)
        };
        let found = self.app.db.read(read).await?;
        Ok(found.into_iter().map(|found| (ReturnById(found.row.id), found)).collect())
    }
}

/// The claims about a part, oldest first, for whoever sees the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimsByPart(pub Id<OrderPart>);

impl Loader<ClaimsByPart> for Reader {
    type Value = Vec<FullClaim>;
    type Error = WireError;

    async fn load(&self, keys: &[ClaimsByPart]) -> Result<HashMap<ClaimsByPart, Vec<FullClaim>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = claims::by_parts(conn, &ids)?;
            seen_claims(conn, &caller, rows)
        };
        let mut by_part: HashMap<ClaimsByPart, Vec<FullClaim>> = HashMap::new();
        for found in self.app.db.read(read).await? {
            by_part.entry(ClaimsByPart(found.row.part_id)).or_default().push(found);
        }
        Ok(by_part)
    }
}

/// A claim, for whoever sees its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimById(pub Id<Claim>);

impl Loader<ClaimById> for Reader {
    type Value = FullClaim;
    type Error = WireError;

    async fn load(&self, keys: &[ClaimById]) -> Result<HashMap<ClaimById, FullClaim>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = claims::by_ids(conn, &ids)?;
            seen_claims(conn, &caller, rows)
        };
        let found = self.app.db.read(read).await?;
        Ok(found.into_iter().map(|found| (ClaimById(found.row.id), found)).collect())
    }
}
