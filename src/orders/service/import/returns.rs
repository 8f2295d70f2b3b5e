//! Cancellations: goods that came back and charges that were given back.

use std::collections::BTreeMap;

use super::{
    batch::{Customers, Invoice, Target, buyer, kind_of, title},
    retail::{CURRENCY, Line},
};
use crate::{
    kernel::{error::Failure, id::Id, money::Money},
    orders::{
        model::OrderLine,
        queries::import::{self as queries, Bought, NewReturn, NewReturnLine},
    },
    payments::{
        self,
        model::{AccountKind, TransferCause},
        service::Movement,
    },
    platform::db::Tx,
    products::model::{Product, Variant},
    users::model::User,
};

/// Writes returns and what was given back for them. Yields, for each line of goods whose purchase is known, what is no longer
/// sold.
pub fn write(
    tx: &mut Tx<'_>,
    target: &Target,
    customers: &Customers,
    invoices: &[Invoice<'_>],
) -> Result<Vec<(Id<Product>, i64)>, Failure> {
    let mut purchases = Purchases::load(tx, target, customers, invoices)?;
    let (mut returns, mut lines) = (Vec::new(), Vec::new());
    let (mut longer, mut added) = (Vec::new(), Vec::new());
    let (mut refunds, mut unsold) = (Vec::new(), Vec::new());
    for invoice in invoices {
        let buyer_id = buyer(customers, invoice.first);
        if invoice.is_new {
            returns.push(NewReturn {
                id: invoice.id,
                shop_id: target.shop,
                buyer_id,
                currency: CURRENCY,
                total: invoice.total,
                received_at: invoice.first.at,
            });
        } else {
            longer.push(invoice.id);
            added.push(invoice.total);
        }
        let first_line = tx.new_uuid();
        for (place, line) in invoice.lines.iter().enumerate() {
            let article = target.article(line)?;
            let line_id = match (buyer_id, article) {
                (Some(buyer), Some(article)) => purchases.give_back(buyer, article.variant, line),
                _ => None,
            };
            let bought = article.filter(|_| line_id.is_some());
            unsold.extend(bought.map(|article| (article.product, -i64::from(line.quantity))));
            lines.push(NewReturnLine {
                id: if place == 0 { first_line } else { tx.new_uuid() },
                return_id: invoice.id,
                ordinal: line.ordinal,
                line_id,
                kind: kind_of(line),
                variant_id: article.map(|article| article.variant),
                title: title(line, article),
                sku: &line.code,
                quantity: line.quantity,
                unit_price: line.unit_price,
                total: line.total,
            });
        }
        // From an account of the return's own: one return may touch several orders, or none that is known, and what was
        // paid for an order stays what it was.
        refunds.push(Movement {
            debit: (AccountKind::Order, Some(invoice.id)),
            credit: (AccountKind::Imported, None),
            amount: Money::new(invoice.total, CURRENCY),
            cause: TransferCause::Refund,
            cause_id: first_line,
        });
    }
    queries::insert_returns(tx, &returns, &lines)?;
    queries::add_to_returns(tx, &longer, &added)?;
    payments::service::transfer(tx, &refunds)?;
    Ok(unsold)
}

/// What those who give something back have bought and kept, newest first.
struct Purchases(BTreeMap<(Id<User>, Id<Variant>), Vec<Bought>>);

impl Purchases {
    fn load(
        tx: &mut Tx<'_>,
        target: &Target,
        customers: &Customers,
        invoices: &[Invoice<'_>],
    ) -> Result<Self, Failure> {
        let (mut buyers, mut variants) = (Vec::new(), Vec::new());
        for invoice in invoices {
            for line in &invoice.lines {
                if let (Some(buyer), Some(article)) = (buyer(customers, invoice.first), target.article(line)?) {
                    buyers.push(buyer);
                    variants.push(article.variant);
                }
            }
        }
        let bought = queries::bought(tx.conn(), target.shop, &buyers, &variants)?;
        let ids: Vec<Id<OrderLine>> = bought.iter().map(|bought| bought.line).collect();
        let returned = queries::returned(tx.conn(), &ids)?;
        let mut purchases: BTreeMap<_, Vec<Bought>> = BTreeMap::new();
        for mut bought in bought {
            let returned = returned.get(&bought.line).copied().unwrap_or_default();
            bought.quantity = bought.quantity.saturating_sub(returned.try_into().unwrap_or(i32::MAX));
            if let (Some(buyer), Some(variant)) = (bought.buyer, bought.variant) {
                purchases.entry((buyer, variant)).or_default().push(bought);
            }
        }
        Ok(Self(purchases))
    }

    /// Takes a line's pieces from the newest earlier purchase that has as many left.
    fn give_back(&mut self, buyer: Id<User>, variant: Id<Variant>, line: &Line) -> Option<Id<OrderLine>> {
        let bought = self.0.get_mut(&(buyer, variant))?;
        let has_enough = |bought: &&mut Bought| bought.placed_at <= line.at && bought.quantity >= line.quantity;
        let from = bought.iter_mut().find(has_enough)?;
        from.quantity -= line.quantity;
        Some(from.line)
    }
}
