//! What goes well with products, in Postgres.

use diesel::{
    IntoSql, QueryableByName, RunQueryDsl,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid},
};

use crate::{
    carts::model::Cart,
    kernel::{error::Failure, id::Id},
    platform::{db::Conn, kept::Kept},
    products::model::{Card, Product},
    recommendations::model::{Intent, Reason, ReasonKind, Recommended, Source},
    users::model::User,
};

/// Of how many, for each product, is chosen what is shown.
const POOL: i64 = 40;

/// The columns of a [`Card`].
pub(super) const CARD: &str = "p.id, p.shop_id, p.slug, p.title, p.status, p.currency, p.price_min, p.price_max, p.sold_count, p.is_available, \
     p.rating_rank, p.created_at";

/// What goes well with a product: fifty at the most, and five people or more behind each.
const NEAR: &str = "SELECT other_id, score, true AS is_learned FROM recommendation_neighbors WHERE product_id = own.id";

/// What goes well with what goes well with a product: a hundred at the most.
const FAR: &str = "SELECT far.other_id, near.score * far.score AS score, true AS is_learned FROM recommendation_neighbors AS near \
     JOIN recommendation_neighbors AS far ON far.product_id = near.other_id AND far.rank <= 10 \
     WHERE near.product_id = own.id AND near.rank <= 10";

/// What is new in a product's category.
const NEW: &str = "SELECT newest.id AS other_id, 0::float8 AS score, false AS is_learned FROM \
     (SELECT id FROM products WHERE category_id = own.category_id ORDER BY created_at DESC, id DESC LIMIT 100) AS newest";

/// A `WITH` expression: the shops in which somebody works whom `$2` has blocked, or who has blocked them. A guest is nobody, so there are none for them.
/// It is found once, however many products are held against it.
pub(super) const HIDDEN: &str = ", hidden AS MATERIALIZED (SELECT shop_id FROM shop_members WHERE user_id IN \
       (SELECT blocked_id FROM blocks WHERE blocker_id = $2 UNION ALL SELECT blocker_id FROM blocks WHERE blocked_id = $2))";

/// What everybody sees and can order, but for `$2`: not what they have dismissed, nor what is of a shop that is [`HIDDEN`] from them. Products are held
/// against it one by one, with `LIMIT 1`: Postgres expects more of them than come, and would read the whole market instead.
pub(super) const SHOWN: &str = "p.status = 'ACTIVE' AND p.is_available AND p.shop_id NOT IN (SELECT shop_id FROM hidden) \
     AND p.id NOT IN (SELECT product_id FROM recommendation_dismissals WHERE user_id = $2)";

/// A `WITH` expression: what `$2` has ordered just once, of their last hundred orders. They have it; what they ordered twice is something that they use
/// up. Nothing of who does not want it to be used.
const HAD: &str = ", had AS MATERIALIZED (SELECT line.product_id FROM \
       (SELECT id FROM orders WHERE buyer_id = $2 AND status <> 'CANCELLED' ORDER BY placed_at DESC, id DESC LIMIT 100) AS latest \
     JOIN order_parts AS part ON part.order_id = latest.id JOIN order_lines AS line ON line.part_id = part.id \
     WHERE line.kind = 'GOODS' AND line.product_id IS NOT NULL AND line.cancelled < line.quantity \
       AND NOT EXISTS (SELECT FROM preferences WHERE user_id = $2 AND NOT has_personalization) \
     GROUP BY line.product_id HAVING count(DISTINCT latest.id) = 1)";

/// Not what somebody [`HAD`].
const WANTED: &str = "p.id NOT IN (SELECT product_id FROM had)";

/// What could be had instead of a product.
const INSTEAD: &str = "AND p.category_id = own.category_id AND p.currency = own.currency \
     AND p.price_min BETWEEN own.price_min / 2 AND own.price_min * 2";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    source_id: Id<Product>,
    #[diesel(sql_type = Text)]
    source_title: String,
    #[diesel(sql_type = Bool)]
    is_learned: bool,
    #[diesel(embed)]
    card: Card,
}

impl Found {
    /// What was found, if what is learned speaks for it for this reason.
    fn by(self, learned: ReasonKind) -> Recommended {
        let Self { source_id: id, source_title: title, is_learned, card } = self;
        let kind = if is_learned { learned } else { ReasonKind::SameCategory };
        Recommended { card, reason: Reason { kind, source: Some(Source::Product { id, title }) } }
    }
}

