//! People as operators, imports and mail know them.

use super::{security_events::note, staff::audit};
use crate::users::{
    model::{Addressee, Role, SecurityEventKind, User},
    queries::{self, NewUser},
};
use crate::{
    kernel::{error::Failure, id::Id, place::Locale, text},
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        mail::undeliverable,
    },
};

/// Makes a member part of the market's staff, for a reason that they read. `None` if nobody has this address.
///
/// # Errors
/// `BAD_USER_INPUT` if the reason is no line of 1 to 500 characters.
pub async fn set_role(
    app: &App,
    caller: &Caller,
    email: &str,
    role: Role,
    reason: &str,
) -> Result<Option<User>, Failure> {
    let reason = text::line(reason, 500).map_err(|error| Failure::BadUserInput(format!("the reason: {error}")))?;
    let Some(key) = text::email_key(email) else { return Ok(None) };
    app.db
        .write(caller, move |tx| {
            let user = queries::set_role(tx, &key, role)?;
            if let Some(user) = &user {
                queries::set_sessions_changed(tx, user.id)?;
                note(tx, user.id, SecurityEventKind::RoleChanged)?;
                audit(tx, user.id, None, &reason, &["setUserRole"])?;
            }
            Ok(user)
        })
        .await
}

/// A person who can sign in without having confirmed anything: for the demo market.
pub struct DemoPerson<'a> {
    pub email: &'a str,
    pub password_hash: &'a str,
    pub display_name: &'a str,
    pub role: Role,
}

/// A step: puts a demo person into the market.
pub fn add_demo_person(tx: &mut Tx<'_>, person: &DemoPerson<'_>) -> Result<Id<User>, Failure> {
    let email_key = text::email_key(person.email);
    let new = NewUser {
        id: tx.new_id(),
        email: Some(person.email),
        email_key: email_key.as_deref(),
        password_hash: Some(person.password_hash),
        display_name: person.display_name,
        role: person.role,
        locale: &Locale::default(),
        is_demo: true,
        created_at: tx.now(),
    };
    Ok(queries::insert_user(tx, &new)?.id)
}

/// A step: puts people into the market who have no address and cannot sign in, as other systems know them.
pub fn add_imported_people(tx: &mut Tx<'_>, people: &[(Id<User>, String)]) -> Result<(), Failure> {
    let (created_at, locale) = (tx.now(), Locale::default());
    let rows: Vec<NewUser<'_>> = people
        .iter()
        .map(|(id, display_name)| NewUser {
            id: *id,
            email: None,
            email_key: None,
            password_hash: None,
            display_name,
            role: Role::Member,
            locale: &locale,
            is_demo: false,
            created_at,
        })
        .collect();
    queries::insert_users(tx, &rows)
}

/// A step: locks a person's row, which stands for what there is of them once or so many times. None if there is nobody (any
/// more); else what they are to the market.
pub fn lock_person(tx: &mut Tx<'_>, user: Id<User>) -> Result<Option<Role>, Failure> {
    queries::lock_somebody(tx, user)
}

/// A step: as [`lock_person`], before they are erased. It waits for whoever is writing something that names them, which would
/// come to light only afterwards.
pub fn lock_leaving(tx: &mut Tx<'_>, user: Id<User>) -> Result<Option<Role>, Failure> {
    queries::lock_leaving(tx, user)
}

/// A step: whose account has an address.
pub fn person_by_email(conn: &mut Conn, email: &str) -> Result<Option<Id<User>>, Failure> {
    let Some(key) = text::email_key(email) else { return Ok(None) };
    Ok(queries::by_email(conn, &key)?.map(|person| person.id))
}

/// Whether the database holds demo people, whose passwords everybody knows.
pub async fn has_demo_people(app: &App) -> Result<bool, Failure> {
    app.db.read(queries::has_demo_people).await
}

/// How somebody is written to; none without an address.
pub async fn addressee(app: &App, user: Id<User>) -> Result<Option<Addressee>, Failure> {
    app.db
        .read(move |conn| {
            let Some(person) = queries::by_ids(conn, &[user])?.pop() else { return Ok(None) };
            let locale = queries::preferences_of(conn, user)?.locale.unwrap_or(person.locale);
            let language = locale.language();
            Ok(person.email.map(|email| Addressee { email, name: person.display_name, language }))
        })
        .await
}

/// How whoever has an address is written to.
pub async fn owner_of(app: &App, email_key: &str) -> Result<Option<Addressee>, Failure> {
    let email_key = email_key.to_owned();
    let owner = app.db.read(move |conn| queries::by_email(conn, &email_key)).await?;
    match owner {
        Some(owner) => addressee(app, owner.id).await,
        None => Ok(None),
    }
}

/// Has no mail sent to an address for a while: what the operator's mail system tells of bounces that came later.
pub async fn set_undeliverable(app: &App, caller: &Caller, address: &str) -> Result<(), Failure> {
    let key = undeliverable::key(&app.master, address);
    app.db.write(caller, move |tx| undeliverable::insert(tx, &key)).await
}

/// Has mail sent to an address again. Returns whether none was.
pub async fn set_deliverable(app: &App, caller: &Caller, address: &str) -> Result<bool, Failure> {
    let key = undeliverable::key(&app.master, address);
    app.db.write(caller, move |tx| undeliverable::delete(tx, &key)).await
}

/// Forgets bounces after their time.
pub async fn forget_undeliverable(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    app.db.write_in_batches(caller, |tx: &mut Tx<'_>| undeliverable::delete_over(tx, BATCH)).await
}
