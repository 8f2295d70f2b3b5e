//! What people have looked at, in Postgres.

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, QueryDsl, QueryableByName, RunQueryDsl, SelectableHelper,
    dsl::sql,
    sql_query,
    sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    products::model::{Card, Product},
    recommendations::model::{LATELY, LastViews, MAXIMUM_VIEWS, PEOPLE_SEE, ViewKey, Week},
    schema::{product_views, products, view_tallies},
};

/// Views since a time of what is for sale.
macro_rules! shown_views {
    ($viewer:expr, $since:expr) => {
        product_views::table
            .inner_join(products::table.on(products::id.eq(product_views::product_id)))
            .filter(product_views::viewer_id.eq($viewer))
            .filter(product_views::viewed_at.gt($since))
            .filter(sql::<Bool>("products.status = 'ACTIVE'"))
    };
}

/// What somebody has looked at since a time and can still be seen by everybody, the last one first.
pub fn shown_views(
    conn: &mut Conn,
    viewer: Uuid,
    since: Time,
    page: &Page<ViewKey>,
) -> Result<Slice<(Time, Card)>, Failure> {
    let query = shown_views!(viewer, since).select((product_views::viewed_at, Card::as_select())).into_boxed();
    let key = (product_views::viewed_at, product_views::product_id);
    let query = newest_first!(query, page, (key.0, key.1): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

pub fn count_shown_views(conn: &mut Conn, viewer: Uuid, since: Time) -> Result<i64, Failure> {
    let query = shown_views!(viewer, since).select(product_views::product_id);
    Ok(Counted(query.limit(MAXIMUM_VIEWS)).get_result(conn)?)
}

/// All that is kept of what somebody has looked at, the last one first.
pub fn views(conn: &mut Conn, viewer: Uuid) -> Result<Vec<(Id<Product>, Time)>, Failure> {
    let own = product_views::table.filter(product_views::viewer_id.eq(viewer));
    let own = own.order((product_views::viewed_at.desc(), product_views::product_id.desc())).limit(MAXIMUM_VIEWS);
    Ok(own.select((product_views::product_id, product_views::viewed_at)).load(conn)?)
}

/// Whether anything is kept of what somebody has looked at.
pub fn has_views(conn: &mut Conn, viewer: Uuid) -> Result<bool, Failure> {
    let own = product_views::table.filter(product_views::viewer_id.eq(viewer));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(conn)?)
}

#[derive(QueryableByName)]
struct Tallied {
    #[diesel(sql_type = Bool)]
    is_too_much: bool,
}

/// Counts views of which somebody tells. Whether they had told of more than a person does before, within [`LATELY`]; at first, what is kept of
/// that time counts, too.
pub fn tells_too_much(tx: &mut Tx<'_>, viewer: Uuid, told: i64) -> Result<bool, Failure> {
    let now = tx.now();
    let query = sql_query(
        "INSERT INTO view_tallies AS t (viewer_id, told, begun_at) \
         SELECT $1, $2 + count(*), $3 FROM \
               (SELECT FROM product_views WHERE viewer_id = $1 AND viewed_at > $4 LIMIT $5) lately \
         ON CONFLICT (viewer_id) DO UPDATE SET \
                told = CASE WHEN t.begun_at <= $4 THEN excluded.told ELSE t.told + $2 END, \
                begun_at = CASE WHEN t.begun_at <= $4 THEN excluded.begun_at ELSE t.begun_at END \
         RETURNING told - $2 >= $5 AS is_too_much",
    );
    let tallied: Tallied = query
        .bind::<SqlUuid, _>(viewer)
        .bind::<BigInt, _>(told)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - LATELY)
        .bind::<BigInt, _>(PEOPLE_SEE)
        .get_result(tx.conn())?;
    Ok(tallied.is_too_much)
}

/// Forgets of how many views somebody has told.
pub fn delete_tally(tx: &mut Tx<'_>, viewer: Uuid) -> Result<(), Failure> {
    diesel::delete(view_tallies::table.find(viewer)).execute(tx.conn())?;
    Ok(())
}

/// Deletes some tallies that began before a time. Returns how many.
pub fn delete_old_tallies(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let delete = sql_query(
        "DELETE FROM view_tallies WHERE ctid = ANY (ARRAY( \
            SELECT ctid FROM view_tallies WHERE begun_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED))",
    );
    Ok(delete.bind::<Timestamptz, _>(before).bind::<BigInt, _>(limit).execute(tx.conn())?)
}

