//! What the members of a shop write down for each other, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};

use super::OrderPart;
use crate::{
    kernel::id::Id,
    orders::{
        loaders::{NotesByPart, PartById},
        model::{self, PartNote},
        service::{self, AddNote},
    },
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult},
    },
    user_errors::{UserError, answer},
    users::{graphql::User, loaders::UserById},
};

/// What a member of a shop has written down about its part of an order. The shop's members see it, and the market's staff; the buyer
/// does not.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct OrderPartNote {
    /// Begins with `note_`.
    id: Id<PartNote>,
    /// What it says.
    text: String,
    /// When it was written.
    created_at: Time,
    #[graphql(skip)]
    author: Option<Id<crate::users::model::User>>,
}

impl From<PartNote> for OrderPartNote {
    fn from(row: PartNote) -> Self {
        Self { id: row.id, text: row.text, created_at: row.created_at, author: row.author_id }
    }
}

#[ComplexObject]
impl OrderPartNote {
    /// Who wrote it; null if they have left the market.
    async fn author(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(author) = self.author else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(author)).await?.map(Into::into))
    }
}

/// What to write down.
#[derive(InputObject)]
pub struct AddOrderPartNoteInput {
    /// A part of a shop that you work for.
    order_part_id: Id<model::OrderPart>,
    /// What it says, 1 to 1,000 characters, in any number of lines.
    text: String,
    /// 1 to 255 characters that name this very intent. A repeat is the same note. Kept for a day.
    idempotency_key: String,
}

/// What `addOrderPartNote` answers.
#[derive(SimpleObject)]
pub struct AddOrderPartNotePayload {
    /// The note.
    note: Option<OrderPartNote>,
    /// The part.
    order_part: Option<OrderPart>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which note to take away.
#[derive(InputObject)]
pub struct RemoveOrderPartNoteInput {
    /// One of a shop that you work for, by whomever.
    note_id: Id<PartNote>,
}

/// What `removeOrderPartNote` answers.
#[derive(SimpleObject)]
pub struct RemoveOrderPartNotePayload {
    /// The note that is gone.
    removed_note_id: Option<Id<PartNote>>,
    /// The part that it was about.
    order_part: Option<OrderPart>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

async fn part(ctx: &Context<'_>, id: Option<Id<model::OrderPart>>) -> WireResult<Option<OrderPart>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(PartById(id)).await?.map(Into::into))
}

#[derive(Default)]
pub struct NotesMutation;

#[Object]
impl NotesMutation {
    /// Writes something down about a part of an order, for whoever works for the shop: the buyer does not see it. There are 100 notes
    /// about a part at the most. For members of the shop who see orders.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `TOO_MANY`, `BLANK`, `TOO_LONG`, `INVALID`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn add_order_part_note(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to write down.")] input: AddOrderPartNoteInput,
    ) -> WireResult<AddOrderPartNotePayload> {
        let wanted = AddNote { part: input.order_part_id, text: input.text };
        let result = service::add_note(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let note = match id {
            Some(id) => {
                let notes = ctx.loader().load_one(NotesByPart(input.order_part_id)).await?.unwrap_or_default();
                notes.into_iter().find(|note| note.id == id).map(Into::into)
            }
            None => None,
        };
        let order_part = part(ctx, id.map(|_| input.order_part_id)).await?;
        Ok(AddOrderPartNotePayload { note, order_part, user_errors })
    }

    /// Takes away what somebody of the shop has written down about a part of an order. For members of the shop who see orders.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly")]
    async fn remove_order_part_note(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which note.")] input: RemoveOrderPartNoteInput,
    ) -> WireResult<RemoveOrderPartNotePayload> {
        let result = service::remove_note(ctx.app(), ctx.caller(), input.note_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let removed_note_id = id.map(|_| input.note_id);
        Ok(RemoveOrderPartNotePayload { removed_note_id, order_part: part(ctx, id).await?, user_errors })
    }
}
