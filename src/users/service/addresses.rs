//! Confirming an address: that of a sign-up, or the one that somebody moves to; by a code, or by a link.

use super::{
    erasure::inherit,
    guesses::{Target, forget_guesses_at, guess, guess_password},
    links::{Afterwards, link_token, linked},
    passwords::{confirm_password, still_has},
    security_events::note,
    session::{Tokens, open_session, tokens},
    step_up::require_recent_factor,
};
use crate::users::{
    error::AccountError,
    model::{
        EmailChange, EmailChangeMail, EmailChangedMail, ProofMethod, Role, SecurityEventKind, User, Verification,
        WhichAddress, oneself,
    },
    queries::{self, NewEmailChange, NewUser},
};
use crate::{
    kernel::{
        error::Failure,
        id::{Entity, Id},
        text,
    },
    platform::{app::App, caller::Caller, db::Tx},
};

/// The code that confirms something: derived, so that it is stored nowhere.
pub fn code<T: Entity>(app: &App, id: Id<T>) -> String {
    digits(app.master.mac(&code_purpose::<T>(), &[id.uuid().as_bytes()]))
}

/// The link that confirms something.
pub fn verify_link<T: Entity>(app: &App, id: Id<T>) -> String {
    app.market.links.verify.with(&link_token(app, id))
}

fn code_purpose<T: Entity>() -> String {
    format!("{}-code", T::PREFIX)
}

fn digits(tag: [u8; 32]) -> String {
    let number = tag.iter().take(8).fold(0_u64, |number, &byte| (number << 8) | u64::from(byte));
    format!("{:06}", number % 1_000_000)
}

/// Whether a code is the one of this id. Compared by their keyed hashes, so that time tells nothing about the digits.
fn is_code<T: Entity>(app: &App, id: Id<T>, given: &str) -> bool {
    let given = app.master.mac("code", &[given.trim().as_bytes()]);
    let matches = |expected: [u8; 32]| app.master.verifies("code", &[digits(expected).as_bytes()], &given);
    app.master.macs(&code_purpose::<T>(), &[id.uuid().as_bytes()]).any(matches)
}

/// Makes the account of a sign-up and signs in.
pub async fn confirm_email(
    app: &App,
    caller: &Caller,
    id: Id<Verification>,
    code: String,
) -> Result<Tokens, AccountError> {
    let (is_right, app_of_tx) = (is_code(app, id, &code), app.clone());
    let guess = guess(app, caller, Target::Mailbox).await?;
    let confirm = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        if is_right {
            guess.accept(tx)?;
        }
        let Some(verification) = queries::lock_verification(tx, id)?.filter(|found| found.is_open(now)) else {
            return Ok::<_, AccountError>(None);
        };
        if !is_right {
            // A wrong guess counts, so this transaction commits.
            queries::set_attempted(tx, id)?;
            return Ok(None);
        }
        let user = make_account(tx, &app_of_tx, &verification)?;
        Ok(user.map(|user| open_session(tx, user, ProofMethod::Password)).transpose()?)
    };
    let session = app.db.write(caller, confirm).await?;
    tokens(app, &session.ok_or(AccountError::InvalidCode)?)
}

/// A step: the account of a sign-up that was confirmed. None if the address is taken.
fn make_account(tx: &mut Tx<'_>, app: &App, verification: &Verification) -> Result<Option<Id<User>>, Failure> {
    let now = tx.now();
    let Some(password_hash) = verification.password_hash.as_deref().filter(|_| verification.is_confirmable) else {
        queries::set_attempted(tx, verification.id)?;
        return Ok(None);
    };
    let new = NewUser {
        id: tx.new_id(),
        email: Some(&verification.email),
        email_key: Some(&verification.email_key),
        password_hash: Some(password_hash),
        display_name: &verification.display_name,
        role: Role::Member,
        locale: &verification.locale,
        is_demo: false,
        created_at: now,
    };
    match tx.savepoint(|tx| queries::insert_user(tx, &new)) {
        Ok(user) => {
            queries::set_confirmed(tx, verification.id, now)?;
            inherit(tx, &app.master, user.id, &verification.email_key)?;
            note(tx, user.id, SecurityEventKind::SignedUp)?;
            forget_guesses_at(tx, app, Target::Address(&verification.email_key))?;
            Ok(Some(user.id))
        }
        // Another sign-up of the same address was confirmed first.
        Err(failure) if failure.violates(ADDRESS) => Ok(None),
        Err(failure) => Err(failure),
    }
}

const ADDRESS: &str = "users_email_key";

