//! Plain pages behind the links in mail, for markets that name no pages of their own: an address is confirmed, a new password
//! chosen. Opening a page changes nothing, for programs that look at mail open its links too; the button on it does.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::{caller, http::Endpoint, pages::html_in, session::enter};
use crate::{
    kernel::{
        error::{DomainError, ErrorCode, Verdict},
        money::Money,
        place::Language,
        text::escape_html,
    },
    orders::{
        self,
        model::{FullPart, OrderLifecycle, OrderLine, PaidOrder},
    },
    platform::{
        app::App,
        caller::Caller,
        links::{ORDER_PAGE, RESET_PAGE, UNSUBSCRIBE_PAGE, VERIFY_PAGE},
        texts,
    },
    user_errors::message,
    users::{
        error::AccountError,
        model::NotificationKind,
        service::{self, Afterwards},
    },
};

/// The points that it costs to open a page, and to press its button, which may hash a password.
const OPEN: u64 = 100;
const PRESS: u64 = 2_000;
/// Bytes of a form.
const FORM_BYTES: usize = 4 * 1024;

/// Serves the pages.
pub fn configure(service: &mut web::ServiceConfig) {
    let form = || web::FormConfig::default().limit(FORM_BYTES);
    let page = web::resource(VERIFY_PAGE).app_data(form());
    service.service(page.route(web::get().to(verify)).route(web::post().to(verified)));
    let page = web::resource(RESET_PAGE).app_data(form());
    service.service(page.route(web::get().to(reset)).route(web::post().to(was_reset)));
    service.service(web::resource(ORDER_PAGE).route(web::get().to(order)));
    let page = web::resource(format!("{UNSUBSCRIBE_PAGE}/{{kind}}"));
    service.service(page.route(web::get().to(unsubscribe)).route(web::post().to(unsubscribed)));
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    token: String,
}

#[derive(Deserialize)]
struct LinkAndPassword {
    #[serde(default)]
    token: String,
    #[serde(default)]
    password: String,
}

async fn verify(http: HttpRequest, endpoint: web::Data<Endpoint>, link: web::Query<Link>) -> HttpResponse {
    page(&http, &endpoint, OPEN, async |app, _, language| {
        let email = service::address_of_link(app, &link.token).await?;
        Ok(verify_form(language, &email, &link.token, ""))
    })
    .await
}

async fn verified(http: HttpRequest, endpoint: web::Data<Endpoint>, form: web::Form<LinkAndPassword>) -> HttpResponse {
    let LinkAndPassword { token, password } = form.into_inner();
    page(&http, &endpoint, PRESS, async |app, caller, language| {
        let email = service::address_of_link(app, &token).await?;
        match service::confirm_by_link(app, caller, &token, password, Afterwards::Leave).await {
            Ok(_) => Ok(said(language, "page-verify", "page-verify.done", &[("email", &email)])),
            Err(error) => problem(error, language, |problem| verify_form(language, &email, &token, problem)),
        }
    })
    .await
}

async fn reset(http: HttpRequest, endpoint: web::Data<Endpoint>, link: web::Query<Link>) -> HttpResponse {
    page(&http, &endpoint, OPEN, async |app, _, language| {
        let user = service::password_reset_for(app, &link.token).await?;
        Ok(reset_form(language, user.email.as_deref(), &link.token, ""))
    })
    .await
}

async fn was_reset(http: HttpRequest, endpoint: web::Data<Endpoint>, form: web::Form<LinkAndPassword>) -> HttpResponse {
    let LinkAndPassword { token, password } = form.into_inner();
    page(&http, &endpoint, PRESS, async |app, caller, language| {
        let user = service::password_reset_for(app, &token).await?;
        match service::reset_password(app, caller, &token, password, Afterwards::Leave).await {
            Ok(_) => Ok(said(language, "page-reset", "page-reset.done", &[])),
            Err(error) => {
                problem(error, language, |problem| reset_form(language, user.email.as_deref(), &token, problem))
            }
        }
    })
    .await
}

