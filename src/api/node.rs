//! Everything that has an id of its own, by that id.

use async_graphql::{Context, ID, Interface, Object};
use futures_util::future::try_join_all;

use super::viewer::{Viewer, ViewerEntity};
use crate::{
    kernel::{
        error::Failure,
        id::{self, Entity, Id},
    },
    platform::gql::{Ask, WireResult},
    users::{self, graphql::User, loaders::UserById},
};

/// How many nodes can be asked for at once.
const MAXIMUM: usize = 100;

/// Something with an id of its own, which clients can cache and ask for again.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The same string in the API, in logs and in URLs. An id is no permission."
))]
pub enum Node {
    User(User),
    Viewer(Box<Viewer>),
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// What has this id; null if it does not exist or is not visible to you.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Any id of this API.")] id: ID,
    ) -> WireResult<Option<Node>> {
        load(ctx, &id).await
    }

    /// What has these ids, in their order; null in the place of what does not exist or is not visible to you.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most 100 ids.")] ids: Vec<ID>,
    ) -> WireResult<Vec<Option<Node>>> {
        if ids.len() > MAXIMUM {
            return Err(Failure::BadUserInput(format!("`ids` holds at most {MAXIMUM} ids")).into());
        }
        try_join_all(ids.iter().map(|id| load(ctx, id))).await
    }
}

fn parse<E: Entity>(text: &str) -> Result<Id<E>, Failure> {
    text.parse().map_err(|error: id::IdError| Failure::BadUserInput(error.to_string()))
}

async fn load(ctx: &Context<'_>, id: &ID) -> WireResult<Option<Node>> {
    let prefix = id::split(id).map(|(prefix, _)| prefix).unwrap_or_default();
    let node = match prefix {
        users::model::User::PREFIX => {
            let user = ctx.loader().load_one(UserById(parse(id)?)).await?;
            user.map(|user| Node::User(user.into()))
        }
        ViewerEntity::PREFIX => {
            let id: Id<ViewerEntity> = parse(id)?;
            let is_own = ctx.caller().signed_in().is_some_and(|person| person.user == id.uuid());
            Viewer::of(ctx.caller()).filter(|_| is_own).map(|viewer| Node::Viewer(Box::new(viewer)))
        }
        _ => return Err(Failure::BadUserInput("this is no id of this API".into()).into()),
    };
    Ok(node)
}
