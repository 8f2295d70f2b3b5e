//! What guests order: by the token of their cart, as its owner by a token of its own, until they claim it.

mod bounds;
mod kept;
mod told;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    carts::opened,
    costs::count,
    harness::{Answer, Client, TestApp, market::Goods},
    orders::assert_books,
    reviews::{mill, refusal},
};

const PLACED: &str = "token order { id number paymentState lifecycle total { amount } buyer { id } shippingAddress { city } \
                      allowedActions parts { id } }";

fn input(cart: &Value, email: &str, total: &str, key: &str) -> Value {
    json!({
        "cart": {"token": cart["token"], "expectedVersion": cart["version"]},
        "email": email,
        "shippingAddress": {"name": "Gil", "lines": ["1 Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
        "expectedTotal": {"amount": total, "currency": "GBP"},
        "idempotencyKey": key,
    })
}

async fn place(guest: &Client, cart: &Value, email: &str, key: &str) -> Answer {
    guest.mutate("placeGuestOrder", input(cart, email, "5.00", key), PLACED).await
}

/// One piece of something that costs 5.00, ordered by a guest: the payload.
pub async fn placed(guest: &Client, goods: &Goods, email: &str) -> Value {
    let cart = opened(guest, goods, 1).await;
    place(guest, &cart, email, "place").await.ok()
}

pub async fn pay(client: &Client, placed: &Value, key: &str) -> Answer {
    pay_by(client, placed, "test_succeeds", key).await
}

async fn pay_by(client: &Client, placed: &Value, method: &str, key: &str) -> Answer {
    let input = json!({"orderId": placed["order"]["id"], "token": placed["token"], "method": {"token": method},
                       "idempotencyKey": key});
    client.mutate("payOrder", input, "payment { id status } order { paymentState allowedActions }").await
}

async fn cancel(client: &Client, placed: &Value, key: &str) -> Answer {
    let input = json!({"orderId": placed["order"]["id"], "token": placed["token"], "idempotencyKey": key});
    client.mutate("cancelOrder", input, "order { lifecycle paymentState amountRefunded { amount } }").await
}

async fn claim(client: &Client, token: &Value, key: &str) -> Answer {
    let selection =
        "order { id buyer { displayName } timeline { step actor { displayName } } parts { conversation { id } } }";
    client.mutate("claimOrder", json!({"token": token, "idempotencyKey": key}), selection).await
}

async fn look(client: &Client, token: &Value) -> Value {
    let document = "query($token: String!) { order(token: $token) { id paymentState shippingAddress { city } allowedActions \
                    payments { status } } }";
    client.send(document, json!({"token": token})).await.ok()["order"].clone()
}

/// The token of the link in the newest mail to an address.
pub fn link_token(app: &TestApp, email: &str) -> Value {
    let text = app.mails(email).pop().unwrap().text;
    json!(text.split("token=").nth(1).unwrap().split_whitespace().next().unwrap())
}

#[actix_web::test]
async fn a_guest_orders_sees_pays_and_is_told() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Lantern", "5.00", 10).await;
    let guest = app.guest();
    let cart = opened(&guest, &lamp, 1).await;
    let first = place(&guest, &cart, " Gil@Example.com ", "tap").await.ok();
    let order = &first["order"];
    assert_eq!((&order["buyer"], &order["shippingAddress"]["city"]), (&Value::Null, &json!("London")));
    assert_eq!(order["allowedActions"], json!(["PAY", "CANCEL"]));
    // A repeat is the same order, and the cart is empty for another intent.
    let again = place(&guest, &cart, " Gil@Example.com ", "tap").await;
    assert_eq!(again.extensions["replayed"], true);
    assert_eq!(again.ok(), first);
    assert_eq!(
        place(&guest, &cart, "gil@example.com", "other").await.refusal(),
        refusal("STALE_VERSION", "cart.expectedVersion")
    );
    assert_eq!(app.guest().available(&lamp).await, 9);

    let paid = pay(&guest, &first, "pay").await.ok();
    assert_eq!((&paid["payment"]["status"], &paid["order"]["paymentState"]), (&json!("SUCCEEDED"), &json!("PAID")));
    assert_eq!(paid["order"]["allowedActions"], json!(["CANCEL"]));
    assert_eq!(look(&guest, &first["token"]).await["payments"], json!([{"status": "SUCCEEDED"}]));
    app.run_jobs().await;
    let mails = app.mails("Gil@Example.com");
    assert_eq!(mails.len(), 1);
    // Who has proven no address is called by no name there: it would be anybody's words.
    assert!(mails[0].text.starts_with("Hello,\n") && mails[0].subject.contains("is paid"), "{mails:?}");
    // The link is another token: it shows less, and does nothing.
    let link = link_token(&app, "Gil@Example.com");
    assert_ne!(link, first["token"]);
    let seen = look(&guest, &link).await;
    assert_eq!((&seen["shippingAddress"], &seen["allowedActions"]), (&Value::Null, &json!([])));
    let linked = json!({"order": first["order"], "token": link});
    assert_eq!(cancel(&guest, &linked, "link").await.refusal(), refusal("NOT_FOUND", "orderId"));
    assert_eq!(pay(&guest, &linked, "link").await.refusal(), refusal("NOT_FOUND", "orderId"));
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_guest_calls_off_and_gets_back_what_they_paid() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Lantern", "5.00", 10).await;
    let guest = app.guest();
    let unpaid = placed(&guest, &lamp, "a@example.com").await;
    assert_eq!(cancel(&guest, &unpaid, "1").await.ok()["order"]["lifecycle"], "CANCELLED");
    let paid = placed(&guest, &lamp, "a@example.com").await;
    pay(&guest, &paid, "pay").await.ok();
    let off = cancel(&guest, &paid, "2").await.ok()["order"].clone();
    assert_eq!((&off["lifecycle"], &off["amountRefunded"]["amount"]), (&json!("CANCELLED"), &json!("5.00")));
    app.run_jobs().await;
    assert!(app.mails("a@example.com").iter().any(|mail| mail.subject.contains("5.00 GBP for your order")));
    assert_eq!(app.guest().available(&lamp).await, 10);
    assert_books(&app).await;
}

#[actix_web::test]
async fn of_a_guest_ten_cards_are_declined_for_an_order_and_then_they_wait() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Lantern", "5.00", 10).await;
    let guest = app.guest();
    let one = placed(&guest, &lamp, "a@example.com").await;
    let other = placed(&guest, &lamp, "b@example.com").await;
    for number in 0..10 {
        let method = format!("test_declines_{number}");
        assert_eq!(pay_by(&guest, &one, &method, &method).await.ok()["payment"]["status"], "FAILED");
    }
    assert_eq!(pay(&guest, &one, "more").await.refusal().0, "TOO_MANY_ATTEMPTS");
    // Whoever pays for something else does not wait for that.
    assert_eq!(pay(&guest, &other, "other").await.ok()["payment"]["status"], "SUCCEEDED");
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM payment_intents"), 11);
    assert_books(&app).await;
}

