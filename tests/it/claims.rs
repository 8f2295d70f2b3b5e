//! What buyers complain of, what shops answer, and what the market's staff decide.

use agora::{orders::service, platform::caller::Caller};
use chrono::TimeDelta;
use futures_util::join;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Client, TestApp, app::Person},
    orders::assert_books,
    privacy::sign_in,
    shipping::{Ordered, look, ordered, pay, ship, steps, sums},
};

const CLAIM: &str = "claim { id kind status nextStatuses decision dueAt amount { amount } amountRefunded { amount } orderPart { id } \
                     timeline { step reason actor { displayName } claim { id } } }";

async fn claim(who: &Client, part: &Value, kind: &str, amount: Value, key: &str) -> Answer {
    let input = json!({"orderPartId": part, "kind": kind, "amount": amount, "message": "It is chipped.", "idempotencyKey": key});
    who.mutate("openClaim", input, CLAIM).await
}

async fn reply(who: &Client, found: &Value, refund: Value, key: &str) -> Answer {
    let input = json!({"claimId": found["id"], "message": "Sorry.", "amount": refund, "idempotencyKey": key});
    who.mutate("answerClaim", input, CLAIM).await
}

async fn escalate(who: &Client, found: &Value) -> Answer {
    who.mutate("escalateClaim", json!({"claimId": found["id"], "message": "That is not enough."}), CLAIM).await
}

async fn decide(who: &Client, found: &Value, decision: &str, refund: Value, key: &str) -> Answer {
    let input = json!({"claimId": found["id"], "decision": decision, "amount": refund, "reason": "We looked at it.",
                       "idempotencyKey": key});
    who.mutate("decideClaim", input, CLAIM).await
}

fn pounds(amount: &str) -> Value {
    json!({"amount": amount, "currency": "GBP"})
}

async fn admin(app: &TestApp) -> Person {
    let admin = app.sign_up("Admin").await;
    app.given_role(&admin, "ADMIN");
    admin
}

/// Paid and sent: the first part of 15.00.
async fn sent() -> (Ordered, Value) {
    let all = ordered().await;
    pay(&all).await;
    let part = look(&all.buyer, &all.order).await["parts"][0]["id"].clone();
    ship(&all.ada, &part, Value::Null, true, "ship").await.ok();
    (all, part)
}

