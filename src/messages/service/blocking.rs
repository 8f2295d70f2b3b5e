//! Whom one does not want to hear of: their direct conversation is not there any more. The other one does not notice.

use crate::{
    kernel::{error::Failure, id::Id},
    messages::{model::direct_key, queries},
    platform::{app::App, caller::Caller},
    users::{
        self,
        error::AccountError,
        model::{User, oneself},
    },
};

/// Blocks somebody. What they write stays unseen until they are unblocked; about orders and shops, people go on talking.
pub async fn block_user(app: &App, caller: &Caller, other: Id<User>) -> Result<Id<User>, AccountError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            users::service::block(tx, user, other)?;
            queries::state::set_blocked(tx, &direct_key(user, other), user, true)?;
            users::service::tell_of_access(tx, user)?;
            Ok(other)
        })
        .await
}

/// Hears of somebody again. What they wrote meanwhile stays theirs alone.
pub async fn unblock_user(app: &App, caller: &Caller, other: Id<User>) -> Result<Id<User>, AccountError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            for freed in users::service::unblock(tx, user, other)? {
                queries::state::set_blocked(tx, &direct_key(user, freed), user, false)?;
            }
            Ok::<_, Failure>(other)
        })
        .await
        .map_err(Into::into)
}
