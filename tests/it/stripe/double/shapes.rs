//! What the double answers with and is asked for, held against Stripe's public `OpenAPI` description of the version that the market is
//! written for: so that neither drifts from what Stripe says. Whoever asks for more looks it up there, and writes it down here.

use serde_json::Value;

/// The fields that each object has that Stripe tells of (`required` there).
const OBJECTS: [(&str, &[&str]); 11] = [
    ("account", &["id"]),
    ("account_link", &["created", "expires_at", "url"]),
    (
        "balance_transaction",
        &["id", "amount", "available_on", "created", "currency", "fee", "fee_details", "net", "status", "type"],
    ),
    (
        "charge",
        &[
            "id",
            "amount",
            "amount_captured",
            "amount_refunded",
            "billing_details",
            "captured",
            "created",
            "currency",
            "disputed",
            "livemode",
            "metadata",
            "paid",
            "refunded",
            "status",
        ],
    ),
    ("customer", &["id", "created", "livemode"]),
    (
        "dispute",
        &[
            "id",
            "amount",
            "balance_transactions",
            "charge",
            "created",
            "currency",
            "evidence",
            "evidence_details",
            "is_charge_refundable",
            "livemode",
            "metadata",
            "reason",
            "status",
        ],
    ),
    ("list", &["data", "has_more", "url"]),
    (
        "payment_intent",
        &[
            "id",
            "amount",
            "capture_method",
            "confirmation_method",
            "created",
            "currency",
            "livemode",
            "payment_method_types",
            "status",
        ],
    ),
    ("payment_method", &["id", "billing_details", "created", "livemode", "type"]),
    ("refund", &["id", "amount", "created", "currency"]),
    (
        "transfer",
        &["id", "amount", "amount_reversed", "created", "currency", "livemode", "metadata", "reversals", "reversed"],
    ),
];

/// What is inside objects, by the names of their fields there.
const INSIDE: [(&str, &[&str]); 3] = [
    ("card", &["brand", "exp_month", "exp_year", "funding"]),
    ("evidence_details", &["has_evidence", "past_due", "submission_count"]),
    ("next_action", &["type"]),
];

/// Objects of which so much is left once they are deleted.
const DELETED: &[&str] = &["id", "object", "deleted"];

/// A request: what it must say, and what else it may. `[*]` stands for any name of ours.
struct Shape {
    method: &'static str,
    path: &'static str,
    required: &'static [&'static str],
    allowed: &'static [&'static str],
}

const fn shape(
    method: &'static str,
    path: &'static str,
    required: &'static [&'static str],
    allowed: &'static [&'static str],
) -> Shape {
    Shape { method, path, required, allowed }
}

const REQUESTS: [Shape; 19] = [
    shape(
        "POST",
        "/v1/accounts",
        &[],
        &[
            "controller[stripe_dashboard][type]",
            "controller[fees][payer]",
            "controller[losses][payments]",
            "controller[requirement_collection]",
            "capabilities[card_payments][requested]",
            "capabilities[transfers][requested]",
            "metadata[*]",
        ],
    ),
    shape("GET", "/v1/accounts/{id}", &[], &["expand[]"]),
    shape("POST", "/v1/account_links", &["account", "type"], &["return_url", "refresh_url"]),
    shape("POST", "/v1/customers", &[], &["metadata[*]"]),
    shape("GET", "/v1/customers/{id}", &[], &["expand[]"]),
    shape("DELETE", "/v1/customers/{id}", &[], &[]),
    shape("GET", "/v1/disputes", &[], &["payment_intent", "limit", "starting_after"]),
    shape(
        "POST",
        "/v1/payment_intents",
        &["amount", "currency"],
        &[
            "automatic_payment_methods[enabled]",
            "automatic_payment_methods[allow_redirects]",
            "capture_method",
            "confirm",
            "customer",
            "metadata[*]",
            "payment_method",
            "setup_future_usage",
        ],
    ),
    shape("GET", "/v1/payment_intents/{id}", &[], &["expand[]"]),
    shape("POST", "/v1/payment_intents/{id}/confirm", &[], &["return_url", "use_stripe_sdk"]),
    shape("POST", "/v1/payment_intents/{id}/capture", &[], &["amount_to_capture"]),
    shape("POST", "/v1/payment_intents/{id}/cancel", &[], &["cancellation_reason"]),
    shape("GET", "/v1/payment_methods/{id}", &[], &["expand[]"]),
    shape("POST", "/v1/payment_methods/{id}/detach", &[], &[]),
    shape("POST", "/v1/refunds", &[], &["payment_intent", "amount", "metadata[*]"]),
    shape("GET", "/v1/refunds", &[], &["payment_intent", "created[gte]", "limit", "starting_after"]),
    shape("GET", "/v1/refunds/{id}", &[], &["expand[]"]),
    shape("POST", "/v1/transfers", &["currency", "destination"], &["amount", "metadata[*]", "transfer_group"]),
    shape("GET", "/v1/transfers", &[], &["transfer_group", "limit", "starting_after"]),
];

