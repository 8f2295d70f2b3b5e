//! Cases and reports in Postgres.

mod lists;

pub use self::lists::*;

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl, SelectableHelper, sql_query,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};

use super::model::{Action, AppealOutcome, Case, CaseState, ReportReason, Target};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{moderation_cases, moderation_notices, moderation_reports},
    users::model::User,
};

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Id<Case>,
}

/// Whether somebody has reported something that the staff have not decided about yet, or not before a time.
pub fn has_reported(conn: &mut Conn, reporter: Id<User>, target: Target, since: Time) -> Result<bool, Failure> {
    let query = sql_query(
        "SELECT c.id FROM moderation_reports r JOIN moderation_cases c ON c.id = r.case_id \
          WHERE r.target_kind = $1 AND r.target_id = $2 AND r.reporter_id = $3 \
            AND (c.decided_at IS NULL OR c.state = 'APPEALED' OR c.decided_at > $4)",
    );
    let found: Option<Found> = query
        .bind::<Text, _>(target.kind())
        .bind::<SqlUuid, _>(target.uuid())
        .bind::<SqlUuid, _>(reporter)
        .bind::<Timestamptz, _>(since)
        .get_result(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Counts one more reporter in the open case of something, and begins one if there is none.
pub fn count_reporter(tx: &mut Tx<'_>, target: Target, person: Option<Id<User>>) -> Result<Id<Case>, Failure> {
    let (id, now): (Id<Case>, Time) = (tx.new_id(), tx.now());
    let query = sql_query(
        "INSERT INTO moderation_cases (id, target_kind, target_id, person_id, state, reporter_count, opened_at, waiting_since) \
         VALUES ($1, $2, $3, $4, 'OPEN', 1, $5, $5) \
         ON CONFLICT (target_kind, target_id) WHERE state = 'OPEN' \
         DO UPDATE SET reporter_count = moderation_cases.reporter_count + 1 RETURNING id",
    );
    let counted: Found = query
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(target.kind())
        .bind::<SqlUuid, _>(target.uuid())
        .bind::<Nullable<SqlUuid>, _>(person)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())?;
    Ok(counted.id)
}

/// Writes down what was decided about something that nobody has reported.
pub fn insert_decided(
    tx: &mut Tx<'_>,
    (target, person): (Target, Id<User>),
    staff: Id<User>,
    (action, reason): (Action, &str),
) -> Result<Id<Case>, Failure> {
    let (id, now): (Id<Case>, Time) = (tx.new_id(), tx.now());
    let row = (
        moderation_cases::id.eq(id),
        moderation_cases::target_kind.eq(target.kind()),
        moderation_cases::target_id.eq(target.uuid()),
        moderation_cases::person_id.eq(person),
        moderation_cases::state.eq(CaseState::Decided),
        moderation_cases::reporter_count.eq(0),
        moderation_cases::opened_at.eq(now),
        moderation_cases::waiting_since.eq(now),
        moderation_cases::action.eq(action),
        moderation_cases::reason.eq(reason),
        moderation_cases::decided_by.eq(staff),
        moderation_cases::decided_at.eq(now),
    );
    diesel::insert_into(moderation_cases::table).values(row).execute(tx.conn())?;
    Ok(id)
}

/// What a report says, and what was reported.
pub struct Reported<'a> {
    pub case: Id<Case>,
    pub target: Target,
    pub reporter: Id<User>,
    pub reason: ReportReason,
    pub note: &'a str,
    pub texts: &'a [String],
    pub attachments: &'a [String],
}

