//! Who hears that something is low, or can be ordered again.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Shop, desk};
use crate::harness::{Client, TestApp};

const EVENTS: &str =
    "{ viewer { events(first: 50) { nodes { __typename ... on StockLow { cursor variant { id } } } } } }";

/// How many events of low stock somebody hears of.
async fn heard(client: &Client) -> usize {
    let events = client.query(EVENTS).await.ok()["viewer"]["events"]["nodes"].clone();
    events.as_array().unwrap().iter().filter(|event| event["__typename"] == "StockLow").count()
}

#[actix_web::test]
async fn who_keeps_the_stock_is_told_once_each_time_that_it_becomes_low() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let (packer, clerk) = (app.sign_up("Paula").await, app.sign_up("Carl").await);
    for (person, role) in [(&packer, "FULFILLMENT"), (&clerk, "SUPPORT")] {
        let member = json!({"shopId": shop.id, "userId": person.id, "role": role});
        shop.owner.mutate("addShopMember", member, "member { role }").await.ok();
        person.mutate("acceptShopMembership", json!({"shopId": shop.id}), "member { role }").await.ok();
    }
    shop.rule(json!({"lowStockThreshold": 8})).await;
    let buyer = app.sign_up("Bob").await;
    let mails = |email: &str| app.mails(email).into_iter().filter(|mail| mail.subject == "Mill is low on Lamp").count();
    let told = async || {
        app.run_jobs().await;
        [&shop.owner, &packer, &clerk, &buyer].map(|person| mails(&person.email))
    };
    buyer.order_one(&shop.lamp, "1").await.ok();
    assert_eq!(told().await, [0, 0, 0, 0]);
    buyer.order_one(&shop.lamp, "2").await.ok();
    assert_eq!(told().await, [1, 1, 0, 0]);
    let mail = app.mails(&packer.email).pop().unwrap();
    assert!(mail.text.contains(": 8.") && mail.unsubscribe.is_some(), "{mail:?}");
    // It stays low, moves, and becomes so again.
    buyer.order_one(&shop.lamp, "3").await.ok();
    shop.move_to(&shop.home, &shop.barn, 7).await.ok();
    assert_eq!(told().await, [1, 1, 0, 0]);
    shop.adjust(&shop.barn, 2).await;
    shop.adjust(&shop.barn, -1).await;
    assert_eq!(told().await, [2, 2, 0, 0]);
    // Who is told late is told only if it still is so.
    shop.adjust(&shop.barn, 2).await;
    shop.adjust(&shop.barn, -2).await;
    shop.adjust(&shop.barn, 5).await;
    assert_eq!(told().await, [2, 2, 0, 0]);
    let mut heard_by = Vec::new();
    for person in [&shop.owner, &packer, &clerk, &buyer] {
        heard_by.push(heard(person).await);
    }
    assert_eq!(heard_by, [3, 3, 3, 0]);
    let low = desk(&packer, "stock(filter: {isLow: true}) { totalCount }").await;
    assert_eq!(low["stock"]["totalCount"], 0);
}

async fn wait(client: &Client, variant: &str) -> Value {
    let answer = client.mutate("notifyWhenAvailable", json!({"variantId": variant}), "variant { isAwaited }").await;
    match answer.refusals().first() {
        Some((code, _)) => json!(code),
        None => answer.ok()["variant"]["isAwaited"].clone(),
    }
}

async fn awaited(client: &Client) -> Value {
    let document = "{ viewer { availabilityNotices { totalCount nodes { id } } } }";
    client.query(document).await.ok()["viewer"]["availabilityNotices"].clone()
}

#[actix_web::test]
async fn who_waits_is_told_once_and_waits_no_more() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let variant = &shop.lamp.variant;
    let (ada, bob, carl) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Carl").await);
    assert_eq!(wait(&ada, variant).await, "ALREADY_AVAILABLE");
    assert_eq!(wait(&ada, "variant_00000000000000000000000000").await, "NOT_FOUND");
    assert_eq!(awaited(&ada).await["totalCount"], 0);
    shop.adjust(&shop.home, -10).await;
    let off = json!({"notifications": [{"kind": "AVAILABILITY", "channels": ["IN_APP"]}]});
    carl.mutate("updatePreferences", off, "preferences { theme }").await.ok();
    for person in [&ada, &bob, &carl] {
        for _ in 0..2 {
            assert_eq!(wait(person, variant).await, true);
        }
        assert_eq!(awaited(person).await, json!({"totalCount": 1, "nodes": [{"id": variant}]}));
    }
    let forget = json!({"variantId": variant});
    for _ in 0..2 {
        let forgotten = bob.mutate("forgetAvailabilityNotice", forget.clone(), "variant { isAwaited }").await.ok();
        assert_eq!(forgotten["variant"]["isAwaited"], false);
    }
    let told = || {
        let back = |email: &str| {
            app.mails(email).into_iter().filter(|mail| mail.subject == "Lamp can be ordered again").count()
        };
        [&ada, &bob, &carl].map(|person| back(&person.email))
    };
    app.run_jobs().await;
    assert_eq!(told(), [0, 0, 0]);
    shop.adjust(&shop.barn, 1).await;
    app.run_jobs().await;
    assert_eq!(told(), [1, 0, 0]);
    let mail = app.mails(&ada.email).pop().unwrap();
    assert!(mail.text.contains("1.00 GBP") && mail.unsubscribe.unwrap().contains("/AVAILABILITY?"), "{}", mail.text);
    for person in [&ada, &carl] {
        assert_eq!(awaited(person).await["totalCount"], 0);
    }
    shop.adjust(&shop.barn, -1).await;
    shop.adjust(&shop.barn, 1).await;
    app.run_jobs().await;
    assert_eq!(told(), [1, 0, 0]);
}

