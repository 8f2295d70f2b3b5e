//! People on the wire.

mod account;
mod address_book;
mod api_keys;
mod blocks;
mod client_settings;
mod passkeys;
mod preferences;
mod profile;
mod providers;
mod recovery;
mod second_factor;
mod security_events;
mod sessions;
mod staff;

pub use self::{
    account::*, address_book::*, api_keys::*, blocks::*, client_settings::*, passkeys::*, preferences::*, profile::*,
    providers::*, recovery::*, second_factor::*, security_events::*, sessions::*, staff::*,
};
use std::borrow::Cow;

use async_graphql::{ComplexObject, Context, MergedObject, Object, SimpleObject, Value};
use uuid::Uuid;

use crate::users::{
    loaders::{BlockedPerson, OwnAccount, UserByHandle, UserById},
    model::{self, Handle, Role, signed_in},
    service,
};
use crate::{
    kernel::id::Id,
    media::{graphql::Image, loaders::ImageById},
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, AtHand, Plain, WireResult, list_size},
    },
    wishlists::{self, graphql::WishList},
};

/// A person as everybody may see them.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct User {
    /// Begins with `user_`.
    pub id: Id<model::User>,
    /// The name that the person goes by, 1 to 80 characters; empty if they are erased.
    pub display_name: String,
    /// The name by which the person is found, 3 to 30 letters, digits and underscores; null until they chose one. Where it
    /// is not the one that was asked for, that was a former one: lead on to this one.
    pub handle: Option<String>,
    /// What the person says about themself, up to 1,000 characters; empty if nothing.
    pub bio: String,
    /// When the person joined.
    pub created_at: Time,
    /// Whether the person has had their account erased: nothing is left of them but what they wrote to others.
    pub is_erased: bool,
    #[graphql(skip)]
    pub avatar: Option<Uuid>,
}

#[ComplexObject]
impl User {
    /// The picture that the person chose; null without one.
    async fn avatar(&self, ctx: &Context<'_>) -> WireResult<Option<Image>> {
        let Some(id) = self.avatar else { return Ok(None) };
        Ok(ctx.loader().load_one(ImageById(Id::from_uuid(id))).await?.map(Into::into))
    }

    /// The wish lists that they let everybody see, the newest first, at most 100; none for whom they have blocked.
    #[graphql(directive = list_size::apply(3))]
    async fn public_wish_lists(&self, ctx: &Context<'_>) -> WireResult<Vec<WishList>> {
        wishlists::graphql::public_of(ctx, self.id).await
    }

    /// Whether you have blocked them. They do not learn of it.
    async fn is_blocked(&self, ctx: &Context<'_>) -> WireResult<bool> {
        Ok(ctx.loader().load_one(BlockedPerson(self.id)).await?.is_some())
    }
}

impl Plain for User {
    fn concrete_type(&self) -> Cow<'static, str> {
        "User".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "id" => AtHand::Word(&self.id),
            "displayName" => AtHand::Text(&self.display_name),
            "handle" => AtHand::value(&self.handle),
            "bio" => AtHand::Text(&self.bio),
            "createdAt" => AtHand::value(&self.created_at),
            "isErased" => AtHand::value(&self.is_erased),
            "avatar" if self.avatar.is_none() => AtHand::Value(Value::Null),
            _ => AtHand::NotYet,
        }
    }
}

impl From<model::User> for User {
    fn from(row: model::User) -> Self {
        let model::User { id, display_name, handle, bio, created_at, avatar_id: avatar, erased_at, .. } = row;
        Self { id, display_name, handle, bio, created_at, is_erased: erased_at.is_some(), avatar }
    }
}

impl From<model::Face> for User {
    fn from(row: model::Face) -> Self {
        let model::Face { id, display_name, handle, bio, avatar_id: avatar, created_at, erased_at } = row;
        Self { id, display_name, handle, bio, created_at, is_erased: erased_at.is_some(), avatar }
    }
}

/// Which person: exactly one of the fields.
#[derive(async_graphql::OneofObject)]
pub enum UserByInput {
    /// By id.
    Id(Id<model::User>),
    /// By the present handle or a former one, in any case.
    Handle(String),
}

#[derive(Default)]
pub struct UsersQuery;

#[Object]
impl UsersQuery {
    /// A person; null if there is nobody.
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: UserByInput,
    ) -> WireResult<Option<User>> {
        let person = match by {
            UserByInput::Id(id) => ctx.loader().load_one(UserById(id)).await?,
            UserByInput::Handle(handle) => match Handle::new(&handle) {
                Ok(handle) => ctx.loader().load_one(UserByHandle(handle.key())).await?,
                Err(_) => None,
            },
        };
        Ok(person.map(Into::into))
    }
}

/// The accounts' part of the viewer.
pub struct UsersViewer(pub Caller);

#[Object]
impl UsersViewer {
    /// What everybody sees of you.
    async fn user(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let id = signed_in(&self.0)?;
        Ok(ctx.loader().load_one(OwnAccount(id)).await?.map(Into::into))
    }

    /// The address that you sign in with. Only you see it.
    async fn email(&self, ctx: &Context<'_>) -> WireResult<Option<String>> {
        let id = signed_in(&self.0)?;
        Ok(ctx.loader().load_one(OwnAccount(id)).await?.and_then(|user| user.email))
    }

    /// What you are to the market.
    async fn role(&self, ctx: &Context<'_>) -> WireResult<Role> {
        let id = signed_in(&self.0)?;
        Ok(ctx.loader().load_one(OwnAccount(id)).await?.map_or(Role::Member, |user| user.role))
    }

    /// The devices that are signed in as you, the one seen latest first; at most 100.
    async fn sessions(&self, ctx: &Context<'_>) -> WireResult<Vec<Session>> {
        let sessions = service::sessions(ctx.app(), &self.0).await?;
        Ok(sessions.into_iter().map(Into::into).collect())
    }

    /// What is asked for beside your password when you sign in; null if nothing is.
    async fn second_factor(&self, ctx: &Context<'_>) -> WireResult<Option<SecondFactor>> {
        Ok(service::second_factor(ctx.app(), &self.0).await?.map(Into::into))
    }

    /// The keys with which you sign in without a password, the newest first; at most 20.
    async fn passkeys(&self, ctx: &Context<'_>) -> WireResult<Vec<Passkey>> {
        let passkeys = service::passkeys(ctx.app(), &self.0).await?;
        Ok(passkeys.into_iter().map(Into::into).collect())
    }

    /// What you prefer.
    async fn preferences(&self, ctx: &Context<'_>) -> WireResult<Preferences> {
        Ok(service::preferences(ctx.app(), &self.0).await?.into())
    }
}

/// What people change about their own account.
#[derive(MergedObject, Default)]
pub struct UsersMutation(
    AccountMutation,
    RecoveryMutation,
    SecondFactorMutation,
    PasskeysMutation,
    SessionsMutation,
    ApiKeysMutation,
    ProfileMutation,
    PreferencesMutation,
    AddressMutation,
    ClientSettingsMutation,
    StaffActsMutation,
    ProvidersMutation,
);
