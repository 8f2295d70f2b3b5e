//! What conversations are to those who take part, in Postgres.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, PgExpressionMethods,
    QueryDsl, RunQueryDsl, SelectableHelper,
    pg::Pg,
    sql_query,
    sql_types::{Array, BigInt, Timestamptz, Uuid},
    upsert::excluded,
};

use super::{NewParticipant, greatest_number, least_number, marker_of, support::answers};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::{Badges, Conversation, ConversationFilter, DeskBadges, Participant},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{conversations, participants, preferences, shop_members, users},
    shops::model::{Shop, ShopRole},
    users::model::User,
};

/// Those of the conversations that somebody keeps as a filter asks for. Who has no marker, a member of the shop, has read nothing and keeps
/// it as it comes.
pub fn kept(
    query: conversations::BoxedQuery<'static, Pg>,
    reader: Id<User>,
    filter: ConversationFilter,
) -> conversations::BoxedQuery<'static, Pg> {
    let query = match filter.kind {
        Some(kind) => query.filter(conversations::kind.eq(kind)),
        None => query,
    };
    let is_archived = marker_of(reader).select(participants::is_archived).single_value();
    let query = match filter.is_archived {
        Some(true) => query.filter(is_archived.eq(true)),
        Some(false) => query.filter(is_archived.is_distinct_from(true)),
        None => query,
    };
    let is_pinned = marker_of(reader).select(participants::pinned_at.is_not_null()).single_value();
    let query = match filter.is_pinned {
        Some(true) => query.filter(is_pinned.eq(true)),
        Some(false) => query.filter(is_pinned.is_distinct_from(true)),
        None => query,
    };
    let read = marker_of(reader).select(participants::last_read_number - participants::held_unread).single_value();
    let is_read = conversations::last_number.nullable().le(read);
    match filter.is_unread {
        Some(true) => query.filter(is_read.is_distinct_from(true)),
        Some(false) => query.filter(is_read),
        None => query,
    }
}

/// What waits for somebody in conversations in which they take part as a person, but for those that they have put away or muted, and in
/// their list of notifications.
pub fn badges(conn: &mut Conn, reader: Id<User>, now: Time) -> Result<Badges, Failure> {
    let query = sql_query(
        "SELECT count(*) AS conversations, coalesce(sum(c.last_number - p.last_read_number + p.held_unread), 0)::bigint AS messages, \
                (SELECT count(*) FROM notifications n WHERE n.user_id = $1 AND n.is_listed AND n.read_at IS NULL) AS notifications \
           FROM participants p JOIN conversations c ON c.id = p.conversation_id \
          WHERE p.user_id = $1 AND p.is_member AND NOT p.has_blocked AND NOT p.is_archived \
            AND (p.muted_until IS NULL OR p.muted_until <= $2) AND c.last_number + p.held_unread > p.last_read_number",
    );
    Ok(query.bind::<Uuid, _>(reader).bind::<Timestamptz, _>(now).get_result(conn)?)
}

/// What waits for a member of shops in those of each shop's conversations in which something was written last, but for those that they have
/// put away or muted. Of a shop in which nothing does there is no row.
pub fn desk_badges(
    conn: &mut Conn,
    reader: Id<User>,
    shops: &[Id<Shop>],
    now: Time,
) -> Result<Vec<DeskBadges>, Failure> {
    let query = sql_query(
        "SELECT s.id AS shop_id, count(*) AS conversations, \
                sum(c.last_number - coalesce(p.last_read_number - p.held_unread, 0))::bigint AS messages \
           FROM unnest($2) AS s (id) CROSS JOIN LATERAL \
                (SELECT id, last_number FROM conversations WHERE shop_id = s.id ORDER BY last_message_at DESC, id DESC LIMIT $4) c \
           LEFT JOIN participants p ON p.conversation_id = c.id AND p.user_id = $1 \
          WHERE c.last_number > coalesce(p.last_read_number - p.held_unread, 0) AND NOT coalesce(p.is_archived, false) \
            AND (p.muted_until IS NULL OR p.muted_until <= $3) GROUP BY s.id",
    );
    Ok(query
        .bind::<Uuid, _>(reader)
        .bind::<Array<Uuid>, _>(shops)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(DeskBadges::LOOKED_AT)
        .load(conn)?)
}

