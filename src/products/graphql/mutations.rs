//! Changing products. What makes products brings stock along: see `inventory::graphql`.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{Product, ProductAttributeInput};
use crate::{
    kernel::id::Id,
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, change, set},
    },
    products::{
        model::{self, ProductStatus},
        service::{self, ProductChange},
    },
    user_errors::{UserError, answer},
};

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
    /// The category that it is in. Null takes it out.
    category_id: MaybeUndefined<Id<model::Category>>,
    /// Its name in URLs: lower-case letters, digits and single inner hyphens, at most 80. The old one goes
    /// on leading to the product, as do the 19 before it.
    slug: MaybeUndefined<String>,
    /// Who sees it.
    status: MaybeUndefined<ProductStatus>,
    /// When it becomes `ACTIVE` by itself, some ten seconds later at the most, for one that is not: a moment to come. If its
    /// kind requires attributes that it lacks by then, it stays as it is, and waits no longer. Null clears it; so does
    /// `status: ACTIVE`.
    publish_at: MaybeUndefined<Time>,
    /// When it becomes `ARCHIVED` by itself: a moment to come, after `publishAt`. Null clears it.
    unpublish_at: MaybeUndefined<Time>,
    /// Who makes it, up to 100 characters. Null clears it.
    brand: MaybeUndefined<String>,
    /// All words by which the shop sorts it: at most 50, each 1 to 50 characters long. They become lower case.
    tags: MaybeUndefined<Vec<String>>,
    /// What it is. What is said by attributes that the new kind does not have goes. Null clears it.
    kind_id: MaybeUndefined<Id<model::attributes::ProductKind>>,
    /// How it is taxed. Null: as usual.
    tax_class_id: MaybeUndefined<Id<model::taxes::TaxClass>>,
    /// All that is said of it by the attributes of its kind. An `ACTIVE` product needs those that the kind requires.
    attributes: MaybeUndefined<Vec<ProductAttributeInput>>,
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
    /// Changes a product. Owners and managers of its shop may.
    ///
    /// Where an attribute is missing that the kind requires, the code is `BLANK`, and `field` ends in the attribute's handle.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `TAKEN`, `OUT_OF_RANGE`, `NOT_FOUND`, `NOT_PERMITTED`,
    /// `STALE_VERSION`.
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
            publish_at: change(input.publish_at),
            unpublish_at: change(input.unpublish_at),
            brand: change(input.brand).map(Option::unwrap_or_default),
            tags: set(input.tags, "tags")?,
            product_kind: change(input.kind_id),
            tax_class: change(input.tax_class_id),
            attributes: set(input.attributes, "attributes")?.map(|given| given.into_iter().map(Into::into).collect()),
        };
        let result =
            service::update_product(ctx.app(), ctx.caller(), input.product_id, input.expected_version, change).await;
        let (product, user_errors) = answer(ctx, result).await?;
        Ok(UpdateProductPayload { product: product.map(Into::into), user_errors })
    }
}
