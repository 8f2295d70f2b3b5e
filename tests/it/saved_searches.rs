//! Searches that people save: what is kept of them, and who is told what is new.

use agora::{platform::caller::Caller, searches::service::look_at_searches};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Answer, Client, TestApp, app::Person},
    privacy::{sign_in, uuid},
    reviews::{mill, refusal},
};

const SEARCH: &str = "savedSearch { id name filter isUsable hasNotices }";

async fn save(client: &Client, name: &str, filter: Value) -> Answer {
    client.mutate("saveSearch", json!({"name": name, "filter": filter}), SEARCH).await
}

async fn saved(client: &Client) -> Vec<Value> {
    let answer = client.query("{ viewer { savedSearches { id name filter isUsable hasNotices } } }").await;
    assert!(answer.statements.unwrap() <= 1, "{answer:?}");
    answer.ok()["viewer"]["savedSearches"].as_array().unwrap().clone()
}

/// Looks at what is due, twice at once, and tells of it.
async fn look(app: &TestApp) {
    let both = join_all((0..2).map(|_| async { look_at_searches(app.app(), &Caller::system()).await })).await;
    for looked in both {
        looked.unwrap();
    }
    app.run_jobs().await;
}

/// What was written to somebody about their searches.
fn mails(app: &TestApp, person: &Person) -> Vec<String> {
    let mails = app.mails(&person.email).into_iter().filter(|mail| mail.subject.starts_with("New for your search"));
    mails.map(|mail| mail.text).collect()
}

#[actix_web::test]
async fn people_save_what_they_look_for_and_only_they_see_it() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let filter = json!({
        "query": "red lamp", "tags": ["Sale"], "isAvailable": true, "minimumRating": 4, "categoryId": null,
        "price": {"max": {"amount": "20", "currency": "GBP"}},
    });
    let one = save(&ada, " Lamps ", filter).await.ok()["savedSearch"].clone();
    let kept = json!({
        "query": "red lamp", "tags": ["Sale"], "isAvailable": true, "minimumRating": 4,
        "price": {"max": {"amount": "20", "currency": "GBP"}},
    });
    assert_eq!((&one["name"], &one["filter"], &one["isUsable"]), (&json!("Lamps"), &kept, &json!(true)));
    // What was saved is what a list takes.
    let list = "query($filter: ProductFilter!) { products(filter: $filter) { totalCount } }";
    assert_eq!(ada.send(list, json!({"filter": one["filter"]})).await.ok()["products"]["totalCount"], 0);
    assert_eq!((saved(&ada).await, saved(&bob).await), (vec![one.clone()], Vec::new()));
    let node = "query($id: ID!) { node(id: $id) { ... on SavedSearch { name } } }";
    assert_eq!(ada.send(node, json!({"id": one["id"]})).await.ok()["node"]["name"], "Lamps");
    assert_eq!(bob.send(node, json!({"id": one["id"]})).await.ok()["node"], Value::Null);

    for (name, filter, code, field) in [
        ("", json!({"query": "lamp"}), "BLANK", "name"),
        ("Nothing", json!({}), "BLANK", "filter"),
        ("Nothing", json!({"query": " - ", "price": {}}), "BLANK", "filter"),
        ("x".repeat(81).as_str(), json!({"query": "lamp"}), "TOO_LONG", "name"),
        ("Long", json!({"tags": ["x".repeat(17_000)]}), "TOO_LONG", "filter"),
    ] {
        assert_eq!(save(&ada, name, filter).await.refusal(), refusal(code, field));
    }
    for filter in [json!({"query": "x".repeat(201)}), json!({"minimumRating": 6})] {
        assert_eq!(save(&ada, "Bad", filter).await.code(), "BAD_USER_INPUT");
    }

    let change = async |client: &Client, mut input: Value| {
        input["savedSearchId"] = one["id"].clone();
        client.mutate("updateSavedSearch", input, SEARCH).await
    };
    let renamed = change(&ada, json!({"name": "Red lamps", "hasNotices": false})).await.ok()["savedSearch"].clone();
    assert_eq!((&renamed["name"], &renamed["hasNotices"]), (&json!("Red lamps"), &json!(false)));
    assert_eq!(change(&ada, json!({})).await.ok()["savedSearch"], renamed);
    assert_eq!(change(&bob, json!({"name": "Mine"})).await.refusal(), refusal("NOT_FOUND", "savedSearchId"));
    let delete = json!({"savedSearchId": one["id"]});
    let foreign = bob.mutate("deleteSavedSearch", delete.clone(), "deletedSavedSearchId").await;
    assert_eq!(foreign.refusal(), refusal("NOT_FOUND", "savedSearchId"));
    let gone = ada.mutate("deleteSavedSearch", delete, "deletedSavedSearchId").await.ok();
    assert_eq!((&gone["deletedSavedSearchId"], saved(&ada).await.len()), (&one["id"], 0));
}

