//! Files of products that people sent, in Postgres.

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper, dsl::sql,
    sql_types,
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Direction, Page, Slice},
    },
    media::model::Upload,
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    porting::model::{
        Format, Policy, ProductImport, ProductImportFailure, ProductImportState, Progress, Reject, Tally,
    },
    schema::{product_import_rejects, product_imports, shop_members},
    shops::model::Shop,
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = product_imports)]
pub struct NewProductImport {
    pub id: Id<ProductImport>,
    pub shop_id: Id<Shop>,
    pub user_id: Id<User>,
    pub upload_id: Id<Upload>,
    pub format: Option<Format>,
    pub policy: Policy,
    pub is_dry_run: bool,
    pub created_at: Time,
    pub progressed_at: Time,
}

/// False if another import of the shop goes on.
pub fn insert(tx: &mut Tx<'_>, import: &NewProductImport) -> Result<bool, Failure> {
    let insert = diesel::insert_into(product_imports::table).values(import).on_conflict_do_nothing();
    Ok(insert.execute(tx.conn())? == 1)
}

pub fn by_id(conn: &mut Conn, id: Id<ProductImport>) -> Result<Option<ProductImport>, Failure> {
    Ok(product_imports::table.find(id).select(ProductImport::as_select()).first(conn).optional()?)
}

/// Those of the imports that go into shops that the person works for.
pub fn by_ids(conn: &mut Conn, user: Id<User>, ids: &[Id<ProductImport>]) -> Result<Vec<ProductImport>, Failure> {
    Ok(product_imports::table
        .inner_join(shop_members::table.on(shop_members::shop_id.eq(product_imports::shop_id)))
        .filter(shop_members::user_id.eq(user))
        .filter(product_imports::id.eq_any(ids))
        .select(ProductImport::as_select())
        .load(conn)?)
}

/// A page of a shop's imports, newest first.
pub fn of_shop(
    conn: &mut Conn,
    shop: Id<Shop>,
    page: &Page<(Time, Id<ProductImport>)>,
) -> Result<Slice<ProductImport>, Failure> {
    let rows = product_imports::table.filter(product_imports::shop_id.eq(shop));
    let rows = rows.select(ProductImport::as_select()).into_boxed();
    let query = newest_first!(rows, page, (product_imports::created_at, product_imports::id): (sql_types::Timestamptz, sql_types::Uuid));
    Ok(page.slice(query.load(conn)?))
}

pub fn count_of_shop(conn: &mut Conn, shop: Id<Shop>, limit: i64) -> Result<i64, Failure> {
    let rows = product_imports::table.filter(product_imports::shop_id.eq(shop));
    Ok(Counted(rows.select(product_imports::id).limit(limit)).get_result(conn)?)
}

/// A page of a person's imports, newest first.
pub fn of_user(
    conn: &mut Conn,
    user: Id<User>,
    page: &Page<(Time, Id<ProductImport>)>,
) -> Result<Slice<ProductImport>, Failure> {
    let rows = product_imports::table.filter(product_imports::user_id.eq(user));
    let rows = rows.select(ProductImport::as_select()).into_boxed();
    let query = newest_first!(rows, page, (product_imports::created_at, product_imports::id): (sql_types::Timestamptz, sql_types::Uuid));
    Ok(page.slice(query.load(conn)?))
}

/// The imports of a person are nobody's any more.
pub fn forget_user(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let own = product_imports::table.filter(product_imports::user_id.eq(user));
    diesel::update(own).set(product_imports::user_id.eq(None::<Id<User>>)).execute(tx.conn())?;
    Ok(())
}

/// Says how many rows the file has, what is to be known of it as a whole, and that it is being read. False if it goes on no more.
pub fn set_running(tx: &mut Tx<'_>, id: Id<ProductImport>, row_count: i32, notes: &Tally) -> Result<bool, Failure> {
    let now = tx.now();
    let row = product_imports::table.find(id).filter(product_imports::state.eq(ProductImportState::Waiting));
    let changes = (
        product_imports::state.eq(ProductImportState::Running),
        product_imports::row_count.eq(row_count),
        product_imports::notes.eq(notes),
        product_imports::progressed_at.eq(now),
    );
    Ok(diesel::update(row).set(changes).execute(tx.conn())? == 1)
}