#[actix_web::test]
async fn nobody_does_anything_without_the_token_of_that_very_order() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let guest = app.guest();
    let (one, other) = (placed(&guest, &lamp, "a@example.com").await, placed(&guest, &lamp, "b@example.com").await);
    let mixed = json!({"order": one["order"], "token": other["token"]});
    for client in [&guest, &*app.sign_up("Eve").await] {
        assert_eq!(pay(client, &mixed, "x").await.refusal(), refusal("NOT_FOUND", "orderId"));
        assert_eq!(cancel(client, &mixed, "x").await.refusal(), refusal("NOT_FOUND", "orderId"));
        for id in [&one["order"]["id"], &one["order"]["parts"][0]["id"]] {
            let found = client.send("query($id: ID!) { node(id: $id) { id } }", json!({"id": id})).await.ok();
            assert_eq!(found["node"], Value::Null);
        }
    }
    let bare = json!({"order": one["order"], "token": null});
    assert_eq!(pay(&guest, &bare, "x").await.code(), "UNAUTHENTICATED");
    assert_eq!(cancel(&guest, &bare, "x").await.code(), "UNAUTHENTICATED");
    // As long as the links in mail lead to it.
    app.advance(TimeDelta::days(90));
    assert_eq!(look(&guest, &one["token"]).await, Value::Null);
    assert_eq!(pay(&guest, &one, "late").await.refusal(), refusal("NOT_FOUND", "orderId"));
}

