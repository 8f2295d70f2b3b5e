//! Asking for an import of a file that was sent, and looking at it.

use serde::Serialize;

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    media::{
        self,
        model::{Upload, UploadPurpose},
    },
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::Tx,
        idempotency::{Key, Retention},
    },
    porting::{
        error::ProductImportError,
        model::{
            Format, GoOnWithImport, Policy, ProductImport, ProductImportChanged, ProductImportFailure,
            ProductImportState, Reject,
        },
        queries::imports::{self, End, NewProductImport},
    },
    shops::{
        self,
        model::{Permission, Shop},
    },
    users::model::signed_in,
};

/// A file that somebody sent, and where its products go.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct AskForImport {
    pub shop: Id<Shop>,
    pub upload: Id<Upload>,
    /// By what the file holds, if absent.
    pub format: Option<Format>,
    pub policy: Policy,
    pub is_dry_run: bool,
}

/// Has a file imported on behalf of a member of the shop.
pub async fn ask_for_import(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: AskForImport,
) -> Result<Id<ProductImport>, ProductImportError> {
    let user = signed_in(caller)?;
    let key = idempotency_key.map(|key| Key::new(&user, "importProducts", key, &input, Retention::Day)).transpose()?;
    app.once(caller, key, move |tx| {
        let AskForImport { shop, upload, format, policy, is_dry_run } = input;
        shops::service::permit(tx.conn(), user, shop, Permission::EditProducts, "shopId")?;
        let (id, now) = (tx.new_id(), tx.now());
        let import = NewProductImport {
            id,
            shop_id: shop,
            user_id: user,
            upload_id: upload,
            format,
            policy,
            is_dry_run,
            created_at: now,
            progressed_at: now,
        };
        if !imports::insert(tx, &import)? {
            return Err(ProductImportError::Busy);
        }
        media::service::has_file(tx.conn(), user, upload, UploadPurpose::Import, now)?;
        tell(tx, id, shop)?;
        tx.enqueue(&GoOnWithImport { import: id })?;
        Ok(id)
    })
    .await
}

/// Calls an import off on behalf of a member of its shop. What was taken stays. One that has ended stays as it is.
pub async fn cancel_import(
    app: &App,
    caller: &Caller,
    id: Id<ProductImport>,
) -> Result<Id<ProductImport>, ProductImportError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            let import = imports::by_id(tx.conn(), id)?.ok_or(ProductImportError::NotFound)?;
            if shops::service::membership(tx.conn(), user, import.shop_id)?.is_none() {
                return Err(ProductImportError::NotFound);
            }
            shops::service::permit(tx.conn(), user, import.shop_id, Permission::EditProducts, "productImportId")?;
            end(tx, &import, &End { state: ProductImportState::Cancelled, failure: None, text: None })?;
            Ok(id)
        })
        .await
}

/// A step: has the shop's members hear of it. The caller holds the import's row.
pub(super) fn tell(tx: &mut Tx<'_>, id: Id<ProductImport>, shop: Id<Shop>) -> Result<(), Failure> {
    tx.emit(&ProductImportChanged { import: id.uuid() }, &[shop.uuid()])
}

/// A step: ends an import that has not ended. False if it has.
pub(super) fn end(tx: &mut Tx<'_>, import: &ProductImport, end: &End) -> Result<bool, Failure> {
    let has_ended = imports::end(tx, import.id, end)?;
    if has_ended {
        tell(tx, import.id, import.shop_id)?;
    }
    Ok(has_ended)
}

/// A page of a shop's imports, newest first, for its members.
pub async fn imports(
    app: &App,
    shop: Id<Shop>,
    page: Page<(Time, Id<ProductImport>)>,
) -> Result<Slice<ProductImport>, Failure> {
    app.db.read(move |conn| imports::of_shop(conn, shop, &page)).await
}

/// How many there are, counted up to `limit`.
pub async fn count_imports(app: &App, shop: Id<Shop>, limit: i64) -> Result<i64, Failure> {
    app.db.read(move |conn| imports::count_of_shop(conn, shop, limit)).await
}

/// A page of an import's rows that were not taken, for its shop's members.
pub async fn rejects(app: &App, id: Id<ProductImport>, page: Page<i64>) -> Result<Slice<Reject>, Failure> {
    app.db.read(move |conn| imports::rejects(conn, id, &page)).await
}

/// How many of them are told, counted up to `limit`.
pub async fn count_rejects(app: &App, id: Id<ProductImport>, limit: i64) -> Result<i64, Failure> {
    app.db.read(move |conn| imports::count_rejects(conn, id, limit)).await
}

/// Imports of one transaction that are forgotten, and those that are given up in one sweep.
const BATCH: i64 = 100;

/// Forgets imports whose time is over, and gives up those that go on no more.
///
/// # Errors
/// If the database fails; what was done before stays done.
pub async fn sweep_imports(app: &App, caller: &Caller) -> Result<(), Failure> {
    let since = app.now() - ProductImport::PATIENCE;
    for import in app.db.read(move |conn| imports::stuck(conn, since, BATCH)).await? {
        let interrupted =
            End { state: ProductImportState::Failed, failure: Some(ProductImportFailure::Interrupted), text: None };
        app.db.write(caller, move |tx| end(tx, &import, &interrupted).map(drop)).await?;
    }
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - ProductImport::KEPT;
        imports::delete_old(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
