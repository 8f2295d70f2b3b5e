//! What is answered at once is what the resolvers would have answered. A directive on a field that changes nothing sends the
//! whole object through the resolvers, so each document is asked with and without one.

use serde_json::{Value, json};

use crate::harness::{Client, TestApp};

/// Documents in which `%` stands behind each field that has no fields of its own.
const DOCUMENTS: &[&str] = &[
    "query($product: ID!) { product(by: {id: $product}) { __typename id% slug% title% description% status% version% createdAt% \
     updatedAt% priceRange { min { amount% currency% } max { amount% } } rating { average% count% histogram { stars% count% } } shop { id% handle% name% description% currency% \
     country% version% createdAt% } category { id% } options { name% values% } variants { id% sku% title% barcode% weightGrams% version% selectedOptions { name% value% } price { amount% currency% } \
     availableQuantity% isAvailable% availability% isAwaited% } isAvailable% } }",
    "{ products(first: 5) { nodes { ...Card price: priceRange { min { amount% } } } edges { node { title% } } } } \
     fragment Card on Product { id% name: title% ... on Product { slug% } ... { version% } }",
    // A key that is asked for twice is merged.
    "{ products(first: 5) { nodes { priceRange { min { amount% } } priceRange { max { amount% } } title% title% } } }",
    "{ viewer { orders { nodes { id% number% lifecycle% paymentState% placedAt% cancelledAt% note% version% total { amount% } \
     amountPaid { amount% currency% } shippingAddress { name% lines% city% country% postalCode% } buyer { displayName% } \
     parts { id% orderNumber% orderNote% orderLifecycle% orderPaymentState% fulfillmentState% placedAt% total { amount% } \
     shippingAddress { city% } shop { name% } lines { id% kind% title% sku% quantity% unitPrice { amount% } total { amount% } \
     product { title% shop { name% } } variant { sku% } } conversation { id% } } } } } }",
    "{ viewer { conversations { nodes { id% kind% title% role% lastNumber% lastReadNumber% unreadCount% isArchived% isPinned% isMuted% createdAt% shop { name% } lastMessage \
     { number% } messages { nodes { __typename id% number% version% editedAt% replyTo { number% } createdAt% clientKey% author { id% displayName% bio% createdAt% avatar { id% width% } } \
     content { __typename ... on TextContent { text% } ... on DeletedContent { deletedAt% isByModerator% reason% } ... on OrderStepContent { step% actor { displayName% } } } } } } } } }",
    "query($message: ID!) { node(id: $message) { ... on Message { content { ... on TextContent { text% } } author { \
     ... on Node { id% } displayName% } } } }",
];

async fn ask(client: &Client, document: &str, variables: &Value) -> Value {
    let mut variables = variables.clone();
    variables.as_object_mut().unwrap().retain(|name, _| document.contains(&format!("${name}:")));
    client.send(document, variables).await.ok()
}

#[actix_web::test]
async fn what_is_at_hand_is_what_the_resolvers_say() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Seller").await;
    let shop = seller.open_shop("Corner").await;
    let goods = seller.sell(&shop, "Holder", "5.00", 10).await;
    let kind = json!([{"name": "Kind", "value": "Plain"}]);
    let options = json!({"productId": goods.product, "expectedVersion": 1, "options": kind});
    seller.mutate("updateProductOptions", options, "product { id }").await.ok();
    seller.sell(&shop, "Lamp", "7.50", 0).await;
    let buyer = app.sign_up("Buyer").await;
    let order = buyer.order_one(&goods, "1").await.ok()["order"].clone();
    buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", "p").await.ok();
    buyer.order_one(&goods, "2").await.ok();
    let contact = json!({"productId": goods.product, "text": "Is it green?", "idempotencyKey": "ask"});
    let message = buyer.mutate("contactShop", contact, "message { id }").await.ok()["message"]["id"].clone();
    let variables = json!({"product": goods.product, "message": message});
    for document in DOCUMENTS {
        let at_once = ask(&buyer, &document.replace('%', ""), &variables).await;
        let resolved = ask(&buyer, &document.replace('%', " @include(if: true)"), &variables).await;
        assert_eq!(at_once, resolved, "{document}");
        assert!(!at_once.to_string().contains(":[]"), "{document} finds nothing to compare: {at_once}");
    }
}

#[actix_web::test]
async fn fields_come_in_the_selections_order() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Seller").await;
    let shop = seller.open_shop("Corner").await;
    seller.sell(&shop, "Holder", "5.00", 10).await;
    let document = "{ products { nodes { variants { sku } title shop { name } category { id } id } } }";
    let body = app.guest().post(&json!({"query": document})).send().await.unwrap().text().await.unwrap();
    let at = |key: &str| body.find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("{key} is missing: {body}"));
    let places = ["variants", "title", "shop", "category", "id"].map(at);
    assert!(places.is_sorted(), "{body}");
}

#[actix_web::test]
async fn fields_that_are_ready_sooner_come_no_sooner() {
    let app = TestApp::start().await;
    let person = app.sign_up("Ada").await;
    let document = "{ products(first: 1) { totalCount } viewer { orders { totalCount } nothing: conversation(id: \"x\") { id } \
                    user { displayName } } last: __typename }";
    let body = person.post(&json!({"query": document})).send().await.unwrap().text().await.unwrap();
    let data = &body[body.find("\"data\":").unwrap()..];
    let at = |key: &str| data.find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("{key} is missing: {body}"));
    let places = ["products", "viewer", "orders", "nothing", "user", "last"].map(at);
    assert!(places.is_sorted(), "{body}");
}