async fn order(http: HttpRequest, endpoint: web::Data<Endpoint>, link: web::Query<Link>) -> HttpResponse {
    page(&http, &endpoint, OPEN, async |app, _, language| {
        let found = orders::service::order_by_link(app, &link.token).await?;
        let (order, parts) = found.ok_or(AccountError::InvalidToken)?;
        Ok(order_shown(language, &order, &parts))
    })
    .await
}

async fn unsubscribe(
    http: HttpRequest,
    endpoint: web::Data<Endpoint>,
    kind: web::Path<String>,
    link: web::Query<Link>,
) -> HttpResponse {
    page(&http, &endpoint, OPEN, async |app, _, language| {
        service::unsubscriber(app, kind_of(&kind)?, &link.token)?;
        Ok(form(language, "page-unsubscribe", "", &link.token, ""))
    })
    .await
}

/// By the button, or by a reader's program, which says so in a body that nobody has to look at (RFC 8058, 3.2).
async fn unsubscribed(
    http: HttpRequest,
    endpoint: web::Data<Endpoint>,
    kind: web::Path<String>,
    link: web::Query<Link>,
) -> HttpResponse {
    page(&http, &endpoint, OPEN, async |app, caller, language| {
        service::unsubscribe(app, caller, kind_of(&kind)?, &link.token).await?;
        Ok(said(language, "page-unsubscribe", "page-unsubscribe.done", &[]))
    })
    .await
}

fn kind_of(kind: &str) -> Result<NotificationKind, AccountError> {
    NotificationKind::ALL.into_iter().find(|known| known.as_str() == kind).ok_or(AccountError::InvalidToken)
}

/// The form once more, with what was wrong; but with a link that leads nowhere there is none.
fn problem(error: AccountError, language: Language, form: impl FnOnce(&str) -> String) -> Result<String, AccountError> {
    match error {
        AccountError::InvalidToken | AccountError::Failed(_) => Err(error),
        error => match error.verdict() {
            Verdict::Refused { code, .. } => Ok(form(message(code, language))),
            Verdict::Failed(failure) => Err(failure.into()),
        },
    }
}

/// A page in the language of whoever asks, or one that says why there is none.
pub(super) async fn page(
    http: &HttpRequest,
    endpoint: &Endpoint,
    cost: u64,
    make: impl AsyncFnOnce(&App, &Caller, Language) -> Result<String, AccountError>,
) -> HttpResponse {
    let language = caller::locale(http).unwrap_or_default().language();
    let body = match enter(http, endpoint, cost).await {
        Ok((caller, _admitted)) => make(endpoint.api.app(), &caller, language).await,
        Err(failure) => Err(failure.into()),
    };
    match body {
        Ok(body) => html_in(language, &body),
        Err(error) => no_page(language, &error),
    }
}

/// The page that says why there is none.
pub(super) fn no_page(language: Language, error: &AccountError) -> HttpResponse {
    match error {
        AccountError::Failed(failure) => {
            if failure.code() == ErrorCode::Internal {
                tracing::error!(%failure, "a page of an account failed");
            }
            with_status(503, html_in(language, &said(language, "page-busy", "page-busy.text", &[])))
        }
        _ => with_status(404, html_in(language, &said(language, "page-gone", "page-gone.text", &[]))),
    }
}

fn with_status(status: u16, mut answer: HttpResponse) -> HttpResponse {
    if let Ok(status) = actix_web::http::StatusCode::from_u16(status) {
        *answer.status_mut() = status;
    }
    answer
}

/// A text as it stands on a page.
pub(super) fn text(language: Language, id: &str, words: texts::Words<'_>) -> String {
    escape_html(&texts::text(language, id, words).unwrap_or_default())
}

