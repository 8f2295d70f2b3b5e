//! What is done about payouts in the background.

use chrono::TimeDelta;

use super::{
    mail,
    model::{CarryOutPayout, LookAtPayoutAccount, MakePayout, PayoutAccountMail, PayoutFailedMail},
    service,
};
use crate::{
    payments::model::{ProcessShopEvent, SettlePayment},
    platform::{
        app::App,
        caller::Caller,
        jobs::{Afterwards, Handlers, JobError},
    },
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .every(TimeDelta::hours(1), "payouts.make_payouts", |app: App| async move {
            service::make_payouts(&app, &Caller::system()).await
        })
        .with(|app: App, job: MakePayout| async move { service::make_payout(&app, &Caller::system(), job).await })
        .with(|app: App, job: CarryOutPayout| async move {
            service::carry_out_payout(&app, &Caller::system(), job).await
        })
        .at_death(service::note_silence)
        .every(TimeDelta::hours(1), "payouts.look_at_accounts", |app: App| async move {
            service::look_at_accounts(&app, &Caller::system()).await
        })
        .with(|app: App, job: LookAtPayoutAccount| async move {
            service::look_at_account(&app, &Caller::system(), job).await
        })
        .with(
            |app: App, job: ProcessShopEvent| async move { service::process_event(&app, &Caller::system(), job).await },
        )
        // It is told once, and looked into as long as it is kept.
        .at_death(|_, _: ProcessShopEvent| Ok(Afterwards::Again(SettlePayment::AGAIN)))
        .with(payout_failed_mail)
        .with(payout_account_mail)
}

async fn payout_failed_mail(app: App, job: PayoutFailedMail) -> Result<(), JobError> {
    let Some(told) = service::owner_to_tell(&app, job).await? else { return Ok(()) };
    app.send(mail::payout_failed(&told.person, &told.shop.name, told.amount)).await
}

async fn payout_account_mail(app: App, job: PayoutAccountMail) -> Result<(), JobError> {
    let Some((person, shop)) = service::owner_of(&app, job.owner, job.shop).await? else { return Ok(()) };
    app.send(mail::payout_account(&person, &shop.name)).await
}
