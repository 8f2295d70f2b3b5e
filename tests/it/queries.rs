//! How many statements an operation takes. Bounds, so that nobody pays per row what can be paid per page.

use agora::platform::kept::Kept;
use diesel::{IntoSql, QueryableByName, RunQueryDsl, sql_types::BigInt};
use serde_json::json;

use crate::harness::{Answer, Client, TestApp, app::Person, cluster::count, market::Goods};

#[track_caller]
fn assert_takes(answer: Answer, most: u64) -> serde_json::Value {
    let statements = answer.statements.expect("the operation was not logged");
    assert!(statements <= most, "{statements} statements, at most {most} are allowed: {answer:#?}");
    answer.ok()
}

async fn sellers(app: &TestApp, shops: usize, products: usize) -> (Vec<Person>, Vec<Goods>) {
    let (mut sellers, mut goods) = (Vec::new(), Vec::new());
    for shop in 0..shops {
        let seller = app.sign_up(&format!("Seller{shop}")).await;
        let id = seller.open_shop(&format!("Shop {shop}")).await;
        for product in 0..products {
            goods.push(seller.sell(&id, &format!("T-Light Holder {shop}-{product}"), "1.00", 100).await);
        }
        sellers.push(seller);
    }
    (sellers, goods)
}

#[actix_web::test]
async fn products() {
    let app = TestApp::start().await;
    let (_, goods) = sellers(&app, 4, 6).await;
    let guest = app.guest();

    let document = "query($id: ID!) { product(by: {id: $id}) { title shop { name } } }";
    let answer = guest.send(document, json!({"id": goods[0].product})).await;
    assert_eq!(assert_takes(answer, 1)["product"]["shop"]["name"], "Shop 0");

    let page = "nodes { title shop { name } priceRange { min { amount } } }";
    for (filter, most) in [("{}", 2), ("{query: \"t-light holder\"}", 4)] {
        for sort in ["NEWEST", "PRICE_LOW_TO_HIGH", "PRICE_HIGH_TO_LOW", "BEST_SELLING", "RATING", "RELEVANCE"] {
            let document = format!("{{ products(first: 20, filter: {filter}, sort: {sort}) {{ {page} }} }}");
            let data = assert_takes(guest.query(&document).await, most);
            assert_eq!(data["products"]["nodes"].as_array().unwrap().len(), 20);
        }
    }
    // What nobody has is looked for otherwise, a few times.
    let document = "{ products(filter: {query: \"tlight holders 9-9 nothing\"}) { nodes { title } } }";
    assert_takes(guest.query(document).await, 12);
    assert_takes(guest.query("{ searchSuggestions(query: \"light ho\") { query } }").await, 3);
    assert_takes(guest.query("{ searchSuggestions(query: \"light hlo\") { query } }").await, 4);
    let document = "{ products(first: 20) { totalCount nodes { variants { availableQuantity } shop { name } } } }";
    let data = assert_takes(guest.query(document).await, 4);
    assert_eq!(data["products"]["totalCount"], 24);
}

#[actix_web::test]
async fn an_order_of_several_shops() {
    let app = TestApp::start().await;
    let (_, goods) = sellers(&app, 4, 1).await;
    let buyer = app.sign_up("Bob").await;
    buyer.order(&[(&goods[3], 1)], "1.00", "first").await.ok();
    let placed = async |shops: usize| {
        let lines: Vec<_> = goods.iter().take(shops).map(|goods| (goods, 1)).collect();
        let answer = buyer.order(&lines, &format!("{shops}.00"), &format!("of {shops}")).await;
        let statements = answer.statements.unwrap();
        answer.ok();
        statements
    };
    let (of_one, of_three) = (placed(1).await, placed(3).await);
    // For each shop its conversation, who takes part, what is said there, and that it was. Which parts are read together is a matter of timing.
    assert!(of_three <= of_one + 2 * 4 + 3, "{of_three} for three, {of_one} for one");
    let list = "{ viewer { conversations(first: 9) { totalCount nodes { unreadCount lastMessage { number } } } } }";
    let read = buyer.query(list).await.ok()["viewer"]["conversations"].clone();
    assert_eq!(read["totalCount"], 1 + 1 + 3);
    for conversation in read["nodes"].as_array().unwrap() {
        assert_eq!(conversation, &json!({"unreadCount": 0, "lastMessage": {"number": 1}}));
    }
    let about = "{ viewer { conversations(first: 9) { nodes { orderPart { orderNumber lines { title } } } } } }";
    let about = assert_takes(buyer.query(about).await, 3);
    let nodes = about["viewer"]["conversations"]["nodes"].as_array().unwrap();
    assert!(nodes.iter().all(|node| node["orderPart"]["orderNumber"].is_string()), "{about}");
}

