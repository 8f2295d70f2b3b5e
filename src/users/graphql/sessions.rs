//! Signed-in devices on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};

use crate::{
    kernel::id::Id,
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult},
    },
    user_errors::{UserError, answer},
    users::{
        model::{self, device_name},
        service,
    },
};

/// A device that is signed in as you. Only you see it.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct Session {
    /// Begins with `session_`.
    pub id: Id<model::Session>,
    /// What the device calls itself, in words: "Firefox on Linux". Empty if it says nothing.
    device: String,
    /// The address from which it signed in; null if that is not known (any more).
    address: Option<String>,
    /// When it signed in.
    created_at: Time,
    /// When it last got new tokens. Devices in use get them every ten minutes.
    last_seen_at: Time,
    /// When you proved there last who you are: by signing in, or with `stepUp`.
    authenticated_at: Time,
    /// When it will be signed out unless it gets new tokens before; a year after it signed in at the latest.
    expires_at: Time,
}

#[ComplexObject]
impl Session {
    /// Whether it is the one that asks.
    async fn is_current(&self, ctx: &Context<'_>) -> bool {
        ctx.caller().signed_in().is_some_and(|person| person.session == self.id.uuid())
    }
}

impl From<model::Session> for Session {
    fn from(row: model::Session) -> Self {
        let (device, authenticated_at) = (device_name(&row.device), row.authenticated_at());
        let model::Session { id, address, created_at, last_seen_at, expires_at, .. } = row;
        Self { id, device, address, created_at, last_seen_at, authenticated_at, expires_at }
    }
}

/// Which session to end.
#[derive(InputObject)]
pub struct RevokeSessionInput {
    /// One of yours. The one that you are in may be, too.
    session_id: Id<model::Session>,
}

/// What `revokeSession` answers.
#[derive(SimpleObject)]
pub struct RevokeSessionPayload {
    /// The session as it was when it ended.
    session: Option<Session>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What `revokeOtherSessions` answers.
#[derive(SimpleObject)]
pub struct RevokeOtherSessionsPayload {
    /// The sessions that have ended, at most 100.
    sessions: Vec<Session>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct SessionsMutation;

#[Object]
impl SessionsMutation {
    /// Signs a device of yours out. Within a second its tokens are no good anywhere, and its sockets and streams end.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly")]
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: RevokeSessionInput,
    ) -> WireResult<RevokeSessionPayload> {
        let result = service::revoke_session(ctx.app(), ctx.caller(), input.session_id).await;
        let (session, user_errors) = answer(ctx, result).await?;
        Ok(RevokeSessionPayload { session: session.map(Into::into), user_errors })
    }

    /// Signs all devices of yours out but this one.
    ///
    /// Codes: none.
    #[graphql(guard = "SignedInOnly")]
    async fn revoke_other_sessions(&self, ctx: &Context<'_>) -> WireResult<RevokeOtherSessionsPayload> {
        let result = service::revoke_other_sessions(ctx.app(), ctx.caller()).await;
        let (sessions, user_errors) = answer(ctx, result).await?;
        let sessions = sessions.unwrap_or_default().into_iter().map(Into::into).collect();
        Ok(RevokeOtherSessionsPayload { sessions, user_errors })
    }
}
