//! What guests order. Whoever has the owner's token of an order is as its buyer, until somebody claims it. The link in mail is another one: it
//! shows what was ordered and does nothing, for mail is passed on.

use chrono::TimeDelta;

use super::{Happened, in_person, note_step, place::place_of_guest, telling::linked};
use crate::{
    carts, invoices,
    kernel::{error::Failure, id::Id, place::Locale, text},
    messages::{self, model::OrderStep},
    orders::{
        error::OrderError,
        model::{Guest, Opened, Order, OrderStanding, PlaceGuestOrder, Rights, Terms},
        policy,
        queries::{self, guests, standing},
    },
    payments::{
        self,
        error::PaymentError,
        model::{PaymentIntent, PaymentStatus},
    },
    platform::{
        app::App,
        caller::{Caller, Origin},
        clock::Time,
        db::{Conn, Tx},
        idempotency::{Key, Retention},
    },
    users::{
        self,
        model::{Addressee, GuessedAt, User, oneself, signed_in},
    },
};

/// What the tokens of owners are for.
const OWNED: &str = "own";

/// For how long what costs nothing is counted, and at least from which line an order came.
const COUNTED: TimeDelta = TimeDelta::days(1);
/// How long it is known who called off what they ordered, or never paid it: longer than an order waits for its money.
const NEVER_PAID: TimeDelta = TimeDelta::days(30);
/// Orders of which is forgotten at once.
const BATCH: i64 = 500;

/// What makes whoever has it the buyer of what a guest ordered.
pub fn owner_token(app: &App, id: Id<Order>) -> String {
    app.master.row_token(OWNED, id)
}

/// The order that an owner's token names, be it anybody's by now.
fn owned(app: &App, token: &str) -> Option<Id<Order>> {
    app.master.row_of(OWNED, token)
}

/// How a guest is reached, and by what they are told from others.
pub(super) struct Contact<'a> {
    pub email: &'a str,
    pub email_key: &'a str,
    pub locale: &'a Locale,
    /// What stands for their line.
    pub line_key: &'a [u8],
}

/// By what the orders of a day are counted that guests place, whatever becomes of them: else whoever calls off what they paid could order for ever.
/// By the address on their line alone: whoever knows somebody's address could keep them from ordering.
fn counts_of_day(app: &App, origin: Origin, email_key: &str) -> Vec<(GuessedAt, Vec<u8>)> {
    let by = if matches!(origin, Origin::Line(_)) { GuessedAt::GuestsLine } else { GuessedAt::GuestsCrowd };
    let line = origin.to_string();
    let key = |parts: &[&[u8]]| app.master.mac("guest orders of a day", parts).to_vec();
    vec![
        (by, key(&[b"line", line.as_bytes()])),
        (GuessedAt::GuestsAddress, key(&[b"address", line.as_bytes(), email_key.as_bytes()])),
    ]
}

/// By what mail to an address is counted that a guest gave.
fn mailbox(app: &App, email: &str) -> Vec<u8> {
    let email_key = text::email_key(email).unwrap_or_default();
    app.master.mac("guest mails of a day", &[email_key.as_bytes()]).to_vec()
}

impl Contact<'_> {
    /// A step: holds what waits for its money by now, and so many pieces that are to wait besides, against what may. Those who order on the same
    /// line do so one after the other.
    pub(super) fn check(&self, tx: &mut Tx<'_>, most: i64, pieces: i64) -> Result<(), OrderError> {
        if pieces > Guest::MAXIMUM_PIECES {
            return Err(OrderError::TooManyPieces);
        }
        let since = tx.now() - COUNTED;
        guests::lock_line(tx, self.line_key)?;
        let (all, with_address) = guests::count_of_line(tx.conn(), self.line_key, self.email_key, since)?;
        if all >= most || with_address >= most.min(Guest::MAXIMUM_WAITING) {
            return Err(OrderError::TooManyUnpaid);
        }
        if pieces > 0 && guests::pieces_of_line(tx.conn(), self.line_key)? + pieces > Guest::MAXIMUM_PIECES {
            return Err(OrderError::TooManyUnpaid);
        }
        Ok(())
    }
}

/// Places an order of what is in the guest's cart that a token opens. Where nobody can pay, nothing would bound what they order.
pub async fn place_guest_order(
    app: &App,
    caller: &Caller,
    cart_token: &str,
    input: PlaceGuestOrder,
    key: &str,
) -> Result<Id<Order>, OrderError> {
    not_in_anothers_name(caller)?;
    let cart = carts::service::named(app, cart_token)?;
    let key = Key::new(&cart, "placeGuestOrder", key, &input, Retention::Month)?;
    if !payments::service::are_taken(app) {
        return Err(PaymentError::NoProvider.into());
    }
    let email = input.email.trim().to_owned();
    let email_key = text::email_key(&email).ok_or(OrderError::Email)?;
    let locale = users::service::surroundings(app, caller).await?.locale;
    let origin = caller.origin();
    let line_key = app.master.mac("guest orders", &[origin.to_string().as_bytes()]);
    let counted = counts_of_day(app, origin, &email_key);
    let checkout = &app.market.checkout;
    let terms = Terms {
        waits_for: Some(checkout.payment_due),
        most_waiting: checkout.unpaid_orders.into(),
        commission: checkout.commission,
    };
    app.once(caller, Some(key), move |tx| {
        if let Some((_, retry_at)) = users::service::count_guess(tx, &counted)? {
            return Err(OrderError::TooManyOfDay { retry_at });
        }
        let contact = Contact { email: &email, email_key: &email_key, locale: &locale, line_key: &line_key };
        place_of_guest(tx, &contact, &input, cart, terms)
    })
    .await
}

