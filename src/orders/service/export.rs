//! Exporting a shop's orders: page after page, from the oldest on, a row a line.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use chrono::TimeDelta;
use uuid::Uuid;

use crate::{
    kernel::{
        address::StoredAddress,
        date::Date,
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
        page::{Direction, Page},
        place::TimeZone,
        rate::Rate,
    },
    orders::{
        model::{FullPart, FullShipment, OrderFilter, OrderLine, ReturnStatus, Shipment, Span},
        queries::{self, shipments, standing},
    },
    platform::{app::App, clock::Time, crypto::good_until, db::Conn},
    shops::{
        self,
        model::{Desk, Permission, Shop},
    },
    users::model::User,
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
    #[error("whoever asked for it does not see the shop's orders, or not any more")]
    NotTheirs,
    #[error("the file could not be written: {0}")]
    Write(#[from] io::Error),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Parts of one read.
const PAGE: i64 = 200;

const COLUMNS: [&str; 25] = [
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
    "quantity_shipped",
    "last_shipped_at",
    "tracking_numbers",
    "quantity_returned",
    "returns",
    "part_refunded",
    "authorized_until",
];

/// What was ordered of a shop, in CSV, page by page: each part is as it is when its page is read.
pub struct OrderRows {
    app: App,
    shop: Id<Shop>,
    /// Who has to see the shop's orders as long as these are read; the operator sees them all.
    member: Option<Id<User>>,
    filter: OrderFilter,
    from: Option<(Time, Uuid)>,
    is_begun: bool,
    is_over: bool,
    /// Rows by now, without the names of the columns.
    count: u64,
}

impl OrderRows {
    fn new(
        app: &App,
        (shop, member): (Id<Shop>, Option<Id<User>>),
        (from, until): (Option<Date>, Option<Date>),
    ) -> Self {
        let filter = OrderFilter {
            placed_from: from.map(|day| TimeZone::UTC.start_of(day)),
            placed_before: until.map(|day| TimeZone::UTC.end_of(day)),
            ..OrderFilter::default()
        };
        Self { app: app.clone(), shop, member, filter, from: None, is_begun: false, is_over: false, count: 0 }
    }

    /// Whose orders they are.
    pub const fn shop(&self) -> Id<Shop> {
        self.shop
    }

    /// The next page, as it stands in the file, from the names of the columns on; none after the last.
    ///
    /// # Errors
    /// [`OrdersExportError`].
    pub async fn next_page(&mut self) -> Result<Option<Vec<u8>>, OrdersExportError> {
        if self.is_over {
            return Ok(None);
        }
        let mut rows = csv::Writer::from_writer(Vec::new());
        if !self.is_begun {
            rows.write_record(COLUMNS).map_err(io::Error::from)?;
            self.is_begun = true;
        }
        // The list is read from its end, for it begins with the newest.
        let page = Page { limit: PAGE, from: self.from, direction: Direction::Backward };
        let (shop, member, which) = (self.shop, self.member, self.filter.clone());
        let read = move |conn: &mut Conn| {
            if let Some(member) = member {
                let role = shops::service::membership(conn, member, shop)?;
                if !role.is_some_and(|role| role.may(Permission::SeeOrders)) {
                    return Ok(None);
                }
            }
            let slice = queries::lists::parts_by_shop(conn, shop, &which, &page)?;
            let ids: Vec<_> = slice.items.iter().map(|part| part.part.id).collect();
            let (sent, back) = (shipments::by_parts(conn, &ids)?, standing::returns(conn, &ids)?);
            Ok::<_, Failure>(Some((slice, sent, back, standing::promised_until(conn, &ids)?)))
        };
        let (slice, sent, back, promised) = self.app.db.read_long(read).await?.ok_or(OrdersExportError::NotTheirs)?;
        self.from = slice.items.first().map(|newest| (newest.part.placed_at, newest.part.id.uuid()));
        self.is_over = !slice.has_previous;
        for part in slice.items.iter().rev() {
            let id = part.part.id;
            let own = Goings {
                sent: sent.iter().map(|(sent, _)| sent).filter(|sent| sent.shipment.part_id == id).collect(),
                back: back.iter().filter(|(part, _)| *part == id).map(|(_, status)| *status).collect(),
                promised_until: promised.iter().rfind(|promised| promised.part == id).map(|promised| promised.until),
            };
            for line in &part.lines {
                let cells = cells(part, line, &own);
                rows.write_record(cells.iter().map(|cell| cell.as_bytes())).map_err(io::Error::from)?;
                self.count += 1;
            }
        }
        let bytes = rows.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok(Some(bytes))
    }
}

/// Writes what was ordered of a shop in CSV. Tells how many rows.
///
/// # Errors
/// [`OrdersExportError`].
pub async fn export_orders(app: &App, export: &ExportOrders, mut sink: impl Write) -> Result<u64, OrdersExportError> {
    let shop = shops::service::shop_by_handle(app, &export.shop).await?;
    let shop = shop.ok_or_else(|| OrdersExportError::NoShop(export.shop.clone()))?.id;
    let mut rows = OrderRows::new(app, (shop, None), (export.from, export.until));
    while let Some(bytes) = rows.next_page().await? {
        sink.write_all(&bytes)?;
    }
    sink.flush()?;
    Ok(rows.count)
}

/// How long a URL of such a file is good, at the least.
const URL_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Where the orders of a shop are to be had that were placed on some days, in UTC, for whoever has the URL: good for an hour at the
/// least, but no longer than the member whose it is sees orders, and the same for as long, so that caches of clients stay as they are. None if
/// the member's role does not see them.
///
/// # Errors
/// If there are no days, or too many.
pub fn orders_csv_url(
    app: &App,
    member: Id<User>,
    desk: &Desk,
    (from, until): (Date, Date),
) -> Result<Option<String>, Failure> {
    if Span::new(from, until, TimeZone::UTC).is_none() {
        return Err(Failure::BadUserInput("such a file is of 1 to 366 days, from `from` to `until`".into()));
    }
    if !desk.role.may(Permission::SeeOrders) {
        return Ok(None);
    }
    let good = good_until(app.now(), URL_LIFETIME);
    let token = app.master.lasting_token(&purpose((from, until), member), desk.shop.id, good);
    Ok(Some(format!("{}/order-files/{from}.{until}.{good}.{member}.{token}", app.market.public_url)))
}

/// What the token of such a URL is for.
fn purpose((from, until): (Date, Date), member: Id<User>) -> String {
    format!("orders of {from} to {until} for {member}, good")
}

/// The orders that the end of such a URL names, and their days; none if it is none of ours, or its time is over.
pub fn orders_by_link(app: &App, link: &str) -> Option<(Date, Date, OrderRows)> {
    let mut pieces = link.splitn(5, '.');
    let (from, until): (Date, Date) = (pieces.next()?.parse().ok()?, pieces.next()?.parse().ok()?);
    let good: i64 = pieces.next()?.parse().ok()?;
    let member: Id<User> = pieces.next()?.parse().ok()?;
    let token = (good, pieces.next()?);
    let shop = app.master.row_of_lasting::<Shop>(&purpose((from, until), member), token, app.now())?;
    Some((from, until, OrderRows::new(app, (shop, Some(member)), (Some(from), Some(until)))))
}

/// What of a part was sent, and comes back, and until when its money is promised.
struct Goings<'a> {
    sent: Vec<&'a FullShipment>,
    back: Vec<ReturnStatus>,
    promised_until: Option<Time>,
}

impl Goings<'_> {
    /// Those in which something of a line is on its way, or has arrived.
    fn with<'a>(&'a self, line: &'a OrderLine) -> impl Iterator<Item = (&'a Shipment, i32)> {
        let sent = self.sent.iter().filter(|sent| sent.shipment.shipped_at.is_some());
        sent.filter_map(move |sent| {
            let own = sent.lines.iter().filter(|pieces| pieces.line_id == line.id);
            let pieces: i32 = own.map(|pieces| pieces.quantity).sum();
            (pieces > 0).then_some((&sent.shipment, pieces))
        })
    }
}

fn moment(at: Time) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn cells<'a>(part: &'a FullPart, line: &'a OrderLine, goings: &Goings<'_>) -> [Cow<'a, str>; 25] {
    let order = &part.order.order;
    let money = |minor| amount(minor, order.currency);
    let country = order.shipping_address.as_ref().and_then(StoredAddress::country);
    let shipped: i32 = goings.with(line).map(|(_, pieces)| pieces).sum();
    let last = goings.with(line).filter_map(|(sent, _)| sent.shipped_at).max();
    let numbers: Vec<&str> = goings.with(line).filter_map(|(sent, _)| sent.tracking_number.as_deref()).collect();
    let back: Vec<&str> = goings.back.iter().map(|status| status.as_str()).collect();
    [
        as_text(&order.number),
        moment(order.placed_at).into(),
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
        shipped.to_string().into(),
        last.map(moment).unwrap_or_default().into(),
        as_text(&numbers.join("; ")).into_owned().into(),
        line.returned.to_string().into(),
        back.join("; ").into(),
        money(part.part.refunded),
        goings.promised_until.map(moment).unwrap_or_default().into(),
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
