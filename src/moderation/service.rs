//! Reporting, deciding and appealing; lists of that.

mod appealing;
mod deciding;
mod held;
mod lists;
mod privacy;
mod reporting;

pub use self::{
    appealing::{answer_appeal, appeal_decision},
    deciding::{Decide, decide_report},
    held::{DecideHeld, decide_held},
    lists::*,
    privacy::{CHAPTERS, erase, forget_reported},
    reporting::report,
};

use super::{
    error::ModerationError,
    model::{Case, CaseState, DecisionMail},
    queries,
};
use crate::{
    kernel::{error::Failure, id::Id, text},
    platform::db::Tx,
    users::{
        self,
        model::{Role, User},
    },
};

/// Characters of a reason at the most.
const MAXIMUM_REASON: usize = 500;

fn checked_reason(given: &str) -> Result<String, ModerationError> {
    text::line(given, MAXIMUM_REASON).map_err(|error| ModerationError::Text { field: "reason".into(), error })
}

/// A case in a state, locked, after the person whom it concerns; with what they are to the market. Nobody of the staff sees to what concerns
/// themself or a shop of theirs.
fn lock(
    tx: &mut Tx<'_>,
    staff: Id<User>,
    id: Id<Case>,
    state: CaseState,
) -> Result<(Case, Option<Role>), ModerationError> {
    let not_found = || ModerationError::not_found("caseId");
    let Some(found) = queries::by_ids(tx.conn(), staff, &[id])?.pop() else {
        queries::by_id(tx.conn(), id)?.ok_or_else(not_found)?;
        return Err(ModerationError::not_permitted("caseId"));
    };
    let role = match found.person_id {
        Some(person) => users::service::lock_person(tx, person)?,
        None => None,
    };
    let case = queries::lock(tx, id)?.ok_or_else(not_found)?;
    if case.state == state { Ok((case, role)) } else { Err(ModerationError::already_done("caseId")) }
}

/// Notes for everybody whom a decision concerns what the staff did, and has them told.
fn tell(
    tx: &mut Tx<'_>,
    case: Id<Case>,
    people: &[Id<User>],
    (action, reason): (&'static str, &str),
    is_answer: bool,
) -> Result<(), Failure> {
    for person in people {
        users::service::audit(tx, *person, None, reason, &[action])?;
    }
    tx.enqueue_all(people.iter().map(|user| DecisionMail { case, user: *user, is_answer }))
}
