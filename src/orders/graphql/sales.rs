//! What shops have sold, on the wire.

use async_graphql::{ComplexObject, Context, Enum, Object, SimpleObject};

use crate::{
    kernel::{
        date::Date,
        error::Failure,
        id::Id,
        money::{self, CurrencyCode},
        place::TimeZone,
    },
    orders::{
        model::{self, AskedSales, SalesBy, Span, Subject},
        service,
    },
    platform::{
        caller::StaffPermission,
        gql::{Ask, AtOnce, Money, StaffOnly, WireResult, cost, list_size},
    },
    products::{self, graphql::Product, loaders::ProductKey},
    shops::{self, graphql::Shop, loaders::ShopById, model::Desk},
};

/// What each row of a shop's report is about. New ones may appear at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SalesReportGrouping {
    /// A day.
    Day,
    /// A product.
    Product,
}

/// What each row of the market's report is about. New ones may appear at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MarketSalesReportGrouping {
    /// A day.
    Day,
    /// A shop.
    Shop,
}

/// What was sold, by the ledger. A sale counts when its money was passed on to the shop, which is when its order was paid in full;
/// what goes back counts when that was decided.
#[derive(SimpleObject)]
pub struct SalesReport {
    /// By day: each day of the span, at most 366. By product and by shop: those with the highest `net` first, at most 500.
    #[graphql(directive = list_size::apply(30))]
    rows: Vec<SalesReportRow>,
    /// All of it together, with what is in no row: `net` is what moved on the account.
    totals: SalesSums,
}

/// What was sold on one day, of one product, or by one shop.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SalesReportRow {
    /// The day; null in a report by something else.
    day: Option<Date>,
    /// What the product was called when it was sold; null of what is no goods, such as postage, and in a report by something else.
    title: Option<String>,
    /// What was sold.
    sums: SalesSums,
    #[graphql(skip)]
    product: Option<Id<products::model::Product>>,
    #[graphql(skip)]
    shop: Option<Id<shops::model::Shop>>,
}

/// What was sold. What moved for a part of an order is shared out over its lines by what they cost, where a report is by product.
#[derive(SimpleObject)]
pub struct SalesSums {
    /// How many orders were sold, each shop's part by itself.
    orders: i32,
    /// How many pieces, without those that were called off since.
    pieces: i32,
    /// What buyers paid.
    gross: Money,
    /// What was taken off before they paid. It is not in `gross`.
    discount: Money,
    /// The tax in it that the market keeps for the state, less what it gave back of it.
    tax: Money,
    /// The market's share, less what it gave back of it.
    commission: Money,
    /// What went back to buyers, or goes back.
    refunded: Money,
    /// What is left of it for the shop: `gross` less `tax`, `commission` and `refunded`.
    net: Money,
}

fn count(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl SalesSums {
    fn new(sums: model::SalesSums, currency: CurrencyCode) -> Self {
        let money = |minor| money::Money::new(minor, currency).into();
        Self {
            orders: count(sums.orders),
            pieces: count(sums.pieces),
            gross: money(sums.gross),
            discount: money(sums.discount),
            tax: money(sums.tax),
            commission: money(sums.commission),
            refunded: money(sums.refunded),
            net: money(sums.net),
        }
    }
}

impl SalesReportRow {
    fn new(row: model::SalesRow, currency: CurrencyCode) -> Self {
        let sums = SalesSums::new(row.sums, currency);
        let (day, product, title, shop) = match row.about {
            Subject::Day(day) => (Some(day), None, None, None),
            Subject::Product(product, title) => (None, product, product.map(|_| title), None),
            Subject::Shop(shop) => (None, None, None, Some(shop)),
        };
        Self { day, title, sums, product, shop }
    }
}

impl From<model::SalesReport> for SalesReport {
    fn from(report: model::SalesReport) -> Self {
        let currency = report.currency;
        Self {
            rows: report.rows.into_iter().map(|row| SalesReportRow::new(row, currency)).collect(),
            totals: SalesSums::new(report.totals, currency),
        }
    }
}

#[ComplexObject]
impl SalesReportRow {
    /// The product as it is now; null of what is no goods, when it is no longer for sale, and in a report by something else.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<AtOnce<Product>>> {
        let Some(id) = self.product else { return Ok(None) };
        Ok(ctx.loader().load_one(ProductKey::id(id)).await?.map(AtOnce::of))
    }

    /// The shop; null in a report by something else.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Option<Shop>> {
        let Some(id) = self.shop else { return Ok(None) };
        Ok(ctx.loader().load_one(ShopById(id)).await?.map(Into::into))
    }
}

/// Some days, as they are where somebody is.
pub(super) type Days = (Date, Date, Option<TimeZone>);

fn asked((from, until, zone): Days, by: SalesBy, currency: CurrencyCode) -> Result<AskedSales, Failure> {
    let span = Span::new(from, until, zone.unwrap_or(TimeZone::UTC));
    let told = || Failure::BadUserInput("a report is of 1 to 366 days, from `from` to `until`".into());
    Ok(AskedSales { span: span.ok_or_else(told)?, by, currency })
}

/// What a shop has sold; none if the member's role does not see money.
pub(super) async fn of_desk(
    ctx: &Context<'_>,
    desk: &Desk,
    days: Days,
    by: SalesReportGrouping,
    currency: Option<CurrencyCode>,
) -> WireResult<Option<SalesReport>> {
    let by = match by {
        SalesReportGrouping::Day => SalesBy::Day,
        SalesReportGrouping::Product => SalesBy::Product,
    };
    let asked = asked(days, by, currency.unwrap_or(desk.shop.currency))?;
    Ok(service::shop_sales(ctx.app(), desk, asked).await?.map(Into::into))
}

/// The reports' part of the staff's side.
#[derive(Default)]
pub struct StaffSales;

#[Object]
impl StaffSales {
    /// What the market's shops have sold. For admins.
    #[allow(clippy::too_many_arguments, reason = "a report has so many")]
    #[graphql(guard = "StaffOnly(StaffPermission::ManageShops)", directive = cost::apply(200))]
    async fn sales_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day; at most 366 of them.")] until: Date,
        #[graphql(desc = "What each row is about.")] by: MarketSalesReportGrouping,
        #[graphql(desc = "In which currency; the market's own if absent.")] currency: Option<CurrencyCode>,
        #[graphql(desc = "Where days begin and end; UTC if absent.")] time_zone: Option<TimeZone>,
    ) -> WireResult<SalesReport> {
        let by = match by {
            MarketSalesReportGrouping::Day => SalesBy::Day,
            MarketSalesReportGrouping::Shop => SalesBy::Shop,
        };
        let app = ctx.app();
        let asked = asked((from, until, time_zone), by, currency.unwrap_or(app.market.currency))?;
        Ok(service::market_sales(app, asked).await?.into())
    }
}
