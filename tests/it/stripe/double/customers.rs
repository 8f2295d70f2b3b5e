//! The double's customers, and the payment methods that are attached to them.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::{CREATED, Form, Shared, State, Stripe, error, metadata, serve};

#[derive(Default)]
pub(super) struct Customers {
    made: BTreeMap<String, Form>,
    deleted: BTreeSet<String>,
    /// Payment methods, and whose they are.
    attached: BTreeMap<String, String>,
    /// Those that can be attached to nobody any more.
    detached: BTreeSet<String>,
}

impl Customers {
    pub(super) fn of(&self, method: &str) -> Option<&String> {
        self.attached.get(method)
    }

    fn detach(&mut self, method: &str) {
        self.attached.remove(method);
        self.detached.insert(method.to_owned());
    }

    /// Whether a payment may be made of this, by whom and for what it is to be used later.
    pub(super) fn allow(&self, form: &Form) -> Result<(), Value> {
        let (method, customer) = (&form["payment_method"], form.get("customer"));
        if customer.is_some_and(|customer| !self.made.contains_key(customer) || self.deleted.contains(customer)) {
            return Err(error("invalid_request_error", "resource_missing"));
        }
        let is_theirs = match self.attached.get(method) {
            Some(owner) => customer == Some(owner),
            // What is new may be used once, or be kept.
            None => !self.detached.contains(method) && customer.is_some() == form.contains_key("setup_future_usage"),
        };
        if is_theirs { Ok(()) } else { Err(error("invalid_request_error", "")) }
    }

    /// A payment has succeeded.
    pub(super) fn keep(&mut self, form: &Form) {
        if let (Some(customer), Some(_)) = (form.get("customer"), form.get("setup_future_usage")) {
            self.attached.insert(form["payment_method"].clone(), customer.clone());
        }
    }
}

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service
        .route("/v1/customers", web::post().to(make))
        .route("/v1/customers/{id}", web::get().to(look))
        .route("/v1/customers/{id}", web::delete().to(forget))
        .route("/v1/payment_methods/{id}/detach", web::post().to(detach));
}

impl Stripe {
    /// What the customers were made with, by their names.
    pub fn customers(&self) -> BTreeMap<String, Form> {
        self.0.state().customers.made.clone()
    }

    /// Whether a customer was deleted.
    pub fn has_forgotten(&self, customer: &str) -> bool {
        self.0.state().customers.deleted.contains(customer)
    }

    /// Somebody deletes a customer in the dashboard.
    pub fn forgets(&self, customer: &str) {
        delete(&mut self.0.state(), customer);
    }

    /// To whom a payment method is attached.
    pub fn keeper(&self, method: &str) -> Option<String> {
        self.0.state().customers.of(method).cloned()
    }

    /// Somebody detaches a payment method in the dashboard.
    pub fn detaches(&self, method: &str) {
        self.0.state().customers.detach(method);
    }
}

fn delete(state: &mut State, customer: &str) {
    let customers = &mut state.customers;
    customers.deleted.insert(customer.to_owned());
    let own = customers.attached.iter().filter(|(_, owner)| *owner == customer);
    let own: Vec<String> = own.map(|(method, _)| method.clone()).collect();
    for method in own {
        customers.detach(&method);
    }
}

fn customer(state: &State, id: &str) -> (u16, Value) {
    match state.customers.made.get(id) {
        Some(_) if state.customers.deleted.contains(id) => {
            (200, json!({"id": id, "object": "customer", "deleted": true}))
        }
        Some(form) => (
            200,
            json!({"id": id, "object": "customer", "livemode": false, "metadata": metadata(form), "created": CREATED}),
        ),
        None => (404, error("invalid_request_error", "resource_missing")),
    }
}

async fn make(state: Shared, http: HttpRequest, form: web::Form<Form>) -> HttpResponse {
    let form = form.into_inner();
    let made = form.clone();
    serve(&state, "customer", &http, &form, move |state| {
        let is_bare = made.keys().all(|name| name == "metadata[person]");
        state.expect(is_bare, "more is told of a customer than our name for them");
        let id = format!("cus_{}", state.customers.made.len() + 1);
        state.customers.made.insert(id.clone(), made);
        customer(state, &id)
    })
    .await
}

async fn look(state: Shared, http: HttpRequest, id: web::Path<String>) -> HttpResponse {
    serve(&state, "customer_look", &http, &Form::new(), |state| customer(state, &id)).await
}

async fn forget(state: Shared, http: HttpRequest, id: web::Path<String>) -> HttpResponse {
    serve(&state, "forget", &http, &Form::new(), |state| {
        let (status, told) = customer(state, &id);
        if status != 200 || told["deleted"] == true {
            return (404, error("invalid_request_error", "resource_missing"));
        }
        delete(state, &id);
        customer(state, &id)
    })
    .await
}

async fn detach(state: Shared, http: HttpRequest, id: web::Path<String>) -> HttpResponse {
    serve(&state, "detach", &http, &Form::new(), |state| {
        if state.customers.of(&id).is_none() {
            return (400, error("invalid_request_error", ""));
        }
        state.customers.detach(&id);
        let card = json!({"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034, "funding": "credit"});
        (200, json!({"id": id.as_str(), "object": "payment_method", "type": "card", "card": card, "customer": null, "livemode": false,
                     "billing_details": {}, "created": CREATED}))
    })
    .await
}
