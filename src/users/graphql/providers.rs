//! Signing in with an account at another place, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret;

use super::account::{SignInResult, TokenDelivery};
use crate::users::{
    loaders::OwnAccount,
    model::{self, ProviderFlow, signed_in},
    service::{self, Arrival, Departed, Departure},
};
use crate::{
    kernel::id::Id,
    platform::{
        caller::Caller,
        clock::Time,
        cookies,
        gql::{Ask, SignedInOnly, WireResult, cost},
        oidc::{Callback, Provider},
    },
    user_errors::{UserError, answer},
};

/// Another place with whose accounts people sign in: one button of the sign-in screen.
#[derive(Debug, SimpleObject)]
pub struct SignInProvider {
    /// Goes into `beginProviderSignIn`: `google`.
    key: String,
    /// What people call it: "Google".
    display_name: String,
}

impl From<&Provider> for SignInProvider {
    fn from(provider: &Provider) -> Self {
        Self { key: provider.key().to_owned(), display_name: provider.display_name().to_owned() }
    }
}

/// An account of yours at another place, by which you sign in here. Only you see it.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct Identity {
    /// Begins with `identity_`.
    id: Id<model::Identity>,
    /// Who the place is, as it says itself: a URL.
    issuer: String,
    /// The address that you had there when it was linked; null if the place did not tell it.
    email: Option<String>,
    /// Since when it is linked.
    created_at: Time,
    /// When you last signed in by it.
    last_used_at: Time,
}

#[ComplexObject]
impl Identity {
    /// The place; null if the market does not offer it any more, so that nobody can sign in by it.
    async fn provider(&self, ctx: &Context<'_>) -> Option<SignInProvider> {
        ctx.app().providers.by_issuer(&self.issuer).map(Into::into)
    }
}

impl From<model::Identity> for Identity {
    fn from(row: model::Identity) -> Self {
        let model::Identity { id, issuer, email, created_at, last_used_at, .. } = row;
        Self { id, issuer, email, created_at, last_used_at }
    }
}

/// The way to a provider is open.
#[derive(SimpleObject)]
pub struct ProviderAuthorization {
    /// The provider's page. Lead the person there: in the browser, or in an app by the system's browser.
    url: String,
    /// Must be given when the person comes back. Keep it where only this browser or app can read it. Null if it is in a
    /// cookie.
    binding_token: Option<String>,
    /// Until when the person can come back.
    expires_at: Time,
}

impl ProviderAuthorization {
    fn of(ctx: &Context<'_>, departed: Departed, delivery: TokenDelivery) -> Self {
        let binding_token = match delivery {
            TokenDelivery::Body => Some(departed.binding),
            TokenDelivery::Cookies => {
                let cookie = cookies::set_binding(&departed.binding, ProviderFlow::LIFETIME.num_seconds());
                ctx.append_http_header("set-cookie", cookie);
                None
            }
        };
        Self { url: departed.url.into(), binding_token, expires_at: departed.expires_at }
    }
}

/// Where somebody wants to sign in.
#[derive(InputObject)]
pub struct BeginProviderSignInInput {
    /// The `key` of one of `signInProviders`.
    provider: String,
    /// Where the person comes back to: a page or an app of yours that the operator lists. `state`, `code` and perhaps `iss`
    /// or, if it came to nothing, `error` are added to its query.
    return_to: String,
    /// How the binding token comes. In a browser that shall get its session in cookies, in one, too.
    #[graphql(default_with = "Some(TokenDelivery::Body)")]
    delivery: Option<TokenDelivery>,
}

