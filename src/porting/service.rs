//! Importing products from files, and exporting them.

mod asking;
mod batch;
mod export;
pub mod formats;
mod images;
mod import;
mod privacy;
mod reading;
mod running;
mod stretch;

pub use self::{
    asking::{
        AskForImport, ask_for_import, cancel_import, count_imports, count_rejects, imports, rejects, sweep_imports,
    },
    export::{ExportProducts, export_products},
    images::{fetch_images, missing_images, show},
    import::{ImportProducts, Imported, import_products},
    privacy::{CHAPTERS, erase},
    running::go_on_with_import,
};
