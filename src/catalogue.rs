//! Commands about what holds for all products.

use agora::{
    kernel::place::Locale,
    platform::{app::App, caller::Caller},
    products,
};
use clap::Subcommand;

use super::{AnyError, block_on};

#[derive(Subcommand)]
pub enum CatalogueCommand {
    /// Says in which language products are written, so that search knows the forms of their words; `en` until it is said
    Language {
        /// As in `de` or `pt-BR`
        #[arg(env = "AGORA_CATALOGUE_LANGUAGE")]
        locale: Locale,
    },
}

impl CatalogueCommand {
    pub fn run(self, app: &App) -> Result<(), AnyError> {
        let Self::Language { locale } = self;
        let is_new = block_on(products::service::set_locale(app, &Caller::system(), locale.clone()))?;
        let told = if is_new { "from now on; a running service brings all products in line" } else { "as before" };
        println!("products are written in {locale}, {told}");
        Ok(())
    }
}