#[actix_web::test]
async fn however_many_parts_an_order_has_it_is_paid_and_called_off_by_sets() {
    let app = TestApp::start().await;
    let (_, goods) = sellers(&app, 7, 1).await;
    let buyer = app.sign_up("Bob").await;
    let taken = async |parts: usize| {
        let lines: Vec<_> = goods.iter().take(parts).map(|goods| (goods, 1)).collect();
        let key = format!("of {parts}");
        let order = buyer.order(&lines, &format!("{parts}.00"), &key).await.ok()["order"]["id"].clone();
        let order = order.as_str().unwrap();
        [buyer.pay(order, "test_succeeds", &key).await, buyer.cancel(order).await].map(|answer| {
            let statements = answer.statements.unwrap();
            answer.ok();
            statements
        })
    };
    let (of_one, of_seven) = (taken(1).await, taken(7).await);
    // The conversations are locked in their order first.
    let is_by_sets = of_one.iter().zip(&of_seven).all(|(one, seven)| *seven < one + 6);
    assert!(is_by_sets, "paid and called off with {of_seven:?} for seven, {of_one:?} for one");
    let back = "SELECT count(DISTINCT part_id) AS count FROM refunds";
    assert_eq!(count(&mut app.connect(), back), 1 + 7);
}

#[actix_web::test]
async fn ten_orders_with_lines_and_products() {
    let app = TestApp::start().await;
    let (sellers, goods) = sellers(&app, 3, 2).await;
    let buyer = app.sign_up("Bob").await;
    for number in 0..10 {
        let lines: Vec<_> = goods.iter().map(|goods| (goods, 1)).collect();
        let order = buyer.order(&lines, "6.00", &format!("k{number}")).await.ok()["order"]["id"].clone();
        buyer.pay(order.as_str().unwrap(), "test_succeeds", &format!("p{number}")).await.ok();
    }
    let document = "{ viewer { orders(first: 10) { nodes { number paymentState total { amount } parts { total { amount } \
                    lines { title quantity product { title slug } } } } } } }";
    let data = assert_takes(buyer.query(document).await, 3);
    let nodes = data["viewer"]["orders"]["nodes"].as_array().unwrap().clone();
    assert_eq!(nodes.len(), 10);
    assert!(nodes.iter().all(|order| order["parts"].as_array().unwrap().len() == 3));

    let document = "{ viewer { shops { orders(first: 10) { nodes { orderNumber buyer { displayName } lines { title product \
                    { title } } } } } } }";
    let data = assert_takes(sellers[0].query(document).await, 5);
    assert_eq!(data["viewer"]["shops"][0]["orders"]["nodes"].as_array().unwrap().len(), 10);
}

