//! What happens to products on a screen, as it happens.

use std::time::{Duration, Instant};

use agora::{
    kernel::id::Id,
    products::model::Product,
    users::model::{User, access_topic},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    Client, TestApp,
    socket::{Said, Socket},
};

const EVENTS: &str = "subscription($ids: [ID!]!, $after: String) { productEvents(ids: $ids, after: $after) { __typename \
                      ... on ProductChanged { cursor productId aspects product { title status priceRange { min { amount } } } } \
                      ... on Heartbeat { cursor } ... on Gap { resumeCursor } } }";

async fn watch(client: &Client, ids: &[&str], after: Option<&str>) -> Socket {
    let mut socket = Socket::connect(client, json!({})).await;
    socket.subscribe("1", EVENTS, json!({"ids": ids, "after": after})).await;
    socket
}

/// The next event that is no heartbeat, of which there may be one at any time.
async fn next(socket: &mut Socket) -> Value {
    loop {
        let event = socket.next("1").await["productEvents"].take();
        if event["__typename"] != "Heartbeat" {
            return event;
        }
    }
}

#[actix_web::test]
async fn who_looks_at_a_product_hears_of_its_price_and_status() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let (lamp, other) = (seller.sell(&shop, "Lamp", "5.00", 1).await, seller.sell(&shop, "Pot", "7.00", 1).await);
    let mut guest = watch(&app.guest(), &[&lamp.product], None).await;
    let here = guest.next("1").await["productEvents"].clone();
    assert_eq!(here["__typename"], "Heartbeat");

    let price = async |variant: &str, version: i64, amount: &str| {
        let price = json!({"amount": amount, "currency": "GBP"});
        let input = json!({"variantId": variant, "expectedVersion": version, "price": price});
        seller.mutate("updateProductVariant", input, "variant { version }").await.ok();
    };
    price(&other.variant, 1, "8.00").await;
    price(&lamp.variant, 1, "4.00").await;
    let event = next(&mut guest).await;
    assert_eq!((&event["productId"], &event["aspects"]), (&json!(lamp.product), &json!(["PRICE", "DETAILS"])));
    assert_eq!(event["product"]["priceRange"]["min"]["amount"], "4.00");

    // From where one stopped, each once and in order; of both products where both are on the screen.
    price(&lamp.variant, 2, "3.00").await;
    let cursor = here["cursor"].as_str().unwrap();
    let mut both = watch(&app.guest(), &[&lamp.product, &other.product], Some(cursor)).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(next(&mut both).await["productId"].clone());
    }
    assert_eq!(told, [json!(other.product), json!(lamp.product), json!(lamp.product)]);

    let change = async |change: Value| {
        let version =
            seller.send("query($id: ID!) { product(by: {id: $id}) { version } }", json!({"id": lamp.product})).await;
        let mut input = json!({"productId": lamp.product, "expectedVersion": version.ok()["product"]["version"]});
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        seller.mutate("updateProduct", input, "product { version }").await.ok();
    };
    assert_eq!(next(&mut guest).await["aspects"], json!(["PRICE", "DETAILS"]));
    change(json!({"title": "Lantern"})).await;
    let event = next(&mut guest).await;
    assert_eq!((&event["aspects"], &event["product"]["title"]), (&json!(["DETAILS"]), &json!("Lantern")));
    change(json!({"unpublishAt": app.app().now() + TimeDelta::minutes(1)})).await;
    assert_eq!(next(&mut guest).await["aspects"], json!(["DETAILS"]));
    app.schedule_jobs().await;
    app.advance(TimeDelta::minutes(1));
    app.run_jobs().await;
    let event = next(&mut guest).await;
    assert_eq!((&event["aspects"], &event["product"]), (&json!(["STATUS"]), &Value::Null));
}

#[actix_web::test]
async fn of_a_draft_only_its_shop_hears() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let product =
        json!({"shopId": shop, "title": "Secret", "status": "DRAFT", "price": {"amount": "1.00", "currency": "GBP"}});
    let draft = seller.mutate("createProduct", product, "product { id }").await.ok()["product"]["id"].clone();
    let shown = seller.sell(&shop, "Lamp", "5.00", 1).await;
    let draft = draft.as_str().unwrap();
    let mut guest = watch(&app.guest(), &[draft, &shown.product], None).await;
    let mut member = watch(&seller, &[draft, &shown.product], None).await;
    for socket in [&mut guest, &mut member] {
        assert_eq!(socket.next("1").await["productEvents"]["__typename"], "Heartbeat");
    }
    for id in [draft, &shown.product] {
        let input = json!({"productId": id, "expectedVersion": 1, "title": "Named anew"});
        seller.mutate("updateProduct", input, "product { version }").await.ok();
    }
    assert_eq!(next(&mut guest).await["productId"], json!(shown.product));
    assert_eq!(next(&mut member).await["productId"], json!(draft));
    assert_eq!(next(&mut member).await["productId"], json!(shown.product));
    // What becomes public is told to all.
    let input = json!({"productId": draft, "expectedVersion": 2, "status": "ACTIVE"});
    seller.mutate("updateProduct", input, "product { version }").await.ok();
    for socket in [&mut guest, &mut member] {
        let event = next(socket).await;
        assert_eq!((&event["productId"], &event["product"]["status"]), (&json!(draft), &json!("ACTIVE")));
    }
}

