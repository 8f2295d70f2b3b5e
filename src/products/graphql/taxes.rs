//! Tax classes on the wire.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use crate::{
    kernel::id::Id,
    platform::{
        caller::StaffPermission,
        gql::{Ask, StaffOnly, WireResult, set},
    },
    products::{
        loaders::TaxClassById,
        model::taxes as model,
        service::{self, CreateTaxClass},
    },
    user_errors::{UserError, answer},
};

/// How products are taxed, where it is not as usual: at a reduced rate, for example.
#[derive(Debug, Clone, SimpleObject)]
pub struct TaxClass {
    /// Begins with `taxclass_`.
    pub id: Id<model::TaxClass>,
    /// The class's name for programs: lower-case letters, digits and hyphens, at most 80. No two classes have the same, and it
    /// never changes.
    pub handle: String,
    /// The class's name, 1 to 80 characters.
    pub name: String,
    /// Rises with every change of the class; goes into `updateTaxClass` as `expectedVersion`.
    pub version: i32,
}

impl From<model::TaxClass> for TaxClass {
    fn from(model::TaxClass { id, handle, name, version }: model::TaxClass) -> Self {
        Self { id, handle, name, version }
    }
}

pub(super) async fn tax_class(ctx: &Context<'_>, id: Option<Id<model::TaxClass>>) -> WireResult<Option<TaxClass>> {
    match id {
        Some(id) => Ok(ctx.loader().load_one(TaxClassById(id)).await?.map(Into::into)),
        None => Ok(None),
    }
}

#[derive(Default)]
pub struct TaxesQuery;

#[Object]
impl TaxesQuery {
    /// All tax classes by name; at most 50.
    async fn tax_classes(&self, ctx: &Context<'_>) -> WireResult<Vec<TaxClass>> {
        Ok(service::tax_classes(ctx.app()).await?.into_iter().map(Into::into).collect())
    }
}

/// What a new tax class shall be.
#[derive(InputObject)]
pub struct CreateTaxClassInput {
    /// The class's name, 1 to 80 characters.
    name: String,
    /// Its name for programs: lower-case letters, digits and single inner hyphens, at most 80. Made from the name if absent.
    handle: Option<String>,
    /// 1 to 255 characters that name this very intent, so that a repeat makes no second class. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createTaxClass` answers.
#[derive(SimpleObject)]
pub struct CreateTaxClassPayload {
    /// The new tax class.
    tax_class: Option<TaxClass>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a tax class. What is absent stays.
#[derive(InputObject)]
pub struct UpdateTaxClassInput {
    /// Which tax class.
    tax_class_id: Id<model::TaxClass>,
    /// The `version` of the class as it was read.
    expected_version: i32,
    /// The class's name, 1 to 80 characters.
    name: MaybeUndefined<String>,
}

/// What `updateTaxClass` answers.
#[derive(SimpleObject)]
pub struct UpdateTaxClassPayload {
    /// The tax class as it is now.
    tax_class: Option<TaxClass>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct TaxesMutation;

#[Object]
impl TaxesMutation {
    /// Makes a tax class, for products to be of. The market's administrators may. There are at most 50.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `TAKEN`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn create_tax_class(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the tax class shall be.")] input: CreateTaxClassInput,
    ) -> WireResult<CreateTaxClassPayload> {
        let CreateTaxClassInput { name, handle, idempotency_key } = input;
        let create = CreateTaxClass { name, handle };
        let result = service::create_tax_class(ctx.app(), ctx.caller(), idempotency_key.as_deref(), create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CreateTaxClassPayload { tax_class: tax_class(ctx, id).await?, user_errors })
    }

    /// Changes a tax class. The market's administrators may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `NOT_FOUND`, `STALE_VERSION`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn update_tax_class(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateTaxClassInput,
    ) -> WireResult<UpdateTaxClassPayload> {
        let UpdateTaxClassInput { tax_class_id, expected_version, name } = input;
        let name = set(name, "name")?;
        let result = service::update_tax_class(ctx.app(), ctx.caller(), tax_class_id, expected_version, name).await;
        let (tax_class, user_errors) = answer(ctx, result).await?;
        Ok(UpdateTaxClassPayload { tax_class: tax_class.map(Into::into), user_errors })
    }
}
