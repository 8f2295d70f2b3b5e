//! Finding orders: buyers their own, and shops what they have to do.

use agora::{kernel::id::Id, orders::model::Order, platform::config::CaptureTime};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, app::Person, market::Goods};

/// A variant with a code of its own. No order's number has a letter like I or O, so none of them begins like these.
async fn sell(seller: &Client, shop: &str, title: &str, sku: &str) -> Goods {
    let variant = json!({"price": {"amount": "1.00", "currency": "GBP"}, "quantity": 100, "sku": sku});
    let input = json!({"shopId": shop, "title": title, "variants": [variant]});
    let made = seller.mutate("createProduct", input, "product { id variants { id } }").await.ok();
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let product = &made["product"];
    Goods { product: id(product), variant: id(&product["variants"][0]), price: "1.00" }
}

struct Market {
    app: TestApp,
    seller: Person,
    buyer: Person,
    /// The numbers of the buyer's orders, oldest first.
    numbers: Vec<String>,
    ids: Vec<String>,
}

/// Five orders of Bob's, a second apart: a lamp that is unpaid, a lamp that is paid, one that is called off, a rug of another
/// shop that is sent, and a lamp with a rug. And one of Ida's.
async fn market() -> Market {
    market_that_takes(CaptureTime::AtPayment).await
}

/// The same, where money is taken at this time: what is paid is only promised before.
async fn market_that_takes(money: CaptureTime) -> Market {
    let app = TestApp::start_with(|settings| settings.checkout.capture = money).await;
    let (seller, other) = (app.sign_up("Sally").await, app.sign_up("Rita").await);
    let (buyer, ida) = (app.sign_up("Bob").await, app.sign_up("Ida").await);
    let (corner, barn) = (seller.open_shop("Corner").await, other.open_shop("Barn").await);
    let lamp = sell(&seller, &corner, "Blue Lamp", "LIO-50%").await;
    let rug = sell(&other, &barn, "Café Rug", "RU_1").await;
    let (mut numbers, mut ids) = (Vec::new(), Vec::new());
    for (place, lines) in [vec![&lamp], vec![&lamp], vec![&lamp], vec![&rug], vec![&lamp, &rug]].into_iter().enumerate()
    {
        app.advance(TimeDelta::seconds(1));
        let total = format!("{}.00", lines.len());
        let lines: Vec<_> = lines.into_iter().map(|goods| (goods, 1)).collect();
        let order = buyer.order(&lines, &total, &format!("k{place}")).await.ok()["order"].clone();
        let id = order["id"].as_str().unwrap().to_owned();
        numbers.push(order["number"].as_str().unwrap().to_owned());
        if place == 1 || place == 3 {
            buyer.pay(&id, "test_succeeds", &format!("p{place}")).await.ok();
            app.run_jobs().await;
        }
        if place == 2 {
            buyer.cancel(&id).await.ok();
        }
        if place == 3 {
            let sent = json!({"orderPartId": order["parts"][0]["id"], "isShipped": true, "idempotencyKey": "s"});
            other.mutate("createShipment", sent, "shipment { id }").await.ok();
        }
        ids.push(id);
    }
    app.advance(TimeDelta::seconds(1));
    ida.order_one(&lamp, "ida").await.ok();
    Market { app, seller, buyer, numbers, ids }
}

async fn ask(client: &Client, list: &str, kind: &str, filter: &Value) -> Answer {
    let document = format!("query($filter: {kind}!) {{ viewer {{ {list} }} }}");
    client.send(&document, json!({"filter": filter})).await
}

/// Which of the buyer's orders a filter leaves, by their places, newest first.
async fn found(market: &Market, filter: Value) -> Vec<usize> {
    let list = "orders(filter: $filter) { totalCount nodes { number } }";
    let data = ask(&market.buyer, list, "OrderFilterInput", &filter).await.ok();
    places(market, &data["viewer"]["orders"], "number")
}

/// The same of the parts that the first shop has; the place of what others have ordered is 9.
async fn parts(market: &Market, filter: Value) -> Vec<usize> {
    let list = "shops { orders(filter: $filter) { totalCount nodes { orderNumber } } }";
    let data = ask(&market.seller, list, "OrderPartFilterInput", &filter).await.ok();
    places(market, &data["viewer"]["shops"][0]["orders"], "orderNumber")
}

