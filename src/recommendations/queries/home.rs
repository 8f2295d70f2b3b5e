//! What somebody is shown who begins, in Postgres: what they did, and what follows from it, one statement each.

use std::sync::LazyLock;

use diesel::{
    IntoSql, QueryableByName, RunQueryDsl,
    sql_types::{Array, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use super::related::{CARD, HIDDEN, SHOWN};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{clock::Time, db::Conn, kept::Kept},
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
    const SIGNALS: &str = "SELECT * FROM \
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
          ORDER BY kind, at DESC, id DESC";
    let given = (
        viewer.into_sql::<Nullable<SqlUuid>>(),
        person.into_sql::<Nullable<SqlUuid>>(),
        since.into_sql::<Timestamptz>(),
    );
    let rows: Vec<SignalRow> = Kept { sql: SIGNALS, given }.load(conn)?;
    Ok(rows.into_iter().map(|SignalRow { kind, id, at, times }| Signal { kind, id, at, times }).collect())
}

/// By what sections are found.
pub struct Looked<'a> {
    /// Who is not shown what they have dismissed, nor what is of a shop in which somebody has blocked them, or is blocked by them.
    pub person: Option<Id<User>>,
    /// Which sections are looked for.
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

/// What is in the sections that are looked for, as far as it is shown to whoever looks, the best first. All sections stand in it whichever are looked
/// for, so that there is one plan to keep; and each product is looked up and held against what is not shown at one place, by its key.
static SECTIONS: LazyLock<String> = LazyLock::new(|| {
    let best = |kind: HomeSectionKind| {
        let candidates = candidates(kind);
        format!("(SELECT '{kind}' AS section, * FROM ({candidates}) AS candidates WHERE '{kind}' = ANY ($9::text[]))")
    };
    let best = HomeSectionKind::ALL.map(best).join(" UNION ALL ");
    let own = HomeSectionKind::ALL.into_iter().filter(|kind| kind.is_own()).map(|kind| format!("'{kind}'"));
    let own = own.collect::<Vec<_>>().join(", ");
    format!(
        "{HIDDEN}, signal AS MATERIALIZED \
           (SELECT did.* FROM unnest($1::uuid[], $3::text[], $4::float8[]) WITH ORDINALITY AS did (id, kind, weight, place) \
              LEFT JOIN LATERAL (SELECT p.id FROM products AS p WHERE p.id = did.id AND p.status = 'ACTIVE' \
                 AND p.shop_id NOT IN (SELECT shop_id FROM hidden) LIMIT 1) AS seen ON true \
             WHERE did.kind = 'FOLLOWED' OR seen.id IS NOT NULL), \
         best AS MATERIALIZED ({best}) \
         SELECT found.*, source.title AS source_title, shop.name AS shop_name FROM \
           (SELECT best.section, best.score, best.source_id, one.*, row_number() OVER \
                (PARTITION BY best.section ORDER BY best.score DESC, one.created_at DESC, one.id DESC) AS place \
              FROM best CROSS JOIN LATERAL \
                (SELECT {CARD} FROM products AS p WHERE p.id = best.product_id AND {SHOWN} LIMIT 1) AS one \
             WHERE best.section IN ({own}) OR best.product_id NOT IN (SELECT unnest($5::uuid[]))) AS found \
           LEFT JOIN products AS source ON source.id = found.source_id \
           LEFT JOIN shops AS shop ON shop.id = found.shop_id AND found.section = 'FOLLOWED_SHOPS' \
          WHERE found.place <= {POOL} ORDER BY found.section, found.place"
    )
});

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
    let given = (
        seeds.iter().map(|seed| seed.id).collect::<Vec<Uuid>>().into_sql::<Array<SqlUuid>>(),
        person.into_sql::<Nullable<SqlUuid>>(),
        seeds.iter().map(|seed| seed.kind.as_str()).collect::<Vec<&str>>().into_sql::<Array<Text>>(),
        seeds.iter().map(|seed| seed.weight).collect::<Vec<f64>>().into_sql::<Array<Double>>(),
        known.into_sql::<Array<SqlUuid>>(),
        asked.into_sql::<Nullable<Text>>(),
        usual.into_sql::<Text>(),
        new_since.into_sql::<Timestamptz>(),
        kinds.iter().map(|kind| kind.as_str()).collect::<Vec<&str>>().into_sql::<Array<Text>>(),
    );
    let rows: Vec<Found> = Kept { sql: SECTIONS.as_str(), given }.load(conn)?;
    Ok(rows.into_iter().map(Found::recommended).collect())
}
