//! Getting back in, and moving to another address, on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{
    Session,
    account::{SignInResult, SignedIn, SignedInWithCookies, TokenDelivery},
};
use crate::users::{
    model,
    service::{self, Afterwards},
};
use crate::{
    kernel::id::Id,
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, cost},
    },
    user_errors::{UserError, answer},
};

/// A link from a mail.
#[derive(InputObject)]
pub struct ConfirmEmailByLinkInput {
    /// What stood in the link.
    #[graphql(secret)]
    token: String,
    /// The password that was given with the sign-up, or that of the account that moves.
    #[graphql(secret)]
    password: String,
    /// How the tokens of a new account's session come.
    #[graphql(default_with = "Some(TokenDelivery::Body)")]
    delivery: Option<TokenDelivery>,
}

/// What `confirmEmailByLink` answers.
#[derive(SimpleObject)]
pub struct ConfirmEmailByLinkPayload {
    /// The address that is confirmed now.
    email: Option<String>,
    /// The session of a new account, if its tokens were to come in the answer. Null for a change of address.
    signed_in: Option<SignedIn>,
    /// The session of a new account, if its tokens were to come in cookies. Null for a change of address.
    signed_in_with_cookies: Option<SignedInWithCookies>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Who forgot their password.
#[derive(InputObject)]
pub struct RequestPasswordResetInput {
    /// The address of the account.
    email: String,
}

/// What `requestPasswordReset` answers.
#[derive(SimpleObject)]
pub struct RequestPasswordResetPayload {
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// A new password, and the link from the mail.
#[derive(InputObject)]
pub struct ResetPasswordInput {
    /// What stood in the link.
    #[graphql(secret)]
    token: String,
    /// 10 to 256 characters of any kind, and none of the passwords that are tried first.
    #[graphql(secret)]
    new_password: String,
    /// How the tokens of the session come.
    #[graphql(default_with = "Some(TokenDelivery::Body)")]
    delivery: Option<TokenDelivery>,
}

/// What `resetPassword` answers.
#[derive(SimpleObject)]
pub struct ResetPasswordPayload {
    /// How far the sign-in came that follows.
    result: Option<SignInResult>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// The present password and a new one.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password until now.
    #[graphql(secret)]
    current_password: String,
    /// 10 to 256 characters of any kind, and none of the passwords that are tried first.
    #[graphql(secret)]
    new_password: String,
}

/// What `changePassword` answers.
#[derive(SimpleObject)]
pub struct ChangePasswordPayload {
    /// The other devices, which are signed out; at most 100.
    ended_sessions: Vec<Session>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Another address that somebody wants.
#[derive(InputObject)]
pub struct RequestEmailChangeInput {
    /// The new address, where the code is mailed to.
    email: String,
    /// Your password.
    #[graphql(secret)]
    current_password: String,
}

/// A change of address that waits for the code that was mailed to the new one.
#[derive(SimpleObject)]
pub struct EmailChange {
    /// Goes into `confirmEmailChange` together with the code. It is no permission by itself.
    pub id: Id<model::EmailChange>,
    /// The new address.
    pub email: String,
    /// Until when the code is good.
    pub expires_at: Time,
}

impl From<model::EmailChange> for EmailChange {
    fn from(row: model::EmailChange) -> Self {
        Self { id: row.id, email: row.email, expires_at: row.expires_at }
    }
}

/// What `requestEmailChange` answers.
#[derive(SimpleObject)]
pub struct RequestEmailChangePayload {
    /// What the code belongs to. The same for every address, taken or not.
    email_change: Option<EmailChange>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// A code and the change of address that it confirms.
#[derive(InputObject)]
pub struct ConfirmEmailChangeInput {
    /// From `requestEmailChange`.
    email_change_id: Id<model::EmailChange>,
    /// The six digits from the mail.
    #[graphql(secret)]
    code: String,
}

/// What `confirmEmailChange` answers.
#[derive(SimpleObject)]
pub struct ConfirmEmailChangePayload {
    /// The address that you sign in with from now on.
    email: Option<String>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct RecoveryMutation;

#[Object]
impl RecoveryMutation {
    /// Confirms an address by the link that was mailed there, and the password. That of a sign-up makes the account and signs
    /// in; that of `requestEmailChange` moves the account to the address. The link alone does neither: it may have reached
    /// somebody who did not ask for it. Wrong passwords count as in `signIn`.
    ///
    /// Codes: `INVALID_CREDENTIALS`, `INVALID_TOKEN`, `TOO_MANY_ATTEMPTS`.
    #[graphql(directive = cost::apply(2_000))]
    async fn confirm_email_by_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What stood in the link.")] input: ConfirmEmailByLinkInput,
    ) -> WireResult<ConfirmEmailByLinkPayload> {
        let delivery = TokenDelivery::of(ctx, input.delivery)?;
        let ConfirmEmailByLinkInput { token, password, .. } = input;
        let result =
            service::confirm_by_link(ctx.app(), &delivery.caller(ctx), &token, password, Afterwards::SignIn).await;
        let (confirmed, user_errors) = answer(ctx, result).await?;
        let (email, tokens) = confirmed.map(|confirmed| (confirmed.email, confirmed.tokens)).unzip();
        let (signed_in, signed_in_with_cookies) = delivery.hand_over(ctx, tokens.flatten());
        Ok(ConfirmEmailByLinkPayload { email, signed_in, signed_in_with_cookies, user_errors })
    }

