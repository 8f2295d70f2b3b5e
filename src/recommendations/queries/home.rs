//! What somebody is shown who begins, in Postgres: what they did, and what follows from it, one statement each.

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use super::related::{CARD, SHOWN, UNBLOCKED};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{clock::Time, db::Conn},
    products::model::{Card, Product},
    recommendations::model::{HomeSectionKind, Reason, Recommended, Seed, Signal, SignalKind, Source},
    users::model::User,
};

/// Of how many, for each section, is chosen what is shown.
const POOL: i64 = 40;

#[derive(QueryableByName)]
struct SignalRow {
    #[diesel(sql_type = Text)]
    kind: SignalKind,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: Time,
    #[diesel(sql_type = Integer)]
    times: i32,
}

/// What somebody did: as a viewer what they looked at since a time, as a person all the rest, of each kind the last one first. Nothing of who does
/// not want it to be used.
pub fn signals(
    conn: &mut Conn,
    viewer: Option<Uuid>,
    person: Option<Id<User>>,
    since: Time,
) -> Result<Vec<Signal>, Failure> {
    let rows: Vec<SignalRow> = sql_query(
        "SELECT * FROM \
           ((SELECT 'ORDERED' AS kind, line.product_id AS id, max(latest.placed_at) AS at, \
                    count(DISTINCT latest.id)::integer AS times \
               FROM (SELECT id, placed_at FROM orders WHERE buyer_id = $2 AND status <> 'CANCELLED' \
                      ORDER BY placed_at DESC, id DESC LIMIT 100) AS latest \
               JOIN order_parts AS part ON part.order_id = latest.id JOIN order_lines AS line ON line.part_id = part.id \
              WHERE line.kind = 'GOODS' AND line.product_id IS NOT NULL AND line.cancelled < line.quantity \
              GROUP BY line.product_id ORDER BY max(latest.placed_at) DESC, line.product_id LIMIT 500) \
            UNION ALL \
            (SELECT 'IN_CART', variant.product_id, max(line.added_at), 1 FROM carts \
               JOIN cart_lines AS line ON line.cart_id = carts.id \
               JOIN product_variants AS variant ON variant.id = line.variant_id \
              WHERE carts.owner_id = $2 GROUP BY variant.product_id LIMIT 100) \
            UNION ALL \
            (SELECT 'VIEWED', product_id, viewed_at, 1 FROM product_views WHERE viewer_id = $1 AND viewed_at > $3 \
              ORDER BY viewed_at DESC, product_id DESC LIMIT 50) \
            UNION ALL \
            (SELECT 'LIKED', product_id, created_at, 1 FROM favorites WHERE user_id = $2 \
              ORDER BY created_at DESC, product_id DESC LIMIT 200) \
            UNION ALL \
            (SELECT 'FOLLOWED', shop_id, created_at, 1 FROM shop_follows WHERE user_id = $2 \
              ORDER BY created_at DESC, shop_id DESC LIMIT 50)) AS signal \
          WHERE NOT EXISTS (SELECT FROM preferences WHERE user_id = $2 AND NOT has_personalization) \
          ORDER BY kind, at DESC, id DESC",
    )
    .bind::<Nullable<SqlUuid>, _>(viewer)
    .bind::<Nullable<SqlUuid>, _>(person)
    .bind::<Timestamptz, _>(since)
    .load(conn)?;
    Ok(rows.into_iter().map(|SignalRow { kind, id, at, times }| Signal { kind, id, at, times }).collect())
}

/// By what sections are found.
pub struct Looked<'a> {
    /// Who is not shown what they have dismissed, nor what is of a shop in which somebody has blocked them, or is blocked by them.
    pub person: Option<Id<User>>,
    /// Which sections are looked for; one at the least.
    pub kinds: &'a [HomeSectionKind],
    pub seeds: &'a [Seed],
    /// What is not recommended to them, since they know it.
    pub known: &'a [Uuid],
    /// The country that the request names, and that of the market. That of the person comes between them.
    pub countries: (Option<String>, &'a str),
    /// What is younger is new.
    pub new_since: Time,
}

