//! What the provider charges for disputes, and its word about them held against what is known here.

use agora::{
    kernel::{id::Id, money::Money},
    payments::{
        model::{Fee, PaymentIntent},
        service::compare_disputes,
    },
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{decide, market, opened, tell};
use crate::{
    costs::count,
    harness::{Client, TestApp},
    orders::assert_books,
};

/// What is on the market's accounts of fees.
fn kept(app: &TestApp) -> i64 {
    let sql = "SELECT coalesce(sum(balance), 0)::bigint AS count FROM accounts WHERE kind = 'PROVIDER_FEES'";
    count(&mut app.connect(), sql)
}

/// What differs from what the provider says.
async fn differing(app: &TestApp) -> Vec<String> {
    let comparison = compare_disputes(app.app(), 7).await.unwrap().unwrap();
    assert_eq!(comparison.unanswered, 0);
    comparison.finding.examples.iter().map(ToString::to_string).collect()
}

#[actix_web::test]
async fn a_dispute_costs_the_market_its_fee_whoever_is_right() {
    let market = market().await;
    let app = &market.app;
    let admin = app.sign_up("Admin").await;
    app.given_role(&admin, "ADMIN");
    let one = market.buy("one").await;
    let of_payment = 14 + 25;
    assert_eq!(kept(app), -of_payment);
    decide(app, &one.payment, "inquire").await;
    assert_eq!(kept(app), -of_payment, "a bank that only asks costs nothing");
    for decision in ["dispute", "lose", "win"] {
        decide(app, &one.payment, decision).await;
        assert_eq!(kept(app), -of_payment - 1_500, "{decision}");
        assert_books(app).await;
    }
    assert_eq!(market.balance().await, "9.00");
    let document = "query($id: ID!) { node(id: $id) { ... on Order { explanation { step amount { amount } } } } }";
    let of = async |client: &Client| -> Vec<Value> {
        let told = client.send(document, json!({"id": one.order})).await.ok();
        let entries = told["node"]["explanation"].as_array().unwrap().clone().into_iter();
        entries.filter(|entry| entry["step"].as_str().unwrap().ends_with("_FEE")).collect()
    };
    let fee = |step: &str, amount: &str| json!({"step": step, "amount": {"amount": amount}});
    assert_eq!(of(&admin.client).await, [fee("PROVIDER_FEE", "-0.39"), fee("DISPUTE_FEE", "-15.00")]);
    assert_eq!(of(&market.buyer.client).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn each_fee_is_booked_once_and_what_is_given_again_comes_back() {
    let market = market().await;
    let app = &market.app;
    let one = market.buy("one").await;
    let before = kept(app);
    let fee = |reference: &str, minor: i64, currency: &str| Fee {
        reference: reference.into(),
        amount: Money::new(minor, currency.parse().unwrap()),
    };
    let mut told = opened("some", 400);
    told.fees = vec![fee("a", 1_500, "GBP")];
    for _ in 0..2 {
        tell(app, &one.payment, vec![told.clone()]).await;
        assert_eq!(kept(app) - before, -1_500);
    }
    // Nothing else is new. And a provider need not settle in the currency that was paid in.
    told.fees.push(fee("b", 500, "JPY"));
    tell(app, &one.payment, vec![told.clone()]).await;
    assert_eq!(kept(app) - before, -1_500 - 500);
    told.fees.push(fee("c", -1_500, "GBP"));
    tell(app, &one.payment, vec![told]).await;
    assert_eq!(kept(app) - before, -500);
    assert_books(app).await;
}

#[actix_web::test]
async fn the_providers_disputes_are_held_against_those_that_are_known() {
    let market = market().await;
    let app = &market.app;
    let one = market.buy("one").await;
    decide(app, &one.payment, "dispute").await;
    assert_eq!(differing(app).await, Vec::<String>::new());
    // It goes on there, and is about to be asked about.
    app.given_sql("UPDATE test_provider_acts SET dispute_status = 'LOST' WHERE kind = 'DISPUTE'");
    assert_eq!(differing(app).await, Vec::<String>::new());
    app.given_sql("UPDATE test_provider_acts SET dispute_money = 'UNTOUCHED' WHERE kind = 'DISPUTE'");
    let found = differing(app).await;
    assert!(found.len() == 1 && found[0].ends_with(": expected nothing taken, found 10.00 GBP taken"), "{found:?}");

    // Of one of which nobody has told, once it has been there for a while; and of one that is only here.
    app.given_sql("DELETE FROM test_provider_acts WHERE kind = 'DISPUTE'");
    let found = differing(app).await;
    assert!(found.len() == 1 && found[0].ends_with(": expected no such dispute, found 10.00 GBP taken"), "{found:?}");
    let two = market.buy("two").await;
    let payment: Id<PaymentIntent> = two.payment.as_str().unwrap().parse().unwrap();
    app.given_sql(&format!(
        "INSERT INTO test_provider_acts (key, kind, payment, amount, currency, outcome, dispute_status, dispute_money, created_at) \
         SELECT 'dispute unheard', 'DISPUTE', id, amount, currency, 'DONE', 'LOST', 'TAKEN', created_at FROM payment_intents WHERE id = '{}'",
        payment.uuid()
    ));
    assert_eq!(differing(app).await.len(), 1, "it may be told in a moment");
    app.advance(TimeDelta::hours(1));
    let found = differing(app).await;
    let unheard = ": expected 10.00 GBP taken, found no such dispute";
    assert!(found.len() == 2 && found.iter().any(|found| found.ends_with(unheard)), "{found:?}");
    assert_books(app).await;
}
