//! What is forgotten of what providers have told, and of attempts to pay that they told nothing of; which payments they are asked about once more;
//! what is done with a provider about ways to pay that people keep; what providers are asked of what they keep for themselves; and what the test
//! provider tells.

use chrono::TimeDelta;

use super::{
    model::{AskAboutFee, ForgetCustomer, KeepMethod, LetMethodGo, SettlePayment, TellTestEvents},
    service,
};
use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        jobs::{Afterwards, Handlers},
    },
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .every(TimeDelta::hours(1), "payments.forget_provider_events", forget_provider_events)
        .every(TimeDelta::hours(1), "payments.ask_about_unanswered", |app: App| async move {
            service::ask_about_unanswered(&app, &Caller::system()).await
        })
        .with(|app: App, job: KeepMethod| async move { service::keep_method(&app, &Caller::system(), job).await })
        .at_death(service::keep_keeping)
        .with(|app: App, job: LetMethodGo| async move { service::let_method_go(&app, &Caller::system(), job).await })
        // However long a provider is away: what somebody does not want kept must not stay there.
        .at_death(|_, _: LetMethodGo| Ok(Afterwards::Again(SettlePayment::AGAIN)))
        .with(
            |app: App, job: ForgetCustomer| async move { service::forget_customer(&app, &Caller::system(), job).await },
        )
        .at_death(|_, _: ForgetCustomer| Ok(Afterwards::Again(SettlePayment::AGAIN)))
        .with(|app: App, job: AskAboutFee| async move { service::ask_about_fee(&app, &Caller::system(), job).await })
        .at_death(service::keep_asking_about_fee)
        .with(|app: App, job: TellTestEvents| async move { service::test_webhooks::tell(&app, &job).await })
}

/// Forgets what providers have told long ago, and by what attempts are counted of which they did not tell the end.
async fn forget_provider_events(app: App) -> Result<(), Failure> {
    service::forget_events(&app, &Caller::system()).await?;
    service::forget_open_attempts(&app, &Caller::system()).await
}
