//! What buyers add to what they have paid: it waits for its own money, and is part of the order once that is there.

use agora::platform::config::CaptureTime;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Edit, Ordered, edit, less, look, more, ordered};
use crate::{
    harness::{Client, TestApp, app::Person},
    orders::assert_books,
    privacy::sign_in,
    shipping::{call_off, ship, steps, sums},
};

/// The order of [`ordered`], paid: 32.00.
pub(super) async fn paid() -> Ordered {
    let all = ordered().await;
    all.pay("pay").await;
    all
}

pub(super) fn titles(lines: &Value) -> Vec<(&str, i64)> {
    let lines = lines.as_array().unwrap().iter();
    lines.map(|line| (line["title"].as_str().unwrap(), line["quantity"].as_i64().unwrap())).collect()
}

fn allows(thing: &Value, action: &str) -> bool {
    thing["allowedActions"].as_array().unwrap().iter().any(|allowed| allowed == action)
}

/// What somebody may do with a part, and what they see of what waits.
async fn part(who: &Client, id: &Value) -> Value {
    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { allowedActions orderPaymentState amountAdded { amount } \
                    addedLines { title quantity } explanation { step amount { amount } } } } }";
    who.send(document, json!({"id": id})).await.ok()["node"].clone()
}

async fn balance(seller: &Person) -> String {
    let found = seller.query("{ viewer { shops { balances { amount } } } }").await.ok();
    found["viewer"]["shops"][0]["balances"][0]["amount"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn what_is_added_to_what_is_paid_is_part_of_it_once_it_is_paid_too() {
    let all = paid().await;
    let before = all.seen().await;
    all.edit(more(&all.shade, 2), json!([]), "3.00", "more").await.ok();
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["32.00", "0.00", "0.00", "3.00"], &json!("PARTIALLY_PAID")));
    assert_eq!((&seen["total"], &seen["amountAdded"]["amount"]), (&before["total"], &json!("3.00")));
    assert!(seen["paymentDueAt"].is_string(), "{seen}");
    let lamps = &seen["parts"][0];
    assert_eq!((titles(&lamps["lines"]), titles(&lamps["addedLines"])), (vec![("Lamp", 3)], vec![("Shade", 2)]));
    assert_eq!((&lamps["total"]["amount"], &lamps["amountAdded"]["amount"]), (&json!("12.00"), &json!("3.00")));
    assert_eq!((all.left(&all.shade).await, all.mails_of_edits()), (3, 0));
    let filtered = "{ viewer { orders(filter: {paymentState: PARTIALLY_PAID}) { totalCount } } }";
    assert_eq!(all.buyer.query(filtered).await.ok()["viewer"]["orders"]["totalCount"], 1);
    assert_books(&all.app).await;

    // The shop sees it, and sends nothing yet.
    let id = &lamps["id"];
    let told = part(&all.ada, id).await;
    assert_eq!((titles(&told["addedLines"]), allows(&told, "PACK")), (vec![("Shade", 2)], false));
    assert_eq!(ship(&all.ada, id, Value::Null, true, "early").await.refusal().0, "ORDER_NOT_PAID");

    all.pay("shades").await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["35.00", "0.00", "0.00", "0.00"], &json!("PAID")));
    assert_eq!((&seen["total"]["amount"], &seen["paymentDueAt"]), (&json!("35.00"), &Value::Null));
    assert_eq!(steps(&seen), ["PLACED", "PAID", "EDITED", "ADDITION_PAID"]);
    let lamps = &seen["parts"][0];
    assert_eq!((titles(&lamps["lines"]), &lamps["addedLines"]), (vec![("Lamp", 3), ("Shade", 2)], &json!([])));
    assert_eq!((all.mails_of_edits(), balance(&all.ada).await), (1, "13.50".to_owned()));
    assert_eq!(lamps["invoice"], before["parts"][0]["invoice"], "what was issued never changes");
    let more =
        json!([{"number": "INV-000002", "total": {"amount": "3.00"}, "lines": [{"title": "Shade", "quantity": 2}]}]);
    assert_eq!(lamps["supplementaryInvoices"], more);
    let told = part(&all.ada, id).await;
    assert!(allows(&told, "PACK"));
    let of = |step: &str| -> Vec<Value> {
        let entries = told["explanation"].as_array().unwrap().iter();
        entries.filter(|entry| entry["step"] == step).map(|entry| entry["amount"]["amount"].clone()).collect()
    };
    assert_eq!(
        (of("SALE"), of("COMMISSION")),
        (vec![json!("12.00"), json!("3.00")], vec![json!("-1.20"), json!("-0.30")])
    );
    assert_books(&all.app).await;

    // All of it goes back, by the payments that brought it, of both invoices.
    call_off(&all.ada, id, Value::Null, "all").await.ok();
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["lifecycle"]), (["20.00", "15.00", "0.00", "0.00"], &json!("OPEN")));
    let notes = seen["parts"][0]["creditNotes"].as_array().unwrap().iter();
    let credited = notes.map(|note| note["total"]["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap());
    assert_eq!(credited.sum::<i64>(), 1_500);
    assert_eq!((balance(&all.ada).await, all.left(&all.shade).await), ("0.00".to_owned(), 5));
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn what_is_not_paid_in_time_falls_away_and_the_rest_stays_as_it_was() {
    let all = paid().await;
    let before = all.seen().await;
    all.app.schedule_jobs().await;
    all.edit(more(&all.shade, 2), json!([]), "3.00", "more").await.ok();
    all.app.advance(TimeDelta::minutes(29));
    all.app.run_jobs().await;
    assert_eq!(all.app.guest().available(&all.shade).await, 3);
    all.app.advance(TimeDelta::minutes(1));
    all.app.run_jobs().await;
    all.app.run_jobs().await;
    assert_eq!(all.app.guest().available(&all.shade).await, 5);
    let buyer = sign_in(&all.app, &all.buyer.email).await;
    let seen = look(&buyer, &all.order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["32.00", "0.00", "0.00", "0.00"], &json!("PAID")));
    assert_eq!(steps(&seen), ["PLACED", "PAID", "EDITED", "ADDITION_LAPSED"]);
    for field in ["total", "amountAdded", "paymentDueAt", "lifecycle", "parts"] {
        assert_eq!(seen[field], before[field], "{field}");
    }
    let mails = all.app.mails(&all.buyer.email);
    assert_eq!(mails.iter().filter(|mail| mail.subject.ends_with("was taken out again")).count(), 1);
    assert_eq!(all.mails_of_edits(), 0);
    let late = buyer.pay(all.order.as_str().unwrap(), "test_succeeds", "late").await;
    assert_eq!(late.refusal().0, "ORDER_NOT_PAYABLE");
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn what_waits_is_added_to_and_taken_out_again() {
    let all = paid().await;
    let before = all.seen().await;
    all.edit(more(&all.shade, 3), json!([]), "4.50", "three").await.ok();
    let seen = all.seen().await;
    let (due, shades) = (&seen["paymentDueAt"], seen["parts"][0]["addedLines"][0].clone());
    // One goes, and a lamp comes.
    all.edit(more(&all.lamp, 1), less(&shades, 1), "2.50", "other").await.ok();
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["paymentDueAt"]), (["32.00", "0.00", "0.00", "7.00"], due));
    assert_eq!(titles(&seen["parts"][0]["addedLines"]), [("Shade", 3), ("Lamp", 1)]);
    assert_eq!((all.left(&all.shade).await, all.left(&all.lamp).await), (3, 1));
    assert_books(&all.app).await;
    let lamps = seen["parts"][0]["addedLines"][1].clone();
    assert_eq!(all.edit(json!([]), less(&lamps, 2), "-8.00", "many").await.refusal().1, "remove.0.quantity");
    all.pay("both").await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["39.00", "0.00", "1.50", "0.00"], &json!("PAID")));
    let more_of_it = &seen["parts"][0]["supplementaryInvoices"];
    assert_eq!(
        (more_of_it.as_array().unwrap().len(), titles(&more_of_it[0]["lines"])),
        (1, vec![("Shade", 2), ("Lamp", 1)])
    );
    assert_books(&all.app).await;

    // Once more, and all of that is taken out.
    all.edit(more(&all.shade, 1), json!([]), "1.50", "again").await.ok();
    let line = all.seen().await["parts"][0]["addedLines"][0].clone();
    all.edit(json!([]), less(&line, 1), "-1.50", "out").await.ok();
    let seen = all.seen().await;
    assert_eq!((&seen["paymentState"], &seen["paymentDueAt"]), (&json!("PAID"), &before["paymentDueAt"]));
    assert_eq!((&seen["parts"][0]["addedLines"], all.left(&all.shade).await), (&json!([]), 3));
    assert_eq!(sums(&seen)[3], "0.00");
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn of_what_is_paid_what_is_removed_goes_back_and_what_is_added_is_owed() {
    let all = paid().await;
    let lamps = all.seen().await["parts"][0]["lines"][0].clone();
    all.edit(more(&all.shade, 2), less(&lamps, 1), "-1.00", "swap").await.ok();
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["28.00", "4.00", "0.00", "3.00"], &json!("PARTIALLY_PAID")));
    assert_eq!((all.left(&all.lamp).await, all.left(&all.shade).await, all.mails_of_edits()), (3, 3, 1));
    assert_books(&all.app).await;
    // What is left of what is paid is what it is sent with.
    let refusal = all.edit(more(&all.shade, 1), less(&lamps, 2), "-6.50", "none").await.refusal();
    assert_eq!(refusal, ("ORDER_NOT_EDITABLE".into(), "add".into()));
    assert_eq!(all.edit(json!([]), less(&lamps, 2), "-8.00", "alone").await.refusal().0, "ORDER_NOT_EDITABLE");
    let shades = all.seen().await["parts"][0]["addedLines"][0].clone();
    let both = json!([less(&lamps, 2)[0], less(&shades, 2)[0]]);
    all.edit(json!([]), both, "-11.00", "both").await.ok();
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["20.00", "12.00", "0.00", "0.00"], &json!("PAID")));
    assert_eq!((all.left(&all.lamp).await, all.left(&all.shade).await), (5, 5));
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn what_costs_nothing_is_there_at_once_and_what_does_not_fit_changes_nothing() {
    let all = paid().await;
    let desk = all.ada.query("{ viewer { shops { shop { id } } } }").await.ok();
    let shop = desk["viewer"]["shops"][0]["shop"]["id"].as_str().unwrap().to_owned();
    let sample = all.ada.sell(&shop, "Sample", "0.00", 5).await;
    all.edit(more(&sample, 1), json!([]), "0.00", "sample").await.ok();
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((&seen["paymentState"], &seen["paymentDueAt"]), (&json!("PAID"), &Value::Null));
    assert_eq!(titles(&seen["parts"][0]["lines"]), [("Lamp", 3), ("Sample", 1)]);
    assert_eq!(all.mails_of_edits(), 1);
    assert_books(&all.app).await;
    for (add, difference, code, field) in [
        (more(&all.shade, 6), "9.00", "OUT_OF_STOCK", "add.0.quantity"),
        (more(&all.shade, 1), "1.49", "PRICE_CHANGED", "expectedDifference"),
        (more(&all.rug, 1), "20.00", "NOT_FOUND", "add.0.variantId"),
    ] {
        let refusal = all.edit(add, json!([]), difference, difference).await.refusal();
        assert_eq!(refusal, (code.into(), field.into()));
    }
    // Of what waits nothing is left but what costs nothing: that stays.
    all.edit(json!([more(&all.shade, 1)[0], more(&sample, 2)[0]]), json!([]), "1.50", "both").await.ok();
    let shade = all.seen().await["parts"][0]["addedLines"][0].clone();
    assert_eq!(shade["title"], "Shade");
    all.edit(json!([]), less(&shade, 1), "-1.50", "out").await.ok();
    let seen = all.seen().await;
    assert_eq!((&seen["paymentState"], &seen["parts"][0]["addedLines"]), (&json!("PAID"), &json!([])));
    assert_eq!(titles(&seen["parts"][0]["lines"]), [("Lamp", 3), ("Sample", 1), ("Sample", 2)]);
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn with_the_last_of_the_rest_it_falls_away() {
    let all = paid().await;
    all.edit(more(&all.shade, 2), json!([]), "3.00", "more").await.ok();
    let lamps = all.seen().await["parts"][0]["id"].clone();
    call_off(&all.ada, &lamps, Value::Null, "all").await.ok();
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["20.00", "12.00", "0.00", "0.00"], &json!("PAID")));
    assert_eq!((all.left(&all.lamp).await, all.left(&all.shade).await), (5, 5));
    assert_eq!((&seen["lifecycle"], &seen["paymentDueAt"]), (&json!("OPEN"), &Value::Null));
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn what_is_added_stands_on_the_shops_account_with_its_part() {
    let all = paid().await;
    // Another order comes before what is added is paid.
    let other = all.buyer.order(&[(&all.lamp, 1)], "4.00", "other").await.ok()["order"]["id"].clone();
    all.buyer.pay(other.as_str().unwrap(), "test_succeeds", "other").await.ok();
    all.edit(more(&all.shade, 2), json!([]), "3.00", "more").await.ok();
    all.pay("shades").await;
    let held = async |order: &Value| {
        let id = look(&all.buyer, order).await["parts"][0]["id"].clone();
        let told = part(&all.ada, &id).await["explanation"].clone();
        let held = told.as_array().unwrap().iter().find(|entry| entry["step"] == "HELD");
        held.map(|entry| entry["amount"]["amount"].clone())
    };
    assert_eq!(held(&all.order).await, Some(json!("13.50")));
    assert_eq!(held(&other).await, Some(json!("3.60")));
    assert_eq!(balance(&all.ada).await, "17.10");
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn what_may_never_be_paid_does_not_make_up_for_what_is_removed() {
    let app = TestApp::start().await;
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let shop = ada.open_shop("Lamps").await;
    let lamp = ada.sell(&shop, "Lamp", "10.00", 20).await;
    let tenth = json!({
        "shopId": shop, "name": "Spring", "kind": "PERCENTAGE", "percentage": "10",
        "minimumSubtotal": {"amount": "30.00", "currency": "GBP"},
    });
    ada.mutate("createPromotion", tenth, "promotion { id }").await.ok();
    let order = buyer.order(&[(&lamp, 4)], "36.00", "order").await.ok()["order"]["id"].clone();
    buyer.pay(order.as_str().unwrap(), "test_succeeds", "pay").await.ok();
    app.run_jobs().await;
    let lamps = look(&buyer, &order).await["parts"][0]["lines"][0].clone();
    let change = async |add: Value, remove: Value, difference: &str, key: &str| {
        let seen = look(&buyer, &order).await;
        let change = Edit { version: &seen["version"], add, remove, difference };
        edit(&buyer, &seen["parts"][0]["id"], change, key).await
    };
    let refusal = ("ORDER_NOT_EDITABLE".to_owned(), "remove".to_owned());
    assert_eq!(change(more(&lamp, 2), less(&lamps, 2), "2.00", "swap").await.refusal(), refusal);
    change(more(&lamp, 2), less(&lamps, 1), "11.00", "more").await.ok();
    assert_eq!(change(json!([]), less(&lamps, 1), "-9.00", "waiting").await.refusal(), refusal);
    // What waits is taken out again whatever is left of it.
    let added = look(&buyer, &order).await["parts"][0]["addedLines"][0].clone();
    change(json!([]), less(&added, 1), "-10.00", "out").await.ok();
    buyer.pay(order.as_str().unwrap(), "test_succeeds", "added").await.ok();
    app.run_jobs().await;
    // Once it is paid it counts.
    change(json!([]), less(&lamps, 1), "-9.00", "paid").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["28.00", "18.00", "10.00", "0.00"], &json!("PAID")));
    assert_books(&app).await;
}

