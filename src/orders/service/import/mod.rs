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
    kernel::{error::Failure, money::CurrencyCode},
    platform::{
        app::App,
        caller::Caller,
        import::{BATCH, FileError, Input, Rejects, Report},
    },
    shops::{self, error::ShopError},
    users,
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

/// Why an import ended early. Batches that were written before stay; it can be run again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("--owner: nobody has the address {0}; they sign up first")]
    Owner(String),
    #[error("--shop: {handle} trades in {shop}, but the file is in {file}")]
    Currency { handle: String, shop: CurrencyCode, file: CurrencyCode },
    #[error("--stock is from 0 to 1000000")]
    Stock,
    #[error("--shop: {0}")]
    Shop(#[from] ShopError),
    #[error(transparent)]
    Failed(#[from] Failure),
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
    while let Some(row) = rows.next()? {
        if let Ok(line) = &row.line {
            catalogue.see(line);
        }
    }

    let mut rows = Rows::open(&input, "writing orders")?;
    let mut rejects = Rejects::create(&import.rejects, &input, &retail::COLUMNS.map(str::to_owned))?;
    let mut report = Report::default();
    let target = Arc::new(prepare(app, caller, &import, catalogue, &mut report).await?);
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        while batch.len() < BATCH
            && let Some(row) = rows.next()?
        {
            batch.push(row);
        }
        if batch.is_empty() {
            break;
        }
        write(app, caller, &target, batch, &mut rejects, &mut report).await?;
    }
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
    let (handle, owner) = (import.shop.clone(), import.owner.clone());
    let opened = app.db.write(caller, move |tx| {
        let owner = match &owner {
            Some(email) => match users::service::person_by_email(tx.conn(), email)? {
                None => return Ok(None),
                found => found,
            },
            None => None,
        };
        Ok::<_, ShopError>(Some(shops::service::shop_for_import(tx, owner, &handle, CURRENCY, country)?))
    });
    let Some((shop, is_new)) = opened.await? else {
        return Err(ImportError::Owner(import.owner.clone().unwrap_or_default()));
    };
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
