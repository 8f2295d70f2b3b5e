//! Reviews in Postgres.

mod bought;
mod lists;
mod reports;

pub use self::{bought::*, lists::*, reports::*};

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::sql,
    sql_types::{Nullable, Text},
};

use super::model::Review;
use crate::{
    kernel::{error::Failure, id::Id},
    media::model::Medium,
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::{Product, ProductStatus, Variant},
    schema::{media, products, review_media, reviews, shop_members},
    shops::model::{Shop, ShopRole},
    users::model::User,
};

/// A review with the state of its product, and what the viewer does for its shop.
pub type Seen = (Review, ProductStatus, Option<ShopRole>);

pub fn by_ids(conn: &mut Conn, viewer: Option<Id<User>>, ids: &[Id<Review>]) -> Result<Vec<Seen>, Failure> {
    let membership = shop_members::shop_id.eq(reviews::shop_id).and(shop_members::user_id.nullable().eq(viewer));
    Ok(reviews::table
        .inner_join(products::table.on(products::id.eq(reviews::product_id)))
        .left_join(shop_members::table.on(membership))
        .filter(reviews::id.eq_any(ids))
        .select((Review::as_select(), products::status, shop_members::role.nullable()))
        .load(conn)?)
}

pub fn by_id(conn: &mut Conn, id: Id<Review>) -> Result<Option<Review>, Failure> {
    Ok(reviews::table.find(id).select(Review::as_select()).first(conn).optional()?)
}

/// What somebody has written about products.
pub fn of_author(conn: &mut Conn, author: Id<User>, ids: &[Id<Product>]) -> Result<Vec<Review>, Failure> {
    let own = reviews::table.filter(reviews::author_id.eq(author)).filter(reviews::product_id.eq_any(ids));
    Ok(own.select(Review::as_select()).load(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = reviews)]
pub struct NewReview<'a> {
    pub id: Id<Review>,
    pub product_id: Id<Product>,
    pub shop_id: Id<Shop>,
    pub variant_id: Id<Variant>,
    pub author_id: Id<User>,
    pub rating: i32,
    pub title: &'a str,
    pub text: &'a str,
    pub photo_count: i32,
    pub created_at: Time,
}

/// # Errors
/// A violated `reviews_author_key` if the author has written one about the product.
pub fn insert(tx: &mut Tx<'_>, review: &NewReview<'_>) -> Result<(), Failure> {
    diesel::insert_into(reviews::table).values(review).execute(tx.conn())?;
    Ok(())
}

/// What changes about a review's own columns.
#[derive(AsChangeset)]
#[diesel(table_name = reviews)]
pub struct ReviewColumns<'a> {
    pub rating: Option<i32>,
    pub title: Option<&'a str>,
    pub text: Option<&'a str>,
    pub photo_count: Option<i32>,
}

pub fn set(tx: &mut Tx<'_>, id: Id<Review>, columns: &ReviewColumns<'_>) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(reviews::table.find(id))
        .set((reviews::version.eq(reviews::version + 1), reviews::edited_at.eq(now), columns))
        .execute(tx.conn())?;
    Ok(())
}

/// A review, whose row is locked against whoever is about to name it: before it goes.
pub fn lock_leaving(tx: &mut Tx<'_>, id: Id<Review>) -> Result<Option<Review>, Failure> {
    Ok(reviews::table.find(id).select(Review::as_select()).for_update().first(tx.conn()).optional()?)
}

/// Deletes a review of which no photo and no report is left.
pub fn delete(tx: &mut Tx<'_>, id: Id<Review>) -> Result<(), Failure> {
    diesel::delete(reviews::table.find(id)).execute(tx.conn())?;
    Ok(())
}

/// Says what a shop answers to a review that can be seen, or that it says nothing. False if there is none such.
pub fn set_reply(tx: &mut Tx<'_>, id: Id<Review>, reply: Option<&str>) -> Result<bool, Failure> {
    use diesel::sql_types::{Timestamptz, Uuid};
    let now = tx.now();
    let changed = diesel::sql_query(
        "UPDATE reviews SET reply = $2, reply_edited_at = CASE WHEN $2 IS NOT NULL AND reply IS NOT NULL THEN $3 END, \
                replied_at = CASE WHEN $2 IS NOT NULL THEN coalesce(replied_at, $3) END \
          WHERE id = $1 AND hidden_at IS NULL",
    )
    .bind::<Uuid, _>(id)
    .bind::<Nullable<Text>, _>(reply)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(changed == 1)
}

/// Hides a review for a reason, or shows it again. No report about it waits any more.
pub fn set_hidden(tx: &mut Tx<'_>, id: Id<Review>, reason: Option<&str>) -> Result<(), Failure> {
    let now = reason.map(|_| tx.now());
    let columns =
        (reviews::hidden_at.eq(now), reviews::hidden_reason.eq(reason), reviews::reported_at.eq(None::<Time>));
    diesel::update(reviews::table.find(id)).set(columns).execute(tx.conn())?;
    Ok(())
}

/// The photos of reviews, each review's in its own order.
pub fn photos(conn: &mut Conn, ids: &[Id<Review>]) -> Result<Vec<(Id<Review>, Medium)>, Failure> {
    Ok(review_media::table
        .inner_join(media::table.on(media::id.eq(review_media::media_id)))
        .filter(review_media::review_id.eq_any(ids))
        .order((review_media::review_id, review_media::ordinal))
        .select((review_media::review_id, Medium::as_select()))
        .load(conn)?)
}

/// Which photos reviews have.
pub fn photo_ids(conn: &mut Conn, ids: &[Id<Review>]) -> Result<Vec<Id<Medium>>, Failure> {
    let own = review_media::table.filter(review_media::review_id.eq_any(ids));
    Ok(own.select(review_media::media_id).load(conn)?)
}

/// Gives a review these photos, and no others.
pub fn set_photos(tx: &mut Tx<'_>, id: Id<Review>, photos: &[Id<Medium>]) -> Result<(), Failure> {
    diesel::delete(review_media::table.filter(review_media::review_id.eq(id))).execute(tx.conn())?;
    let rows = (0..).zip(photos).map(|(ordinal, medium): (i32, _)| {
        (review_media::review_id.eq(id), review_media::media_id.eq(*medium), review_media::ordinal.eq(ordinal))
    });
    diesel::insert_into(review_media::table).values(rows.collect::<Vec<_>>()).execute(tx.conn())?;
    Ok(())
}

/// Takes the words out of everything that somebody wrote, with the answers to it and what the staff said of it. Returns which reviews
/// these are.
pub fn clear_words(tx: &mut Tx<'_>, author: Id<User>) -> Result<Vec<Id<Review>>, Failure> {
    Ok(diesel::update(reviews::table.filter(reviews::author_id.eq(author)))
        .set((
            reviews::title.eq(""),
            reviews::text.eq(""),
            reviews::photo_count.eq(0),
            reviews::reply.eq(None::<String>),
            reviews::replied_at.eq(None::<Time>),
            reviews::reply_edited_at.eq(None::<Time>),
            reviews::hidden_reason.eq(sql::<Nullable<Text>>("CASE WHEN hidden_at IS NOT NULL THEN '' END")),
            reviews::reported_at.eq(None::<Time>),
        ))
        .returning(reviews::id)
        .get_results(tx.conn())?)
}

/// Deletes which photos reviews had.
pub fn delete_photos(tx: &mut Tx<'_>, ids: &[Id<Review>]) -> Result<(), Failure> {
    diesel::delete(review_media::table.filter(review_media::review_id.eq_any(ids))).execute(tx.conn())?;
    Ok(())
}
