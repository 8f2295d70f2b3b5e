//! Pictures of people.

use super::{attach, release, uploaded};
use crate::{
    kernel::id::Id,
    media::{
        error::MediaError,
        model::{Medium, Upload, UploadPurpose},
    },
    platform::{app::App, caller::Caller, db::Tx},
    users::{
        self,
        model::{User, signed_in},
    },
};

/// Makes an image that the caller has sent the one that everybody sees of them.
pub async fn set_avatar(app: &App, caller: &Caller, upload: Id<Upload>) -> Result<Id<User>, MediaError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            let medium = uploaded(tx.conn(), user, upload, UploadPurpose::Avatar)?;
            replace(tx, user, Some(medium))
        })
        .await
}

/// Takes the caller's picture away, if they have one.
pub async fn remove_avatar(app: &App, caller: &Caller) -> Result<Id<User>, MediaError> {
    let user = signed_in(caller)?;
    app.db.write(caller, move |tx| replace(tx, user, None)).await
}

/// A step: the picture of a person is another one, or none.
pub(super) fn replace(tx: &mut Tx<'_>, user: Id<User>, medium: Option<Id<Medium>>) -> Result<Id<User>, MediaError> {
    let before = users::service::set_avatar(tx, user, medium.map(Id::uuid))?.map(Id::from_uuid);
    if before != medium {
        if let Some(medium) = medium {
            attach(tx, medium)?;
        }
        if let Some(before) = before {
            release(tx, before)?;
        }
    }
    Ok(user)
}
