//! What the staff do about people, in Postgres.

use diesel::{
    ExpressionMethods, Insertable, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper, dsl::sql, sql_types::Bool,
};
use uuid::Uuid;

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first_by_id,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::{audit_entries, staff_grants, users},
    users::model::{AuditEntry, Role, StaffGrant, User},
};

/// Some of the staff with one of these roles, in the order of their ids.
pub fn staff_with(conn: &mut Conn, roles: Vec<Role>, limit: i64) -> Result<Vec<Id<User>>, Failure> {
    Ok(users::table
        // By these words Postgres knows its index `users_staff`.
        .filter(sql::<Bool>("users.role <> 'MEMBER'"))
        .filter(users::role.eq_any(roles))
        .filter(users::erased_at.is_null())
        .order(users::id)
        .limit(limit)
        .select(users::id)
        .load(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = staff_grants)]
pub struct NewStaffGrant<'a> {
    pub id: Id<StaffGrant>,
    pub staff_id: Id<User>,
    pub user_id: Id<User>,
    pub reason: &'a str,
    pub created_at: Time,
    pub expires_at: Time,
}

pub fn insert_staff_grant(tx: &mut Tx<'_>, grant: &NewStaffGrant<'_>) -> Result<StaffGrant, Failure> {
    Ok(diesel::insert_into(staff_grants::table)
        .values(grant)
        .returning(StaffGrant::as_returning())
        .get_result(tx.conn())?)
}

pub fn staff_grant(conn: &mut Conn, id: Id<StaffGrant>) -> Result<Option<StaffGrant>, Failure> {
    Ok(staff_grants::table.find(id).select(StaffGrant::as_select()).first(conn).optional()?)
}

/// None if one of the staff has no such leave any more.
pub fn set_grant_ended(tx: &mut Tx<'_>, staff: Id<User>, id: Id<StaffGrant>) -> Result<Option<StaffGrant>, Failure> {
    let now = tx.now();
    let own = staff_grants::table.find(id).filter(staff_grants::staff_id.eq(staff));
    Ok(diesel::update(own.filter(staff_grants::ended_at.is_null()).filter(staff_grants::expires_at.gt(now)))
        .set(staff_grants::ended_at.eq(now))
        .returning(StaffGrant::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

#[derive(Insertable)]
#[diesel(table_name = audit_entries)]
pub struct NewAuditEntry<'a> {
    pub id: Id<AuditEntry>,
    /// None if it is about what a guest did: then that is named by `about_id`.
    pub user_id: Option<Id<User>>,
    pub staff_id: Option<Id<User>>,
    pub grant_id: Option<Id<StaffGrant>>,
    pub action: &'a str,
    pub reason: &'a str,
    pub created_at: Time,
    pub about_id: Option<Uuid>,
}

pub fn insert_audit_entries(tx: &mut Tx<'_>, entries: &[NewAuditEntry<'_>]) -> Result<(), Failure> {
    diesel::insert_into(audit_entries::table).values(entries).execute(tx.conn())?;
    Ok(())
}

/// What the staff did about a person, newest first.
pub fn audit_entries(
    conn: &mut Conn,
    user: Id<User>,
    page: &Page<Id<AuditEntry>>,
) -> Result<Slice<AuditEntry>, Failure> {
    let own = audit_entries::table.filter(audit_entries::user_id.eq(user));
    let query = newest_first_by_id!(own.select(AuditEntry::as_select()).into_boxed(), page, audit_entries::id);
    Ok(page.slice(query.load(conn)?))
}

pub fn count_audit_entries(conn: &mut Conn, user: Id<User>, limit: i64) -> Result<i64, Failure> {
    let own = audit_entries::table.filter(audit_entries::user_id.eq(user));
    Ok(Counted(own.select(audit_entries::id).limit(limit)).get_result(conn)?)
}

/// Deletes at most `limit` entries from before a time. Returns how many.
pub fn delete_audit_entries(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old: Vec<Id<AuditEntry>> = audit_entries::table
        .filter(audit_entries::created_at.lt(before))
        .limit(limit)
        .select(audit_entries::id)
        .load(tx.conn())?;
    Ok(diesel::delete(audit_entries::table.filter(audit_entries::id.eq_any(old))).execute(tx.conn())?)
}

/// Deletes at most `limit` leaves that were over before a time and that no entry names. Returns how many.
pub fn delete_staff_grants(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let entries = audit_entries::table.filter(audit_entries::grant_id.eq(staff_grants::id.nullable()));
    let old: Vec<Id<StaffGrant>> = staff_grants::table
        .filter(staff_grants::expires_at.lt(before))
        .filter(diesel::dsl::not(diesel::dsl::exists(entries)))
        .limit(limit)
        .select(staff_grants::id)
        .load(tx.conn())?;
    Ok(diesel::delete(staff_grants::table.filter(staff_grants::id.eq_any(old))).execute(tx.conn())?)
}