#[actix_web::test]
async fn a_claim_goes_from_the_buyer_to_the_shop_and_to_the_staff_who_decide() {
    let (all, part) = sent().await;
    let Ordered { app, ada, buyer, order, .. } = &all;
    let admin = admin(app).await;
    let support = app.sign_up("Support").await;
    app.given_role(&support, "SUPPORT");
    let opened = claim(buyer, &part, "NOT_AS_DESCRIBED", pounds("10.00"), "claim").await.ok()["claim"].clone();
    assert_eq!((&opened["status"], &opened["amount"]["amount"]), (&json!("OPEN"), &json!("10.00")));
    let again = claim(buyer, &part, "NOT_AS_DESCRIBED", pounds("10.00"), "claim").await.ok()["claim"]["id"].clone();
    assert_eq!(again, opened["id"], "a repeat is the same claim");
    assert_eq!(claim(buyer, &part, "NOT_RECEIVED", Value::Null, "other").await.refusal().0, "CLAIM_OPEN");
    assert_eq!(escalate(buyer, &opened).await.refusal().0, "TRANSITION_NOT_ALLOWED", "the shop is heard first");
    assert_eq!(decide(&admin, &opened, "FOR_SHOP", Value::Null, "soon").await.refusal().0, "TRANSITION_NOT_ALLOWED");
    let desk = "{ viewer { shops { claims(status: OPEN) { totalCount nodes { id } } } } }";
    let desk = ada.query(desk).await.ok()["viewer"]["shops"][0]["claims"].clone();
    assert_eq!(desk, json!({"totalCount": 1, "nodes": [{"id": opened["id"]}]}));

    let answered = reply(ada, &opened, pounds("2.00"), "reply").await.ok()["claim"].clone();
    assert_eq!((&answered["status"], &answered["nextStatuses"]), (&json!("ANSWERED"), &json!(["ESCALATED", "CLOSED"])));
    assert_eq!(reply(ada, &opened, Value::Null, "more").await.refusal().0, "TRANSITION_NOT_ALLOWED");
    for _ in 0..2 {
        assert_eq!(escalate(buyer, &opened).await.ok()["claim"]["status"], "ESCALATED");
    }
    let list = "{ staff { claims { totalCount nodes { id orderPart { id } } } } }";
    let waiting = admin.query(list).await.ok()["staff"]["claims"].clone();
    assert_eq!(waiting, json!({"totalCount": 1, "nodes": [{"id": opened["id"], "orderPart": {"id": part}}]}));
    for (decision, refund, refusal) in [
        ("FOR_SHOP", pounds("1.00"), "OUT_OF_RANGE"),
        ("FOR_BUYER", pounds("0.00"), "OUT_OF_RANGE"),
        ("FOR_BUYER", pounds("13.01"), "OUT_OF_RANGE"),
        ("FOR_BUYER", json!({"amount": "1.00", "currency": "EUR"}), "CURRENCY_MISMATCH"),
    ] {
        let refused = decide(&admin, &opened, decision, refund.clone(), &refund.to_string()).await;
        assert_eq!(refused.refusal(), (refusal.to_owned(), "amount".to_owned()), "{refund}");
    }
    for _ in 0..2 {
        // What is wanted and has not gone back yet.
        let decided = decide(&admin, &opened, "FOR_BUYER", Value::Null, "decide").await.ok()["claim"].clone();
        assert_eq!((&decided["status"], &decided["decision"]), (&json!("DECIDED"), &json!("FOR_BUYER")));
        assert_eq!(decided["amountRefunded"]["amount"], "10.00");
        let said: Vec<_> =
            decided["timeline"].as_array().unwrap().iter().map(|event| event["reason"].clone()).collect();
        assert_eq!(said, ["It is chipped.", "Sorry.", "That is not enough.", "We looked at it."]);
        assert_eq!(decided["timeline"][3]["actor"], Value::Null, "of the staff, nobody in person");
    }
    app.run_jobs().await;
    let seen = look(buyer, order).await;
    assert_eq!(sums(&seen)[..2], ["25.00", "10.00"]);
    assert_eq!(
        steps(&seen)[3..],
        ["CLAIM_OPENED", "CLAIM_ANSWERED", "REFUNDED", "CLAIM_ESCALATED", "CLAIM_DECIDED", "REFUNDED"]
    );
    let mails = |who: &Person| app.mails(&who.email).into_iter().map(|mail| mail.subject).collect::<Vec<_>>();
    for (who, subject) in [
        (buyer, "An answer about"),
        (buyer, "We look at your order"),
        (buyer, "A decision about"),
        (ada, "Somebody complains about"),
        (ada, "We look at"),
        (ada, "A decision about"),
        (&admin, "Somebody has to decide about"),
    ] {
        let mails = mails(who);
        assert_eq!(mails.iter().filter(|line| line.starts_with(subject)).count(), 1, "{subject}: {mails:?}");
    }
    assert!(!mails(&support).iter().any(|line| line.starts_with("Somebody has to decide")), "they decide nothing");
    let audited = "{ viewer { auditLog { nodes { action reason } } } }";
    let audited = buyer.query(audited).await.ok();
    assert!(audited.to_string().contains("decideClaim"), "{audited}");
    assert_books(app).await;
    // It is over, and another one can be opened about what is left.
    claim(buyer, &part, "NOT_RECEIVED", Value::Null, "next").await.ok();
}

#[actix_web::test]
async fn a_claim_goes_on_by_itself() {
    let (all, part) = sent().await;
    let Ordered { app, ada, buyer, .. } = &all;
    app.schedule_jobs().await;
    let later = async |days: i64, hours: i64| {
        app.advance(TimeDelta::days(days) + TimeDelta::hours(hours));
        for _ in 0..2 {
            app.run_jobs().await;
        }
        (sign_in(app, &buyer.email).await, sign_in(app, &ada.email).await)
    };
    let status = async |who: &Client, claim: &Value| {
        let document = "query($id: ID!) { node(id: $id) { ... on Claim { status dueAt } } }";
        who.send(document, json!({"id": claim["id"]})).await.ok()["node"].clone()
    };
    let unanswered = claim(buyer, &part, "NOT_RECEIVED", Value::Null, "one").await.ok()["claim"].clone();
    assert_eq!(unanswered["dueAt"], "2026-11-23T12:00:00+00:00");
    let (buyer, _) = later(2, 23).await;
    assert_eq!(status(&buyer, &unanswered).await["status"], "OPEN");
    let (buyer, ada) = later(0, 1).await;
    assert_eq!(status(&buyer, &unanswered).await, json!({"status": "ESCALATED", "dueAt": null}));
    let withdrawn = buyer.mutate("withdrawClaim", json!({"claimId": unanswered["id"]}), CLAIM).await.ok();
    assert_eq!(withdrawn["claim"]["status"], "CLOSED");
    let accepted = claim(&buyer, &part, "NOT_RECEIVED", Value::Null, "two").await.ok()["claim"].clone();
    reply(&ada, &accepted, Value::Null, "reply").await.ok();
    let (buyer, _) = later(7, 0).await;
    assert_eq!(status(&buyer, &accepted).await, json!({"status": "CLOSED", "dueAt": null}));
    assert_eq!(escalate(&buyer, &accepted).await.refusal().0, "TRANSITION_NOT_ALLOWED");
    assert_books(app).await;
}