/// What Stripe would not understand of a request, or miss in it.
pub fn of_request<'a>(method: &str, path: &str, names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let names: Vec<String> = names.map(|name| general(name)).collect();
    let Some(shape) = REQUESTS.iter().find(|shape| shape.method == method && shape.path == path) else {
        return vec![format!("Stripe is asked for {method} {path}, of which nobody has looked up the shape")];
    };
    let is_known = |name: &&String| shape.required.iter().chain(shape.allowed).any(|known| known == name);
    let unknown = names.iter().filter(|name| !is_known(name)).map(|name| format!("{method} {path} knows no {name}"));
    let missing = shape.required.iter().filter(|name| !names.iter().any(|given| given == *name));
    unknown.chain(missing.map(|name| format!("{method} {path} lacks {name}"))).collect()
}

/// A name of a request's, as its shape has it.
fn general(name: &str) -> String {
    if name.starts_with("metadata[") { "metadata[*]".to_owned() } else { name.to_owned() }
}

/// What an answer lacks that Stripe's has.
pub fn of_answer(status: u16, answer: &Value) -> Vec<String> {
    let mut lacking = Vec::new();
    if status >= 300 && !answer["error"]["type"].is_string() {
        lacking.push(format!("a refusal without its type: {answer}"));
    }
    look_into("", answer, &mut lacking);
    lacking
}

fn look_into(name: &str, value: &Value, lacking: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| look_into("", value, lacking)),
        Value::Object(fields) => {
            let object = fields.get("object").and_then(Value::as_str);
            let required = match object {
                Some(_) if fields.get("deleted") == Some(&Value::Bool(true)) => Some(DELETED),
                Some(object) => of(&OBJECTS, object),
                None => Some(of(&INSIDE, name).unwrap_or_default()),
            };
            match required {
                Some(required) => {
                    let gone = required.iter().filter(|field| !fields.contains_key(**field));
                    lacking.extend(gone.map(|field| format!("{} lacks {field}", object.unwrap_or(name))));
                }
                None => lacking.push(format!("nobody has looked up the shape of {object:?}")),
            }
            fields.iter().for_each(|(name, value)| look_into(name, value, lacking));
        }
        _ => {}
    }
}

fn of(shapes: &[(&str, &'static [&'static str])], name: &str) -> Option<&'static [&'static str]> {
    shapes.iter().find(|(known, _)| *known == name).map(|(_, fields)| *fields)
}

#[test]
fn what_is_not_as_stripe_has_it_is_told() {
    use serde_json::json;
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    for (method, path, given, count) in [
        ("POST", "/v1/payment_intents", &["amount", "currency", "metadata[intent]"][..], 0),
        ("POST", "/v1/payment_intents", &["amount", "metadata[intent]"], 1),
        ("POST", "/v1/payment_intents", &["amount", "currency", "captur_method"], 1),
        ("GET", "/v1/payment_intents", &[], 1),
        ("GET", "/v1/refunds", &["payment_intent", "created[gte]"], 0),
    ] {
        assert_eq!(of_request(method, path, names(given).iter()).len(), count, "{method} {path} {given:?}");
    }
    let refund = json!({"id": "re_1", "object": "refund", "amount": 1, "created": 1, "currency": "gbp"});
    let list = |data: Value| json!({"object": "list", "url": "/v1/refunds", "has_more": false, "data": [data]});
    assert_eq!(of_answer(200, &list(refund.clone())), Vec::<String>::new());
    let mut bare = refund;
    bare.as_object_mut().unwrap().remove("currency");
    assert_eq!(of_answer(200, &list(bare)), ["refund lacks currency"]);
    assert_eq!(of_answer(200, &json!({"object": "unicorn"})).len(), 1);
    assert_eq!(of_answer(404, &json!({"error": {"code": "resource_missing"}})).len(), 1);
    assert_eq!(of_answer(200, &json!({"id": "cus_1", "object": "customer", "deleted": true})), Vec::<String>::new());
    let method = json!({"id": "pm_1", "object": "payment_method", "type": "card", "billing_details": {}, "created": 1,
                        "livemode": false, "card": {"brand": "visa", "exp_month": 1, "exp_year": 2034}});
    assert_eq!(of_answer(200, &method), ["card lacks funding"]);
}