#[actix_web::test]
async fn who_waits_goes_on_if_it_is_gone_before_they_are_told_or_not_for_sale() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let ada = app.sign_up("Ada").await;
    shop.adjust(&shop.home, -10).await;
    wait(&ada, &shop.lamp.variant).await;
    shop.adjust(&shop.home, 1).await;
    shop.adjust(&shop.home, -1).await;
    app.run_jobs().await;
    assert_eq!(awaited(&ada).await["totalCount"], 1);
    let status = async |status: &str, version: i32| {
        let input = json!({"productId": shop.lamp.product, "expectedVersion": version, "status": status});
        shop.owner.mutate("updateProduct", input, "product { version }").await.ok();
    };
    status("DRAFT", 1).await;
    assert_eq!(awaited(&ada).await, json!({"totalCount": 0, "nodes": []}));
    let eve = app.sign_up("Eve").await;
    assert_eq!(wait(&eve, &shop.lamp.variant).await, "NOT_FOUND");
    shop.adjust(&shop.home, 1).await;
    app.run_jobs().await;
    shop.adjust(&shop.home, -1).await;
    status("ACTIVE", 2).await;
    assert_eq!(awaited(&ada).await["totalCount"], 1);
    // That more may be ordered than is there is enough.
    shop.rule(json!({"backorderLimit": 1})).await;
    app.run_jobs().await;
    assert_eq!(awaited(&ada).await["totalCount"], 0);
    assert_eq!(app.mails(&ada.email).pop().unwrap().subject, "Lamp can be ordered again");
}

#[actix_web::test]
async fn who_begins_to_wait_while_it_comes_in_is_told_either_way() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    shop.adjust(&shop.home, -10).await;
    let mut people = Vec::new();
    for number in 0..8 {
        people.push(app.sign_up(&format!("Person{number}")).await);
    }
    let waiting = join_all(people.iter().map(|person| wait(person, &shop.lamp.variant)));
    let (outcomes, _) = tokio::join!(waiting, shop.adjust(&shop.home, 1));
    app.run_jobs().await;
    for (person, outcome) in people.iter().zip(outcomes) {
        let is_told = app.mails(&person.email).iter().any(|mail| mail.subject == "Lamp can be ordered again");
        assert_eq!(is_told, outcome == true, "{outcome}");
        assert_eq!(awaited(person).await["totalCount"], 0);
    }
}

#[actix_web::test]
async fn mail_waits_for_the_end_of_quiet_hours() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let ada = app.sign_up("Ada").await;
    let quiet = json!({"timeZone": "Europe/London", "quietHours": {"from": "11:00", "until": "13:30"}});
    ada.mutate("updatePreferences", quiet, "preferences { theme }").await.ok();
    shop.adjust(&shop.home, -10).await;
    wait(&ada, &shop.lamp.variant).await;
    shop.adjust(&shop.home, 1).await;
    let is_told = || app.mails(&ada.email).iter().any(|mail| mail.subject == "Lamp can be ordered again");
    app.run_jobs().await;
    assert!(!is_told());
    app.advance(chrono::TimeDelta::minutes(90));
    app.run_jobs().await;
    assert!(is_told());
}

#[actix_web::test]
async fn a_person_waits_for_at_most_five_hundred() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let ada = app.sign_up("Ada").await;
    let mug = shop.owner.sell(&shop.id, "Mug", "1.00", 0).await;
    app.given_sql(
        "INSERT INTO product_variants (id, product_id, shop_id, sku, title, ordinal, currency, price, created_at) \
         SELECT gen_random_uuid(), product_id, shop_id, 'N-' || n, '', n, currency, price, now() \
           FROM product_variants, generate_series(1, 500) n WHERE title = '' AND ordinal = 0 LIMIT 500",
    );
    app.given_sql(
        "INSERT INTO availability_notices SELECT users.id, product_variants.id, now() FROM users, product_variants \
          WHERE users.display_name = 'Ada' AND sku LIKE 'N-%'",
    );
    assert_eq!(wait(&ada, &mug.variant).await, "TOO_MANY");
    assert_eq!(awaited(&ada).await["totalCount"], 500);
}
