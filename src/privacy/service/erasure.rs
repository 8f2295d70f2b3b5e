//! Erasing whose time of grace is over, and forgetting what was kept of the erased for a while.

use crate::{
    carts, inventory,
    kernel::{error::Failure, id::Id},
    media, messages, moderation, notifications, orders, payments, payouts,
    platform::{app::App, caller::Caller, clock::Time, db::Tx},
    porting,
    privacy::{
        error::PrivacyError,
        model::{AccountDeletion, DataExport, Notice},
        queries,
    },
    promotions, recommendations, reviews, searches,
    shops::{self, error::ShopError},
    users::{
        self,
        model::{Role, User},
    },
    wishlists,
};

use super::deletion::tell;

/// People that are erased in one sweep, and of whom is forgotten at once.
const BATCH: i64 = 500;

/// Erases everybody whose time has come. What fails for one keeps nobody else waiting.
///
/// # Errors
/// The last of what failed.
pub async fn erase_due(app: &App, caller: &Caller) -> Result<(), Failure> {
    let now = app.now();
    let due = app.db.read(move |conn| queries::due(conn, now, BATCH)).await?;
    let mut outcome = Ok(());
    for user in due {
        if let Err(failure) = erase(app, caller, user).await {
            tracing::error!(%user, error = ?failure, "somebody could not be erased");
            outcome = Err(failure);
        }
    }
    look_again(app, caller).await?;
    outcome
}

async fn erase(app: &App, caller: &Caller, user: Id<User>) -> Result<(), Failure> {
    let app_of_tx = app.clone();
    let erase = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        // They may have thought better of it just now.
        let role = users::service::lock_leaving(tx, user)?;
        let is_due = |deletion: &AccountDeletion| deletion.due_at <= now && deletion.erased_at.is_none();
        if !queries::deletion(tx.conn(), user)?.is_some_and(|deletion| is_due(&deletion)) {
            return Ok(());
        }
        if role.is_some_and(|role| role != Role::Member) {
            return Err(PrivacyError::Staff);
        }
        erase_step(tx, &app_of_tx, user)?;
        queries::set_deletion_done(tx, user)?;
        Ok(())
    };
    match app.db.write(caller, erase).await {
        // It may take many transactions.
        Ok(()) => orders::service::call_off_unpaid(app, caller, user).await,
        Err(PrivacyError::Failed(failure)) => Err(failure),
        Err(_) => put_off(app, caller, user).await,
    }
}

/// A step: everything that a person has in any domain, the one first that may refuse, people last.
fn erase_step(tx: &mut Tx<'_>, app: &App, user: Id<User>) -> Result<(), PrivacyError> {
    shops::service::erase(tx, user).map_err(|error| match error {
        ShopError::LastOwner => PrivacyError::LastOwner,
        ShopError::Failed(failure) => failure.into(),
        other => Failure::internal(other).into(),
    })?;
    inventory::service::erase(tx, user)?;
    porting::service::erase(tx, user)?;
    queries::set_exports_over(tx, user)?;
    moderation::service::erase(tx, user)?;
    recommendations::service::erase(tx, user)?;
    reviews::service::erase(tx, user)?;
    wishlists::service::erase(tx, user)?;
    searches::service::erase(tx, user)?;
    messages::service::erase(tx, user)?;
    promotions::service::erase(tx, user)?;
    orders::service::erase(tx, user)?;
    payouts::service::erase(tx, user)?;
    payments::service::erase(tx, user)?;
    carts::service::erase(tx, user)?;
    media::service::erase(tx, user)?;
    notifications::service::erase(tx, user)?;
    Ok(users::service::erase(tx, &app.master, user)?)
}

/// They have become the last owner of a shop, or one of the staff: the deletion is called off, and they are told.
async fn put_off(app: &App, caller: &Caller, user: Id<User>) -> Result<(), Failure> {
    let put_off = move |tx: &mut Tx<'_>| {
        users::service::lock_person(tx, user)?;
        if queries::delete_deletion(tx, user)? { tell(tx, user, Notice::DeletionPutOff) } else { Ok(()) }
    };
    app.db.write(caller, put_off).await
}

/// Looks once more for what the lately erased wrote at the very moment in which they were.
async fn look_again(app: &App, caller: &Caller) -> Result<(), Failure> {
    let now = app.now();
    let mut erased = Erased::between(now - AccountDeletion::SECOND_LOOK * 4, now - AccountDeletion::SECOND_LOOK);
    while let Some(people) = erased.next(app).await? {
        for user in people {
            let app_of_tx = app.clone();
            let erase = move |tx: &mut Tx<'_>| erase_step(tx, &app_of_tx, user);
            if let Err(PrivacyError::Failed(failure)) = app.db.write(caller, erase).await {
                return Err(failure);
            }
            orders::service::call_off_unpaid(app, caller, user).await?;
        }
    }
    Ok(())
}

/// Forgets where the erased, and guests, had their orders sent, once orders need not be kept any longer; then, that they were erased.
///
/// # Errors
/// If the database fails.
pub async fn forget_erased(app: &App, caller: &Caller) -> Result<(), Failure> {
    let (now, kept) = (app.now(), app.market.privacy.orders_kept);
    let mut erased = Erased::between(Time::UNIX_EPOCH, now);
    while let Some(people) = erased.next(app).await? {
        let forget = move |tx: &mut Tx<'_>| orders::service::forget_addresses(tx, &people, kept);
        app.db.write(caller, forget).await?;
    }
    orders::service::forget_guests(app, caller).await?;
    // Nothing that they ordered is younger.
    let forget = move |tx: &mut Tx<'_>| queries::delete_deletions(tx, now - kept, BATCH);
    app.db.write_in_batches(caller, forget).await
}

/// Those who were erased in a span of time, batch by batch.
struct Erased {
    since: Time,
    until: Time,
    last: Option<(Time, Id<User>)>,
}

impl Erased {
    const fn between(since: Time, until: Time) -> Self {
        Self { since, until, last: None }
    }

    /// The next of them; none when there are no more.
    async fn next(&mut self, app: &App) -> Result<Option<Vec<Id<User>>>, Failure> {
        let (span, last) = ((self.since, self.until), self.last);
        let batch = app.db.read(move |conn| queries::erased(conn, span, last, BATCH)).await?;
        self.last = batch.last().copied().or(self.last);
        Ok((!batch.is_empty()).then(|| batch.into_iter().map(|(_, user)| user).collect()))
    }
}

/// Deletes the archives whose time is over: first the file, then the row.
///
/// # Errors
/// If the database or the storage fails; what else could be deleted is.
pub async fn delete_exports(app: &App, caller: &Caller) -> Result<(), Failure> {
    let now = app.now();
    let over = app.db.read(move |conn| queries::exports_over(conn, now, BATCH)).await?;
    let mut outcome = Ok(());
    for export in over {
        match app.storage.delete_folder(&DataExport::folder(export)).await {
            Ok(()) => app.db.write(caller, move |tx| queries::delete_export(tx, export)).await?,
            // It keeps no other from being deleted, and is tried again.
            Err(error) => outcome = Err(error.into()),
        }
    }
    outcome
}
