//! What must be true of products, and what sets it right.

use diesel::{
    RunQueryDsl, sql_query,
    sql_types::{Array, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::error::Failure,
    platform::{
        checks::{Check, Difference, Remedy},
        db::Tx,
    },
};

/// The checks of this domain.
pub const CHECKS: &[Check] = &[SAID];

pub const SAID: Check = Check {
    what: "products say of themselves what their attributes and prices say",
    differing: "SELECT id, format('product_%s', id) AS thing, format('%s and %s', expected_said, expected_prices) AS expected, \
           format('%s and %s', said, other_prices) AS found \
      FROM (SELECT id, said, other_prices, product_said(id) AS expected_said, \
                   product_other_prices(id, currency) AS expected_prices FROM products) p \
     WHERE said <> expected_said OR other_prices <> expected_prices",
    remedy: Remedy::Repair,
};

/// Has locked products say of themselves what their attributes and prices say. Tells which did not.
pub fn set_said(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<Difference>, Failure> {
    let query = sql_query(
        "UPDATE products SET said = due.said, other_prices = due.other_prices \
           FROM (SELECT id, said AS was_said, other_prices AS had_prices, product_said(id) AS said, \
                        product_other_prices(id, currency) AS other_prices \
                   FROM products WHERE id = ANY ($1)) due \
          WHERE products.id = due.id AND (products.said <> due.said OR products.other_prices <> due.other_prices) \
      RETURNING format('product_%s', products.id) AS thing, format('%s and %s', due.said, due.other_prices) AS expected, \
                format('%s and %s', due.was_said, due.had_prices) AS found",
    );
    Ok(query.bind::<Array<SqlUuid>, _>(ids).load(tx.conn())?)
}