#[actix_web::test]
async fn fifty_messages_with_authors_and_fifty_conversations() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let mut last = String::new();
    for number in 0..50 {
        let other = app.sign_up(&format!("Other{number}")).await;
        let input = json!({"userId": other.id});
        let started = ada.mutate("startConversation", input, "conversation { id }").await.ok();
        last = started["conversation"]["id"].as_str().unwrap().to_owned();
        for message in 0..if number == 49 { 30 } else { 1 } {
            for person in [&ada, &other] {
                let input =
                    json!({"conversationId": last, "text": "Hello", "idempotencyKey": format!("{number}-{message}")});
                person.mutate("sendMessage", input, "message { number }").await.ok();
            }
        }
    }
    let document = "query($id: ID!) { viewer { conversation(id: $id) { messages(last: 50) { nodes { number author \
                    { displayName } content { ... on TextContent { text } } } } } } }";
    let data = assert_takes(ada.send(document, json!({"id": last})).await, 2);
    let numbers = data["viewer"]["conversation"]["messages"]["nodes"].as_array().unwrap().clone();
    assert_eq!(numbers.len(), 50);
    assert_eq!((&numbers[0]["number"], &numbers[49]["number"]), (&json!(11), &json!(60)));

    // What they answer, with its author, and what they said before: a statement each, however many there are.
    app.given_sql(
        "UPDATE messages SET version = 2, edited_at = created_at, \
            reply_to_id = (SELECT id FROM messages first WHERE first.conversation_id = messages.conversation_id AND first.number = 1)",
    );
    app.given_sql("INSERT INTO message_revisions SELECT id, 1, 'Helo', created_at FROM messages");
    app.given_sql("INSERT INTO message_mentions SELECT id, 0, 5, author_id FROM messages");
    app.given_sql("INSERT INTO message_attachments (message_id, ordinal, name, latitude, longitude) SELECT id, 0, 'Home', 1, 2 FROM messages");
    app.given_sql("INSERT INTO message_reactions SELECT id, author_id, '👍', '👍', created_at FROM messages");
    let document = "query($id: ID!) { viewer { conversation(id: $id) { messages(last: 50) { nodes { number author { displayName } \
                    content { ... on TextContent { text } } replyTo { number author { displayName } } revisions { text } reactions { emoji count isMine } mentions { range { utf16Start } user { displayName } } attachments { ... on PlaceAttachment { name } } } } } } }";
    let data = assert_takes(ada.send(document, json!({"id": last})).await, 9);
    let nodes = data["viewer"]["conversation"]["messages"]["nodes"].as_array().unwrap().clone();
    assert!(
        nodes.iter().all(|node| node["replyTo"]["number"] == 1 && node["revisions"][0]["text"] == "Helo"),
        "{nodes:?}"
    );
    assert!(nodes.iter().all(|node| node["attachments"] == json!([{"name": "Home"}])), "{nodes:?}");
    assert!(
        nodes.iter().all(|node| node["reactions"][0]["count"] == 1 && node["mentions"][0]["range"]["utf16Start"] == 0),
        "{nodes:?}"
    );

    for filter in ["{}", "{isArchived: false, isPinned: false, isUnread: true, kind: DIRECT}"] {
        let document = format!(
            "{{ viewer {{ conversations(first: 50, filter: {filter}) {{ nodes {{ unreadCount isMuted isArchived isPinned lastMessage \
             {{ author {{ displayName }} content {{ ... on TextContent {{ text }} }} }} }} }} }} }}"
        );
        let data = assert_takes(ada.query(&document).await, 3);
        assert_eq!(data["viewer"]["conversations"]["nodes"].as_array().unwrap().len(), 50);
    }
    let data = assert_takes(ada.query("{ viewer { badges { unreadConversations unreadMessages } } }").await, 1);
    assert_eq!(data["viewer"]["badges"], json!({"unreadConversations": 50, "unreadMessages": 50}));

    let settings = json!({"conversationId": last, "isPinned": true});
    ada.mutate("updateConversationSettings", settings, "conversation { id }").await.ok();
    let document =
        "{ viewer { pinnedConversations { unreadCount participants { lastReadNumber user { displayName } } } } }";
    assert_takes(ada.query(document).await, 2);
}

#[actix_web::test]
async fn nodes_of_one_kind_are_read_together() {
    let app = TestApp::start().await;
    let (_, goods) = sellers(&app, 1, 20).await;
    let ids: Vec<_> = goods.iter().map(|goods| &goods.product).collect();
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Product { title shop { name } } } }";
    let data = assert_takes(app.guest().send(document, json!({"ids": ids})).await, 2);
    assert_eq!(data["nodes"].as_array().unwrap().len(), 20);
}

