//! Conversations and messages in Postgres.

pub mod attachments;
pub mod checks;
pub mod editing;
pub mod filters;
pub mod groups;
pub mod held;
pub mod hiding;
pub mod live;
pub mod mentions;
pub mod news;
pub mod pages;
pub mod quick_replies;
pub mod reactions;
pub mod retention;
pub mod search;
pub mod state;
pub mod steps;
pub mod support;
pub mod told;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::{auto_type, exists},
    pg::Pg,
    sql_types::{Array, BigInt, Bool, Nullable, Record, Text, Timestamptz, Uuid},
};

use super::model::{
    ActivityKey, Content, Conversation, ConversationFilter, Kind, Marker, Message, Side, Standing,
    groups::{GroupRole, MessageStep},
    held::Held,
    search::searched,
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
        tsvector::Document,
    },
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
        gql::COUNT_LIMIT,
    },
    products::model::{Product, ProductStatus},
    schema::{conversations, messages, participants, products, shop_members, users},
    shops::model::{Shop, ShopRole},
    users::model::User,
};

#[auto_type]
fn marker_of(person: Id<User>) -> _ {
    participants::table
        .filter(participants::conversation_id.eq(conversations::id))
        .filter(participants::user_id.eq(person))
}

/// Whether somebody with a marker takes part as a person, and wants to hear of the conversation.
#[auto_type]
fn sees() -> _ {
    participants::is_member.and(participants::has_blocked.eq(false))
}

/// The columns of somebody's [`Standing`] in a conversation: looked up row by row, for a member of a shop may have markers in
/// all its conversations, and a join that reads them all would grow with them. A marker is one value, so that it is looked up once.
macro_rules! standing_of {
    ($person:expr) => {{
        let marker = diesel::IntoSql::into_sql::<Record<MarkerSql>>((
            sees(),
            participants::last_read_number,
            participants::joined_number,
            participants::role,
            participants::is_archived,
            participants::pinned_at,
            participants::muted_until,
            participants::held_runs,
            participants::held_unread,
            participants::held_at,
        ));
        let member = shop_members::table
            .filter(shop_members::shop_id.nullable().eq(conversations::shop_id))
            .filter(shop_members::user_id.eq($person));
        let role = member.select(shop_members::role).single_value();
        (marker_of($person).select(marker).single_value(), role, support::answers($person))
    }};
}

/// When something was last written in a conversation, as somebody sees it.
macro_rules! activity_of {
    ($person:expr) => {
        latest_time(conversations::last_message_at, marker_of($person).select(participants::held_at).single_value())
    };
}

type MarkerSql = (
    Bool,
    BigInt,
    BigInt,
    Nullable<Text>,
    Bool,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Array<BigInt>,
    BigInt,
    Nullable<Timestamptz>,
);
type MarkerRow = (bool, i64, i64, Option<GroupRole>, bool, Option<Time>, Option<Time>, Vec<i64>, i64, Option<Time>);
type StandingRow = (Option<MarkerRow>, Option<ShopRole>, bool);

fn with_standing<T>((value, (row, role, is_support)): (T, StandingRow)) -> (T, Standing) {
    let (is_participant, marker) = row.map_or_else(Default::default, |row| (row.0, marker(row)));
    (value, Standing { is_participant, role, is_support, marker })
}

fn marker(row: MarkerRow) -> Marker {
    let (_, last_read_number, joined_number, role, is_archived, pinned_at, muted_until, runs, unread, at) = row;
    let held = Held::new(runs, unread, at);
    Marker { last_read_number, joined_number, role, is_archived, pinned_at, muted_until, held }
}

pub fn by_ids(
    conn: &mut Conn,
    person: Id<User>,
    ids: &[Id<Conversation>],
) -> Result<Vec<(Conversation, Standing)>, Failure> {
    let query = conversations::table.filter(conversations::id.eq_any(ids));
    let rows = query.select((Conversation::as_select(), standing_of!(person))).load(conn)?;
    Ok(rows.into_iter().map(with_standing).collect())
}

/// What somebody has pinned, and what they are to it.
pub fn pinned(conn: &mut Conn, person: Id<User>) -> Result<Vec<(Conversation, Standing)>, Failure> {
    let pinned = participants::table
        .filter(participants::user_id.eq(person))
        .filter(participants::pinned_at.is_not_null())
        .select(participants::conversation_id);
    let query = conversations::table.filter(conversations::id.eq_any(pinned));
    let rows = query.select((Conversation::as_select(), standing_of!(person))).load(conn)?;
    Ok(rows.into_iter().map(with_standing).collect())
}

