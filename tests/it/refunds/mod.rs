//! Money that goes back: what a shop or staff give back of a part, what came in too late or twice, and what the books say.

mod late;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
};

const REFUND: &str =
    "refunds { id status amount { amount } reason orderPart { id } } orderPart { amountRefunded { amount } }";

/// Gives back some of a part, or all of it.
async fn refund(who: &Client, part: &Value, amount: Option<&str>, key: &str) -> Answer {
    let amount = amount.map(|amount| json!({"amount": amount, "currency": "GBP"}));
    let input = json!({"orderPartId": part, "amount": amount, "reason": "Chipped.", "idempotencyKey": key});
    who.mutate("refundOrderPart", input, REFUND).await
}

const ORDER: &str = "lifecycle paymentState cancellationReason total { amount } amountPaid { amount } amountRefunded { amount } \
                     amountOwed { amount } refunds { status amount { amount } reason } payments { status amountRefunded { amount } } \
                     timeline { step refund { amount { amount } } actor { displayName } }";

async fn look(who: &Client, order: &Value) -> Value {
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on Order {{ {ORDER} }} }} }}");
    who.send(&document, json!({"id": order})).await.ok()["node"].clone()
}

/// What is paid, given back, and owed.
fn sums(order: &Value) -> [&str; 4] {
    ["paymentState", "amountPaid", "amountRefunded", "amountOwed"].map(|field| {
        let value = &order[field];
        value.as_str().or(value["amount"].as_str()).unwrap()
    })
}

fn steps(order: &Value) -> Vec<&str> {
    order["timeline"].as_array().unwrap().iter().map(|event| event["step"].as_str().unwrap()).collect()
}

async fn balance(seller: &Client) -> Value {
    let desks = seller.query("{ viewer { shops { balances { amount } } } }").await.ok();
    desks["viewer"]["shops"][0]["balances"][0]["amount"].clone()
}

/// A market with a share of 12.5 %, two sellers, and an order of both that is paid.
struct Paid {
    app: TestApp,
    ada: Person,
    bert: Person,
    buyer: Person,
    lamp: Goods,
    order: Value,
}

async fn paid_by(method: &str) -> Paid {
    let app = TestApp::start_with(|settings| settings.checkout.commission = "12.5".parse().unwrap()).await;
    let (ada, bert, buyer) = (app.sign_up("Ada").await, app.sign_up("Bert").await, app.sign_up("Buyer").await);
    let lamp = ada.sell(&ada.open_shop("Lamps").await, "Lamp", "0.99", 10).await;
    let rug = bert.sell(&bert.open_shop("Rugs").await, "Rug", "20.00", 10).await;
    let order = buyer.order(&[(&lamp, 1), (&rug, 1)], "20.99", "order").await.ok()["order"].clone();
    buyer.pay(order["id"].as_str().unwrap(), method, "pay").await.ok();
    app.run_jobs().await;
    Paid { app, ada, bert, buyer, lamp, order }
}

