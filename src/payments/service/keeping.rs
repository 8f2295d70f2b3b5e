//! Ways to pay that people keep: a provider keeps them, and says by what names. It is asked between transactions, and what is to be done
//! there after something was written is done by jobs.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    asking::asked_on,
    check_method,
    provider::{self, NoAnswer, Provider, TIMEOUT, named, within},
};
use crate::{
    kernel::{error::Failure, id::Id},
    payments::{
        error::{MethodError, PaymentError},
        model::{
            Customer, ForgetCustomer, KeepMethod, LetMethodGo, MethodLook, PaymentIntent, PaymentStatus, StoredMethod,
        },
        queries::{
            self,
            methods::{self, NewCustomer, NewStoredMethod},
        },
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        jobs::Afterwards,
    },
    users::{
        self,
        model::{Bookmark, Chapter, Told, User, oneself},
    },
};

/// By what somebody wants to pay.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Means {
    /// What the provider's form gave.
    Token(String),
    /// The same, to be kept once it has paid.
    ToKeep(String),
    /// One that they keep.
    Kept(Id<StoredMethod>),
}

/// What has to be known before something is written.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    /// What would be charged; none if it is not there.
    pub method: Option<String>,
    customer: Option<String>,
}

/// What is charged.
#[derive(Debug, Clone)]
pub struct Chosen {
    pub provider: &'static str,
    pub method: String,
    /// By what name the provider knows whose it is.
    pub customer: Option<String>,
    pub is_to_be_kept: bool,
}

/// Finds out what would be charged, and has the provider know whoever wants to keep something. Outside every transaction. What is wrong is
/// for [`choose`] to say.
///
/// # Errors
/// If the provider does not answer, or the database fails.
pub async fn prepare(
    app: &App,
    caller: &Caller,
    person: Option<Id<User>>,
    means: &Means,
) -> Result<Prepared, PaymentError> {
    let provider = provider::of(app);
    match (means, person, provider) {
        (Means::Token(method), ..) => Ok(Prepared { method: Some(method.clone()), customer: None }),
        (Means::ToKeep(method), Some(person), Some(provider)) if provider.knows(method) => {
            let customer = customer_of(app, caller, person, provider).await?;
            Ok(Prepared { method: Some(method.clone()), customer: Some(customer) })
        }
        (&Means::Kept(id), Some(person), Some(provider)) => {
            let find = move |conn: &mut Conn| methods::kept(conn, person, provider.name(), id);
            let found = app.db.read(find).await?;
            Ok(Prepared { method: found.and_then(|(method, _)| method.reference), customer: None })
        }
        (Means::ToKeep(_) | Means::Kept(_), ..) => Ok(Prepared::default()),
    }
}

/// By what name the provider knows somebody from now on.
async fn customer_of(
    app: &App,
    caller: &Caller,
    person: Id<User>,
    provider: &'static dyn Provider,
) -> Result<String, Failure> {
    let name = provider.name();
    let known = app.db.read(move |conn| methods::customer_of(conn, person, name)).await?;
    let known = known.map(|customer| customer.reference);
    let told = within(TIMEOUT, provider.customer(app, person, known.as_deref())).await;
    let Ok(told) = told else { return Err(Failure::Unavailable) };
    if known.as_deref() == Some(told.as_str()) {
        return Ok(told);
    }
    let write = move |tx: &mut Tx<'_>| {
        // They may be about to be erased.
        users::service::lock_person(tx, person)?.ok_or(Failure::Unauthenticated(None))?;
        match methods::customer_of(tx.conn(), person, name)? {
            None => {
                let (id, created_at) = (tx.new_id(), tx.now());
                let row = NewCustomer { id, user_id: person, provider: name, reference: &told, created_at };
                methods::insert_customer(tx, &row)?;
            }
            // The provider does not know this one any more.
            Some(customer) if Some(&customer.reference) == known.as_ref() => {
                methods::set_reference(tx, customer.id, &told)?;
            }
            // Somebody was faster: the other one is nobody's, and keeps nothing.
            Some(customer) => return Ok(customer.reference),
        }
        Ok::<_, Failure>(told.clone())
    };
    app.db.write(caller, write).await
}

