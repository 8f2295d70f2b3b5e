//! The double's payment methods and payment intents.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::{CREATED, Form, Shared, State, amount, client_secret, entry, error, metadata, refunds::given_back, serve};

/// A payment intent.
pub(super) struct Made {
    pub(super) form: Form,
    /// What it was confirmed with.
    pub(super) confirmed: Form,
    pub(super) status: &'static str,
    pub(super) next_action: Value,
    pub(super) error: Value,
    /// How much was taken of what was authorised.
    pub(super) captured: Option<i64>,
}

impl Made {
    fn is_manual(&self) -> bool {
        self.form.get("capture_method").is_some_and(|method| method == "manual")
    }
}

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service
        .route("/v1/payment_methods/{id}", web::get().to(method))
        .route("/v1/payment_intents", web::post().to(make))
        .route("/v1/payment_intents/{id}", web::get().to(look))
        .route("/v1/payment_intents/{id}/confirm", web::post().to(confirm))
        .route("/v1/payment_intents/{id}/capture", web::post().to(capture))
        .route("/v1/payment_intents/{id}/cancel", web::post().to(cancel));
}

pub(super) fn intent(state: &State, id: &str) -> Value {
    let Made { form, status, next_action, error, captured, .. } = &state.intents[id];
    json!({
        "id": id, "object": "payment_intent", "amount": amount(form), "currency": form["currency"], "livemode": false,
        "amount_received": if *status == "succeeded" { captured.unwrap_or_else(|| amount(form)) } else { 0 },
        "amount_capturable": if *status == "requires_capture" { amount(form) } else { 0 },
        "status": status, "client_secret": client_secret(id), "next_action": next_action, "last_payment_error": error,
        "payment_method": form["payment_method"], "metadata": metadata(form), "latest_charge": null,
        "capture_method": form.get("capture_method").map_or("automatic_async", String::as_str),
        "confirmation_method": "automatic", "created": CREATED, "payment_method_types": ["card", "sepa_debit"],
    })
}

/// What has brought the money of a payment, and whether it is told with its entry in the balance: 1.4 % and 20 pence are kept by that.
fn charge(state: &State, id: &str, is_with_entry: bool) -> Value {
    let made = &state.intents[id];
    let (whole, gone) = (amount(&made.form), given_back(state, id));
    let taken = made.captured.unwrap_or(whole);
    let entry = match (is_with_entry, state.is_unsettled) {
        (_, true) => Value::Null,
        (true, false) => entry(&format!("txn_of_{id}"), "charge", taken, taken * 14 / 1_000 + 20),
        (false, false) => json!(format!("txn_of_{id}")),
    };
    json!({
        "id": format!("ch_of_{id}"), "object": "charge", "amount": whole, "amount_captured": taken, "amount_refunded": gone,
        "balance_transaction": entry, "billing_details": {}, "captured": true, "created": CREATED, "currency": made.form["currency"],
        "disputed": false, "livemode": false, "metadata": {}, "paid": true, "payment_intent": id, "refunded": gone == taken,
        "status": "succeeded",
    })
}

/// A payment method. Those whose names differ by a number at the end are of one card.
async fn method(state: Shared, http: HttpRequest, id: web::Path<String>) -> HttpResponse {
    serve(&state, "method", &http, &Form::new(), |state| {
        let name = id.trim_end_matches(|character: char| character == '_' || character.is_ascii_digit());
        let mut method =
            json!({"id": id.as_str(), "object": "payment_method", "type": "sepa_debit", "livemode": false,
                   "billing_details": {}, "created": CREATED});
        method["customer"] = json!(state.customers.of(&id));
        if name != "pm_debit" {
            method["type"] = json!("card");
            method["card"] = json!({"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034, "funding": "credit",
                                    "fingerprint": format!("print_of_{name}")});
        }
        (200, method)
    })
    .await
}

async fn make(state: Shared, http: HttpRequest, form: web::Form<Form>) -> HttpResponse {
    let form = form.into_inner();
    let made = form.clone();
    serve(&state, "make", &http, &form, move |state| {
        state.expect(!made.contains_key("confirm"), "money moves before its name is written down");
        let id = format!("pi_{}", state.intents.len() + 1);
        let status = "requires_confirmation";
        let (next_action, error) = (Value::Null, Value::Null);
        let made = Made { form: made, confirmed: Form::new(), status, next_action, error, captured: None };
        if made.is_manual() && made.form["payment_method"] == "pm_debit" {
            return (400, super::error("invalid_request_error", "payment_intent_invalid_parameter"));
        }
        if let Err(refusal) = state.customers.allow(&made.form) {
            return (400, refusal);
        }
        state.intents.insert(id.clone(), made);
        (200, intent(state, &id))
    })
    .await
}

