//! Lists of cases and reports.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, PgExpressionMethods, QueryDsl,
    RunQueryDsl, SelectableHelper,
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
    schema::{moderation_cases, moderation_notices, moderation_reports, shop_members},
    users::model::User,
};

/// Cases that concern neither somebody of the staff nor a shop for which they have said that they work. Whom others have added to a shop is not
/// kept from anything by it.
fn of_others(reader: Id<User>) -> moderation_cases::BoxedQuery<'static, Pg> {
    let own = shop_members::table.filter(shop_members::user_id.eq(reader)).filter(shop_members::is_accepted.eq(true));
    let own = own.select(shop_members::shop_id.nullable());
    let query = moderation_cases::table.into_boxed::<Pg>();
    let query = query.filter(moderation_cases::person_id.is_distinct_from(reader));
    query.filter(moderation_cases::shop_id.is_null().or(moderation_cases::shop_id.ne_all(own)))
}

fn filtered(reader: Id<User>, filter: CaseFilter) -> moderation_cases::BoxedQuery<'static, Pg> {
    let CaseFilter { state, target_kind } = filter;
    let query = of_others(reader);
    let query = match state {
        Some(state) => query.filter(moderation_cases::state.eq(state)),
        None => query,
    };
    match target_kind {
        Some(kind) => query.filter(moderation_cases::target_kind.eq(kind)),
        None => query,
    }
}

/// A page of the cases of others, the one last that waits for the longest time.
pub fn cases(
    conn: &mut Conn,
    reader: Id<User>,
    filter: CaseFilter,
    page: &Page<TimeKey>,
) -> Result<Slice<Case>, Failure> {
    let query = filtered(reader, filter).select(Case::as_select());
    let query =
        newest_first!(query, page, (moderation_cases::waiting_since, moderation_cases::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

/// How many cases of others there are, counted to one more than [`COUNT_LIMIT`].
pub fn count_cases(conn: &mut Conn, reader: Id<User>, filter: CaseFilter) -> Result<i64, Failure> {
    Ok(Counted(filtered(reader, filter).select(moderation_cases::id).limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

/// Those of the cases that are of others.
pub fn by_ids(conn: &mut Conn, reader: Id<User>, ids: &[Id<Case>]) -> Result<Vec<Case>, Failure> {
    let rows = of_others(reader).filter(moderation_cases::id.eq_any(ids.to_vec()));
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

/// The reports of those of the cases that are of others, each one's first ones first, not more than are shown of one.
pub fn reports_of(conn: &mut Conn, reader: Id<User>, ids: &[Id<Case>]) -> Result<Vec<Report>, Failure> {
    // As `of_others`.
    let query = sql_query(
        "SELECT first.* FROM moderation_cases c CROSS JOIN LATERAL \
            (SELECT * FROM moderation_reports WHERE case_id = c.id ORDER BY created_at, reporter_id LIMIT $2) first \
          WHERE c.id = ANY($1) AND c.person_id IS DISTINCT FROM $3 \
            AND (c.shop_id IS NULL OR c.shop_id NOT IN (SELECT shop_id FROM shop_members WHERE user_id = $3 AND is_accepted))",
    );
    let query = query.bind::<Array<SqlUuid>, _>(ids).bind::<BigInt, _>(MAXIMUM_REPORTS).bind::<SqlUuid, _>(reader);
    Ok(query.load(conn)?)
}

/// A page of what somebody reported, newest first.
pub fn reports_by(conn: &mut Conn, reporter: Id<User>, page: &Page<TimeKey>) -> Result<Slice<Report>, Failure> {
    let own = moderation_reports::table.filter(moderation_reports::reporter_id.eq(reporter));
    let query = own.select(Report::as_select()).into_boxed();
    let key = (moderation_reports::created_at, moderation_reports::target_id);
    let query = newest_first!(query, page, (key.0, key.1): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}
