//! The page of the test provider, on which a person approves or declines a payment, and has the bank take it back. Only where no real money
//! moves.

use std::borrow::Cow;

use actix_web::{HttpResponse, http::header, web};
use serde::Deserialize;

use super::pages::html_leading_to;
use crate::{
    api::Api,
    kernel::{error::Failure, place::Language, text::escape_html},
    orders::{self, error::OrderError, model::PaidFor},
    payments::{
        model::{DisputeMoney, DisputeStanding, DisputeStatus, PaymentIntent, PaymentStatus},
        service::{
            provider::NoAnswer,
            test_page::{self, DISPUTED, Decision, TEST_PAGE, page_intent},
        },
    },
    platform::{app::App, caller::Caller},
};

/// Serves the page of each payment that needs a further step.
pub fn configure(service: &mut web::ServiceConfig) {
    let page = web::resource(format!("{TEST_PAGE}/{{token}}"));
    service.service(page.route(web::get().to(show)).route(web::post().to(decide)));
}

#[derive(Deserialize)]
struct Form {
    decision: Decision,
}

async fn show(api: web::Data<Api>, token: web::Path<String>) -> HttpResponse {
    let app = api.app();
    let shown = async {
        let Some(found) = find(app, &token).await? else { return Ok(None) };
        let standing = standing(app, &found.payment).await?;
        Ok::<_, Undecided>(Some(page(&found, standing)))
    };
    match shown.await {
        Ok(Some(page)) => page,
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(error) => unavailable(&error),
    }
}

async fn decide(api: web::Data<Api>, token: web::Path<String>, form: web::Form<Form>) -> HttpResponse {
    let app = api.app();
    let decided = async {
        let Some(PaidFor { payment, .. }) = find(app, &token).await? else { return Ok(None) };
        if payment.status == PaymentStatus::RequiresAction
            && let Some(progress) = test_page::decide(app, &payment, form.decision).await?
        {
            orders::service::settle(app, &Caller::system(), payment.id, progress).await?;
        }
        if is_disputable(&payment)
            && let Some(told) = test_page::dispute(app, &payment, form.decision).await?
        {
            orders::service::settle_disputes(app, &Caller::system(), payment.id, vec![told]).await?;
        }
        let Some(found) = find(app, &token).await? else { return Ok(None) };
        let standing = standing(app, &found.payment).await?;
        Ok::<_, Undecided>(Some((found, standing)))
    };
    match decided.await {
        Ok(Some((found, standing))) => {
            match found.payment.return_url.as_ref().filter(|_| !is_disputable(&found.payment)) {
                Some(url) => HttpResponse::SeeOther().insert_header((header::LOCATION, url.as_bytes())).finish(),
                None => page(&found, standing),
            }
        }
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(error) => unavailable(&error),
    }
}

/// Why nobody knows whether what was decided counts.
#[derive(Debug, thiserror::Error)]
enum Undecided {
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

async fn find(app: &App, token: &str) -> Result<Option<PaidFor>, Failure> {
    match page_intent(app, token) {
        Some(id) => orders::service::payment(app, id).await,
        None => Ok(None),
    }
}

/// Whether a person can have the bank take a payment back.
fn is_disputable(payment: &PaymentIntent) -> bool {
    payment.status == PaymentStatus::Succeeded && payment.method == DISPUTED
}

/// How the dispute of a payment stands that can be disputed.
async fn standing(app: &App, payment: &PaymentIntent) -> Result<Option<DisputeStanding>, NoAnswer> {
    if is_disputable(payment) { test_page::standing(app, payment).await } else { Ok(None) }
}

/// A button of the page: what it sends, and what is written on it.
type Button = (&'static str, &'static str);

const INQUIRE: Button = ("inquire", "It asks about the payment");
const DISPUTE: Button = ("dispute", "It takes the money back");
const LOSE: Button = ("lose", "The buyer is right");
const WIN: Button = ("win", "The market is right");

/// What the buyer's bank can say next. It decides nothing that it has not asked about, and may think better of it.
const fn offered(standing: Option<DisputeStanding>) -> &'static [Button] {
    let Some(DisputeStanding { status, money }) = standing else { return &[INQUIRE, DISPUTE] };
    match (status, money) {
        (DisputeStatus::Won, _) => &[],
        (DisputeStatus::Lost, _) => &[WIN],
        (DisputeStatus::NeedsResponse | DisputeStatus::UnderReview, DisputeMoney::Untouched) => &[DISPUTE, LOSE, WIN],
        (DisputeStatus::NeedsResponse | DisputeStatus::UnderReview, _) => &[LOSE, WIN],
    }
}

/// What is said of a payment that can be disputed.
fn asked(standing: Option<DisputeStanding>) -> String {
    let button = |(value, label): &Button| format!("<button name=decision value={value}>{label}</button>");
    let buttons: Vec<String> = offered(standing).iter().map(button).collect();
    if buttons.is_empty() {
        return "<p>The payment has been approved, and the buyer's bank has decided.</p>".to_owned();
    }
    let question = "<p>The payment has been approved. What does the buyer's bank say?</p>";
    format!("{question}<form method=post>{}</form>", buttons.join(" "))
}

fn unavailable(error: &impl std::fmt::Display) -> HttpResponse {
    tracing::error!(%error, "the test provider's page failed");
    HttpResponse::ServiceUnavailable().finish()
}

fn page(PaidFor { payment, order }: &PaidFor, standing: Option<DisputeStanding>) -> HttpResponse {
    let (amount, number) = (escape_html(&payment.money().to_string()), escape_html(&order.number));
    let rest: Cow<'_, str> = match payment.status {
        PaymentStatus::RequiresAction => {
            "<p>This is the test provider: no money moves.</p><form method=post>\
             <button name=decision value=approve>Approve</button> <button name=decision value=decline>Decline</button></form>"
                .into()
        }
        PaymentStatus::Succeeded if is_disputable(payment) => asked(standing).into(),
        PaymentStatus::Succeeded | PaymentStatus::RequiresCapture => "<p>The payment has been approved.</p>".into(),
        PaymentStatus::Failed => "<p>The payment has been declined.</p>".into(),
        PaymentStatus::Processing => "<p>The payment is being worked on. Reload this page in a moment.</p>".into(),
        PaymentStatus::Cancelled => "<p>The payment has been given up for another attempt.</p>".into(),
    };
    let body = format!("<h1>Pay {amount}</h1><p>Order {number}</p>{rest}");
    html_leading_to(Language::English, &body, payment.return_url.as_deref())
}
