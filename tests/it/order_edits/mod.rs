//! Buyers change what they have ordered before it is packed, and what becomes of stock, money and threads by it.

mod costs;
mod disputed;
mod paid;
mod racing;

use serde_json::{Value, json};

use crate::{
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    orders::{assert_books, money_comes},
    shipping::{call_off, proceed, ship, steps, sums},
};

const ORDER: &str = "version lifecycle paymentState paymentDueAt cancellationReason taxName total { amount } discount { amount } \
                     tax { amount } shipping { amount } amountPaid { amount } amountRefunded { amount } amountCancelled { amount } \
                     amountAdded { amount } amountOwed { amount } timeline { step } parts { id total { amount } allowedActions \
                     lines { id kind title quantity quantityCancelled total { amount } } \
                     amountAdded { amount } addedLines { id title quantity quantityCancelled total { amount } } \
                     invoice { number total { amount } lines { title quantity } } \
                     supplementaryInvoices { number total { amount } lines { title quantity } } \
                     creditNotes { total { amount } } }";

async fn look(who: &Client, order: &Value) -> Value {
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on Order {{ {ORDER} }} }} }}");
    who.send(&document, json!({"id": order})).await.ok()["node"].clone()
}

/// How a part is changed.
struct Edit<'a> {
    version: &'a Value,
    add: Value,
    remove: Value,
    difference: &'a str,
}

async fn edit(who: &Client, part: &Value, change: Edit<'_>, key: &str) -> Answer {
    let Edit { version, add, remove, difference } = change;
    let input = json!({
        "orderPartId": part, "expectedVersion": version, "add": add, "remove": remove,
        "expectedDifference": {"amount": difference, "currency": "GBP"}, "idempotencyKey": key,
    });
    let selection = "orderPart { id total { amount } order { version } }";
    who.mutate("editOrderPart", input, selection).await
}

fn more(goods: &Goods, quantity: i32) -> Value {
    json!([{"variantId": goods.variant, "quantity": quantity}])
}

fn less(line: &Value, quantity: i32) -> Value {
    json!([{"orderLineId": line["id"], "quantity": quantity}])
}

/// An order of three lamps of one shop and a rug of another, for 32.00.
struct Ordered {
    app: TestApp,
    ada: Person,
    buyer: Person,
    lamp: Goods,
    shade: Goods,
    rug: Goods,
    order: Value,
}

async fn ordered() -> Ordered {
    let app = TestApp::start_with(|settings| settings.checkout.commission = "10".parse().unwrap()).await;
    let (ada, bert, buyer) = (app.sign_up("Ada").await, app.sign_up("Bert").await, app.sign_up("Buyer").await);
    let shop = ada.open_shop("Lamps").await;
    let (lamp, shade) = (ada.sell(&shop, "Lamp", "4.00", 5).await, ada.sell(&shop, "Shade", "1.50", 5).await);
    let rug = bert.sell(&bert.open_shop("Rugs").await, "Rug", "20.00", 3).await;
    let placed = buyer.order(&[(&lamp, 3), (&rug, 1)], "32.00", "order").await.ok();
    let order = placed["order"]["id"].clone();
    Ordered { app, ada, buyer, lamp, shade, rug, order }
}

impl Ordered {
    async fn seen(&self) -> Value {
        look(&self.buyer, &self.order).await
    }

    /// Changes the part of the lamps, as the order is now.
    async fn edit(&self, add: Value, remove: Value, difference: &str, key: &str) -> Answer {
        let seen = self.seen().await;
        let change = Edit { version: &seen["version"], add, remove, difference };
        edit(&self.buyer, &seen["parts"][0]["id"], change, key).await
    }

    async fn pay(&self, key: &str) {
        self.buyer.pay(self.order.as_str().unwrap(), "test_succeeds", key).await.ok();
        self.app.run_jobs().await;
    }

    async fn left(&self, goods: &Goods) -> i64 {
        self.app.guest().available(goods).await
    }

