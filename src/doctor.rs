//! The command that proves that the market agrees with itself.

use std::process::ExitCode;

use agora::{
    checkup::service::{examine, repair},
    payments::{self, service::Comparison},
    payouts,
    platform::{
        app::App,
        caller::Caller,
        checks::{Finding, Remedy},
    },
};

use super::{AnyError, block_on};

#[derive(clap::Args)]
pub struct DoctorCommand {
    /// First set right what follows from other rows; what does not is told, and stays
    #[arg(long)]
    repair: bool,
    /// Ask the payment provider about payments, their disputes and payouts of so many days, the newest 500 of each at the most; 0 asks about none
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    provider_days: u16,
}

impl DoctorCommand {
    pub fn run(&self, app: &App) -> Result<ExitCode, AnyError> {
        block_on(self.report(app))
    }

    /// A line for each check, and a last one that sums up.
    async fn report(&self, app: &App) -> Result<ExitCode, AnyError> {
        if self.repair {
            let mended = repair(app, &Caller::system()).await?;
            for mended in mended.iter().filter(|mended| mended.count > 0) {
                println!("{} set right: {}", mended.count, mended.what);
            }
        }
        let mut findings = examine(app).await?;
        findings.iter().for_each(tell);
        if self.provider_days > 0 {
            match payments::service::compare(app, self.provider_days).await? {
                Some(comparison) => findings.push(told(comparison, "payments")),
                None => println!("no provider was asked: the market takes no payments"),
            }
            if let Some(comparison) = payouts::service::compare(app, self.provider_days).await? {
                findings.push(told(comparison, "payouts"));
            }
            if let Some(comparison) = payments::service::compare_disputes(app, self.provider_days).await? {
                findings.push(told(comparison, "payments and their disputes"));
            }
        }
        let differing = findings.iter().filter(|finding| !finding.is_fine()).count();
        if differing == 0 {
            println!("{} checks, nothing differs", findings.len());
            return Ok(ExitCode::SUCCESS);
        }
        println!("{} checks, {differing} differ", findings.len());
        Ok(ExitCode::FAILURE)
    }
}

fn tell(finding: &Finding) {
    print!("{finding}");
    match finding.remedy {
        _ if finding.is_fine() => {}
        Remedy::Repair => println!("    --repair sets this right"),
        Remedy::People => println!("    only people can set this right"),
    }
}

fn told(comparison: Comparison, what: &str) -> Finding {
    let Comparison { finding, asked, unanswered, since } = comparison;
    tell(&finding);
    println!(
        "    the provider was asked about {asked} {what} since {}, {unanswered} without an answer",
        since.to_rfc3339()
    );
    finding
}
