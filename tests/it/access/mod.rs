//! Who may see and do what: a row for each root field, for each field of a type that is not public, and for each type
//! behind `node`. The list of fields comes from introspection, so a new one fails until somebody decides.

mod deeds;
mod rows;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::{
    deeds::DEEDS,
    rows::{
        Gets::{self, Forbidden, Hidden, NotPermitted, Nothing, Something, Unauthenticated},
        PRIVATE_TYPES, ROWS, Row,
    },
};
use crate::harness::{
    Client, TestApp,
    app::PASSWORD,
    events::{EventStream, Heard},
};

/// What rows name: it belongs to an owner of a shop and to a buyer, who are none of the callers.
async fn world(app: &TestApp) -> Value {
    let clerk = app.sign_up("Clerk").await;
    app.given_role(&clerk, "ADMIN");
    let category = clerk.mutate("createCategory", json!({"name": "Things"}), "category { id }").await.ok();
    let attribute = json!({"name": "Height", "kind": "NUMBER", "unit": "cm"});
    let attribute = clerk.mutate("createAttribute", attribute, "attribute { id }").await.ok();
    let product_kind = clerk.mutate("createProductKind", json!({"name": "Thing"}), "productKind { id }").await.ok();
    let tax_class = clerk.mutate("createTaxClass", json!({"name": "Reduced"}), "taxClass { id }").await.ok();
    let owner = app.sign_up("Owner").await;
    let shop = json!({"name": "Corner", "currency": "GBP", "country": "GB"});
    let desk = owner.mutate("openShop", shop, "desk { id shop { id } }").await.ok()["desk"].clone();
    let five = json!({"amount": "5.00", "currency": "GBP"});
    let variants = json!([{"price": five, "quantity": 100}]);
    let product = json!({"shopId": desk["shop"]["id"], "title": "T-light holder", "variants": variants});
    let product =
        owner.mutate("createProduct", product, "product { id variants { id } }").await.ok()["product"].clone();

    let buyer = app.sign_up("Buyer").await;
    let order = json!({
        "lines": [{"variantId": product["variants"][0]["id"], "quantity": 1}],
        "expectedTotal": five,
        "shippingAddress": {"name": "Buyer", "lines": ["1 High Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
        "idempotencyKey": "order",
    });
    let order = buyer.mutate("placeOrder", order, "order { id parts { id } }").await.ok()["order"].clone();
    let payment = json!({"orderId": order["id"], "method": {"token": "test_requires_action"}, "idempotencyKey": "pay"});
    let payment = buyer.mutate("payOrder", payment, "payment { id }").await.ok();
    let paid = json!({
        "lines": [{"variantId": product["variants"][0]["id"], "quantity": 3}],
        "expectedTotal": {"amount": "15.00", "currency": "GBP"},
        "shippingAddress": {"name": "Buyer", "lines": ["1 High Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
        "idempotencyKey": "paid",
    });
    let paid = buyer.mutate("placeOrder", paid, "order { id parts { id lines { id } } }").await.ok()["order"].clone();
    let payment_of = json!({"orderId": paid["id"], "method": {"token": "test_succeeds"}, "idempotencyKey": "paid"});
    buyer.mutate("payOrder", payment_of, "payment { id }").await.ok();
    let back = json!({"amount": {"amount": "1.00", "currency": "GBP"}, "reason": "Chipped.", "idempotencyKey": "back",
                      "orderPartId": paid["parts"][0]["id"]});
    let refund = owner.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    app.given_sql("UPDATE refunds SET status = 'FAILED'");
    let papers = "query($id: ID!) { node(id: $id) { ... on OrderPart { invoice { id } creditNotes { id } } } }";
    let papers = buyer.send(papers, json!({"id": paid["parts"][0]["id"]})).await.ok()["node"].clone();
    let lines = json!([{"orderLineId": paid["parts"][0]["lines"][0]["id"], "quantity": 1}]);
    let sent = json!({"orderPartId": paid["parts"][0]["id"], "lines": lines, "idempotencyKey": "sent"});
    let shipment = owner.mutate("createShipment", sent, "shipment { id }").await.ok();
    let arrived = arrived(&owner, &buyer, &product["variants"][0]["id"]).await;
    let contact = json!({"productId": product["id"], "text": "Is it green?", "idempotencyKey": "ask"});
    let contact = buyer.mutate("contactShop", contact, "conversation { id } message { id }").await.ok();
    let critic = app.sign_up("Critic").await;
    let told = buyer.query("{ viewer { notifications { nodes { id } } } }").await.ok();
    let goods = crate::harness::market::Goods {
        product: product["id"].as_str().unwrap().to_owned(),
        variant: product["variants"][0]["id"].as_str().unwrap().to_owned(),
        price: "5.00",
    };
    let review = crate::reviews::review(&critic, &goods, 4, "Fine").await;
    let list = json!({"name": "Mine", "visibility": "LINK"});
    let list = buyer.mutate("createWishList", list, "wishList { id }").await.ok()["wishList"]["id"].clone();
    let saved = json!({"name": "Mine", "filter": {"query": "fig"}});
    let saved = buyer.mutate("saveSearch", saved, "savedSearch { id }").await.ok()["savedSearch"]["id"].clone();
    let cart = buyer.mutate("createCart", json!({}), "cart { id }").await.ok();
    let of_guest = app.guest().mutate("createCart", json!({}), "cart { token }").await.ok();
    let address = json!({"name": "O", "lines": ["1"], "postalCode": "N1 9AG", "city": "London", "country": "GB"});
    let address = owner.mutate("createSavedAddress", json!({"address": address}), "savedAddress { id }").await.ok();
    let upload =
        buyer.mutate("createUpload", json!({"purpose": "AVATAR", "byteSize": 100}), "upload { id }").await.ok();
    let sheet = crate::media::send_for(&owner, b"sku,title,price\nA,Apple,1\n", "IMPORT").await;
    let import = json!({"shopId": desk["shop"]["id"], "uploadId": sheet});
    let import = owner.mutate("importProducts", import, "productImport { id }").await.ok();
    let promotion = json!({"shopId": desk["shop"]["id"], "name": "Free", "kind": "FREE_SHIPPING", "code": "FREE"});
    let promotion = owner.mutate("createPromotion", promotion, "promotion { id }").await.ok();
    crate::disputes::given(app);
    let disputes = "query($id: ID!) { node(id: $id) { ... on Payment { disputes { id } } } }";
    let disputes = clerk.send(disputes, json!({"id": payment["payment"]["id"]})).await.ok()["node"]["disputes"].clone();
    crate::payouts::given(app);
    let paid_by = crate::payment_methods::given_to(app, &owner);
    let payouts = owner.query("{ viewer { shops { payouts { nodes { id } } } } }").await.ok();
    let viewer = owner.query("{ viewer { id sessions { id } } }").await.ok()["viewer"].clone();
    let location =
        owner.query("{ viewer { shops { locations { id } } } }").await.ok()["viewer"]["shops"][0]["locations"][0]["id"]
            .clone();
    // Of a shop of its own: nobody orders there.
    let depot = clerk.open_shop("Depot").await;
    let zone = json!({"shopId": depot, "name": "Ice", "countries": ["AQ"]});
    let zone = clerk.mutate("createShippingZone", zone, "shippingZone { id }").await.ok()["shippingZone"]["id"].clone();
    let method = json!({"shippingZoneId": zone, "name": "Sledge", "rates": [{"price": five}]});
    let method = clerk.mutate("createShippingMethod", method, "shippingMethod { id }").await.ok();
    let avatar = crate::media::show(&owner, &crate::media::files::photo(8, 8)).await;
    json!({
        "address": address["savedAddress"]["id"],
        "attribute": attribute["attribute"]["id"],
        "productImport": import["productImport"]["id"],
        "productKind": product_kind["productKind"]["id"],
        "cart": cart["cart"]["id"],
        "cartToken": of_guest["cart"]["token"],
        "category": category["category"]["id"],
        "claim": arrived["claim"],
        "conversation": contact["conversation"]["id"],
        "creditNote": papers["creditNotes"][0]["id"],
        "desk": desk["id"],
        "dispute": disputes[0]["id"],
        "image": avatar["id"],
        "invoice": papers["invoice"]["id"],
        "location": location,
        "job": "job_00000000000000000000000000",
        "message": contact["message"]["id"],
        "notification": told["viewer"]["notifications"]["nodes"][0]["id"],
        "order": order["id"],
        "otherReturn": arrived["returns"][1],
        "paidLine": paid["parts"][0]["lines"][0]["id"],
        "paidPart": paid["parts"][0]["id"],
        "part": order["parts"][0]["id"],
        "password": PASSWORD,
        "payout": payouts["viewer"]["shops"][0]["payouts"]["nodes"][0]["id"],
        "payment": payment["payment"]["id"],
        "paymentMethod": paid_by,
        "product": product["id"],
        "promotion": promotion["promotion"]["id"],
        "refund": refund["refunds"][0]["id"],
        "return": arrived["returns"][0],
        "review": review["id"],
        "savedSearch": saved,
        "shipment": shipment["shipment"]["id"],
        "shippingMethod": method["shippingMethod"]["id"],
        "shippingZone": zone,
        "shop": desk["shop"]["id"],
        "taxClass": tax_class["taxClass"]["id"],
        "upload": upload["upload"]["id"],
        "user": owner.id,
        "variant": product["variants"][0]["id"],
        "verification": "verification_00000000000000000000000000",
        "session": viewer["sessions"][0]["id"],
        "viewer": viewer["id"],
        "wishList": list,
    })
}

/// Two returns of what has arrived, and a claim that waits for the staff.
pub async fn arrived(owner: &Client, buyer: &Client, variant: &Value) -> Value {
    let order = json!({
        "lines": [{"variantId": variant, "quantity": 4}],
        "expectedTotal": {"amount": "20.00", "currency": "GBP"},
        "shippingAddress": {"name": "Buyer", "lines": ["1 High Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
        "idempotencyKey": "arrived",
    });
    let order = buyer.mutate("placeOrder", order, "order { id parts { id lines { id } } }").await.ok()["order"].clone();
    buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", "arrived").await.ok();
    let part = &order["parts"][0]["id"];
    let sent = json!({"orderPartId": part, "isShipped": true, "idempotencyKey": "arrived"});
    let shipment = owner.mutate("createShipment", sent, "shipment { id }").await.ok()["shipment"]["id"].clone();
    buyer.mutate("confirmDelivery", json!({"shipmentId": shipment}), "shipment { id }").await.ok();
    let mut returns = Vec::new();
    for key in ["one", "two"] {
        let lines = json!([{"orderLineId": order["parts"][0]["lines"][0]["id"], "quantity": 1}]);
        let input = json!({"orderPartId": part, "lines": lines, "reason": "OTHER", "idempotencyKey": key});
        returns
            .push(buyer.mutate("requestReturn", input, "orderReturn { id }").await.ok()["orderReturn"]["id"].clone());
    }
    let claim =
        json!({"orderPartId": part, "kind": "NOT_AS_DESCRIBED", "message": "Chipped.", "idempotencyKey": "claim"});
    let claim = buyer.mutate("openClaim", claim, "claim { id }").await.ok()["claim"]["id"].clone();
    let reply = json!({"claimId": claim, "message": "No.", "idempotencyKey": "claim"});
    owner.mutate("answerClaim", reply, "claim { id }").await.ok();
    buyer.mutate("escalateClaim", json!({"claimId": claim}), "claim { id }").await.ok();
    json!({"returns": returns, "claim": claim})
}

#[actix_web::test]
async fn everybody_gets_what_the_table_says() {
    let app = TestApp::start().await;
    let world = world(&app).await;
    let support = app.sign_up("Support").await;
    app.given_role(&support, "SUPPORT");
    let admin = app.sign_up("Admin").await;
    app.given_role(&admin, "ADMIN");
    let stranger = app.sign_up("Stranger").await;
    let helper = app.sign_up("Helper").await;
    app.given_role(&helper, "SUPPORT");
    let leave = app.leave(&helper, &stranger).await;
    let callers = [
        ("guest", app.guest()),
        ("stranger", stranger.client),
        ("support", support.client),
        ("admin", admin.client),
        ("key", app.guest().with_token(&app.given_key().await.1)),
        ("helper", helper.with_header("agora-on-behalf-of", &leave)),
    ];
    let mut wrong = Vec::new();
    for Row(field, document, path, expected) in ROWS.iter().chain(DEEDS) {
        let mut variables = world.clone();
        variables.as_object_mut().unwrap().retain(|name, _| document.contains(&format!("${name}:")));
        for ((name, caller), expected) in callers.iter().zip(expected) {
            let (found, said) = ask(caller, field, document, variables.clone(), path).await;
            if found != Some(*expected) {
                wrong.push(format!("{field} for a {name}: expected {expected:?}, got {found:?}: {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

async fn ask(caller: &Client, field: &str, document: &str, variables: Value, path: &str) -> (Option<Gets>, String) {
    let (data, errors) = if field.starts_with("Subscription.") {
        let request = caller.post(&json!({"query": document, "variables": variables}));
        let mut said = match EventStream::try_open(request).await {
            Err(refusal) => refusal,
            Ok(mut stream) => match stream.hear().await {
                Heard::Next { data, .. } => data,
                other => panic!("{field}: {other:?}"),
            },
        };
        (said["data"].take(), said["errors"].as_array().cloned().unwrap_or_default())
    } else {
        let answer = caller.send(document, variables).await;
        (answer.data, answer.errors)
    };
    let said = format!("{data} {errors:?}");
    let codes: Vec<&str> = errors.iter().filter_map(|error| error["extensions"]["code"].as_str()).collect();
    let found = match codes.as_slice() {
        ["UNAUTHENTICATED"] => Some(Unauthenticated),
        ["FORBIDDEN"] => Some(Forbidden),
        ["NOT_FOUND"] => Some(Hidden),
        [] if errors.is_empty() => {
            let pointer = format!("/{}", path.replace('.', "/"));
            let refusal = format!("/{}/userErrors/0/code", path.split('.').next().unwrap_or_default());
            match data.pointer(&refusal).and_then(Value::as_str).filter(|_| path.contains('.')) {
                Some("NOT_FOUND") => Some(Hidden),
                Some("NOT_PERMITTED") => Some(NotPermitted),
                Some(_) => None,
                None if data.pointer(&pointer).is_none_or(Value::is_null) => Some(Nothing),
                None => Some(Something),
            }
        }
        _ => None,
    };
    (found, said)
}

#[actix_web::test]
async fn every_field_that_needs_a_decision_has_one() {
    let app = TestApp::start().await;
    let document = "{ __schema { types { name fields { name } possibleTypes { name } } } }";
    let types = app.guest().query(document).await.ok()["__schema"]["types"].clone();
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_array().cloned().unwrap_or_default();
        list.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    let mut wanted = BTreeSet::new();
    for ty in types.as_array().unwrap() {
        let name = ty["name"].as_str().unwrap();
        let members = match name {
            "Query" | "Mutation" | "Subscription" => names(&ty["fields"]),
            "Node" => names(&ty["possibleTypes"]),
            _ if PRIVATE_TYPES.contains(&name) => names(&ty["fields"]),
            _ => Vec::new(),
        };
        wanted.extend(members.into_iter().map(|member| format!("{name}.{member}")));
    }
    let decided: BTreeSet<String> = ROWS.iter().chain(DEEDS).map(|Row(field, ..)| (*field).to_owned()).collect();
    let undecided: Vec<_> = wanted.difference(&decided).collect();
    assert!(undecided.is_empty(), "decide who may have {undecided:?}: add rows to tests/it/access/rows.rs");
    let gone: Vec<_> = decided.difference(&wanted).collect();
    assert!(gone.is_empty(), "{gone:?} is no longer in the schema: remove the rows");
}
