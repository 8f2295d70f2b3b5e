//! The double's accounts of shops, and what is sent there, in the shapes of Connect.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::{CREATED, Form, Shared, State, Stripe, amount, error, metadata, serve};

/// A transfer.
struct Sent {
    form: Form,
    came_back: i64,
}

#[derive(Default)]
pub(super) struct Connect {
    accounts: BTreeMap<String, (Form, Value)>,
    /// Those that are deleted, or cut off.
    gone: BTreeSet<String>,
    links: Vec<Form>,
    transfers: BTreeMap<String, Sent>,
    /// Whether the market has less with Stripe than it wants to send.
    is_short: bool,
    /// Whether Stripe breaks when it sends. It says so under the same key again, as long as it keeps that.
    is_broken: bool,
}

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service
        .route("/v1/accounts", web::post().to(open))
        .route("/v1/accounts/{id}", web::get().to(look))
        .route("/v1/account_links", web::post().to(link))
        .route("/v1/transfers", web::post().to(send))
        .route("/v1/transfers", web::get().to(list));
}

impl Stripe {
    /// The names of the accounts, the oldest first.
    pub fn accounts(&self) -> Vec<String> {
        self.0.state().connect.accounts.keys().cloned().collect()
    }

    /// What an account was made with.
    pub fn account_form(&self, account: &str) -> Form {
        self.0.state().connect.accounts[account].0.clone()
    }

    /// An account as Stripe tells of it.
    pub fn account(&self, account: &str) -> Value {
        self.0.state().connect.accounts[account].1.clone()
    }

    /// The owner, or Stripe, has done something.
    pub fn account_becomes(&self, account: &str, change: &Value) {
        let mut state = self.0.state();
        let (_, account) = state.connect.accounts.get_mut(account).unwrap();
        for (name, value) in change.as_object().unwrap() {
            account[name] = value.clone();
        }
    }

    /// An account is deleted, or its owner cuts it off.
    pub fn account_goes(&self, account: &str) {
        self.0.state().connect.gone.insert(account.to_owned());
    }

    /// What the pages for owners were asked for with.
    pub fn links(&self) -> Vec<Form> {
        self.0.state().connect.links.clone()
    }

    pub fn runs_short(&self, is_short: bool) {
        self.0.state().connect.is_short = is_short;
    }

    pub fn breaks(&self, is_broken: bool) {
        self.0.state().connect.is_broken = is_broken;
    }

    /// What was sent, the oldest first, as Stripe tells of it.
    pub fn transfers(&self) -> Vec<Value> {
        let state = self.0.state();
        state.connect.transfers.keys().map(|id| transfer(&state, id)).collect()
    }

    /// Somebody takes back what was sent.
    pub fn reverse(&self, id: &str) {
        let mut state = self.0.state();
        let sent = state.connect.transfers.get_mut(id).unwrap();
        sent.came_back = amount(&sent.form);
    }
}

fn transfer(state: &State, id: &str) -> Value {
    let Sent { form, came_back } = &state.connect.transfers[id];
    json!({
        "id": id, "object": "transfer", "amount": amount(form), "amount_reversed": came_back, "currency": form["currency"],
        "destination": form["destination"], "livemode": false, "metadata": metadata(form), "reversed": *came_back == amount(form),
        "source_transaction": null, "transfer_group": form["transfer_group"], "created": CREATED,
        "reversals": {"object": "list", "url": format!("/v1/transfers/{id}/reversals"), "has_more": false, "data": []},
    })
}

async fn open(state: Shared, http: HttpRequest, form: web::Form<Form>) -> HttpResponse {
    let form = form.into_inner();
    let made = form.clone();
    serve(&state, "account", &http, &form, move |state| {
        let id = format!("acct_{}", state.connect.accounts.len() + 1);
        let missing = ["external_account", "tos_acceptance.date"];
        let account = json!({
            "id": id, "object": "account", "charges_enabled": false, "payouts_enabled": false, "details_submitted": false,
            "capabilities": {"transfers": "inactive"}, "metadata": metadata(&made),
            "requirements": {
                "currently_due": missing, "past_due": missing, "pending_verification": [],
                "disabled_reason": "requirements.past_due",
            },
        });
        state.connect.accounts.insert(id, (made, account.clone()));
        (200, account)
    })
    .await
}

async fn look(state: Shared, http: HttpRequest, id: web::Path<String>) -> HttpResponse {
    serve(&state, "account_look", &http, &Form::new(), |state| match state.connect.accounts.get(id.as_str()) {
        Some((_, account)) if !state.connect.gone.contains(id.as_str()) => (200, account.clone()),
        _ => (403, error("invalid_request_error", "account_invalid")),
    })
    .await
}

async fn link(state: Shared, http: HttpRequest, form: web::Form<Form>) -> HttpResponse {
    let form = form.into_inner();
    let asked = form.clone();
    serve(&state, "link", &http, &form, move |state| {
        let account = &asked["account"];
        if !state.connect.accounts.contains_key(account) || state.connect.gone.contains(account) {
            return (400, error("invalid_request_error", "account_invalid"));
        }
        let number = state.connect.links.len() + 1;
        let url = format!("https://connect.stripe.com/setup/e/{}/{number}", asked["account"]);
        state.connect.links.push(asked);
        (200, json!({"object": "account_link", "created": CREATED, "expires_at": CREATED + 300, "url": url}))
    })
    .await
}

async fn send(state: Shared, http: HttpRequest, form: web::Form<Form>) -> HttpResponse {
    let form = form.into_inner();
    let wanted = form.clone();
    serve(&state, "transfer", &http, &form, move |state| {
        if state.connect.is_broken {
            return (500, error("api_error", "of_the_double"));
        }
        let Some((_, account)) = state.connect.accounts.get(&wanted["destination"]) else {
            return (400, error("invalid_request_error", "resource_missing"));
        };
        if account["capabilities"]["transfers"] != "active" {
            return (400, error("invalid_request_error", "insufficient_capabilities_for_transfer"));
        }
        if state.connect.is_short {
            return (400, error("invalid_request_error", "balance_insufficient"));
        }
        let id = format!("tr_{}", state.connect.transfers.len() + 1);
        state.connect.transfers.insert(id.clone(), Sent { form: wanted, came_back: 0 });
        (200, transfer(state, &id))
    })
    .await
}

async fn list(state: Shared, http: HttpRequest, query: web::Query<Form>) -> HttpResponse {
    serve(&state, "transfer_list", &http, &Form::new(), |state| {
        let state = &*state;
        let transfers = state.connect.transfers.iter().rev();
        let own = transfers.filter(|(_, sent)| sent.form["transfer_group"] == query["transfer_group"]);
        let data: Vec<Value> = own.map(|(id, _)| transfer(state, id)).collect();
        (200, json!({"object": "list", "url": "/v1/transfers", "has_more": false, "data": data}))
    })
    .await
}
