//! What somebody reported, and what was decided about them: told to them, and forgotten with them. Who reported them they are not told.

use serde_json::json;

use crate::{
    kernel::{error::Failure, id::Id},
    moderation::{
        model::{Action, AppealOutcome, Case, Report, Target},
        queries,
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
    },
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] =
    &[Chapter { name: "reports", read: reports }, Chapter { name: "moderation-decisions", read: decisions }];

/// Reports that are forgotten at once.
const BATCH: i64 = 500;

fn reports(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |report: Report| {
        let target = Target::new(report.target_kind, report.target_id).typed();
        let (reason, note) = (report.reason.as_str(), report.note);
        json!({"target": target, "reason": reason, "note": note, "createdAt": report.created_at})
    };
    let key = |report: &Report| (report.created_at, report.target_id);
    Told::page(from, |page| queries::reports_by(conn, user, page), key, tell)
}

fn decisions(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |case: Case| {
        json!({
            "id": case.decision(),
            "target": case.target().typed(),
            "action": case.action.map(Action::as_str),
            "reason": case.reason,
            "decidedAt": case.decided_at,
            "suspendedUntil": case.suspended_until,
            "appeal": case.appeal_text,
            "appealedAt": case.appealed_at,
            "outcome": case.appeal_outcome.map(AppealOutcome::as_str),
            "answer": case.appeal_reason,
            "answeredAt": case.answered_at,
        })
    };
    Told::page(from, |page| queries::notices_of(conn, user, page), Case::decision, tell)
}

/// A step: of what somebody reported stays that they did, and of what was decided about them that it was.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    queries::clear_words(tx, user)
}

/// Forgets what was reported once it was decided for [`Case::KEPT`].
///
/// # Errors
/// If the database fails.
pub async fn forget_reported(app: &App, caller: &Caller) -> Result<(), Failure> {
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - Case::KEPT;
        queries::clear_reported(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