#[actix_web::test]
async fn taxes_and_reports_have_what_is_added() {
    let app = TestApp::start_with(|settings| settings.checkout.commission = "10".parse().unwrap()).await;
    let (ada, admin, buyer) = (app.sign_up("Ada").await, app.sign_up("Olive").await, app.sign_up("Buyer").await);
    app.given_role(&admin, "ADMIN");
    let taxes = json!({"country": "GB", "isIncludedInPrices": false, "remittedBy": "MARKET", "name": "VAT", "standardRate": "20"});
    let shop = ada.open_shop("Lamps").await;
    let (lamp, shade) = (ada.sell(&shop, "Lamp", "10.00", 9).await, ada.sell(&shop, "Shade", "1.50", 9).await);
    // Nothing was taxed there when it was ordered.
    let order = buyer.order(&[(&lamp, 2)], "20.00", "order").await.ok()["order"]["id"].clone();
    buyer.pay(order.as_str().unwrap(), "test_succeeds", "pay").await.ok();
    admin.mutate("setCountryTaxes", taxes, "countryTaxes { country }").await.ok();
    let seen = look(&buyer, &order).await;
    let change = Edit { version: &seen["version"], add: more(&shade, 2), remove: json!([]), difference: "3.60" };
    edit(&buyer, &seen["parts"][0]["id"], change, "shades").await.ok();
    assert_eq!(look(&buyer, &order).await["taxName"], Value::Null);
    assert_books(&app).await;
    buyer.pay(order.as_str().unwrap(), "test_succeeds", "more").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    let found = ["total", "tax"].map(|field| seen[field]["amount"].as_str().unwrap());
    assert_eq!((found, &seen["taxName"]), (["23.60", "0.60"], &json!("VAT")));
    // A tenth of 23.00 is the market's, and the tax the state's.
    assert_eq!(balance(&ada).await, "20.70");
    assert_books(&app).await;
    let report = async |by: &str| {
        let selection = format!(
            "salesReport(from: \"2026-11-19\", until: \"2026-11-21\", by: {by}) {{ totals {{ orders pieces gross {{ amount }} }} \
             rows {{ title sums {{ pieces gross {{ amount }} tax {{ amount }} }} }} }}"
        );
        let found = ada.query(&format!("{{ viewer {{ shops {{ {selection} }} }} }}")).await.ok();
        found["viewer"]["shops"][0]["salesReport"].clone()
    };
    let totals = json!({"orders": 1, "pieces": 4, "gross": {"amount": "23.60"}});
    assert_eq!(report("DAY").await["totals"], totals);
    let by_product = report("PRODUCT").await;
    assert_eq!(by_product["totals"], totals);
    let row = |title: &str| {
        by_product["rows"].as_array().unwrap().iter().find(|row| row["title"] == title).unwrap()["sums"].clone()
    };
    assert_eq!(row("Lamp"), json!({"pieces": 2, "gross": {"amount": "20.00"}, "tax": {"amount": "0.00"}}));
    assert_eq!(row("Shade"), json!({"pieces": 2, "gross": {"amount": "3.60"}, "tax": {"amount": "0.60"}}));
}

