//! What orders do in the background.

use super::{model::SettlePayment, service};
use crate::platform::{app::App, jobs::Handlers};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers.with(|app: App, job: SettlePayment| async move { service::settle_unanswered(&app, job.payment).await })
}