/// Ten orders that have arrived, each with a return and a claim.
async fn arrive(app: &TestApp, seller: &Client, goods: &Goods) {
    let buyer = app.sign_up("Returner").await;
    for number in 0..10 {
        let key = format!("arrived {number}");
        let order = buyer.order_one(goods, &key).await.ok()["order"].clone();
        buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", &key).await.ok();
        let part = &order["parts"][0]["id"];
        let sent = json!({"orderPartId": part, "isShipped": true, "idempotencyKey": key});
        let shipment = seller.mutate("createShipment", sent, "shipment { id }").await.ok()["shipment"]["id"].clone();
        buyer.mutate("confirmDelivery", json!({"shipmentId": shipment}), "shipment { id }").await.ok();
        let asked = json!({"orderPartId": part, "reason": "OTHER", "note": "Too big.", "idempotencyKey": key});
        buyer.mutate("requestReturn", asked, "orderReturn { id }").await.ok();
        let claim =
            json!({"orderPartId": part, "kind": "NOT_AS_DESCRIBED", "message": "Chipped.", "idempotencyKey": key});
        buyer.mutate("openClaim", claim, "claim { id }").await.ok();
    }
}

#[actix_web::test]
async fn lists_of_the_desk() {
    let app = TestApp::start().await;
    let (sellers, goods) = sellers(&app, 1, 20).await;
    let shop = sellers[0].query("{ viewer { shops { shop { id } } } }").await.ok();
    let shop = shop["viewer"]["shops"][0]["shop"]["id"].clone();
    for number in 0..10 {
        let member = app.sign_up(&format!("Member{number}")).await;
        let input = json!({"shopId": shop, "userId": member.id, "role": "SUPPORT"});
        sellers[0].mutate("addShopMember", input, "member { role }").await.ok();
        let buyer = app.sign_up(&format!("Buyer{number}")).await;
        let input = json!({"productId": goods[0].product, "text": "Hello", "idempotencyKey": "1"});
        buyer.mutate("contactShop", input, "message { id }").await.ok();
    }
    arrive(&app, &sellers[0], &goods[0]).await;
    for (list, selection, count, most) in [
        (
            "returns",
            "returns(first: 20) { nodes { amountRefunded { amount } orderPart { orderNumber } lines { orderLine { title } } \
             timeline { reason actor { displayName } } } }",
            10,
            14,
        ),
        (
            "claims",
            "claims(first: 20) { nodes { amount { amount } orderPart { orderNumber } timeline { reason actor { displayName } } } }",
            10,
            14,
        ),
        ("stock", "stock(first: 20) { nodes { onHand variant { sku product { title } } location { name } } }", 20, 5),
        ("members", "members { role user { displayName } }", 11, 3),
        (
            "conversations",
            "conversations(first: 20) { nodes { unreadCount product { title } participants { user { displayName } } \
             lastMessage { author { displayName } } } }",
            20,
            6,
        ),
        ("products", "products(first: 20) { nodes { title variants { availableQuantity } } }", 20, 4),
    ] {
        let data = assert_takes(sellers[0].query(&format!("{{ viewer {{ shops {{ {selection} }} }} }}")).await, most);
        let list = &data["viewer"]["shops"][0][list];
        let found = list.as_array().or(list["nodes"].as_array()).unwrap();
        assert_eq!(found.len(), count, "{data}");
    }
    let inbox = "{ viewer { shops { badges { unreadConversations } conversations(first: 20, filter: {isUnread: true, isArchived: false, \
                 isPinned: false}) { nodes { unreadCount } } } } }";
    let data = assert_takes(sellers[0].query(inbox).await, 4);
    let desk = &data["viewer"]["shops"][0];
    assert_eq!(desk["conversations"]["nodes"].as_array().unwrap().len(), 20);
    assert!(desk["badges"]["unreadConversations"].as_i64().unwrap() >= 20, "{data}");
}

