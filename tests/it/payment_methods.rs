//! Ways to pay that people keep: whose they are, how many, and that they are gone when they are removed.

use agora::{kernel::id::Id, payments::model::StoredMethod, users::model::User};
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    costs::count,
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
};

async fn methods(who: &Client) -> Vec<Value> {
    let document = "{ viewer { paymentMethods { id brand last4 expiryMonth expiryYear createdAt } } }";
    who.query(document).await.ok()["viewer"]["paymentMethods"].as_array().unwrap().clone()
}

async fn pay(who: &Client, order: &str, method: Value, is_kept: Option<bool>, key: &str) -> Answer {
    let input = json!({"orderId": order, "method": method, "storeMethod": is_kept, "idempotencyKey": key});
    who.mutate("payOrder", input, "payment { status } order { paymentState }").await
}

async fn delete(who: &Client, method: &Value) -> Answer {
    who.mutate("deletePaymentMethod", json!({"paymentMethodId": method}), "deletedPaymentMethodId").await
}

async fn ordered(buyer: &Client, lamp: &Goods, key: &str) -> String {
    buyer.order_one(lamp, key).await.ok()["order"]["id"].as_str().unwrap().to_owned()
}

async fn market(app: &TestApp) -> (Person, Goods) {
    let ada = app.sign_up("Ada").await;
    let lamp = ada.sell(&ada.open_shop("Lamps").await, "Lamp", "4.00", 100).await;
    (app.sign_up("Buyer").await, lamp)
}

/// Pays an order by a method that is kept. Returns what is kept.
async fn kept(app: &TestApp, buyer: &Client, lamp: &Goods, key: &str) -> Value {
    let order = ordered(buyer, lamp, key).await;
    pay(buyer, &order, json!({"token": "test_succeeds"}), Some(true), key).await.ok();
    app.run_jobs().await;
    methods(buyer).await[0].clone()
}

/// So many methods of somebody who keeps one already.
fn given(app: &TestApp, number: i64) {
    app.given_sql(&format!(
        "INSERT INTO payment_methods (id, customer_id, reference, created_at) \
         SELECT gen_random_uuid(), c.id, 'test_' || n, now() FROM payment_customers c, generate_series(1, {number}) n"
    ));
}

/// A method of somebody's, which only is there. Returns its id.
pub fn given_to(app: &TestApp, person: &Person) -> String {
    let (id, user) =
        (Id::<StoredMethod>::from_uuid(Uuid::from_u128(263)), person.id.parse::<Id<User>>().unwrap().uuid());
    app.given_sql(&format!(
        "WITH customer AS (INSERT INTO payment_customers (id, user_id, provider, reference, created_at) \
           VALUES (gen_random_uuid(), '{user}', 'test', 'test_{user}', now()) RETURNING id) \
         INSERT INTO payment_methods (id, customer_id, reference, created_at) SELECT '{}', id, 'test_succeeds', now() FROM customer",
        id.uuid()
    ));
    id.to_string()
}

const KEPT: &str = "SELECT count(*) AS count FROM payment_methods WHERE removed_at IS NULL";

