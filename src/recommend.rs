//! Commands about recommendations.

use std::path::PathBuf;

use agora::{
    platform::{config::Options, startup},
    recommendations::service::{Evaluate, evaluate_file, evaluate_orders},
};
use clap::Subcommand;

use super::{AnyError, block_on};

#[derive(Subcommand)]
pub enum RecommendCommand {
    /// Says what recommendations are worth: learns from the first orders, hides things of later ones one at a time, and looks for them among what
    /// is recommended for the rest. Changes nothing
    Evaluate {
        /// The share of the orders to learn from, in their order of time
        #[arg(long, default_value = "0.8", value_name = "SHARE", value_parser = share)]
        split: f64,
        /// How many products are recommended
        #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_000))]
        at: u16,
        /// Orders as the UCI data set "Online Retail" has them, which may be gzipped; needs no database [default: the orders of this market]
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// How many of this market's orders, the newest ones. Each pair of products that was ever ordered together takes about 100 bytes of memory
        #[arg(long, default_value_t = 20_000, value_name = "N", conflicts_with = "file")]
        newest: u32,
    },
}

impl RecommendCommand {
    pub fn run(self, options: &Options) -> Result<(), AnyError> {
        let Self::Evaluate { split, at, file, newest } = self;
        let evaluate = Evaluate { split, at: at.into() };
        let evaluation = if let Some(file) = file {
            evaluate_file(&file, evaluate)?
        } else {
            let opened = startup::open(&options.settings()?)?;
            block_on(evaluate_orders(&opened.app, usize::try_from(newest)?, evaluate))?
        };
        print!("{evaluation}");
        Ok(())
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse::<f64>().ok().filter(|share| *share > 0.0 && *share < 1.0);
    share.ok_or_else(|| "a share is between 0 and 1, such as 0.8".into())
}