#[actix_web::test]
async fn what_is_wrong_is_refused_and_stays_in_the_cart() {
    let app = TestApp::start().await;
    let (seller, shop, lamp) = mill(&app).await;
    let guest = app.guest();
    let cart = opened(&guest, &lamp, 1).await;
    let send = async |wrong: Value| guest.mutate("placeGuestOrder", wrong, PLACED).await.refusal();
    assert_eq!(send(input(&cart, "nobody", "5.00", "1")).await, refusal("INVALID_EMAIL", "email"));
    assert_eq!(send(input(&cart, "a@example.com", "4.00", "2")).await, refusal("PRICE_CHANGED", "expectedTotal"));
    let mut unknown = input(&cart, "a@example.com", "5.00", "3");
    unknown["cart"]["token"] = json!("none");
    assert_eq!(send(unknown).await, refusal("NOT_FOUND", "cart.token"));
    // What each person can use so often is for people.
    let once = json!({"shopId": shop, "name": "Once", "kind": "PERCENTAGE", "percentage": "10", "code": "ONCE", "limitPerPerson": 1});
    seller.mutate("createPromotion", once, "promotion { id }").await.ok();
    let mut coded = input(&cart, "a@example.com", "4.50", "4");
    coded["code"] = json!("ONCE");
    assert_eq!(send(coded).await, refusal("CODE_NOT_APPLICABLE", "code"));
    place(&guest, &cart, "a@example.com", "5").await.ok();
    let other = place(&guest, &cart, "b@example.com", "5").await;
    assert_eq!(other.refusal(), refusal("IDEMPOTENCY_KEY_REUSED", "idempotencyKey"));
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_waits_for_its_money_is_bounded_however_many_order_at_once() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let guest = app.guest();
    let mut carts = Vec::new();
    for _ in 0..8 {
        carts.push(opened(&guest, &lamp, 1).await);
    }
    let answers = join_all(carts.iter().map(|cart| place(&guest, cart, "A@example.com", "k"))).await;
    let refused: Vec<_> = answers.iter().flat_map(Answer::refusals).collect();
    assert_eq!(refused, vec![refusal("TOO_MANY_UNPAID_ORDERS", ""); 3]);
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM orders"), 5);
    // With another address there are more, and what is called off is not counted.
    placed(&guest, &lamp, "b@example.com").await;
    let first = answers.into_iter().find(|answer| answer.refusals().is_empty()).unwrap().ok();
    cancel(&guest, &first, "off").await.ok();
    placed(&guest, &lamp, "a@example.com").await;
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_line_has_as_many_as_a_person() {
    let app = TestApp::start_with(|settings| settings.checkout.unpaid_orders = 2).await;
    let (_, _, lamp) = mill(&app).await;
    let guest = app.guest();
    for email in ["a@example.com", "b@example.com"] {
        placed(&guest, &lamp, email).await;
    }
    let cart = opened(&guest, &lamp, 1).await;
    let third = place(&guest, &cart, "c@example.com", "k").await;
    assert_eq!(third.refusal(), refusal("TOO_MANY_UNPAID_ORDERS", ""));
    // Whose address somebody has used up there orders from their own line; and all for whom a machine names nobody are one.
    let machine = guest.with_token(&app.given_key().await.1);
    let owner = machine.with_header("agora-buyer-ip", "203.0.113.7");
    placed(&owner, &lamp, "a@example.com").await;
    for email in ["d@example.com", "e@example.com"] {
        placed(&machine, &lamp, email).await;
    }
    let cart = opened(&machine, &lamp, 1).await;
    let third = place(&machine, &cart, "f@example.com", "k").await;
    assert_eq!(third.refusal(), refusal("TOO_MANY_UNPAID_ORDERS", ""));
}

#[actix_web::test]
async fn nobody_has_more_that_is_unpaid_by_claiming_it() {
    let app = TestApp::start_with(|settings| settings.checkout.unpaid_orders = 1).await;
    let (_, _, lamp) = mill(&app).await;
    let guest = app.guest();
    let order = placed(&guest, &lamp, "a@example.com").await;
    let ada = app.sign_up("Ada").await;
    let own = ada.order_one(&lamp, "own").await.ok()["order"]["id"].clone();
    assert_eq!(claim(&ada, &order["token"], "1").await.refusal(), refusal("TOO_MANY_UNPAID_ORDERS", ""));
    ada.cancel(own.as_str().unwrap()).await.ok();
    claim(&ada, &order["token"], "2").await.ok();
}

#[actix_web::test]
async fn an_order_is_claimed_by_the_owners_token_once() {
    let app = TestApp::start().await;
    let (seller, _, lamp) = mill(&app).await;
    let guest = app.guest();
    let order = placed(&guest, &lamp, "somebody@example.com").await;
    pay(&guest, &order, "pay").await.ok();
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (of_ada, of_bob) = tokio::join!(claim(&ada, &order["token"], "1"), claim(&bob, &order["token"], "1"));
    let is_ada = of_ada.refusals().is_empty();
    let (won, lost) = if is_ada { (of_ada, of_bob) } else { (of_bob, of_ada) };
    assert_eq!(lost.refusal(), refusal("NOT_FOUND", "token"));
    let (winner, loser) = if is_ada { (&ada, &bob) } else { (&bob, &ada) };
    let claimed = won.ok()["order"].clone();
    let name = if is_ada { "Ada" } else { "Bob" };
    assert_eq!(claimed["buyer"]["displayName"], name);
    let last = claimed["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!(last, &json!({"step": "CLAIMED", "actor": {"displayName": name}}));
    // They talk with the shop now.
    let conversation = &claimed["parts"][0]["conversation"]["id"];
    let hello = json!({"conversationId": conversation, "text": "Hello", "idempotencyKey": "hello"});
    winner.mutate("sendMessage", hello.clone(), "message { id }").await.ok();
    seller.mutate("sendMessage", hello.clone(), "message { id }").await.ok();
    assert_eq!(loser.mutate("sendMessage", hello, "message { id }").await.refusals()[0].0, "NOT_FOUND");
    // Once more changes nothing, and the token opens nothing any more.
    claim(winner, &order["token"], "1").await.ok();
    claim(winner, &order["token"], "2").await.ok();
    assert_eq!(look(&guest, &order["token"]).await, Value::Null);
    assert_eq!(cancel(&guest, &order, "late").await.refusal(), refusal("NOT_FOUND", "orderId"));
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM guest_orders"), 0);
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM order_steps WHERE step = 'CLAIMED'"), 1);
    let own = winner.query("{ viewer { orders { nodes { id } } } }").await.ok();
    assert_eq!(own["viewer"]["orders"]["nodes"], json!([{"id": order["order"]["id"]}]));
    assert_books(&app).await;
}

#[actix_web::test]
async fn by_the_link_only_who_has_the_address_claims_an_order() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let guest = app.guest();
    let order = placed(&guest, &lamp, "Ada@example.com").await;
    pay(&guest, &order, "pay").await.ok();
    app.run_jobs().await;
    let link = link_token(&app, "Ada@example.com");
    let eve = app.sign_up("Eve").await;
    assert_eq!(claim(&eve, &link, "1").await.refusal(), refusal("NOT_FOUND", "token"));
    assert_eq!(claim(&eve, &json!("none"), "2").await.refusal(), refusal("NOT_FOUND", "token"));
    assert_eq!(claim(&guest, &link, "1").await.code(), "UNAUTHENTICATED");
    let ada = app.sign_up("Ada").await;
    assert_eq!(claim(&ada, &link, "1").await.ok()["order"]["buyer"]["displayName"], "Ada");
}