/// The staff have no token of anybody's.
fn not_in_anothers_name(caller: &Caller) -> Result<(), Failure> {
    if caller.on_behalf().is_some() { Err(Failure::Forbidden) } else { Ok(()) }
}

/// By what somebody acts as the buyer of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Account(Id<User>),
    /// By the owner's token of this very order.
    Token,
}

impl By {
    /// By a token, if one is given; else whoever is signed in.
    pub(super) fn of(app: &App, caller: &Caller, order: Id<Order>, token: Option<&str>) -> Result<Self, OrderError> {
        let Some(token) = token else { return Ok(Self::Account(signed_in(caller)?)) };
        not_in_anothers_name(caller)?;
        if owned(app, token) == Some(order) { Ok(Self::Token) } else { Err(OrderError::NotFound) }
    }

    /// Whose idempotency keys these are.
    pub(super) fn scope(self, order: Id<Order>) -> String {
        match self {
            Self::Account(person) => person.to_string(),
            Self::Token => order.to_string(),
        }
    }

    pub(super) fn may_act(self, caller: &Caller, order: &Order, now: Time) -> bool {
        match self {
            Self::Account(_) => policy::may_act(caller, order),
            Self::Token => policy::is_held(order, now),
        }
    }

    /// Who did it, as it is told.
    pub(super) fn actor(self, tx: &Tx<'_>) -> Option<Id<User>> {
        match self {
            Self::Account(person) => in_person(tx, person),
            Self::Token => None,
        }
    }
}

/// What a guest ordered, for who has the owner's token; none if that is none of ours or too old, and once somebody has claimed it.
pub async fn order_by_token(app: &App, token: &str) -> Result<Option<Opened>, Failure> {
    let Some(id) = owned(app, token) else { return Ok(None) };
    let now = app.now();
    app.db.read(move |conn: &mut Conn| open(conn, id, now)).await
}

fn open(conn: &mut Conn, id: Id<Order>, now: Time) -> Result<Option<Opened>, Failure> {
    let found = queries::by_ids(conn, &[id])?.pop().filter(|found| policy::is_held(&found.order, now));
    let Some(order) = found else { return Ok(None) };
    let parts = queries::parts_by_orders(conn, &[id])?;
    let part_ids: Vec<_> = parts.iter().map(|part| part.part.id).collect();
    let moneys = standing::moneys(conn, &[id])?;
    let standing = OrderStanding {
        order: order.order.clone(),
        money: moneys.of(id),
        is_packed: standing::packed(conn, &[id])?.contains(&id),
        extended: parts.iter().filter(|part| !part.added.is_empty()).map(|part| part.part.clone()).collect(),
        refunds: moneys.refunds_of(id, None),
        rights: Rights { is_buyer: true, is_oneself: true, ..Rights::default() },
    };
    let payments = queries::payments_by_orders(conn, &[id])?;
    let refunds = queries::steps::refunds_by_orders(conn, &[id])?;
    let steps = queries::steps::by_orders(conn, &[id])?;
    let shipments = queries::shipments::by_parts(conn, &part_ids)?;
    let documents = queries::documents::by_parts(conn, &part_ids)?;
    Ok(Some(Opened {
        order,
        parts,
        payments: payments.into_iter().map(|(payment, _)| payment).collect(),
        refunds: refunds.into_iter().map(|(refund, _)| refund).collect(),
        steps: steps.into_iter().map(|(step, _)| step).filter(|step| !step.step.is_hidden_from_buyers()).collect(),
        shipments: shipments.into_iter().map(|(shipment, _)| shipment).collect(),
        documents: documents.into_iter().map(|(document, _)| document).collect(),
        standing,
    }))
}

