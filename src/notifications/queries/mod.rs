//! Notifications and devices in Postgres.

pub mod devices;

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl, SelectableHelper,
    pg::Pg,
    sql_query,
    sql_types::{BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid},
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first,
    notifications::model::{NewestKey, News, Notification, NotificationFilter},
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::notifications,
    users::model::User,
};

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = SqlUuid)]
    id: Id<Notification>,
}

/// Writes down what somebody is told of. None if they were told of it within [`Notification::NEWS_AGAIN`]; what is older is renewed.
pub fn tell(tx: &mut Tx<'_>, news: &News, is_listed: bool) -> Result<Option<Id<Notification>>, Failure> {
    let (now, id): (Time, Id<Notification>) = (tx.now(), tx.new_id());
    let insert = sql_query(
        "INSERT INTO notifications (id, user_id, kind, topic, subject_kind, subject_id, source_id, is_listed, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT ON CONSTRAINT notifications_source DO UPDATE \
           SET kind = excluded.kind, subject_kind = excluded.subject_kind, subject_id = excluded.subject_id, \
               is_listed = excluded.is_listed, created_at = excluded.created_at, read_at = NULL \
         WHERE notifications.created_at <= $10 RETURNING id",
    );
    let told: Option<Told> = insert
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(news.user)
        .bind::<Text, _>(news.kind)
        .bind::<Text, _>(news.topic)
        .bind::<Text, _>(news.subject.kind)
        .bind::<SqlUuid, _>(news.subject.id)
        .bind::<SqlUuid, _>(news.source)
        .bind::<Bool, _>(is_listed)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - Notification::NEWS_AGAIN)
        .get_result(tx.conn())
        .optional()?;
    Ok(told.map(|told| told.id))
}

fn listed(user: Id<User>, filter: NotificationFilter) -> notifications::BoxedQuery<'static, Pg> {
    let own = notifications::table
        .into_boxed()
        .filter(notifications::user_id.eq(user))
        .filter(diesel::dsl::sql::<Bool>("is_listed"));
    match filter.is_unread {
        Some(true) => own.filter(notifications::read_at.is_null()),
        Some(false) => own.filter(notifications::read_at.is_not_null()),
        None => own,
    }
}

/// A page of what somebody was told of, newest first.
pub fn page(
    conn: &mut Conn,
    user: Id<User>,
    filter: NotificationFilter,
    page: &Page<NewestKey>,
) -> Result<Slice<Notification>, Failure> {
    let query = listed(user, filter).select(Notification::as_select());
    let query = newest_first!(query, page, (notifications::created_at, notifications::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

/// How many there are, counted up to `limit`.
pub fn count(conn: &mut Conn, user: Id<User>, filter: NotificationFilter, limit: i64) -> Result<i64, Failure> {
    Ok(Counted(listed(user, filter).select(notifications::id).limit(limit)).get_result(conn)?)
}

/// Those of them that are somebody's, and listed.
pub fn by_ids(conn: &mut Conn, user: Id<User>, ids: &[Id<Notification>]) -> Result<Vec<Notification>, Failure> {
    let own = listed(user, NotificationFilter::default()).filter(notifications::id.eq_any(ids.to_vec()));
    Ok(own.select(Notification::as_select()).load(conn)?)
}

/// What is to be pushed, if nobody has read it meanwhile.
pub fn unread(conn: &mut Conn, user: Id<User>, id: Id<Notification>) -> Result<Option<Notification>, Failure> {
    let own = notifications::table.find(id).filter(notifications::user_id.eq(user));
    let unread = own.filter(notifications::read_at.is_null());
    Ok(unread.select(Notification::as_select()).first(conn).optional()?)
}

/// Marks those that are somebody's as read. What was read stays read when it was.
pub fn set_read(tx: &mut Tx<'_>, user: Id<User>, ids: &[Id<Notification>]) -> Result<(), Failure> {
    let now = tx.now();
    let own = notifications::table.filter(notifications::user_id.eq(user)).filter(notifications::id.eq_any(ids));
    diesel::update(own.filter(notifications::read_at.is_null()))
        .set(notifications::read_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}

/// Marks one and all that are older as read.
pub fn set_read_up_to(tx: &mut Tx<'_>, user: Id<User>, (at, id): NewestKey) -> Result<(), Failure> {
    let read = sql_query(
        "UPDATE notifications SET read_at = $1 \
          WHERE user_id = $2 AND is_listed AND read_at IS NULL AND (created_at, id) <= ($3, $4)",
    );
    read.bind::<Timestamptz, _>(tx.now())
        .bind::<SqlUuid, _>(user)
        .bind::<Timestamptz, _>(at)
        .bind::<SqlUuid, _>(id)
        .execute(tx.conn())?;
    Ok(())
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// What an icon shows: the messages and notifications that wait for somebody, as `Viewer.badges` has them.
pub fn badge(conn: &mut Conn, user: Id<User>, now: Time) -> Result<i64, Failure> {
    let query = sql_query(
        "SELECT (SELECT coalesce(sum(c.last_number - p.last_read_number + p.held_unread), 0)::bigint \
                   FROM participants p JOIN conversations c ON c.id = p.conversation_id \
                  WHERE p.user_id = $1 AND p.is_member AND NOT p.has_blocked AND NOT p.is_archived \
                    AND (p.muted_until IS NULL OR p.muted_until <= $2) AND c.last_number + p.held_unread > p.last_read_number) \
              + (SELECT count(*) FROM notifications n WHERE n.user_id = $1 AND n.is_listed AND n.read_at IS NULL) AS count",
    );
    let waiting: Waiting = query.bind::<SqlUuid, _>(user).bind::<Timestamptz, _>(now).get_result(conn)?;
    Ok(waiting.count)
}

/// All that somebody was told of, for them, oldest first.
pub fn of_person(
    conn: &mut Conn,
    user: Id<User>,
    page: &Page<Id<Notification>>,
) -> Result<Slice<Notification>, Failure> {
    let own = notifications::table
        .filter(notifications::user_id.eq(user))
        .order(notifications::id)
        .limit(page.fetch_limit())
        .select(Notification::as_select())
        .into_boxed::<Pg>();
    let own = match page.from {
        Some(last) => own.filter(notifications::id.gt(last)),
        None => own,
    };
    Ok(page.slice(own.load(conn)?))
}

pub fn delete_all(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    diesel::delete(notifications::table.filter(notifications::user_id.eq(user))).execute(tx.conn())?;
    Ok(())
}

/// Deletes at most `limit` that are older than a time. Returns how many.
pub fn delete_old(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old: Vec<Id<Notification>> = notifications::table
        .filter(notifications::created_at.lt(before))
        .limit(limit)
        .select(notifications::id)
        .load(tx.conn())?;
    Ok(diesel::delete(notifications::table.filter(notifications::id.eq_any(old))).execute(tx.conn())?)
}