/// What was ordered, and how far it has come.
fn order_shown(language: Language, paid: &PaidOrder, parts: &[FullPart]) -> String {
    let order = &paid.order;
    let state = if order.status == OrderLifecycle::Cancelled { "CANCELLED" } else { paid.payment_state().as_str() };
    let words = [("number", order.number.as_str()), ("state", state)];
    let money = |minor| escape_html(&Money::new(minor, order.currency).to_string());
    let lines = parts.iter().flat_map(|part| &part.lines);
    let row =
        |line: &OrderLine| format!("<tr><td>{} × {}<td>{}", line.quantity, escape_html(&line.title), money(line.total));
    let rows: Vec<String> = lines.map(row).collect();
    format!(
        "<h1>{}</h1><p>{}</p><table>{}<tr><th>{}<th>{}</table>",
        text(language, "page-order", &words),
        text(language, "page-order.state", &words),
        rows.concat(),
        text(language, "page-order.total", &[]),
        money(order.total)
    )
}

fn said(language: Language, title: &str, id: &str, words: texts::Words<'_>) -> String {
    format!("<h1>{}</h1><p>{}</p>", text(language, title, &[]), text(language, id, words))
}

/// A form with a question, perhaps a field, and a button.
fn form(language: Language, id: &str, email: &str, token: &str, field: &str) -> String {
    let question = said(language, id, &format!("{id}.question"), &[("email", email)]);
    let (action, token) = (text(language, &format!("{id}.action"), &[]), escape_html(token));
    format!(
        "{question}<form method=post><input type=hidden name=token value=\"{token}\">{field}<button>{action}</button></form>"
    )
}

fn verify_form(language: Language, email: &str, token: &str, problem: &str) -> String {
    let field = password_field(language, "page-verify.password", problem, "autocomplete=current-password");
    form(language, "page-verify", email, token, &field)
}

fn reset_form(language: Language, email: Option<&str>, token: &str, problem: &str) -> String {
    let rules = "autocomplete=new-password minlength=10 maxlength=256";
    let field = password_field(language, "page-reset.password", problem, rules);
    form(language, "page-reset", email.unwrap_or_default(), token, &field)
}

fn password_field(language: Language, label: &str, problem: &str, rules: &str) -> String {
    let (label, problem) = (text(language, label, &[]), escape_html(problem));
    format!(
        "<p role=alert>{problem}</p><p><label>{label} <input type=password name=password required {rules}></label></p>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::{id::Id, money::CurrencyCode},
        orders::model::{Order, OrderCosts},
    };

    #[test]
    fn every_page_has_its_words() {
        for language in [Language::English, Language::German] {
            let shown = |status, paid| {
                let order = Order {
                    id: Id::from_uuid(uuid::Uuid::nil()),
                    number: "7K4M-92QX".into(),
                    buyer_id: None,
                    status,
                    currency: CurrencyCode::GBP,
                    total: 10,
                    shipping_address: None,
                    version: 1,
                    placed_at: "2026-11-20T12:00:00Z".parse().unwrap(),
                    cancelled_at: None,
                    payment_due_at: None,
                    refunded: 0,
                    cancellation: None,
                    dropped: 0,
                    costs: OrderCosts::default(),
                    note: None,
                    added: 0,
                    added_due_at: None,
                };
                order_shown(language, &PaidOrder { order, paid }, &[])
            };
            for page in [
                verify_form(language, "ada@example.com", "token", ""),
                reset_form(language, Some("ada@example.com"), "token", ""),
                said(language, "page-verify", "page-verify.done", &[("email", "ada@example.com")]),
                said(language, "page-reset", "page-reset.done", &[]),
                said(language, "page-gone", "page-gone.text", &[]),
                form(language, "page-unsubscribe", "", "token", ""),
                said(language, "page-unsubscribe", "page-unsubscribe.done", &[]),
                shown(OrderLifecycle::Open, 0),
                shown(OrderLifecycle::Open, 5),
                shown(OrderLifecycle::Open, 10),
                shown(OrderLifecycle::Cancelled, 0),
                said(language, "page-busy", "page-busy.text", &[]),
            ] {
                for empty in ["<h1></h1>", "<p></p>", "<button></button>", "<label> ", "{$"] {
                    assert!(!page.contains(empty), "{page}");
                }
            }
        }
    }
}
