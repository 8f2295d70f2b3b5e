//! What favourites do in the background.

use super::{mail, model::PriceMail, service};
use crate::{
    platform::{
        app::App,
        caller::Caller,
        jobs::{Handlers, JobError},
    },
    products::model::prices::BetterOffers,
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .with(|app: App, job: BetterOffers| async move { service::tell_of_prices(&app, &Caller::system(), job).await })
        .with(price_mail)
}

async fn price_mail(app: App, job: PriceMail) -> Result<(), JobError> {
    let Some(told) = service::admirer_to_tell(&app, &Caller::system(), job).await? else { return Ok(()) };
    let item = (told.shop.as_str(), told.title.as_str());
    app.send(mail::costs_less(&told.person, item, [told.price, told.known], told.unsubscribe)).await?;
    Ok(service::note_told(&app, &Caller::system(), job, told.price).await?)
}
