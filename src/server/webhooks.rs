//! `POST /webhooks/stripe`, or `/webhooks/test` where no real money moves: what the provider tells of its own accord. It is kept and answered
//! at once; a job looks into it.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::{
    body::{self, BodyError},
    caller,
    http::Endpoint,
    pages::plain,
};
use crate::{
    kernel::error::Failure,
    payments::{
        model::ProviderEvent,
        service::{
            Told, receive,
            stripe::{self, NotBelieved},
            test_webhooks,
        },
    },
    platform::{
        app::{App, PaymentSetup},
        caller::{Caller, Who},
    },
};

/// Where Stripe tells, below the public URL.
const PAGE: &str = "/webhooks/stripe";

/// Serves the place of the provider that carries payments out.
pub fn configure(service: &mut web::ServiceConfig, payments: PaymentSetup) {
    match payments {
        PaymentSetup::Stripe => {
            service.service(web::resource(PAGE).route(web::post().to(of_stripe)));
        }
        PaymentSetup::Test => {
            service.service(web::resource(test_webhooks::PATH).route(web::post().to(of_test)));
        }
        PaymentSetup::Off => {}
    }
}

/// What a signed body tells, if it is believed.
type Believed = fn(&App, &str, Vec<u8>) -> Result<Option<Told>, NotBelieved>;

/// How a provider signs what it tells.
struct Teller {
    signature: &'static str,
    believed: Believed,
}

/// Why an event is not taken.
enum Refused {
    Body(BodyError),
    NotBelieved(NotBelieved),
    Failed(Failure),
}

async fn of_stripe(http: HttpRequest, endpoint: web::Data<Endpoint>, payload: web::Payload) -> HttpResponse {
    let teller = Teller { signature: "stripe-signature", believed: stripe::believed };
    answer(&http, &endpoint, payload, &teller).await
}

async fn of_test(http: HttpRequest, endpoint: web::Data<Endpoint>, payload: web::Payload) -> HttpResponse {
    let teller = Teller { signature: test_webhooks::SIGNATURE, believed: test_webhooks::believed };
    answer(&http, &endpoint, payload, &teller).await
}

async fn answer(http: &HttpRequest, endpoint: &Endpoint, payload: web::Payload, teller: &Teller) -> HttpResponse {
    match take_in(http, endpoint, payload, teller).await {
        Ok(()) => plain(StatusCode::OK, "noted\n"),
        Err(Refused::Body(error)) => plain(error.status(), "the body is too large, or did not come\n"),
        Err(Refused::NotBelieved(error)) => {
            // Anybody may send them, as many as they like: they are counted.
            tracing::debug!(%error, "an event that is said to be the provider's is not taken");
            endpoint.api.app().metrics().operations.refused("UNAUTHENTICATED");
            plain(StatusCode::BAD_REQUEST, "this is not taken for an event of the provider's\n")
        }
        Err(Refused::Failed(failure @ Failure::RateLimited { .. })) => {
            tracing::debug!(error = %failure, "the provider tells too much at once");
            plain(StatusCode::TOO_MANY_REQUESTS, "tell it later\n")
        }
        Err(Refused::Failed(failure)) => {
            tracing::error!(error = %failure, "an event of the provider's could not be kept; it will tell it again");
            plain(StatusCode::SERVICE_UNAVAILABLE, "tell it later\n")
        }
    }
}

async fn take_in(
    http: &HttpRequest,
    endpoint: &Endpoint,
    payload: web::Payload,
    teller: &Teller,
) -> Result<(), Refused> {
    let app = endpoint.api.app();
    let body = body::read_within(ProviderEvent::BYTES, payload, &endpoint.room, endpoint.patience.body).await;
    let body = body.map_err(Refused::Body)?.into_bytes();
    let signature = http.headers().get(teller.signature).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match (teller.believed)(app, signature, body).map_err(Refused::NotBelieved)? {
        Some(told) => {
            // Not before, or whoever sends slowly, or is not the provider, kept others out.
            let request = caller::surroundings(app, http).map_err(Refused::Failed)?;
            let _admitted = endpoint.admission.admit(request.address).map_err(Refused::Failed)?;
            let caller = Caller { who: Who::Guest, request: request.into() };
            receive(app, &caller, told).await.map_err(Refused::Failed)
        }
        None => Ok(()),
    }
}
