//! Imports of products on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject, dataloader::DataLoader};

use super::{
    loaders::ProductImportById,
    model::{self, Format, Policy, ProductImportFailure, ProductImportState, Reject, Tally},
    service::{self, AskForImport},
};
use crate::{
    kernel::{error::Failure, id::Id, page::PageArgs},
    media::model::Upload,
    platform::{
        clock::Time,
        events::Cursor,
        gql::{Ask, COUNT_LIMIT, List, Listing, Reader, SignedInOnly, Total, WireResult, cost, list_size},
    },
    shops::{
        graphql::Shop,
        loaders::ShopById,
        model::{self as shops, Desk},
    },
    user_errors::{UserError, answer},
    users::{graphql::User, loaders::UserById},
};

/// A file of products that somebody sent for a shop, and what came of it. Only the shop's members see it, for 90 days.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ProductImport {
    /// Begins with `import_`.
    pub id: Id<model::ProductImport>,
    /// How far it is.
    state: ProductImportState,
    /// What becomes of the file if some rows cannot be taken.
    policy: Policy,
    /// Whether it only tells what would become of the rows.
    is_dry_run: bool,
    /// How the file is written; null: as it was found to be.
    format: Option<Format>,
    /// How many rows the file has; null until they are counted.
    row_count: Option<i32>,
    /// How many of them are done.
    rows_read: i32,
    /// How many became a new variant. Rows that name images alone are counted nowhere but in `rowsRead`.
    created_count: i32,
    /// How many changed a variant, or its product.
    updated_count: i32,
    /// How many say what is so already.
    unchanged_count: i32,
    /// How many were not taken.
    rejected_count: i32,
    /// Why it has ended early; null if it has not.
    failure: Option<ProductImportFailure>,
    /// In English, for who made the file: what is wrong with it as a whole.
    failure_text: Option<String>,
    /// When it was asked for.
    created_at: Time,
    /// When it has ended; null while it goes on.
    finished_at: Option<Time>,
    #[graphql(skip)]
    row: model::ProductImport,
}

impl From<model::ProductImport> for ProductImport {
    fn from(row: model::ProductImport) -> Self {
        let progress = &row.progress;
        Self {
            id: row.id,
            state: row.state,
            policy: row.policy,
            is_dry_run: row.is_dry_run,
            format: row.format,
            row_count: row.row_count,
            rows_read: progress.rows_read,
            created_count: progress.created,
            updated_count: progress.updated,
            unchanged_count: progress.unchanged,
            rejected_count: progress.rejected,
            failure: row.failure,
            failure_text: row.failure_text.clone(),
            created_at: row.created_at,
            finished_at: row.finished_at,
            row,
        }
    }
}

#[ComplexObject]
impl ProductImport {
    /// The shop that the products go into.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Shop> {
        let shop = ctx.loader().load_one(ShopById(self.row.shop_id)).await?;
        Ok(shop.ok_or_else(|| Failure::internal("an import into no shop"))?.into())
    }

    /// Who asked for it; null if their account is gone.
    async fn created_by(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(user) = self.row.user_id else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(user)).await?.map(Into::into))
    }

    /// Why rows were not taken, and how many for each reason; at most 200 reasons, by their words.
    #[graphql(directive = list_size::apply(200))]
    async fn rejections(&self) -> Vec<ProductImportNote> {
        notes(&self.row.progress.rejections)
    }

    /// What else is to be known, and how often it was so; at most 200.
    #[graphql(directive = list_size::apply(200))]
    async fn notes(&self) -> Vec<ProductImportNote> {
        notes(&self.row.progress.notes)
    }

    /// The first 1,000 rows that were not taken, in the order of the file.
    async fn rejected_rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<RejectedProductRow>> {
        let (app, id) = (ctx.app().clone(), self.id);
        let listing = Listing::<i64>::new(("rejected_rows", id), &PageArgs { first, after, last, before })?;
        let rows = service::rejects(&app, id, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_rejects(&app, id, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, |reject| reject.line, Into::into, total))
    }
}

/// Something that was so of rows of a file.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProductImportNote {
    /// What was so, in English.
    text: String,
    /// How often.
    count: i32,
}

/// Kinds of notes that are told.
const MAXIMUM_NOTES: usize = 200;

fn notes(tally: &Tally) -> Vec<ProductImportNote> {
    let note = |(text, count): (&String, &i32)| ProductImportNote { text: text.clone(), count: *count };
    tally.0.iter().take(MAXIMUM_NOTES).map(note).collect()
}

/// A row of a file that was not taken.
#[derive(Debug, Clone, SimpleObject)]
pub struct RejectedProductRow {
    /// The line of the file that it begins on, from 1. More than an `Int` holds is told as its largest value.
    line: i32,
    /// Why not, in English.
    reason: String,
}