#[actix_web::test]
async fn who_gets_back_all_that_they_want_asks_for_nothing_more() {
    let (all, part) = sent().await;
    let Ordered { app, ada, buyer, order, .. } = &all;
    let opened = claim(buyer, &part, "NOT_AS_DESCRIBED", Value::Null, "claim").await.ok()["claim"].clone();
    let answered = reply(ada, &opened, pounds("15.00"), "all").await.ok()["claim"].clone();
    assert_eq!(answered["status"], "CLOSED");
    app.run_jobs().await;
    assert_eq!(sums(&look(buyer, order).await)[1], "15.00");
    assert_eq!(claim(buyer, &part, "NOT_RECEIVED", Value::Null, "more").await.refusal().0, "ORDER_NOT_CLAIMABLE");
    assert_books(app).await;
}

#[actix_web::test]
async fn a_claim_is_over_once_all_that_is_wanted_has_gone_back_by_whatever_way() {
    let (all, part) = sent().await;
    let Ordered { app, ada, buyer, order, .. } = &all;
    let back = async |amount: &str| {
        let input =
            json!({"orderPartId": part, "amount": pounds(amount), "reason": "Sorry.", "idempotencyKey": amount});
        ada.mutate("refundOrderPart", input, "refunds { id }").await.ok();
    };
    let opened = claim(buyer, &part, "NOT_AS_DESCRIBED", pounds("10.00"), "claim").await.ok()["claim"].clone();
    back("4.00").await;
    let answered = reply(ada, &opened, pounds("5.00"), "reply").await.ok()["claim"].clone();
    assert_eq!((&answered["status"], &answered["amountRefunded"]["amount"]), (&json!("ANSWERED"), &json!("9.00")));
    escalate(buyer, &opened).await.ok();
    back("1.00").await;
    let seen = "query($id: ID!) { node(id: $id) { ... on Claim { status amountRefunded { amount } } } }";
    let seen = buyer.send(seen, json!({"id": opened["id"]})).await.ok()["node"].clone();
    assert_eq!(seen, json!({"status": "CLOSED", "amountRefunded": {"amount": "10.00"}}));
    app.run_jobs().await;
    assert_eq!(steps(&look(buyer, order).await).last(), Some(&"CLAIM_CLOSED"));
    let told = app.mails(&buyer.email);
    assert_eq!(told.iter().filter(|mail| mail.subject.starts_with("Your claim about")).count(), 1);
    assert_books(app).await;
}

#[actix_web::test]
async fn who_calls_an_order_off_claims_nothing_of_it_any_more() {
    let all = ordered().await;
    pay(&all).await;
    let Ordered { app, buyer, order, .. } = &all;
    app.advance(TimeDelta::days(7));
    let buyer = sign_in(app, &buyer.email).await;
    let part = look(&buyer, order).await["parts"][0]["id"].clone();
    claim(&buyer, &part, "NOT_RECEIVED", Value::Null, "claim").await.ok();
    buyer.cancel(order.as_str().unwrap()).await.ok();
    let seen = look(&buyer, order).await;
    assert_eq!((&seen["lifecycle"], steps(&seen).last()), (&json!("CANCELLED"), Some(&"CLAIM_CLOSED")));
    assert_books(app).await;
}

#[actix_web::test]
async fn nobody_decides_in_their_own_cause() {
    let (all, part) = sent().await;
    let Ordered { app, ada, buyer, .. } = &all;
    let opened = claim(buyer, &part, "NOT_AS_DESCRIBED", Value::Null, "claim").await.ok()["claim"].clone();
    reply(ada, &opened, Value::Null, "reply").await.ok();
    escalate(buyer, &opened).await.ok();
    for (who, decision) in [(buyer, "FOR_BUYER"), (ada, "FOR_SHOP")] {
        app.given_role(who, "ADMIN");
        let who = sign_in(app, &who.email).await;
        assert_eq!(decide(&who, &opened, decision, Value::Null, decision).await.refusal().0, "NOT_PERMITTED");
    }
}

