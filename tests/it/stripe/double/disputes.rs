//! The double's disputes.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::{CREATED, Form, Shared, State, Stripe, entry, serve};

/// A dispute, which bears no metadata of the market's.
pub(super) struct Disputed {
    payment: String,
    amount: i64,
    status: &'static str,
    /// What moved on the balance because of it.
    entries: Vec<i64>,
}

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.route("/v1/disputes", web::get().to(list));
}

impl Stripe {
    /// A buyer's bank asks about some of a payment. Returns the name of the dispute.
    pub fn bank_asks(&self, payment: &str, amount: i64) -> String {
        let mut state = self.0.state();
        let id = format!("dp_{}", state.disputes.len() + 1);
        let (payment, status) = (payment.to_owned(), "warning_needs_response");
        state.disputes.insert(id.clone(), Disputed { payment, amount, status, entries: Vec::new() });
        id
    }

    /// The bank has come to something, and this has moved on the balance.
    pub fn bank_says(&self, dispute: &str, status: &'static str, moved: Option<i64>) {
        let mut state = self.0.state();
        let disputed = state.disputes.get_mut(dispute).unwrap();
        disputed.status = status;
        disputed.entries.extend(moved);
    }

    /// A dispute as Stripe tells of it.
    pub fn dispute(&self, dispute: &str) -> Value {
        told(&self.0.state(), dispute)
    }
}

fn told(state: &State, id: &str) -> Value {
    let Disputed { payment, amount, status, entries } = &state.disputes[id];
    let entries = entries.iter().enumerate();
    // It keeps 20.00 when it takes the money, and not less if it gives that again.
    let entries: Vec<_> = entries
        .map(|(place, &moved)| {
            entry(&format!("txn_{place}_of_{id}"), "adjustment", moved, if moved < 0 { 2_000 } else { 0 })
        })
        .collect();
    json!({
        "id": id, "object": "dispute", "amount": amount, "currency": "gbp", "charge": format!("ch_of_{payment}"), "livemode": false,
        "payment_intent": payment, "reason": "product_not_received", "status": status, "metadata": {},
        "balance_transactions": entries, "created": CREATED, "evidence": {},
        "evidence_details": {"due_by": 1_795_000_000, "has_evidence": false, "past_due": false, "submission_count": 0},
        "is_charge_refundable": status.starts_with("warning_"),
    })
}

async fn list(state: Shared, http: HttpRequest, query: web::Query<Form>) -> HttpResponse {
    serve(&state, "disputes", &http, &Form::new(), |state| {
        let state = &*state;
        let own = state.disputes.iter().rev().filter(|(_, disputed)| disputed.payment == query["payment_intent"]);
        let data: Vec<Value> = own.map(|(id, _)| told(state, id)).collect();
        (200, json!({"object": "list", "url": "/v1/disputes", "has_more": false, "data": data}))
    })
    .await
}