fn places(market: &Market, list: &Value, field: &str) -> Vec<usize> {
    let nodes = list["nodes"].as_array().unwrap();
    assert_eq!(list["totalCount"], nodes.len(), "the count follows the filter");
    let place = |node: &Value| market.numbers.iter().position(|number| node[field] == **number).unwrap_or(9);
    nodes.iter().map(place).collect()
}

#[actix_web::test]
async fn each_filter_leaves_what_it_says() {
    let market = market().await;
    assert_eq!(found(&market, json!({})).await, [4, 3, 2, 1, 0]);
    assert_eq!(parts(&market, json!({})).await, [9, 4, 2, 1, 0]);
    for (filter, orders, desk) in [
        (json!({"lifecycle": "OPEN"}), vec![4, 3, 1, 0], vec![9, 4, 1, 0]),
        (json!({"lifecycle": "CANCELLED"}), vec![2], vec![2]),
        (json!({"lifecycle": "COMPLETED"}), vec![], vec![]),
        (json!({"paymentState": "PAID"}), vec![3, 1], vec![1]),
        (json!({"paymentState": "UNPAID"}), vec![4, 2, 0], vec![9, 4, 2, 0]),
        (json!({"paymentState": "UNPAID", "lifecycle": "OPEN"}), vec![4, 0], vec![9, 4, 0]),
        (json!({"fulfillmentState": "SHIPPED"}), vec![3], vec![]),
        (json!({"fulfillmentState": "UNFULFILLED"}), vec![4, 2, 1, 0], vec![9, 4, 2, 1, 0]),
        (json!({"fulfillmentState": "UNFULFILLED", "query": "rug"}), vec![4], vec![]),
    ] {
        assert_eq!(found(&market, filter.clone()).await, orders, "{filter}");
        assert_eq!(parts(&market, filter.clone()).await, desk, "{filter}");
    }
    // The moment that begins a span is in it, the one that ends it is not.
    let document = "{ viewer { orders { nodes { placedAt } } } }";
    let data = market.buyer.query(document).await.ok();
    let at = |place: usize| data["viewer"]["orders"]["nodes"][4 - place]["placedAt"].clone();
    let span = json!({"placedFrom": at(1), "placedBefore": at(3)});
    assert_eq!(found(&market, span.clone()).await, [2, 1]);
    assert_eq!(parts(&market, span).await, [2, 1]);
    let none = json!({"placedFrom": at(3), "placedBefore": at(1)});
    assert_eq!(found(&market, none).await, [] as [usize; 0]);
}

/// Which of the first shop's parts its owner can pack or send, by their places, newest first, and of which the money is promised.
async fn sendable(market: &Market) -> (Vec<usize>, Vec<usize>) {
    let document = "{ viewer { shops { orders { nodes { orderNumber allowedActions authorizedUntil } } } } }";
    let data = market.seller.query(document).await.ok();
    let nodes = data["viewer"]["shops"][0]["orders"]["nodes"].as_array().unwrap();
    let places = |wanted: fn(&Value) -> bool| {
        let place =
            |node: &Value| market.numbers.iter().position(|number| node["orderNumber"] == **number).unwrap_or(9);
        nodes.iter().filter(|node| wanted(node)).map(place).collect::<Vec<_>>()
    };
    let can_leave = |node: &Value| {
        let actions = node["allowedActions"].as_array().unwrap();
        ["PACK", "SHIP"].iter().any(|action| actions.contains(&json!(action)))
    };
    (places(can_leave), places(|node| node["authorizedUntil"].is_string()))
}

