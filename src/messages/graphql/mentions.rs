//! Of whom messages speak.

use async_graphql::{ComplexObject, Context, InputObject, SimpleObject};

use crate::{
    kernel::id::Id,
    messages::model::mentions::{MentionDraft, MentionRow, Range, TextUnit, range_in},
    platform::gql::{Ask, WireResult},
    users::{self, graphql::User, loaders::UserById},
};

/// A place in a text, in both ways in which strings are counted. It never begins or ends within a character.
#[derive(Debug, Clone, SimpleObject)]
pub struct TextRange {
    /// How many Unicode scalar values stand before it.
    start: i32,
    /// How many Unicode scalar values it has.
    length: i32,
    /// How many UTF-16 code units stand before it.
    #[graphql(name = "utf16Start")]
    utf16_start: i32,
    /// How many UTF-16 code units it has.
    #[graphql(name = "utf16Length")]
    utf16_length: i32,
}

impl From<Range> for TextRange {
    fn from(Range { start, length, utf16_start, utf16_length }: Range) -> Self {
        Self { start, length, utf16_start, utf16_length }
    }
}

/// A place in a message that speaks of somebody who takes part.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct MessageMention {
    /// Where in the text.
    range: TextRange,
    #[graphql(skip)]
    user_id: Id<users::model::User>,
}

impl MessageMention {
    /// None if the text is another one by now.
    pub(super) fn of(row: &MentionRow, text: &str) -> Option<Self> {
        let range = range_in(text, row.start, row.length)?.into();
        Some(Self { range, user_id: row.user_id })
    }
}

#[ComplexObject]
impl MessageMention {
    /// Of whom; null if they are not there any more.
    async fn user(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Ok(ctx.loader().load_one(UserById(self.user_id)).await?.map(Into::into))
    }
}

/// A place in a text that speaks of somebody who takes part in the conversation.
#[derive(InputObject)]
pub struct MentionInput {
    /// Of whom.
    user_id: Id<users::model::User>,
    /// Where in the `text` of this input it begins, from 0.
    start: i32,
    /// How long it is, 1 or more.
    length: i32,
    /// In what these are counted.
    #[graphql(default_with = "TextUnit::Utf16")]
    unit: TextUnit,
}

impl From<MentionInput> for MentionDraft {
    fn from(MentionInput { user_id, start, length, unit }: MentionInput) -> Self {
        Self { user: user_id, start, length, unit }
    }
}
