//! What the staff do about what was reported.

use chrono::Datelike;

use super::{checked_reason, lock, tell};
use crate::{
    kernel::{error::Failure, id::Id},
    messages,
    moderation::{
        error::ModerationError,
        model::{Action, Case, CaseState, Target},
        policy, queries,
    },
    platform::{
        app::App,
        caller::Caller,
        clock::{Time, stored},
        db::Tx,
    },
    products,
    reviews::{self, error::ReviewError},
    shops,
    users::{
        self,
        model::{Role, User, oneself},
    },
};

/// What is to be done about a case.
pub struct Decide {
    pub action: Action,
    /// Those read it whom it concerns.
    pub reason: String,
    /// Of a suspension; none if it is for good.
    pub suspended_until: Option<Time>,
}

/// Decides about an open case, and does what was decided.
pub async fn decide_report(
    app: &App,
    caller: &Caller,
    id: Id<Case>,
    decide: Decide,
) -> Result<Id<Case>, ModerationError> {
    let staff = oneself(caller)?;
    let Decide { action, reason, suspended_until } = decide;
    let (reason, until) = (checked_reason(&reason)?, suspended_until.map(stored));
    app.db
        .write(caller, move |tx| {
            let (case, role) = lock(tx, staff, id, CaseState::Open)?;
            if !policy::fits(action, case.target_kind) {
                return Err(ModerationError::not_permitted("action"));
            }
            check_until(action, until, tx.now())?;
            match action {
                Action::Hide => hide(tx, &case, &reason)?,
                Action::Suspend => suspend(tx, &case, role, until)?,
                Action::Warn | Action::Dismiss => {}
            }
            queries::set_decided(tx, id, staff, (action, &reason), until)?;
            // What nothing comes of nobody has noticed.
            if action != Action::Dismiss {
                let is_erased = case.person_id.is_some() && role.is_none();
                let people = if is_erased { Vec::new() } else { concerned(tx, &case)? };
                queries::insert_notices(tx, id, &people)?;
                tell(tx, id, &people, ("decideReport", &reason), false)?;
            }
            Ok(id)
        })
        .await
}

fn check_until(action: Action, until: Option<Time>, now: Time) -> Result<(), ModerationError> {
    let is_fine = |until: Time| action == Action::Suspend && until > now && until.year() <= 9_999;
    if until.is_none_or(is_fine) { Ok(()) } else { Err(ModerationError::SuspendedUntil) }
}

/// Who reads what is decided: who is behind what was reported; of what is a shop's, its owners.
fn concerned(tx: &mut Tx<'_>, case: &Case) -> Result<Vec<Id<User>>, Failure> {
    let shop = match case.target() {
        Target::Product(id) => products::service::shop_of(tx.conn(), id)?,
        Target::Shop(id) => Some(id),
        Target::Message(_) | Target::User(_) | Target::Review(_) => None,
    };
    let Some(shop) = shop else { return Ok(case.person_id.into_iter().collect()) };
    let mut owners = shops::service::owners_of(tx.conn(), shop)?;
    owners.sort_unstable();
    Ok(owners)
}

fn hide(tx: &mut Tx<'_>, case: &Case, reason: &str) -> Result<(), ModerationError> {
    let is_hidden = match case.target() {
        Target::Message(id) => messages::service::hide_message(tx, id)?,
        Target::Product(id) => products::service::take_down(tx, id, case.id.uuid())?,
        Target::Review(id) => match reviews::service::hide(tx, id, reason) {
            Ok(_) => true,
            Err(ReviewError::Failed(failure)) => return Err(failure.into()),
            Err(_) => false,
        },
        Target::User(_) | Target::Shop(_) => false,
    };
    if is_hidden { Ok(()) } else { Err(ModerationError::already_done("action")) }
}

/// Of the staff nobody is suspended: admins say who is of them.
fn suspend(tx: &mut Tx<'_>, case: &Case, role: Option<Role>, until: Option<Time>) -> Result<(), ModerationError> {
    let person: Id<User> = case.person_id.ok_or_else(|| ModerationError::not_permitted("action"))?;
    match role {
        Some(Role::Member) => Ok(users::service::suspend(tx, person, case.id.uuid(), until)?),
        Some(_) => Err(ModerationError::not_permitted("action")),
        // Erased meanwhile.
        None => Err(ModerationError::already_done("action")),
    }
}

/// A step: undoes what a decision did, as far as nobody has made something else of it.
pub(super) fn undo(tx: &mut Tx<'_>, case: &Case) -> Result<(), Failure> {
    let decided = case.id.uuid();
    match (case.action, case.target(), case.person_id) {
        (Some(Action::Suspend), _, Some(person)) => {
            let now = tx.now();
            if users::service::end_suspension(tx, person, decided)?
                && let Some((other, until)) = queries::standing_suspension(tx.conn(), person, case.id, now)?
            {
                users::service::suspend(tx, person, other.uuid(), until)?;
            }
        }
        (Some(Action::Hide), Target::Message(id), _) => {
            messages::service::show_message(tx, id)?;
            messages::service::release_message(tx, id)?;
        }
        (Some(Action::Hide), Target::Product(id), _) => {
            products::service::put_back(tx, id, decided)?;
        }
        (Some(Action::Hide), Target::Review(id), _) => {
            reviews::service::unhide(tx, id).map_err(|error| match error {
                ReviewError::Failed(failure) => failure,
                other => Failure::internal(other),
            })?;
        }
        _ => {}
    }
    Ok(())
}
