//! Making, changing, moving and deleting categories.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{Category, categories::category};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        caller::StaffPermission,
        gql::{Ask, StaffOnly, WireResult, change, set},
    },
    products::{
        model,
        service::{self, CategoryChange, CreateCategory},
    },
    user_errors::{UserError, answer},
};

/// What a new category shall be.
#[derive(InputObject)]
pub struct CreateCategoryInput {
    /// The category's name, 1 to 80 characters.
    name: String,
    /// What the market says about it, up to 2,000 characters.
    description: Option<String>,
    /// Its name in URLs: lower-case letters, digits and single inner hyphens, at most 80. Made from the name if absent.
    slug: Option<String>,
    /// The category that it is right below of; none if absent.
    parent_id: Option<Id<model::Category>>,
    /// 1 to 255 characters that name this very intent, so that a repeat makes no second category. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createCategory` answers.
#[derive(SimpleObject)]
pub struct CreateCategoryPayload {
    /// The new category.
    category: Option<Category>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a category. What is absent stays.
#[derive(InputObject)]
pub struct UpdateCategoryInput {
    /// Which category.
    category_id: Id<model::Category>,
    /// The `version` of the category as it was read.
    expected_version: i32,
    /// The category's name, 1 to 80 characters.
    name: MaybeUndefined<String>,
    /// What the market says about it, up to 2,000 characters. Null clears it.
    description: MaybeUndefined<String>,
    /// Its name in URLs: lower-case letters, digits and single inner hyphens, at most 80. The old one leads nowhere.
    slug: MaybeUndefined<String>,
}

/// What `updateCategory` answers.
#[derive(SimpleObject)]
pub struct UpdateCategoryPayload {
    /// The category as it is now.
    category: Option<Category>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Where a category shall be.
#[derive(InputObject)]
pub struct MoveCategoryInput {
    /// Which category. Everything below it comes along.
    category_id: Id<model::Category>,
    /// The `version` of the category as it was read.
    expected_version: i32,
    /// The category that it shall be right below of. Null: the top. It must not be left out.
    parent_id: MaybeUndefined<Id<model::Category>>,
}

/// What `moveCategory` answers.
#[derive(SimpleObject)]
pub struct MoveCategoryPayload {
    /// The category as it is now.
    category: Option<Category>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which category goes.
#[derive(InputObject)]
pub struct DeleteCategoryInput {
    /// Which category.
    category_id: Id<model::Category>,
    /// The `version` of the category as it was read.
    expected_version: i32,
}

/// What `deleteCategory` answers.
#[derive(SimpleObject)]
pub struct DeleteCategoryPayload {
    /// The category that is gone, as it was.
    category: Option<Category>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct CategoriesMutation;

#[Object]
impl CategoriesMutation {
    /// Makes a category. The market's administrators may. The tree has at most 10 levels, and at most 500 categories right
    /// below another one.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `TAKEN`, `NOT_FOUND`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn create_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the category shall be.")] input: CreateCategoryInput,
    ) -> WireResult<CreateCategoryPayload> {
        let CreateCategoryInput { name, description, slug, parent_id: parent, idempotency_key } = input;
        let description = description.unwrap_or_default();
        let create = CreateCategory { name, description, slug, parent };
        let result = service::create_category(ctx.app(), ctx.caller(), idempotency_key.as_deref(), create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CreateCategoryPayload { category: category(ctx, id).await?, user_errors })
    }

    /// Changes a category. The market's administrators may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `NOT_FOUND`, `STALE_VERSION`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn update_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateCategoryInput,
    ) -> WireResult<UpdateCategoryPayload> {
        let (id, version) = (input.category_id, input.expected_version);
        let change = CategoryChange {
            name: set(input.name, "name")?,
            description: change(input.description).map(Option::unwrap_or_default),
            slug: set(input.slug, "slug")?,
        };
        let result = service::update_category(ctx.app(), ctx.caller(), id, version, change).await;
        let (category, user_errors) = answer(ctx, result).await?;
        Ok(UpdateCategoryPayload { category: category.map(Into::into), user_errors })
    }

    /// Moves a category with everything below it. The market's administrators may. To a place below itself it cannot go.
    ///
    /// Codes: `INVALID`, `TOO_MANY`, `NOT_FOUND`, `STALE_VERSION`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn move_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where the category shall be.")] input: MoveCategoryInput,
    ) -> WireResult<MoveCategoryPayload> {
        let MoveCategoryInput { category_id, expected_version, parent_id } = input;
        // Whoever forgot it did not mean the top.
        let parent = change(parent_id).ok_or_else(|| Failure::BadUserInput("`parentId` is left out".into()))?;
        let result = service::move_category(ctx.app(), ctx.caller(), category_id, expected_version, parent).await;
        let (category, user_errors) = answer(ctx, result).await?;
        Ok(MoveCategoryPayload { category: category.map(Into::into), user_errors })
    }

    /// Deletes a category that nothing is below of, and that no product is in, drafts and archived ones included. The market's
    /// administrators may.
    ///
    /// Codes: `IN_USE`, `NOT_FOUND`, `STALE_VERSION`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn delete_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which category goes.")] input: DeleteCategoryInput,
    ) -> WireResult<DeleteCategoryPayload> {
        let DeleteCategoryInput { category_id, expected_version } = input;
        let result = service::delete_category(ctx.app(), ctx.caller(), category_id, expected_version).await;
        let (category, user_errors) = answer(ctx, result).await?;
        Ok(DeleteCategoryPayload { category: category.map(Into::into), user_errors })
    }
}
