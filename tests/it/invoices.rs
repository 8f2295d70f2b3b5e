//! Invoices and credit notes: that each sale and each refund has one, numbered without gaps, that nothing changes it, and who sees it.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use diesel::{RunQueryDsl, sql_query};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
    privacy::sign_in,
    shipping::{Ordered, call_off, look, ordered, pay},
};

const SUMS: &str = "taxName isTaxIncluded taxes { rate net { amount } tax { amount } gross { amount } } tax { amount } total { amount }";

/// What a person sees of a part's documents.
async fn papers(who: &Client, part: &Value) -> Value {
    let document = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on OrderPart {{ \
           invoice {{ id number issuedAt orderNumber placedAt currency htmlUrl issuer {{ name country address {{ city phone }} }} \
             recipient {{ name city phone }} orderPart {{ id }} {SUMS} \
             lines {{ title quantity unitPrice {{ amount }} discount {{ amount }} taxRate tax {{ amount }} total {{ amount }} }} }} \
           creditNotes {{ id number reason htmlUrl orderNumber invoice {{ id }} refund {{ amount {{ amount }} }} \
             issuer {{ name }} recipient {{ name }} {SUMS} }} }} }} }}"
    );
    who.send(&document, json!({"id": part})).await.ok()["node"].clone()
}

