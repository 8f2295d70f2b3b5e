//! The images of products in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, QueryableByName,
    RunQueryDsl, SelectableHelper,
    sql_types::{Array, Uuid},
};

use crate::{
    kernel::{error::Failure, id::Id},
    media::model::Medium,
    platform::db::{Conn, Tx},
    products::model::{Product, Shown, SourcedMedia, Variant},
    schema::{media, product_media, products, variant_media},
    shops::model::Shop,
};

/// The images of products, each product's in its own order.
pub fn of_products(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<(Id<Product>, Shown)>, Failure> {
    let rows: Vec<(Id<Product>, String, Medium)> = product_media::table
        .inner_join(media::table.on(media::id.eq(product_media::media_id)))
        .filter(product_media::product_id.eq_any(ids))
        .order((product_media::product_id, product_media::ordinal, product_media::media_id))
        .select((product_media::product_id, product_media::alternative_text, Medium::as_select()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, alternative_text, medium)| (id, Shown { medium, alternative_text })).collect())
}

/// The images that variants show themselves.
pub fn of_variants(conn: &mut Conn, ids: &[Id<Variant>]) -> Result<Vec<(Id<Variant>, Shown)>, Failure> {
    let of_product = product_media::product_id
        .eq(variant_media::product_id)
        .and(product_media::media_id.eq(variant_media::media_id));
    let rows: Vec<(Id<Variant>, String, Medium)> = variant_media::table
        .inner_join(product_media::table.on(of_product))
        .inner_join(media::table.on(media::id.eq(variant_media::media_id)))
        .filter(variant_media::variant_id.eq_any(ids))
        .select((variant_media::variant_id, product_media::alternative_text, Medium::as_select()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, alternative_text, medium)| (id, Shown { medium, alternative_text })).collect())
}

/// Which images a locked product has.
pub fn ids(conn: &mut Conn, product: Id<Product>) -> Result<Vec<Id<Medium>>, Failure> {
    let of_product = product_media::table.filter(product_media::product_id.eq(product));
    Ok(of_product.select(product_media::media_id).load(conn)?)
}

/// The images of products with where they came from, each product's in its own order.
pub fn sourced(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<SourcedMedia>, Failure> {
    Ok(product_media::table
        .inner_join(media::table.on(media::id.eq(product_media::media_id)))
        .filter(product_media::product_id.eq_any(ids))
        .order((product_media::product_id, product_media::ordinal, product_media::media_id))
        .select(SourcedMedia::as_select())
        .load(conn)?)
}

/// Whether a product shows an image.
pub fn is_shown(conn: &mut Conn, medium: Id<Medium>) -> Result<bool, Failure> {
    let shown = product_media::table.filter(product_media::media_id.eq(medium));
    Ok(diesel::select(diesel::dsl::exists(shown)).get_result(conn)?)
}

/// The image that came from a URL, if a product of the shop shows it.
pub fn by_source(conn: &mut Conn, shop: Id<Shop>, url: &str) -> Result<Option<Id<Medium>>, Failure> {
    Ok(product_media::table
        .inner_join(products::table.on(products::id.eq(product_media::product_id)))
        .filter(product_media::source_url.eq(url))
        .filter(products::shop_id.eq(shop))
        .select(product_media::media_id)
        .first(conn)
        .optional()?)
}

/// Shows one more image. False if the product shows it already.
pub fn add(tx: &mut Tx<'_>, row: &MediaRow<'_>, source_url: Option<&str>) -> Result<bool, Failure> {
    let inserted = diesel::insert_into(product_media::table)
        .values((row, product_media::source_url.eq(source_url)))
        .on_conflict_do_nothing()
        .execute(tx.conn())?;
    Ok(inserted == 1)
}

#[derive(Insertable)]
#[diesel(table_name = product_media)]
pub struct MediaRow<'a> {
    pub product_id: Id<Product>,
    pub media_id: Id<Medium>,
    pub ordinal: i32,
    pub alternative_text: &'a str,
}

/// Gives a locked product these images, and no others. A variant that showed one that goes shows none.
pub fn set(tx: &mut Tx<'_>, product: Id<Product>, rows: &[MediaRow<'_>]) -> Result<(), Failure> {
    use diesel::upsert::excluded;
    let kept: Vec<Id<Medium>> = rows.iter().map(|row| row.media_id).collect();
    let gone = product_media::product_id.eq(product).and(product_media::media_id.ne_all(kept));
    diesel::delete(product_media::table.filter(gone)).execute(tx.conn())?;
    diesel::insert_into(product_media::table)
        .values(rows)
        .on_conflict((product_media::product_id, product_media::media_id))
        .do_update()
        .set((
            product_media::ordinal.eq(excluded(product_media::ordinal)),
            product_media::alternative_text.eq(excluded(product_media::alternative_text)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Has a variant of a locked product show an image, or none.
///
/// # Errors
/// A violated foreign key if the image is not the product's.
pub fn set_of_variant(
    tx: &mut Tx<'_>,
    (product, variant): (Id<Product>, Id<Variant>),
    medium: Option<Id<Medium>>,
) -> Result<(), Failure> {
    diesel::delete(variant_media::table.find(variant)).execute(tx.conn())?;
    if let Some(medium) = medium {
        let row = (
            variant_media::variant_id.eq(variant),
            variant_media::product_id.eq(product),
            variant_media::media_id.eq(medium),
        );
        diesel::insert_into(variant_media::table).values(row).execute(tx.conn())?;
    }
    Ok(())
}

/// Has variants of locked products show images, but those that their products no longer show. Which of them did not before.
pub fn set_of_variants(
    tx: &mut Tx<'_>,
    rows: &[(Id<Product>, Id<Variant>, Id<Medium>)],
) -> Result<Vec<Id<Variant>>, Failure> {
    let (mut products, mut variants, mut media) = (Vec::new(), Vec::new(), Vec::new());
    for (product, variant, medium) in rows {
        products.push(product.uuid());
        variants.push(variant.uuid());
        media.push(medium.uuid());
    }
    let changed: Vec<Changed> = diesel::sql_query(
        "INSERT INTO variant_media (variant_id, product_id, media_id) \
         SELECT told.variant_id, told.product_id, told.media_id \
         FROM unnest($1, $2, $3) AS told (variant_id, product_id, media_id) \
         JOIN product_media shown ON shown.product_id = told.product_id AND shown.media_id = told.media_id \
         ON CONFLICT (variant_id) DO UPDATE SET media_id = excluded.media_id \
         WHERE variant_media.media_id <> excluded.media_id RETURNING variant_id",
    )
    .bind::<Array<Uuid>, _>(variants)
    .bind::<Array<Uuid>, _>(products)
    .bind::<Array<Uuid>, _>(media)
    .load(tx.conn())?;
    Ok(changed.into_iter().map(|changed| changed.variant_id).collect())
}

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = Uuid)]
    variant_id: Id<Variant>,
}
