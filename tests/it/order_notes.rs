//! What buyers tell shops with an order, and what the members of a shop write down for each other about it.

use chrono::TimeDelta;
use futures_util::join;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, app::Person, market::Goods};

/// Two shops and a buyer.
struct Market {
    app: TestApp,
    ada: Person,
    bert: Person,
    buyer: Person,
    lamp: Goods,
    rug: Goods,
}

async fn market() -> Market {
    let app = TestApp::start().await;
    let (ada, bert, buyer) = (app.sign_up("Ada").await, app.sign_up("Bert").await, app.sign_up("Buyer").await);
    let lamp = ada.sell(&ada.open_shop("Lamps").await, "Lamp", "4.00", 20).await;
    let rug = bert.sell(&bert.open_shop("Rugs").await, "Rug", "20.00", 20).await;
    Market { app, ada, bert, buyer, lamp, rug }
}

const ORDER: &str = "order { id note version parts { id orderNote } }";

/// An order of a lamp of Ada's and a rug of Bert's, as it is asked for.
fn wanted(market: &Market, note: &Value, key: &str) -> Value {
    let lines =
        json!([{"variantId": market.lamp.variant, "quantity": 1}, {"variantId": market.rug.variant, "quantity": 1}]);
    let address =
        json!({"name": "Ada", "lines": ["1 Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"});
    json!({"lines": lines, "shippingAddress": address, "note": note,
           "expectedTotal": {"amount": "24.00", "currency": "GBP"}, "idempotencyKey": key})
}

async fn order(market: &Market, note: &Value, key: &str) -> Answer {
    market.buyer.mutate("placeOrder", wanted(market, note, key), ORDER).await
}

async fn write(who: &Client, part: &Value, text: &str, key: &str) -> Answer {
    let input = json!({"orderPartId": part, "text": text, "idempotencyKey": key});
    let selection = "note { id text createdAt author { displayName } } orderPart { id notes { id } }";
    who.mutate("addOrderPartNote", input, selection).await
}

async fn remove(who: &Client, note: &Value) -> Answer {
    let selection = "removedNoteId orderPart { notes { text } }";
    who.mutate("removeOrderPartNote", json!({"noteId": note["id"]}), selection).await
}

/// The notes about a part, as somebody reads them.
async fn notes(who: &Client, part: &Value) -> Value {
    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { notes { text author { displayName } } } } }";
    who.send(document, json!({"id": part})).await.ok()["node"]["notes"].clone()
}

async fn clerk(app: &TestApp, role: &str) -> Person {
    let clerk = app.sign_up(&format!("Clerk{role}")).await;
    app.given_role(&clerk, role);
    clerk
}

#[actix_web::test]
async fn what_the_buyer_says_is_read_by_all_shops_of_the_order() {
    let market = market().await;
    let Market { app, ada, bert, buyer, .. } = &market;
    let placed = order(&market, &json!(" Ring twice,\nplease. "), "order").await.ok()["order"].clone();
    let (said, parts) = ("Ring twice,\nplease.", placed["parts"].clone());
    assert_eq!(placed["note"], said);
    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { orderNote } ... on Order { note } } }";
    let (support, eve) = (clerk(app, "SUPPORT").await, app.sign_up("Eve").await);
    for (who, id, expected) in [
        (buyer, &placed["id"], json!({"note": said})),
        (buyer, &parts[1]["id"], json!({"orderNote": said})),
        (ada, &parts[0]["id"], json!({"orderNote": said})),
        (bert, &parts[1]["id"], json!({"orderNote": said})),
        (bert, &placed["id"], Value::Null),
        (bert, &parts[0]["id"], Value::Null),
        (&support, &placed["id"], json!({"note": said})),
        (&eve, &parts[0]["id"], Value::Null),
        (&eve, &placed["id"], Value::Null),
    ] {
        assert_eq!(who.send(document, json!({"id": id})).await.ok()["node"], expected, "{} {id}", who.email);
    }
    let again = order(&market, &json!(" Ring twice,\nplease. "), "order").await.ok()["order"]["id"].clone();
    assert_eq!(again, placed["id"], "a repeat is the same order");
    for other in [json!("Ring once."), Value::Null] {
        assert_eq!(order(&market, &other, "order").await.refusal().0, "IDEMPOTENCY_KEY_REUSED");
    }
}