/// Those of the products that are for sale.
pub fn for_sale(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<Id<Product>>, Failure> {
    let active = products::table.filter(products::id.eq_any(ids)).filter(sql::<Bool>("products.status = 'ACTIVE'"));
    Ok(active.select(products::id).load(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = product_views)]
struct NewView {
    viewer_id: Uuid,
    viewed_at: Time,
    product_id: Id<Product>,
}

/// Writes views of products of which somebody has none.
pub fn insert_views(tx: &mut Tx<'_>, viewer: Uuid, views: &LastViews) -> Result<(), Failure> {
    let row = |(product_id, viewed_at): (&Id<Product>, &Time)| NewView {
        viewer_id: viewer,
        viewed_at: *viewed_at,
        product_id: *product_id,
    };
    let rows: Vec<NewView> = views.iter().map(row).collect();
    diesel::insert_into(product_views::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// Takes somebody's views of products away, and returns them.
pub fn take_views(
    tx: &mut Tx<'_>,
    viewer: Uuid,
    products: &[Id<Product>],
) -> Result<Vec<(Id<Product>, Time)>, Failure> {
    let own = product_views::table.filter(product_views::viewer_id.eq(viewer));
    let taken = diesel::delete(own.filter(product_views::product_id.eq_any(products)));
    Ok(taken.returning((product_views::product_id, product_views::viewed_at)).get_results(tx.conn())?)
}

/// Deletes somebody's views since a time.
pub fn delete_views(tx: &mut Tx<'_>, viewer: Uuid, since: Time) -> Result<(), Failure> {
    let own = product_views::table.filter(product_views::viewer_id.eq(viewer));
    diesel::delete(own.filter(product_views::viewed_at.ge(since))).execute(tx.conn())?;
    Ok(())
}

/// Leaves so many views to somebody as are kept.
pub fn trim_views(tx: &mut Tx<'_>, viewer: Uuid) -> Result<(), Failure> {
    let trim = sql_query(
        "DELETE FROM product_views WHERE viewer_id = $1 AND (viewed_at, product_id) < \
           (SELECT viewed_at, product_id FROM product_views WHERE viewer_id = $1 \
             ORDER BY viewed_at DESC, product_id DESC OFFSET $2 LIMIT 1)",
    );
    trim.bind::<SqlUuid, _>(viewer).bind::<BigInt, _>(MAXIMUM_VIEWS - 1).execute(tx.conn())?;
    Ok(())
}

#[derive(QueryableByName)]
struct Prepared {
    #[diesel(sql_type = BigInt)]
    week: i64,
}

/// The weeks that have a partition.
pub fn weeks(conn: &mut Conn) -> Result<Vec<Week>, Failure> {
    let rows: Vec<Prepared> = sql_query(
        "SELECT substring(child.relname::text FROM '[0-9]+$')::bigint AS week FROM pg_inherits \
         JOIN pg_class AS child ON child.oid = inhrelid \
         WHERE inhparent = 'product_views'::regclass AND child.relname ~ '^product_views_w[0-9]+$'",
    )
    .load(conn)?;
    Ok(rows.into_iter().map(|row| Week(row.week)).collect())
}

/// Makes the partition of a week of which there is nothing yet.
pub fn add_week(tx: &mut Tx<'_>, week: Week) -> Result<(), Failure> {
    let (begin, end) = (week.begin().to_rfc3339(), week.end().to_rfc3339());
    sql_query(format!(
        "CREATE TABLE product_views_w{} PARTITION OF product_views FOR VALUES FROM ('{begin}') TO ('{end}')",
        week.0
    ))
    .execute(tx.conn())?;
    Ok(())
}

/// Drops a week with all that is of it.
pub fn drop_week(tx: &mut Tx<'_>, week: Week) -> Result<(), Failure> {
    sql_query(format!("DROP TABLE product_views_w{}", week.0)).execute(tx.conn())?;
    Ok(())
}

/// Deletes some views of before a time. Returns how many.
pub fn delete_old_views(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let delete = sql_query(
        "DELETE FROM product_views AS known USING \
           (SELECT viewer_id, viewed_at, product_id FROM product_views WHERE viewed_at < $1 LIMIT $2) AS gone \
         WHERE known.viewer_id = gone.viewer_id AND known.viewed_at = gone.viewed_at AND known.product_id = gone.product_id",
    );
    Ok(delete.bind::<Timestamptz, _>(before).bind::<BigInt, _>(limit).execute(tx.conn())?)
}
