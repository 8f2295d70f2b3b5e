//! What stock does in the background.

use chrono::TimeDelta;

use super::{
    mail,
    model::{BackInStockMail, LowStockMail, SettleAvailability, TellOfAvailability, TellOfLowStock},
    service,
};
use crate::platform::{
    app::App,
    caller::Caller,
    jobs::{Handlers, JobError},
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .with(|app: App, job: SettleAvailability| async move {
            service::settle_availability(&app, &Caller::system(), job).await
        })
        .with(
            |app: App, job: TellOfLowStock| async move { service::tell_of_low_stock(&app, &Caller::system(), job).await },
        )
        .with(|app: App, job: TellOfAvailability| async move {
            service::tell_of_availability(&app, &Caller::system(), job).await
        })
        .every(TimeDelta::minutes(1), "inventory.sweep_reservations", |app: App| async move {
            service::sweep_reservations(&app, &Caller::system()).await
        })
        .with(low_stock_mail)
        .with(back_in_stock_mail)
}

async fn low_stock_mail(app: App, job: LowStockMail) -> Result<(), JobError> {
    let Some(told) = service::member_to_tell(&app, &Caller::system(), job).await? else { return Ok(()) };
    let item = (told.item.title.as_str(), told.item.sku.as_str());
    app.send(mail::low_stock(&told.person, &told.shop.name, item, told.left, told.unsubscribe)).await
}

async fn back_in_stock_mail(app: App, job: BackInStockMail) -> Result<(), JobError> {
    let Some(told) = service::person_to_tell(&app, &Caller::system(), job).await? else { return Ok(()) };
    let item = (told.item.title.as_str(), told.item.price);
    app.send(mail::back_in_stock(&told.person, &told.shop.name, item, told.unsubscribe)).await
}
