//! What the members of a shop write down for each other about its part of an order.

use serde::Serialize;

use super::{emit, refunds::lock_part, returns::said};
use crate::{
    kernel::id::Id,
    orders::{
        error::OrderError,
        model::{OrderPart, PartNote},
        queries::{
            self,
            notes::{self, NewNote},
        },
    },
    platform::{
        app::App,
        caller::Caller,
        idempotency::{Key, Retention},
    },
    shops::{self, model::Permission},
    users::model::oneself,
};

/// What somebody writes down about a part.
#[derive(Debug, Clone, Serialize)]
pub struct AddNote {
    pub part: Id<OrderPart>,
    pub text: String,
}

/// Writes something down about a part, for a member of its shop.
pub async fn add_note(app: &App, caller: &Caller, input: AddNote, key: &str) -> Result<Id<PartNote>, OrderError> {
    let person = oneself(caller)?;
    let key = Key::new(&person, "addOrderPartNote", key, &input, Retention::Day)?;
    let text = said("text", Some(&input.text))?.unwrap_or_default();
    app.once(caller, Some(key), move |tx| {
        let shop = queries::shop_of_part(tx.conn(), input.part)?.ok_or(OrderError::PartNotFound)?;
        shops::service::permit(tx.conn(), person, shop, Permission::SeeOrders, "orderPartId")?;
        // Under the order's lock, so that there are never more than there may be.
        let (order, part) = lock_part(tx, input.part)?.ok_or(OrderError::PartNotFound)?;
        if notes::count_of_part(tx.conn(), part.id)? >= PartNote::MAXIMUM {
            return Err(OrderError::TooManyNotes);
        }
        let (id, created_at) = (tx.new_id(), tx.now());
        notes::insert(tx, &NewNote { id, part_id: part.id, author_id: Some(person), text: &text, created_at })?;
        // The buyer and the other shops learn nothing of it.
        emit(tx, order.id, order.version, None, &[part.shop_id])?;
        Ok(id)
    })
    .await
}

/// Takes away what was written down about a part, whoever did, for a member of its shop.
pub async fn remove_note(app: &App, caller: &Caller, id: Id<PartNote>) -> Result<Id<OrderPart>, OrderError> {
    let person = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            let note = notes::find(tx.conn(), id)?.ok_or(OrderError::NoteNotFound)?;
            let shop = queries::shop_of_part(tx.conn(), note.part_id)?.ok_or(OrderError::NoteNotFound)?;
            shops::service::permit(tx.conn(), person, shop, Permission::SeeOrders, "noteId")?;
            let (order, part) = lock_part(tx, note.part_id)?.ok_or(OrderError::NoteNotFound)?;
            if !notes::delete(tx, id)? {
                return Err(OrderError::NoteNotFound);
            }
            emit(tx, order.id, order.version, None, &[part.shop_id])?;
            Ok(part.id)
        })
        .await
}
