//! How an order's money came about: entries that add up to what the order, the ledger and the shop's account say.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    harness::{Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
};

const ENTRIES: &str =
    "explanation { step amount { amount } text orderPart { id } orderLine { title } payment { id } refund { id } }";

/// A market that takes a tenth, and adds a fifth of tax that it keeps for the state.
async fn market() -> (TestApp, Person) {
    let app = TestApp::start_with(|settings| settings.checkout.commission = "10".parse().unwrap()).await;
    let admin = app.sign_up("Olive").await;
    app.given_role(&admin, "ADMIN");
    let taxes = json!({"country": "GB", "isIncludedInPrices": false, "remittedBy": "MARKET", "name": "VAT",
                       "standardRate": "20"});
    admin.mutate("setCountryTaxes", taxes, "countryTaxes { country }").await.ok();
    (app, admin)
}

async fn seller(app: &TestApp, name: &str, title: &str, price: &'static str) -> (Person, Goods, String) {
    let seller = app.sign_up(name).await;
    let shop = seller.open_shop(&format!("{name}'s")).await;
    let goods = seller.sell(&shop, title, price, 100).await;
    (seller, goods, shop)
}

fn minor(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// The sums of entries, by their steps.
fn sums(entries: &Value) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for entry in entries.as_array().unwrap() {
        *sums.entry(entry["step"].as_str().unwrap().to_owned()).or_default() += minor(&entry["amount"]["amount"]);
    }
    sums
}

fn of(sums: &BTreeMap<String, i64>, steps: &[&str]) -> i64 {
    steps.iter().map(|step| sums.get(*step).copied().unwrap_or(0)).sum()
}

const COSTS: &[&str] = &["PRICE", "SHIPPING", "DISCOUNT", "TAX"];
const PAID: &[&str] = &["PAYMENT", "PAID_ELSEWHERE", "REFUND"];
const BOOKS: &[&str] = &["SALE", "TAX_WITHHELD", "COMMISSION", "SALE_RETURNED", "TAX_RETURNED", "COMMISSION_RETURNED"];

async fn order(client: &Client, id: &str) -> Value {
    let document = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on Order {{ total {{ amount }} amountPaid {{ amount }} amountCancelled {{ amount }} {ENTRIES} }} }} }}"
    );
    client.send(&document, json!({"id": id})).await.ok()["node"].clone()
}

/// What a shop's member gets of a part: null if they do not see the shop's money.
async fn part(client: &Client, id: &Value) -> Value {
    let document =
        format!("query($id: ID!) {{ node(id: $id) {{ ... on OrderPart {{ total {{ amount }} {ENTRIES} }} }} }}");
    client.send(&document, json!({"id": id})).await.ok()["node"].clone()
}

async fn balance(seller: &Client) -> i64 {
    let data = seller.query("{ viewer { shops { balances { amount } } } }").await.ok();
    minor(&data["viewer"]["shops"][0]["balances"][0]["amount"])
}