/// A step: what is charged, if it may be.
///
/// # Errors
/// As [`check_method`]; [`PaymentError::NoMethod`] of what they do not keep, [`PaymentError::NotKept`] where nobody is there to keep it, and
/// [`PaymentError::TooManyMethods`].
pub fn choose(
    app: &App,
    conn: &mut Conn,
    person: Option<Id<User>>,
    (means, prepared): (&Means, &Prepared),
    return_url: Option<&str>,
) -> Result<Chosen, PaymentError> {
    match means {
        Means::Token(method) => {
            let provider = check_method(app, method, return_url)?;
            Ok(Chosen { provider, method: method.clone(), customer: None, is_to_be_kept: false })
        }
        Means::ToKeep(method) => {
            let provider = check_method(app, method, return_url)?;
            let person = person.ok_or(PaymentError::NotKept)?;
            // It was to be over when that was looked at.
            let name = prepared.customer.as_deref().ok_or(Failure::Unavailable)?;
            let customer = methods::customer_of(conn, person, provider)?.filter(|it| it.reference == name);
            let customer = customer.ok_or(Failure::Unavailable)?;
            if methods::count(conn, customer.id)? >= StoredMethod::MAXIMUM {
                return Err(PaymentError::TooManyMethods);
            }
            let customer = Some(customer.reference);
            Ok(Chosen { provider, method: method.clone(), customer, is_to_be_kept: true })
        }
        Means::Kept(id) => {
            let provider = provider::of(app).ok_or(PaymentError::NoProvider)?.name();
            let person = person.ok_or(PaymentError::NoMethod)?;
            let found = methods::kept(conn, person, provider, *id)?;
            let found = found.and_then(|(method, customer)| Some((method.reference?, customer)));
            let (method, customer) = found.ok_or(PaymentError::NoMethod)?;
            let provider = check_method(app, &method, return_url)?;
            Ok(Chosen { provider, method, customer: Some(customer), is_to_be_kept: false })
        }
    }
}

/// A step: has the method of a payment be kept that stood so until now, once its money is here, or promised.
pub(super) fn hear(tx: &mut Tx<'_>, intent: &PaymentIntent, now: PaymentStatus) -> Result<(), Failure> {
    let has_paid = matches!(now, PaymentStatus::Succeeded | PaymentStatus::RequiresCapture);
    // With the promise it was kept; they may have removed it since.
    if intent.is_method_stored && has_paid && intent.status != PaymentStatus::RequiresCapture {
        tx.enqueue(&KeepMethod { payment: intent.id })?;
    }
    Ok(())
}