#[actix_web::test]
async fn a_claim_that_cannot_go_on_keeps_no_other_waiting() {
    let (all, part) = sent().await;
    let Ordered { app, bert, buyer, order, .. } = &all;
    let other = look(buyer, order).await["parts"][1]["id"].clone();
    ship(bert, &other, Value::Null, true, "ship").await.ok();
    let stuck = claim(buyer, &part, "NOT_RECEIVED", Value::Null, "stuck").await.ok()["claim"].clone();
    app.advance(TimeDelta::seconds(1));
    let fine = claim(buyer, &other, "NOT_RECEIVED", Value::Null, "fine").await.ok()["claim"].clone();
    app.given_sql("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$");
    app.given_sql(
        "CREATE TRIGGER refuse BEFORE UPDATE OF status ON claims FOR EACH ROW \
         WHEN (OLD.due_at = '2026-11-23T12:00:00Z') EXECUTE FUNCTION refuse()",
    );
    app.advance(TimeDelta::days(3));
    assert!(service::lapse_claims(app.app(), &Caller::system()).await.is_err());
    let buyer = sign_in(app, &buyer.email).await;
    let status = async |claim: &Value| {
        let document = "query($id: ID!) { node(id: $id) { ... on Claim { status dueAt } } }";
        buyer.send(document, json!({"id": claim["id"]})).await.ok()["node"].clone()
    };
    assert_eq!(status(&fine).await["status"], "ESCALATED");
    assert_eq!(status(&stuck).await, json!({"status": "OPEN", "dueAt": "2026-11-23T13:00:01+00:00"}));
}

#[actix_web::test]
async fn only_what_was_paid_and_sent_or_is_missed_for_long_is_claimed_and_only_by_its_buyer() {
    let all = ordered().await;
    let Ordered { app, ada, bert, buyer, order, .. } = &all;
    let part = look(buyer, order).await["parts"][0]["id"].clone();
    let tries = std::cell::Cell::new(0);
    let refused = async |who: &Client, kind: &str| {
        tries.set(tries.get() + 1);
        claim(who, &part, kind, Value::Null, &tries.get().to_string()).await.refusal().0
    };
    assert_eq!(refused(buyer, "NOT_RECEIVED").await, "ORDER_NOT_CLAIMABLE", "not paid");
    pay(&all).await;
    for kind in ["NOT_RECEIVED", "NOT_AS_DESCRIBED"] {
        assert_eq!(refused(&sign_in(app, &buyer.email).await, kind).await, "ORDER_NOT_CLAIMABLE", "not sent");
    }
    for stranger in [ada, bert, &app.sign_up("Eve").await] {
        assert_eq!(refused(stranger, "NOT_RECEIVED").await, "NOT_FOUND");
    }
    app.advance(TimeDelta::days(7));
    let (buyer, bert) = (sign_in(app, &buyer.email).await, sign_in(app, &bert.email).await);
    assert_eq!(refused(&buyer, "NOT_AS_DESCRIBED").await, "ORDER_NOT_CLAIMABLE");
    for (amount, code) in [("15.01", "OUT_OF_RANGE"), ("0.00", "OUT_OF_RANGE"), ("-1.00", "OUT_OF_RANGE")] {
        let refused = claim(&buyer, &part, "NOT_RECEIVED", pounds(amount), amount).await;
        assert_eq!(refused.refusal(), (code.to_owned(), "amount".to_owned()), "{amount}");
    }
    let opened = claim(&buyer, &part, "NOT_RECEIVED", Value::Null, "claim").await.ok()["claim"].clone();
    for stranger in [&bert, &app.sign_up("Mallory").await.client] {
        let node = stranger.send("query($id: ID!) { node(id: $id) { __typename } }", json!({"id": opened["id"]})).await;
        assert_eq!(node.ok()["node"], Value::Null);
        let not_found = ("NOT_FOUND".to_owned(), "claimId".to_owned());
        assert_eq!(reply(stranger, &opened, Value::Null, "eve").await.refusal(), not_found);
        assert_eq!(escalate(stranger, &opened).await.refusal(), not_found);
    }
}

#[actix_web::test]
async fn what_is_said_at_once_is_said_in_some_order() {
    let (all, part) = sent().await;
    let Ordered { app, ada, buyer, order, .. } = &all;
    let opened = claim(buyer, &part, "NOT_RECEIVED", Value::Null, "claim").await.ok()["claim"].clone();
    let withdraw = || buyer.mutate("withdrawClaim", json!({"claimId": opened["id"]}), CLAIM);
    let (first, second, withdrawn) =
        join!(reply(ada, &opened, pounds("5.00"), "first"), reply(ada, &opened, pounds("5.00"), "second"), withdraw(),);
    assert_eq!(withdrawn.ok()["claim"]["status"], "CLOSED");
    let answered = [first, second].iter().filter(|answer| answer.refusals().is_empty()).count();
    assert!(answered <= 1);
    app.run_jobs().await;
    let given_back = if answered == 1 { "5.00" } else { "0.00" };
    assert_eq!(sums(&look(buyer, order).await)[1], given_back);
    assert_books(app).await;
}
