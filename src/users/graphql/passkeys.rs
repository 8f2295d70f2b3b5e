//! Passkeys on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::account::{SignedIn, SignedInWithCookies, TokenDelivery};
use crate::{
    kernel::id::Id,
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, cost},
    },
    user_errors::{UserError, answer},
    users::{model, service},
};

/// A key that a device or an application of yours holds, with which you sign in without a password. Only you see it.
#[derive(SimpleObject)]
pub struct Passkey {
    /// Begins with `passkey_`.
    id: Id<model::Passkey>,
    /// What you call it.
    name: String,
    /// When it was added.
    created_at: Time,
    /// When it was last used; null if it was not yet.
    last_used_at: Option<Time>,
}

impl From<model::Passkey> for Passkey {
    fn from(row: model::Passkey) -> Self {
        let model::Passkey { id, name, created_at, last_used_at, .. } = row;
        Self { id, name, created_at, last_used_at }
    }
}

/// What `beginPasskeyRegistration` answers.
#[derive(SimpleObject)]
pub struct BeginPasskeyRegistrationPayload {
    /// What the authenticator is asked, in JSON: a `PublicKeyCredentialCreationOptionsJSON` (Web Authentication, level 3). Good
    /// for five minutes.
    options: Option<String>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// A new passkey.
#[derive(InputObject)]
pub struct AddPasskeyInput {
    /// What you call it, 1 to 80 characters: by default the name of the device, for example.
    name: String,
    /// What the authenticator answered, in JSON: a `RegistrationResponseJSON`.
    #[graphql(secret)]
    credential: String,
}

/// What `addPasskey` answers.
#[derive(SimpleObject)]
pub struct AddPasskeyPayload {
    /// The passkey.
    passkey: Option<Passkey>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What a passkey is called from now on.
#[derive(InputObject)]
pub struct RenamePasskeyInput {
    /// One of yours.
    passkey_id: Id<model::Passkey>,
    /// 1 to 80 characters.
    name: String,
}

/// What `renamePasskey` answers.
#[derive(SimpleObject)]
pub struct RenamePasskeyPayload {
    /// The passkey with its new name.
    passkey: Option<Passkey>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which passkey to remove.
#[derive(InputObject)]
pub struct RemovePasskeyInput {
    /// One of yours.
    passkey_id: Id<model::Passkey>,
}

/// What `removePasskey` answers.
#[derive(SimpleObject)]
pub struct RemovePasskeyPayload {
    /// The passkey as it was. The authenticator still holds it: the person can delete it there.
    passkey: Option<Passkey>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What `beginPasskeyAuthentication` answers.
#[derive(SimpleObject)]
pub struct BeginPasskeyAuthenticationPayload {
    /// What the authenticator is asked, in JSON: a `PublicKeyCredentialRequestOptionsJSON` (Web Authentication, level 3). Good
    /// for five minutes.
    options: Option<String>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Who signs in, by a passkey.
#[derive(InputObject)]
pub struct SignInWithPasskeyInput {
    /// What the authenticator answered, in JSON: an `AuthenticationResponseJSON`.
    #[graphql(secret)]
    credential: String,
    /// How the tokens of the session come.
    #[graphql(default_with = "Some(TokenDelivery::Body)")]
    delivery: Option<TokenDelivery>,
}

/// What `signInWithPasskey` answers.
#[derive(SimpleObject)]
pub struct SignInWithPasskeyPayload {
    /// The new session, if its tokens were to come in the answer.
    signed_in: Option<SignedIn>,
    /// The new session, if its tokens were to come in cookies.
    signed_in_with_cookies: Option<SignedInWithCookies>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct PasskeysMutation;

#[Object]
impl PasskeysMutation {
    /// Begins to add a passkey: give the options to `navigator.credentials.create`, or to what your platform has for it, and
    /// its answer to `addPasskey`. Needs a proof of who you are within the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `PASSKEYS_UNAVAILABLE`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(500))]
    async fn begin_passkey_registration(&self, ctx: &Context<'_>) -> WireResult<BeginPasskeyRegistrationPayload> {
        let result = service::begin_passkey_registration(ctx.app(), ctx.caller()).await;
        let (options, user_errors) = answer(ctx, result).await?;
        Ok(BeginPasskeyRegistrationPayload { options, user_errors })
    }

