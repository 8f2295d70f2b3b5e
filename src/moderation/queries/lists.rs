//! Lists of cases and reports.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper,
    pg::Pg,
    sql_query,
    sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid},
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    moderation::model::{Case, CaseFilter, Decision, MAXIMUM_REPORTS, Report, TimeKey},
    newest_first, newest_first_by_id,
    platform::{counted::Counted, db::Conn, gql::COUNT_LIMIT},
    schema::{moderation_cases, moderation_notices, moderation_reports},
    users::model::User,
};

fn filtered(filter: CaseFilter) -> moderation_cases::BoxedQuery<'static, Pg> {
    let CaseFilter { state, target_kind } = filter;
    let query = moderation_cases::table.into_boxed();
    let query = match state {
        Some(state) => query.filter(moderation_cases::state.eq(state)),
        None => query,
    };
    match target_kind {
        Some(kind) => query.filter(moderation_cases::target_kind.eq(kind)),
        None => query,
    }
}

/// A page of cases, the one last that waits for the longest time.
pub fn cases(conn: &mut Conn, filter: CaseFilter, page: &Page<TimeKey>) -> Result<Slice<Case>, Failure> {
    let query = filtered(filter).select(Case::as_select());
    let query =
        newest_first!(query, page, (moderation_cases::waiting_since, moderation_cases::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

/// How many cases there are, counted to one more than [`COUNT_LIMIT`].
pub fn count_cases(conn: &mut Conn, filter: CaseFilter) -> Result<i64, Failure> {
    Ok(Counted(filtered(filter).select(moderation_cases::id).limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

pub fn by_ids(conn: &mut Conn, ids: &[Id<Case>]) -> Result<Vec<Case>, Failure> {
    let rows = moderation_cases::table.filter(moderation_cases::id.eq_any(ids));
    Ok(rows.select(Case::as_select()).load(conn)?)
}

/// Those of the decisions that somebody reads.
pub fn read_by(conn: &mut Conn, user: Id<User>, ids: &[Id<Decision>]) -> Result<Vec<Case>, Failure> {
    let cases: Vec<Id<Case>> = ids.iter().map(|id| Id::from_uuid(id.uuid())).collect();
    let own = moderation_notices::case_id.eq(moderation_cases::id).and(moderation_notices::user_id.eq(user));
    Ok(moderation_cases::table
        .inner_join(moderation_notices::table.on(own))
        .filter(moderation_cases::id.eq_any(cases))
        .select(Case::as_select())
        .load(conn)?)
}

/// A page of what somebody reads of decisions, the newest case first.
pub fn notices_of(conn: &mut Conn, user: Id<User>, page: &Page<Id<Decision>>) -> Result<Slice<Case>, Failure> {
    let own = moderation_notices::table
        .inner_join(moderation_cases::table.on(moderation_cases::id.eq(moderation_notices::case_id)))
        .filter(moderation_notices::user_id.eq(user))
        .select(Case::as_select())
        .into_boxed::<Pg>();
    let page = &Page {
        limit: page.limit,
        from: page.from.map(|id| Id::<Case>::from_uuid(id.uuid())),
        direction: page.direction,
    };
    let query = newest_first_by_id!(own, page, moderation_notices::case_id);
    Ok(page.slice(query.load(conn)?))
}

pub fn count_notices(conn: &mut Conn, user: Id<User>) -> Result<i64, Failure> {
    let own = moderation_notices::table.filter(moderation_notices::user_id.eq(user));
    Ok(Counted(own.select(moderation_notices::case_id).limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

/// The reports of cases, each one's first ones first, not more than are shown of one.
pub fn reports_of(conn: &mut Conn, ids: &[Id<Case>]) -> Result<Vec<Report>, Failure> {
    let query = sql_query(
        "SELECT first.* FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL \
            (SELECT * FROM moderation_reports WHERE case_id = wanted.id ORDER BY created_at, reporter_id LIMIT $2) first",
    );
    Ok(query.bind::<Array<SqlUuid>, _>(ids).bind::<BigInt, _>(MAXIMUM_REPORTS).load(conn)?)
}

/// A page of what somebody reported, newest first.
pub fn reports_by(conn: &mut Conn, reporter: Id<User>, page: &Page<TimeKey>) -> Result<Slice<Report>, Failure> {
    let own = moderation_reports::table.filter(moderation_reports::reporter_id.eq(reporter));
    let query = own.select(Report::as_select()).into_boxed();
    let key = (moderation_reports::created_at, moderation_reports::target_id);
    let query = newest_first!(query, page, (key.0, key.1): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}