#[actix_web::test]
async fn what_a_shop_gives_back_goes_back_to_the_buyer_and_the_market_returns_its_share() {
    let Paid { app, ada, bert, buyer, order, .. } = paid_by("test_succeeds").await;
    // 12.5 % of 0.99 is 0.12375.
    assert_eq!(balance(&ada).await, "0.87");
    let part = &order["parts"][0]["id"];
    let given = refund(&ada, part, Some("0.33"), "one").await.ok();
    let expected =
        json!({"status": "PROCESSING", "amount": {"amount": "0.33"}, "reason": "Chipped.", "orderPart": {"id": part}});
    let mut told = given["refunds"][0].clone();
    told.as_object_mut().unwrap().remove("id");
    assert_eq!((told, &given["orderPart"]["amountRefunded"]["amount"]), (expected, &json!("0.33")));
    // Until the provider has it done, more is paid than is owed.
    assert_eq!(sums(&look(&buyer, &order["id"]).await), ["OVERPAID", "20.99", "0.33", "0.00"]);
    // The share of 0.66 is 0.08: 0.04 come back.
    assert_eq!(balance(&ada).await, "0.58");
    assert_books(&app).await;
    app.run_jobs().await;
    let seen = look(&buyer, &order["id"]).await;
    assert_eq!(sums(&seen), ["PAID", "20.66", "0.33", "0.00"]);
    assert_eq!(seen["refunds"], json!([{"status": "SUCCEEDED", "amount": {"amount": "0.33"}, "reason": "Chipped."}]));
    assert_eq!(seen["payments"], json!([{"status": "SUCCEEDED", "amountRefunded": {"amount": "0.33"}}]));
    assert_eq!(steps(&seen), ["PLACED", "PAID", "REFUNDED"]);
    assert_eq!(
        seen["timeline"][2],
        json!({"step": "REFUNDED", "refund": {"amount": {"amount": "0.33"}}, "actor": {"displayName": "Ada"}})
    );
    let mail = app.mails(&buyer.email).pop().unwrap();
    assert!(mail.subject.starts_with("0.33 GBP for your order") && mail.text.contains("Chipped."), "{mail:?}");

    // The thread says so, and what it is about.
    let document = "query($id: ID!) { node(id: $id) { ... on Conversation { messages(last: 1) { nodes { content { ... on OrderStepContent { \
                    step actor { displayName } event { step refund { status amount { amount } } } } } } } } } }";
    let thread = async |conversation: &Value| {
        let found = buyer.send(document, json!({"id": conversation["id"]})).await.ok();
        found["node"]["messages"]["nodes"][0]["content"].clone()
    };
    let event = json!({"step": "REFUNDED", "refund": {"status": "SUCCEEDED", "amount": {"amount": "0.33"}}});
    let content = json!({"step": "REFUNDED", "actor": {"displayName": "Ada"}, "event": event});
    assert_eq!(thread(&order["parts"][0]["conversation"]).await, content);
    assert_eq!(thread(&order["parts"][1]["conversation"]).await["step"], "PAID");

    // All of the rest, and the market has nothing of it any more.
    refund(&ada, part, None, "two").await.ok();
    app.run_jobs().await;
    assert_eq!((balance(&ada).await, balance(&bert).await), (json!("0.00"), json!("17.50")));
    assert_eq!(sums(&look(&buyer, &order["id"]).await), ["PAID", "20.00", "0.99", "0.00"]);
    let more = refund(&ada, part, None, "three").await;
    assert_eq!(more.refusal().0, "ORDER_NOT_REFUNDABLE");
    assert_books(&app).await;

    let entries = "{ viewer { shops { ledgerEntries { nodes { reason amount { amount } refund { reason } orderPart { id } } } } } }";
    let entries = ada.query(entries).await.ok()["viewer"]["shops"][0]["ledgerEntries"]["nodes"].clone();
    let mut told: Vec<_> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["reason"].as_str().unwrap(), entry["amount"]["amount"].as_str().unwrap()))
        .collect();
    told.sort_unstable();
    let expected = [
        ("COMMISSION", "-0.12"),
        ("COMMISSION_RETURNED", "0.04"),
        ("COMMISSION_RETURNED", "0.08"),
        ("REFUND", "-0.33"),
        ("REFUND", "-0.66"),
        ("SALE", "0.99"),
    ];
    assert_eq!(told, expected);
    assert!(entries.as_array().unwrap().iter().all(|entry| entry["orderPart"]["id"] == *part), "{entries}");
}

