//! Products of another system, in our own format: CSV or JSONL with the columns of [`rows::COLUMNS`].
//!
//! A row is a variant, known by its SKU in the shop. What is new is made, with its stock; what differs is brought in line;
//! stock of what is here is never touched, for it has moved since.

mod batch;
mod parse;
mod rows;

use std::{collections::HashSet, path::PathBuf, sync::Arc};

use self::{
    batch::Change,
    parse::{Item, Parser},
    rows::{Format, Given, Rows},
};
use crate::{
    inventory::error::StockError,
    platform::{
        app::App,
        caller::Caller,
        import::{BATCH, Input, Rejects, Report},
    },
    shops::{self, error::ImportError, model::Shop},
};

/// What to import.
#[derive(Debug, Clone)]
pub struct ImportProducts {
    /// Its name ends in `.csv` or `.jsonl`, perhaps with `.gz` behind.
    pub file: PathBuf,
    pub rejects: PathBuf,
    /// The handle of the shop, which is opened in the market's currency if there is none.
    pub shop: String,
    /// The address of somebody who becomes its owner.
    pub owner: Option<String>,
}

/// Why an import ended early. Batches that were written before stay; it can be run again.
#[derive(Debug, thiserror::Error)]
pub enum ImportProductsError {
    #[error("the name of the file ends neither in .csv nor in .jsonl")]
    Format,
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Stock(#[from] StockError),
}

/// Imports products.
///
/// # Errors
/// [`ImportProductsError`]; never because of a single row, which is rejected instead.
pub async fn import_products(
    app: &App,
    caller: &Caller,
    import: ImportProducts,
) -> Result<Report, ImportProductsError> {
    let format = Format::of(&import.file).ok_or(ImportProductsError::Format)?;
    let input = Input::open(&import.file, 1).map_err(ImportError::from)?;
    let mut rows = Rows::open(&input, format).map_err(ImportError::from)?;
    let mut rejects = Rejects::create(&import.rejects, &input, &rows.columns()).map_err(ImportError::from)?;
    let place = (app.market.currency, app.market.country);
    let owner = import.owner.as_deref();
    let (shop, is_new) = shops::service::shop_for_import(app, caller, &import.shop, owner, place).await?;
    let mut report = Report::default();
    report.make("shops", u64::from(is_new));

    let mut parser = Parser::new(shop.currency);
    let shop = Arc::new(shop);
    let (mut batch, mut skus) = (Vec::new(), HashSet::new());
    while let Some(given) = rows.read().map_err(ImportError::from)? {
        let Given { number, cells, fields } = given;
        let item = cells.map_err(str::to_owned).and_then(|cells| parser.item(cells));
        let is_repeated = item.as_ref().is_ok_and(|item| !skus.insert(item.sku.clone()));
        if is_repeated || batch.len() == BATCH {
            write(app, caller, &shop, std::mem::take(&mut batch), &mut rejects, &mut report).await?;
            skus.clear();
            skus.extend(item.iter().map(|item| item.sku.clone()));
        }
        batch.push(Row { number, fields, item });
    }
    write(app, caller, &shop, batch, &mut rejects, &mut report).await?;
    rejects.finish().map_err(ImportError::from)?;
    input.done();
    Ok(report)
}

struct Row {
    number: u64,
    fields: Vec<Vec<u8>>,
    item: Result<Item, String>,
}

/// Writes one batch and tells what became of its rows.
async fn write(
    app: &App,
    caller: &Caller,
    shop: &Arc<Shop>,
    rows: Vec<Row>,
    rejects: &mut Rejects,
    report: &mut Report,
) -> Result<(), ImportProductsError> {
    let rows = Arc::new(rows);
    let changes = {
        let (shop, rows) = (Arc::clone(shop), Arc::clone(&rows));
        let source = format!("products/{}", shop.handle);
        let written = app.db.write(caller, move |tx| {
            let items: Vec<&Item> = rows.iter().filter_map(|row| row.item.as_ref().ok()).collect();
            batch::write(tx, &shop, &source, &items)
        });
        written.await?
    };
    let mut changes = changes.into_iter();
    for row in rows.iter() {
        report.read += 1;
        let reason = match &row.item {
            Err(reason) => Some(reason.as_str()),
            Ok(_) => match changes.next().unwrap_or(Change::Unchanged) {
                Change::Created => {
                    report.created += 1;
                    None
                }
                Change::Updated => {
                    report.updated += 1;
                    None
                }
                Change::Unchanged => {
                    report.unchanged += 1;
                    None
                }
                Change::Rejected(reason) => Some(reason),
            },
        };
        if let Some(reason) = reason {
            report.reject(reason);
            rejects.add(row.number, reason, row.fields.iter().map(Vec::as_slice)).map_err(ImportError::from)?;
        }
    }
    Ok(())
}
