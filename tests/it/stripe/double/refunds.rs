//! The double's refunds.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::{CREATED, Form, Shared, State, amount, error, metadata, serve};

/// A refund.
pub(super) struct Given {
    pub(super) form: Form,
    pub(super) status: &'static str,
}

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service
        .route("/v1/refunds", web::post().to(give_back))
        .route("/v1/refunds", web::get().to(list))
        .route("/v1/refunds/{id}", web::get().to(look_at_refund));
}

pub(super) fn refund(state: &State, id: &str) -> Value {
    let Given { form, status } = &state.refunds[id];
    json!({
        "id": id, "object": "refund", "amount": amount(form), "currency": "gbp", "status": status,
        "payment_intent": form["payment_intent"], "metadata": metadata(form), "reason": null, "created": CREATED,
    })
}

/// What of a payment has gone back, or is on its way.
pub(super) fn given_back(state: &State, payment: &str) -> i64 {
    let stays = |given: &&Given| !["failed", "canceled"].contains(&given.status);
    let own = state.refunds.values().filter(|given| given.form["payment_intent"] == payment);
    own.filter(stays).map(|given| amount(&given.form)).sum()
}

async fn give_back(state: Shared, http: HttpRequest, form: web::Form<Form>) -> HttpResponse {
    let form = form.into_inner();
    let given = form.clone();
    serve(&state, "refund", &http, &form, move |state| {
        let payment = &state.intents[&given["payment_intent"]];
        let gone = given_back(state, &given["payment_intent"]);
        if payment.status != "succeeded" || gone + amount(&given) > amount(&payment.form) {
            return (400, error("invalid_request_error", "charge_already_refunded"));
        }
        let id = format!("re_{}", state.refunds.len() + 1);
        let status = state.gives.unwrap_or("succeeded");
        state.refunds.insert(id.clone(), Given { form: given, status });
        (200, refund(state, &id))
    })
    .await
}

async fn list(state: Shared, http: HttpRequest, query: web::Query<Form>) -> HttpResponse {
    serve(&state, "list", &http, &Form::new(), |state| {
        state.expect(query.contains_key("created[gte]"), "refunds of all times are listed");
        let own =
            state.refunds.iter().rev().filter(|(_, given)| given.form["payment_intent"] == query["payment_intent"]);
        // One on a page, so that there are some.
        let after = own.skip_while(|(id, _)| query.get("starting_after").is_some_and(|last| *id >= last));
        let ids: Vec<String> = after.map(|(id, _)| id.clone()).collect();
        let data: Vec<Value> = ids.iter().take(1).map(|id| refund(state, id)).collect();
        (200, json!({"object": "list", "url": "/v1/refunds", "has_more": ids.len() > 1, "data": data}))
    })
    .await
}

async fn look_at_refund(state: Shared, http: HttpRequest, id: web::Path<String>) -> HttpResponse {
    serve(&state, "look", &http, &Form::new(), |state| (200, refund(state, &id))).await
}