/// Somebody who takes part; the role that the reader has in the shop; whether they let others see how far they have read, if they said so; whether
/// the reader was called in as one of the staff.
pub type ParticipantRow = (Participant, Option<ShopRole>, Option<bool>, bool);

/// Who takes part as a person in the conversations, longest first, and `reader` wherever they have a marker.
pub fn participants_in(
    conn: &mut Conn,
    reader: Id<User>,
    ids: &[Id<Conversation>],
) -> Result<Vec<ParticipantRow>, Failure> {
    let member = shop_members::shop_id.nullable().eq(conversations::shop_id).and(shop_members::user_id.eq(reader));
    Ok(participants::table
        .inner_join(conversations::table.on(conversations::id.eq(participants::conversation_id)))
        .inner_join(users::table.on(users::id.eq(participants::user_id)))
        .left_join(shop_members::table.on(member))
        .left_join(preferences::table.on(preferences::user_id.eq(participants::user_id)))
        .filter(participants::conversation_id.eq_any(ids))
        .filter(participants::is_member.or(participants::user_id.eq(reader)))
        .order((participants::created_at, participants::user_id))
        .select((
            Participant::as_select(),
            shop_members::role.nullable(),
            preferences::has_read_receipts.nullable(),
            answers(reader),
        ))
        .load(conn)?)
}

/// How somebody wants to keep a conversation. What is absent stays.
#[derive(Debug, Clone, Copy, AsChangeset)]
#[diesel(table_name = participants)]
pub struct Keeping {
    pub is_archived: Option<bool>,
    pub pinned_at: Option<Option<Time>>,
    pub muted_until: Option<Option<Time>>,
}

impl Keeping {
    const fn says_nothing(&self) -> bool {
        self.is_archived.is_none() && self.pinned_at.is_none() && self.muted_until.is_none()
    }
}

/// Sets how somebody keeps a conversation. Who has no marker yet, a member of the shop, gets one.
pub fn set_kept(tx: &mut Tx<'_>, id: Id<Conversation>, reader: Id<User>, keeping: Keeping) -> Result<(), Failure> {
    if keeping.says_nothing() {
        return Ok(());
    }
    let now = tx.now();
    let marker = (
        participants::conversation_id.eq(id),
        participants::user_id.eq(reader),
        participants::is_member.eq(false),
        participants::created_at.eq(now),
    );
    diesel::insert_into(participants::table).values(marker).on_conflict_do_nothing().execute(tx.conn())?;
    diesel::update(participants::table.find((id, reader))).set(keeping).execute(tx.conn())?;
    Ok(())
}

/// Unpins what somebody has pinned, but for some.
pub fn unpin_others(tx: &mut Tx<'_>, person: Id<User>, kept: &[Id<Conversation>]) -> Result<(), Failure> {
    let pinned = participants::table
        .filter(participants::user_id.eq(person))
        .filter(participants::pinned_at.is_not_null())
        .filter(participants::conversation_id.ne_all(kept));
    diesel::update(pinned).set(participants::pinned_at.eq(None::<Time>)).execute(tx.conn())?;
    Ok(())
}

/// Moves the marker of what has come to somebody forward, never back.
pub fn set_delivered(tx: &mut Tx<'_>, id: Id<Conversation>, reader: Id<User>, number: i64) -> Result<(), Failure> {
    let now = tx.now();
    let marker = (
        participants::conversation_id.eq(id),
        participants::user_id.eq(reader),
        participants::is_member.eq(false),
        participants::created_at.eq(now),
        participants::delivered_number.eq(number),
    );
    let furthest = greatest_number(participants::delivered_number, excluded(participants::delivered_number));
    diesel::insert_into(participants::table)
        .values(marker)
        .on_conflict((participants::conversation_id, participants::user_id))
        .do_update()
        .set(participants::delivered_number.eq(furthest))
        .execute(tx.conn())?;
    Ok(())
}

