//! What people have looked at: who is shown it, and when nothing of it is kept.

use agora::{
    platform::caller::Caller,
    recommendations::service::{forget_tallies, sweep_views},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    privacy::{lines, sign_in, uuid},
    reviews::refusal,
};

async fn market(titles: &[&str]) -> (TestApp, Person, Vec<Goods>) {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let mut goods = Vec::new();
    for title in titles {
        goods.push(seller.sell(&shop, title, "1.00", 9).await);
    }
    (app, seller, goods)
}

pub fn views(goods: &[&Goods]) -> Value {
    goods.iter().map(|goods| json!({"productId": goods.product})).collect()
}

/// Tells of views. Returns a guest's token.
pub async fn record(client: &Client, views: Value, visitor: &Value) -> Value {
    let input = json!({"views": views, "visitorToken": visitor});
    client.mutate("recordViews", input, "visitorToken").await.ok()["visitorToken"].clone()
}

async fn titles(person: &Client, arguments: &str) -> (Vec<String>, Value) {
    let document = format!(
        "{{ viewer {{ recentlyViewed({arguments}) {{ totalCount nodes {{ title }} pageInfo {{ endCursor hasNextPage }} }} }} }}"
    );
    let answer = person.query(&document).await;
    assert!(answer.statements.unwrap() <= 4, "{answer:?}");
    let list = answer.ok()["viewer"]["recentlyViewed"].clone();
    let titles = list["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned());
    (titles.collect(), list)
}

async fn seen(person: &Client) -> Vec<String> {
    titles(person, "first: 100").await.0
}

async fn clear(client: &Client, input: Value) -> Answer {
    client.mutate("clearHistory", input, "").await
}

fn kept(app: &TestApp) -> i64 {
    count(&mut app.connect(), "SELECT count(*) AS count FROM product_views")
}

#[actix_web::test]
async fn people_see_what_they_looked_at_last_and_nobody_else_does() {
    let (app, seller, goods) = market(&["Lamp", "Mug", "Bowl"]).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let [lamp, mug, bowl] = &goods[..] else { panic!() };
    for one in [lamp, mug, bowl] {
        assert_eq!(record(&ada, views(&[one, one]), &Value::Null).await, Value::Null);
        app.advance(TimeDelta::seconds(1));
    }
    assert_eq!(seen(&ada).await, ["Bowl", "Mug", "Lamp"]);
    // Once more, it is the last one again; what a client tells late takes its place.
    record(&ada, views(&[lamp]), &Value::Null).await;
    let late = json!([{"productId": mug.product, "viewedAt": "2026-11-20T11:00:00Z"},
                      {"productId": bowl.product, "viewedAt": "2026-11-20T11:00:00Z"}]);
    record(&ada, late, &Value::Null).await;
    let (first, list) = titles(&ada, "first: 2").await;
    assert_eq!((first, &list["totalCount"]), (vec!["Lamp".to_owned(), "Bowl".to_owned()], &json!(3)));
    let next = titles(&ada, &format!("first: 2, after: {}", list["pageInfo"]["endCursor"])).await;
    assert_eq!((next.0, &next.1["pageInfo"]["hasNextPage"]), (vec!["Mug".to_owned()], &json!(false)));
    assert_eq!(titles(&ada, "last: 1").await.0, ["Mug"]);
    assert_eq!((seen(&bob).await, kept(&app)), (Vec::new(), 3));

    // What is not for sale is not shown, and nothing is said of it.
    let archive = json!({"productId": bowl.product, "expectedVersion": 1, "status": "ARCHIVED"});
    seller.mutate("updateProduct", archive, "product { id }").await.ok();
    assert_eq!(seen(&ada).await, ["Lamp", "Mug"]);
    record(&bob, views(&[bowl]), &Value::Null).await;
    let old = json!([{"productId": mug.product, "viewedAt": "2026-11-19T11:59:00Z"},
                     {"productId": "product_00000000000000000000000000"}]);
    record(&bob, old, &Value::Null).await;
    assert_eq!(kept(&app), 3);
    let many: Value = (0..51).map(|_| json!({"productId": lamp.product})).collect();
    let many = ada.mutate("recordViews", json!({"views": many}), "visitorToken").await;
    assert_eq!(many.refusal(), refusal("TOO_MANY", "views"));
    assert_eq!(app.guest().query("{ viewer { recentlyViewed { nodes { id } } } }").await.ok()["viewer"], Value::Null);
}

#[actix_web::test]
async fn what_a_visitor_looked_at_is_theirs_who_signs_in_and_shows_the_token() {
    let (app, _, goods) = market(&["Lamp", "Mug"]).await;
    let [lamp, mug] = &goods[..] else { panic!() };
    let guest = app.guest();
    let token = record(&guest, views(&[lamp]), &Value::Null).await;
    app.advance(TimeDelta::seconds(1));
    assert_eq!(record(&guest, views(&[mug]), &token).await, token);
    let other = record(&guest, views(&[lamp]), &Value::Null).await;
    assert_ne!(other, token);
    assert_eq!(kept(&app), 3);
    // The token stands nowhere, and nobody makes one up.
    let known = lines(&app, "SELECT viewer_id::text AS line FROM product_views");
    assert!(known.iter().all(|id| !token.as_str().unwrap().contains(id)), "{known:?}");
    let cart = app.guest().mutate("createCart", json!({}), "cart { token }").await.ok()["cart"]["token"].clone();
    for wrong in [json!("none"), cart] {
        let input = json!({"views": views(&[lamp]), "visitorToken": wrong});
        assert_eq!(guest.mutate("recordViews", input, "").await.refusal(), refusal("NOT_FOUND", "visitorToken"));
    }

    let ada = app.sign_up("Ada").await;
    assert_eq!(record(&ada, json!([]), &token).await, Value::Null);
    assert_eq!((seen(&ada).await, kept(&app)), (vec!["Mug".to_owned(), "Lamp".to_owned()], 3));
    // Who comes after them with the token has nothing of it.
    let bob = app.sign_up("Bob").await;
    record(&bob, json!([]), &token).await;
    assert_eq!(seen(&bob).await, [""; 0]);
    // Of who wants nothing kept, nothing is taken over, and the visitor is forgotten all the same.
    bob.mutate("updatePreferences", json!({"hasPersonalization": false}), "preferences { theme }").await.ok();
    record(&bob, json!([]), &other).await;
    assert_eq!(kept(&app), 2);
}

#[actix_web::test]
async fn who_wants_nothing_kept_has_nothing_kept_and_is_shown_nothing() {
    let (app, _, goods) = market(&["Lamp", "Mug"]).await;
    let [lamp, mug] = &goods[..] else { panic!() };
    let ada = app.sign_up("Ada").await;
    let wants = async |is_wanted: bool| {
        let input = json!({"hasPersonalization": is_wanted});
        let answer = ada.mutate("updatePreferences", input, "preferences { hasPersonalization }").await.ok();
        assert_eq!(answer["preferences"]["hasPersonalization"], is_wanted);
    };
    let usual = ada.query("{ viewer { preferences { hasPersonalization } } }").await.ok();
    assert_eq!(usual["viewer"]["preferences"]["hasPersonalization"], true);
    record(&ada, views(&[lamp]), &Value::Null).await;
    wants(false).await;
    let (shown, list) = titles(&ada, "first: 1").await;
    assert_eq!((shown.len(), &list["totalCount"]), (0, &json!(0)));
    record(&ada, views(&[mug]), &Value::Null).await;
    assert_eq!(kept(&app), 1);
    wants(true).await;
    assert_eq!(seen(&ada).await, ["Lamp"]);
}

#[actix_web::test]
async fn people_forget_what_they_want() {
    let (app, _, goods) = market(&["Lamp", "Mug"]).await;
    let [lamp, mug] = &goods[..] else { panic!() };
    let (ada, guest) = (app.sign_up("Ada").await, app.guest());
    record(&ada, views(&[lamp]), &Value::Null).await;
    let token = record(&guest, views(&[lamp]), &Value::Null).await;
    app.advance(TimeDelta::minutes(1));
    record(&ada, views(&[mug]), &Value::Null).await;
    let lately = json!({"kinds": ["VIEWS"], "since": "2026-11-20T12:00:30Z"});
    clear(&ada, lately).await.ok();
    assert_eq!(seen(&ada).await, ["Lamp"]);
    clear(&ada, json!({"kinds": []})).await.ok();
    assert_eq!(kept(&app), 2);
    clear(&ada, json!({"kinds": ["VIEWS"]})).await.ok();
    assert_eq!((seen(&ada).await.len(), kept(&app)), (0, 1));
    // A guest forgets by the token, and by nothing else.
    clear(&guest, json!({"kinds": ["VIEWS"]})).await.ok();
    assert_eq!(kept(&app), 1);
    let wrong = clear(&guest, json!({"kinds": ["VIEWS"], "visitorToken": "none"})).await;
    assert_eq!(wrong.refusal(), refusal("NOT_FOUND", "visitorToken"));
    clear(&guest, json!({"kinds": ["VIEWS"], "visitorToken": token})).await.ok();
    assert_eq!(kept(&app), 0);
}

#[actix_web::test]
async fn of_a_machine_little_is_kept_and_of_nobody_too_much() {
    let (app, _, goods) = market(&["Lamp", "Mug"]).await;
    let [lamp, mug] = &goods[..] else { panic!() };
    let ada = app.sign_up("Ada").await;
    let id = uuid(&ada);
    let given = |number: i32, when: &str| {
        app.given_sql(&format!(
            "INSERT INTO product_views SELECT '{id}', '{when}', gen_random_uuid() FROM generate_series(1, {number})"
        ));
    };
    // Nobody looks at so much in an hour.
    given(300, "2026-11-20T11:30:00Z");
    record(&ada, views(&[lamp]), &Value::Null).await;
    assert_eq!((seen(&ada).await.len(), kept(&app)), (0, 300));
    app.advance(TimeDelta::hours(1));
    let ada = sign_in(&app, &ada.email).await;
    record(&ada, views(&[lamp]), &Value::Null).await;
    assert_eq!((seen(&ada).await, kept(&app)), (vec!["Lamp".to_owned()], 301));
    // The oldest make room.
    given(300, "2026-11-19T12:00:00Z");
    record(&ada, views(&[mug]), &Value::Null).await;
    assert_eq!(kept(&app), 500);
    let oldest = "SELECT count(*) AS count FROM product_views WHERE viewed_at < '2026-11-20'";
    assert_eq!(count(&mut app.connect(), oldest), 198);
}

#[actix_web::test]
async fn who_says_that_it_was_long_ago_is_told_from_a_person_all_the_same() {
    let (app, _, goods) = market(&["Lamp", "Mug"]).await;
    let [lamp, mug] = &goods[..] else { panic!() };
    let ada = app.sign_up("Ada").await;
    let late = |goods: &Goods| json!([{"productId": goods.product, "viewedAt": "2026-11-20T02:00:00Z"}]);
    record(&ada, late(lamp), &Value::Null).await;
    app.given_sql("UPDATE view_tallies SET told = 299");
    record(&ada, late(lamp), &Value::Null).await;
    for views in [late(mug), views(&[mug])] {
        record(&ada, views, &Value::Null).await;
    }
    assert_eq!(seen(&ada).await, ["Lamp"]);
    // Who forgets what they looked at does not begin anew by it.
    clear(&ada, json!({"kinds": ["VIEWS"]})).await.ok();
    record(&ada, late(mug), &Value::Null).await;
    assert_eq!(kept(&app), 0);
    app.advance(TimeDelta::hours(1));
    let ada = sign_in(&app, &ada.email).await;
    record(&ada, late(mug), &Value::Null).await;
    assert_eq!(seen(&ada).await, ["Mug"]);
    app.advance(TimeDelta::hours(1));
    forget_tallies(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM view_tallies"), 0);
}

#[actix_web::test]
async fn what_a_visitor_looked_at_is_not_told_anew_by_who_signs_in() {
    let (app, _, goods) = market(&["Lamp", "Mug"]).await;
    let (lamp, mug) = (&goods[0], &goods[1]);
    let (guest, ada) = (app.guest(), app.sign_up("Ada").await);
    let token = record(&guest, views(&[lamp]), &Value::Null).await;
    record(&ada, views(&[mug]), &token).await;
    let told = lines(&app, &format!("SELECT told::text AS line FROM view_tallies WHERE viewer_id = '{}'", uuid(&ada)));
    assert_eq!((told, seen(&ada).await.len()), (vec!["1".to_owned()], 2));
}

#[actix_web::test]
async fn of_one_line_so_many_new_visitors_are_kept_in_an_hour() {
    let (app, _, goods) = market(&["Lamp", "Mug"]).await;
    let [lamp, mug] = &goods[..] else { panic!() };
    let guest = app.guest();
    app.given_sql("DELETE FROM guesses");
    let known = record(&guest, views(&[lamp]), &Value::Null).await;
    app.given_sql("UPDATE guesses SET wrong = 99");
    record(&guest, views(&[lamp]), &Value::Null).await;
    assert_eq!(kept(&app), 2);
    // Nobody beyond is told, and a token that was asked for before is no way around.
    let token = record(&guest, json!([]), &Value::Null).await;
    for visitor in [&Value::Null, &token] {
        assert!(record(&guest, views(&[lamp]), visitor).await.is_string());
    }
    assert_eq!(kept(&app), 2);
    // Who was here before is not new, nor is who comes by another line.
    record(&guest, views(&[mug]), &known).await;
    assert_eq!(kept(&app), 3);
    let machine = guest.with_token(&app.given_key().await.1);
    record(&machine.with_header("agora-buyer-ip", "203.0.113.7"), views(&[lamp]), &token).await;
    assert_eq!(kept(&app), 4);
    app.advance(TimeDelta::hours(1));
    record(&guest, views(&[lamp]), &Value::Null).await;
    assert_eq!(kept(&app), 5);
}

#[actix_web::test]
async fn views_go_when_their_time_is_over_week_by_week() {
    let (app, _, goods) = market(&["Lamp", "Mug"]).await;
    let [lamp, mug] = &goods[..] else { panic!() };
    let person = app.sign_up("Ada").await;
    let places = || lines(&app, "SELECT DISTINCT tableoid::regclass::text AS line FROM product_views ORDER BY 1");
    let weeks = || {
        let weeks =
            "SELECT inhrelid::regclass::text AS line FROM pg_inherits WHERE inhparent = 'product_views'::regclass";
        lines(&app, weeks).into_iter().filter(|week| week != "product_views_default").count()
    };
    let sweep = async || sweep_views(app.app(), &Caller::system()).await.unwrap();
    // Before there are weeks, views are kept all the same.
    record(&person, views(&[lamp]), &Value::Null).await;
    assert_eq!(places(), ["product_views_default"]);
    for _ in 0..2 {
        sweep().await;
        assert_eq!(weeks(), 4);
    }
    app.advance(TimeDelta::days(8));
    let ada = sign_in(&app, &person.email).await;
    record(&ada, views(&[mug]), &Value::Null).await;
    assert!(places().len() == 2 && places()[1].starts_with("product_views_w"), "{:?}", places());
    assert_eq!(seen(&ada).await, ["Mug", "Lamp"]);
    app.advance(TimeDelta::days(83));
    let ada = sign_in(&app, &person.email).await;
    assert_eq!(seen(&ada).await, ["Mug"], "what is over is not shown, be it there or not");
    sweep().await;
    assert_eq!((kept(&app), places().len()), (1, 1));
    app.advance(TimeDelta::days(20));
    sweep().await;
    assert_eq!((kept(&app), weeks()), (0, 9));
}

#[actix_web::test]
async fn at_once_a_product_is_kept_once() {
    let (app, _, goods) = market(&["Lamp"]).await;
    let ada = app.sign_up("Ada").await;
    let token = record(&app.guest(), json!([]), &Value::Null).await;
    let guest = app.guest();
    let nobody = Value::Null;
    let all = (0..8).map(|number| {
        let (client, visitor) = if number % 2 == 0 { (&*ada, &nobody) } else { (&guest, &token) };
        record(client, views(&[&goods[0]]), visitor)
    });
    futures_util::future::join_all(all).await;
    assert_eq!(kept(&app), 2);
}