/// Asks for another address: a code and a link are mailed there, and the present one is told. Says the same whether or not
/// the address is taken; its owner learns by mail.
pub async fn request_email_change(
    app: &App,
    caller: &Caller,
    email: &str,
    password: String,
) -> Result<EmailChange, AccountError> {
    oneself(caller)?;
    let email_key = text::email_key(email).ok_or(AccountError::InvalidEmail)?;
    let email = email.trim().to_owned();
    require_recent_factor(app, caller).await?;
    let is_another = |user: &User| {
        let present = user.email.as_deref().and_then(text::email_key);
        if present.as_deref() == Some(&email_key) { Err(AccountError::SameEmail) } else { Ok(()) }
    };
    let (user, guess) = confirm_password(app, caller, password, is_another).await?;
    let ask = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        guess.accept(tx)?;
        queries::lock_address(tx, &email_key)?;
        let locked = queries::lock_user(tx, user.id)?;
        still_has(&locked, &user)?;
        let old_email = locked.email.unwrap_or_default();
        let asked = queries::count_email_changes(tx.conn(), user.id, &email_key, now - EmailChange::LIFETIME)?;
        if asked.by_person >= EmailChange::MAXIMUM {
            // The password was right all the same, so this transaction commits.
            return Ok(Err(AccountError::TooManyEmailChanges));
        }
        // However many others ask for an address, its owner can move there.
        let sends_mail = asked.for_address < EmailChange::MAXIMUM || asked.by_person_for_address == 0;
        let is_taken = queries::by_email(tx.conn(), &email_key)?.is_some();
        let new = NewEmailChange {
            id: tx.new_id(),
            user_id: user.id,
            email: &email,
            email_key: &email_key,
            old_email: &old_email,
            is_confirmable: sends_mail && !is_taken,
            expires_at: now + EmailChange::LIFETIME,
            created_at: now,
        };
        let change = queries::insert_email_change(tx, &new)?;
        note(tx, user.id, SecurityEventKind::EmailChangeRequested)?;
        if sends_mail {
            tx.enqueue(&EmailChangeMail { change: change.id, to: WhichAddress::New })?;
        }
        tx.enqueue(&EmailChangeMail { change: change.id, to: WhichAddress::Old })?;
        Ok::<_, AccountError>(Ok(change))
    };
    app.db.write(caller, ask).await?
}

/// Moves the caller to the address that a code was mailed to. Returns it.
pub async fn confirm_email_change(
    app: &App,
    caller: &Caller,
    id: Id<EmailChange>,
    code: String,
) -> Result<String, AccountError> {
    let (user, is_right) = (oneself(caller)?, is_code(app, id, &code));
    let guess = guess(app, caller, Target::Mailbox).await?;
    let confirm = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        if is_right {
            guess.accept(tx)?;
        }
        let person = queries::lock_user(tx, user)?;
        let change = queries::lock_email_change(tx, id)?;
        let Some(change) = change.filter(|found| found.user_id == user && found.is_open(now)) else {
            return Ok::<_, AccountError>(None);
        };
        if !is_right {
            queries::set_email_change_attempted(tx, id)?;
            return Ok(None);
        }
        Ok(move_to(tx, &person, change)?)
    };
    app.db.write(caller, confirm).await?.ok_or(AccountError::InvalidCode)
}

/// A step: gives a person, who is locked, the address of a change that was confirmed. None if it is taken, or if they have
/// moved elsewhere since they asked.
fn move_to(tx: &mut Tx<'_>, person: &User, change: EmailChange) -> Result<Option<String>, Failure> {
    let now = tx.now();
    if !change.is_confirmable || person.email.as_deref() != Some(&change.old_email) {
        queries::set_email_change_attempted(tx, change.id)?;
        return Ok(None);
    }
    match tx.savepoint(|tx| queries::set_email(tx, person.id, &change.email, &change.email_key)) {
        Ok(()) => {}
        Err(failure) if failure.violates(ADDRESS) => return Ok(None),
        Err(failure) => return Err(failure),
    }
    queries::set_email_change_confirmed(tx, change.id, now)?;
    note(tx, person.id, SecurityEventKind::EmailChanged)?;
    queries::set_email_changes_over(tx, person.id, now)?;
    // A link that went to the old address opens the account no more.
    queries::set_password_resets_used(tx, person.id, now)?;
    for to in [WhichAddress::Old, WhichAddress::New] {
        tx.enqueue(&EmailChangedMail { change: change.id, to })?;
    }
    Ok(Some(change.email))
}

/// What a link confirmed.
pub struct Confirmed {
    /// The address that is confirmed now.
    pub email: String,
    /// The session of a sign-up's account, if one was to be opened.
    pub tokens: Option<Tokens>,
}

/// What a link is about.
enum Linked {
    SignUp(Id<Verification>),
    Change(Id<EmailChange>),
}

