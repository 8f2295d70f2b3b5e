//! What many do at once: nothing sold twice, nothing done twice, nothing lost.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{TestApp, app::Person, held::Held},
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

/// Has two things asked for that both want the order, of which one gets it before the other.
async fn one_after_the_other<A, B>(
    app: &TestApp,
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> (A, B) {
    let held = Held::by(app, "SELECT FROM orders FOR UPDATE");
    let rest = async {
        held.waited_for_by(app, 1).await;
        let release = async {
            held.waited_for_by(app, 2).await;
            held.release();
        };
        tokio::join!(second, release).0
    };
    tokio::join!(first, rest)
}

#[actix_web::test]
async fn what_is_paid_and_cancelled_at_once_is_one_of_the_two_or_its_money_goes_back() {
    const ROUNDS: usize = 24;
    let app = TestApp::start().await;
    let seller = app.sign_up("Sally").await;
    let shop = seller.open_shop("Candles").await;
    let goods = seller.sell(&shop, "Holder", "1.00", 100).await;
    let buyer = app.sign_up("Bob").await;
    let mut outcomes: BTreeMap<(bool, bool), usize> = BTreeMap::new();
    for round in 0..ROUNDS {
        let order =
            buyer.order_one(&goods, &format!("o{round}")).await.ok()["order"]["id"].as_str().unwrap().to_owned();
        let key = format!("p{round}");
        let pay = buyer.pay(&order, "test_succeeds", &key);
        let cancel = buyer.cancel(&order);
        // Whoever comes first has it their way; and where nobody is kept waiting, whoever is asked first tends to be.
        let (paid, cancelled) = match round % 4 {
            0 => one_after_the_other(&app, pay, cancel).await,
            1 => {
                let (cancelled, paid) = one_after_the_other(&app, cancel, pay).await;
                (paid, cancelled)
            }
            2 => tokio::join!(pay, cancel),
            _ => {
                let (cancelled, paid) = tokio::join!(cancel, pay);
                (paid, cancelled)
            }
        };
        let code = |refusals: Vec<(String, String)>| refusals.into_iter().next().map(|(code, _)| code);
        let (paid, cancelled) = (code(paid.refusals()), code(cancelled.refusals()));
        // Lifecycle, state, what is paid, and what has gone back.
        let expected = match (paid.as_deref(), cancelled.as_deref()) {
            (None, Some("PAYMENT_IN_PROGRESS")) => ["OPEN", "PAID", "1.00", "0.00"],
            (None, None) => ["CANCELLED", "PAID", "0.00", "1.00"],
            (Some("ORDER_NOT_PAYABLE"), None) => ["CANCELLED", "UNPAID", "0.00", "0.00"],
            other => panic!("round {round}: {other:?}"),
        };
        match round % 4 {
            0 => assert_eq!(paid, None, "round {round}: it was to be paid first"),
            1 => assert!(paid.is_some(), "round {round}: it was called off before"),
            _ => {}
        }
        *outcomes.entry((paid.is_none(), cancelled.is_none())).or_default() += 1;
        app.run_jobs().await;
        let document = "query($id: ID!) { node(id: $id) { ... on Order { lifecycle paymentState amountPaid { amount } \
                        amountRefunded { amount } } } }";
        let found = buyer.send(document, json!({"id": order})).await.ok()["node"].clone();
        let found = [
            &found["lifecycle"],
            &found["paymentState"],
            &found["amountPaid"]["amount"],
            &found["amountRefunded"]["amount"],
        ];
        assert_eq!(found, expected, "round {round}");
    }
    let of = |paid, cancelled| outcomes.get(&(paid, cancelled)).copied().unwrap_or_default();
    let (kept, returned, unpaid) = (of(true, false), of(true, true), of(false, true));
    assert_eq!(kept + returned + unpaid, ROUNDS, "{outcomes:?}");
    assert!(kept + returned >= ROUNDS / 4 && unpaid >= ROUNDS / 4, "{outcomes:?}");
    // A piece is gone with each order that nobody called off, and money has come for each that was paid.
    assert_eq!(app.guest().available(&goods).await, 100 - i64::try_from(kept).unwrap());
    for (what, times) in [
        ("transfers WHERE cause = 'PAYMENT'", kept + returned),
        ("transfers WHERE cause = 'SALE'", kept + returned),
        ("refunds WHERE status = 'SUCCEEDED'", returned),
    ] {
        let found = count(&mut app.connect(), &format!("SELECT count(*) AS count FROM {what}"));
        assert_eq!(found, i64::try_from(times).unwrap(), "{what}");
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