#[actix_web::test]
async fn every_penny_is_told_and_adds_up() {
    let (app, admin) = market().await;
    let (ada, lamp, shop) = seller(&app, "Ada", "Lamp", "10.01").await;
    let (bert, rug, _) = seller(&app, "Bert", "Rug", "3.33").await;
    let helper = app.sign_up("Helper").await;
    let input = json!({"shopId": shop, "userId": helper.id, "role": "SUPPORT"});
    ada.mutate("addShopMember", input, "member { role }").await.ok();
    let buyer = app.sign_up("Buyer").await;
    // 20.02 and 3.33, and a fifth of each.
    let placed = buyer.order(&[(&lamp, 2), (&rug, 1)], "28.02", "one").await.ok()["order"].clone();
    let id = placed["id"].as_str().unwrap();
    let told = order(&buyer, id).await;
    assert_eq!(
        sums(&told["explanation"]).into_iter().collect::<Vec<_>>(),
        [("PRICE".to_owned(), 2_335), ("TAX".to_owned(), 467)]
    );
    let texts: Vec<_> = told["explanation"].as_array().unwrap().iter().map(|entry| &entry["text"]).collect();
    assert_eq!(texts, ["2 × Lamp at 10.01 GBP", "VAT of 20 % on Lamp", "1 × Rug at 3.33 GBP", "VAT of 20 % on Rug"]);
    assert_eq!(told["explanation"][3]["orderLine"]["title"], "Rug");
    let german = buyer.with_header("accept-language", "de");
    assert_eq!(order(&german, id).await["explanation"][1]["text"], "VAT von 20 % auf Lamp");

    buyer.pay(id, "test_declines", "no").await.ok();
    buyer.pay(id, "test_succeeds", "one").await.ok();
    let own = &placed["parts"][0]["id"];
    for amount in ["5.01", "1.00"] {
        let back = json!({"orderPartId": own, "amount": {"amount": amount, "currency": "GBP"}, "reason": "Chipped.",
                          "idempotencyKey": amount});
        ada.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    }
    // Decided, and not carried out yet.
    let told = order(&buyer, id).await;
    assert_eq!(of(&sums(&told["explanation"]), &["REFUND_PENDING"]), -601);
    assert_eq!(of(&sums(&told["explanation"]), PAID), minor(&told["amountPaid"]["amount"]));
    app.run_jobs().await;

    let told = order(&buyer, id).await;
    let by_step = sums(&told["explanation"]);
    assert_eq!(of(&by_step, COSTS), minor(&told["total"]["amount"]));
    assert_eq!((of(&by_step, PAID), of(&by_step, &["REFUND"])), (minor(&told["amountPaid"]["amount"]), -601));
    assert_eq!(of(&by_step, &["REFUND_PENDING"]), 0);
    assert!(BOOKS.iter().all(|step| !by_step.contains_key(*step)), "buyers do not see what shops have: {told}");
    let entries = told["explanation"].as_array().unwrap();
    let payments = entries.iter().filter(|entry| entry["step"] == "PAYMENT");
    assert_eq!(payments.filter(|entry| entry["payment"]["id"].is_string()).count(), 1, "what failed brought nothing");
    assert!(entries.iter().filter(|entry| entry["step"] == "REFUND").all(|entry| entry["refund"]["id"].is_string()));

    // The shop's part, and what is left of it.
    let of_ada = part(&ada, own).await;
    let by_step = sums(&of_ada["explanation"]);
    assert_eq!(of(&by_step, COSTS), minor(&of_ada["total"]["amount"]));
    assert_eq!((of(&by_step, &["SALE"]), of(&by_step, &["SALE_RETURNED"])), (2_402, -601));
    assert_eq!(of(&by_step, BOOKS), balance(&ada).await);
    assert_eq!(of(&by_step, PAID), 0, "shops do not see how an order was paid");
    let of_bert = part(&bert, &placed["parts"][1]["id"]).await;
    assert_eq!(of(&sums(&of_bert["explanation"]), BOOKS), balance(&bert).await);
    for (client, part_id) in [(&helper, own), (&buyer, own)] {
        let seen = part(client, part_id).await;
        assert_eq!((&seen["explanation"], seen["total"].is_null()), (&Value::Null, false), "{seen}");
    }
    assert_eq!(part(&bert, own).await, Value::Null, "it is another shop's");

    // The market's staff see all of it.
    let all = order(&admin, id).await;
    let by_step = sums(&all["explanation"]);
    assert_eq!(of(&by_step, COSTS), minor(&all["total"]["amount"]));
    assert_eq!(of(&by_step, PAID), minor(&all["amountPaid"]["amount"]));
    assert_eq!(of(&by_step, BOOKS), balance(&ada).await + balance(&bert).await);
    assert_books(&app).await;
}

/// Has a shop send to Great Britain in one way, and take something off what is ordered there.
async fn sends(seller: &Client, shop: &str, method: (&str, &str), promotion: Value) {
    let zone = json!({"shopId": shop, "name": "Home", "countries": ["GB"]});
    let zone = seller.mutate("createShippingZone", zone, "shippingZone { id }").await.ok();
    let (name, price) = method;
    let rates = json!([{"price": {"amount": price, "currency": "GBP"}}]);
    let method = json!({"shippingZoneId": zone["shippingZone"]["id"], "name": name, "rates": rates});
    seller.mutate("createShippingMethod", method, "shippingMethod { id }").await.ok();
    let mut input = json!({"shopId": shop});
    input.as_object_mut().unwrap().extend(promotion.as_object().unwrap().clone());
    seller.mutate("createPromotion", input, "promotion { id }").await.ok();
}

