//! Documents about the parts of orders, for one caller.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use crate::{
    invoices::model::{Document, DocumentKind},
    kernel::{error::Failure, id::Id},
    orders::{
        model::OrderPart,
        policy,
        queries::{self, documents, steps::Bought},
    },
    platform::{
        caller::Caller,
        db::Conn,
        gql::{Reader, WireError},
    },
    shops::model::{Permission, Shop},
};

/// Those that a caller sees: about their own orders, and of shops whose money they see.
fn seen(conn: &mut Conn, caller: &Caller, rows: Vec<Bought<Document>>) -> Result<Vec<Document>, Failure> {
    let is_own = |row: &Bought<Document>| policy::sees(caller, row.1);
    let shops = match caller.signed_in() {
        Some(person) if !rows.iter().all(is_own) => queries::shops_of(conn, Id::from_uuid(person.user))?,
        _ => Vec::new(),
    };
    let shops: Vec<Id<Shop>> =
        shops.into_iter().filter(|(_, role)| role.may(Permission::SeeMoney)).map(|(shop, _)| shop).collect();
    let seen = rows.into_iter().filter(|row| is_own(row) || shops.contains(&row.0.shop_id));
    Ok(seen.map(|(document, _)| document).collect())
}

/// The documents about a part, in the order of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentsByPart(pub Id<OrderPart>);

impl Loader<DocumentsByPart> for Reader {
    type Value = Vec<Document>;
    type Error = WireError;

    async fn load(&self, keys: &[DocumentsByPart]) -> Result<HashMap<DocumentsByPart, Vec<Document>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = documents::by_parts(conn, &ids)?;
            seen(conn, &caller, rows)
        };
        let mut by_part: HashMap<DocumentsByPart, Vec<Document>> = HashMap::new();
        for document in self.app.db.read(read).await? {
            by_part.entry(DocumentsByPart(Id::from_uuid(document.part_id))).or_default().push(document);
        }
        Ok(by_part)
    }
}

/// A document of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentById(pub Id<Document>, pub DocumentKind);

impl Loader<DocumentById> for Reader {
    type Value = Document;
    type Error = WireError;

    async fn load(&self, keys: &[DocumentById]) -> Result<HashMap<DocumentById, Document>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = documents::by_ids(conn, &ids)?;
            seen(conn, &caller, rows)
        };
        let found = self.app.db.read(read).await?;
        Ok(found.into_iter().map(|document| (DocumentById(document.id, document.kind), document)).collect())
    }
}