fn linked_to(app: &App, token: &str) -> Result<Linked, AccountError> {
    let sign_up = linked(app, token).map(Linked::SignUp);
    sign_up.or_else(|| linked(app, token).map(Linked::Change)).ok_or(AccountError::InvalidToken)
}

/// The address that a link would confirm.
///
/// # Errors
/// [`AccountError::InvalidToken`] if it was used, is too old, or was not made here.
pub async fn address_of_link(app: &App, token: &str) -> Result<String, AccountError> {
    let (linked, now) = (linked_to(app, token)?, app.now());
    let email = app.db.read(move |conn| match linked {
        Linked::SignUp(id) => {
            let open = queries::verification(conn, id)?.filter(|found| found.is_confirmable && found.is_open(now));
            Ok::<_, Failure>(open.map(|found| found.email))
        }
        Linked::Change(id) => {
            let open = queries::email_change(conn, id)?.filter(|found| found.is_confirmable && found.is_open(now));
            Ok(open.map(|found| found.email))
        }
    });
    email.await?.ok_or(AccountError::InvalidToken)
}

/// Confirms by a link and a password what the link is about: makes the account of a sign-up, or moves somebody to another
/// address. The link proves that the mail was read; that of a stranger's sign-up, or of somebody who mistyped their new
/// address, reaches people whose account it must not become.
pub async fn confirm_by_link(
    app: &App,
    caller: &Caller,
    token: &str,
    password: String,
    afterwards: Afterwards,
) -> Result<Confirmed, AccountError> {
    match linked_to(app, token)? {
        Linked::SignUp(id) => confirm_sign_up(app, caller, id, password, afterwards).await,
        Linked::Change(id) => confirm_change(app, caller, id, password).await,
    }
}

async fn confirm_sign_up(
    app: &App,
    caller: &Caller,
    id: Id<Verification>,
    password: String,
    afterwards: Afterwards,
) -> Result<Confirmed, AccountError> {
    let now = app.now();
    let found = app.db.read(move |conn| queries::verification(conn, id)).await?;
    let found = found.filter(|found| found.is_open(now)).ok_or(AccountError::InvalidToken)?;
    let target = Target::Address(&found.email_key);
    let guess = guess_password(app, caller, target, password, found.password_hash.clone()).await?;
    let (guess, app_of_tx) = (guess.ok_or(AccountError::WrongLinkPassword)?, app.clone());
    let confirm = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        guess.accept(tx)?;
        let open = queries::lock_verification(tx, id)?.filter(|found| found.is_open(now));
        let verification = open.ok_or(AccountError::InvalidToken)?;
        let user = make_account(tx, &app_of_tx, &verification)?.ok_or(AccountError::InvalidToken)?;
        let session = match afterwards {
            Afterwards::SignIn => Some(open_session(tx, user, ProofMethod::Password)?),
            Afterwards::Leave => None,
        };
        Ok::<_, AccountError>((verification.email, session))
    };
    let (email, session) = app.db.write(caller, confirm).await?;
    let tokens = session.map(|session| tokens(app, &session)).transpose()?;
    Ok(Confirmed { email, tokens })
}

async fn confirm_change(
    app: &App,
    caller: &Caller,
    id: Id<EmailChange>,
    password: String,
) -> Result<Confirmed, AccountError> {
    let now = app.now();
    let asked_by = app.db.read(move |conn| {
        let open = queries::email_change(conn, id)?.filter(|found| found.is_open(now));
        let Some(change) = open else { return Ok::<_, Failure>(None) };
        Ok(queries::by_ids(conn, &[change.user_id])?.pop())
    });
    let user = asked_by.await?.ok_or(AccountError::InvalidToken)?;
    let (target, stored) = (Target::Person(user.id), user.password_hash.clone());
    let guess = guess_password(app, caller, target, password, stored).await?;
    let guess = guess.ok_or(AccountError::WrongLinkPassword)?;
    let confirm = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        guess.accept(tx)?;
        let person = queries::lock_user(tx, user.id)?;
        let open = queries::lock_email_change(tx, id)?.filter(|found| found.is_open(now));
        let moved = open.map(|change| move_to(tx, &person, change)).transpose()?.flatten();
        moved.ok_or(AccountError::InvalidToken)
    };
    let email = app.db.write(caller, confirm).await?;
    Ok(Confirmed { email, tokens: None })
}

/// A change of address by its id, for the mail about it.
pub async fn email_change(app: &App, id: Id<EmailChange>) -> Result<Option<EmailChange>, Failure> {
    app.db.read(move |conn| queries::email_change(conn, id)).await
}

/// Forgets changes that ended a week ago.
pub async fn forget_email_changes(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - EmailChange::KEPT;
        queries::delete_email_changes(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