#[actix_web::test]
async fn what_is_to_be_sent_is_what_can_be_packed_or_sent_wherever_its_money_is() {
    for money in [CaptureTime::AtPayment, CaptureTime::AtShipment] {
        let market = market_that_takes(money).await;
        let check = async |wanted: &[usize], when: &str| {
            let others: Vec<usize> = [9, 4, 2, 1, 0].into_iter().filter(|place| !wanted.contains(place)).collect();
            assert_eq!(parts(&market, json!({"isToBeSent": true})).await, wanted, "{money:?}, {when}");
            assert_eq!(parts(&market, json!({"isToBeSent": false})).await, others, "{money:?}, {when}");
            assert_eq!(sendable(&market).await.0, wanted, "{money:?}, {when}");
        };
        check(&[1], "one of two that are open is paid").await;
        market.buyer.pay(&market.ids[4], "test_succeeds", "last").await.ok();
        market.app.run_jobs().await;
        check(&[4, 1], "both are paid").await;
        let promised: &[usize] = if money == CaptureTime::AtShipment { &[4, 1] } else { &[] };
        assert_eq!(sendable(&market).await.1, promised);
        assert_eq!(parts(&market, json!({"isToBeSent": true, "query": "lamp", "lifecycle": "OPEN"})).await, [4, 1]);

        let document = "{ viewer { shops { orders { nodes { id } } } } }";
        let part = market.seller.query(document).await.ok()["viewer"]["shops"][0]["orders"]["nodes"][3]["id"].clone();
        let packed = json!({"orderPartId": part, "idempotencyKey": "pack"});
        let packed = market.seller.mutate("createShipment", packed, "shipment { id }").await.ok();
        check(&[4, 1], "what is packed has still to leave").await;
        let sent = json!({"shipmentId": packed["shipment"]["id"], "status": "SHIPPED"});
        market.seller.mutate("updateShipment", sent, "shipment { id }").await.ok();
        market.app.run_jobs().await;
        check(&[4], "one is sent").await;
        // What a bank asks about stays.
        crate::disputes::given(&market.app);
        check(&[4], "the bank has decided").await;
        market.app.given_sql("UPDATE payment_disputes SET status = 'NEEDS_RESPONSE'");
        check(&[], "the bank asks").await;
        market.app.given_sql("DELETE FROM payment_disputes");
        // Nor is anything sent that goes back.
        if money == CaptureTime::AtPayment {
            market.buyer.cancel(&market.ids[4]).await.ok();
            check(&[], "it is called off").await;
        }
    }
    // Only shops have something to send.
    let market = market().await;
    let list = "orders(filter: $filter) { nodes { id } }";
    let refused = ask(&market.buyer, list, "OrderFilterInput", &json!({"isToBeSent": true})).await;
    assert!(["BAD_USER_INPUT", "VALIDATION_FAILED"].contains(&refused.code()), "{refused:#?}");
}

#[actix_web::test]
async fn the_payment_state_is_the_one_that_an_order_says() {
    let market = market().await;
    let balance = |place: usize, minor: i64| {
        let id: Id<Order> = market.ids[place].parse().unwrap();
        market.app.given_sql(&format!(
            "INSERT INTO accounts (id, kind, owner_id, currency, balance) \
             VALUES (gen_random_uuid(), 'ORDER', '{0}', 'GBP', {minor}) \
             ON CONFLICT (kind, owner_id, currency) DO UPDATE SET balance = {minor}",
            id.uuid()
        ));
    };
    // Half paid, paid too much, called off with money still here, and less than nothing.
    for (place, minor) in [(4, 150), (1, 101), (2, 1), (0, -5)] {
        balance(place, minor);
    }
    let document = "{ viewer { orders { nodes { paymentState } } } }";
    let data = market.buyer.query(document).await.ok();
    let nodes = data["viewer"]["orders"]["nodes"].as_array().unwrap();
    let states: Vec<_> = nodes.iter().map(|node| node["paymentState"].as_str().unwrap()).collect();
    assert_eq!(states, ["PARTIALLY_PAID", "PAID", "OVERPAID", "OVERPAID", "UNPAID"]);
    for state in ["UNPAID", "PARTIALLY_PAID", "PAID", "OVERPAID"] {
        let so: Vec<_> = states.iter().zip((0..5).rev()).filter(|(it, _)| **it == state).map(|(_, at)| at).collect();
        assert_eq!(found(&market, json!({"paymentState": state})).await, so, "{state}");
        let mut desk: Vec<_> = so.into_iter().filter(|place| *place != 3).collect();
        if state == "UNPAID" {
            desk.insert(0, 9);
        }
        assert_eq!(parts(&market, json!({"paymentState": state})).await, desk, "{state}");
    }
}