#[actix_web::test]
async fn what_sending_costs_and_what_is_taken_off_is_told() {
    let (app, admin) = market().await;
    let (ada, lamp, lamps) = seller(&app, "Ada", "Lamp", "10.01").await;
    let (bert, rug, rugs) = seller(&app, "Bert", "Rug", "3.33").await;
    let spring = json!({"name": "Spring", "kind": "PERCENTAGE", "percentage": "10"});
    sends(&ada, &lamps, ("Post", "3.00"), spring).await;
    sends(&bert, &rugs, ("Van", "2.00"), json!({"name": "Gift", "kind": "FREE_SHIPPING"})).await;
    let buyer = app.sign_up("Buyer").await;
    // Lamps: 20.02 less 2.00, with 3.60 of tax; 3.00 and 0.60 for sending them. The rug: 3.33 and 0.67.
    let placed = buyer.order(&[(&lamp, 2), (&rug, 1)], "29.22", "one").await.ok()["order"].clone();
    let id = placed["id"].as_str().unwrap();
    let told = order(&buyer, id).await;
    let wanted = [("DISCOUNT", -400), ("PRICE", 2_335), ("SHIPPING", 500), ("TAX", 487)];
    let wanted: Vec<_> = wanted.into_iter().map(|(step, sum)| (step.to_owned(), sum)).collect();
    assert_eq!(sums(&told["explanation"]).into_iter().collect::<Vec<_>>(), wanted);
    let texts: Vec<_> = told["explanation"].as_array().unwrap().iter().map(|entry| &entry["text"]).collect();
    let wanted = [
        "2 × Lamp at 10.01 GBP",
        "Spring, off Lamp",
        "VAT of 20 % on Lamp",
        "Sending it: Post",
        "VAT of 20 % on Post",
        "1 × Rug at 3.33 GBP",
        "VAT of 20 % on Rug",
        "Sending it: Van",
        "Gift, off Van",
    ];
    assert_eq!(texts, wanted);

    buyer.pay(id, "test_succeeds", "one").await.ok();
    let own = &placed["parts"][0]["id"];
    let back = json!({"orderPartId": own, "amount": {"amount": "5.01", "currency": "GBP"}, "reason": "Chipped.",
                      "idempotencyKey": "back"});
    ada.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    app.run_jobs().await;
    let (of_ada, of_bert) = (part(&ada, own).await, part(&bert, &placed["parts"][1]["id"]).await);
    for (seen, seller, total) in [(&of_ada, &ada, 2_522), (&of_bert, &bert, 400)] {
        let by_step = sums(&seen["explanation"]);
        assert_eq!((of(&by_step, COSTS), minor(&seen["total"]["amount"])), (total, total));
        assert_eq!((of(&by_step, &["SALE"]), of(&by_step, BOOKS)), (total, balance(seller).await));
    }
    let told = order(&buyer, id).await;
    let by_step = sums(&told["explanation"]);
    assert_eq!(of(&by_step, COSTS), minor(&told["total"]["amount"]));
    assert_eq!((of(&by_step, PAID), of(&by_step, &["REFUND"])), (minor(&told["amountPaid"]["amount"]), -501));
    let all = sums(&order(&admin, id).await["explanation"]);
    assert_eq!((of(&all, COSTS), of(&all, PAID)), (2_922, 2_922 - 501));
    assert_eq!(of(&all, BOOKS), balance(&ada).await + balance(&bert).await);
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_fell_away_is_told() {
    let (app, _) = market().await;
    let (ada, lamp, _) = seller(&app, "Ada", "Lamp", "10.00").await;
    let buyer = app.sign_up("Buyer").await;
    let placed = buyer.order(&[(&lamp, 2)], "24.00", "one").await.ok()["order"].clone();
    let (id, own) = (placed["id"].as_str().unwrap(), &placed["parts"][0]["id"]);
    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { lines { id } } } }";
    let lines = ada.send(document, json!({"id": own})).await.ok()["node"]["lines"].clone();
    let dropped = json!({"orderPartId": own, "lines": [{"orderLineId": lines[0]["id"], "quantity": 1}],
                         "reason": "One is broken.", "idempotencyKey": "one"});
    ada.mutate("cancelOrderPart", dropped, "orderPart { id }").await.ok();
    buyer.pay(id, "test_succeeds", "one").await.ok();
    let told = order(&buyer, id).await;
    let by_step = sums(&told["explanation"]);
    assert_eq!(of(&by_step, COSTS), minor(&told["total"]["amount"]));
    assert_eq!(of(&by_step, &["DROPPED"]), -minor(&told["amountCancelled"]["amount"]));
    assert_eq!(of(&by_step, COSTS) + of(&by_step, &["DROPPED"]), of(&by_step, PAID));
    assert_eq!(of(&sums(&part(&ada, own).await["explanation"]), BOOKS), balance(&ada).await);
    assert_books(&app).await;
}