/// What `beginProviderSignIn` answers.
#[derive(SimpleObject)]
pub struct BeginProviderSignInPayload {
    /// The way there.
    authorization: Option<ProviderAuthorization>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What somebody came back with.
#[derive(InputObject)]
pub struct CompleteProviderSignInInput {
    /// `state` from the query.
    #[graphql(secret)]
    state: String,
    /// `code` from the query.
    #[graphql(secret)]
    code: String,
    /// `iss` from the query, if it is there.
    iss: Option<String>,
    /// From `beginProviderSignIn`; nothing if it is in a cookie.
    #[graphql(secret)]
    binding_token: Option<String>,
    /// How the tokens of the session come.
    #[graphql(default_with = "Some(TokenDelivery::Body)")]
    delivery: Option<TokenDelivery>,
}

/// What `completeProviderSignIn` answers.
#[derive(SimpleObject)]
pub struct CompleteProviderSignInPayload {
    /// How far the sign-in came.
    result: Option<SignInResult>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which provider's account is to be linked.
#[derive(InputObject)]
pub struct BeginProviderLinkInput {
    /// The `key` of one of `signInProviders`.
    provider: String,
    /// Where you come back to, as in `beginProviderSignIn`.
    return_to: String,
    /// Your password, if you have one.
    #[graphql(secret)]
    current_password: Option<String>,
    /// How the binding token comes.
    #[graphql(default_with = "Some(TokenDelivery::Body)")]
    delivery: Option<TokenDelivery>,
}

/// What `beginProviderLink` answers.
#[derive(SimpleObject)]
pub struct BeginProviderLinkPayload {
    /// The way there.
    authorization: Option<ProviderAuthorization>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What you came back with.
#[derive(InputObject)]
pub struct CompleteProviderLinkInput {
    /// `state` from the query.
    #[graphql(secret)]
    state: String,
    /// `code` from the query.
    #[graphql(secret)]
    code: String,
    /// `iss` from the query, if it is there.
    iss: Option<String>,
    /// From `beginProviderLink`; nothing if it is in a cookie.
    #[graphql(secret)]
    binding_token: Option<String>,
}

/// What `completeProviderLink` answers.
#[derive(SimpleObject)]
pub struct CompleteProviderLinkPayload {
    /// The account that is linked now.
    identity: Option<Identity>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which link goes.
#[derive(InputObject)]
pub struct UnlinkProviderInput {
    /// One of yours.
    identity_id: Id<model::Identity>,
}

/// What `unlinkProvider` answers.
#[derive(SimpleObject)]
pub struct UnlinkProviderPayload {
    /// The account that is linked no more.
    identity: Option<Identity>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ProvidersQuery;

#[Object]
impl ProvidersQuery {
    /// The places with whose accounts people sign in, in the order of their buttons; at most 20.
    async fn sign_in_providers(&self, ctx: &Context<'_>) -> Vec<SignInProvider> {
        ctx.app().providers.iter().map(Into::into).collect()
    }
}

/// The part of the viewer about ways to sign in.
pub struct IdentitiesViewer(pub Caller);

#[Object]
impl IdentitiesViewer {
    /// Your accounts at other places by which you sign in, the oldest first; at most 100.
    async fn identities(&self, ctx: &Context<'_>) -> WireResult<Vec<Identity>> {
        let identities = service::identities(ctx.app(), &self.0).await?;
        Ok(identities.into_iter().map(Into::into).collect())
    }

    /// Whether you have a password. Who has none chooses one by `requestPasswordReset`.
    async fn has_password(&self, ctx: &Context<'_>) -> WireResult<bool> {
        let id = signed_in(&self.0)?;
        Ok(ctx.loader().load_one(OwnAccount(id)).await?.is_some_and(|user| user.password_hash.is_some()))
    }
}

/// What this browser has from an earlier flow, where cookies are wanted.
fn binding_before(ctx: &Context<'_>, delivery: TokenDelivery) -> Option<String> {
    let kept = ctx.caller().request.binding.as_ref().filter(|_| delivery == TokenDelivery::Cookies);
    kept.map(|binding| binding.expose_secret().to_owned())
}

/// What shows who comes back: the token of the input, else the cookie.
fn binding_now(ctx: &Context<'_>, given: Option<String>) -> Option<String> {
    given.or_else(|| ctx.caller().request.binding.as_ref().map(|binding| binding.expose_secret().to_owned()))
}

#[derive(Default)]
pub struct ProvidersMutation;

#[Object]
impl ProvidersMutation {
    /// Begins a sign-in with an account at another place. Ten minutes to go there and come back. Asked by somebody who is signed
    /// in, the place is to ask them anew who they are: then signing in by it is a proof of that for what takes one.
    ///
    /// Codes: `NOT_FOUND`, `PROVIDER_UNAVAILABLE`, `RETURN_URL_NOT_ALLOWED`, `TOO_MANY_ATTEMPTS`.
    #[graphql(directive = cost::apply(1_000))]
    async fn begin_provider_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to sign in.")] input: BeginProviderSignInInput,
    ) -> WireResult<BeginProviderSignInPayload> {
        let BeginProviderSignInInput { provider, return_to, delivery } = input;
        let delivery = TokenDelivery::of(ctx, delivery)?;
        let departure = Departure { provider, return_to, binding: binding_before(ctx, delivery) };
        let result = service::begin_provider_sign_in(ctx.app(), ctx.caller(), departure).await;
        let (departed, user_errors) = answer(ctx, result).await?;
        let authorization = departed.map(|departed| ProviderAuthorization::of(ctx, departed, delivery));
        Ok(BeginProviderSignInPayload { authorization, user_errors })
    }

