//! What every trial is told.

use clap::Args;

#[derive(Args)]
pub struct Flags {
    /// What people do and what happens to them follows from it
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Names of tests, as other test programs take them: nothing is run unless one is part of the program's
    #[arg(hide = true)]
    filters: Vec<String>,
    /// As other test programs take it, and of no effect
    #[arg(long, hide = true)]
    nocapture: bool,
}

impl Flags {
    /// Whether the program of this name is asked for.
    pub fn ask_for(&self, program: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| program.contains(filter.as_str()))
    }
}
