//! What many do at once: nothing sold twice, nothing done twice, nothing lost.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{TestApp, app::Person},
    orders::assert_books,
};

async fn people(app: &TestApp, count: usize) -> Vec<Person> {
    let mut people = Vec::with_capacity(count);
    for number in 0..count {
        people.push(app.sign_up(&format!("Buyer{number}")).await);
    }
    people
}

#[actix_web::test]
async fn sixty_four_buyers_of_ten_pieces_while_others_look() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Sally").await;
    let shop = seller.open_shop("Candles").await;
    let goods = seller.sell(&shop, "Holder", "1.00", 10).await;
    let buyers = people(&app, 64).await;

    let buying = join_all(buyers.iter().map(|buyer| buyer.order_one(&goods, "one")));
    let guest = app.guest();
    let looking = async {
        let mut seen = Vec::new();
        for _ in 0..50 {
            seen.push(guest.available(&goods).await);
        }
        seen
    };
    let (outcomes, seen) = tokio::join!(buying, looking);
    let refused =
        outcomes.iter().filter(|outcome| outcome.refusals().iter().any(|(code, _)| code == "OUT_OF_STOCK")).count();
    let placed = outcomes.iter().filter(|outcome| outcome.refusals().is_empty()).count();
    assert_eq!((placed, refused), (10, 54));
    assert!(seen.iter().all(|available| (0..=10).contains(available)), "{seen:?}");
    assert!(seen.windows(2).all(|pair| pair[0] >= pair[1]), "{seen:?}");
    assert_eq!(guest.available(&goods).await, 0);
    assert_books(&app).await;
}

#[actix_web::test]
async fn one_key_thirty_two_times_at_once_is_one_order() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Sally").await;
    let shop = seller.open_shop("Candles").await;
    let goods = seller.sell(&shop, "Holder", "1.00", 100).await;
    let buyer = app.sign_up("Bob").await;
    let outcomes = join_all((0..32).map(|_| buyer.order_one(&goods, "same"))).await;
    let replayed = outcomes.iter().filter(|outcome| outcome.extensions["replayed"] == true).count();
    assert_eq!(replayed, 31);
    let orders: BTreeSet<String> = outcomes.into_iter().map(|outcome| outcome.ok()["order"].to_string()).collect();
    assert_eq!(orders.len(), 1);
    assert_eq!(app.guest().available(&goods).await, 99);

    // The refusal of one key is one refusal, too.
    let lines = [(&goods, 1_000)];
    let outcomes = join_all((0..32).map(|_| buyer.order(&lines, "1000.00", "too many"))).await;
    assert!(outcomes.iter().all(|outcome| outcome.refusal().0 == "OUT_OF_STOCK"));
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_paid_and_cancelled_at_once_is_one_of_the_two_or_its_money_goes_back() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Sally").await;
    let shop = seller.open_shop("Candles").await;
    let goods = seller.sell(&shop, "Holder", "1.00", 100).await;
    let buyer = app.sign_up("Bob").await;
    let mut winners = BTreeSet::new();
    for round in 0..24 {
        let order =
            buyer.order_one(&goods, &format!("o{round}")).await.ok()["order"]["id"].as_str().unwrap().to_owned();
        let key = format!("p{round}");
        let pay = buyer.pay(&order, "test_succeeds", &key);
        let cancel = buyer.cancel(&order);
        // Whoever is asked first tends to win, so both get the chance.
        let (paid, cancelled) = if round % 2 == 0 {
            tokio::join!(pay, cancel)
        } else {
            let (cancelled, paid) = tokio::join!(cancel, pay);
            (paid, cancelled)
        };
        let (paid, cancelled) = (paid.refusals().is_empty(), cancelled.refusals().is_empty());
        assert!(paid || cancelled);
        winners.insert(paid);
        app.run_jobs().await;
        let document = "query($id: ID!) { node(id: $id) { ... on Order { lifecycle paymentState } } }";
        let found = buyer.send(document, json!({"id": order})).await.ok()["node"].clone();
        let expected = match (paid, cancelled) {
            (true, false) => ("OPEN", "PAID"),
            (true, true) => ("CANCELLED", "PAID"),
            (false, _) => ("CANCELLED", "UNPAID"),
        };
        assert_eq!((found["lifecycle"].as_str().unwrap(), found["paymentState"].as_str().unwrap()), expected);
    }
    assert_books(&app).await;
}

#[actix_web::test]
async fn an_order_is_paid_once_however_often_it_is_tried() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Sally").await;
    let shop = seller.open_shop("Candles").await;
    let goods = seller.sell(&shop, "Holder", "1.00", 100).await;
    let buyer = app.sign_up("Bob").await;
    let order = buyer.order_one(&goods, "o").await.ok()["order"]["id"].as_str().unwrap().to_owned();
    let keys: Vec<String> = (0..16).map(|number| format!("key {number}")).collect();
    let outcomes = join_all(keys.iter().map(|key| buyer.pay(&order, "test_succeeds", key))).await;
    let paid = outcomes.iter().filter(|outcome| outcome.refusals().is_empty()).count();
    assert_eq!(paid, 1);
    assert_books(&app).await;
}

#[actix_web::test]
async fn numbers_are_dense_and_events_in_order_however_many_write() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let started = ada.mutate("startConversation", json!({"userId": bob.id}), "conversation { id }").await.ok();
    let conversation = started["conversation"]["id"].as_str().unwrap().to_owned();
    let keys: Vec<String> = (0..40).map(|number| number.to_string()).collect();
    let sends = keys.iter().flat_map(|key| {
        [&ada, &bob].map(|person| {
            let input = json!({"conversationId": conversation, "text": "Hello", "idempotencyKey": key});
            person.mutate("sendMessage", input, "message { number }")
        })
    });
    let mut numbers: Vec<i64> =
        join_all(sends).await.into_iter().map(|sent| sent.ok()["message"]["number"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=80).collect::<Vec<_>>());

    // The log tells them in the order of their numbers.
    let mut told: Vec<Value> = Vec::new();
    let mut after = Value::Null;
    while told.len() < 80 {
        let document = "query($after: String) { viewer { events(first: 100, after: $after) { edges { cursor node { ... on \
                        MessageSent { message { number } } } } } } }";
        let edges = ada.send(document, json!({"after": after})).await.ok()["viewer"]["events"]["edges"].clone();
        for edge in edges.as_array().unwrap() {
            after = edge["cursor"].clone();
            told.push(edge["node"]["message"]["number"].clone());
        }
    }
    assert_eq!(told, (1..=80).map(|number| json!(number)).collect::<Vec<_>>());
    assert_books(&app).await;
}
