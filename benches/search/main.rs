//! `cargo bench --bench search`: how well search answers judged questions over a real catalogue, beside what Postgres offers, and how
//! long it takes over large ones.
//!
//! See `docs/performance.md`.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "figures are for reading, and a benchmark that meets what it does not expect may end"
)]

mod fill;
mod judged;
mod market;
mod quality;
mod speed;
mod trigrams;

use std::path::Path;

use clap::Parser;

use market::Market;

type AnyError = Box<dyn std::error::Error>;

/// Measures search.
#[derive(Parser)]
struct Arguments {
    /// How well it answers, and how long it takes over this many products [default: 10000, 100000 and 1000000]
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000])]
    products: Vec<u32>,
    /// A smoke run: how well it answers alone
    #[arg(long)]
    quick: bool,
    /// How many times each question is asked
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// Prints what was answered to each question, too
    #[arg(long)]
    verbose: bool,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[actix_web::main]
async fn main() -> Result<(), AnyError> {
    let arguments = Arguments::parse();
    let folder = Path::new("target/bench/search");
    let questions = judged::questions()?;
    let market = Market::of_goods(folder).await?;
    quality::run(&market, &questions, arguments.verbose).await?;
    market.close().await?;
    let sizes = if arguments.quick { Vec::new() } else { arguments.products };
    for products in sizes {
        let market = Market::of_many(folder, products).await?;
        speed::run(&market, &questions, products, arguments.rounds).await?;
        market.close().await?;
    }
    Ok(())
}