/// How whoever ordered something as a guest is written to once more; none if nobody did, or it is forgotten. Anybody may have given their address:
/// before money has come in for the order, or was promised, nobody is written to, and not for ever after that, nor too often in a day about all
/// orders together; and they are called by no name, which would be a stranger's words.
pub(super) async fn addressee(app: &App, order: &Order) -> Result<Option<Addressee>, Failure> {
    let id = order.id;
    let read = move |conn: &mut Conn| -> Result<Option<Guest>, Failure> {
        let payments = queries::payments_by_orders(conn, &[id])?;
        let is_serious =
            |payment: &PaymentIntent| payment.status == PaymentStatus::Succeeded || payment.authorized_until.is_some();
        if payments.iter().any(|(payment, _)| is_serious(payment)) { guests::find_to_mail(conn, id) } else { Ok(None) }
    };
    let Some(Guest { email: Some(email), locale }) = app.db.read(read).await? else { return Ok(None) };
    let (counted, now) = ([mailbox(app, &email)], app.now());
    let waits = app.db.read(move |conn: &mut Conn| users::service::waits_until(conn, &counted, now)).await?;
    if waits.is_some() {
        tracing::warn!(order = %id, "a guest is not written to: too much mail went to the address within a day");
        return Ok(None);
    }
    Ok(Some(Addressee { email, name: String::new(), language: locale.language() }))
}

/// Counts a mail about what a guest ordered that has gone out to an address, so that there is an end of them.
///
/// # Errors
/// If the database fails.
pub async fn count_mail(app: &App, caller: &Caller, order: Id<Order>, email: &str) -> Result<(), Failure> {
    let counted = [(GuessedAt::GuestsAddress, mailbox(app, email))];
    let count = move |tx: &mut Tx<'_>| -> Result<(), Failure> {
        guests::count_mail(tx, order)?;
        users::service::count_guess(tx, &counted)?;
        Ok(())
    };
    app.db.write(caller, count).await
}

/// Makes what a guest ordered the caller's own: by the owner's token, or by the link in a mail if their account has the address to which that
/// went. Once more changes nothing.
pub async fn claim_order(app: &App, caller: &Caller, token: &str, key: &str) -> Result<Id<Order>, OrderError> {
    let person = oneself(caller)?;
    let (order, is_owner) = match owned(app, token) {
        Some(order) => (order, true),
        None => (linked(app, token).ok_or(OrderError::Token)?, false),
    };
    let key = Key::new(&person, "claimOrder", key, &order, Retention::Day)?;
    let most = app.market.checkout.unpaid_orders.into();
    app.once(caller, Some(key), move |tx| claim(tx, person, (order, is_owner), most)).await
}

fn claim(
    tx: &mut Tx<'_>,
    person: Id<User>,
    (id, is_owner): (Id<Order>, bool),
    most: i64,
) -> Result<Id<Order>, OrderError> {
    // As whoever orders is: nobody is erased meanwhile.
    users::service::lock_person(tx, person)?.ok_or(Failure::Unauthenticated(None))?;
    let order = queries::lock_order(tx, id)?.ok_or(OrderError::Token)?;
    if order.buyer_id == Some(person) {
        return Ok(id);
    }
    let now = tx.now();
    let guest = guests::find(tx.conn(), id)?.filter(|_| policy::is_held(&order, now)).ok_or(OrderError::Token)?;
    if !is_owner {
        let email = guest.email.ok_or(OrderError::Token)?;
        if users::service::person_by_email(tx.conn(), &email)? != Some(person) {
            return Err(OrderError::Token);
        }
    }
    // Else they would have as many as they like by claiming one after the other.
    if order.payment_due_at.is_some() && queries::waiting::count_by_buyer(tx.conn(), person)? >= most {
        return Err(OrderError::TooManyUnpaid);
    }
    let version = guests::set_buyer(tx, id, person)?.ok_or(OrderError::Token)?;
    guests::delete(tx, id)?;
    let order = Order { buyer_id: Some(person), ..order };
    let parts = queries::parts_of(tx.conn(), id)?;
    let mut conversations: Vec<_> = parts.iter().filter_map(|part| part.conversation_id).collect();
    conversations.sort_unstable();
    for conversation in conversations {
        messages::service::join_order_conversation(tx, conversation, person)?;
    }
    note_step(tx, &order, version, &Happened { actor: Some(person), ..Happened::all(OrderStep::Claimed) })?;
    Ok(id)
}

/// Forgets where guests had their orders sent and who they were, once orders need not be kept any longer, and soon if they came to nothing: no law
/// wants those. And from which lines they ordered, once that is not counted any more.
///
/// # Errors
/// If the database fails; what was done before stays done.
pub async fn forget_guests(app: &App, caller: &Caller) -> Result<(), Failure> {
    let (now, kept) = (app.now(), app.market.privacy.orders_kept);
    let forget = move |tx: &mut Tx<'_>| -> Result<usize, Failure> {
        let orders = guests::forget(tx, now - kept, BATCH)?;
        let ids: Vec<_> = orders.iter().map(|order| order.uuid()).collect();
        invoices::service::forget_recipients_of(tx, &ids)?;
        Ok(orders.len())
    };
    app.db.write_in_batches(caller, forget).await?;
    let forget = move |tx: &mut Tx<'_>| guests::forget_unpaid(tx, now - NEVER_PAID, BATCH);
    app.db.write_in_batches(caller, forget).await?;
    let forget = move |tx: &mut Tx<'_>| guests::forget_lines(tx, now - COUNTED, BATCH);
    app.db.write_in_batches(caller, forget).await
}
