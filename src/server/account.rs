//! Plain pages behind the links in mail, for markets that name no pages of their own: an address is confirmed, a new password
//! chosen. Opening a page changes nothing, for programs that look at mail open its links too; the button on it does.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::{http::Endpoint, pages::html_in, session::enter};
use crate::{
    kernel::{
        error::{DomainError, Verdict},
        place::Language,
        text::escape_html,
    },
    platform::{
        app::App,
        caller::Caller,
        links::{RESET_PAGE, VERIFY_PAGE},
        texts,
    },
    user_errors::message,
    users::{
        error::AccountError,
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
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    token: String,
}

#[derive(Deserialize)]
struct NewPassword {
    token: String,
    password: String,
}

async fn verify(http: HttpRequest, endpoint: web::Data<Endpoint>, link: web::Query<Link>) -> HttpResponse {
    page(&http, &endpoint, OPEN, async |app, _, language| {
        let email = service::address_of_link(app, &link.token).await?;
        Ok(form(language, "page-verify", &email, &link.token, ""))
    })
    .await
}

async fn verified(http: HttpRequest, endpoint: web::Data<Endpoint>, link: web::Form<Link>) -> HttpResponse {
    page(&http, &endpoint, PRESS, async |app, caller, language| {
        let confirmed = service::confirm_by_link(app, caller, &link.token, Afterwards::Leave).await?;
        Ok(said(language, "page-verify", "page-verify.done", &[("email", &confirmed.email)]))
    })
    .await
}

async fn reset(http: HttpRequest, endpoint: web::Data<Endpoint>, link: web::Query<Link>) -> HttpResponse {
    page(&http, &endpoint, OPEN, async |app, _, language| {
        let user = service::password_reset_for(app, &link.token).await?;
        Ok(password_form(language, user.email.as_deref(), &link.token, ""))
    })
    .await
}

async fn was_reset(http: HttpRequest, endpoint: web::Data<Endpoint>, form: web::Form<NewPassword>) -> HttpResponse {
    let NewPassword { token, password } = form.into_inner();
    page(&http, &endpoint, PRESS, async |app, caller, language| {
        let user = service::password_reset_for(app, &token).await?;
        match service::reset_password(app, caller, &token, password, Afterwards::Leave).await {
            Ok(_) => Ok(said(language, "page-reset", "page-reset.done", &[])),
            Err(error @ AccountError::Password { .. }) => {
                let Verdict::Refused { code, .. } = error.verdict() else { return Err(AccountError::InvalidToken) };
                Ok(password_form(language, user.email.as_deref(), &token, message(code, language)))
            }
            Err(error) => Err(error),
        }
    })
    .await
}

/// A page in the language of whoever asks, or one that says why there is none.
async fn page(
    http: &HttpRequest,
    endpoint: &Endpoint,
    cost: u64,
    make: impl AsyncFnOnce(&App, &Caller, Language) -> Result<String, AccountError>,
) -> HttpResponse {
    let entered = enter(http, endpoint, cost).await;
    let language = entered.as_ref().ok().and_then(|(caller, _)| caller.request.locale.as_ref());
    let language = language.map(crate::kernel::place::Locale::language).unwrap_or_default();
    let body = match &entered {
        Ok((caller, _admitted)) => make(endpoint.api.app(), caller, language).await,
        Err(_) => return busy(language),
    };
    match body {
        Ok(body) => html_in(language, &body),
        Err(AccountError::Failed(failure)) => {
            tracing::error!(%failure, "a page of an account failed");
            busy(language)
        }
        Err(_) => with_status(404, html_in(language, &said(language, "page-gone", "page-gone.text", &[]))),
    }
}

fn busy(language: Language) -> HttpResponse {
    with_status(503, html_in(language, &said(language, "page-busy", "page-busy.text", &[])))
}

fn with_status(status: u16, mut answer: HttpResponse) -> HttpResponse {
    if let Ok(status) = actix_web::http::StatusCode::from_u16(status) {
        *answer.status_mut() = status;
    }
    answer
}

fn text(language: Language, id: &str, words: texts::Words<'_>) -> String {
    escape_html(&texts::text(language, id, words).unwrap_or_default())
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

fn password_form(language: Language, email: Option<&str>, token: &str, problem: &str) -> String {
    let (label, problem) = (text(language, "page-reset.password", &[]), escape_html(problem));
    let field = format!(
        "<p role=alert>{problem}</p><p><label>{label} <input type=password name=password autocomplete=new-password \
         required minlength=10 maxlength=256></label></p>"
    );
    form(language, "page-reset", email.unwrap_or_default(), token, &field)
}
