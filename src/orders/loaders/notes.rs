//! Notes of shops for one caller.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use crate::{
    kernel::{error::Failure, id::Id},
    orders::{
        model::{OrderPart, PartNote},
        queries::{self, notes},
    },
    platform::{
        caller::{Caller, StaffPermission},
        db::Conn,
        gql::{Reader, WireError},
    },
    shops::model::{Permission, Shop},
};

/// What the members of a part's shop have written down about it, newest last: for them, and for staff who see orders. To nobody else
/// it is told whether there is anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NotesByPart(pub Id<OrderPart>);

impl Loader<NotesByPart> for Reader {
    type Value = Vec<PartNote>;
    type Error = WireError;

    async fn load(&self, keys: &[NotesByPart]) -> Result<HashMap<NotesByPart, Vec<PartNote>>, WireError> {
        if self.caller.signed_in().is_none() {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let seen = seen(conn, &caller, &ids)?;
            let notes = if seen.is_empty() { Vec::new() } else { notes::by_parts(conn, &seen)? };
            Ok::<_, Failure>((seen, notes))
        };
        let (seen, notes) = self.app.db.read(read).await?;
        let mut by_part: HashMap<NotesByPart, Vec<PartNote>> =
            seen.into_iter().map(|part| (NotesByPart(part), Vec::new())).collect();
        for note in notes {
            by_part.entry(NotesByPart(note.part_id)).or_default().push(note);
        }
        Ok(by_part)
    }
}

/// Those of some parts of which a caller reads what is written down about them.
fn seen(conn: &mut Conn, caller: &Caller, parts: &[Id<OrderPart>]) -> Result<Vec<Id<OrderPart>>, Failure> {
    if caller.may(StaffPermission::ViewOrders) {
        return Ok(parts.to_vec());
    }
    let roles = match caller.signed_in() {
        Some(person) => queries::shops_of(conn, Id::from_uuid(person.user))?,
        None => Vec::new(),
    };
    let shops: Vec<Id<Shop>> =
        roles.into_iter().filter(|(_, role)| role.may(Permission::SeeOrders)).map(|(shop, _)| shop).collect();
    if shops.is_empty() { Ok(Vec::new()) } else { notes::parts_of_shops(conn, parts, &shops) }
}