    /// Adds the passkey that an authenticator made; at most twenty. A mail tells of it.
    ///
    /// Codes: `BLANK`, `INVALID`, `INVALID_CHALLENGE`, `INVALID_PASSKEY`, `PASSKEYS_UNAVAILABLE`, `TOO_LONG`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(500))]
    async fn add_passkey(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new passkey.")] input: AddPasskeyInput,
    ) -> WireResult<AddPasskeyPayload> {
        let result = service::add_passkey(ctx.app(), ctx.caller(), &input.name, &input.credential).await;
        let (passkey, user_errors) = answer(ctx, result).await?;
        Ok(AddPasskeyPayload { passkey: passkey.map(Into::into), user_errors })
    }

    /// Calls a passkey something else.
    ///
    /// Codes: `BLANK`, `INVALID`, `NOT_FOUND`, `TOO_LONG`.
    #[graphql(guard = "SignedInOnly")]
    async fn rename_passkey(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its new name.")] input: RenamePasskeyInput,
    ) -> WireResult<RenamePasskeyPayload> {
        let result = service::rename_passkey(ctx.app(), ctx.caller(), input.passkey_id, &input.name).await;
        let (passkey, user_errors) = answer(ctx, result).await?;
        Ok(RenamePasskeyPayload { passkey: passkey.map(Into::into), user_errors })
    }

    /// Has a passkey prove nothing any more. A mail tells of it. Something to sign in with is always left. Needs a proof of who
    /// you are within the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `LAST_SIGN_IN_METHOD`, `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly")]
    async fn remove_passkey(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: RemovePasskeyInput,
    ) -> WireResult<RemovePasskeyPayload> {
        let result = service::remove_passkey(ctx.app(), ctx.caller(), input.passkey_id).await;
        let (passkey, user_errors) = answer(ctx, result).await?;
        Ok(RemovePasskeyPayload { passkey: passkey.map(Into::into), user_errors })
    }

    /// Asks for a passkey, whoever's it is: give the options to `navigator.credentials.get`, or to what your platform has for
    /// it, and its answer to `signInWithPasskey`, `completeSignIn` or `stepUp`, once.
    ///
    /// Codes: `PASSKEYS_UNAVAILABLE`.
    #[graphql(directive = cost::apply(200))]
    async fn begin_passkey_authentication(&self, ctx: &Context<'_>) -> WireResult<BeginPasskeyAuthenticationPayload> {
        let result = service::begin_passkey_authentication(ctx.app(), ctx.caller()).await;
        let (options, user_errors) = answer(ctx, result).await?;
        Ok(BeginPasskeyAuthenticationPayload { options, user_errors })
    }

    /// Signs in with a passkey, which names its person. No second factor is asked for: it has verified them itself.
    ///
    /// Codes: `INVALID_CHALLENGE`, `INVALID_PASSKEY`, `PASSKEYS_UNAVAILABLE`.
    #[graphql(directive = cost::apply(1_000))]
    async fn sign_in_with_passkey(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: SignInWithPasskeyInput,
    ) -> WireResult<SignInWithPasskeyPayload> {
        let delivery = TokenDelivery::of(ctx, input.delivery)?;
        let result = service::sign_in_with_passkey(ctx.app(), &delivery.caller(ctx), &input.credential).await;
        let (tokens, user_errors) = answer(ctx, result).await?;
        let (signed_in, signed_in_with_cookies) = delivery.hand_over(ctx, tokens);
        Ok(SignInWithPasskeyPayload { signed_in, signed_in_with_cookies, user_errors })
    }
}