#[actix_web::test]
async fn all_of_what_is_called_off_before_it_is_paid_fell_away() {
    let (app, _) = market().await;
    let (ada, lamp, _) = seller(&app, "Ada", "Lamp", "10.00").await;
    let (_, rug, _) = seller(&app, "Bert", "Rug", "5.00").await;
    let buyer = app.sign_up("Buyer").await;
    let parts =
        "query($id: ID!) { node(id: $id) { ... on Order { parts { total { amount } amountCancelled { amount } } } } }";
    for (key, is_by_shops, is_paid) in [("buyer", false, false), ("some", true, false), ("paid", false, true)] {
        let placed = buyer.order(&[(&lamp, 2), (&rug, 1)], "30.00", key).await.ok()["order"].clone();
        let id = placed["id"].as_str().unwrap();
        if is_by_shops {
            let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { lines { id } } } }";
            let own = &placed["parts"][0]["id"];
            let line = ada.send(document, json!({"id": own})).await.ok()["node"]["lines"][0]["id"].clone();
            let dropped = json!({"orderPartId": own, "lines": [{"orderLineId": line, "quantity": 1}],
                                 "reason": "One is broken.", "idempotencyKey": key});
            ada.mutate("cancelOrderPart", dropped, "orderPart { id }").await.ok();
            assert_eq!(order(&buyer, id).await["amountCancelled"]["amount"], "12.00");
        }
        if is_paid {
            buyer.pay(id, "test_succeeds", key).await.ok();
        }
        buyer.cancel(id).await.ok();
        app.run_jobs().await;
        let told = order(&buyer, id).await;
        let by_step = sums(&told["explanation"]);
        let gone = if is_paid { 0 } else { 3_000 };
        assert_eq!(minor(&told["amountCancelled"]["amount"]), gone, "{key}");
        assert_eq!((of(&by_step, COSTS), of(&by_step, &["DROPPED"])), (3_000, -gone), "{key}");
        assert_eq!((of(&by_step, &["PAYMENT"]), of(&by_step, PAID)), (3_000 - gone, 0), "{key}");
        let seen = buyer.send(parts, json!({"id": id})).await.ok()["node"]["parts"].clone();
        for part in seen.as_array().unwrap() {
            let all = minor(&part["total"]["amount"]);
            assert_eq!(minor(&part["amountCancelled"]["amount"]), if is_paid { 0 } else { all }, "{key}");
        }
        assert_books(&app).await;
    }
}

#[actix_web::test]
async fn many_are_explained_in_few_statements() {
    let (app, admin) = market().await;
    let (_, lamp, _) = seller(&app, "Ada", "Lamp", "10.00").await;
    let buyer = app.sign_up("Buyer").await;
    for number in 0..5 {
        let key = format!("k{number}");
        let placed = buyer.order(&[(&lamp, 1)], "12.00", &key).await.ok();
        buyer.pay(placed["order"]["id"].as_str().unwrap(), "test_succeeds", &key).await.ok();
    }
    let document = "{ viewer { orders { nodes { id explanation { step text } } } } }";
    let answer = buyer.query(document).await;
    assert!(answer.statements.unwrap() <= 8, "{answer:#?}");
    let data = answer.ok();
    let nodes = data["viewer"]["orders"]["nodes"].as_array().unwrap();
    assert!(
        nodes.len() == 5 && nodes.iter().all(|order| order["explanation"].as_array().unwrap().len() == 3),
        "{data}"
    );
    let ids: Vec<_> = nodes.iter().map(|order| order["id"].clone()).collect();
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { explanation { step text } } } }";
    let answer = admin.send(document, json!({"ids": ids})).await;
    assert!(answer.statements.unwrap() <= 11, "{answer:#?}");
    let data = answer.ok();
    let nodes = data["nodes"].as_array().unwrap();
    assert!(nodes.iter().all(|order| order["explanation"].as_array().unwrap().len() == 8), "{data}");
}