#[actix_web::test]
async fn a_note_of_the_buyer_has_its_bounds() {
    let market = market().await;
    for (note, code) in [("  ", "BLANK"), ("a\u{7}", "INVALID"), (&*"ä".repeat(501), "TOO_LONG")] {
        let refused = order(&market, &json!(note), &format!("bad {code}")).await.refusal();
        assert_eq!(refused, (code.to_owned(), "note".to_owned()));
    }
    let longest = "ä".repeat(500);
    assert_eq!(order(&market, &json!(longest), "longest").await.ok()["order"]["note"], longest);
    assert_eq!(order(&market, &Value::Null, "nothing").await.ok()["order"]["note"], Value::Null);

    // It comes with a cart as well.
    let mut cart = Value::Null;
    for goods in [&market.lamp, &market.rug] {
        let line = json!({"variantId": goods.variant});
        cart = market.buyer.mutate("addToCart", line, "cart { version }").await.ok()["cart"].clone();
    }
    let with_cart = |note: &str, key: &str| {
        let mut input = wanted(&market, &json!(note), key);
        input.as_object_mut().unwrap().remove("lines");
        input["cart"] = json!({"expectedVersion": cart["version"]});
        input
    };
    let refused = market.buyer.mutate("placeOrder", with_cart("", "blank"), ORDER).await.refusal();
    assert_eq!(refused, ("BLANK".to_owned(), "note".to_owned()));
    let placed = market.buyer.mutate("placeOrder", with_cart("By the back door.", "cart"), ORDER).await.ok();
    assert_eq!(placed["order"]["note"], "By the back door.");
}

#[actix_web::test]
async fn who_has_the_link_reads_no_note() {
    let market = market().await;
    let placed = order(&market, &json!("Under the mat."), "mat").await.ok()["order"].clone();
    market.buyer.pay(placed["id"].as_str().unwrap(), "test_succeeds", "mat").await.ok();
    market.app.run_jobs().await;
    let mails = market.app.mails(&market.buyer.email);
    let mail = mails.iter().find(|mail| mail.subject.contains("is paid")).unwrap();
    let token = mail.text.split_once("token=").unwrap().1.split_whitespace().next().unwrap();
    let document = "query($token: String!) { order(token: $token) { note parts { orderNote notes { id } } } }";
    let shown = market.app.guest().send(document, json!({"token": token})).await.ok()["order"].clone();
    let part = json!({"orderNote": null, "notes": null});
    assert_eq!(shown, json!({"note": null, "parts": [part, part]}));
}

