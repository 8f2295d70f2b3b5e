//! Exporting a shop's orders: page after page, from the oldest on, a row a line.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use crate::{
    kernel::{
        address::StoredAddress,
        date::Date,
        error::Failure,
        money::{CurrencyCode, Money},
        page::{Direction, Page},
        place::TimeZone,
        rate::Rate,
    },
    orders::{
        model::{FullPart, OrderFilter, OrderLine},
        queries,
    },
    platform::{app::App, db::Conn},
    shops,
};

/// What to export.
#[derive(Debug, Clone)]
pub struct ExportOrders {
    /// The handle of the shop.
    pub shop: String,
    /// The first day on which they were placed, in UTC; all from the beginning if there is none.
    pub from: Option<Date>,
    /// The last one.
    pub until: Option<Date>,
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum OrdersExportError {
    #[error("there is no shop {0}")]
    NoShop(String),
    #[error("the file could not be written: {0}")]
    Write(#[from] io::Error),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Parts of one read.
const PAGE: i64 = 200;

const COLUMNS: [&str; 18] = [
    "order",
    "placed_at",
    "order_state",
    "payment_state",
    "fulfillment_state",
    "kind",
    "sku",
    "title",
    "quantity",
    "quantity_cancelled",
    "unit_price",
    "discount",
    "tax",
    "tax_percent",
    "is_tax_included",
    "total",
    "currency",
    "country",
];

/// Writes what was ordered of a shop in CSV, each part as it is when its page is read. Tells how many rows.
///
/// # Errors
/// [`OrdersExportError`].
pub async fn export_orders(app: &App, export: &ExportOrders, sink: impl Write) -> Result<u64, OrdersExportError> {
    let shop = shops::service::shop_by_handle(app, &export.shop).await?;
    let shop = shop.ok_or_else(|| OrdersExportError::NoShop(export.shop.clone()))?.id;
    let filter = OrderFilter {
        placed_from: export.from.map(|day| TimeZone::UTC.start_of(day)),
        placed_before: export.until.map(|day| TimeZone::UTC.end_of(day)),
        ..OrderFilter::default()
    };
    let mut rows = csv::Writer::from_writer(sink);
    rows.write_record(COLUMNS).map_err(io::Error::from)?;
    let (mut from, mut count) = (None, 0);
    loop {
        // The list is read from its end, for it begins with the newest.
        let page = Page { limit: PAGE, from, direction: Direction::Backward };
        let which = filter.clone();
        let read = move |conn: &mut Conn| queries::lists::parts_by_shop(conn, shop, &which, &page);
        let slice = app.db.read_long(read).await?;
        from = slice.items.first().map(|newest| (newest.part.placed_at, newest.part.id.uuid()));
        for part in slice.items.iter().rev() {
            for line in &part.lines {
                rows.write_record(cells(part, line).iter().map(|cell| cell.as_bytes())).map_err(io::Error::from)?;
                count += 1;
            }
        }
        if !slice.has_previous {
            break;
        }
    }
    rows.flush()?;
    Ok(count)
}

fn cells<'a>(part: &'a FullPart, line: &'a OrderLine) -> [Cow<'a, str>; 18] {
    let order = &part.order.order;
    let money = |minor| amount(minor, order.currency);
    let country = order.shipping_address.as_ref().and_then(StoredAddress::country);
    [
        as_text(&order.number),
        order.placed_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true).into(),
        order.status.as_str().into(),
        part.order.payment_state().as_str().into(),
        part.part.fulfillment_state.as_str().into(),
        line.kind.as_str().into(),
        as_text(&line.sku),
        as_text(&line.title),
        line.quantity.to_string().into(),
        line.cancelled.to_string().into(),
        money(line.unit_price),
        money(line.charge.discount),
        money(line.charge.tax),
        Rate::from_basis_points(line.charge.tax_rate).unwrap_or_default().percent().to_string().into(),
        (!order.costs.tax_is_added).to_string().into(),
        money(line.total),
        order.currency.to_string().into(),
        country.map(|country| country.to_string()).unwrap_or_default().into(),
    ]
}

fn amount<'a>(minor: i64, currency: CurrencyCode) -> Cow<'a, str> {
    Money::new(minor, currency).amount().to_string().into()
}

/// What people wrote, so that no spreadsheet takes it for a formula: such a file is opened in one, and never imported again, so an
/// apostrophe before it does no harm.
fn as_text(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(as_text(text), format!("'{text}"));
        }
        for text in ["Lamp", "A=1", "", "'x"] {
            assert_eq!(as_text(text), text);
        }
    }
}
