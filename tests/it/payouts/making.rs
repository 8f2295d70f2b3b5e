//! What is paid out, and when.

use agora::{
    payouts::{model::MakePayout, service},
    platform::caller::Caller,
};
use chrono::TimeDelta;
use futures_util::join;
use serde_json::{Value, json};

use super::{market, paid_out, ready, standing, told};
use crate::{costs::count, orders::assert_books, privacy::sign_in};

#[actix_web::test]
async fn what_is_earned_leaves_after_some_days_once_a_day() {
    let market = market(7).await;
    let app = &market.app;
    market.buy("one").await;
    assert_eq!(market.next().await, standing("0.00", "9.00", "0.00", Value::Null));
    app.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    ready(app, &market.shop, "test_payout_succeeds").await;
    paid_out(app).await;
    assert_eq!(market.payouts().await, []);

    app.advance(TimeDelta::seconds(1));
    market.buy("two").await;
    assert_eq!(market.next().await, standing("9.00", "9.00", "0.00", json!("2026-11-27")));
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));
    assert_eq!(market.balance().await, "9.00");
    let selection = "ledgerEntries { nodes { reason amount { amount } orderPart { id } payout { amount { amount } } } } \
                     payouts { totalCount nodes { id failureReason } }";
    let seen = market.desk(selection).await;
    let amount = |amount: &str| json!({"amount": amount});
    let left =
        json!({"reason": "PAYOUT", "amount": amount("-9.00"), "orderPart": null, "payout": {"amount": amount("9.00")}});
    assert!(seen["ledgerEntries"]["nodes"].as_array().unwrap().contains(&left), "{seen}");
    let payouts = &seen["payouts"];
    assert_eq!((&payouts["totalCount"], &payouts["nodes"][0]["failureReason"]), (&json!(1), &Value::Null));
    assert_books(app).await;

    // Again on the same day, however much is payable by then, and by whomever.
    app.given_forged("UPDATE transfers SET created_at = '2026-11-20' WHERE cause = 'SALE'");
    app.given_sql("UPDATE shipments SET shipped_at = '2026-11-20'");
    assert_eq!(market.next().await, standing("9.00", "0.00", "0.00", json!("2026-11-28")));
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));
    market.next_day().await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00"), ("PAID", "9.00")]));
    assert_eq!(market.balance().await, "0.00");
    assert_books(app).await;

    // A page of the list, and whose it is.
    let id = &seen["payouts"]["nodes"][0]["id"];
    let page = market.desk("payouts(first: 1) { nodes { status } pageInfo { hasNextPage } }").await["payouts"].clone();
    assert_eq!(page, json!({"nodes": [{"status": "PAID"}], "pageInfo": {"hasNextPage": true}}));
    let node = "query($id: ID!) { node(id: $id) { ... on Payout { status } } }";
    let (ada, buyer) = (sign_in(app, &market.ada.email).await, sign_in(app, &market.buyer.email).await);
    assert_eq!(ada.send(node, json!({"id": id})).await.ok()["node"]["status"], "PAID");
    assert_eq!(buyer.send(node, json!({"id": id})).await.ok()["node"], Value::Null);
}

#[actix_web::test]
async fn nothing_leaves_before_somebody_has_said_where_to() {
    let market = market(0).await;
    market.buy("one").await;
    let account = "payoutAccount { status requirements }";
    let missing = json!({"payoutAccount": {"status": "REQUIREMENTS", "requirements": ["ONBOARDING"]}});
    assert_eq!(market.desk(account).await, missing);
    paid_out(&market.app).await;
    assert_eq!(market.payouts().await, []);
    assert_eq!(market.next().await, standing("9.00", "0.00", "0.00", Value::Null));
    ready(&market.app, &market.shop, "test_payout_succeeds").await;
    let enabled = json!({"payoutAccount": {"status": "ENABLED", "requirements": []}});
    assert_eq!(market.desk(account).await, enabled);
    // By the job that comes every hour, and that which it has run within the next one.
    market.app.schedule_jobs().await;
    market.later(TimeDelta::hours(1)).await;
    market.later(TimeDelta::minutes(50)).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_was_never_sent_is_not_paid_out() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    let part = market.buy_unsent("one").await;
    market.next_day().await;
    app.advance(TimeDelta::days(30));
    assert_eq!(market.next().await, standing("0.00", "9.00", "0.00", Value::Null));
    // Packed, it is still there.
    let ada = sign_in(app, &market.ada.email).await;
    let packed = json!({"orderPartId": part, "idempotencyKey": "packed"});
    let shipment = ada.mutate("createShipment", packed, "shipment { id }").await.ok()["shipment"]["id"].clone();
    paid_out(app).await;
    assert_eq!(market.payouts().await, []);
    let sent = json!({"shipmentId": shipment, "status": "SHIPPED"});
    ada.mutate("updateShipment", sent, "shipment { id }").await.ok();
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));
    assert_books(app).await;
}