#[actix_web::test]
async fn members_of_a_shop_write_down_what_the_buyer_does_not_read() {
    let market = market().await;
    let Market { app, ada, bert, buyer, .. } = &market;
    let placed = order(&market, &Value::Null, "order").await.ok()["order"].clone();
    let part = placed["parts"][0]["id"].clone();
    let shop = ada.query("{ viewer { shops { shop { id } } } }").await.ok()["viewer"]["shops"][0]["shop"].clone();
    let mut members = vec![ada.client.clone()];
    for role in ["FULFILLMENT", "SUPPORT"] {
        let member = app.sign_up(role).await;
        let input = json!({"shopId": shop["id"], "userId": member.id, "role": role});
        ada.mutate("addShopMember", input, "member { role }").await.ok();
        members.push(member.client);
    }
    assert_eq!(notes(ada, &part).await, json!([]));
    let first = write(ada, &part, " Gift wrap\nthis. ", "one").await.ok();
    assert_eq!((&first["note"]["text"], &first["orderPart"]["id"]), (&json!("Gift wrap\nthis."), &part));
    assert_eq!(first["note"]["createdAt"], "2026-11-20T12:00:00+00:00");
    assert_eq!(write(ada, &part, " Gift wrap\nthis. ", "one").await.ok()["note"]["id"], first["note"]["id"]);
    assert_eq!(write(ada, &part, "Something else", "one").await.refusal().0, "IDEMPOTENCY_KEY_REUSED");
    app.advance(TimeDelta::seconds(1));
    write(&members[1], &part, "Wrapped.", "two").await.ok();
    app.advance(TimeDelta::seconds(1));
    let last = write(&members[2], &part, "They called.", "three").await.ok();
    assert_eq!(last["orderPart"]["notes"].as_array().unwrap().len(), 3);

    let expected = json!([{"text": "Gift wrap\nthis.", "author": {"displayName": "Ada"}},
                          {"text": "Wrapped.", "author": {"displayName": "FULFILLMENT"}},
                          {"text": "They called.", "author": {"displayName": "SUPPORT"}}]);
    let staff = clerk(app, "SUPPORT").await;
    for who in members.iter().chain([&staff.client]) {
        assert_eq!(notes(who, &part).await, expected);
    }
    let eve = app.sign_up("Eve").await;
    for who in [buyer, bert, &eve] {
        assert_eq!(notes(who, &part).await, Value::Null, "{}", who.email);
    }
    // The buyer does not even learn that something was written.
    let version = "query($id: ID!) { node(id: $id) { ... on Order { version } } }";
    let version = buyer.send(version, json!({"id": placed["id"]})).await.ok()["node"]["version"].clone();
    assert_eq!(version, placed["version"]);

    // It is the shop's, and nobody else's: not even the staff's, in whosever name.
    let admin = clerk(app, "ADMIN").await;
    for who in [buyer, bert, &eve, &staff, &admin] {
        let refused = write(who, &part, "Hello", "foreign").await.refusal();
        assert_eq!(refused, ("NOT_FOUND".to_owned(), "orderPartId".to_owned()), "{}", who.email);
        let refused = remove(who, &first["note"]).await.refusal();
        assert_eq!(refused, ("NOT_FOUND".to_owned(), "noteId".to_owned()), "{}", who.email);
    }
    let leave = app.leave(&staff, ada).await;
    let helper = staff.with_header("agora-on-behalf-of", &leave);
    assert_eq!(write(&helper, &part, "Hello", "helper").await.code(), "FORBIDDEN");
    assert_eq!(remove(&helper, &first["note"]).await.code(), "FORBIDDEN");

    // Whoever of them wrote it.
    let gone = remove(&members[2], &first["note"]).await.ok();
    assert_eq!(gone["removedNoteId"], first["note"]["id"]);
    assert_eq!(gone["orderPart"]["notes"], json!([{"text": "Wrapped."}, {"text": "They called."}]));
    assert_eq!(remove(ada, &first["note"]).await.refusal().0, "NOT_FOUND");
    // A repeat of what is gone writes nothing.
    let again = write(ada, &part, " Gift wrap\nthis. ", "one").await.ok();
    assert_eq!((&again["note"], again["orderPart"]["notes"].as_array().unwrap().len()), (&Value::Null, 2));
}

#[actix_web::test]
async fn notes_have_their_bounds() {
    let market = market().await;
    let Market { app, ada, .. } = &market;
    let part = order(&market, &Value::Null, "order").await.ok()["order"]["parts"][0]["id"].clone();
    for (text, code) in [("", "BLANK"), ("a\u{7}", "INVALID"), (&*"ä".repeat(1_001), "TOO_LONG")] {
        let refused = write(ada, &part, text, &format!("bad {code}")).await.refusal();
        assert_eq!(refused, (code.to_owned(), "text".to_owned()));
    }
    write(ada, &part, &"ä".repeat(1_000), "longest").await.ok();
    app.given_sql(
        "INSERT INTO order_part_notes (id, part_id, author_id, text, created_at) \
         SELECT gen_random_uuid(), part_id, author_id, 'Another', created_at FROM order_part_notes, generate_series(1, 98)",
    );
    // There is room for one more.
    let (one, two) = join!(write(ada, &part, "One", "last"), write(ada, &part, "Two", "lost"));
    let refusals = [one.refusals(), two.refusals()].concat();
    assert_eq!(refusals, [("TOO_MANY".to_owned(), "orderPartId".to_owned())]);
    assert_eq!(notes(ada, &part).await.as_array().unwrap().len(), 100);
}

#[actix_web::test]
async fn notes_of_a_page_are_read_together() {
    let app = TestApp::start().await;
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let goods = ada.sell(&ada.open_shop("Lamps").await, "Lamp", "4.00", 10).await;
    for number in 0..10 {
        let key = number.to_string();
        let part = buyer.order_one(&goods, &key).await.ok()["order"]["parts"][0]["id"].clone();
        write(&ada, &part, "Seen", &key).await.ok();
    }
    let document =
        "{ viewer { shops { orders(first: 10) { nodes { orderNote notes { text author { displayName } } } } } } }";
    let answer = ada.query(document).await;
    assert!(answer.statements.unwrap() <= 8, "{answer:?}");
    let nodes = answer.ok()["viewer"]["shops"][0]["orders"]["nodes"].as_array().unwrap().clone();
    let expected = json!({"orderNote": null, "notes": [{"text": "Seen", "author": {"displayName": "Ada"}}]});
    assert!(nodes.len() == 10 && nodes.iter().all(|part| *part == expected), "{nodes:?}");
}