#[actix_web::test]
async fn orders_are_found_by_what_is_known_of_them() {
    let market = market().await;
    let number = market.numbers[1].clone();
    for typed in [number.clone(), number.to_lowercase(), number.replace('-', ""), format!(" {} ", &number[..6])] {
        assert_eq!(found(&market, json!({"query": typed})).await, [1], "{typed}");
        assert_eq!(parts(&market, json!({"query": typed})).await, [1], "{typed}");
    }
    assert_eq!(found(&market, json!({"query": &number[1..]})).await, [] as [usize; 0], "not from its middle");
    for (typed, orders, desk) in [
        ("lio-50%", vec![4, 2, 1, 0], vec![9, 4, 2, 1, 0]),
        ("LIO", vec![4, 2, 1, 0], vec![9, 4, 2, 1, 0]),
        ("ru_", vec![4, 3], vec![]),
        ("lamp blue", vec![4, 2, 1, 0], vec![9, 4, 2, 1, 0]),
        ("CAFÉ", vec![4, 3], vec![]),
        ("caf ru", vec![4, 3], vec![]),
        ("lamp rug", vec![], vec![]),
        // Only shops look for people.
        ("bob", vec![], vec![4, 2, 1, 0]),
        ("ID", vec![], vec![9]),
        ("%", vec![], vec![]),
        ("_", vec![], vec![]),
        ("LI%", vec![], vec![]),
        ("-", vec![], vec![]),
        ("\\", vec![], vec![]),
        ("'; --", vec![], vec![]),
        ("a & !b | (", vec![], vec![]),
        ("\u{0}", vec![4, 3, 2, 1, 0], vec![9, 4, 2, 1, 0]),
        ("  ", vec![4, 3, 2, 1, 0], vec![9, 4, 2, 1, 0]),
    ] {
        assert_eq!(found(&market, json!({"query": typed})).await, orders, "{typed}");
        assert_eq!(parts(&market, json!({"query": typed})).await, desk, "{typed}");
    }
}

#[actix_web::test]
async fn what_cannot_be_meant_is_refused() {
    let market = market().await;
    let list = "orders(filter: $filter) { nodes { id } }";
    for filter in [
        json!({"query": "x".repeat(201)}),
        json!({"placedFrom": "-4800-01-01T00:00:00Z"}),
        json!({"lifecycle": "LOST"}),
        json!({"placedBefore": "yesterday"}),
    ] {
        let answer = ask(&market.buyer, list, "OrderFilterInput", &filter).await;
        assert!(["BAD_USER_INPUT", "VALIDATION_FAILED"].contains(&answer.code()), "{filter}: {answer:#?}");
    }
    assert_eq!(found(&market, json!({"query": "x".repeat(200)})).await, [] as [usize; 0]);
}

#[actix_web::test]
async fn pages_of_a_filter_are_its_own() {
    let market = market().await;
    let page = async |arguments: &str| {
        let document = format!(
            "{{ viewer {{ orders({arguments}) {{ totalCount nodes {{ number }} pageInfo {{ endCursor hasNextPage }} }} }} }}"
        );
        market.buyer.query(&document).await
    };
    let numbers = |list: &Value| {
        let nodes = list["nodes"].as_array().unwrap();
        let at = |node: &Value| market.numbers.iter().position(|number| node["number"] == **number).unwrap();
        nodes.iter().map(at).collect::<Vec<_>>()
    };
    let first = page("first: 2, filter: {query: \"lamp\"}").await.ok()["viewer"]["orders"].clone();
    assert_eq!((numbers(&first), &first["totalCount"]), (vec![4, 2], &json!(4)));
    let cursor = &first["pageInfo"]["endCursor"];
    let second = page(&format!("first: 2, after: {cursor}, filter: {{query: \"lamp\"}}")).await.ok();
    assert_eq!(numbers(&second["viewer"]["orders"]), [1, 0]);
    assert_eq!(second["viewer"]["orders"]["pageInfo"]["hasNextPage"], false);
    for other in ["", ", filter: {query: \"blue\"}", ", filter: {query: \"lamp\", lifecycle: OPEN}"] {
        let answer = page(&format!("first: 2, after: {cursor}{other}")).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{other}");
    }
    // A list that nothing narrows is one, whatever it is called with.
    let all = page("first: 2").await.ok()["viewer"]["orders"]["pageInfo"]["endCursor"].clone();
    let rest = page(&format!("first: 9, after: {all}, filter: {{query: \" \"}}")).await.ok();
    assert_eq!(numbers(&rest["viewer"]["orders"]), [2, 1, 0]);
}

