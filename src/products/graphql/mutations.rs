//! Changing products, and making categories. What makes products brings stock along: see `inventory::graphql`.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{Category, Product};
use crate::{
    kernel::id::Id,
    platform::{
        caller::StaffPermission,
        gql::{Ask, SignedInOnly, StaffOnly, WireResult, change, set},
    },
    products::{
        model::{self, ProductStatus},
        service::{self, ProductChange},
    },
    user_errors::{UserError, answer},
};

/// What a new category shall be.
#[derive(InputObject)]
pub struct CreateCategoryInput {
    /// The category's name, 1 to 80 characters.
    name: String,
    /// Its name in URLs: lower-case letters, digits and single inner hyphens, at most 80. Made from the name if absent.
    slug: Option<String>,
    /// The category that it is part of; none if absent.
    parent_id: Option<Id<model::Category>>,
}

/// What `createCategory` answers.
#[derive(SimpleObject)]
pub struct CreateCategoryPayload {
    /// The new category.
    category: Option<Category>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a product. What is absent stays.
#[derive(InputObject)]
pub struct UpdateProductInput {
    /// Which product.
    product_id: Id<model::Product>,
    /// The `version` of the product as it was read.
    expected_version: i32,
    /// The product's name, 1 to 200 characters.
    title: MaybeUndefined<String>,
    /// What the shop says about it, up to 10,000 characters. Null clears it.
    description: MaybeUndefined<String>,
    /// The shelf that it is on. Null takes it off.
    category_id: MaybeUndefined<Id<model::Category>>,
    /// Its name in URLs: lower-case letters, digits and single inner hyphens, at most 80. The old one leads nowhere.
    slug: MaybeUndefined<String>,
    /// Who sees it.
    status: MaybeUndefined<ProductStatus>,
}

/// What `updateProduct` answers.
#[derive(SimpleObject)]
pub struct UpdateProductPayload {
    /// The product as it is now.
    product: Option<Product>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ProductsMutation;

#[Object]
impl ProductsMutation {
    /// Makes a category. The market's administrators may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `NOT_FOUND`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn create_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the category shall be.")] input: CreateCategoryInput,
    ) -> WireResult<CreateCategoryPayload> {
        let CreateCategoryInput { name, slug, parent_id } = input;
        let result = service::create_category(ctx.app(), ctx.caller(), name, slug, parent_id).await;
        let (category, user_errors) = answer(ctx, result).await?;
        Ok(CreateCategoryPayload { category: category.map(Into::into), user_errors })
    }

    /// Changes a product. Owners and managers of its shop may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `NOT_FOUND`, `NOT_PERMITTED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateProductInput,
    ) -> WireResult<UpdateProductPayload> {
        let change = ProductChange {
            title: set(input.title, "title")?,
            description: change(input.description).map(Option::unwrap_or_default),
            category: change(input.category_id),
            slug: set(input.slug, "slug")?,
            status: set(input.status, "status")?,
        };
        let result =
            service::update_product(ctx.app(), ctx.caller(), input.product_id, input.expected_version, change).await;
        let (product, user_errors) = answer(ctx, result).await?;
        Ok(UpdateProductPayload { product: product.map(Into::into), user_errors })
    }
}