/// What is recommended to somebody beside each of these products, with that product, the best first.
pub fn related(
    conn: &mut Conn,
    viewer: Option<Id<User>>,
    intent: Intent,
    products: &[Id<Product>],
) -> Result<Vec<(Id<Product>, Recommended)>, Failure> {
    let (candidates, fits, learned) = match intent {
        Intent::BoughtTogether => (NEAR.to_owned(), "", ReasonKind::BoughtTogether),
        Intent::Similar => (format!("{FAR} UNION ALL {NEW}"), "", ReasonKind::GoesWithTheSame),
        Intent::Alternative => (format!("{FAR} UNION ALL {NEW}"), INSTEAD, ReasonKind::GoesWithTheSame),
    };
    let sql = format!(
        "{HIDDEN}{HAD} SELECT own.id AS source_id, own.title AS source_title, found.* \
         FROM unnest($1) AS wanted (id) JOIN products AS own ON own.id = wanted.id CROSS JOIN LATERAL \
           (SELECT one.*, best.score, best.is_learned FROM \
              (SELECT other_id, sum(score) AS score, bool_or(is_learned) AS is_learned FROM ({candidates}) AS candidates \
                GROUP BY other_id) AS best \
            CROSS JOIN LATERAL (SELECT {CARD} FROM products AS p \
              WHERE p.id = best.other_id AND p.id <> own.id AND {SHOWN} AND {WANTED} {fits} LIMIT 1) AS one \
            ORDER BY best.score DESC, one.created_at DESC, one.id DESC LIMIT $3) AS found \
         ORDER BY source_id, found.score DESC, found.created_at DESC, found.id DESC"
    );
    let given =
        (products.into_sql::<Array<SqlUuid>>(), viewer.into_sql::<Nullable<SqlUuid>>(), POOL.into_sql::<BigInt>());
    let rows: Vec<Found> = Kept { sql, given }.load(conn)?;
    Ok(rows.into_iter().map(|found| (found.source_id, found.by(learned))).collect())
}

#[derive(QueryableByName)]
struct FoundForCart {
    #[diesel(sql_type = SqlUuid)]
    cart_id: Id<Cart>,
    #[diesel(embed)]
    found: Found,
}

/// What is recommended to somebody beside what is in each of these carts, the best first: what goes well with several things that were put in
/// lately is better than what does so with one, and rests on that with which it goes best.
pub fn beside_carts(
    conn: &mut Conn,
    viewer: Option<Id<User>>,
    carts: &[Id<Cart>],
) -> Result<Vec<(Id<Cart>, Recommended)>, Failure> {
    let sql = format!(
        "{HIDDEN}{HAD} SELECT wanted.id AS cart_id, found.*, true AS is_learned, \
           (SELECT title FROM products WHERE products.id = found.source_id) AS source_title \
         FROM unnest($1) AS wanted (id) CROSS JOIN LATERAL \
           (SELECT one.*, best.score, best.source_id FROM \
              (SELECT near.other_id, sum(near.score) AS score, \
                      (array_agg(near.product_id ORDER BY near.score DESC, near.product_id))[1] AS source_id \
                 FROM (SELECT DISTINCT variant.product_id FROM \
                         (SELECT variant_id FROM cart_lines WHERE cart_id = wanted.id ORDER BY ordinal DESC LIMIT 20) AS line \
                       JOIN product_variants AS variant ON variant.id = line.variant_id) AS inside \
                 JOIN recommendation_neighbors AS near ON near.product_id = inside.product_id \
                GROUP BY near.other_id) AS best \
            CROSS JOIN LATERAL (SELECT {CARD} FROM products AS p WHERE p.id = best.other_id AND {SHOWN} AND {WANTED} LIMIT 1) AS one \
            WHERE NOT EXISTS (SELECT FROM cart_lines AS line JOIN product_variants AS variant ON variant.id = line.variant_id \
              WHERE line.cart_id = wanted.id AND variant.product_id = best.other_id) \
            ORDER BY best.score DESC, one.created_at DESC, one.id DESC LIMIT $3) AS found \
         ORDER BY cart_id, found.score DESC, found.created_at DESC, found.id DESC"
    );
    let given = (carts.into_sql::<Array<SqlUuid>>(), viewer.into_sql::<Nullable<SqlUuid>>(), POOL.into_sql::<BigInt>());
    let rows: Vec<FoundForCart> = Kept { sql, given }.load(conn)?;
    Ok(rows.into_iter().map(|row| (row.cart_id, row.found.by(ReasonKind::BoughtTogether))).collect())
}