    /// Signs in whoever came back from a provider. An account that is not known here is linked to the one that has its
    /// address, or becomes a new one, if the provider says that the address was found to be the person's; beside a second
    /// factor none is linked. Each `state` is good once; begin again after a refusal or a lost answer.
    ///
    /// Codes: `EMAIL_NOT_VERIFIED`, `IDENTITY_TAKEN`, `INVALID_TOKEN`, `PROVIDER_REFUSED`, `PROVIDER_UNAVAILABLE`.
    #[graphql(directive = cost::apply(2_000))]
    async fn complete_provider_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the person came back with.")] input: CompleteProviderSignInInput,
    ) -> WireResult<CompleteProviderSignInPayload> {
        let CompleteProviderSignInInput { state, code, iss, binding_token, delivery } = input;
        let delivery = TokenDelivery::of(ctx, delivery)?;
        let arrival =
            Arrival { state, callback: Callback { code, issuer: iss }, binding: binding_now(ctx, binding_token) };
        let result = service::complete_provider_sign_in(ctx.app(), &delivery.caller(ctx), arrival).await;
        let (outcome, user_errors) = answer(ctx, result).await?;
        let result = outcome.map(|outcome| SignInResult::of(ctx, outcome, delivery));
        Ok(CompleteProviderSignInPayload { result, user_errors })
    }

    /// Begins to link an account at another place with yours, so that you can sign in by it, whatever its address is. Wrong
    /// passwords count as in `signIn`. Without a password, and beside a second factor, it needs a proof of who you are within
    /// the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `INVALID_CREDENTIALS`, `NOT_FOUND`, `PROVIDER_UNAVAILABLE`, `RETURN_URL_NOT_ALLOWED`, `TOO_MANY_ATTEMPTS`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(2_000))]
    async fn begin_provider_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which provider, and your password.")] input: BeginProviderLinkInput,
    ) -> WireResult<BeginProviderLinkPayload> {
        let BeginProviderLinkInput { provider, return_to, current_password, delivery } = input;
        let delivery = TokenDelivery::of(ctx, delivery)?;
        let departure = Departure { provider, return_to, binding: binding_before(ctx, delivery) };
        let result = service::begin_provider_link(ctx.app(), ctx.caller(), departure, current_password).await;
        let (departed, user_errors) = answer(ctx, result).await?;
        let authorization = departed.map(|departed| ProviderAuthorization::of(ctx, departed, delivery));
        Ok(BeginProviderLinkPayload { authorization, user_errors })
    }

    /// Links the account from whose provider you came back. You are told by mail. Of each provider one can be linked.
    ///
    /// Codes: `IDENTITY_TAKEN`, `INVALID_TOKEN`, `PROVIDER_REFUSED`, `PROVIDER_UNAVAILABLE`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(2_000))]
    async fn complete_provider_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you came back with.")] input: CompleteProviderLinkInput,
    ) -> WireResult<CompleteProviderLinkPayload> {
        let CompleteProviderLinkInput { state, code, iss, binding_token } = input;
        let arrival =
            Arrival { state, callback: Callback { code, issuer: iss }, binding: binding_now(ctx, binding_token) };
        let result = service::complete_provider_link(ctx.app(), ctx.caller(), arrival).await;
        let (identity, user_errors) = answer(ctx, result).await?;
        Ok(CompleteProviderLinkPayload { identity: identity.map(Into::into), user_errors })
    }

    /// Takes the link with an account at another place away: nobody signs in by it any more. You are told by mail. Something to
    /// sign in with is always left. Needs a proof of who you are within the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `LAST_SIGN_IN_METHOD`, `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly")]
    async fn unlink_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: UnlinkProviderInput,
    ) -> WireResult<UnlinkProviderPayload> {
        let result = service::unlink_provider(ctx.app(), ctx.caller(), input.identity_id).await;
        let (identity, user_errors) = answer(ctx, result).await?;
        Ok(UnlinkProviderPayload { identity: identity.map(Into::into), user_errors })
    }
}
