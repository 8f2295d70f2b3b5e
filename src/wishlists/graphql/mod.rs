//! Favourites and wish lists on the wire.

mod favorites;
mod mutations;

pub use self::{
    favorites::{FavoritesMutation, FavoritesViewer, is_favorite},
    mutations::WishListsMutation,
};

use async_graphql::{ComplexObject, Context, Object, OneofObject, SimpleObject};

use super::{
    loaders::{FirstItems, PublicWishLists, WishListById},
    model::{self, Audience, TimeKey, Visibility},
    service,
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Direction, PageArgs},
    },
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, List, Listing, Total, WireResult},
    },
    products::{
        self,
        graphql::{Product, ProductVariant},
        loaders::{ProductKey, VariantById},
    },
    users::{self, graphql::User, loaders::UserById, model::signed_in},
};

/// Products that somebody wishes for. Who sees it besides its owner goes by its `visibility`.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct WishList {
    /// Begins with `wishlist_`. It opens no list that is not `PUBLIC`.
    pub id: Id<model::WishList>,
    /// What it is called, 1 to 80 characters.
    name: String,
    /// Who sees it.
    visibility: Visibility,
    /// Rises when its name, its visibility or its link changes; goes into `updateWishList` as `expectedVersion`.
    version: i32,
    /// When it was begun.
    created_at: Time,
    /// When it, or what is on it, was changed last.
    updated_at: Time,
    #[graphql(skip)]
    owner: Id<users::model::User>,
    #[graphql(skip)]
    link: Option<Id<model::WishListLink>>,
}

impl From<model::WishList> for WishList {
    fn from(row: model::WishList) -> Self {
        let model::WishList { id, owner_id, name, visibility, link_id, version, created_at, updated_at } = row;
        Self { id, name, visibility, version, created_at, updated_at, owner: owner_id, link: link_id }
    }
}

#[ComplexObject]
impl WishList {
    /// Whose it is.
    async fn owner(&self, ctx: &Context<'_>) -> WireResult<User> {
        let owner = ctx.loader().load_one(UserById(self.owner)).await?;
        Ok(owner.ok_or_else(|| Failure::internal("a wish list of nobody"))?.into())
    }

    /// What stands in a link to it: whoever has it sees the list by `wishList(by: {token})`, as long as it is not `PRIVATE`, and until
    /// `renewWishListLink`. Null for everybody but the owner, and while it is `PRIVATE`.
    async fn link_token(&self, ctx: &Context<'_>) -> Option<String> {
        service::link_token(ctx.app(), ctx.caller(), self.owner, self.link)
    }

    /// What is on it, the last one first; at most 1,000. For everybody but the owner without what is not for sale.
    async fn items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<WishListItem>> {
        let is_own = signed_in(ctx.caller()).is_ok_and(|user| user == self.owner);
        let audience = if is_own { Audience::Owner } else { Audience::Others };
        let (app, id) = (ctx.app().clone(), self.id);
        let listing = Listing::<TimeKey>::new(("wishes", id, audience), &PageArgs { first, after, last, before })?;
        let page = &listing.page;
        let rows = if page.from.is_none() && page.direction == Direction::Forward {
            let first = FirstItems { list: id, audience, limit: page.fetch_limit() };
            page.slice(ctx.loader().load_one(first).await?.unwrap_or_default())
        } else {
            service::items(&app, id, audience, page.clone()).await?
        };
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_items(&app, id, audience).await }
        });
        Ok(listing.connection(rows, |item| (item.created_at, item.id.uuid()), Into::into, total))
    }
}

/// Something that somebody wishes for.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct WishListItem {
    /// Begins with `wish_`.
    id: Id<model::Item>,
    /// How many, 1 to 10,000.
    quantity: i32,
    /// What the owner says about it, up to 500 characters; empty if nothing.
    note: String,
    /// Since when it is on the list.
    created_at: Time,
    #[graphql(skip)]
    product: Id<products::model::Product>,
    #[graphql(skip)]
    variant: Option<Id<products::model::Variant>>,
}

impl From<model::Item> for WishListItem {
    fn from(row: model::Item) -> Self {
        let model::Item { id, product_id, variant_id, quantity, note, created_at, .. } = row;
        Self { id, quantity, note, created_at, product: product_id, variant: variant_id }
    }
}

#[ComplexObject]
impl WishListItem {
    /// The product; null if you do not see it any more. `removeFromWishList` takes it from the list also then.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        Ok(ctx.loader().load_one(ProductKey::id(self.product)).await?.map(Into::into))
    }

    /// Which variant of it; null if any will do, or if you do not see the product any more.
    async fn variant(&self, ctx: &Context<'_>) -> WireResult<Option<ProductVariant>> {
        let Some(id) = self.variant else { return Ok(None) };
        Ok(ctx.loader().load_one(VariantById(id)).await?.map(Into::into))
    }
}

/// Which wish list: exactly one of the fields.
#[derive(OneofObject)]
pub enum WishListByInput {
    /// By id: one of yours, or a `PUBLIC` one.
    Id(Id<model::WishList>),
    /// By what stands in a link to it.
    #[graphql(secret)]
    Token(String),
}

#[derive(Default)]
pub struct WishListsQuery;

#[Object]
impl WishListsQuery {
    /// A wish list; null if there is none, or if you may not see it.
    async fn wish_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.", secret)] by: WishListByInput,
    ) -> WireResult<Option<WishList>> {
        let list = match by {
            WishListByInput::Id(id) => ctx.loader().load_one(WishListById(id)).await?,
            WishListByInput::Token(token) => service::wish_list_by_link(ctx.app(), ctx.caller(), &token).await?,
        };
        Ok(list.map(Into::into))
    }
}

/// The wish lists' part of the viewer.
pub struct WishListsViewer(pub Caller);

#[Object]
impl WishListsViewer {
    /// Your wish lists, the newest first; at most 100.
    async fn wish_lists(&self, ctx: &Context<'_>) -> WireResult<Vec<WishList>> {
        let lists = service::wish_lists(ctx.app(), &self.0).await?;
        Ok(lists.into_iter().map(Into::into).collect())
    }
}

/// The public wish lists of a person, for who asks.
pub async fn public_of(ctx: &Context<'_>, owner: Id<users::model::User>) -> WireResult<Vec<WishList>> {
    let lists = ctx.loader().load_one(PublicWishLists(owner)).await?;
    Ok(lists.unwrap_or_default().into_iter().map(Into::into).collect())
}

async fn load(ctx: &Context<'_>, id: Option<Id<model::WishList>>) -> WireResult<Option<WishList>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(WishListById(id)).await?.map(Into::into))
}