/// Writes a report down, in the place of the one before by the same person about the same thing, if there is one.
pub fn put_report(tx: &mut Tx<'_>, report: &Reported<'_>) -> Result<(), Failure> {
    let now = tx.now();
    let row = (
        moderation_reports::target_kind.eq(report.target.kind()),
        moderation_reports::target_id.eq(report.target.uuid()),
        moderation_reports::reporter_id.eq(report.reporter),
        moderation_reports::case_id.eq(report.case),
        moderation_reports::reason.eq(report.reason),
        moderation_reports::note.eq(report.note),
        moderation_reports::texts.eq(report.texts),
        moderation_reports::attachments.eq(report.attachments),
        moderation_reports::created_at.eq(now),
    );
    diesel::insert_into(moderation_reports::table)
        .values(row)
        .on_conflict((moderation_reports::target_kind, moderation_reports::target_id, moderation_reports::reporter_id))
        .do_update()
        .set((
            moderation_reports::case_id.eq(report.case),
            moderation_reports::reason.eq(report.reason),
            moderation_reports::note.eq(report.note),
            moderation_reports::texts.eq(report.texts),
            moderation_reports::attachments.eq(report.attachments),
            moderation_reports::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

pub fn by_id(conn: &mut Conn, id: Id<Case>) -> Result<Option<Case>, Failure> {
    Ok(moderation_cases::table.find(id).select(Case::as_select()).first(conn).optional()?)
}

pub fn lock(tx: &mut Tx<'_>, id: Id<Case>) -> Result<Option<Case>, Failure> {
    let row = moderation_cases::table.find(id).select(Case::as_select()).for_no_key_update();
    Ok(row.first(tx.conn()).optional()?)
}

/// Says what the staff do about a locked case.
pub fn set_decided(
    tx: &mut Tx<'_>,
    id: Id<Case>,
    staff: Id<User>,
    (action, reason): (Action, &str),
    suspended_until: Option<Time>,
) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(moderation_cases::table.find(id))
        .set((
            moderation_cases::state.eq(CaseState::Decided),
            moderation_cases::action.eq(action),
            moderation_cases::reason.eq(reason),
            moderation_cases::decided_by.eq(staff),
            moderation_cases::decided_at.eq(now),
            moderation_cases::suspended_until.eq(suspended_until),
        ))
        .execute(tx.conn())?;
    Ok(())
}

#[derive(QueryableByName)]
struct Standing {
    #[diesel(sql_type = SqlUuid)]
    id: Id<Case>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    suspended_until: Option<Time>,
}

/// The case that a suspension is by, and until when it is; none is for good.
type StandingSuspension = (Id<Case>, Option<Time>);

/// The case, but for one, whose decision suspends somebody for longest, and until when; none of what was overturned.
pub fn standing_suspension(
    conn: &mut Conn,
    person: Id<User>,
    but: Id<Case>,
    now: Time,
) -> Result<Option<StandingSuspension>, Failure> {
    let query = sql_query(
        "SELECT id, suspended_until FROM moderation_cases \
          WHERE person_id = $1 AND id <> $2 AND action = 'SUSPEND' AND appeal_outcome IS DISTINCT FROM 'OVERTURNED' \
            AND (suspended_until IS NULL OR suspended_until > $3) \
          ORDER BY suspended_until DESC NULLS FIRST, id LIMIT 1",
    );
    let query = query.bind::<SqlUuid, _>(person).bind::<SqlUuid, _>(but).bind::<Timestamptz, _>(now);
    let standing: Option<Standing> = query.get_result(conn).optional()?;
    Ok(standing.map(|case| (case.id, case.suspended_until)))
}

/// Has people read what was decided.
pub fn insert_notices(tx: &mut Tx<'_>, id: Id<Case>, people: &[Id<User>]) -> Result<(), Failure> {
    if people.is_empty() {
        return Ok(());
    }
    let row = |person: &Id<User>| (moderation_notices::case_id.eq(id), moderation_notices::user_id.eq(*person));
    let rows: Vec<_> = people.iter().map(row).collect();
    diesel::insert_into(moderation_notices::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// Who reads what was decided.
pub fn readers(conn: &mut Conn, id: Id<Case>) -> Result<Vec<Id<User>>, Failure> {
    let rows = moderation_notices::table.filter(moderation_notices::case_id.eq(id));
    Ok(rows.order(moderation_notices::user_id).select(moderation_notices::user_id).load(conn)?)
}

/// Says what somebody has against the decision of a locked case.
pub fn set_appealed(tx: &mut Tx<'_>, id: Id<Case>, user: Id<User>, text: &str) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(moderation_cases::table.find(id))
        .set((
            moderation_cases::state.eq(CaseState::Appealed),
            moderation_cases::waiting_since.eq(now),
            moderation_cases::appeal_text.eq(text),
            moderation_cases::appealed_by.eq(user),
            moderation_cases::appealed_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Says what the staff answer to the appeal of a locked case.
pub fn set_answered(
    tx: &mut Tx<'_>,
    id: Id<Case>,
    staff: Id<User>,
    (outcome, reason): (AppealOutcome, &str),
) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(moderation_cases::table.find(id))
        .set((
            moderation_cases::state.eq(CaseState::Closed),
            moderation_cases::appeal_outcome.eq(outcome),
            moderation_cases::appeal_reason.eq(reason),
            moderation_cases::answered_by.eq(staff),
            moderation_cases::answered_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets what was reported in cases that were decided before a time, a bounded number at once. Returns how much.
pub fn clear_reported(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let query = sql_query(
        "UPDATE moderation_reports SET note = '', texts = '{}', attachments = '{}' WHERE ctid = ANY (ARRAY( \
            SELECT r.ctid FROM moderation_reports r JOIN moderation_cases c ON c.id = r.case_id \
             WHERE c.decided_at < $1 AND c.state <> 'APPEALED' \
               AND (r.note <> '' OR r.texts <> '{}' OR r.attachments <> '{}') LIMIT $2))",
    );
    Ok(query.bind::<Timestamptz, _>(before).bind::<BigInt, _>(limit).execute(tx.conn())?)
}

/// Forgets what somebody said in reports and appeals, what was reported of them, and what they were told.
pub fn clear_words(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let own = moderation_reports::table.filter(moderation_reports::reporter_id.eq(user));
    diesel::update(own).set(moderation_reports::note.eq("")).execute(tx.conn())?;
    let about = moderation_cases::table.filter(moderation_cases::person_id.eq(user)).select(moderation_cases::id);
    diesel::update(moderation_reports::table.filter(moderation_reports::case_id.eq_any(about)))
        .set((
            moderation_reports::note.eq(""),
            moderation_reports::texts.eq(Vec::<String>::new()),
            moderation_reports::attachments.eq(Vec::<String>::new()),
        ))
        .execute(tx.conn())?;
    // What is null stays so.
    let query = sql_query(
        "UPDATE moderation_cases SET reason = left(reason, 0), appeal_reason = left(appeal_reason, 0), \
                appeal_text = left(appeal_text, 0) WHERE person_id = $1",
    );
    query.bind::<SqlUuid, _>(user).execute(tx.conn())?;
    let query = sql_query("UPDATE moderation_cases SET appeal_text = left(appeal_text, 0) WHERE appealed_by = $1");
    query.bind::<SqlUuid, _>(user).execute(tx.conn())?;
    diesel::delete(moderation_notices::table.filter(moderation_notices::user_id.eq(user))).execute(tx.conn())?;
    Ok(())
}
