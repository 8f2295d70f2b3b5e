//! The page of the test provider on which the owner of a shop says where its money goes. Only where no real money moves.

use std::fmt::Write;

use actix_web::{HttpResponse, http::header, web};
use serde::Deserialize;

use super::pages::html_leading_to;
use crate::{
    api::Api,
    kernel::place::Language,
    payments::service::test_page::{TEST_DESTINATIONS, TEST_PAYOUT_PAGE, page_shop},
    payouts,
    platform::{app::App, caller::Caller},
};

/// Serves the page of each shop.
pub fn configure(service: &mut web::ServiceConfig) {
    let page = web::resource(format!("{TEST_PAYOUT_PAGE}/{{token}}"));
    service.service(page.route(web::get().to(show)).route(web::post().to(decide)));
}

/// Where the page leads.
#[derive(Deserialize)]
struct Back {
    #[serde(rename = "returnUrl")]
    url: Option<String>,
}

impl Back {
    /// What stands in the address of a page, anybody may have written.
    fn checked(self, app: &App) -> Option<String> {
        self.url.filter(|url| app.market.may_lead_back_to(url))
    }
}

#[derive(Deserialize)]
struct Form {
    destination: String,
}

async fn show(api: web::Data<Api>, token: web::Path<String>, back: web::Query<Back>) -> HttpResponse {
    if page_shop(api.app(), &token).is_none() {
        return HttpResponse::NotFound().finish();
    }
    let ask = "This is the test provider: no money moves. Where shall the shop's money go?";
    let mut form = format!("<p>{ask}</p><form method=post>");
    for destination in TEST_DESTINATIONS {
        let _ = write!(form, "<button name=destination value={destination}>{destination}</button> ");
    }
    page(&format!("{form}</form>"), back.into_inner().checked(api.app()).as_deref())
}

async fn decide(
    api: web::Data<Api>,
    token: web::Path<String>,
    back: web::Query<Back>,
    form: web::Form<Form>,
) -> HttpResponse {
    let app = api.app();
    let Some((shop, person)) = page_shop(app, &token) else { return HttpResponse::NotFound().finish() };
    let destination = form.into_inner().destination;
    if !TEST_DESTINATIONS.contains(&destination.as_str()) {
        return HttpResponse::BadRequest().finish();
    }
    match payouts::service::set_account(app, &Caller::system(), (shop, person), destination).await {
        Ok(true) => match back.into_inner().checked(app) {
            Some(url) => HttpResponse::SeeOther().insert_header((header::LOCATION, url.as_bytes())).finish(),
            None => page("<p>The shop's money goes there.</p>", None),
        },
        Ok(false) => HttpResponse::NotFound().finish(),
        Err(error) => {
            tracing::error!(%error, "the test provider's page failed");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}

fn page(body: &str, back: Option<&str>) -> HttpResponse {
    html_leading_to(Language::English, &format!("<h1>Payouts</h1>{body}"), back)
}