#[actix_web::test]
async fn nobody_gives_back_what_is_not_there() {
    let Paid { app, ada, bert, buyer, lamp, order } = paid_by("test_succeeds").await;
    let part = &order["parts"][0]["id"];
    for (amount, code) in [("1.00", "OUT_OF_RANGE"), ("0.00", "OUT_OF_RANGE"), ("-0.10", "OUT_OF_RANGE")] {
        let refused = refund(&ada, part, Some(amount), amount).await;
        assert_eq!(refused.refusal(), (code.to_owned(), "amount".to_owned()), "{amount}");
    }
    let euros = json!({"orderPartId": part, "amount": {"amount": "0.10", "currency": "EUR"}, "reason": "R", "idempotencyKey": "e"});
    assert_eq!(ada.mutate("refundOrderPart", euros, REFUND).await.refusal().0, "CURRENCY_MISMATCH");
    let silent = json!({"orderPartId": part, "reason": " ", "idempotencyKey": "s"});
    assert_eq!(
        ada.mutate("refundOrderPart", silent, REFUND).await.refusal(),
        ("BLANK".to_owned(), "reason".to_owned())
    );
    // Whose it is not, they do not find.
    for stranger in [&bert, &buyer] {
        assert_eq!(
            refund(stranger, part, None, "k").await.refusal(),
            ("NOT_FOUND".to_owned(), "orderPartId".to_owned())
        );
    }
    let unpaid = buyer.order_one(&lamp, "unpaid").await.ok()["order"]["parts"][0]["id"].clone();
    assert_eq!(refund(&ada, &unpaid, None, "unpaid").await.refusal().0, "ORDER_NOT_REFUNDABLE");
    // The same once more is the same refund; another under its key is none.
    let given = refund(&ada, part, Some("0.40"), "key").await.ok();
    let again = refund(&ada, part, Some("0.40"), "key").await;
    assert_eq!(again.extensions["replayed"], true);
    assert_eq!(again.ok()["refunds"], given["refunds"]);
    assert_eq!(refund(&ada, part, Some("0.41"), "key").await.refusal().0, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(refund(&ada, part, Some("0.60"), "more").await.refusal().0, "OUT_OF_RANGE");
    app.run_jobs().await;
    assert_eq!(sums(&look(&buyer, &order["id"]).await), ["PAID", "20.59", "0.40", "0.00"]);
    assert_books(&app).await;
}

#[actix_web::test]
async fn staff_give_back_for_the_market_and_the_buyer_reads_why() {
    let Paid { app, ada, buyer, order, .. } = paid_by("test_succeeds").await;
    let (admin, support) = (app.sign_up("Olive").await, app.sign_up("Sue").await);
    app.given_role(&admin, "ADMIN");
    app.given_role(&support, "SUPPORT");
    let part = &order["parts"][0]["id"];
    assert_eq!(refund(&support, part, None, "k").await.refusal().0, "NOT_FOUND");
    refund(&admin, part, None, "k").await.ok();
    app.run_jobs().await;
    assert_eq!(balance(&ada).await, "0.00");
    let seen = look(&buyer, &order["id"]).await;
    assert_eq!(seen["timeline"][2]["actor"], Value::Null);
    let log = buyer.query("{ viewer { auditLog { nodes { action reason } } } }").await.ok();
    assert_eq!(log["viewer"]["auditLog"]["nodes"], json!([{"action": "refundOrderPart", "reason": "Chipped."}]));
    assert_books(&app).await;
}

#[actix_web::test]
async fn many_give_back_the_same_at_once_and_no_more_goes_back_than_there_is() {
    let Paid { app, bert, buyer, order, .. } = paid_by("test_succeeds").await;
    let part = &order["parts"][1]["id"];
    let tries = (0..6).map(|place| {
        let bert = &bert;
        async move { refund(bert, part, Some("7.00"), &format!("key {place}")).await }
    });
    let answers = join_all(tries).await;
    let given = answers.iter().filter(|answer| answer.refusals().is_empty()).count();
    assert_eq!(given, 2);
    app.run_jobs().await;
    assert_eq!(sums(&look(&buyer, &order["id"]).await), ["PAID", "6.99", "14.00", "0.00"]);
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_a_provider_could_not_give_back_is_tried_again() {
    let Paid { app, ada, buyer, order, .. } = paid_by("test_keeps").await;
    let given = refund(&ada, &order["parts"][0]["id"], Some("0.50"), "k").await.ok()["refunds"][0]["id"].clone();
    let retry = async || ada.mutate("retryRefund", json!({"refundId": given}), "refund { status }").await;
    assert_eq!(retry().await.refusal().0, "REFUND_NOT_FAILED", "it is only about to be tried");
    app.run_jobs().await;
    let seen = look(&buyer, &order["id"]).await;
    // It is still owed to the buyer.
    assert_eq!(sums(&seen), ["OVERPAID", "20.99", "0.50", "0.00"]);
    assert_eq!(
        (&seen["refunds"][0]["status"], steps(&seen)),
        (&json!("FAILED"), vec!["PLACED", "PAID", "REFUNDED", "REFUND_FAILED"])
    );
    assert_books(&app).await;
    let eve = app.sign_up("Eve").await;
    assert_eq!(
        eve.mutate("retryRefund", json!({"refundId": given}), "refund { status }").await.refusal(),
        ("NOT_FOUND".to_owned(), "refundId".to_owned())
    );
    assert_eq!(retry().await.ok()["refund"]["status"], "PROCESSING");
    app.run_jobs().await;
    let seen = look(&buyer, &order["id"]).await;
    assert_eq!(steps(&seen)[2..], ["REFUNDED", "REFUND_FAILED", "REFUNDED"]);
    assert_eq!((sums(&seen), &seen["refunds"][0]["status"]), (["PAID", "20.49", "0.50", "0.00"], &json!("SUCCEEDED")));
    assert_eq!(retry().await.refusal().0, "REFUND_NOT_FAILED");
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_provider_that_is_silent_is_asked_until_it_answers() {
    let Paid { app, ada, buyer, order, .. } = paid_by("test_keeps_silent").await;
    refund(&ada, &order["parts"][0]["id"], Some("0.50"), "k").await.ok();
    app.run_jobs().await;
    assert_eq!(look(&buyer, &order["id"]).await["refunds"][0]["status"], "PROCESSING");
    for _ in 0..8 {
        app.advance(TimeDelta::minutes(1));
        app.run_jobs().await;
    }
    let seen = look(&buyer, &order["id"]).await;
    assert_eq!((sums(&seen), &seen["refunds"][0]["status"]), (["PAID", "20.49", "0.50", "0.00"], &json!("SUCCEEDED")));
    assert_eq!(app.mails(&buyer.email).iter().filter(|mail| mail.subject.starts_with("0.50 GBP")).count(), 1);
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_refund_about_which_nothing_is_heard_for_long_is_begun_again_under_the_same_key() {
    for is_retried in [true, false] {
        let Paid { app, ada, buyer, order, .. } = paid_by("test_keeps_silent").await;
        let given = refund(&ada, &order["parts"][0]["id"], Some("0.50"), "k").await.ok()["refunds"][0]["id"].clone();
        let retry = async || ada.mutate("retryRefund", json!({"refundId": given}), "refund { status }").await;
        // The next attempt is the last one.
        app.given_sql("UPDATE jobs SET attempts = 11 WHERE kind = 'orders.carry_out_refund'");
        app.run_jobs().await;
        let seen = look(&buyer, &order["id"]).await;
        assert_eq!(seen["refunds"][0]["status"], "UNANSWERED");
        assert_eq!(sums(&seen), ["OVERPAID", "20.99", "0.50", "0.00"]);
        assert_eq!(steps(&seen), ["PLACED", "PAID", "REFUNDED", "REFUND_FAILED"]);
        assert_books(&app).await;
        app.advance(TimeDelta::minutes(2));
        if is_retried {
            assert_eq!(retry().await.ok()["refund"]["status"], "PROCESSING");
            assert_eq!(retry().await.refusal().0, "REFUND_NOT_FAILED");
        }
        // The same job asks on.
        let asking = "SELECT count(*) AS count FROM jobs WHERE kind = 'orders.carry_out_refund' AND state = 'DUE'";
        assert_eq!(count(&mut app.connect(), asking), 1);
        if !is_retried {
            app.given_sql("UPDATE jobs SET run_at = created_at WHERE kind = 'orders.carry_out_refund'");
        }
        app.run_jobs().await;
        let seen = look(&buyer, &order["id"]).await;
        assert_eq!(seen["refunds"][0]["status"], "SUCCEEDED");
        assert_eq!(sums(&seen), ["PAID", "20.49", "0.50", "0.00"]);
        let under_the_first_key = "SELECT count(*) AS count FROM refunds WHERE attempt = 1 AND reference LIKE '%-1'";
        assert_eq!(count(&mut app.connect(), under_the_first_key), 1);
        assert_eq!(app.mails(&buyer.email).iter().filter(|mail| mail.subject.starts_with("0.50 GBP")).count(), 1);
        assert_books(&app).await;
    }
}