#[actix_web::test]
async fn at_once_one_intent_saves_one_search_and_nobody_has_too_many() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let input = json!({"name": "Lamps", "filter": {"query": "lamp"}, "idempotencyKey": "one"});
    let all = join_all((0..5).map(|_| ada.mutate("saveSearch", input.clone(), SEARCH))).await;
    let ids: Vec<_> = all.into_iter().map(|answer| answer.ok()["savedSearch"]["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let other = json!({"name": "Mugs", "filter": {"query": "mug"}, "idempotencyKey": "one"});
    let other = ada.mutate("saveSearch", other, SEARCH).await;
    assert_eq!(other.refusal(), refusal("IDEMPOTENCY_KEY_REUSED", "idempotencyKey"));
    app.given_sql(&format!(
        "INSERT INTO saved_searches SELECT gen_random_uuid(), '{}', 'More', '{{\"query\": \"mug\"}}', NULL, false, now(), now(), now() \
           FROM generate_series(1, 47)",
        uuid(&ada)
    ));
    let more = ["a", "b", "c", "d"].map(|name| save(&ada, name, json!({"query": "bowl"})));
    let refused = join_all(more).await.into_iter().filter(|answer| answer.data["saveSearch"]["savedSearch"].is_null());
    assert_eq!(refused.count(), 2);
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM saved_searches"), 50);
}

#[actix_web::test]
async fn who_has_saved_a_search_hears_once_of_what_is_new() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let (ada, bob, carl) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Carl").await);
    for person in [&ada, &bob, &carl, &seller] {
        save(person, "Lamps", json!({"query": "lamp"})).await.ok();
    }
    save(&ada, "Mugs", json!({"query": "mug"})).await.ok();
    // Bob wants no mail of it, and Carl has nothing to do with Grace.
    let off = json!({"notifications": [{"kind": "SEARCHES", "channels": ["IN_APP"]}]});
    bob.mutate("updatePreferences", off, "preferences { theme }").await.ok();
    carl.mutate("blockUser", json!({"userId": seller.id}), "user { id }").await.ok();
    app.advance(TimeDelta::minutes(1));
    seller.sell(&shop, "Red lamp", "1.00", 1).await;
    seller.sell(&shop, "Red bowl", "1.00", 1).await;
    let draft = json!({"shopId": shop, "title": "Blue lamp", "status": "DRAFT",
                       "variants": [{"price": {"amount": "1.00", "currency": "GBP"}}]});
    let draft = seller.mutate("createProduct", draft, "product { id version }").await.ok()["product"].clone();
    look(&app).await;
    assert_eq!(mails(&app, &ada).len(), 0, "it is not time yet");

    app.advance(TimeDelta::minutes(61));
    look(&app).await;
    look(&app).await;
    let told = mails(&app, &ada);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("Red lamp") && !told[0].contains("bowl") && !told[0].contains("Blue"), "{told:?}");
    assert_eq!([&bob, &carl, &seller].map(|person| mails(&app, person).len()), [0; 3]);
    let document =
        "{ viewer { notifications { nodes { kind topic subject { ... on SavedSearch { name filter } } } } } }";
    let told = json!([{"kind": "SEARCHES", "topic": "SEARCH_FOUND", "subject": {"name": "Lamps", "filter": {"query": "lamp"}}}]);
    for (person, nodes) in [(&ada, &told), (&bob, &told), (&carl, &json!([]))] {
        let client = sign_in(&app, &person.email).await;
        assert_eq!(client.query(document).await.ok()["viewer"]["notifications"]["nodes"], *nodes);
    }

    // What becomes of a draft is new then; what was new before is not, whatever is done to it.
    let seller = sign_in(&app, &seller.email).await;
    let publish = json!({"productId": draft["id"], "expectedVersion": draft["version"], "status": "ACTIVE"});
    seller.mutate("updateProduct", publish, "product { id }").await.ok();
    let again = "query { products(filter: {query: \"red lamp\"}) { nodes { id version } } }";
    let red = seller.query(again).await.ok()["products"]["nodes"][0].clone();
    for (version, status) in
        [(red["version"].as_i64().unwrap(), "ARCHIVED"), (red["version"].as_i64().unwrap() + 1, "ACTIVE")]
    {
        let input = json!({"productId": red["id"], "expectedVersion": version, "status": status});
        seller.mutate("updateProduct", input, "product { id }").await.ok();
    }
    app.advance(TimeDelta::hours(2));
    look(&app).await;
    assert_eq!(mails(&app, &ada).len(), 1, "once a day at the most");
    app.advance(TimeDelta::hours(24));
    look(&app).await;
    let told = mails(&app, &ada);
    assert_eq!(told.len(), 2);
    assert!(told[1].contains("Blue lamp") && !told[1].contains("Red"), "{told:?}");
    app.advance(TimeDelta::hours(30));
    look(&app).await;
    assert_eq!(mails(&app, &ada).len(), 2);
}

