//! Profiles on the wire.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::User;
use crate::users::service::{self, ProfileChange};
use crate::{
    platform::gql::{Ask, SignedInOnly, WireResult, change, set},
    user_errors::{UserError, answer},
};

/// What changes about your profile. What is absent stays.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// The name to go by, 1 to 80 characters.
    display_name: MaybeUndefined<String>,
    /// The name to be found by: 3 to 30 letters, digits and underscores, a letter first. Former ones lead to you, too; ten in
    /// all.
    handle: MaybeUndefined<String>,
    /// What you say about yourself, up to 1,000 characters. Null clears it.
    bio: MaybeUndefined<String>,
}

/// What `updateProfile` answers.
#[derive(SimpleObject)]
pub struct UpdateProfilePayload {
    /// You, as everybody sees you now.
    user: Option<User>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ProfileMutation;

#[Object]
impl ProfileMutation {
    /// Changes what everybody sees of you.
    ///
    /// Codes: `BLANK`, `INVALID`, `TAKEN`, `TOO_LONG`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateProfileInput,
    ) -> WireResult<UpdateProfilePayload> {
        let bio = change(input.bio).map(Option::unwrap_or_default);
        let (display_name, handle) = (set(input.display_name, "displayName")?, set(input.handle, "handle")?);
        let change = ProfileChange { display_name, handle, bio };
        let result = service::update_profile(ctx.app(), ctx.caller(), change).await;
        let (user, user_errors) = answer(ctx, result).await?;
        Ok(UpdateProfilePayload { user: user.map(Into::into), user_errors })
    }
}
