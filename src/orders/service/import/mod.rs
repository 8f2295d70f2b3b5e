//! Past orders of another system.
//!
//! The file is read twice: first to know the goods, then for the invoices. Past orders are over and paid: they move no
//! stock, have no conversation, and their money goes through the ledger from the account of imported money.
//!
//! **Invariants:** an invoice is known by its import key and a line by its ordinal in the invoice, so a line is written
//! once; a batch is written as a whole, with its money and its sales counted.

mod batch;
mod catalogue;
pub mod retail;
mod returns;

use std::{path::PathBuf, sync::Arc};

use self::{
    batch::Target,
    catalogue::{Articles, Catalogue, put_on_shelf},
    retail::{CURRENCY, Reject, Row, Rows},
};
use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        import::{BATCH, Input, Rejects, Report},
    },
    shops::{self, error::ImportError},
};

/// Goods of one transaction, which also makes their stock.
const GOODS: usize = 1_000;

/// What to import.
#[derive(Debug, Clone)]
pub struct ImportOrders {
    pub file: PathBuf,
    pub rejects: PathBuf,
    /// The handle of the shop, which is opened if there is none.
    pub shop: String,
    /// The address of somebody who becomes its owner.
    pub owner: Option<String>,
    /// Pieces of each product that the import makes.
    pub stock: i32,
}

/// Imports a file of the format `uci-online-retail`.
///
/// # Errors
/// [`ImportError`]; never because of a single row, which is rejected instead.
pub async fn import_orders(app: &App, caller: &Caller, import: ImportOrders) -> Result<Report, ImportError> {
    if !(0..=1_000_000).contains(&import.stock) {
        return Err(ImportError::Stock);
    }
    let input = Input::open(&import.file, 2)?;
    let mut catalogue = Catalogue::default();
    let mut rows = Rows::open(&input, "getting to know the goods")?;
    while let Some(row) = rows.read()? {
        if let Ok(line) = &row.line {
            catalogue.see(line);
        }
    }

    let mut rows = Rows::open(&input, "writing orders")?;
    let mut rejects = Rejects::create(&import.rejects, &input, &retail::COLUMNS.map(str::to_owned))?;
    let mut report = Report::default();
    let target = Arc::new(prepare(app, caller, &import, catalogue, &mut report).await?);
    let mut batch = Vec::new();
    while let Some(row) = rows.read()? {
        batch.push(row);
        if batch.len() == BATCH {
            let rest = last_invoice(&mut batch);
            write(app, caller, &target, std::mem::replace(&mut batch, rest), &mut rejects, &mut report).await?;
        }
    }
    write(app, caller, &target, batch, &mut rejects, &mut report).await?;
    rejects.finish()?;
    input.done();
    Ok(report)
}

/// The shop and its shelves.
async fn prepare(
    app: &App,
    caller: &Caller,
    import: &ImportOrders,
    catalogue: Catalogue,
    report: &mut Report,
) -> Result<Target, ImportError> {
    let country = retail::COUNTRY.parse().map_err(Failure::internal)?;
    let (shop, is_new) =
        shops::service::shop_for_import(app, caller, &import.shop, import.owner.as_deref(), (CURRENCY, country))
            .await?;
    if shop.currency != CURRENCY {
        return Err(ImportError::Currency { handle: shop.handle, shop: shop.currency, file: CURRENCY });
    }
    report.make("shops", u64::from(is_new));

    let goods = Arc::new(catalogue.into_goods());
    let mut articles = Articles::new();
    for from in (0..goods.len()).step_by(GOODS) {
        let (goods, shop, stock) = (Arc::clone(&goods), shop.id, import.stock);
        let shelved = app.db.write(caller, move |tx| {
            let batch = goods.get(from..).unwrap_or_default();
            put_on_shelf(tx, shop, stock, batch.get(..GOODS).unwrap_or(batch))
        });
        let (known, new) = shelved.await?;
        articles.extend(known);
        report.make("products", new);
    }
    Ok(Target { source: format!("uci-online-retail/{}", shop.handle), shop: shop.id, handle: shop.handle, articles })
}

/// Takes the last invoice, whose lines may go on, out of a batch; not if there is no other.
fn last_invoice(batch: &mut Vec<Row>) -> Vec<Row> {
    let last = batch.last().map(|row| row.invoice().into_owned());
    let others = batch.iter().rposition(|row| Some(row.invoice().as_ref()) != last.as_deref());
    others.map_or_else(Vec::new, |place| batch.split_off(place + 1))
}

/// Writes one batch and tells what became of its rows.
async fn write(
    app: &App,
    caller: &Caller,
    target: &Arc<Target>,
    rows: Vec<Row>,
    rejects: &mut Rejects,
    report: &mut Report,
) -> Result<(), ImportError> {
    let rows = Arc::new(rows);
    let outcome = {
        let (target, rows) = (Arc::clone(target), Arc::clone(&rows));
        app.db.write(caller, move |tx| batch::write(tx, &target, &rows)).await?
    };
    for (place, row) in rows.iter().enumerate() {
        report.read += 1;
        let changed = outcome.changed.contains(&place).then_some(Reject::Changed);
        if let Some(reject) = row.line.as_ref().err().copied().or(changed) {
            report.reject(reject.reason());
            rejects.add(row.number, reject.reason(), &row.fields)?;
        }
    }
    report.created += outcome.created;
    report.unchanged += outcome.unchanged;
    for (what, count) in outcome.made {
        report.make(what, count);
    }
    Ok(())
}
