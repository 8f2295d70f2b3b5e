//! The list in the application.

use serde_json::{Value, json};

use super::{market, told};
use crate::{harness::Client, privacy::sign_in};

async fn unread(client: &Client) -> i64 {
    let badges = client.query("{ viewer { badges { unreadNotifications } } }").await.ok();
    badges["viewer"]["badges"]["unreadNotifications"].as_i64().unwrap()
}

async fn ids(client: &Client) -> Vec<Value> {
    let list = client.query("{ viewer { notifications { nodes { id } totalCount } } }").await.ok();
    let list = &list["viewer"]["notifications"];
    let nodes = list["nodes"].as_array().unwrap().clone();
    assert_eq!(list["totalCount"], json!(nodes.len()));
    nodes.iter().map(|node| node["id"].clone()).collect()
}

fn row(topic: &str, subject: &str, is_read: bool) -> (String, String, bool) {
    (topic.to_owned(), subject.to_owned(), is_read)
}

#[actix_web::test]
async fn what_happened_is_told_once_to_whom_it_concerns() {
    let market = market().await;
    let order = market.buy("one").await;
    assert_eq!(told(&market.buyer, json!({})).await, [row("ORDER_PAID", "Order", false)]);
    assert_eq!(told(&market.seller, json!({})).await, [row("ORDER_SOLD", "OrderPart", false)]);
    // A job that runs once more, as after a crash, tells nothing new.
    market.app.given_sql(&format!(
        "INSERT INTO jobs (id, kind, payload, run_at, created_at) \
         VALUES (gen_random_uuid(), 'orders.order_paid_mail', jsonb_build_object('order', '{order}', 'buyer', '{}'), \
                 '2026-11-20T12:00:00Z', '2026-11-20T12:00:00Z')",
        market.buyer.id
    ));
    assert_eq!(market.app.run_jobs().await, 1);
    assert_eq!((unread(&market.buyer).await, unread(&market.seller).await), (1, 1));
    let kinds = "{ viewer { notifications { nodes { kind subject { ... on Order { id } } } } } }";
    let seen = market.buyer.query(kinds).await.ok()["viewer"]["notifications"]["nodes"].clone();
    assert_eq!(seen, json!([{"kind": "ORDERS", "subject": {"id": order}}]));
}

#[actix_web::test]
async fn what_was_read_is_marked_by_ids_or_up_to_one() {
    let market = market().await;
    for key in ["one", "two", "three"] {
        market.buy(key).await;
        market.app.advance(chrono::TimeDelta::seconds(1));
    }
    let all = ids(&market.buyer).await;
    assert_eq!(all.len(), 3);
    let mark = async |client: &Client, which: Value| {
        let input = json!({"notifications": which});
        client.mutate("markNotificationsRead", input, "notifications { id readAt }").await
    };
    let marked = mark(&market.buyer, json!({"ids": [all[0]]})).await.ok()["notifications"].clone();
    assert_eq!((&marked[0]["id"], marked[0]["readAt"].is_string()), (&all[0], true));
    assert_eq!(unread(&market.buyer).await, 2);
    assert_eq!(told(&market.buyer, json!({"isUnread": true})).await.len(), 2);
    assert_eq!(told(&market.buyer, json!({"isUnread": false})).await, [row("ORDER_PAID", "Order", true)]);
    let marked = mark(&market.buyer, json!({"upTo": all[1]})).await.ok()["notifications"].clone();
    assert_eq!(marked[0]["id"], all[1]);
    assert_eq!((unread(&market.buyer).await, unread(&market.seller).await), (0, 3));
    // Of others nothing can be marked, seen, or learnt.
    assert_eq!(mark(&market.seller, json!({"ids": all})).await.ok()["notifications"], json!([]));
    let refusal = mark(&market.seller, json!({"upTo": all[0]})).await.refusal();
    assert_eq!(refusal, ("NOT_FOUND".into(), "notifications.upTo".into()));
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(market.seller.send(node, json!({"id": all[0]})).await.ok()["node"], Value::Null);
    assert_eq!(market.buyer.send(node, json!({"id": all[0]})).await.ok()["node"]["id"], all[0]);
    let many = json!({"ids": vec![all[0].clone(); 101]});
    assert_eq!(mark(&market.buyer, many).await.refusal(), ("TOO_MANY".into(), "notifications.ids".into()));
}