/// Moves somebody's marker back to a number, with so many unread of what they alone see. False if they have read no further. What others were
/// told that they had read stays told.
pub fn set_unread_from(
    tx: &mut Tx<'_>,
    id: Id<Conversation>,
    reader: Id<User>,
    (number, held_unread): (i64, i64),
) -> Result<bool, Failure> {
    let told = greatest_number(participants::furthest_read_number, participants::last_read_number);
    let is_beyond = participants::last_read_number.gt(number).or(participants::held_unread.lt(held_unread));
    let marker = participants::table.find((id, reader)).filter(is_beyond);
    let moved = diesel::update(marker)
        .set((
            participants::furthest_read_number.eq(told),
            participants::last_read_number.eq(least_number(participants::last_read_number, number)),
            participants::held_unread.eq(greatest_number(participants::held_unread, held_unread)),
        ))
        .execute(tx.conn())?;
    Ok(moved == 1)
}

/// Moves somebody's marker forward, never back, and says where it stands; of what they alone see, so many are unread at the most. Who has none
/// yet, a member of the shop, gets one.
pub fn set_read(
    tx: &mut Tx<'_>,
    id: Id<Conversation>,
    reader: Id<User>,
    (number, held_unread): (i64, i64),
) -> Result<i64, Failure> {
    let marker = NewParticipant {
        conversation_id: id,
        user_id: reader,
        is_member: false,
        has_blocked: false,
        last_read_number: number,
        created_at: tx.now(),
    };
    let furthest = greatest_number(participants::last_read_number, excluded(participants::last_read_number));
    Ok(diesel::insert_into(participants::table)
        .values(marker)
        .on_conflict((participants::conversation_id, participants::user_id))
        .do_update()
        .set((
            participants::last_read_number.eq(furthest),
            participants::held_unread.eq(least_number(participants::held_unread, held_unread)),
        ))
        .returning(participants::last_read_number)
        .get_result(tx.conn())?)
}

/// Moves the markers of somebody to the newest messages of those locked conversations of which they have read all that came before.
pub fn set_read_next(tx: &mut Tx<'_>, ids: &[Id<Conversation>], reader: Id<User>) -> Result<(), Failure> {
    let query = sql_query(
        "UPDATE participants SET last_read_number = c.last_number FROM conversations c \
          WHERE c.id = participants.conversation_id AND c.id = ANY ($1) AND participants.user_id = $2 \
            AND participants.last_read_number = c.last_number - 1 AND participants.held_unread = 0",
    );
    query.bind::<Array<Uuid>, _>(ids).bind::<Uuid, _>(reader).execute(tx.conn())?;
    Ok(())
}

/// Says of the direct conversation of a pair, if there is one, whether `user` wants to hear of it.
pub fn set_blocked(tx: &mut Tx<'_>, pair_key: &str, user: Id<User>, has_blocked: bool) -> Result<(), Failure> {
    let pair = conversations::table.filter(conversations::pair_key.eq(pair_key)).select(conversations::id);
    let marker = participants::table.filter(participants::user_id.eq(user));
    diesel::update(marker.filter(participants::conversation_id.eq_any(pair)))
        .set(participants::has_blocked.eq(has_blocked))
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets how somebody kept their conversations.
pub fn forget_kept(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    diesel::update(participants::table.filter(participants::user_id.eq(user)))
        .set((
            participants::is_archived.eq(false),
            participants::pinned_at.eq(None::<Time>),
            participants::muted_until.eq(None::<Time>),
        ))
        .execute(tx.conn())?;
    Ok(())
}