/// The conversations on a side in which something was written; for who takes part, also what they alone see.
fn on_side(reader: Id<User>, side: Side, filter: ConversationFilter) -> conversations::BoxedQuery<'static, Pg> {
    let all = conversations::table.into_boxed();
    let written = match side {
        Side::Participant => {
            let mine = participants::table.filter(participants::user_id.eq(reader)).filter(sees());
            let own = marker_of(reader).filter(participants::held_at.is_not_null());
            all.filter(conversations::id.eq_any(mine.select(participants::conversation_id)))
                .filter(conversations::last_number.gt(0).or(exists(own)))
        }
        Side::Shop(shop) => all.filter(conversations::shop_id.eq(shop)).filter(conversations::last_number.gt(0)),
    };
    state::kept(written, reader, filter)
}

/// A page of the conversations on a side, newest activity first, with what the reader is to them. At the desk of a shop all see the same order.
pub fn by_side(
    conn: &mut Conn,
    reader: Id<User>,
    side: Side,
    filter: ConversationFilter,
    page: &Page<ActivityKey>,
) -> Result<Slice<(Conversation, Standing)>, Failure> {
    let query = on_side(reader, side, filter).select((Conversation::as_select(), standing_of!(reader)));
    let query = match side {
        Side::Participant => {
            newest_first!(query, page, (activity_of!(reader), conversations::id): (Timestamptz, Uuid))
        }
        Side::Shop(_) => {
            newest_first!(query, page, (conversations::last_message_at, conversations::id): (Timestamptz, Uuid))
        }
    };
    let rows: Vec<(Conversation, StandingRow)> = query.load(conn)?;
    Ok(page.slice(rows.into_iter().map(with_standing).collect()))
}

/// How many conversations are on a side, counted to one more than [`COUNT_LIMIT`].
pub fn count_by_side(
    conn: &mut Conn,
    reader: Id<User>,
    side: Side,
    filter: ConversationFilter,
) -> Result<i64, Failure> {
    let query = on_side(reader, side, filter).select(conversations::id);
    Ok(Counted(query.limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = conversations)]
pub struct NewConversation<'a> {
    pub id: Id<Conversation>,
    pub kind: Kind,
    pub shop_id: Option<Id<Shop>>,
    pub pair_key: Option<&'a str>,
    pub last_number: i64,
    pub last_message_at: Time,
    pub created_at: Time,
}

/// False if there is one of this pair; whoever is just making it is waited for.
pub fn insert_conversation(tx: &mut Tx<'_>, conversation: &NewConversation<'_>) -> Result<bool, Failure> {
    let insert = diesel::insert_into(conversations::table).values(conversation);
    Ok(insert.on_conflict(conversations::pair_key).do_nothing().execute(tx.conn())? == 1)
}

pub fn by_pair_key(conn: &mut Conn, pair_key: &str) -> Result<Option<Id<Conversation>>, Failure> {
    let pair = conversations::table.filter(conversations::pair_key.eq(pair_key));
    Ok(pair.select(conversations::id).first(conn).optional()?)
}

pub fn set_product(tx: &mut Tx<'_>, id: Id<Conversation>, product: Id<Product>) -> Result<(), Failure> {
    let row = diesel::update(conversations::table.find(id));
    row.set(conversations::product_id.eq(product)).execute(tx.conn())?;
    Ok(())
}

/// The shop of a product that is for sale.
pub fn shop_of(conn: &mut Conn, product: Id<Product>) -> Result<Option<Id<Shop>>, Failure> {
    let product = products::table.find(product).filter(products::status.eq(ProductStatus::Active));
    Ok(product.select(products::shop_id).first(conn).optional()?)
}

/// Whether there is such a person.
pub fn has_person(conn: &mut Conn, id: Id<User>) -> Result<bool, Failure> {
    let person = users::table.find(id).filter(users::erased_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(person)).get_result(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = participants)]
pub struct NewParticipant {
    pub conversation_id: Id<Conversation>,
    pub user_id: Id<User>,
    pub is_member: bool,
    pub has_blocked: bool,
    pub last_read_number: i64,
    pub created_at: Time,
}

pub fn insert_participants(tx: &mut Tx<'_>, people: &[NewParticipant]) -> Result<(), Failure> {
    diesel::insert_into(participants::table).values(people).execute(tx.conn())?;
    Ok(())
}

