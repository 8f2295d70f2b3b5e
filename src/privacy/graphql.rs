//! Exports and deletions on the wire.

use async_graphql::{ComplexObject, Context, Object, SimpleObject};

use super::{
    model::{self, DataExportState},
    service,
};
use crate::{
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, cost},
    },
    user_errors::{UserError, answer},
};

/// An archive of all that is kept about you: a ZIP file with lists in JSON and the files that you sent. Only you see it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct DataExport {
    /// How far it is.
    state: DataExportState,
    /// How many bytes it has, once it is there. More than an `Int` holds is told as its largest value.
    byte_size: Option<i32>,
    /// When it was asked for.
    requested_at: Time,
    /// Since when it is to be had.
    ready_at: Option<Time>,
    /// Until when, then it is deleted.
    expires_at: Time,
    #[graphql(skip)]
    export: model::DataExport,
}

#[ComplexObject]
impl DataExport {
    /// Where to `GET` it, once it is there. Nobody has to be signed in to do so, so keep it secret; it is good for an hour or two,
    /// and asking for it again answers a fresh one. Asking needs a proof of who you are within the last 15 minutes; without, it
    /// is null with the error `STEP_UP_REQUIRED`.
    async fn url(&self, ctx: &Context<'_>) -> WireResult<Option<String>> {
        Ok(service::export_url(ctx.app(), ctx.caller(), &self.export).await?)
    }
}

impl From<model::DataExport> for DataExport {
    fn from(export: model::DataExport) -> Self {
        Self {
            state: export.state,
            byte_size: export.byte_size.map(|size| i32::try_from(size).unwrap_or(i32::MAX)),
            requested_at: export.requested_at,
            ready_at: export.ready_at,
            expires_at: export.expires_at,
            export,
        }
    }
}

/// That your account is going to be erased. Only you see it.
#[derive(SimpleObject)]
pub struct AccountDeletion {
    /// When you asked for it.
    requested_at: Time,
    /// When it will be erased; until then `cancelAccountDeletion` calls it off.
    due_at: Time,
}

impl From<model::AccountDeletion> for AccountDeletion {
    fn from(deletion: model::AccountDeletion) -> Self {
        let model::AccountDeletion { requested_at, due_at, .. } = deletion;
        Self { requested_at, due_at }
    }
}

/// The privacy's part of the viewer.
pub struct PrivacyViewer(pub Caller);

#[Object]
impl PrivacyViewer {
    /// The archive of your data that you asked for last, until its time is over.
    async fn data_export(&self, ctx: &Context<'_>) -> WireResult<Option<DataExport>> {
        Ok(service::data_export(ctx.app(), &self.0).await?.map(Into::into))
    }

    /// That your account is going to be erased; null if it is not.
    async fn account_deletion(&self, ctx: &Context<'_>) -> WireResult<Option<AccountDeletion>> {
        Ok(service::account_deletion(ctx.app(), &self.0).await?.map(Into::into))
    }
}

/// What `requestDataExport` answers.
#[derive(SimpleObject)]
pub struct RequestDataExportPayload {
    /// The archive. It is mailed to you when it is there.
    data_export: Option<DataExport>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What `deleteAccount` answers.
#[derive(SimpleObject)]
pub struct DeleteAccountPayload {
    /// When it will be done.
    account_deletion: Option<AccountDeletion>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What `cancelAccountDeletion` answers.
#[derive(SimpleObject)]
pub struct CancelAccountDeletionPayload {
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What people ask of the market about themselves.
#[derive(Default)]
pub struct PrivacyMutation;

#[Object]
impl PrivacyMutation {
    /// Has an archive made of all that is kept about you, which takes a few minutes at the most; a mail says when it is there, and
    /// `viewer.dataExport` where. One a day; while one is being made, this is the answer. Needs a proof of who you are within
    /// the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `TOO_MANY_ATTEMPTS`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(1_000))]
    async fn request_data_export(&self, ctx: &Context<'_>) -> WireResult<RequestDataExportPayload> {
        let result = service::request_export(ctx.app(), ctx.caller()).await;
        let (export, user_errors) = answer(ctx, result).await?;
        Ok(RequestDataExportPayload { data_export: export.map(Into::into), user_errors })
    }

    /// Has your account erased after a time of grace, in which all goes on and `cancelAccountDeletion` calls it off. Then your
    /// address, profile, sessions, passwords, addresses, settings and files are gone for good. What you ordered stays in the
    /// books, as the law wants; what you wrote to others stays with them, without your name. Once more changes nothing. Who is the
    /// last owner of a shop hands it over first, and one of the market's staff resigns first. Needs a proof of who you are within
    /// the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `LAST_OWNER`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(1_000))]
    async fn delete_account(&self, ctx: &Context<'_>) -> WireResult<DeleteAccountPayload> {
        let result = service::delete_account(ctx.app(), ctx.caller()).await;
        let (deletion, user_errors) = answer(ctx, result).await?;
        Ok(DeleteAccountPayload { account_deletion: deletion.map(Into::into), user_errors })
    }

    /// Lets you stay. Changes nothing if your account was not going to be erased.
    ///
    /// Codes: none.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(500))]
    async fn cancel_account_deletion(&self, ctx: &Context<'_>) -> WireResult<CancelAccountDeletionPayload> {
        let result = service::cancel_account_deletion(ctx.app(), ctx.caller()).await;
        let (_, user_errors) = answer(ctx, result).await?;
        Ok(CancelAccountDeletionPayload { user_errors })
    }
}