#[actix_web::test]
async fn what_is_kept_pays_and_nobody_else_has_it() {
    let app = TestApp::start().await;
    let (buyer, lamp) = market(&app).await;
    let (other, clerk) = (app.sign_up("Other").await, app.sign_up("Clerk").await);
    app.given_role(&clerk, "ADMIN");
    assert_eq!(methods(&buyer).await, Vec::<Value>::new());
    let own = kept(&app, &buyer, &lamp, "one").await;
    let looks = ["brand", "last4", "expiryMonth", "expiryYear"].map(|field| own[field].clone());
    assert_eq!(looks, [json!("test"), json!("4242"), json!(12), json!(2034)]);
    let order = ordered(&buyer, &lamp, "two").await;
    let paid = pay(&buyer, &order, json!({"storedId": own["id"]}), None, "two").await.ok();
    assert_eq!(paid["order"]["paymentState"], "PAID");
    // Kept once, however often it is to be kept.
    kept(&app, &buyer, &lamp, "three").await;
    assert_eq!(methods(&buyer).await, std::slice::from_ref(&own));

    let node = "query($id: ID!) { node(id: $id) { id } }";
    for stranger in [&*other, &*clerk] {
        assert_eq!(stranger.send(node, json!({"id": own["id"]})).await.ok()["node"], Value::Null);
        assert_eq!(methods(stranger).await, Vec::<Value>::new());
        let refused = delete(stranger, &own["id"]).await.refusal();
        assert_eq!(refused, ("NOT_FOUND".to_owned(), "paymentMethodId".to_owned()));
        let order = ordered(stranger, &lamp, "own").await;
        let refused = pay(stranger, &order, json!({"storedId": own["id"]}), None, "own").await.refusal();
        assert_eq!(refused, ("NOT_FOUND".to_owned(), "method.storedId".to_owned()));
    }
    assert_eq!(buyer.send(node, json!({"id": own["id"]})).await.ok()["node"]["id"], own["id"]);
    // Exactly one of both.
    for method in [json!({}), json!({"token": "test_succeeds", "storedId": own["id"]})] {
        assert_eq!(pay(&buyer, &order, method, None, "both").await.errors.len(), 1);
    }
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_removed_is_gone_and_once_more_changes_nothing() {
    let app = TestApp::start().await;
    let (buyer, lamp) = market(&app).await;
    let own = kept(&app, &buyer, &lamp, "one").await;
    let both = join_all([delete(&buyer, &own["id"]), delete(&buyer, &own["id"])]).await;
    for answer in both {
        assert_eq!(answer.ok()["deletedPaymentMethodId"], own["id"]);
    }
    assert_eq!(methods(&buyer).await, Vec::<Value>::new());
    let jobs = "SELECT count(*) AS count FROM jobs WHERE kind = 'payments.let_method_go'";
    assert_eq!(count(&mut app.connect(), jobs), 1);
    app.run_jobs().await;
    delete(&buyer, &own["id"]).await.ok();
    let left = "SELECT count(*) AS count FROM payment_methods \
                WHERE reference IS NOT NULL OR brand IS NOT NULL OR last4 IS NOT NULL OR expiry_year IS NOT NULL";
    assert_eq!(count(&mut app.connect(), left), 0);
    let order = ordered(&buyer, &lamp, "two").await;
    let refused = pay(&buyer, &order, json!({"storedId": own["id"]}), None, "two").await.refusal();
    assert_eq!(refused, ("NOT_FOUND".to_owned(), "method.storedId".to_owned()));
    let never = Id::<StoredMethod>::from_uuid(Uuid::from_u128(7)).to_string();
    assert_eq!(delete(&buyer, &json!(never)).await.refusal().0, "NOT_FOUND");
    // It may be kept anew.
    let anew = kept(&app, &buyer, &lamp, "three").await;
    assert_ne!(anew["id"], own["id"]);
    assert_eq!(methods(&buyer).await.len(), 1);
}

#[actix_web::test]
async fn twenty_are_kept_at_the_most() {
    let app = TestApp::start().await;
    let (buyer, lamp) = market(&app).await;
    let own = kept(&app, &buyer, &lamp, "one").await;
    given(&app, 18);
    // Both may begin, and one of them is the twentieth.
    for (method, key) in [("test_keeps", "two"), ("test_keeps_silent", "three")] {
        let order = ordered(&buyer, &lamp, key).await;
        let paid = pay(&buyer, &order, json!({"token": method}), Some(true), key).await.ok();
        assert_eq!(paid["order"]["paymentState"], "PAID");
    }
    app.run_jobs().await;
    assert_eq!((count(&mut app.connect(), KEPT), methods(&buyer).await.len()), (20, 20));
    let order = ordered(&buyer, &lamp, "more").await;
    let refused = pay(&buyer, &order, json!({"token": "test_succeeds"}), Some(true), "more").await.refusal();
    assert_eq!(refused, ("TOO_MANY".to_owned(), "storeMethod".to_owned()));
    delete(&buyer, &own["id"]).await.ok();
    pay(&buyer, &order, json!({"token": "test_succeeds"}), Some(false), "once").await.ok();
    assert_eq!(count(&mut app.connect(), KEPT), 19);
}

#[actix_web::test]
async fn nothing_is_kept_for_a_guest() {
    let app = TestApp::start().await;
    let (buyer, lamp) = market(&app).await;
    let own = kept(&app, &buyer, &lamp, "one").await;
    let seller = app.sign_up("Seller").await;
    let holder = seller.sell(&seller.open_shop("Holders").await, "Holder", "5.00", 10).await;
    let placed = crate::guest_orders::placed(&app.guest(), &holder, "guest@example.com").await;
    let input = |method: Value, is_kept: bool, key: &str| {
        json!({"orderId": placed["order"]["id"], "token": placed["token"], "method": method, "storeMethod": is_kept,
               "idempotencyKey": key})
    };
    // Not even for who is signed in: the order is nobody's.
    for client in [&app.guest(), &*buyer] {
        let refused =
            client.mutate("payOrder", input(json!({"token": "test_succeeds"}), true, "keep"), "order { id }").await;
        assert_eq!(refused.refusal(), ("INVALID".to_owned(), "storeMethod".to_owned()));
        let refused =
            client.mutate("payOrder", input(json!({"storedId": own["id"]}), false, "kept"), "order { id }").await;
        assert_eq!(refused.refusal(), ("NOT_FOUND".to_owned(), "method.storedId".to_owned()));
    }
    let guest = app.guest();
    assert_eq!(guest.query("{ viewer { paymentMethods { id } } }").await.ok()["viewer"], Value::Null);
    assert_eq!(delete(&guest, &own["id"]).await.code(), "UNAUTHENTICATED");
    assert_eq!(count(&mut app.connect(), KEPT), 1);
}
