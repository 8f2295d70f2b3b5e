//! What the steps of an order do to the markers of those who read its conversation.

use agora::platform::config::CaptureTime;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{say, see, talk};
use crate::{
    harness::{Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
    privacy::sign_in,
    shipping::ship,
};

/// A seller, a buyer, and lamps for 4.00.
async fn market(app: &TestApp) -> (Person, Person, Goods) {
    let (nora, ada) = (app.sign_up("Nora").await, app.sign_up("Ada").await);
    let lamp = nora.sell(&nora.open_shop("Lamps").await, "Lamp", "4.00", 10).await;
    (nora, ada, lamp)
}

/// An order, its part, and the conversation about it.
async fn ordered(buyer: &Client, lamp: &Goods, key: &str) -> (String, Value, String) {
    let order = buyer.order_one(lamp, key).await.ok()["order"].clone();
    let part = &order["parts"][0];
    let conversation = part["conversation"]["id"].as_str().unwrap().to_owned();
    (order["id"].as_str().unwrap().to_owned(), part["id"].clone(), conversation)
}

/// Up to which message somebody has read, of how many.
async fn read(client: &Client, conversation: &str) -> (i64, i64) {
    let seen = see(client, conversation, "lastReadNumber lastNumber").await;
    (seen["lastReadNumber"].as_i64().unwrap(), seen["lastNumber"].as_i64().unwrap())
}

#[actix_web::test]
async fn who_pays_has_read_that_they_paid_and_no_message_by_it() {
    let app = TestApp::start().await;
    let (nora, ada, lamp) = market(&app).await;
    let (order, _, conversation) = ordered(&ada, &lamp, "one").await;
    assert_eq!(read(&ada, &conversation).await, (1, 1));
    ada.pay(&order, "test_succeeds", "one").await.ok();
    assert_eq!(read(&ada, &conversation).await, (2, 2));

    let (order, _, conversation) = ordered(&ada, &lamp, "two").await;
    say(&nora, &conversation, "Gift wrap?").await;
    ada.pay(&order, "test_succeeds", "two").await.ok();
    assert_eq!(read(&ada, &conversation).await, (1, 3));
    // Who writes has seen what stands above.
    say(&ada, &conversation, "Please").await;
    assert_eq!(read(&ada, &conversation).await, (4, 4));
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_a_job_learns_of_a_payment_reads_nothing() {
    let app = TestApp::start().await;
    let (nora, ada, lamp) = market(&app).await;
    let (order, _, conversation) = ordered(&ada, &lamp, "one").await;
    ada.pay(&order, "test_times_out", "one").await.ok();
    let (other, _, quiet) = ordered(&ada, &lamp, "two").await;
    ada.pay(&other, "test_times_out", "two").await.ok();
    say(&nora, &conversation, "Gift wrap?").await;
    app.advance(TimeDelta::seconds(31));
    app.run_jobs().await;
    let ada = sign_in(&app, &ada.email).await;
    assert_eq!(read(&ada, &conversation).await, (1, 3));
    assert_eq!(read(&ada, &quiet).await, (1, 2), "nobody was there when the money came");
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_sent_and_paid_by_that_waits_for_its_buyer() {
    let app = TestApp::start_with(|settings| settings.checkout.capture = CaptureTime::AtShipment).await;
    let (nora, ada, lamp) = market(&app).await;
    let (order, part, conversation) = ordered(&ada, &lamp, "one").await;
    ada.pay(&order, "test_succeeds", "one").await.ok();
    app.run_jobs().await;
    assert_eq!(read(&ada, &conversation).await, (2, 2), "they are told at once that it is promised");
    say(&nora, &conversation, "It is packed").await;
    ship(&nora, &part, Value::Null, true, "one").await.ok();
    assert_eq!(read(&nora, &conversation).await, (4, 4), "who had read all before has read what they did");
    app.run_jobs().await;
    assert_eq!(read(&ada, &conversation).await, (2, 5));

    // Nor does it undo what somebody has kept to read again.
    let (order, part, conversation) = ordered(&ada, &lamp, "two").await;
    ada.pay(&order, "test_succeeds", "two").await.ok();
    let seen = see(&ada, &conversation, "messages { nodes { id } }").await;
    let unread = json!({"fromMessageId": seen["messages"]["nodes"][1]["id"]});
    ada.mutate("markConversationUnread", unread, "conversation { id }").await.ok();
    ship(&nora, &part, Value::Null, true, "two").await.ok();
    app.run_jobs().await;
    assert_eq!(read(&ada, &conversation).await, (1, 4));
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_conversation_leads_to_the_part_that_it_is_about_and_others_to_none() {
    const PART: &str = "orderPart { id orderNumber conversation { id } }";
    let app = TestApp::start().await;
    let (nora, ada, lamp) = market(&app).await;
    let order = ada.order_one(&lamp, "one").await.ok()["order"].clone();
    let conversation = order["parts"][0]["conversation"]["id"].as_str().unwrap();
    let about = json!({"orderPart": {"id": order["parts"][0]["id"], "orderNumber": order["number"],
                                     "conversation": {"id": conversation}}});
    for client in [&ada.client, &nora.client] {
        assert_eq!(see(client, conversation, PART).await, about);
    }
    let asked = json!({"productId": lamp.product, "text": "Is it green?", "idempotencyKey": "ask"});
    let asked = ada.mutate("contactShop", asked, "conversation { orderPart { id } }").await.ok();
    assert_eq!(asked["conversation"], json!({"orderPart": null}));
    let direct = talk(&ada, &nora).await;
    assert_eq!(see(&nora, &direct, PART).await, json!({"orderPart": null}));
}