async fn look(state: Shared, http: HttpRequest, id: web::Path<String>, query: web::Query<Form>) -> HttpResponse {
    let is_with_entry = match query.get("expand[]").map(String::as_str) {
        Some("latest_charge") => false,
        Some("latest_charge.balance_transaction") => true,
        _ => return serve(&state, "look", &http, &Form::new(), |state| (200, intent(state, &id))).await,
    };
    serve(&state, if is_with_entry { "fee" } else { "charge" }, &http, &Form::new(), |state| {
        let mut intent = intent(state, &id);
        if intent["status"] == "succeeded" {
            intent["latest_charge"] = charge(state, &id, is_with_entry);
        }
        (200, intent)
    })
    .await
}

async fn confirm(state: Shared, http: HttpRequest, id: web::Path<String>, form: web::Form<Form>) -> HttpResponse {
    let form = form.into_inner();
    let (way_back, confirmed) = (form.get("return_url").cloned(), form.clone());
    serve(&state, "confirm", &http, &form, move |state| {
        let made = state.intents.get_mut(id.as_str()).unwrap();
        if made.status != "requires_confirmation" {
            return (400, error("invalid_request_error", "payment_intent_unexpected_state"));
        }
        // Where it may lead to a page it wants to know the way back, and elsewhere it wants to know of none.
        let leads_nowhere = made.form.get("automatic_payment_methods[allow_redirects]").is_some_and(|it| it == "never");
        if leads_nowhere == way_back.is_some() {
            return (400, error("invalid_request_error", "parameter_missing"));
        }
        let has_library = confirmed.get("use_stripe_sdk").is_some_and(|it| it == "true");
        made.confirmed = confirmed;
        let declined = |code: &str| json!({"type": "card_error", "code": "card_declined", "decline_code": code});
        match (made.form["payment_method"].as_str(), way_back) {
            ("pm_card", _) if made.is_manual() => made.status = "requires_capture",
            ("pm_card", _) => made.status = "succeeded",
            ("pm_debit", _) => made.status = "processing",
            ("pm_asks", Some(url)) => {
                made.status = "requires_action";
                let page = json!({"url": "https://hooks.stripe.com/3d_secure/x", "return_url": url});
                made.next_action = json!({"type": "redirect_to_url", "redirect_to_url": page});
            }
            ("pm_asks", None) if has_library => {
                made.status = "requires_action";
                made.next_action = json!({"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure"}});
            }
            (method, _) => {
                made.status = "requires_payment_method";
                made.error = declined(if method == "pm_poor" { "insufficient_funds" } else { "generic_decline" });
                let said = made.error.clone();
                let payment = intent(state, &id);
                let mut answer = json!({"error": said});
                answer["error"]["payment_intent"] = payment;
                return (402, answer);
            }
        }
        if matches!(made.status, "succeeded" | "requires_capture") {
            let form = made.form.clone();
            state.customers.keep(&form);
        }
        (200, intent(state, &id))
    })
    .await
}

async fn capture(state: Shared, http: HttpRequest, id: web::Path<String>, form: web::Form<Form>) -> HttpResponse {
    let form = form.into_inner();
    let wanted: i64 = form["amount_to_capture"].parse().unwrap();
    serve(&state, "capture", &http, &form, move |state| {
        let made = state.intents.get_mut(id.as_str()).unwrap();
        if made.status != "requires_capture" {
            return (400, error("invalid_request_error", "payment_intent_unexpected_state"));
        }
        if wanted > amount(&made.form) {
            return (400, error("invalid_request_error", "amount_too_large"));
        }
        (made.status, made.captured) = ("succeeded", Some(wanted));
        (200, intent(state, &id))
    })
    .await
}

async fn cancel(state: Shared, http: HttpRequest, id: web::Path<String>) -> HttpResponse {
    serve(&state, "cancel", &http, &Form::new(), |state| {
        let made = state.intents.get_mut(id.as_str()).unwrap();
        if !made.status.starts_with("requires_") {
            return (400, error("invalid_request_error", "payment_intent_unexpected_state"));
        }
        made.status = "canceled";
        (200, intent(state, &id))
    })
    .await
}