/// What may stand in a section: products with a score, and the product that they rest on.
const fn candidates(section: HomeSectionKind) -> &'static str {
    match section {
        HomeSectionKind::Cart => {
            "SELECT id AS product_id, -place::float8 AS score, NULL::uuid AS source_id FROM signal WHERE kind = 'IN_CART'"
        }
        HomeSectionKind::RecentlyViewed => {
            "SELECT id AS product_id, -place::float8 AS score, NULL::uuid AS source_id FROM signal WHERE kind = 'VIEWED'"
        }
        HomeSectionKind::ForYou => {
            "SELECT near.other_id AS product_id, sum(signal.weight * near.score) AS score, \
                    (array_agg(signal.id ORDER BY signal.weight * near.score DESC, signal.id))[1] AS source_id \
               FROM signal JOIN recommendation_neighbors AS near ON near.product_id = signal.id \
              WHERE signal.weight > 0 GROUP BY near.other_id ORDER BY score DESC, near.other_id LIMIT 200"
        }
        HomeSectionKind::PriceDrops => {
            "SELECT signal.id AS product_id, -signal.place::float8 AS score, NULL::uuid AS source_id FROM signal \
               JOIN favorites AS liked ON liked.user_id = $2 AND liked.product_id = signal.id \
               JOIN products AS own ON own.id = signal.id AND own.price_min < coalesce(liked.liked_price, liked.noted_price) \
              WHERE signal.kind = 'LIKED'"
        }
        HomeSectionKind::BackInStock => {
            "SELECT signal.id AS product_id, -signal.place::float8 AS score, NULL::uuid AS source_id FROM signal \
               JOIN favorites AS liked ON liked.user_id = $2 AND liked.product_id = signal.id \
               JOIN products AS own ON own.id = signal.id AND own.available_since > greatest(liked.created_at, $8) \
              WHERE signal.kind = 'LIKED'"
        }
        HomeSectionKind::BecauseOrdered => {
            "SELECT near.other_id AS product_id, near.score, near.product_id AS source_id FROM recommendation_neighbors AS near \
              WHERE near.product_id = (SELECT id FROM signal WHERE kind = 'ORDERED' \
                AND EXISTS (SELECT FROM recommendation_neighbors WHERE product_id = signal.id) ORDER BY place LIMIT 1)"
        }
        HomeSectionKind::BecauseViewed => {
            "SELECT near.other_id AS product_id, near.score, near.product_id AS source_id FROM recommendation_neighbors AS near \
              WHERE near.product_id = (SELECT id FROM signal WHERE kind = 'VIEWED' \
                AND EXISTS (SELECT FROM recommendation_neighbors WHERE product_id = signal.id) ORDER BY place LIMIT 1)"
        }
        HomeSectionKind::FollowedShops => {
            "SELECT newest.id AS product_id, extract(epoch FROM newest.created_at)::float8 AS score, NULL::uuid AS source_id \
               FROM signal CROSS JOIN LATERAL (SELECT id, created_at FROM products WHERE shop_id = signal.id AND status = 'ACTIVE' \
                 ORDER BY created_at DESC, id DESC LIMIT 10) AS newest WHERE signal.kind = 'FOLLOWED'"
        }
        HomeSectionKind::Trending => {
            "SELECT product_id, max(CASE place WHEN '*' THEN 0 ELSE 100 END - rank)::float8 AS score, NULL::uuid AS source_id \
               FROM trending_products \
              WHERE place IN ('*', coalesce($6, (SELECT country FROM preferences WHERE user_id = $2), $7)) GROUP BY product_id"
        }
        HomeSectionKind::NewInCategories => {
            "SELECT newest.id AS product_id, extract(epoch FROM newest.created_at)::float8 AS score, mine.source_id FROM \
               (SELECT own.category_id, sum(signal.weight) AS weight, \
                       (array_agg(signal.id ORDER BY signal.weight DESC, signal.place))[1] AS source_id \
                  FROM signal JOIN products AS own ON own.id = signal.id AND own.category_id IS NOT NULL \
                 WHERE signal.weight > 0 GROUP BY own.category_id ORDER BY weight DESC, own.category_id LIMIT 5) AS mine \
              CROSS JOIN LATERAL (SELECT id, created_at FROM products \
                WHERE category_id = mine.category_id AND created_at > $8 AND status = 'ACTIVE' \
                ORDER BY created_at DESC, id DESC LIMIT 40) AS newest"
        }
        HomeSectionKind::BestSelling => {
            "SELECT id AS product_id, sold_count::float8 AS score, NULL::uuid AS source_id FROM products \
              WHERE status = 'ACTIVE' AND sold_count > 0 ORDER BY sold_count DESC, id DESC LIMIT 200"
        }
    }
}

