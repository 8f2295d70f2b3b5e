//! The images of products in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper,
};

use crate::{
    kernel::{error::Failure, id::Id},
    media::model::Medium,
    platform::db::{Conn, Tx},
    products::model::{Product, Shown, Variant},
    schema::{media, product_media, variant_media},
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
