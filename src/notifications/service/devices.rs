//! Devices that are woken.

use crate::{
    kernel::{error::Failure, id::Id},
    notifications::{
        error::NotificationError,
        model::{PushDevice, PushPlatform},
        queries::devices::{self, NewDevice},
    },
    platform::{
        app::App,
        caller::Caller,
        crypto::{SubscriptionKeys, hash_token},
        db::Tx,
    },
    users::{
        self,
        model::{User, oneself},
    },
};

/// A device as its application tells of it.
pub struct RegisterDevice {
    pub platform: PushPlatform,
    pub token: String,
    /// Of a browser: its public key, and what it shares with the market, both in base64url.
    pub keys: Option<(String, String)>,
}

/// Has the device of the caller's session woken. Once more changes nothing, and another token takes the place of the one before.
pub async fn register_device(
    app: &App,
    caller: &Caller,
    input: RegisterDevice,
) -> Result<PushDevice, NotificationError> {
    let user = oneself(caller)?;
    let session = caller.signed_in().ok_or_else(|| caller.not_signed_in())?.session;
    let RegisterDevice { platform, token, keys } = input;
    if !app.pusher.has(platform.service()) {
        return Err(NotificationError::Unavailable);
    }
    if !app.pusher.may_reach(platform.service(), &token) {
        return Err(NotificationError::Token);
    }
    if keys.is_some() != (platform == PushPlatform::WebPush) {
        return Err(NotificationError::Keys);
    }
    let keys = keys.map(|(public, secret)| SubscriptionKeys::parse(&public, &secret)).transpose();
    let keys = keys.map_err(|_| NotificationError::Keys)?;
    let hash = hash_of(platform, &token);
    let register = move |tx: &mut Tx<'_>| {
        // So that two at once leave no more devices than there may be.
        users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
        let device = NewDevice {
            id: tx.new_id(),
            user_id: user,
            session_id: session,
            platform,
            token: &token,
            token_hash: &hash,
            public_key: keys.as_ref().map(|keys| keys.public.as_slice()),
            secret: keys.as_ref().map(|keys| keys.secret.as_slice()),
            created_at: tx.now(),
        };
        let device = devices::put(tx, &device)?;
        devices::delete_others_of_session(tx, &device)?;
        devices::delete_surplus(tx, user)?;
        Ok(device)
    };
    app.db.write(caller, register).await
}

/// The name by which a device is found.
pub(super) fn hash_of(platform: PushPlatform, token: &str) -> [u8; 32] {
    hash_token(&format!("{platform} {token}"))
}

/// Has one of the caller's devices woken no more.
pub async fn unregister_device(
    app: &App,
    caller: &Caller,
    id: Id<PushDevice>,
) -> Result<Id<PushDevice>, NotificationError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            if devices::delete(tx, user, id)? {
                Ok(id)
            } else {
                Err(NotificationError::NotFound { field: "deviceId".into() })
            }
        })
        .await
}

/// The caller's devices, the one that was registered last first.
pub async fn devices(app: &App, caller: &Caller) -> Result<Vec<PushDevice>, Failure> {
    let (user, now): (Id<User>, _) = (oneself(caller)?, app.now());
    app.db.read(move |conn| devices::of_person(conn, user, now)).await
}

/// Deletes devices whose sessions are over, and forgets what refused the market long ago.
pub async fn forget_devices(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    app.db.write_in_batches(caller, |tx: &mut Tx<'_>| devices::delete_of_ended(tx, BATCH)).await?;
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - PushDevice::REFUSAL_KEPT;
        devices::delete_old_refusals(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