#[actix_web::test]
async fn a_page_takes_as_many_statements_as_without_a_filter() {
    let market = market().await;
    let filter = json!({"query": "lamp", "paymentState": "UNPAID", "lifecycle": "OPEN"});
    let list = "orders(filter: $filter) { nodes { number parts { lines { title } } } }";
    let answer = ask(&market.buyer, list, "OrderFilterInput", &filter).await;
    assert!(answer.statements.unwrap() <= 2, "{answer:#?}");
    answer.ok();
    let list = "shops { orders(filter: $filter) { nodes { orderNumber lines { title } } } }";
    for filter in [filter, json!({"isToBeSent": false})] {
        let answer = ask(&market.seller, list, "OrderPartFilterInput", &filter).await;
        assert!(answer.statements.unwrap() <= 3, "{answer:#?}");
        answer.ok();
    }
    // Those who see it, and until when it is promised: two more.
    let list = "shops { orders(filter: $filter) { nodes { orderNumber authorizedUntil } } }";
    let answer = ask(&market.seller, list, "OrderPartFilterInput", &json!({})).await;
    assert!(answer.statements.unwrap() <= 6, "{answer:#?}");
    answer.ok();
}

#[actix_web::test]
async fn staff_find_any_order_by_its_number() {
    let market = market().await;
    let clerk = market.app.sign_up("Clerk").await;
    market.app.given_role(&clerk, "SUPPORT");
    let asked = async |filter: &Value| {
        let document = "query($filter: StaffOrderFilterInput!) { staff { orders(filter: $filter) { totalCount nodes { \
                        number buyer { displayName } parts { shop { name } } } } } }";
        clerk.send(document, json!({"filter": filter})).await
    };
    let everything = vec![9, 4, 3, 2, 1, 0];
    let number = market.numbers[1].clone();
    let span = "2026-11-20T12:00:02Z";
    for (filter, found) in [
        (json!({}), everything.clone()),
        (json!({"number": " "}), everything),
        (json!({"number": number}), vec![1]),
        (json!({"number": number.to_lowercase()}), vec![1]),
        (json!({"number": number.replace('-', "")}), vec![1]),
        (json!({"number": &number[..6]}), vec![1]),
        (json!({"number": &number[1..]}), vec![]),
        (json!({"number": number, "lifecycle": "CANCELLED"}), vec![]),
        (json!({"lifecycle": "CANCELLED"}), vec![2]),
        (json!({"paymentState": "PAID"}), vec![3, 1]),
        (json!({"placedFrom": span, "paymentState": "PAID"}), vec![3, 1]),
        (json!({"placedBefore": span}), vec![0]),
        // Of what was bought, and of who bought it, nothing is looked for.
        (json!({"number": "lio-50"}), vec![]),
        (json!({"number": "bob"}), vec![]),
        (json!({"number": "%"}), vec![]),
        (json!({"number": "-"}), vec![]),
    ] {
        let answer = asked(&filter).await;
        // One each of orders, their people, parts and shops, however many there are.
        assert!(answer.statements.unwrap() <= 6, "{answer:#?}");
        assert_eq!(places(&market, &answer.ok()["staff"]["orders"], "number"), found, "{filter}");
    }
    assert_eq!(asked(&json!({"number": "x".repeat(201)})).await.code(), "BAD_USER_INPUT");
    // Page by page; a cursor of another filter is none.
    let page = async |arguments: &str| {
        clerk
            .query(&format!(
                "{{ staff {{ orders({arguments}) {{ totalCount nodes {{ number }} pageInfo {{ endCursor }} }} }} }}"
            ))
            .await
    };
    let first = page("first: 4").await.ok()["staff"]["orders"].clone();
    let cursor = &first["pageInfo"]["endCursor"];
    let rest = page(&format!("first: 4, after: {cursor}")).await.ok()["staff"]["orders"]["nodes"].clone();
    assert_eq!((first["nodes"].as_array().unwrap().len(), &rest[1]["number"]), (4, &json!(market.numbers[0])));
    let other = page(&format!("first: 4, after: {cursor}, filter: {{lifecycle: OPEN}}")).await;
    assert_eq!(other.code(), "BAD_USER_INPUT");
    for who in [&market.buyer, &market.seller] {
        assert_eq!(who.query("{ staff { orders { totalCount } } }").await.ok()["staff"], Value::Null);
    }
}