#[actix_web::test]
async fn who_wants_nothing_in_the_application_has_nothing_in_the_list() {
    let market = market().await;
    let off = json!({"notifications": [{"kind": "ORDERS", "channels": ["EMAIL"]}]});
    market.buyer.mutate("updatePreferences", off, "preferences { theme }").await.ok();
    market.buy("one").await;
    assert!(told(&market.buyer, json!({})).await.is_empty());
    assert_eq!(unread(&market.buyer).await, 0);
    let mails = market.app.mails(&market.buyer.email);
    assert!(mails.iter().any(|mail| mail.subject.contains("is paid")), "{mails:?}");
    assert_eq!(told(&market.seller, json!({})).await.len(), 1);
}

#[actix_web::test]
async fn what_is_added_to_what_is_paid_is_told_of_when_it_is_paid_and_when_it_lapses() {
    let market = market().await;
    market.app.schedule_jobs().await;
    let order = market.buy("one").await;
    let add = async |key: &str| {
        market.app.advance(chrono::TimeDelta::seconds(1));
        let document = "query($id: ID!) { node(id: $id) { ... on Order { version parts { id } } } }";
        let seen = market.buyer.send(document, json!({"id": order})).await.ok()["node"].clone();
        let input = json!({
            "orderPartId": seen["parts"][0]["id"], "expectedVersion": seen["version"], "remove": [], "idempotencyKey": key,
            "add": [{"variantId": market.goods.variant, "quantity": 1}],
            "expectedDifference": {"amount": "5.00", "currency": "GBP"},
        });
        market.buyer.mutate("editOrderPart", input, "orderPart { id }").await.ok();
    };
    add("paid").await;
    market.buyer.pay(&order, "test_succeeds", "added").await.ok();
    market.app.run_jobs().await;
    let paid = row("ORDER_PAID", "Order", false);
    assert_eq!(told(&market.buyer, json!({})).await, [paid.clone(), paid.clone()]);
    let of_seller = [row("ORDER_EDITED", "OrderPart", false), row("ORDER_SOLD", "OrderPart", false)];
    assert_eq!(told(&market.seller, json!({})).await, of_seller);

    add("lapses").await;
    market.app.advance(chrono::TimeDelta::minutes(31));
    market.app.run_jobs().await;
    market.app.run_jobs().await;
    let buyer = sign_in(&market.app, &market.buyer.email).await;
    assert_eq!(told(&buyer, json!({})).await, [row("ADDITION_LAPSED", "Order", false), paid.clone(), paid]);
    let seller = sign_in(&market.app, &market.seller.email).await;
    assert_eq!(told(&seller, json!({})).await, of_seller, "it has heard of nothing that could lapse");
}

#[actix_web::test]
async fn a_page_costs_a_statement_for_each_kind_of_subject_and_is_forgotten_after_90_days() {
    let market = market().await;
    for key in ["one", "two", "three", "four"] {
        market.buy(key).await;
    }
    let document = "{ viewer { notifications { nodes { topic subject { ... on Order { number } } } } } }";
    let answer = market.buyer.query(document).await;
    assert!(answer.statements.unwrap() <= 3, "{answer:?}");
    assert_eq!(answer.ok()["viewer"]["notifications"]["nodes"].as_array().unwrap().len(), 4);
    market.app.schedule_jobs().await;
    market.app.advance(chrono::TimeDelta::days(91));
    market.app.run_jobs().await;
    let again = sign_in(&market.app, &market.buyer.email).await;
    assert_eq!(ids(&again).await, [""; 0]);
}