#[actix_web::test]
async fn what_was_sent_lately_or_in_part_is_not_paid_out() {
    for is_called_off in [false, true] {
        let market = market(7).await;
        let app = &market.app;
        ready(app, &market.shop, "test_payout_succeeds").await;
        let buyer = sign_in(app, &market.buyer.email).await;
        let order = buyer.order(&[(&market.lamp, 2)], "20.00", "two").await.ok()["order"].clone();
        buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", "two").await.ok();
        let part = &order["parts"][0]["id"];
        let lines = "query($id: ID!) { node(id: $id) { ... on OrderPart { lines { id } } } }";
        let line = buyer.send(lines, json!({"id": part})).await.ok()["node"]["lines"][0]["id"].clone();
        app.advance(TimeDelta::days(7));
        let one = json!([{"orderLineId": line, "quantity": 1}]);
        let sent = json!({"orderPartId": part, "lines": one, "isShipped": true, "idempotencyKey": "one"});
        let ada = sign_in(app, &market.ada.email).await;
        ada.mutate("createShipment", sent, "shipment { id }").await.ok();
        app.advance(TimeDelta::days(30));
        assert_eq!(market.next().await, standing("0.00", "18.00", "0.00", Value::Null), "the rest is still there");
        paid_out(app).await;
        assert_eq!(market.payouts().await, []);
        if is_called_off {
            let ada = sign_in(app, &market.ada.email).await;
            let rest = json!({"orderPartId": part, "reason": "Gone.", "idempotencyKey": "rest"});
            ada.mutate("cancelOrderPart", rest, "orderPart { id }").await.ok();
            assert_eq!(market.next().await, standing("9.00", "0.00", "0.00", json!("2026-12-27")));
            paid_out(app).await;
            assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));
        } else {
            market.send(part, "rest").await;
            app.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
            assert_eq!(market.next().await, standing("0.00", "18.00", "0.00", Value::Null), "it was sent lately");
            paid_out(app).await;
            assert_eq!(market.payouts().await, []);
            app.advance(TimeDelta::seconds(1));
            paid_out(app).await;
            assert_eq!(market.payouts().await, told(&[("PAID", "18.00")]));
        }
        assert_books(app).await;
    }
}

#[actix_web::test]
async fn nothing_is_paid_out_while_something_is_owed_in_another_currency_or_by_another_shop_of_the_owner() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    market.buy("one").await;
    let job = MakePayout { shop: market.shop.parse().unwrap(), currency: "GBP".parse().unwrap() };
    // So that the shop with the lamps is the first one of hers.
    app.advance(TimeDelta::seconds(1));
    market.ada.open_shop("Rugs").await;
    let other = app.sign_up("Other").await;
    let chairs = other.open_shop("Chairs").await;
    // Others say that she owns that one, too: what is owed there is none of hers.
    let owner = json!({"shopId": chairs, "userId": market.ada.id, "role": "OWNER"});
    other.mutate("addShopMember", owner, "member { role }").await.ok();
    let member = json!({"shopId": market.shop, "userId": other.id, "role": "MANAGER"});
    market.ada.mutate("addShopMember", member, "member { role }").await.ok();
    for (name, currency, is_barred) in [("Lamps", "EUR", true), ("Rugs", "GBP", true), ("Chairs", "GBP", false)] {
        app.given_sql(&format!(
            "INSERT INTO accounts (id, kind, owner_id, currency, balance) \
             SELECT gen_random_uuid(), 'SHOP', id, '{currency}', -100 FROM shops WHERE name = '{name}'"
        ));
        if is_barred {
            let next = market.next().await;
            assert_eq!(next, standing("9.00", "0.00", "0.00", Value::Null), "{name}");
            paid_out(app).await;
            service::make_payout(app.app(), &Caller::system(), job).await.unwrap();
            assert_eq!(market.payouts().await, [], "{name}");
        } else {
            paid_out(app).await;
            assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));
        }
        app.given_sql("DELETE FROM accounts WHERE balance = -100");
    }
    assert_books(app).await;
}

