//! What must be true of stock, and what sets it right.

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Uuid as SqlUuid},
};

use crate::{
    inventory::model::Location,
    kernel::{error::Failure, id::Id},
    platform::{
        checks::{Check, Remedy},
        db::Conn,
    },
    products::model::Variant,
};

/// The checks of this domain.
pub const CHECKS: &[Check] = &[LEVELS, OWED, RESERVES, AVAILABILITY];

pub const LEVELS: Check = Check {
    what: "levels are the sums of their movements",
    differing: "SELECT l.variant_id AS id, format('variant_%s at location_%s', l.variant_id, l.location_id) AS thing, \
           coalesce(m.pieces, 0)::text AS expected, (l.on_hand - l.backordered)::text AS found \
      FROM stock_levels l \
      LEFT JOIN (SELECT variant_id, location_id, sum(delta) AS pieces FROM stock_movements GROUP BY 1, 2) m \
        ON m.variant_id = l.variant_id AND m.location_id = l.location_id \
     WHERE l.on_hand - l.backordered <> coalesce(m.pieces, 0)",
    remedy: Remedy::Repair,
};

const OWED: Check = Check {
    what: "nobody is owed a piece while one lies somewhere",
    differing: "SELECT format('variant_%s', variant_id) AS thing, '0 owed' AS expected, \
           format('%s owed while %s are there', sum(backordered), sum(on_hand)) AS found \
      FROM stock_levels GROUP BY variant_id HAVING sum(backordered) > 0 AND sum(on_hand) > 0",
    remedy: Remedy::People,
};

pub const RESERVES: Check = Check {
    what: "what is counted as reserved is the sum of reservations",
    differing: "SELECT variant_id AS id, format('variant_%s', variant_id) AS thing, \
           coalesce(h.pieces, 0)::text AS expected, coalesce(r.reserved, 0)::text AS found \
      FROM stock_reserves r \
      FULL JOIN (SELECT variant_id, sum(quantity) AS pieces FROM stock_reservations GROUP BY 1) h USING (variant_id) \
     WHERE coalesce(r.reserved, 0) <> coalesce(h.pieces, 0)",
    remedy: Remedy::Repair,
};

pub const AVAILABILITY: Check = Check {
    what: "products say whether one of their variants can be ordered",
    differing: "SELECT p.id, format('product_%s', p.id) AS thing, \
           coalesce(v.is_available, false)::text AS expected, p.is_available::text AS found \
      FROM products p \
      LEFT JOIN (SELECT v.product_id, bool_or(coalesce(l.pieces, 0) - coalesce(r.reserved, 0) + coalesce(u.backorder_limit, 0) > 0) \
                        AS is_available \
                   FROM product_variants v \
                   LEFT JOIN (SELECT variant_id, sum(on_hand - backordered) AS pieces FROM stock_levels GROUP BY 1) l \
                     ON l.variant_id = v.id \
                   LEFT JOIN stock_reserves r ON r.variant_id = v.id \
                   LEFT JOIN stock_rules u ON u.variant_id = v.id \
                  GROUP BY 1) v ON v.product_id = p.id \
     WHERE p.is_available <> coalesce(v.is_available, false)",
    remedy: Remedy::Repair,
};

/// A level that its movements do not explain.
#[derive(Debug, Clone, QueryableByName)]
pub struct Unexplained {
    #[diesel(sql_type = SqlUuid)]
    pub variant_id: Id<Variant>,
    #[diesel(sql_type = SqlUuid)]
    pub location_id: Id<Location>,
    #[diesel(sql_type = BigInt)]
    pub level: i64,
    /// What its movements come to.
    #[diesel(sql_type = BigInt)]
    pub moved: i64,
}

/// The levels of variants that their movements do not explain.
pub fn unexplained(conn: &mut Conn, variants: &[Id<Variant>]) -> Result<Vec<Unexplained>, Failure> {
    let query = sql_query(
        "SELECT l.variant_id, l.location_id, (l.on_hand - l.backordered)::bigint AS level, coalesce(sum(m.delta), 0) AS moved \
           FROM stock_levels l \
           LEFT JOIN stock_movements m ON m.variant_id = l.variant_id AND m.location_id = l.location_id \
          WHERE l.variant_id = ANY($1) GROUP BY l.variant_id, l.location_id \
         HAVING l.on_hand - l.backordered <> coalesce(sum(m.delta), 0) ORDER BY l.variant_id, l.location_id",
    );
    Ok(query.bind::<Array<SqlUuid>, _>(variants).load(conn)?)
}
