//! What is done about shops in the background.

use super::{mail, model::OwnersMail, service};
use crate::platform::{
    app::App,
    jobs::{Handlers, JobError},
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers.with(owners_mail)
}

async fn owners_mail(app: App, job: OwnersMail) -> Result<(), JobError> {
    let Some((person, shop)) = service::person_and_shop(&app, job.person, job.shop).await? else { return Ok(()) };
    let written = if job.is_owner {
        mail::owners_changed(&person, &shop.name)
    } else {
        mail::no_owner_any_more(&person, &shop.name)
    };
    app.send(written).await
}
