//! What shops have sold, by the ledger. A sale counts when its money was passed on to the shop, and what goes back when that was
//! decided: so a report is what moved on the shop's account.

use super::books::seen_by;
use crate::{
    kernel::{error::Failure, id::Id},
    orders::{
        model::{AskedSales, SalesBy, SalesReport, SalesRow, SalesSums, Subject},
        queries::{self, sales::Sold},
    },
    platform::app::App,
    shops::model::{Desk, Shop},
};

/// What a shop has sold; none if the member's role does not see money.
pub async fn shop_sales(app: &App, desk: &Desk, asked: AskedSales) -> Result<Option<SalesReport>, Failure> {
    if seen_by(desk).is_none() {
        return Ok(None);
    }
    report(app, Some(desk.shop.id), asked).await.map(Some)
}

/// What all shops have sold. The face lets in who may see it.
pub async fn market_sales(app: &App, asked: AskedSales) -> Result<SalesReport, Failure> {
    report(app, None, asked).await
}

async fn report(app: &App, shop: Option<Id<Shop>>, asked: AskedSales) -> Result<SalesReport, Failure> {
    app.db.read_long(move |conn| queries::sales::sold(conn, shop, &asked).map(|sold| told(&asked, sold))).await
}

fn told(asked: &AskedSales, sold: Vec<Sold>) -> SalesReport {
    let totals = sold.iter().find(|row| row.is_total).map(|row| row.sums).unwrap_or_default();
    let rows = sold.into_iter().filter(|row| !row.is_total);
    let rows = match asked.by {
        // Days on which nothing was sold as well.
        SalesBy::Day => {
            let mut sums = vec![SalesSums::default(); asked.span.days.len()];
            for row in rows {
                let place =
                    row.place.and_then(|place| usize::try_from(place).ok()).and_then(|place| place.checked_sub(1));
                if let Some(day) = place.and_then(|place| sums.get_mut(place)) {
                    *day = row.sums;
                }
            }
            let days = asked.span.days.iter().zip(sums);
            days.map(|(day, sums)| SalesRow { about: Subject::Day(*day), sums }).collect()
        }
        SalesBy::Product => rows
            .map(|Sold { key, title, sums, .. }| SalesRow {
                about: Subject::Product(key.map(Id::from_uuid), title.unwrap_or_default()),
                sums,
            })
            .collect(),
        SalesBy::Shop => rows
            .filter_map(|Sold { key, sums, .. }| Some(SalesRow { about: Subject::Shop(Id::from_uuid(key?)), sums }))
            .collect(),
    };
    SalesReport { currency: asked.currency, rows, totals }
}