impl From<Reject> for RejectedProductRow {
    fn from(Reject { line, reason }: Reject) -> Self {
        Self { line: i32::try_from(line).unwrap_or(i32::MAX), reason }
    }
}

/// An import of products has begun, has gone on, or has ended. The shop's members hear of it.
#[derive(SimpleObject)]
pub struct ProductImportChanged {
    /// The event's place in the stream.
    cursor: String,
    /// The import as it is now.
    product_import: ProductImport,
}

impl ProductImportChanged {
    /// The event as the loader's caller sees it; none of shops that they do not work for.
    pub async fn load(
        loader: &DataLoader<Reader>,
        cursor: Cursor,
        event: &model::ProductImportChanged,
    ) -> WireResult<Option<Self>> {
        let import = loader.load_one(ProductImportById(Id::from_uuid(event.import))).await?;
        let told = |import: model::ProductImport| Self { cursor: cursor.to_string(), product_import: import.into() };
        Ok(import.map(told))
    }
}

/// The imports' part of a shop's desk.
pub struct PortingDesk(Id<shops::Shop>);

impl From<&Desk> for PortingDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.shop.id)
    }
}

#[Object]
impl PortingDesk {
    /// Files of products that were sent for the shop, the newest first.
    async fn product_imports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<ProductImport>> {
        let (app, shop) = (ctx.app().clone(), self.0);
        let listing = Listing::new(("product_imports", shop), &PageArgs { first, after, last, before })?;
        let rows = service::imports(&app, shop, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_imports(&app, shop, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, |row| (row.created_at, row.id), Into::into, total))
    }
}

/// Which file goes into which shop, and how.
#[derive(InputObject)]
pub struct ImportProductsInput {
    /// The shop that sells what the file tells of.
    shop_id: Id<shops::Shop>,
    /// An upload of yours with the purpose `IMPORT`, to which a file was sent. It can be imported for two days, also after a dry
    /// run.
    upload_id: Id<Upload>,
    /// How the file is written; left out, what it holds tells.
    format: Option<Format>,
    /// What becomes of the file if some rows cannot be taken.
    #[graphql(default_with = "Policy::RejectRow")]
    policy: Policy,
    /// True: nothing is written, and the import tells what would become of each row.
    #[graphql(default)]
    is_dry_run: bool,
    /// 1 to 255 characters that name this very intent, so that a repeat answers the same import. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `importProducts` answers.
#[derive(SimpleObject)]
pub struct ImportProductsPayload {
    /// The import, which begins at once. What comes of it is told by `events`.
    product_import: Option<ProductImport>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which import goes on no more.
#[derive(InputObject)]
pub struct CancelProductImportInput {
    /// Which one.
    product_import_id: Id<model::ProductImport>,
}

/// What `cancelProductImport` answers.
#[derive(SimpleObject)]
pub struct CancelProductImportPayload {
    /// The import as it is now.
    product_import: Option<ProductImport>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What people do with files of products.
#[derive(Default)]
pub struct PortingMutation;

#[Object]
impl PortingMutation {
    /// Has products of a file made and changed: by the shop's handle of a product and the SKU of a variant, so the same file
    /// again changes nothing. It takes our CSV and JSONL and what Shopify exports, at most 100,000 rows; with `REJECT_ALL` at most
    /// 5,000. Categories that the market does not have are left out; images are fetched after it. One import of a shop goes on at
    /// a time. Owners and managers of the shop may.
    ///
    /// Codes: `IDEMPOTENCY_KEY_REUSED`, `NOT_FOUND`, `NOT_PERMITTED`, `TOO_MANY`, `UPLOAD_INCOMPLETE`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(1_000))]
    async fn import_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which file, and where it goes.")] input: ImportProductsInput,
    ) -> WireResult<ImportProductsPayload> {
        let ImportProductsInput { shop_id: shop, upload_id: upload, format, policy, is_dry_run, idempotency_key } =
            input;
        let asked = AskForImport { shop, upload, format, policy, is_dry_run };
        let result = service::ask_for_import(ctx.app(), ctx.caller(), idempotency_key.as_deref(), asked).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(ImportProductsPayload { product_import: product_import(ctx, id).await?, user_errors })
    }

    /// Ends an import early. What was taken before stays. One that has ended stays as it is. Owners and managers of the shop may.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly")]
    async fn cancel_product_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which import.")] input: CancelProductImportInput,
    ) -> WireResult<CancelProductImportPayload> {
        let result = service::cancel_import(ctx.app(), ctx.caller(), input.product_import_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CancelProductImportPayload { product_import: product_import(ctx, id).await?, user_errors })
    }
}

async fn product_import(ctx: &Context<'_>, id: Option<Id<model::ProductImport>>) -> WireResult<Option<ProductImport>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(ProductImportById(id)).await?.map(Into::into))
}