    fn mails_of_edits(&self) -> usize {
        self.app.mails(&self.ada.email).iter().filter(|mail| mail.subject.ends_with("was changed")).count()
    }
}

#[actix_web::test]
async fn before_it_is_paid_the_difference_is_owed_or_falls_away() {
    let all = ordered().await;
    let before = all.seen().await;
    let lamps = &before["parts"][0]["lines"][0];
    all.edit(more(&all.shade, 2), less(lamps, 1), "-1.00", "one").await.ok();
    let seen = all.seen().await;
    assert_eq!((&seen["total"]["amount"], sums(&seen)), (&json!("35.00"), ["0.00", "0.00", "4.00", "31.00"]));
    assert_eq!(seen["paymentDueAt"], before["paymentDueAt"], "it is due when it was");
    assert_eq!(steps(&seen), ["PLACED", "EDITED"]);
    let lines: Vec<_> = seen["parts"][0]["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["title"].as_str().unwrap(), line["quantity"].as_i64(), line["quantityCancelled"].as_i64()))
        .collect();
    assert_eq!(lines, [("Lamp", Some(3), Some(1)), ("Shade", Some(2), Some(0))]);
    assert_eq!((all.left(&all.lamp).await, all.left(&all.shade).await), (3, 3));
    assert_books(&all.app).await;

    all.edit(more(&all.shade, 1), json!([]), "1.50", "two").await.ok();
    all.pay("pay").await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["32.50", "0.00", "4.00", "0.00"], &json!("PAID")));
    let invoice = &seen["parts"][0]["invoice"];
    let lines: Vec<_> = invoice["lines"].as_array().unwrap().iter().map(|line| line["quantity"].as_i64()).collect();
    assert_eq!((&invoice["total"]["amount"], lines), (&json!("12.50"), vec![Some(2), Some(2), Some(1)]));
    let balance = all.ada.query("{ viewer { shops { balances { amount } } } }").await.ok();
    assert_eq!(balance["viewer"]["shops"][0]["balances"][0]["amount"], "11.25");
    assert_eq!(all.mails_of_edits(), 0, "the shop had heard nothing of it");

    let thread = "{ viewer { orders { nodes { parts { conversation { messages { nodes { content { ... on OrderStepContent { step } } } } } } } } } }";
    let thread = all.buyer.query(thread).await.ok()["viewer"]["orders"]["nodes"][0]["parts"].clone();
    let said = |part: usize| {
        let messages = thread[part]["conversation"]["messages"]["nodes"].as_array().unwrap();
        messages.iter().filter(|message| message["content"]["step"] == "EDITED").count()
    };
    assert_eq!((said(0), said(1)), (2, 0), "the other shop is not told");
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn of_what_is_paid_pieces_are_removed_and_their_money_goes_back() {
    let all = ordered().await;
    all.pay("pay").await;
    let lamps = all.seen().await["parts"][0]["lines"][0].clone();

    all.edit(json!([]), less(&lamps, 2), "-8.00", "two").await.ok();
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["24.00", "8.00", "0.00", "0.00"], &json!("PAID")));
    assert_eq!(steps(&seen), ["PLACED", "PAID", "EDITED", "REFUNDED"]);
    assert_eq!((all.left(&all.lamp).await, all.mails_of_edits()), (4, 1));
    let told = all.app.mails(&all.buyer.email);
    assert!(told.iter().any(|mail| mail.text.contains("or something of it") && mail.text.contains("8.00 GBP")));
    assert_books(&all.app).await;

    // The last of a part goes without the other part.
    all.edit(json!([]), less(&lamps, 1), "-4.00", "last").await.ok();
    let seen = all.seen().await;
    assert_eq!((&seen["lifecycle"], &seen["amountRefunded"]["amount"]), (&json!("OPEN"), &json!("12.00")));
    assert_eq!(all.edit(json!([]), less(&lamps, 1), "-4.00", "none").await.refusal().0, "ORDER_NOT_EDITABLE");
    // And the last of an order with the order.
    let rugs = &seen["parts"][1];
    let change =
        Edit { version: &seen["version"], add: json!([]), remove: less(&rugs["lines"][0], 1), difference: "-20.00" };
    edit(&all.buyer, &rugs["id"], change, "rug").await.ok();
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((&seen["lifecycle"], &seen["cancellationReason"]), (&json!("CANCELLED"), &json!("BUYER")));
    assert_eq!((sums(&seen), all.left(&all.rug).await), (["0.00", "32.00", "0.00", "0.00"], 3));
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn what_does_not_fit_is_told_and_changes_nothing() {
    let all = ordered().await;
    let before = all.seen().await;
    let (part, lamps) = (&before["parts"][0]["id"], &before["parts"][0]["lines"][0]);
    let (lamp, shade, rug) = (&all.lamp, &all.shade, &all.rug);
    let none = || json!([]);
    let named = json!([{"variantId": shade.variant, "quantity": 1, "expectedUnitPrice": {"amount": "1.40", "currency": "GBP"}}]);
    let twice = json!([{"orderLineId": lamps["id"], "quantity": 1}, {"orderLineId": lamps["id"], "quantity": 1}]);
    for (add, remove, difference, code, field) in [
        (none(), none(), "0.00", "BLANK", "add"),
        (more(shade, 1), none(), "1.49", "PRICE_CHANGED", "expectedDifference"),
        (none(), less(lamps, 1), "4.00", "PRICE_CHANGED", "expectedDifference"),
        (named, none(), "1.50", "PRICE_CHANGED", "add.0.expectedUnitPrice"),
        (more(shade, 6), less(lamps, 3), "-3.00", "OUT_OF_STOCK", "add.0.quantity"),
        (more(shade, 0), none(), "0.00", "OUT_OF_RANGE", "add.0.quantity"),
        (more(rug, 1), none(), "20.00", "NOT_FOUND", "add.0.variantId"),
        (none(), less(lamps, 4), "-16.00", "OUT_OF_RANGE", "remove.0.quantity"),
        (none(), less(&before["parts"][1]["lines"][0], 1), "-20.00", "NOT_FOUND", "remove.0.orderLineId"),
        (none(), twice, "-8.00", "TOO_MANY", "remove"),
    ] {
        let key = format!("{add} {remove} {difference}").chars().take(255).collect::<String>();
        let refusal = all.edit(add, remove, difference, &key).await.refusal();
        assert_eq!(refusal, (code.into(), field.into()), "{key}");
    }
    let version = json!(before["version"].as_i64().unwrap() - 1);
    let stale = || Edit { version: &version, add: more(shade, 1), remove: none(), difference: "1.50" };
    assert_eq!(
        edit(&all.buyer, part, stale(), "stale").await.refusal(),
        ("STALE_VERSION".into(), "expectedVersion".into())
    );
    for nobody in [&all.ada, &all.app.sign_up("Eve").await] {
        let refusal = edit(nobody, part, stale(), "theirs").await.refusal();
        assert_eq!(refusal, ("NOT_FOUND".into(), "orderPartId".into()));
    }
    let euros = json!({
        "orderPartId": part, "expectedVersion": before["version"], "remove": less(lamps, 1),
        "expectedDifference": {"amount": "-4.00", "currency": "EUR"}, "idempotencyKey": "euros",
    });
    let refusal = all.buyer.mutate("editOrderPart", euros, "orderPart { id }").await.refusal();
    assert_eq!(refusal, ("CURRENCY_MISMATCH".into(), "expectedDifference".into()));
    assert_eq!(all.seen().await, before);
    assert_eq!((all.left(lamp).await, all.left(shade).await, all.left(rug).await), (2, 5, 2));
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn the_same_intent_is_one_change_and_of_two_at_once_one_counts() {
    let all = ordered().await;
    let seen = all.seen().await;
    let part = &seen["parts"][0]["id"];
    let change = || Edit { version: &seen["version"], add: more(&all.shade, 1), remove: json!([]), difference: "1.50" };
    edit(&all.buyer, part, change(), "once").await.ok();
    let again = edit(&all.buyer, part, change(), "once").await;
    assert_eq!(again.extensions["replayed"], true);
    again.ok();
    assert_eq!(all.left(&all.shade).await, 4);

    for round in 0..3 {
        let seen = all.seen().await;
        let change =
            || Edit { version: &seen["version"], add: more(&all.lamp, 1), remove: json!([]), difference: "4.00" };
        let (left, before) = (all.left(&all.lamp).await, seen["parts"][0]["lines"].as_array().unwrap().len());
        if left == 0 {
            break;
        }
        let (one, other) = (format!("one {round}"), format!("other {round}"));
        let (one, other) =
            tokio::join!(edit(&all.buyer, part, change(), &one), edit(&all.buyer, part, change(), &other));
        let refusals = [one.refusals(), other.refusals()].concat();
        let stale = ("STALE_VERSION".to_owned(), "expectedVersion".to_owned());
        assert_eq!(refusals, [stale], "round {round}");
        let seen = all.seen().await;
        assert_eq!(seen["parts"][0]["lines"].as_array().unwrap().len(), before + 1);
        assert_eq!(all.left(&all.lamp).await, left - 1);
    }
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn what_is_packed_is_not_edited_and_what_is_unpacked_is() {
    let all = ordered().await;
    all.pay("pay").await;
    let seen = all.seen().await;
    let (part, lamps) = (&seen["parts"][0]["id"], &seen["parts"][0]["lines"][0]);
    let shipment = ship(&all.ada, part, less(lamps, 1), false, "one").await.ok()["shipment"].clone();
    assert!(!all.seen().await["parts"][0]["allowedActions"].as_array().unwrap().contains(&json!("EDIT")));
    assert_eq!(all.edit(json!([]), less(lamps, 1), "-4.00", "packed").await.refusal().0, "ORDER_NOT_EDITABLE");
    proceed(&all.ada, &shipment, "UNPACKED").await.ok();
    all.edit(json!([]), less(lamps, 1), "-4.00", "unpacked").await.ok();
    all.app.run_jobs().await;
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn what_is_only_added_to_costs_no_statement_about_what_is_removed() {
    let all = ordered().await;
    let lamps = all.seen().await["parts"][0]["lines"][0].clone();
    let takes = async |remove: Value, difference: &str, key: &str| {
        let answer = all.edit(more(&all.shade, 1), remove, difference, key).await;
        let statements = answer.statements.unwrap();
        answer.ok();
        statements
    };
    let both = takes(less(&lamps, 1), "-2.50", "both").await;
    let adding = takes(json!([]), "1.50", "more").await;
    // What is called off is counted among the lines, twice, and taken off the part and the order.
    assert!(adding + 4 <= both, "{adding} and {both}");
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn money_for_less_than_is_owed_by_now_goes_back() {
    let all = ordered().await;
    let order = all.order.as_str().unwrap();
    let begun = all.buyer.pay(order, "test_is_unheard", "unheard").await.ok();
    assert_eq!(begun["payment"]["status"], "REQUIRES_ACTION");
    all.edit(more(&all.shade, 1), json!([]), "1.50", "more").await.ok();
    // The provider is asked what became of what was given up: it has taken 32.00. Then it gives that back.
    all.app.run_jobs().await;
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["lifecycle"]), (["0.00", "0.00", "0.00", "33.50"], &json!("OPEN")));
    assert_eq!((&seen["paymentState"], seen["paymentDueAt"].is_string()), (&json!("UNPAID"), true));
    assert!(!steps(&seen).contains(&"PAID"), "{seen}");
    assert_books(&all.app).await;
    all.pay("all").await;
    assert_eq!(all.seen().await["paymentState"], "PAID");
    assert_books(&all.app).await;

    // While a provider is at work, nothing changes.
    let other = all.buyer.order(&[(&all.lamp, 1)], "4.00", "other").await.ok()["order"].clone();
    all.buyer.pay(other["id"].as_str().unwrap(), "test_times_out", "works").await.ok();
    let seen = look(&all.buyer, &other["id"]).await;
    let change = Edit { version: &seen["version"], add: more(&all.shade, 1), remove: json!([]), difference: "1.50" };
    assert_eq!(edit(&all.buyer, &seen["parts"][0]["id"], change, "while").await.refusal().0, "PAYMENT_IN_PROGRESS");
}

#[actix_web::test]
async fn while_money_goes_back_nobody_pays_twice() {
    let all = ordered().await;
    let order = all.order.as_str().unwrap();
    let begun = all.buyer.pay(order, "test_requires_action", "begun").await.ok();
    let payment = begun["payment"]["id"].as_str().unwrap().parse().unwrap();
    all.edit(more(&all.shade, 1), json!([]), "1.50", "more").await.ok();
    money_comes(&all.app, payment, "late").await;
    let document = "query($id: ID!) { node(id: $id) { ... on Order { allowedActions amountOwed { amount } } } }";
    let seen = async || all.buyer.send(document, json!({"id": all.order})).await.ok()["node"].clone();
    assert_eq!(seen().await, json!({"allowedActions": ["CANCEL"], "amountOwed": {"amount": "1.50"}}));
    assert_eq!(all.buyer.pay(order, "test_succeeds", "early").await.refusal().0, "PAYMENT_IN_PROGRESS");
    all.app.run_jobs().await;
    assert_eq!(seen().await, json!({"allowedActions": ["PAY", "CANCEL"], "amountOwed": {"amount": "33.50"}}));
    all.pay("all").await;
    assert_eq!(all.seen().await["paymentState"], "PAID");
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn pieces_of_one_variant_in_two_lines_go_back_together() {
    let all = ordered().await;
    all.edit(more(&all.lamp, 2), json!([]), "8.00", "more").await.ok();
    assert_eq!(all.left(&all.lamp).await, 0);
    all.pay("pay").await;
    let part = all.seen().await["parts"][0]["id"].clone();
    call_off(&all.ada, &part, Value::Null, "all").await.ok();
    assert_eq!(all.left(&all.lamp).await, 5);
    all.app.run_jobs().await;
    assert_eq!(all.seen().await["amountRefunded"]["amount"], "20.00");
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn what_is_sold_out_can_be_had_again_by_who_gives_it_back() {
    let all = ordered().await;
    all.edit(more(&all.lamp, 2), json!([]), "8.00", "more").await.ok();
    assert_eq!(all.left(&all.lamp).await, 0);
    let seen = all.seen().await;
    let lamps = &seen["parts"][0]["lines"][0];
    all.edit(more(&all.lamp, 3), less(lamps, 3), "0.00", "same").await.ok();
    assert_eq!(all.left(&all.lamp).await, 0);
    let refusal = all.edit(more(&all.lamp, 1), json!([]), "4.00", "another").await.refusal();
    assert_eq!(refusal, ("OUT_OF_STOCK".into(), "add.0.quantity".into()));
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn nobody_of_the_staff_has_money_given_back_in_a_buyers_name() {
    let all = ordered().await;
    let helper = all.app.sign_up("Helper").await;
    all.app.given_role(&helper, "SUPPORT");
    let leave = all.app.leave(&helper, &all.buyer).await;
    let helper = helper.with_header("agora-on-behalf-of", &leave);
    let lamps = all.seen().await["parts"][0]["lines"][0].clone();
    let change = async |difference: &str| {
        let seen = all.seen().await;
        let change = Edit { version: &seen["version"], add: json!([]), remove: less(&lamps, 1), difference };
        edit(&helper, &seen["parts"][0]["id"], change, &seen["version"].to_string()).await
    };
    change("-4.00").await.ok();
    all.pay("pay").await;
    assert_eq!(change("-4.00").await.code(), "FORBIDDEN");
    assert_eq!(all.seen().await["amountRefunded"]["amount"], "0.00");
}
