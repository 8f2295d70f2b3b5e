//! Lists of reviews.

use diesel::{
    ExpressionMethods, IntoSql, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::IntoBoxed,
    pg::Pg,
    sql_types::{Integer, Record, Timestamptz, Uuid as SqlUuid},
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Direction, Page, Slice},
    },
    newest_first,
    platform::{counted::Counted, db::Conn},
    products::model::Product,
    reviews::model::{Position, Review, ReviewFilter, ReviewSort, TimeKey},
    schema::reviews,
    shops::model::Shop,
    users::model::User,
};

// No `sql("…")`, which would keep the statements out of the cache.
diesel::postfix_operator!(IsSome, " > 0");
diesel::postfix_operator!(IsZero, " = 0");
diesel::prefix_operator!(Negative, "-", Integer);

/// A page whose rows come by something first, the most first, and then the newest first.
macro_rules! highest_first {
    ($query:expr, $page:expr, $first:expr) => {{
        let key = || ($first, reviews::created_at, reviews::id).into_sql::<Record<(Integer, Timestamptz, SqlUuid)>>();
        let query = match ($page.direction, $page.from) {
            (Direction::Forward, Some(last)) => $query.filter(key().lt(last)),
            (Direction::Backward, Some(first)) => $query.filter(key().gt(first)),
            (_, None) => $query,
        };
        match $page.direction {
            Direction::Forward => query.order(($first.desc(), reviews::created_at.desc(), reviews::id.desc())),
            Direction::Backward => query.order(($first.asc(), reviews::created_at.asc(), reviews::id.asc())),
        }
        .limit($page.fetch_limit())
    }};
}

fn filtered<'a>(product: Id<Product>, filter: ReviewFilter) -> IntoBoxed<'a, reviews::table, Pg> {
    let mut query = reviews::table.into_boxed();
    query = query.filter(reviews::product_id.eq(product)).filter(reviews::hidden_at.is_null());
    if let Some(rating) = filter.rating {
        query = query.filter(reviews::rating.eq(rating));
    }
    match filter.has_photos {
        // Literals, as an index has them.
        Some(true) => query = query.filter(IsSome::new(reviews::photo_count)),
        Some(false) => query = query.filter(IsZero::new(reviews::photo_count)),
        None => {}
    }
    query
}

/// A page of the reviews of a product that everybody sees who sees the product.
pub fn of_product(
    conn: &mut Conn,
    product: Id<Product>,
    filter: ReviewFilter,
    sort: ReviewSort,
    page: &Page<Position>,
) -> Result<Slice<Review>, Failure> {
    let query = filtered(product, filter);
    // Of equal stars the newest come first, whatever the order.
    let sort = if filter.rating.is_some() { ReviewSort::Newest } else { sort };
    let rows = match sort {
        ReviewSort::Newest => {
            let from = page.from.map(|(_, at, id)| (at, id));
            let by_time = Page { limit: page.limit, from, direction: page.direction };
            let key = (reviews::created_at, reviews::id);
            newest_first!(query, &by_time, (key.0, key.1): (Timestamptz, SqlUuid))
                .select(Review::as_select())
                .load(conn)?
        }
        ReviewSort::RatingHighToLow => {
            highest_first!(query, page, reviews::rating).select(Review::as_select()).load(conn)?
        }
        ReviewSort::RatingLowToHigh => {
            highest_first!(query, page, Negative::new(reviews::rating)).select(Review::as_select()).load(conn)?
        }
    };
    Ok(page.slice(rows))
}

/// How many these are, counted up to `limit`.
pub fn count_of_product(
    conn: &mut Conn,
    product: Id<Product>,
    filter: ReviewFilter,
    limit: i64,
) -> Result<i64, Failure> {
    Ok(Counted(filtered(product, filter).select(reviews::id).limit(limit)).get_result(conn)?)
}

/// A page of what somebody wrote, newest first, hidden ones too.
pub fn by_author(conn: &mut Conn, author: Id<User>, page: &Page<TimeKey>) -> Result<Slice<Review>, Failure> {
    let query = reviews::table.filter(reviews::author_id.eq(author)).select(Review::as_select()).into_boxed();
    let query = newest_first!(query, page, (reviews::created_at, reviews::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

pub fn count_by_author(conn: &mut Conn, author: Id<User>, limit: i64) -> Result<i64, Failure> {
    let own = reviews::table.filter(reviews::author_id.eq(author));
    Ok(Counted(own.select(reviews::id).limit(limit)).get_result(conn)?)
}

fn of_shop_all<'a>(shop: Id<Shop>, is_answered: Option<bool>) -> IntoBoxed<'a, reviews::table, Pg> {
    let query = reviews::table.into_boxed();
    let query = query.filter(reviews::shop_id.eq(shop)).filter(reviews::hidden_at.is_null());
    match is_answered {
        Some(true) => query.filter(reviews::reply.is_not_null()),
        Some(false) => query.filter(reviews::reply.is_null()),
        None => query,
    }
}

/// A page of the reviews of what a shop sells, newest first.
pub fn of_shop(
    conn: &mut Conn,
    shop: Id<Shop>,
    is_answered: Option<bool>,
    page: &Page<TimeKey>,
) -> Result<Slice<Review>, Failure> {
    let query = of_shop_all(shop, is_answered);
    let query = newest_first!(query, page, (reviews::created_at, reviews::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.select(Review::as_select()).load(conn)?))
}

pub fn count_of_shop(conn: &mut Conn, shop: Id<Shop>, is_answered: Option<bool>, limit: i64) -> Result<i64, Failure> {
    Ok(Counted(of_shop_all(shop, is_answered).select(reviews::id).limit(limit)).get_result(conn)?)
}
