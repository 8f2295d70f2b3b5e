//! Support in the threads of orders, in Postgres.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl, SelectableHelper,
    dsl::sql,
    expression::{AsExpression, SqlLiteral, UncheckedBind},
    pg::Pg,
    sql_query,
    sql_types::{Array, BigInt, Bool, Timestamptz, Uuid},
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    messages::model::{Conversation, Message, support::SupportCall},
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
        gql::COUNT_LIMIT,
    },
    schema::{conversations, messages, participants, support_calls},
    users::model::User,
};

/// What a query asks about somebody and a conversation, of whose row it reads.
type Asked = SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, <Id<User> as AsExpression<Uuid>>::Expression>>;

/// Whether somebody of the staff was called into a conversation and is there, of whose row a query reads.
pub fn answers(person: Id<User>) -> Asked {
    sql::<Bool>(
        "EXISTS (SELECT FROM support_calls sc JOIN users su ON su.id = sc.staff_id \
          WHERE sc.conversation_id = conversations.id AND sc.closed_at IS NULL AND su.role <> 'MEMBER' AND sc.staff_id = ",
    )
    .bind::<Uuid, _>(person)
    .sql(")")
}

/// Whether a conversation, of whose row a query reads, is somebody's own affair: they take part in it as a person, or have said that they work for
/// its shop, in whatever role.
pub fn concerns(person: Id<User>) -> Asked {
    sql::<Bool>(
        "EXISTS (SELECT FROM users su \
          WHERE (EXISTS (SELECT FROM participants sp WHERE sp.conversation_id = conversations.id AND sp.user_id = su.id AND sp.is_member) \
              OR EXISTS (SELECT FROM shop_members sm WHERE sm.shop_id = conversations.shop_id AND sm.user_id = su.id AND sm.is_accepted)) \
            AND su.id = ",
    )
    .bind::<Uuid, _>(person)
    .sql(")")
}

/// Whether a conversation is somebody's own affair, as [`concerns`] says.
pub fn is_own_affair(conn: &mut Conn, id: Id<Conversation>, person: Id<User>) -> Result<bool, Failure> {
    let asked: Option<bool> = conversations::table.find(id).select(concerns(person)).first(conn).optional()?;
    Ok(asked.unwrap_or_default())
}

#[derive(QueryableByName)]
struct Hearer {
    #[diesel(sql_type = Uuid)]
    conversation_id: Id<Conversation>,
    #[diesel(sql_type = Uuid)]
    user_id: uuid::Uuid,
}

/// Who takes part as a person, wants to hear of it, and sees the message of a number; and who of the staff was called in.
pub fn people_seeing(conn: &mut Conn, id: Id<Conversation>, number: i64) -> Result<Vec<uuid::Uuid>, Failure> {
    let people = people_seeing_each(conn, &[(id, number)])?;
    Ok(people.into_iter().map(|(_, person)| person).collect())
}

/// As [`people_seeing`], of messages of several conversations, each with its conversation.
pub fn people_seeing_each(
    conn: &mut Conn,
    messages: &[(Id<Conversation>, i64)],
) -> Result<Vec<(Id<Conversation>, uuid::Uuid)>, Failure> {
    let (ids, numbers): (Vec<Id<Conversation>>, Vec<i64>) = messages.iter().copied().unzip();
    let query = sql_query(
        "SELECT p.conversation_id, p.user_id FROM unnest($1, $2) AS m (conversation_id, number) \
           JOIN participants p ON p.conversation_id = m.conversation_id \
          WHERE p.is_member AND NOT p.has_blocked AND p.joined_number < m.number \
          UNION SELECT conversation_id, staff_id FROM support_calls \
          WHERE conversation_id = ANY ($1) AND closed_at IS NULL AND staff_id IS NOT NULL",
    );
    let hearers: Vec<Hearer> = query.bind::<Array<Uuid>, _>(ids).bind::<Array<BigInt>, _>(numbers).load(conn)?;
    Ok(hearers.into_iter().map(|hearer| (hearer.conversation_id, hearer.user_id)).collect())
}