#[actix_web::test]
async fn however_many_are_told_by_mail_it_is_one_statement() {
    let app = TestApp::start().await;
    let (sellers, goods) = sellers(&app, 1, 1).await;
    let shop = sellers[0].query("{ viewer { shops { shop { id } } } }").await.ok();
    let shop = shop["viewer"]["shops"][0]["shop"]["id"].clone();
    let buyer = app.sign_up("Buyer").await;
    let edited = async |key: &str| {
        let order = buyer.order(&[(&goods[0], 2)], "2.00", key).await.ok()["order"]["id"].clone();
        buyer.pay(order.as_str().unwrap(), "test_succeeds", key).await.ok();
        let document = "query($id: ID!) { node(id: $id) { ... on Order { version parts { id lines { id } } } } }";
        let seen = buyer.send(document, json!({"id": order})).await.ok()["node"].clone();
        let part = &seen["parts"][0];
        let input = json!({
            "orderPartId": part["id"], "expectedVersion": seen["version"], "idempotencyKey": key, "add": [],
            "remove": [{"orderLineId": part["lines"][0]["id"], "quantity": 1}],
            "expectedDifference": {"amount": "-1.00", "currency": "GBP"},
        });
        let answer = buyer.mutate("editOrderPart", input, "orderPart { id }").await;
        let statements = answer.statements.unwrap();
        answer.ok();
        statements
    };
    let of_one = edited("one").await;
    for number in 0..4 {
        let member = app.sign_up(&format!("Owner{number}")).await;
        let input = json!({"shopId": shop, "userId": member.id, "role": "OWNER"});
        sellers[0].mutate("addShopMember", input, "member { role }").await.ok();
        member.mutate("acceptShopMembership", json!({"shopId": shop}), "member { role }").await.ok();
    }
    let of_five = edited("five").await;
    assert!(of_five <= of_one, "{of_five} for five, {of_one} for one");
    let mails = "SELECT count(*) AS count FROM jobs WHERE kind = 'orders.shop_step_mail'";
    // That of the first edit was sent when the others signed up.
    assert_eq!(count(&mut app.connect(), mails), 5);
}

#[actix_web::test]
async fn lists_of_the_market() {
    let app = TestApp::start().await;
    let clerk = app.sign_up("Clerk").await;
    app.given_role(&clerk, "ADMIN");
    let seller = app.sign_up("Seller").await;
    let shop = seller.open_shop("Corner").await;
    for number in 0..10 {
        let input = json!({"name": format!("Category {number}")});
        clerk.mutate("createCategory", input, "category { id }").await.ok();
        let goods = seller.sell(&shop, &format!("Holder {number}"), "1.00", 10).await;
        clerk.order_one(&goods, &format!("k{number}")).await.ok();
        app.given_sql(&format!(
            "INSERT INTO jobs (id, kind, payload, state, run_at, attempts, last_error, created_at) \
             VALUES (gen_random_uuid(), 'nothing-{number}', '{{}}', 'DEAD', now(), 9, 'gone', now())"
        ));
    }
    for (path, document, most) in [
        ("/categories/nodes", "{ categories(first: 10) { nodes { id name } } }", 1),
        ("/staff/deadJobs/nodes", "{ staff { deadJobs(first: 10) { nodes { id kind lastError } } } }", 1),
        (
            "/viewer/events/nodes",
            "{ viewer { events(first: 10) { nodes { ... on OrderChanged { order { number total { amount } } } } } } }",
            6,
        ),
    ] {
        let data = assert_takes(clerk.query(document).await, most);
        assert_eq!(data.pointer(path).and_then(|nodes| nodes.as_array()).unwrap().len(), 10, "{data}");
    }
}

#[derive(QueryableByName)]
struct Twice {
    #[diesel(sql_type = BigInt)]
    twice: i64,
}

#[actix_web::test]
async fn what_is_asked_again_is_planned_once() {
    let app = TestApp::start().await;
    let mut conn = app.connect();
    for number in [1_i64, 2] {
        let found: Twice = Kept { sql: "SELECT 2 * $1 AS twice", given: (number.into_sql::<BigInt>(),) }
            .get_result(&mut conn)
            .unwrap();
        assert_eq!(found.twice, 2 * number);
    }
    let kept = "SELECT count(*) AS count FROM pg_prepared_statements WHERE statement LIKE '%AS twice'";
    assert_eq!(count(&mut conn, kept), 1);
}