/// Has somebody take part as a person, who may have a marker already.
pub fn put_participant(tx: &mut Tx<'_>, participant: &NewParticipant) -> Result<(), Failure> {
    diesel::insert_into(participants::table)
        .values(participant)
        .on_conflict((participants::conversation_id, participants::user_id))
        .do_update()
        .set(participants::is_member.eq(true))
        .execute(tx.conn())?;
    Ok(())
}

diesel::define_sql_function! {
    /// The larger of two numbers.
    #[sql_name = "greatest"]
    fn greatest_number(one: BigInt, other: BigInt) -> BigInt;
}

diesel::define_sql_function! {
    /// The later of two times.
    #[sql_name = "greatest"]
    fn greatest_time(one: Timestamptz, other: Timestamptz) -> Timestamptz;
}

diesel::define_sql_function! {
    /// The smaller of two numbers.
    #[sql_name = "least"]
    fn least_number(one: BigInt, other: BigInt) -> BigInt;
}

diesel::define_sql_function! {
    /// The later of two times, of which one may be missing.
    #[sql_name = "greatest"]
    fn latest_time(one: Timestamptz, other: Nullable<Timestamptz>) -> Timestamptz;
}

/// Locks a conversation and takes the next number in it. Its time never runs backward. None if there is no such one.
pub fn lock_for_next_number(tx: &mut Tx<'_>, id: Id<Conversation>) -> Result<Option<Conversation>, Failure> {
    let now = tx.now();
    Ok(diesel::update(conversations::table.find(id))
        .set((
            conversations::last_number.eq(conversations::last_number + 1),
            conversations::last_message_at.eq(greatest_time(conversations::last_message_at, now)),
        ))
        .returning(Conversation::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

#[derive(Insertable)]
#[diesel(table_name = messages)]
struct NewMessage<'a> {
    id: Id<Message>,
    conversation_id: Id<Conversation>,
    number: i64,
    author_id: Option<Id<User>>,
    text: Option<&'a str>,
    step: Option<MessageStep>,
    client_key: Option<&'a str>,
    created_at: Time,
    step_id: Option<uuid::Uuid>,
    reply_to_id: Option<Id<Message>>,
    words: Option<Document>,
}

/// Inserts the message whose number was just taken.
pub fn insert_message(
    tx: &mut Tx<'_>,
    conversation: &Conversation,
    content: Content<'_>,
) -> Result<Id<Message>, Failure> {
    let id = tx.new_id();
    let (author_id, draft, step, client_key) = match content {
        Content::Text { draft, author, client_key } => (Some(author), Some(draft), None, Some(client_key)),
        Content::Step { step, id, actor } => (actor, None, Some((step, id)), None),
    };
    let message = NewMessage {
        id,
        conversation_id: conversation.id,
        number: conversation.last_number,
        author_id,
        text: draft.map(|draft| draft.text),
        step: step.map(|(step, _)| step),
        client_key,
        created_at: conversation.last_message_at,
        step_id: step.map(|(_, id)| id),
        reply_to_id: draft.and_then(|draft| draft.reply_to),
        words: draft.map(|draft| searched(conversation.id, draft.text)),
    };
    diesel::insert_into(messages::table).values(message).execute(tx.conn())?;
    Ok(id)
}

/// Messages with what the reader is to their conversations.
pub fn messages_by_ids(
    conn: &mut Conn,
    reader: Id<User>,
    ids: &[Id<Message>],
) -> Result<Vec<(Message, Standing)>, Failure> {
    let conversation = conversations::table.on(conversations::id.eq(messages::conversation_id));
    let query = messages::table.inner_join(conversation).filter(messages::id.eq_any(ids));
    let rows = query.select((Message::as_select(), standing_of!(reader))).load(conn)?;
    Ok(rows.into_iter().map(with_standing).collect())
}

/// The newest message of each conversation, with what the reader is to it.
pub fn newest_in(
    conn: &mut Conn,
    reader: Id<User>,
    ids: &[Id<Conversation>],
) -> Result<Vec<(Message, Standing)>, Failure> {
    let newest = conversations::id.eq(messages::conversation_id).and(conversations::last_number.eq(messages::number));
    let query = messages::table.inner_join(conversations::table.on(newest)).filter(conversations::id.eq_any(ids));
    let rows = query.select((Message::as_select(), standing_of!(reader))).load(conn)?;
    Ok(rows.into_iter().map(with_standing).collect())
}