/// The open call of a conversation, if there is one.
pub fn open_call(conn: &mut Conn, id: Id<Conversation>) -> Result<Option<SupportCall>, Failure> {
    let open = support_calls::table.filter(support_calls::conversation_id.eq(id));
    let open = open.filter(support_calls::closed_at.is_null());
    Ok(open.select(SupportCall::as_select()).first(conn).optional()?)
}

/// How often support was called into a conversation since a time.
pub fn count_calls(conn: &mut Conn, id: Id<Conversation>, since: Time) -> Result<i64, Failure> {
    let calls = support_calls::table.filter(support_calls::conversation_id.eq(id));
    Ok(calls.filter(support_calls::called_at.gt(since)).count().get_result(conn)?)
}

/// Calls support into a locked conversation.
pub fn insert_call(
    tx: &mut Tx<'_>,
    conversation: Id<Conversation>,
    person: Id<User>,
) -> Result<Id<SupportCall>, Failure> {
    let (id, now): (Id<SupportCall>, Time) = (tx.new_id(), tx.now());
    let row = (
        support_calls::id.eq(id),
        support_calls::conversation_id.eq(conversation),
        support_calls::called_by.eq(person),
        support_calls::called_at.eq(now),
    );
    diesel::insert_into(support_calls::table).values(row).execute(tx.conn())?;
    Ok(id)
}

/// An open call.
pub fn by_id(conn: &mut Conn, id: Id<SupportCall>) -> Result<Option<SupportCall>, Failure> {
    Ok(by_ids(conn, &[id])?.pop())
}

/// Those of the calls that are open.
pub fn by_ids(conn: &mut Conn, ids: &[Id<SupportCall>]) -> Result<Vec<SupportCall>, Failure> {
    let open = support_calls::table.filter(support_calls::id.eq_any(ids)).filter(support_calls::closed_at.is_null());
    Ok(open.select(SupportCall::as_select()).load(conn)?)
}

pub fn set_answered(tx: &mut Tx<'_>, id: Id<SupportCall>, staff: Id<User>) -> Result<(), Failure> {
    let now = tx.now();
    let columns = (support_calls::staff_id.eq(staff), support_calls::answered_at.eq(now));
    diesel::update(support_calls::table.find(id)).set(columns).execute(tx.conn())?;
    Ok(())
}

pub fn set_closed(tx: &mut Tx<'_>, id: Id<SupportCall>) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(support_calls::table.find(id)).set(support_calls::closed_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// A page of the open calls, the newest first.
pub fn open_calls(conn: &mut Conn, page: &Page<(Time, Id<SupportCall>)>) -> Result<Slice<SupportCall>, Failure> {
    let query = support_calls::table
        .filter(support_calls::closed_at.is_null())
        .select(SupportCall::as_select())
        .into_boxed::<Pg>();
    let query = newest_first!(
        query,
        page,
        (support_calls::called_at, support_calls::id): (Timestamptz, Uuid)
    );
    Ok(page.slice(query.load(conn)?))
}

/// How many calls are open, counted to one more than [`COUNT_LIMIT`].
pub fn count_open_calls(conn: &mut Conn) -> Result<i64, Failure> {
    let open = support_calls::table.filter(support_calls::closed_at.is_null()).select(support_calls::id);
    Ok(Counted(open.limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

/// The people who take part in a conversation.
pub fn people_in(conn: &mut Conn, id: Id<Conversation>) -> Result<Vec<Id<User>>, Failure> {
    let people = participants::table.filter(participants::conversation_id.eq(id)).filter(participants::is_member);
    Ok(people.select(participants::user_id).load(conn)?)
}

/// Says of a message that one of the staff wrote it as such.
pub fn set_by_support(tx: &mut Tx<'_>, id: Id<Message>) -> Result<(), Failure> {
    let row = diesel::update(messages::table.filter(messages::id.eq(id)));
    row.set(messages::is_by_support.eq(true)).execute(tx.conn())?;
    Ok(())
}
