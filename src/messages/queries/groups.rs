//! Groups in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    RunQueryDsl, SelectableHelper, sql_query,
    sql_types::{BigInt, Timestamptz, Uuid as SqlUuid},
    upsert::excluded,
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    messages::model::{
        Conversation, Kind,
        groups::{GroupRole, Invitation, InvitationKey, Member},
    },
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::{blocks, conversations, group_invitations, participants},
    users::model::User,
};

/// Makes a group with nobody in it.
pub fn insert_group(tx: &mut Tx<'_>, id: Id<Conversation>, title: &str) -> Result<(), Failure> {
    let now = tx.now();
    let group = (
        conversations::id.eq(id),
        conversations::kind.eq(Kind::Group),
        conversations::title.eq(title),
        conversations::last_message_at.eq(now),
        conversations::created_at.eq(now),
    );
    diesel::insert_into(conversations::table).values(group).execute(tx.conn())?;
    Ok(())
}

/// Has a locked group be called something else.
pub fn set_title(tx: &mut Tx<'_>, id: Id<Conversation>, title: &str) -> Result<(), Failure> {
    let columns = (conversations::title.eq(title), conversations::version.eq(conversations::version + 1));
    diesel::update(conversations::table.find(id)).set(columns).execute(tx.conn())?;
    Ok(())
}

/// Locks a conversation without taking a number in it. False if there is no such one.
pub fn lock_group(tx: &mut Tx<'_>, id: Id<Conversation>) -> Result<bool, Failure> {
    let group = conversations::table.find(id).select(conversations::id).for_no_key_update();
    Ok(group.first::<Id<Conversation>>(tx.conn()).optional()?.is_some())
}

