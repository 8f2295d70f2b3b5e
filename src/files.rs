//! Commands that bring in and give out what stands in files.

use std::{
    fs::{File, Permissions},
    io::{self, BufWriter},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Instant,
};

use agora::{
    kernel::date::Date,
    orders::service::{
        ExportOrders, export_orders,
        import::{ImportOrders, import_orders},
    },
    platform::{
        app::App,
        caller::Caller,
        import::{Rejects, Report},
    },
    porting::{
        model::{Format, Policy},
        service::{ExportProducts, ImportProducts, export_products, import_products, missing_images},
    },
};
use clap::{Subcommand, ValueEnum};

use super::{AnyError, block_on};

#[derive(Subcommand)]
pub enum ImportCommand {
    /// Past orders, with their customers and goods
    Orders {
        /// What the file looks like
        #[arg(long, env = "AGORA_IMPORT_FORMAT")]
        format: OrdersFormat,
        #[command(flatten)]
        import: ImportArgs,
        /// The shop that they were placed with, by its handle; opened if there is none
        #[arg(long, env = "AGORA_IMPORT_SHOP", default_value = "online-retail", value_name = "HANDLE")]
        shop: String,
        /// Pieces in stock of each product that the import makes
        #[arg(long, env = "AGORA_IMPORT_STOCK", default_value_t = 100, value_name = "N")]
        stock: i32,
    },
    /// Products: our own CSV or JSONL with the columns that docs/import.md describes, or what Shopify exports
    Products {
        #[command(flatten)]
        import: ImportArgs,
        /// The shop that sells them, by its handle; opened if there is none
        #[arg(long, env = "AGORA_IMPORT_SHOP", value_name = "HANDLE")]
        shop: String,
        /// What the file looks like [default: by its name, and by the first line of a CSV]
        #[arg(long, env = "AGORA_IMPORT_PRODUCTS_FORMAT")]
        format: Option<ProductsFormat>,
        /// What becomes of a file in which some rows cannot be taken
        #[arg(long, env = "AGORA_IMPORT_POLICY", default_value = "reject-row")]
        policy: RejectPolicy,
        /// Write nothing, and tell what would become of each row
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Subcommand)]
pub enum ExportCommand {
    /// Products of a shop, in a format that `import products` reads
    Products {
        /// The shop, by its handle
        #[arg(long, env = "AGORA_EXPORT_SHOP", value_name = "HANDLE")]
        shop: String,
        /// What the file looks like
        #[arg(long, env = "AGORA_EXPORT_FORMAT", default_value = "csv")]
        format: ProductsFormat,
        /// Where it goes [default: standard output]
        #[arg(long, env = "AGORA_EXPORT_OUTPUT", value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// What was ordered of a shop, in CSV, a row a line
    Orders {
        /// The shop, by its handle
        #[arg(long, env = "AGORA_EXPORT_SHOP", value_name = "HANDLE")]
        shop: String,
        /// The first day on which orders were placed, in UTC [default: that of the first order]
        #[arg(long, value_name = "DATE")]
        from: Option<Date>,
        /// The last one [default: that of the last order]
        #[arg(long, value_name = "DATE")]
        until: Option<Date>,
        /// Where it goes [default: standard output]
        #[arg(long, env = "AGORA_EXPORT_OUTPUT", value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Images that files have named and that are not here, in CSV, with the reason
    MissingImages {
        /// The shop, by its handle
        #[arg(long, env = "AGORA_EXPORT_SHOP", value_name = "HANDLE")]
        shop: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum OrdersFormat {
    /// CSV as the UCI data set "Online Retail" has it: a row per line of an invoice
    UciOnlineRetail,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum ProductsFormat {
    /// CSV with our own columns, a row a variant
    Csv,
    /// The same in JSON, an object a line
    Jsonl,
    /// The CSV that Shopify exports
    ShopifyCsv,
}

impl From<ProductsFormat> for Format {
    fn from(format: ProductsFormat) -> Self {
        match format {
            ProductsFormat::Csv => Self::Csv,
            ProductsFormat::Jsonl => Self::Jsonl,
            ProductsFormat::ShopifyCsv => Self::ShopifyCsv,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum RejectPolicy {
    /// The others are taken
    RejectRow,
    /// None is taken
    RejectAll,
}

impl From<RejectPolicy> for Policy {
    fn from(policy: RejectPolicy) -> Self {
        match policy {
            RejectPolicy::RejectRow => Self::RejectRow,
            RejectPolicy::RejectAll => Self::RejectAll,
        }
    }
}

#[derive(clap::Args)]
pub struct ImportArgs {
    /// The file; it may be gzipped
    file: PathBuf,
    /// Where the rows go that were not taken, with the reason [default: FILE.rejects.csv]
    #[arg(long, env = "AGORA_IMPORT_REJECTS", value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// The address of somebody who becomes an owner of the shop
    #[arg(long, env = "AGORA_IMPORT_OWNER", value_name = "EMAIL")]
    owner: Option<String>,
}

impl ImportArgs {
    fn rejects(&self) -> PathBuf {
        self.rejects.clone().unwrap_or_else(|| Rejects::beside(&self.file))
    }
}

impl ImportCommand {
    pub fn run(self, app: &App) -> Result<(), AnyError> {
        let caller = Caller::system();
        match self {
            Self::Orders { format: OrdersFormat::UciOnlineRetail, import, shop, stock } => {
                let rejects = import.rejects();
                let ImportArgs { file, owner, .. } = import;
                let import = ImportOrders { file, rejects: rejects.clone(), shop, owner, stock };
                tell(&block_on(import_orders(app, &caller, import))?, &rejects);
            }
            Self::Products { import, shop, format, policy, dry_run } => {
                let rejects = import.rejects();
                let ImportArgs { file, owner, .. } = import;
                let import = ImportProducts {
                    file,
                    format: format.map(Into::into),
                    rejects: rejects.clone(),
                    shop,
                    owner,
                    policy: policy.into(),
                    is_dry_run: dry_run,
                };
                let began = Instant::now();
                let imported = block_on(import_products(app, &caller, import))?;
                tell(&imported.report, &rejects);
                println!("took {:.1} s", began.elapsed().as_secs_f64());
                if !imported.is_written && !dry_run {
                    return Err("nothing was written, for not every row can be taken".into());
                }
                if dry_run {
                    println!("nothing was written");
                }
            }
        }
        Ok(())
    }
}

fn missing(app: &App, shop: &str) -> Result<(), AnyError> {
    let mut rows = csv::Writer::from_writer(std::io::stdout());
    rows.write_record(["product", "url", "attempts", "next_attempt", "reason"])?;
    for (product, image) in block_on(missing_images(app, shop))? {
        let next = image.due_at.map(|at| at.to_rfc3339()).unwrap_or_default();
        let reason = image.failure.as_deref().unwrap_or_default();
        rows.write_record([product.as_str(), &image.url, &image.attempts.to_string(), &next, reason])?;
    }
    Ok(rows.flush()?)
}

fn orders(app: &App, export: &ExportOrders, output: Option<&Path>) -> Result<(), AnyError> {
    let Some(path) = output else {
        block_on(export_orders(app, export, io::stdout()))?;
        return Ok(());
    };
    let count = written_whole(path, |file| Ok(block_on(export_orders(app, export, BufWriter::new(file)))?))?;
    println!("{count} rows are in {}", path.display());
    Ok(())
}

fn tell(report: &Report, rejects: &std::path::Path) {
    print!("{report}");
    if report.rejected() > 0 {
        println!("the rejected rows are in {}", rejects.display());
    }
}

/// Writes a file beside the one at a path and puts it in its place at the end, so that what is there stays if it fails. What
/// is no file, such as a pipe, is written to as it is.
fn written_whole<T>(path: &Path, write: impl FnOnce(&File) -> Result<T, AnyError>) -> Result<T, AnyError> {
    let told = |error: io::Error| format!("{}: {error}", path.display());
    let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if place.exists() && !place.is_file() {
        return write(&File::create(&place).map_err(told)?);
    }
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let permissions = place.metadata().map_or_else(|_| Permissions::from_mode(0o666), |before| before.permissions());
    let file = tempfile::Builder::new().permissions(permissions).tempfile_in(folder).map_err(told)?;
    let outcome = write(file.as_file())?;
    file.persist(&place).map_err(|error| told(error.error))?;
    Ok(outcome)
}

impl ExportCommand {
    pub fn run(self, app: &App) -> Result<(), AnyError> {
        let (shop, format, output) = match self {
            Self::Products { shop, format, output } => (shop, format, output),
            Self::MissingImages { shop } => return missing(app, &shop),
            Self::Orders { shop, from, until, output } => {
                return orders(app, &ExportOrders { shop, from, until }, output.as_deref());
            }
        };
        let export = ExportProducts { shop, format: format.into() };
        let Some(path) = output else {
            block_on(export_products(app, &export, std::io::stdout()))?;
            return Ok(());
        };
        let count = written_whole(&path, |file| Ok(block_on(export_products(app, &export, BufWriter::new(file)))?))?;
        println!("{count} products are in {}", path.display());
        Ok(())
    }
}