#[actix_web::test]
async fn who_switches_notices_off_hears_nothing_and_what_is_not_understood_is_kept() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let of_ada = save(&ada, "Lamps", json!({"query": "lamp"})).await.ok()["savedSearch"]["id"].clone();
    save(&bob, "Lamps", json!({"query": "lamp"})).await.ok();
    app.given_sql(&format!(
        "UPDATE saved_searches SET filter = '{{\"query\": \"lamp\", \"colour\": \"red\"}}' WHERE user_id = '{}'",
        uuid(&bob)
    ));
    let off = json!({"savedSearchId": of_ada, "hasNotices": false});
    ada.mutate("updateSavedSearch", off, SEARCH).await.ok();
    app.advance(TimeDelta::minutes(1));
    seller.sell(&shop, "Red lamp", "1.00", 1).await;
    app.advance(TimeDelta::minutes(90));
    look(&app).await;
    assert_eq!([&ada, &bob].map(|person| mails(&app, person).len()), [0; 2]);
    let bob = sign_in(&app, &bob.email).await;
    let kept = saved(&bob).await;
    assert_eq!((&kept[0]["isUsable"], &kept[0]["filter"]), (&json!(false), &json!({"query": "lamp", "colour": "red"})));

    // On again, she hears of what comes from then on.
    let client = sign_in(&app, &ada.email).await;
    let on = json!({"savedSearchId": of_ada, "hasNotices": true});
    client.mutate("updateSavedSearch", on, SEARCH).await.ok();
    app.advance(TimeDelta::hours(2));
    look(&app).await;
    assert_eq!(mails(&app, &ada).len(), 0);
    // Who has no search any more by the time that they would be told is told nothing.
    let seller = sign_in(&app, &seller.email).await;
    seller.sell(&shop, "Green lamp", "1.00", 1).await;
    app.advance(TimeDelta::hours(2));
    look_at_searches(app.app(), &Caller::system()).await.unwrap();
    let client = sign_in(&app, &ada.email).await;
    client.mutate("deleteSavedSearch", json!({"savedSearchId": of_ada}), "deletedSavedSearchId").await.ok();
    app.run_jobs().await;
    assert_eq!(mails(&app, &ada).len(), 0);
}
