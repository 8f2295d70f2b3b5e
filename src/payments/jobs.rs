//! What is forgotten of what providers have told, and of attempts to pay that they told nothing of; and what is done with a provider about
//! ways to pay that people keep.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    model::{ForgetCustomer, KeepMethod, LetMethodGo},
    service,
};
use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        jobs::{Handlers, JobBody},
    },
};

/// Forgets what providers have told long ago, and by what attempts are counted of which they did not tell the end.
#[derive(Serialize, Deserialize)]
pub struct ForgetProviderEvents;

impl JobBody for ForgetProviderEvents {
    const KIND: &'static str = "payments.forget_provider_events";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .every(TimeDelta::hours(1), &ForgetProviderEvents, forget_provider_events)
        .with(|app: App, job: KeepMethod| async move { service::keep_method(&app, &Caller::system(), job).await })
        .with(|app: App, job: LetMethodGo| async move { service::let_method_go(&app, &Caller::system(), job).await })
        .with(
            |app: App, job: ForgetCustomer| async move { service::forget_customer(&app, &Caller::system(), job).await },
        )
}

async fn forget_provider_events(app: App, _: ForgetProviderEvents) -> Result<(), Failure> {
    service::forget_events(&app, &Caller::system()).await?;
    service::forget_open_attempts(&app, &Caller::system()).await
}
