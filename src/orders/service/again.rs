//! Buying again what was bought before.

use crate::{
    carts::{self, error::CartError, model::Wanted},
    inventory,
    kernel::{error::Failure, id::Id},
    orders::{
        error::OrderError,
        model::{BoughtBefore, LeftOutReason, Order, OrderLine, OrderLineKind, PutAgain},
        queries,
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        idempotency::{Key, Retention},
    },
    users::{self, model::signed_in},
};

/// What the caller has bought lately and can order now, the last one first, at most `limit`.
pub async fn bought_before(app: &App, caller: &Caller, limit: usize) -> Result<Vec<BoughtBefore>, Failure> {
    let (buyer, now) = (signed_in(caller)?, app.now());
    let read = move |conn: &mut Conn| {
        let mut bought = queries::again::bought(conn, buyer)?;
        let variants: Vec<_> = bought.iter().map(|one| one.variant).collect();
        if !variants.is_empty() {
            let orderable = inventory::service::orderable(conn, &variants, now)?;
            bought.retain(|one| orderable.contains(&one.variant));
        }
        bought.truncate(limit);
        Ok::<_, Failure>(bought)
    };
    app.db.read(read).await
}

/// Puts what was ordered by the caller into their cart once more, at the prices of now: what can be. What is in it already becomes more.
pub async fn add_order_to_cart(
    app: &App,
    caller: &Caller,
    id: Id<Order>,
    key: Option<&str>,
) -> Result<PutAgain, OrderError> {
    let buyer = signed_in(caller)?;
    let key = key.map(|key| Key::new(&buyer, "addOrderToCart", key, &id, Retention::Day)).transpose()?;
    let (preferred, lasting) =
        (users::service::surroundings(app, caller).await?.currency, app.market.checkout.reserved_for);
    app.once(caller, key, move |tx: &mut Tx<'_>| {
        let found = queries::by_ids(tx.conn(), &[id])?.pop().filter(|found| found.order.buyer_id == Some(buyer));
        found.ok_or(OrderError::NotFound)?;
        let lines = queries::parts_by_orders(tx.conn(), &[id])?.into_iter().flat_map(|part| part.lines);
        let (mut wanted, mut of, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        for line in lines.filter(|line| line.kind == OrderLineKind::Goods) {
            match line.variant_id {
                Some(variant) => {
                    wanted.push(Wanted { variant, quantity: again(&line) });
                    of.push(line.id);
                }
                None => left_out.push((line.id, LeftOutReason::NotForSale)),
            }
        }
        let put_in = carts::service::put_what_can_be(tx, buyer, &wanted, preferred, lasting)?;
        for (place, error) in put_in.left_out {
            let line = of.get(place).copied().ok_or_else(|| Failure::internal("a line that was not asked for"))?;
            left_out.push((line, reason(error)?));
        }
        Ok(PutAgain { cart: put_in.cart, left_out })
    })
    .await
}

/// As many as came of it; as many as were ordered, if all were called off.
const fn again(line: &OrderLine) -> i32 {
    if line.quantity > line.cancelled { line.quantity - line.cancelled } else { line.quantity }
}

fn reason(error: CartError) -> Result<LeftOutReason, OrderError> {
    match error {
        CartError::NotFound { .. } => Ok(LeftOutReason::NotForSale),
        CartError::Currency => Ok(LeftOutReason::CurrencyMissing),
        CartError::TooMany => Ok(LeftOutReason::CartFull),
        CartError::Quantity => Ok(LeftOutReason::TooManyPieces),
        other => Err(other.into()),
    }
}