fn pence(money: &Value) -> i64 {
    money["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

async fn give_back(who: &Client, part: &Value, amount: Option<&str>, key: &str) {
    let amount = amount.map(|amount| json!({"amount": amount, "currency": "GBP"}));
    let input = json!({"orderPartId": part, "amount": amount, "reason": "<i>Chipped</i>.", "idempotencyKey": key});
    who.mutate("refundOrderPart", input, "refunds { id }").await.ok();
}

/// A seller of lamps for 4.00 and shades for 1.50, and a buyer, where a VAT of 20 % is in all prices.
struct Market {
    app: TestApp,
    seller: Person,
    buyer: Person,
    shop: String,
    lamp: Goods,
    shade: Goods,
}

async fn market() -> Market {
    let app = TestApp::start_with(|settings| settings.checkout.commission = "10".parse().unwrap()).await;
    let admin = app.sign_up("Olive").await;
    app.given_role(&admin, "ADMIN");
    let taxes = json!({"country": "GB", "isIncludedInPrices": true, "remittedBy": "MARKET", "name": "VAT", "standardRate": "20"});
    admin.mutate("setCountryTaxes", taxes, "countryTaxes { version }").await.ok();
    let (seller, buyer) = (app.sign_up("Sally").await, app.sign_up("Bob").await);
    let shop = seller.open_shop("Lamps & more").await;
    let lamp = seller.sell(&shop, "Lamp <b>", "4.00", 100).await;
    let shade = seller.sell(&shop, "Shade", "1.50", 100).await;
    Market { app, seller, buyer, shop, lamp, shade }
}

/// Two lamps and a shade, paid: the order's number and its part.
async fn bought(market: &Market, key: &str) -> (Value, Value) {
    let lines = [(&market.lamp, 2), (&market.shade, 1)];
    let order = market.buyer.order(&lines, "9.50", key).await.ok()["order"].clone();
    let part = order["parts"][0]["id"].clone();
    assert_eq!(papers(&market.buyer, &part).await, json!({"invoice": null, "creditNotes": []}));
    market.buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", key).await.ok();
    (order["number"].clone(), part)
}

#[actix_web::test]
async fn what_is_paid_is_invoiced_as_it_was_then() {
    let market = market().await;
    let Market { app, seller, buyer, shop, .. } = &market;
    let home = json!({"name": "Sally", "lines": ["2 Street"], "postalCode": "YO1 7HH", "city": "York", "country": "GB", "phone": "1"});
    let input = json!({"shopId": shop, "expectedVersion": 1, "shipsFrom": home});
    let version = seller.mutate("updateShop", input, "shop { version }").await.ok()["shop"]["version"].clone();
    let (number, part) = bought(&market, "one").await;
    let seen = papers(buyer, &part).await;
    let mut invoice = seen["invoice"].clone();
    let url = invoice["htmlUrl"].as_str().unwrap().to_owned();
    assert!(url.starts_with(&app.url("/documents/")), "{url}");
    for told in ["id", "htmlUrl"] {
        invoice.as_object_mut().unwrap().remove(told);
    }
    let amount = |amount: &str| json!({"amount": amount});
    let lamps = json!({"title": "Lamp <b>", "quantity": 2, "unitPrice": amount("4.00"), "discount": amount("0.00"),
                       "taxRate": "20", "tax": amount("1.33"), "total": amount("8.00")});
    let shades = json!({"title": "Shade", "quantity": 1, "unitPrice": amount("1.50"), "discount": amount("0.00"),
                        "taxRate": "20", "tax": amount("0.25"), "total": amount("1.50")});
    let tax = json!({"rate": "20", "net": amount("7.92"), "tax": amount("1.58"), "gross": amount("9.50")});
    let wanted = json!({
        "number": "INV-000001", "issuedAt": "2026-11-20T12:00:00+00:00", "orderNumber": number,
        "placedAt": "2026-11-20T12:00:00+00:00", "currency": "GBP",
        "issuer": {"name": "Lamps & more", "country": "GB", "address": {"city": "York", "phone": null}},
        "recipient": {"name": "Ada", "city": "London", "phone": null}, "orderPart": {"id": part},
        "lines": [lamps, shades], "taxName": "VAT", "isTaxIncluded": true, "taxes": [tax],
        "tax": amount("1.58"), "total": amount("9.50"),
    });
    assert_eq!(invoice, wanted);

    // Whatever becomes of the shop and of what it sells.
    let input = json!({"shopId": shop, "expectedVersion": version, "name": "Other", "shipsFrom": null});
    seller.mutate("updateShop", input, "shop { id }").await.ok();
    app.given_sql("UPDATE products SET title = 'Other'");
    assert_eq!(papers(buyer, &part).await, seen);
    for forgery in [
        "UPDATE shop_documents SET total = total + 1",
        "UPDATE shop_documents SET recipient = '{}'",
        "UPDATE shop_documents SET recipient = NULL, number = 7",
        "UPDATE shop_documents SET content = content || '{\"order_number\": \"1\"}'",
        "DELETE FROM shop_documents",
    ] {
        let refused = sql_query(forgery).execute(&mut app.connect()).unwrap_err();
        assert!(refused.to_string().contains("a document never changes"), "{forgery}: {refused}");
    }
    assert_eq!(papers(buyer, &part).await, seen);
    assert_books(app).await;
}

#[actix_web::test]
async fn what_goes_back_is_credited_until_nothing_is_left() {
    let market = market().await;
    let Market { app, seller, buyer, .. } = &market;
    let (number, part) = bought(&market, "one").await;
    for (amount, key) in [(Some("3.33"), "a"), (Some("0.01"), "b"), (Some("3.33"), "c"), (None, "d")] {
        give_back(seller, &part, amount, key).await;
        app.run_jobs().await;
        assert_books(app).await;
    }
    let seen = papers(buyer, &part).await;
    let notes = seen["creditNotes"].as_array().unwrap();
    let numbers: Vec<_> = notes.iter().map(|note| note["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["CN-000001", "CN-000002", "CN-000003", "CN-000004"]);
    // What is left has a tax of 1.02 of 6.17, and so on.
    let sums: Vec<_> = notes.iter().map(|note| (pence(&note["total"]), pence(&note["tax"]))).collect();
    assert_eq!(sums, [(333, 56), (1, 0), (333, 55), (283, 47)]);
    assert_eq!(sums.iter().map(|(_, tax)| tax).sum::<i64>(), pence(&seen["invoice"]["tax"]));
    for note in notes {
        assert_eq!((&note["invoice"]["id"], &note["orderNumber"]), (&seen["invoice"]["id"], &number));
        assert_eq!((&note["refund"]["amount"], &note["taxes"][0]["gross"]), (&note["total"], &note["total"]));
        assert_eq!((&note["reason"], &note["taxes"][0]["tax"]), (&json!("<i>Chipped</i>."), &note["tax"]));
        assert_eq!((&note["issuer"]["name"], &note["recipient"]["name"]), (&json!("Lamps & more"), &json!("Ada")));
    }
    // A refusal leaves no gap.
    let more = json!({"orderPartId": part, "reason": "R", "idempotencyKey": "e"});
    assert_eq!(seller.mutate("refundOrderPart", more, "refunds { id }").await.refusal().0, "ORDER_NOT_REFUNDABLE");
    let (_, other) = bought(&market, "two").await;
    give_back(seller, &other, Some("1.00"), "f").await;
    let seen = papers(buyer, &other).await;
    let numbers = (&seen["invoice"]["number"], &seen["creditNotes"][0]["number"]);
    assert_eq!(numbers, (&json!("INV-000002"), &json!("CN-000005")));
    assert_books(app).await;
}

#[actix_web::test]
async fn many_who_pay_at_once_leave_no_gap_and_none_is_invoiced_twice() {
    let market = market().await;
    let Market { app, seller, buyer, lamp, .. } = &market;
    let beside = app.start_beside(|settings| settings.checkout.commission = "10".parse().unwrap()).await;
    let there = beside.guest().with_token(buyer.token.as_deref().unwrap());
    let mut orders = Vec::new();
    for place in 0..20 {
        let order = buyer.order_one(lamp, &format!("order {place}")).await.ok()["order"].clone();
        orders.push(order["id"].as_str().unwrap().to_owned());
    }
    // Each is sent twice, to either process.
    // Of one person, ten attempts at most are open at once.
    for some in orders.chunks(10) {
        let paying = some.iter().flat_map(|order| [(order, &buyer.client), (order, &there)]);
        join_all(paying.map(|(order, who)| who.pay(order, "test_succeeds", order))).await;
    }
    app.given_sql(
        "INSERT INTO jobs (id, kind, payload, run_at, created_at) SELECT gen_random_uuid(), 'orders.issue_documents', \
         '{\"after\": null}', '2026-01-01', '2026-01-01' FROM generate_series(1, 2)",
    );
    tokio::join!(app.run_jobs(), beside.run_jobs());
    beside.stop().await;

    let desk = "{ viewer { shops { documents(first: 100) { totalCount nodes { ... on Invoice { number } } } } } }";
    let desk = seller.query(desk).await.ok()["viewer"]["shops"][0]["documents"].clone();
    let numbers: BTreeSet<_> =
        desk["nodes"].as_array().unwrap().iter().map(|paper| paper["number"].as_str().unwrap().to_owned()).collect();
    let wanted: BTreeSet<_> = (1..=20).map(|number| format!("INV-{number:06}")).collect();
    assert_eq!((&desk["totalCount"], numbers), (&json!(20), wanted));
    assert_books(app).await;

    // So do many who give back.
    let document = "{ viewer { orders(first: 100) { nodes { parts { id } } } } }";
    let parts = buyer.query(document).await.ok()["viewer"]["orders"]["nodes"].clone();
    let parts: Vec<Value> =
        parts.as_array().unwrap().iter().map(|order| order["parts"][0]["id"].clone()).take(6).collect();
    join_all(parts.iter().map(|part| give_back(seller, part, None, part.as_str().unwrap()))).await;
    assert_eq!(
        count(&mut app.connect(), "SELECT max(number)::bigint AS count FROM shop_documents WHERE kind = 'CREDIT_NOTE'"),
        6
    );
    assert_books(app).await;
}

#[actix_web::test]
async fn each_shop_has_series_of_its_own_and_what_fell_away_is_on_no_invoice() {
    let all = ordered().await;
    let seen = look(&all.buyer, &all.order).await;
    let (lamps, rugs) = (seen["parts"][0]["id"].clone(), seen["parts"][1]["id"].clone());
    let two = json!([{"orderLineId": seen["parts"][0]["lines"][0]["id"], "quantity": 2}]);
    call_off(&all.ada, &lamps, two, "two").await.ok();
    pay(&all).await;
    let Ordered { app, ada, bert, buyer, .. } = &all;
    let invoice = papers(buyer, &lamps).await["invoice"].clone();
    let lines: Vec<_> = invoice["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["quantity"].as_i64().unwrap(), pence(&line["total"])))
        .collect();
    assert_eq!((lines, pence(&invoice["total"]), &invoice["taxName"]), (vec![(1, 400), (2, 300)], 700, &Value::Null));
    let other = papers(buyer, &rugs).await["invoice"].clone();
    assert_eq!((&invoice["number"], &other["number"]), (&json!("INV-000001"), &json!("INV-000001")));
    assert_eq!((&invoice["issuer"]["name"], &other["issuer"]["name"]), (&json!("Lamps"), &json!("Rugs")));
    // What falls away later is credited.
    call_off(ada, &lamps, Value::Null, "rest").await.ok();
    let seen = papers(buyer, &lamps).await;
    assert_eq!((pence(&seen["creditNotes"][0]["total"]), &seen["invoice"]), (700, &invoice));
    assert_eq!(papers(bert, &rugs).await["creditNotes"], json!([]));
    assert_books(app).await;
}

#[actix_web::test]
async fn documents_are_seen_by_those_whose_money_it_is() {
    let market = market().await;
    let Market { app, seller, buyer, shop, .. } = &market;
    let (_, part) = bought(&market, "one").await;
    give_back(seller, &part, Some("1.00"), "back").await;
    let seen = papers(buyer, &part).await;
    let ids = [seen["invoice"]["id"].clone(), seen["creditNotes"][0]["id"].clone()];
    let mut callers: Vec<(&str, Client, bool)> = vec![
        ("buyer", buyer.client.clone(), true),
        ("owner", seller.client.clone(), true),
        ("guest", app.guest(), false),
    ];
    for (role, sees) in [("MANAGER", true), ("FULFILLMENT", false), ("SUPPORT", false)] {
        let member = app.sign_up(&format!("Shop{role}")).await;
        let input = json!({"shopId": shop, "userId": member.id, "role": role});
        seller.mutate("addShopMember", input, "member { role }").await.ok();
        callers.push((role, member.client, sees));
    }
    let stranger = app.sign_up("Stranger").await;
    stranger.open_shop("Elsewhere").await;
    callers.push(("stranger", stranger.client, false));
    let clerk = app.sign_up("Clerk").await;
    app.given_role(&clerk, "SUPPORT");
    callers.push(("market support", clerk.client, true));
    let document =
        "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Invoice { number } ... on CreditNote { number } } }";
    for (name, client, sees) in callers {
        let nodes = client.send(document, json!({"ids": ids})).await.ok()["nodes"].clone();
        assert_eq!(nodes.as_array().unwrap().iter().all(|node| !node.is_null()), sees, "{name}: {nodes}");
        assert_eq!(nodes.as_array().unwrap().iter().any(|node| !node.is_null()), sees, "{name}: {nodes}");
    }
    // One is not the other.
    let swapped = [&ids[0], &ids[1]].map(|id| id.as_str().unwrap().split_once('_').unwrap().1.to_owned());
    let swapped = [format!("creditnote_{}", swapped[0]), format!("invoice_{}", swapped[1])];
    let nodes = buyer.send(document, json!({"ids": swapped})).await.ok()["nodes"].clone();
    assert_eq!(nodes, json!([null, null]));
}

async fn read(url: &str, language: &str) -> (u16, String) {
    let request = reqwest::Client::new().get(url).header("accept-language", language);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[actix_web::test]
async fn a_document_is_a_page_for_a_while_for_whoever_has_its_url() {
    let market = market().await;
    let Market { app, seller, buyer, .. } = &market;
    let (number, part) = bought(&market, "one").await;
    give_back(seller, &part, Some("1.00"), "back").await;
    let seen = papers(buyer, &part).await;
    let url = seen["invoice"]["htmlUrl"].as_str().unwrap();
    let (status, page) = read(url, "en").await;
    assert_eq!(status, 200);
    for told in [
        "Invoice INV-000001",
        number.as_str().unwrap(),
        "Lamp &lt;b&gt;",
        "Lamps &amp; more",
        "9.50 GBP",
        "1.58 GBP",
        "VAT",
        "1 Street",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("<b>"), "{page}");
    let (status, page) = read(seen["creditNotes"][0]["htmlUrl"].as_str().unwrap(), "de-AT").await;
    assert_eq!(status, 200);
    for told in ["Gutschrift CN-000001", "Zur Rechnung INV-000001", "&lt;i&gt;Chipped", "1.00 GBP"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    // It stays the same for long, and no other one leads anywhere.
    app.advance(TimeDelta::hours(10));
    let buyer = sign_in(app, &buyer.email).await;
    assert_eq!(papers(&buyer, &part).await["invoice"]["htmlUrl"], url);
    let (start, token) = url.rsplit_once('/').unwrap();
    let (until, tag) = token.split_once('.').unwrap();
    let later = until.parse::<i64>().unwrap() + 86_400;
    let wrong = [format!("{later}.{tag}"), format!("{until}.{}", &tag[1..]), tag.to_owned(), format!("x.{tag}")];
    for wrong in wrong {
        assert_eq!(read(&format!("{start}/{wrong}"), "en").await.0, 404, "{wrong}");
    }
    app.advance(TimeDelta::hours(25));
    assert_eq!(read(url, "en").await.0, 200);
    app.advance(TimeDelta::hours(24));
    assert_eq!(read(url, "en").await.0, 404);
}

#[actix_web::test]
async fn a_shop_lists_what_it_has_issued() {
    let market = market().await;
    let Market { app, seller, .. } = &market;
    for key in ["one", "two", "three"] {
        let (_, part) = bought(&market, key).await;
        app.advance(TimeDelta::seconds(1));
        give_back(seller, &part, Some("1.00"), key).await;
        app.advance(TimeDelta::seconds(1));
    }
    let list = async |arguments: &str| {
        let document = format!(
            "{{ viewer {{ shops {{ documents{arguments} {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ __typename \
               ... on Invoice {{ number recipient {{ name }} orderPart {{ orderNumber }} }} \
               ... on CreditNote {{ number invoice {{ number }} refund {{ reason }} }} }} }} }} }} }}"
        );
        let answer = seller.query(&document).await;
        let statements = answer.statements.unwrap();
        assert!(statements <= 14, "{statements} statements");
        answer.ok()["viewer"]["shops"][0]["documents"].clone()
    };
    let numbers = |list: &Value| -> Vec<String> {
        list["nodes"].as_array().unwrap().iter().map(|paper| paper["number"].as_str().unwrap().to_owned()).collect()
    };
    let all = list("").await;
    assert_eq!(numbers(&all), ["CN-000003", "INV-000003", "CN-000002", "INV-000002", "CN-000001", "INV-000001"]);
    assert_eq!((&all["totalCount"], &all["nodes"][0]["invoice"]["number"]), (&json!(6), &json!("INV-000003")));
    let first = list("(first: 2, kind: CREDIT_NOTE)").await;
    assert_eq!((numbers(&first), &first["totalCount"]), (vec!["CN-000003".into(), "CN-000002".into()], &json!(3)));
    let cursor = &first["pageInfo"]["endCursor"];
    assert_eq!(numbers(&list(&format!("(first: 2, kind: CREDIT_NOTE, after: {cursor})")).await), ["CN-000001"]);
    let elsewhere =
        format!("{{ viewer {{ shops {{ documents(kind: INVOICE, after: {cursor}) {{ totalCount }} }} }} }}");
    assert_eq!(seller.query(&elsewhere).await.code(), "BAD_USER_INPUT");
}

#[actix_web::test]
async fn what_an_older_process_did_is_made_up_for_and_what_it_sold_has_no_documents() {
    let market = market().await;
    let Market { app, seller, buyer, lamp, .. } = &market;
    let (_, part) = bought(&market, "one").await;
    give_back(seller, &part, Some("3.33"), "back").await;
    let wanted = papers(buyer, &part).await;
    // As a process of the release before leaves it.
    for sql in [
        "ALTER TABLE shop_documents DISABLE TRIGGER shop_documents_stay",
        "DELETE FROM shop_documents",
        "DELETE FROM shop_document_series",
        "ALTER TABLE shop_documents ENABLE TRIGGER shop_documents_stay",
        "INSERT INTO jobs (id, kind, payload, run_at, created_at) \
         VALUES (gen_random_uuid(), 'orders.issue_documents', '{\"after\": null}', '2026-01-01', '2026-01-01')",
    ] {
        app.given_sql(sql);
    }
    assert_eq!(papers(buyer, &part).await, json!({"invoice": null, "creditNotes": []}));
    app.run_jobs().await;
    let made = papers(buyer, &part).await;
    for path in ["/invoice/number", "/invoice/lines", "/invoice/taxes", "/creditNotes/0/number", "/creditNotes/0/taxes"]
    {
        assert_eq!(made.pointer(path), wanted.pointer(path), "{path}");
    }
    assert_books(app).await;

    let order = buyer.order_one(lamp, "before").await.ok()["order"].clone();
    app.given_sql("UPDATE order_parts SET is_invoiced = false WHERE total = 400");
    buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", "before").await.ok();
    let part = &order["parts"][0]["id"];
    give_back(seller, part, None, "all of it").await;
    assert_eq!(papers(buyer, part).await, json!({"invoice": null, "creditNotes": []}));
    assert_books(app).await;
}