/// Says how far an import is that was so far that `done` records were done. False if it is elsewhere, or goes on no more.
pub fn set_progress(tx: &mut Tx<'_>, id: Id<ProductImport>, done: i32, progress: &Progress) -> Result<bool, Failure> {
    let now = tx.now();
    let row = product_imports::table
        .find(id)
        .filter(product_imports::state.eq(ProductImportState::Running))
        .filter(product_imports::record_count.eq(done));
    Ok(diesel::update(row).set((progress, product_imports::progressed_at.eq(now))).execute(tx.conn())? == 1)
}

/// How an import ends.
#[derive(Debug, Clone)]
pub struct End {
    pub state: ProductImportState,
    pub failure: Option<ProductImportFailure>,
    pub text: Option<String>,
}

/// Ends an import. False if it has ended.
pub fn end(tx: &mut Tx<'_>, id: Id<ProductImport>, end: &End) -> Result<bool, Failure> {
    let now = tx.now();
    let row = product_imports::table.find(id).filter(product_imports::finished_at.is_null());
    let changes = (
        product_imports::state.eq(end.state),
        product_imports::failure.eq(end.failure),
        product_imports::failure_text.eq(end.text.as_deref()),
        product_imports::finished_at.eq(now),
    );
    Ok(diesel::update(row).set(changes).execute(tx.conn())? == 1)
}

/// At most `limit` imports that go on, and have made no progress since a time.
pub fn stuck(conn: &mut Conn, since: Time, limit: i64) -> Result<Vec<ProductImport>, Failure> {
    let open = product_imports::table.filter(sql::<sql_types::Bool>("finished_at IS NULL"));
    let stuck = open.filter(product_imports::progressed_at.lt(since));
    Ok(stuck.limit(limit).select(ProductImport::as_select()).load(conn)?)
}

/// Deletes at most `limit` imports from before a time. Returns how many.
pub fn delete_old(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old: Vec<Id<ProductImport>> = product_imports::table
        .filter(product_imports::created_at.lt(before))
        .order(product_imports::created_at)
        .limit(limit)
        .select(product_imports::id)
        .load(tx.conn())?;
    Ok(diesel::delete(product_imports::table.filter(product_imports::id.eq_any(old))).execute(tx.conn())?)
}

/// Adds rows that were not taken. A line is told once.
pub fn insert_rejects(tx: &mut Tx<'_>, id: Id<ProductImport>, rejects: &[Reject]) -> Result<(), Failure> {
    let columns = |reject: &Reject| {
        (
            product_import_rejects::import_id.eq(id),
            product_import_rejects::line.eq(reject.line),
            product_import_rejects::reason.eq(reject.reason.clone()),
        )
    };
    let rows: Vec<_> = rejects.iter().map(columns).collect();
    diesel::insert_into(product_import_rejects::table).values(rows).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

/// A page of an import's rows that were not taken, as they stand in the file.
pub fn rejects(conn: &mut Conn, id: Id<ProductImport>, page: &Page<i64>) -> Result<Slice<Reject>, Failure> {
    let line = product_import_rejects::line;
    let rows = product_import_rejects::table.filter(product_import_rejects::import_id.eq(id));
    let rows = rows.select((line, product_import_rejects::reason)).into_boxed();
    let rows = match (page.direction, page.from) {
        (Direction::Forward, Some(last)) => rows.filter(line.gt(last)),
        (Direction::Backward, Some(first)) => rows.filter(line.lt(first)),
        (_, None) => rows,
    };
    let rows = match page.direction {
        Direction::Forward => rows.order(line.asc()),
        Direction::Backward => rows.order(line.desc()),
    };
    Ok(page.slice(rows.limit(page.fetch_limit()).load(conn)?))
}

pub fn count_rejects(conn: &mut Conn, id: Id<ProductImport>, limit: i64) -> Result<i64, Failure> {
    let rows = product_import_rejects::table.filter(product_import_rejects::import_id.eq(id));
    Ok(Counted(rows.select(product_import_rejects::line).limit(limit)).get_result(conn)?)
}