/// Has somebody belong to a group, who sees what comes after a number. They may have left it before.
pub fn put_member(
    tx: &mut Tx<'_>,
    id: Id<Conversation>,
    person: Id<User>,
    role: GroupRole,
    joined_number: i64,
) -> Result<(), Failure> {
    let now = tx.now();
    let member = (
        participants::conversation_id.eq(id),
        participants::user_id.eq(person),
        participants::is_member.eq(true),
        participants::role.eq(role),
        participants::joined_number.eq(joined_number),
        participants::last_read_number.eq(joined_number),
        participants::created_at.eq(now),
    );
    diesel::insert_into(participants::table)
        .values(member)
        .on_conflict((participants::conversation_id, participants::user_id))
        .do_update()
        .set((
            participants::is_member.eq(true),
            participants::role.eq(excluded(participants::role)),
            participants::joined_number.eq(excluded(participants::joined_number)),
            participants::last_read_number.eq(excluded(participants::last_read_number)),
            participants::created_at.eq(excluded(participants::created_at)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Has somebody belong to a group no more, and forgets how they kept it.
pub fn set_left(tx: &mut Tx<'_>, id: Id<Conversation>, person: Id<User>) -> Result<(), Failure> {
    diesel::update(participants::table.find((id, person)))
        .set((
            participants::is_member.eq(false),
            participants::role.eq(None::<GroupRole>),
            participants::is_archived.eq(false),
            participants::pinned_at.eq(None::<Time>),
            participants::muted_until.eq(None::<Time>),
        ))
        .execute(tx.conn())?;
    Ok(())
}

pub fn set_role(tx: &mut Tx<'_>, id: Id<Conversation>, person: Id<User>, role: GroupRole) -> Result<(), Failure> {
    diesel::update(participants::table.find((id, person))).set(participants::role.eq(role)).execute(tx.conn())?;
    Ok(())
}

/// Whether somebody belongs to a group, if they ever did.
pub fn past_of(conn: &mut Conn, id: Id<Conversation>, person: Id<User>) -> Result<Option<bool>, Failure> {
    let marker = participants::table
        .inner_join(conversations::table.on(conversations::id.eq(participants::conversation_id)))
        .filter(participants::conversation_id.eq(id))
        .filter(participants::user_id.eq(person))
        .filter(conversations::kind.eq(Kind::Group));
    Ok(marker.select(participants::is_member).first(conn).optional()?)
}

/// Who belongs to a group.
pub fn members(conn: &mut Conn, id: Id<Conversation>) -> Result<Vec<Member>, Failure> {
    let members = participants::table.filter(participants::conversation_id.eq(id)).filter(participants::is_member);
    Ok(members.select(Member::as_select()).load(conn)?)
}

/// To which groups somebody belongs, in the order in which they are locked.
pub fn groups_of(conn: &mut Conn, person: Id<User>) -> Result<Vec<Id<Conversation>>, Failure> {
    let own = participants::table
        .filter(participants::user_id.eq(person))
        .filter(participants::is_member)
        .filter(participants::role.is_not_null());
    Ok(own.order(participants::conversation_id).select(participants::conversation_id).load(conn)?)
}

/// To how many groups somebody belongs, counted up to `limit`.
pub fn count_groups(conn: &mut Conn, person: Id<User>, limit: i64) -> Result<i64, Failure> {
    let own = participants::table
        .filter(participants::user_id.eq(person))
        .filter(participants::is_member)
        .filter(participants::role.is_not_null());
    Ok(Counted(own.select(participants::conversation_id).limit(limit)).get_result(conn)?)
}

/// Who is asked to come into some groups, first who was asked first.
pub fn invitations_to(conn: &mut Conn, ids: &[Id<Conversation>]) -> Result<Vec<Invitation>, Failure> {
    let asked = group_invitations::table.filter(group_invitations::conversation_id.eq_any(ids));
    let asked = asked.filter(group_invitations::declined_at.is_null());
    let asked = asked.order((group_invitations::created_at, group_invitations::user_id));
    Ok(asked.select(Invitation::as_select()).load(conn)?)
}

/// What became of asking somebody into a group, if that was done lately.
pub fn invitation(conn: &mut Conn, id: Id<Conversation>, person: Id<User>) -> Result<Option<Invitation>, Failure> {
    let row = group_invitations::table.find((id, person));
    Ok(row.select(Invitation::as_select()).first(conn).optional()?)
}

/// How many people somebody has asked who have not answered, counted up to `limit`.
pub fn count_invitations_by(conn: &mut Conn, inviter: Id<User>, limit: i64) -> Result<i64, Failure> {
    let open = group_invitations::table
        .filter(group_invitations::inviter_id.eq(inviter))
        .filter(group_invitations::declined_at.is_null());
    Ok(Counted(open.select(group_invitations::conversation_id).limit(limit)).get_result(conn)?)
}

/// The invitations that somebody sees: whom they have blocked asks them in vain.
macro_rules! seen_by {
    ($person:expr) => {{
        let block =
            blocks::blocker_id.eq(group_invitations::user_id).and(blocks::blocked_id.eq(group_invitations::inviter_id));
        group_invitations::table
            .inner_join(conversations::table.on(conversations::id.eq(group_invitations::conversation_id)))
            .left_join(blocks::table.on(block))
            .filter(group_invitations::user_id.eq($person))
            .filter(group_invitations::declined_at.is_null())
            .filter(blocks::blocker_id.nullable().is_null())
    }};
}

/// A page of the invitations that somebody sees, the last one first, and the titles of the groups.
pub fn invitations_of(
    conn: &mut Conn,
    person: Id<User>,
    page: &Page<InvitationKey>,
) -> Result<Slice<(Invitation, Option<String>)>, Failure> {
    let query = seen_by!(person).select((Invitation::as_select(), conversations::title)).into_boxed();
    let query = newest_first!(query, page, (group_invitations::created_at, group_invitations::conversation_id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

/// How many invitations somebody sees, counted up to `limit`.
pub fn count_invitations_of(conn: &mut Conn, person: Id<User>, limit: i64) -> Result<i64, Failure> {
    Ok(Counted(seen_by!(person).select(group_invitations::conversation_id).limit(limit)).get_result(conn)?)
}

/// Whether somebody sees that they are asked into a group.
pub fn sees_invitation(conn: &mut Conn, person: Id<User>, id: Id<Conversation>) -> Result<bool, Failure> {
    let seen = seen_by!(person).filter(group_invitations::conversation_id.eq(id));
    let seen = seen.select(group_invitations::conversation_id);
    Ok(seen.first::<Id<Conversation>>(conn).optional()?.is_some())
}

/// Asks somebody to come into a group, whatever became of asking them before.
pub fn put_invitation(
    tx: &mut Tx<'_>,
    id: Id<Conversation>,
    person: Id<User>,
    inviter: Id<User>,
) -> Result<(), Failure> {
    let now = tx.now();
    let invitation = (
        group_invitations::conversation_id.eq(id),
        group_invitations::user_id.eq(person),
        group_invitations::inviter_id.eq(inviter),
        group_invitations::created_at.eq(now),
    );
    diesel::insert_into(group_invitations::table)
        .values(invitation)
        .on_conflict((group_invitations::conversation_id, group_invitations::user_id))
        .do_update()
        .set((
            group_invitations::inviter_id.eq(excluded(group_invitations::inviter_id)),
            group_invitations::created_at.eq(excluded(group_invitations::created_at)),
            group_invitations::declined_at.eq(None::<Time>),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// False if nothing waits for their answer.
pub fn delete_invitation(tx: &mut Tx<'_>, id: Id<Conversation>, person: Id<User>) -> Result<bool, Failure> {
    let open = group_invitations::table.find((id, person)).filter(group_invitations::declined_at.is_null());
    Ok(diesel::delete(open).execute(tx.conn())? == 1)
}

/// Says that somebody who is asked does not want to come in.
pub fn set_declined(tx: &mut Tx<'_>, id: Id<Conversation>, person: Id<User>) -> Result<(), Failure> {
    let now = tx.now();
    let row = diesel::update(group_invitations::table.find((id, person)));
    row.set(group_invitations::declined_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// Forgets who did not want to come in, a bounded number at once, if that was before a time. Returns how many.
pub fn delete_declined(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let query = sql_query(
        "DELETE FROM group_invitations WHERE ctid = ANY (ARRAY( \
            SELECT ctid FROM group_invitations WHERE declined_at <= $1 LIMIT $2))",
    );
    Ok(query.bind::<Timestamptz, _>(before).bind::<BigInt, _>(limit).execute(tx.conn())?)
}

/// Deletes the invitations to a group that somebody sent and that wait for an answer. Returns who saw theirs.
pub fn delete_invitations_by(
    tx: &mut Tx<'_>,
    id: Id<Conversation>,
    inviter: Id<User>,
) -> Result<Vec<Id<User>>, Failure> {
    let open = group_invitations::table
        .filter(group_invitations::conversation_id.eq(id))
        .filter(group_invitations::inviter_id.eq(inviter))
        .filter(group_invitations::declined_at.is_null());
    let asked: Vec<Id<User>> = diesel::delete(open).returning(group_invitations::user_id).get_results(tx.conn())?;
    let unheard = blocks::table.filter(blocks::blocked_id.eq(inviter)).filter(blocks::blocker_id.eq_any(&asked));
    let unheard: Vec<Id<User>> = unheard.select(blocks::blocker_id).load(tx.conn())?;
    Ok(asked.into_iter().filter(|person| !unheard.contains(person)).collect())
}

/// Deletes all invitations to a group.
pub fn delete_invitations_to(tx: &mut Tx<'_>, id: Id<Conversation>) -> Result<(), Failure> {
    let asked = group_invitations::table.filter(group_invitations::conversation_id.eq(id));
    diesel::delete(asked).execute(tx.conn())?;
    Ok(())
}

/// Deletes the invitations that somebody got or sent.
pub fn delete_invitations_of(tx: &mut Tx<'_>, person: Id<User>) -> Result<(), Failure> {
    let theirs = group_invitations::user_id.eq(person).or(group_invitations::inviter_id.eq(person));
    diesel::delete(group_invitations::table.filter(theirs)).execute(tx.conn())?;
    Ok(())
}
