//! What people keep: a customer for each of them, and the payment methods that are attached to it.

use serde::Deserialize;

use super::{
    api::{Api, Reply},
    objects::{Fault, PaymentMethod, is_name},
};
use crate::{
    kernel::id::Id,
    payments::{
        model::{MethodLook, PaymentIntent},
        service::provider::NoAnswer,
    },
    platform::app::App,
    users::model::User,
};

/// A customer, or what is told of one that was deleted.
#[derive(Deserialize)]
struct Customer {
    id: String,
    #[serde(default)]
    deleted: bool,
}

/// Whether Stripe says by a refusal that something is not there.
fn is_missing(fault: &Fault) -> bool {
    fault.word() == "resource_missing"
}

/// By what name Stripe knows somebody: the one that is known, or that of a customer who is made now and of whom it is told nothing but our
/// id. Whoever asks at the same moment is told the same one.
pub async fn customer(app: &App, person: Id<User>, known: Option<&str>) -> Result<String, NoAnswer> {
    let api = Api::of(app)?;
    let person = person.to_string();
    let mut key = format!("{person}-customer");
    if let Some(known) = known.filter(|known| is_name(known)) {
        match api.get::<Customer>(&format!("customers/{known}")).await? {
            Reply::Done(found) if !found.deleted => return Ok(known.to_owned()),
            Reply::Done(_) => {}
            Reply::Refused(fault) if is_missing(&fault) => {}
            Reply::Refused(fault) => return Err(refused(&fault)),
        }
        // Under the first key Stripe may tell of the one that is gone.
        key = format!("{key}-after-{known}");
    }
    match api.post::<Customer>("customers", &[("metadata[person]", person.as_str())], Some(&key)).await? {
        Reply::Done(made) if is_name(&made.id) => Ok(made.id),
        Reply::Done(_) => Err(NoAnswer),
        Reply::Refused(fault) => Err(refused(&fault)),
    }
}

fn refused(fault: &Fault) -> NoAnswer {
    tracing::error!(code = fault.word(), "Stripe does not do what is asked about a customer");
    NoAnswer
}

/// How the method of a payment looks, if it is attached to the customer of that.
pub async fn kept(app: &App, intent: &PaymentIntent) -> Result<Option<MethodLook>, NoAnswer> {
    let Some(customer) = &intent.customer else { return Ok(None) };
    let found = method(&Api::of(app)?, &intent.method).await?;
    Ok(found.filter(|method| method.customer() == Some(customer.as_str())).map(PaymentMethod::look))
}

async fn method(api: &Api<'_>, name: &str) -> Result<Option<PaymentMethod>, NoAnswer> {
    if !is_name(name) {
        return Err(NoAnswer);
    }
    match api.get(&format!("payment_methods/{name}")).await? {
        Reply::Done(found) => Ok(Some(found)),
        Reply::Refused(fault) if is_missing(&fault) => Ok(None),
        Reply::Refused(fault) => Err(refused(&fault)),
    }
}

/// Detaches a payment method. It can be attached to nobody any more.
pub async fn detach(app: &App, name: &str) -> Result<(), NoAnswer> {
    if !is_name(name) {
        return Err(NoAnswer);
    }
    let api = Api::of(app)?;
    match api.post::<PaymentMethod>(&format!("payment_methods/{name}/detach"), &[], None).await? {
        Reply::Done(_) => Ok(()),
        // It was detached before, or is not there: then that is what is wanted.
        Reply::Refused(fault) => match method(&api, name).await? {
            Some(found) if found.customer().is_some() => Err(refused(&fault)),
            _ => Ok(()),
        },
    }
}

/// Deletes a customer, and with it Stripe detaches whatever was attached to it.
pub async fn forget(app: &App, name: &str) -> Result<(), NoAnswer> {
    if !is_name(name) {
        return Err(NoAnswer);
    }
    match Api::of(app)?.delete::<Customer>(&format!("customers/{name}")).await? {
        Reply::Done(found) if found.deleted => Ok(()),
        Reply::Done(_) => Err(NoAnswer),
        Reply::Refused(fault) if is_missing(&fault) => Ok(()),
        Reply::Refused(fault) => Err(refused(&fault)),
    }
}