/// What is in a section, as far as it is shown to whoever looks, the best first.
fn section(kind: HomeSectionKind) -> String {
    let is_known = match kind {
        HomeSectionKind::Cart
        | HomeSectionKind::RecentlyViewed
        | HomeSectionKind::PriceDrops
        | HomeSectionKind::BackInStock => "",
        _ => "AND p.id <> ALL ($5)",
    };
    let candidates = candidates(kind);
    format!(
        "(SELECT '{kind}' AS section, {CARD}, best.score, best.source_id FROM ({candidates}) AS best \
            JOIN products AS p ON p.id = best.product_id WHERE {SHOWN} {is_known} \
           ORDER BY best.score DESC, p.created_at DESC, p.id DESC LIMIT {POOL})"
    )
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    section: HomeSectionKind,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    source_id: Option<Id<Product>>,
    #[diesel(sql_type = Nullable<Text>)]
    source_title: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    shop_name: Option<String>,
    #[diesel(embed)]
    card: Card,
}

impl Found {
    fn recommended(self) -> (HomeSectionKind, Recommended) {
        let Self { section, source_id, source_title, shop_name, card } = self;
        let kind = section.reason_of_one();
        let product = source_id.zip(source_title).map(|(id, title)| Source::Product { id, title });
        let source = product.or(shop_name.map(|name| Source::Shop { id: card.shop_id, name }));
        (section, Recommended { card, reason: Reason { kind, source } })
    }
}

/// What may stand in these sections, the best first. Nothing rests on what they do not see any more, so that no reason names it.
pub fn sections(conn: &mut Conn, looked: Looked<'_>) -> Result<Vec<(HomeSectionKind, Recommended)>, Failure> {
    let Looked { person, kinds, seeds, known, countries: (asked, usual), new_since } = looked;
    let all = kinds.iter().copied().map(section).collect::<Vec<_>>().join(" UNION ALL ");
    let rows: Vec<Found> = sql_query(format!(
        "WITH signal AS MATERIALIZED \
           (SELECT did.* FROM unnest($1, $3, $4) WITH ORDINALITY AS did (id, kind, weight, place) \
              LEFT JOIN LATERAL (SELECT p.id FROM products AS p \
                 WHERE p.id = did.id AND p.status = 'ACTIVE' AND {UNBLOCKED} LIMIT 1) AS seen ON true \
             WHERE did.kind = 'FOLLOWED' OR seen.id IS NOT NULL) \
         SELECT found.*, source.title AS source_title, shop.name AS shop_name FROM ({all}) AS found \
           LEFT JOIN products AS source ON source.id = found.source_id \
           LEFT JOIN shops AS shop ON shop.id = found.shop_id AND found.section = 'FOLLOWED_SHOPS' \
          ORDER BY found.section, found.score DESC, found.created_at DESC, found.id DESC"
    ))
    .bind::<Array<SqlUuid>, _>(seeds.iter().map(|seed| seed.id).collect::<Vec<Uuid>>())
    .bind::<Nullable<SqlUuid>, _>(person)
    .bind::<Array<Text>, _>(seeds.iter().map(|seed| seed.kind.as_str()).collect::<Vec<&str>>())
    .bind::<Array<Double>, _>(seeds.iter().map(|seed| seed.weight).collect::<Vec<f64>>())
    .bind::<Array<SqlUuid>, _>(known.to_vec())
    .bind::<Nullable<Text>, _>(asked)
    .bind::<Text, _>(usual)
    .bind::<Timestamptz, _>(new_since)
    .load(conn)?;
    Ok(rows.into_iter().map(Found::recommended).collect())
}