#[actix_web::test]
async fn nothing_is_begun_of_an_account_to_which_all_has_come_lately() {
    const BEGUN: &str = "SELECT count(*) AS count FROM jobs WHERE kind = 'payouts.make_payout'";
    let market = market(7).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    market.buy("one").await;
    service::make_payouts(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(count(&mut app.connect(), BEGUN), 0);
    app.advance(TimeDelta::days(7));
    service::make_payouts(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(count(&mut app.connect(), BEGUN), 1);
}

#[actix_web::test]
async fn what_a_claim_is_about_is_held_until_it_is_over() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    let part = market.buy("one").await;
    market.buy("two").await;
    app.advance(TimeDelta::days(7));
    let buyer = sign_in(app, &market.buyer.email).await;
    let claim =
        json!({"orderPartId": part, "kind": "NOT_RECEIVED", "message": "Where is it?", "idempotencyKey": "claim"});
    let claim = buyer.mutate("openClaim", claim, "claim { id }").await.ok()["claim"]["id"].clone();
    // What is given back meanwhile is not held any more, for it is not there any more.
    let ada = sign_in(app, &market.ada.email).await;
    let back = json!({"orderPartId": part, "amount": {"amount": "4.00", "currency": "GBP"}, "reason": "Late.", "idempotencyKey": "back"});
    ada.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    assert_eq!(market.next().await, standing("9.00", "5.40", "0.00", json!("2026-11-27")));
    paid_out(app).await;
    assert_eq!((market.payouts().await, market.balance().await), (told(&[("PAID", "9.00")]), json!("5.40")));
    market.next_day().await;
    assert_eq!(market.payouts().await.len(), 1);

    let buyer = sign_in(app, &market.buyer.email).await;
    buyer.mutate("withdrawClaim", json!({"claimId": claim}), "claim { id }").await.ok();
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "5.40"), ("PAID", "9.00")]));
    assert_books(app).await;
}

#[actix_web::test]
async fn what_is_to_come_back_is_held_though_it_was_paid_out() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    let part = market.buy_unsent("one").await;
    let ada = sign_in(app, &market.ada.email).await;
    let sent = json!({"orderPartId": part, "isShipped": true, "idempotencyKey": "one"});
    let sent = ada.mutate("createShipment", sent, "shipment { id }").await.ok()["shipment"]["id"].clone();
    let arrived = json!({"shipmentId": sent, "status": "DELIVERED"});
    ada.mutate("updateShipment", arrived, "shipment { id }").await.ok();
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));
    // It has arrived, and the buyer does not want it.
    let buyer = sign_in(app, &market.buyer.email).await;
    let asked = json!({"orderPartId": part, "reason": "OTHER", "idempotencyKey": "back"});
    let asked = buyer.mutate("requestReturn", asked, "orderReturn { id }").await.ok()["orderReturn"]["id"].clone();
    market.buy("two").await;
    assert_eq!(market.next().await, standing("0.00", "9.00", "0.00", Value::Null));
    market.next_day().await;
    assert_eq!(market.payouts().await.len(), 1);
    let ada = sign_in(app, &market.ada.email).await;
    let declined = json!({"returnId": asked, "message": "It is as it was."});
    ada.mutate("declineReturn", declined, "orderReturn { id }").await.ok();
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00"), ("PAID", "9.00")]));

    // What goes back of what has left is made up for by what is sold next.
    market.give_back(&part, None).await;
    assert_eq!(market.next().await, standing("0.00", "0.00", "-9.00", Value::Null));
    market.buy("three").await;
    market.buy("four").await;
    market.next_day().await;
    assert_eq!(market.payouts().await[0], ("PAID".to_owned(), "9.00".to_owned()));
    assert_eq!(market.balance().await, "0.00");
    assert_books(app).await;
}

#[actix_web::test]
async fn however_many_pay_out_at_once_it_leaves_once() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    let part = market.buy("one").await;
    let job = MakePayout { shop: market.shop.parse().unwrap(), currency: "GBP".parse().unwrap() };
    let caller = Caller::system();
    let make = || service::make_payout(app.app(), &caller, job);
    let back = json!({"orderPartId": part, "amount": {"amount": "1.00", "currency": "GBP"}, "reason": "R", "idempotencyKey": "back"});
    let ada = sign_in(app, &market.ada.email).await;
    let given_back = ada.mutate("refundOrderPart", back, "refunds { id }");
    let (one, two, three, given_back) = join!(make(), make(), make(), given_back);
    for made in [one, two, three] {
        made.unwrap();
    }
    let is_refused = !given_back.refusals().is_empty();
    app.run_jobs().await;
    let payouts = market.payouts().await;
    assert_eq!(payouts.len(), 1);
    // Before the refund, which is not covered any more then, or after it.
    let expected = if is_refused { "9.00" } else { "8.10" };
    assert_eq!((payouts[0].1.as_str(), market.balance().await), (expected, json!("0.00")));
    assert_books(app).await;
}
