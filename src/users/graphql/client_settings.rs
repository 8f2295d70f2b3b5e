//! What clients keep for people, on the wire.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use crate::{
    kernel::{error::Failure, scalar::Json},
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, SignedInOnly, WireError, WireResult},
    },
    user_errors::{UserError, answer},
    users::{
        model,
        service::{self, SettingsChange},
    },
};

/// What a client keeps for you: its own settings, a half-written text. Nobody else sees it, and the market does not look
/// into it.
#[derive(SimpleObject)]
pub struct ClientSettings {
    /// Under which name: 1 to 64 small letters, digits, `.`, `_` and `-`, such as `web.layout`.
    namespace: String,
    /// What is kept.
    value: Json,
    /// Rises with each change, and never comes back: what is kept anew after something was forgotten has a higher one. Goes into `setClientSettings` as `expectedVersion`.
    version: i32,
    /// When it was last changed.
    updated_at: Time,
}

impl TryFrom<model::ClientSettings> for ClientSettings {
    type Error = WireError;

    fn try_from(row: model::ClientSettings) -> WireResult<Self> {
        let model::ClientSettings { namespace, value, version, updated_at } = row;
        let value = serde_json::from_str(&value).map_err(Failure::internal)?;
        Ok(Self { namespace, value: Json(value), version, updated_at })
    }
}

/// The clients' part of the viewer.
pub struct ClientSettingsViewer(pub Caller);

#[Object]
impl ClientSettingsViewer {
    /// What clients keep for you, by namespace; at most 16.
    async fn client_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these; all if absent.")] namespaces: Option<Vec<String>>,
    ) -> WireResult<Vec<ClientSettings>> {
        let settings = service::client_settings(ctx.app(), &self.0).await?;
        let is_wanted = |namespace: &String| namespaces.as_ref().is_none_or(|wanted| wanted.contains(namespace));
        settings.into_iter().filter(|row| is_wanted(&row.namespace)).map(TryInto::try_into).collect()
    }
}

/// What to keep where.
#[derive(InputObject)]
pub struct SetClientSettingsInput {
    /// Under which name: 1 to 64 small letters, digits, and `.`, `_`, `-` between them. You have at most 16.
    namespace: String,
    /// Any JSON of at most 4,096 bytes, instead of what is there. Null forgets it; left out it is `BAD_USER_INPUT`, so that
    /// nothing is lost by a client that drops what it does not know.
    value: MaybeUndefined<Json>,
    /// The `version` that you read; 0 if there was nothing. Without it, the last writer wins.
    expected_version: Option<i32>,
}

/// What `setClientSettings` answers.
#[derive(SimpleObject)]
pub struct SetClientSettingsPayload {
    /// What is kept now; null if it was forgotten.
    client_settings: Option<ClientSettings>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ClientSettingsMutation;

#[Object]
impl ClientSettingsMutation {
    /// Keeps a value for you, on all your devices.
    ///
    /// Codes: `INVALID`, `TOO_LONG`, `TOO_MANY`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn set_client_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to keep.")] input: SetClientSettingsInput,
    ) -> WireResult<SetClientSettingsPayload> {
        let SetClientSettingsInput { namespace, value, expected_version } = input;
        let value = match value {
            MaybeUndefined::Undefined => return Err(Failure::BadUserInput("`value` is missing".into()).into()),
            MaybeUndefined::Null => serde_json::Value::Null,
            MaybeUndefined::Value(Json(value)) => value,
        };
        let change = SettingsChange { namespace, value, expected_version };
        let result = service::set_client_settings(ctx.app(), ctx.caller(), change).await;
        let (kept, user_errors) = answer(ctx, result).await?;
        Ok(SetClientSettingsPayload {
            client_settings: kept.flatten().map(TryInto::try_into).transpose()?,
            user_errors,
        })
    }
}