#[actix_web::test]
async fn where_money_is_taken_at_shipment_nothing_is_added_before_and_then_it_is_taken_at_once() {
    let app = TestApp::start_with(|settings| settings.checkout.capture = CaptureTime::AtShipment).await;
    let (ada, bert, buyer) = (app.sign_up("Ada").await, app.sign_up("Bert").await, app.sign_up("Buyer").await);
    let lamp = ada.sell(&ada.open_shop("Lamps").await, "Lamp", "4.00", 3).await;
    let rug = bert.sell(&bert.open_shop("Rugs").await, "Rug", "20.00", 3).await;
    let order = buyer.order(&[(&lamp, 1), (&rug, 1)], "24.00", "order").await.ok()["order"]["id"].clone();
    buyer.pay(order.as_str().unwrap(), "test_succeeds", "pay").await.ok();
    app.run_jobs().await;
    let add = async |key: &str| {
        let seen = look(&buyer, &order).await;
        let change = Edit { version: &seen["version"], add: more(&rug, 1), remove: json!([]), difference: "20.00" };
        edit(&buyer, &seen["parts"][1]["id"], change, key).await
    };
    assert_eq!(add("early").await.refusal(), ("ORDER_NOT_EDITABLE".into(), "add".into()));
    let lamps = look(&buyer, &order).await["parts"][0]["id"].clone();
    ship(&ada, &lamps, Value::Null, true, "lamps").await.ok();
    app.run_jobs().await;
    add("now").await.ok();
    let payment = buyer.pay(order.as_str().unwrap(), "test_succeeds", "rug").await.ok()["payment"].clone();
    assert_eq!(payment["status"], "SUCCEEDED");
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["44.00", "0.00", "0.00", "0.00"], &json!("PAID")));
    assert_books(&app).await;
    ship(&bert, &seen["parts"][1]["id"], Value::Null, true, "rugs").await.ok();
    app.run_jobs().await;
    assert_books(&app).await;
}
