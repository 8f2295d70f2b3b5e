//! Devices that are woken, on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    kernel::id::Id,
    notifications::{
        model::{self, PushPlatform},
        service::{self, RegisterDevice},
    },
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult},
    },
    user_errors::{UserError, answer},
};

/// A device of yours that is woken while you do not look at the market. Only you see it. It is forgotten when its session ends, and when
/// its platform's service does not know it any more.
#[derive(Debug, SimpleObject)]
pub struct PushDevice {
    /// Begins with `pushdevice_`.
    id: Id<model::PushDevice>,
    /// Whose service wakes it.
    platform: PushPlatform,
    /// When it was registered last.
    created_at: Time,
}

impl From<model::PushDevice> for PushDevice {
    fn from(row: model::PushDevice) -> Self {
        Self { id: row.id, platform: row.platform, created_at: row.created_at }
    }
}

/// The keys of a browser's subscription, as its `toJSON` has them.
#[derive(InputObject)]
pub struct WebPushKeysInput {
    /// The browser's public key, in base64url.
    #[graphql(name = "p256dh")]
    p256dh: String,
    /// What the browser shares with the market, in base64url.
    #[graphql(secret)]
    auth: String,
}

/// Which device is to be woken.
#[derive(InputObject)]
pub struct RegisterPushDeviceInput {
    /// Whose service wakes it.
    platform: PushPlatform,
    /// What the service calls it: the device token of `APNS` in hexadecimal digits, the registration token of `FCM`, the `endpoint` of
    /// the browser's subscription. At most 4,096 characters.
    #[graphql(secret)]
    token: String,
    /// The keys of the browser's subscription, with `WEB_PUSH`; null with all others.
    keys: Option<WebPushKeysInput>,
}

/// What `registerPushDevice` answers.
#[derive(SimpleObject)]
pub struct RegisterPushDevicePayload {
    /// The device.
    device: Option<PushDevice>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which device is to be woken no more.
#[derive(InputObject)]
pub struct UnregisterPushDeviceInput {
    /// One of yours.
    device_id: Id<model::PushDevice>,
}

/// What `unregisterPushDevice` answers.
#[derive(SimpleObject)]
pub struct UnregisterPushDevicePayload {
    /// The device that is woken no more.
    unregistered_device_id: Option<Id<model::PushDevice>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct DevicesMutation;

#[Object]
impl DevicesMutation {
    /// Has the device that asks woken when there is something for you, until its session ends. Ask at each start of the application: once
    /// more changes nothing, another token takes the place of the one before, and of more than 20 devices the one that was registered
    /// longest ago is forgotten.
    ///
    /// Codes: `PUSH_UNAVAILABLE`, `INVALID`.
    #[graphql(guard = "SignedInOnly")]
    async fn register_push_device(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: RegisterPushDeviceInput,
    ) -> WireResult<RegisterPushDevicePayload> {
        let RegisterPushDeviceInput { platform, token, keys } = input;
        let keys = keys.map(|keys| (keys.p256dh, keys.auth));
        let result = service::register_device(ctx.app(), ctx.caller(), RegisterDevice { platform, token, keys }).await;
        let (device, user_errors) = answer(ctx, result).await?;
        Ok(RegisterPushDevicePayload { device: device.map(Into::into), user_errors })
    }

    /// Has one of your devices woken no more. Ending its session does so, too.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly")]
    async fn unregister_push_device(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: UnregisterPushDeviceInput,
    ) -> WireResult<UnregisterPushDevicePayload> {
        let result = service::unregister_device(ctx.app(), ctx.caller(), input.device_id).await;
        let (unregistered_device_id, user_errors) = answer(ctx, result).await?;
        Ok(UnregisterPushDevicePayload { unregistered_device_id, user_errors })
    }
}