    /// Mails a link by which a new password can be chosen, to the account's address if there is one. The answer is the same
    /// for every address; one address gets five such mails in an hour.
    ///
    /// Codes: `INVALID_EMAIL`.
    #[graphql(directive = cost::apply(2_000))]
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who forgot their password.")] input: RequestPasswordResetInput,
    ) -> WireResult<RequestPasswordResetPayload> {
        let result = service::request_password_reset(ctx.app(), ctx.caller(), &input.email).await;
        let (_, user_errors) = answer(ctx, result).await?;
        Ok(RequestPasswordResetPayload { user_errors })
    }

    /// Chooses a new password by the link that was mailed, and signs in, for which a second factor is asked as by `signIn`. All
    /// sessions end, and the link is used up.
    ///
    /// Codes: `INVALID_TOKEN`, `PASSWORD_COMMON`, `PASSWORD_LENGTH`.
    #[graphql(directive = cost::apply(2_000))]
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new password, and the link.")] input: ResetPasswordInput,
    ) -> WireResult<ResetPasswordPayload> {
        let delivery = TokenDelivery::of(ctx, input.delivery)?;
        let ResetPasswordInput { token, new_password, .. } = input;
        let result =
            service::reset_password(ctx.app(), &delivery.caller(ctx), &token, new_password, Afterwards::SignIn).await;
        let (outcome, user_errors) = answer(ctx, result).await?;
        let result = outcome.flatten().map(|outcome| SignInResult::of(ctx, outcome, delivery));
        Ok(ResetPasswordPayload { result, user_errors })
    }

    /// Chooses another password. Your other devices are signed out. Wrong present ones count as in `signIn`. Beside a second
    /// factor it needs a proof of who you are within the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `INVALID_CREDENTIALS`, `PASSWORD_COMMON`, `PASSWORD_LENGTH`, `TOO_MANY_ATTEMPTS`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(2_000))]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present password and a new one.")] input: ChangePasswordInput,
    ) -> WireResult<ChangePasswordPayload> {
        let ChangePasswordInput { current_password, new_password } = input;
        let result = service::change_password(ctx.app(), ctx.caller(), current_password, new_password).await;
        let (ended, user_errors) = answer(ctx, result).await?;
        let ended_sessions = ended.unwrap_or_default().into_iter().map(Into::into).collect();
        Ok(ChangePasswordPayload { ended_sessions, user_errors })
    }

    /// Asks for another address. A code and a link are mailed there, and the present address is told. The answer is the same
    /// for every address; the owner of a taken one learns of it by mail. Five in half an hour. Beside a second factor it needs
    /// a proof of who you are within the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `ALREADY_DONE`, `INVALID_CREDENTIALS`, `INVALID_EMAIL`, `TOO_MANY`, `TOO_MANY_ATTEMPTS`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(2_000))]
    async fn request_email_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new address, and your password.")] input: RequestEmailChangeInput,
    ) -> WireResult<RequestEmailChangePayload> {
        let RequestEmailChangeInput { email, current_password } = input;
        let result = service::request_email_change(ctx.app(), ctx.caller(), &email, current_password).await;
        let (change, user_errors) = answer(ctx, result).await?;
        Ok(RequestEmailChangePayload { email_change: change.map(Into::into), user_errors })
    }

    /// Moves your account to the address that the code was mailed to. After five wrong codes none is right any more. Both
    /// addresses are told. Wrong codes count as wrong passwords do, against where they come from.
    ///
    /// Codes: `INVALID_CODE`, `TOO_MANY_ATTEMPTS`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(1_000))]
    async fn confirm_email_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code and what it confirms.")] input: ConfirmEmailChangeInput,
    ) -> WireResult<ConfirmEmailChangePayload> {
        let ConfirmEmailChangeInput { email_change_id, code } = input;
        let result = service::confirm_email_change(ctx.app(), ctx.caller(), email_change_id, code).await;
        let (email, user_errors) = answer(ctx, result).await?;
        Ok(ConfirmEmailChangePayload { email, user_errors })
    }
}