#[actix_web::test]
async fn what_buyers_are_told_of_stock_is_told_when_it_changes() {
    let app = TestApp::start().await;
    let (seller, buyer) = (app.sign_up("Grace").await, app.sign_up("Bob").await);
    let shop = seller.open_shop("Mill").await;
    let (few, many) = (seller.sell(&shop, "Lamp", "5.00", 2).await, seller.sell(&shop, "Pot", "5.00", 500).await);
    let mut guest = watch(&app.guest(), &[&few.product, &many.product], None).await;
    assert_eq!(guest.next("1").await["productEvents"]["__typename"], "Heartbeat");
    // Of many nobody is told how many there are.
    buyer.order_one(&many, "many").await.ok();
    let order = buyer.order_one(&few, "few").await.ok()["order"]["id"].clone();
    let cancel = json!({"orderId": order, "idempotencyKey": "off"});
    buyer.mutate("cancelOrder", cancel, "order { id }").await.ok();
    let adjust = json!({"variantId": many.variant, "change": {"by": -400}});
    seller.mutate("adjustStock", adjust, "stockLevel { onHand }").await.ok();
    for product in [&few.product, &few.product, &many.product] {
        let event = next(&mut guest).await;
        assert_eq!((&event["productId"], &event["aspects"]), (&json!(product), &json!(["STOCK"])));
    }
}

#[actix_web::test]
async fn a_screen_has_one_to_a_hundred_products() {
    let app = TestApp::start().await;
    let many = vec!["product_00000000000000000000000000"; 101];
    for ids in [&many[..0], &many[..]] {
        let mut socket = watch(&app.guest(), ids, None).await;
        let Said::Message(message) = socket.receive().await else { panic!("closed") };
        assert_eq!(message["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    let mut socket = watch(&app.guest(), &many[..100], Some("nonsense")).await;
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    assert_eq!(message["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[actix_web::test]
async fn by_what_is_no_product_nobody_notices_that_anything_happens() {
    let app = TestApp::start_with(|settings| settings.heartbeat = Duration::from_millis(300)).await;
    let (ada, bob, seller) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Grace").await);
    let shop = seller.open_shop("Mill").await;
    let lamp = seller.sell(&shop, "Lamp", "5.00", 2).await;
    let talk = bob.mutate("startConversation", json!({"userId": ada.id}), "conversation { id }").await.ok();
    let talk = talk["conversation"]["id"].as_str().unwrap().to_owned();
    let access = access_topic(ada.id.parse::<Id<User>>().unwrap());
    // Whose topics these are, under the prefix of products; and one that is nobody's.
    let topics = [
        ada.id.replace("user_", "product_"),
        shop.replace("shop_", "product_"),
        talk.replace("conversation_", "product_"),
        Id::<Product>::from_uuid(access).to_string(),
        "product_00000000000000000000000001".to_owned(),
    ];
    let mut streams = Vec::new();
    for topic in &topics {
        let mut socket = watch(&app.guest(), &[topic], None).await;
        let begun = socket.next("1").await["productEvents"].clone();
        assert_eq!(begun["__typename"], "Heartbeat");
        streams.push((socket, begun));
    }
    // Beside a product that is one, too.
    let mut beside = watch(&app.guest(), &[&topics[0], &lamp.product], None).await;
    assert_eq!(beside.next("1").await["productEvents"]["__typename"], "Heartbeat");

    let message = json!({"conversationId": talk, "text": "Hello", "idempotencyKey": "1"});
    bob.mutate("sendMessage", message, "message { id }").await.ok();
    bob.order_one(&lamp, "one").await.ok();
    ada.mutate("blockUser", json!({"userId": bob.id}), "user { id }").await.ok();
    let event = next(&mut beside).await;
    assert_eq!((&event["productId"], &event["aspects"]), (&json!(lamp.product), &json!(["STOCK"])));
    // By now the others have been told to who may hear of them.
    for (mut socket, begun) in streams {
        let end = Instant::now() + Duration::from_millis(700);
        while Instant::now() < end {
            assert_eq!(socket.next("1").await["productEvents"], begun, "where it stands, as if nothing had happened");
        }
    }
}