/// Why a job about what somebody keeps is not done.
#[derive(Debug, thiserror::Error)]
pub enum KeepingError {
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Keeps the method of a payment, if its provider does. However often it is done, it is kept once; beyond the most that somebody may keep,
/// and of who is erased, it is let go.
///
/// # Errors
/// If the provider does not answer, or the database fails.
pub async fn keep_method(app: &App, caller: &Caller, job: KeepMethod) -> Result<(), KeepingError> {
    let found = app.db.read(move |conn: &mut Conn| queries::by_id(conn, job.payment)).await?;
    let Some(intent) = found.filter(|intent| intent.is_method_stored) else { return Ok(()) };
    let provider = named(app, &intent.provider)?;
    let look = within(TIMEOUT, provider.kept(app, &intent)).await?;
    let Some(look) = look else { return Ok(()) };
    let look = look.checked();
    Ok(app.db.write(caller, move |tx: &mut Tx<'_>| keep(tx, &intent, &look)).await?)
}

/// A step: has a provider be asked on that has not said for long how a method looks.
///
/// # Errors
/// If the database fails.
pub fn keep_keeping(tx: &mut Tx<'_>, job: KeepMethod) -> Result<Afterwards, Failure> {
    let intent = queries::by_id(tx.conn(), job.payment)?;
    Ok(asked_on(tx.now(), intent.map(|intent| intent.created_at)))
}

fn keep(tx: &mut Tx<'_>, intent: &PaymentIntent, look: &MethodLook) -> Result<(), Failure> {
    let Some(name) = &intent.customer else { return Ok(()) };
    let customer = methods::lock_customer(tx, &intent.provider, name)?;
    // Those who are erased are forgotten there with all that they keep.
    let Some(Customer { id: customer_id, user_id: Some(_), .. }) = customer else { return Ok(()) };
    if methods::is_known(tx.conn(), customer_id, &intent.method)? {
        return Ok(());
    }
    let is_one_too_many = methods::count(tx.conn(), customer_id)? >= StoredMethod::MAXIMUM;
    let (id, now) = (tx.new_id(), tx.now());
    let shown = Some(look).filter(|_| !is_one_too_many);
    let expiry = shown.and_then(|look| look.expiry);
    let row = NewStoredMethod {
        id,
        customer_id,
        reference: &intent.method,
        brand: shown.and_then(|look| look.brand.as_deref()),
        last4: shown.and_then(|look| look.last4.as_deref()),
        expiry_month: expiry.map(|(month, _)| month),
        expiry_year: expiry.map(|(_, year)| year),
        created_at: now,
        removed_at: is_one_too_many.then_some(now),
    };
    methods::insert(tx, &row)?;
    if is_one_too_many { tx.enqueue(&LetMethodGo { method: id }) } else { Ok(()) }
}

/// Removes a method that the caller keeps. Once more changes nothing.
///
/// # Errors
/// [`MethodError::NotFound`] if they never kept it.
pub async fn remove_method(app: &App, caller: &Caller, id: Id<StoredMethod>) -> Result<(), MethodError> {
    let person = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            let method = methods::lock_own(tx, person, id)?.ok_or(MethodError::NotFound)?;
            if method.removed_at.is_some() {
                return Ok(());
            }
            methods::set_removed(tx, id)?;
            Ok(tx.enqueue(&LetMethodGo { method: id })?)
        })
        .await
}

/// Has the provider let a method go that was removed.
///
/// # Errors
/// If the provider does not answer, or the database fails.
pub async fn let_method_go(app: &App, caller: &Caller, job: LetMethodGo) -> Result<(), KeepingError> {
    let found = app.db.read(move |conn: &mut Conn| methods::to_let_go(conn, job.method)).await?;
    let Some((provider, Some(method))) = found else { return Ok(()) };
    let provider = named(app, &provider)?;
    within(TIMEOUT, provider.let_method_go(app, &method)).await?;
    Ok(app.db.write(caller, move |tx: &mut Tx<'_>| methods::set_let_go(tx, job.method)).await?)
}

/// A step: somebody who is erased keeps nothing, here and then with their providers.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, person: Id<User>) -> Result<(), Failure> {
    for customer in methods::forget_person(tx, person)? {
        methods::delete_of(tx, customer)?;
        tx.enqueue(&ForgetCustomer { customer })?;
    }
    Ok(())
}

/// Has the provider forget somebody who is erased.
///
/// # Errors
/// If the provider does not answer, or the database fails.
pub async fn forget_customer(app: &App, caller: &Caller, job: ForgetCustomer) -> Result<(), KeepingError> {
    let found = app.db.read(move |conn: &mut Conn| methods::customer(conn, job.customer)).await?;
    let Some(customer) = found.filter(|customer| customer.user_id.is_none()) else { return Ok(()) };
    let provider = named(app, &customer.provider)?;
    within(TIMEOUT, provider.forget_customer(app, &customer.reference)).await?;
    let forget = move |tx: &mut Tx<'_>| {
        methods::delete_of(tx, customer.id)?;
        methods::delete_customer(tx, customer.id)
    };
    Ok(app.db.write(caller, forget).await?)
}

/// What the caller keeps with the market's provider, the newest first.
///
/// # Errors
/// If the database fails.
pub async fn stored_methods(app: &App, caller: &Caller) -> Result<Vec<StoredMethod>, Failure> {
    let person = oneself(caller)?;
    let Some(provider) = provider::of(app).map(Provider::name) else { return Ok(Vec::new()) };
    app.db.read(move |conn| methods::of_person(conn, person, provider)).await
}

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[Chapter { name: "payment-methods", read: kept_by }];

fn kept_by(conn: &mut Conn, person: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |(method, provider): (StoredMethod, String)| {
        json!({
            "id": method.id,
            "provider": provider,
            "brand": method.brand,
            "last4": method.last4,
            "expiryMonth": method.expiry_month,
            "expiryYear": method.expiry_year,
            "createdAt": method.created_at,
        })
    };
    Ok(Told::all(methods::all_of_person(conn, person)?.into_iter().map(tell).collect()))
}
