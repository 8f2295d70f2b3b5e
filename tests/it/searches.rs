//! What people look for: who is shown it, what trends, and when nothing of it is kept.

use agora::{
    platform::caller::Caller,
    searches::service::{find_trending, sweep_recent},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Client, TestApp, app::Person},
    privacy::{lines, sign_in, uuid},
    reviews::{mill, refusal},
};

async fn record(client: &Client, queries: &[&str]) {
    let searches: Value = queries.iter().map(|query| json!({"query": query})).collect();
    client.mutate("recordSearches", json!({"searches": searches}), "").await.ok();
}

async fn recent(client: &Client) -> Vec<String> {
    let answer = client.query("{ viewer { recentSearches { query searchedAt } } }").await;
    assert!(answer.statements.unwrap() <= 2, "{answer:?}");
    let list = answer.ok()["viewer"]["recentSearches"].as_array().unwrap().clone();
    list.iter().map(|one| one["query"].as_str().unwrap().to_owned()).collect()
}

async fn trending(app: &TestApp) -> Vec<String> {
    find_trending(app.app(), &Caller::system()).await.unwrap();
    let answer = app.guest().query("{ trendingSearches { query } }").await;
    assert!(answer.statements.unwrap() <= 1, "{answer:?}");
    let list = answer.ok()["trendingSearches"].as_array().unwrap().clone();
    list.iter().map(|one| one["query"].as_str().unwrap().to_owned()).collect()
}

/// People who are here for long.
async fn people(app: &TestApp, number: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..number {
        people.push(app.sign_up(&format!("Seeker{number}")).await);
    }
    app.given_sql("UPDATE users SET created_at = created_at - interval '8 days'");
    people
}

async fn wants(person: &Client, is_wanted: bool) {
    let input = json!({"hasPersonalization": is_wanted});
    person.mutate("updatePreferences", input, "preferences { theme }").await.ok();
}

fn kept(app: &TestApp) -> i64 {
    count(&mut app.connect(), "SELECT count(*) AS count FROM recent_searches")
}

#[actix_web::test]
async fn people_see_what_they_looked_for_and_nobody_else_does() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    for query in ["Käse Brett", "lamp", "Red  lamp"] {
        record(&ada, &[query]).await;
        app.advance(TimeDelta::seconds(1));
    }
    assert_eq!(recent(&ada).await, ["Red  lamp", "lamp", "Käse Brett"]);
    // The same words are the same search, and are told as they were typed last; late it is told, it changes nothing.
    record(&ada, &["kase-brett"]).await;
    let late = json!({"searches": [{"query": "LAMP", "searchedAt": "2026-11-20T11:00:00Z"},
                                   {"query": "mug", "searchedAt": "2026-11-19T11:00:00Z"}, {"query": " - "}]});
    ada.mutate("recordSearches", late, "").await.ok();
    assert_eq!(recent(&ada).await, ["kase-brett", "Red  lamp", "lamp"]);
    assert_eq!((recent(&bob).await.len(), kept(&app)), (0, 3));
    let many: Value = (0..21).map(|number| json!({"query": format!("word{number}")})).collect();
    let many = ada.mutate("recordSearches", json!({"searches": many}), "").await;
    assert_eq!(many.refusal(), refusal("TOO_MANY", "searches"));
    let guest = app.guest().mutate("recordSearches", json!({"searches": []}), "").await;
    assert_eq!(guest.code(), "UNAUTHENTICATED");

    // Of one person so many are kept.
    app.given_sql(&format!(
        "INSERT INTO recent_searches SELECT '{}', 'word ' || n, 'word', '2026-11-20T10:00:00Z' FROM generate_series(1, 60) AS n",
        uuid(&ada)
    ));
    app.advance(TimeDelta::seconds(1));
    record(&ada, &["bowl"]).await;
    assert_eq!(kept(&app), 50);
    assert_eq!(recent(&ada).await[..2], ["bowl", "kase-brett"]);
}

#[actix_web::test]
async fn who_wants_nothing_kept_looks_for_things_unseen() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    record(&ada, &["lamp"]).await;
    wants(&ada, false).await;
    assert_eq!(recent(&ada).await, [""; 0]);
    record(&ada, &["mug"]).await;
    assert_eq!(kept(&app), 1);
    wants(&ada, true).await;
    assert_eq!(recent(&ada).await, ["lamp"]);
    app.advance(TimeDelta::minutes(1));
    record(&ada, &["mug"]).await;
    let lately = json!({"kinds": ["SEARCHES"], "since": "2026-11-20T12:00:30Z"});
    ada.mutate("clearHistory", lately, "").await.ok();
    assert_eq!(recent(&ada).await, ["lamp"]);
    ada.mutate("clearHistory", json!({"kinds": ["VIEWS", "DISMISSALS"]}), "").await.ok();
    assert_eq!(kept(&app), 1);
    app.guest().mutate("clearHistory", json!({"kinds": ["SEARCHES"]}), "").await.ok();
    assert_eq!(kept(&app), 1);
    ada.mutate("clearHistory", json!({"kinds": ["SEARCHES"]}), "").await.ok();
    assert_eq!(kept(&app), 0);
}

#[actix_web::test]
async fn at_once_the_same_search_is_kept_once_and_goes_when_its_time_is_over() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    futures_util::future::join_all((0..6).map(|_| record(&ada, &["red lamp", "mug"]))).await;
    assert_eq!(kept(&app), 2);
    app.advance(TimeDelta::days(89));
    sweep_recent(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(kept(&app), 2);
    app.advance(TimeDelta::days(2));
    let ada = sign_in(&app, &ada.email).await;
    assert_eq!(recent(&ada).await, [""; 0], "what is over is not shown, be it there or not");
    sweep_recent(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(kept(&app), 0);
}

#[actix_web::test]
async fn what_five_people_look_for_and_the_market_has_trends() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    seller.sell(&shop, "Red mug", "1.00", 1).await;
    let people = people(&app, 6).await;
    for person in &people[..4] {
        record(person, &["Lamp", "lam", "Ada Lovelace"]).await;
    }
    assert_eq!(trending(&app).await, [""; 0]);
    // Who sells things does not count, however much they look for it.
    record(&seller, &["lamp"]).await;
    assert_eq!(trending(&app).await, [""; 0]);
    for person in &people[4..] {
        record(person, &["LAMP", "lam", "ada lovelace"]).await;
    }
    // No product has the others' words, so nobody is told them.
    assert_eq!(trending(&app).await, ["lamp"]);
    // What was looked for a while ago counts less.
    let ago = json!({"searches": [{"query": "red mug", "searchedAt": "2026-11-19T14:00:00Z"}]});
    for person in &people {
        person.mutate("recordSearches", ago.clone(), "").await.ok();
    }
    assert_eq!(trending(&app).await, ["lamp", "red mug"]);
    // One person more or less is nothing to the market, unless there are too few left.
    for person in &people[..2] {
        wants(person, false).await;
    }
    assert_eq!(trending(&app).await, [""; 0]);
    for person in &people[..2] {
        wants(person, true).await;
    }
    assert_eq!(trending(&app).await.len(), 2);
    app.advance(TimeDelta::days(7));
    assert_eq!(trending(&app).await, [""; 0], "nobody looks for it any more");
}

#[actix_web::test]
async fn nobody_makes_a_search_trend_by_signing_people_up_or_has_the_list_for_one_shop() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let other = app.sign_up("Heidi").await;
    other.sell(&other.open_shop("Barn").await, "Bowl", "1.00", 1).await;
    for title in ["Acme one", "Acme two", "Acme three", "Acme four"] {
        seller.sell(&shop, title, "1.00", 1).await;
    }
    let mut people = people(&app, 5).await;
    for person in &people {
        record(person, &["acme one", "acme two", "acme three", "acme four"]).await;
        app.advance(TimeDelta::seconds(1));
        record(person, &["bowl"]).await;
    }
    let trends = trending(&app).await;
    assert_eq!((trends.len(), trends[0].as_str()), (4, "bowl"), "{trends:?}");
    for number in 0..5 {
        people.push(app.sign_up(&format!("New{number}")).await);
    }
    for person in &people[5..] {
        record(person, &["lamp"]).await;
    }
    assert_eq!(trending(&app).await, trends);
    let told = lines(&app, "SELECT words AS line FROM trending_searches ORDER BY rank");
    assert_eq!(told, trends);
}

#[actix_web::test]
async fn people_see_what_is_kept_about_them_and_what_for() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let ada = app.sign_up("Ada").await;
    let data = async |client: &Client| {
        let document = "{ viewer { personalData { kind count oldest keptForSeconds isUsed historyKind purpose } } }";
        let answer = client.query(document).await;
        assert!(answer.statements.unwrap() <= 3, "{answer:?}");
        answer.ok()["viewer"]["personalData"].as_array().unwrap().clone()
    };
    let counts = |all: &[Value]| all.iter().map(|one| one["count"].as_i64().unwrap()).collect::<Vec<_>>();
    let all = data(&ada).await;
    assert_eq!(counts(&all), [0; 5]);
    assert!(all.iter().all(|one| one["oldest"].is_null() && one["isUsed"] == true), "{all:?}");

    ada.mutate("recordViews", json!({"views": [{"productId": lamp.product}]}), "").await.ok();
    record(&ada, &["lamp", "mug"]).await;
    ada.mutate("saveSearch", json!({"name": "Lamps", "filter": {"query": "lamp"}}), "savedSearch { id }").await.ok();
    ada.mutate("dismissRecommendation", json!({"productId": lamp.product}), "product { id }").await.ok();
    let order = ada.order_one(&lamp, "one").await.ok()["order"]["id"].as_str().unwrap().to_owned();
    ada.pay(&order, "test_succeeds", "one").await.ok();
    agora::recommendations::service::learn(app.app(), &Caller::system()).await.unwrap();
    wants(&ada, false).await;
    let german = ada.with_header("accept-language", "de");
    let all = data(&german).await;
    assert_eq!(counts(&all), [1, 2, 1, 1, 1]);
    let told = |field: &str| all.iter().map(|one| one[field].clone()).collect::<Vec<_>>();
    assert_eq!(told("kind"), ["VIEWS", "SEARCHES", "SAVED_SEARCHES", "DISMISSALS", "ORDERS"]);
    assert_eq!(told("isUsed"), [false, false, true, true, false]);
    assert_eq!(told("keptForSeconds")[..3], [json!(7_776_000), json!(7_776_000), Value::Null]);
    assert_eq!(told("historyKind"), [json!("VIEWS"), json!("SEARCHES"), Value::Null, json!("DISMISSALS"), Value::Null]);
    assert!(told("purpose")[0].as_str().unwrap().starts_with("Damit du"), "{all:?}");
    // What is forgotten is not among it, nor is what others have.
    ada.mutate("clearHistory", json!({"kinds": ["VIEWS", "SEARCHES", "DISMISSALS"]}), "").await.ok();
    assert_eq!(counts(&data(&ada).await), [0, 0, 1, 0, 1]);
    let bob = app.sign_up("Bob").await;
    assert_eq!(counts(&data(&bob).await), [0; 5]);
}
