//! Finding what was said, and never what one may not see.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    conversations::talk,
    harness::{Client, TestApp},
    message_changes::say,
};

const DOCUMENT: &str = "query($query: String!, $filter: MessageFilterInput!, $first: Int, $after: String) { viewer { \
    searchMessages(query: $query, filter: $filter, first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage } \
    nodes { message { content { ... on TextContent { text } } } highlights { start length utf16Start utf16Length } } } } }";

async fn search(client: &Client, query: &str, filter: Value) -> Value {
    let answer = client.send(DOCUMENT, json!({"query": query, "filter": filter})).await;
    answer.ok()["viewer"]["searchMessages"].clone()
}

/// The texts of what is found.
async fn texts(client: &Client, query: &str, filter: Value) -> Vec<String> {
    let nodes = search(client, query, filter).await["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["message"]["content"]["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[actix_web::test]
async fn words_are_found_newest_first_and_shown_where_they_stand() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let conversation = talk(&ada, &bob).await;
    say(&ada, &conversation, "🎉 Die Größe der Teekanne?").await;
    app.advance(TimeDelta::seconds(1));
    say(&bob, &conversation, "Grosse Teekannen").await;
    say(&bob, &conversation, "Tee").await;
    for person in [&ada, &bob] {
        assert_eq!(texts(person, "GROSSE teek", json!({})).await, ["Grosse Teekannen", "🎉 Die Größe der Teekanne?"]);
    }
    let found = search(&ada, "größe", json!({"fromUserId": ada.id})).await;
    assert_eq!(found["totalCount"], 1);
    assert_eq!(found["nodes"][0]["highlights"], json!([{"start": 6, "length": 5, "utf16Start": 7, "utf16Length": 5}]));
    assert_eq!(texts(&eve, "tee", json!({})).await, [""; 0]);

    // Whatever is typed is a search.
    for nothing in ["", " ", "🎉", "' & | ! :* \\ \" ( <->", "\u{0}"] {
        assert_eq!(texts(&ada, nothing, json!({})).await, [""; 0], "{nothing}");
    }
    assert_eq!(texts(&ada, "tee'); DROP", json!({})).await, [""; 0]);
    assert_eq!(texts(&ada, "!tee:*", json!({})).await.len(), 3);
}

#[actix_web::test]
async fn a_search_is_narrowed_and_turned_over() {
    let app = TestApp::start().await;
    let (ada, bob, carl) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Carl").await);
    let (one, other) = (talk(&ada, &bob).await, talk(&ada, &carl).await);
    for number in 1..=5 {
        say(&ada, &one, &format!("tea {number}")).await;
        app.advance(TimeDelta::seconds(1));
    }
    say(&carl, &other, "tea too").await;
    app.advance(TimeDelta::seconds(1));
    let place = json!({"conversationId": other, "text": "tea here", "idempotencyKey": "place",
                       "attachments": [{"place": {"name": "Home", "latitude": 1, "longitude": 2}}]});
    ada.mutate("sendMessage", place, "message { id }").await.ok();
    assert_eq!(search(&ada, "tea", json!({})).await["totalCount"], 7);
    assert_eq!(texts(&ada, "tea", json!({"conversationId": other})).await, ["tea here", "tea too"]);
    assert_eq!(texts(&ada, "tea", json!({"fromUserId": carl.id})).await, ["tea too"]);
    assert_eq!(texts(&ada, "tea", json!({"hasAttachment": true})).await, ["tea here"]);
    assert_eq!(texts(&ada, "tea", json!({"hasAttachment": false})).await.len(), 6);
    assert_eq!(texts(&bob, "tea", json!({"conversationId": other})).await, [""; 0], "it is not his");
    let now = app.app().now();
    let (before, after) = (now - TimeDelta::milliseconds(3_500), now - TimeDelta::milliseconds(4_500));
    assert_eq!(texts(&ada, "tea", json!({"before": before, "after": after})).await, ["tea 3"]);

    let (mut cursor, mut seen) = (Value::Null, Vec::new());
    loop {
        let variables = json!({"query": "tea", "filter": {}, "first": 3, "after": cursor});
        let answer = ada.send(DOCUMENT, variables).await;
        // In which conversations, which messages, what they say, and how many there are.
        assert!(answer.statements.unwrap() <= 5, "{answer:?}");
        let page = answer.ok()["viewer"]["searchMessages"].clone();
        seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["message"]["content"]["text"].clone()));
        cursor = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen, ["tea here", "tea too", "tea 5", "tea 4", "tea 3", "tea 2", "tea 1"]);
    // A cursor of another search is none of this one.
    let answer = ada.send(DOCUMENT, json!({"query": "te", "filter": {}, "after": cursor})).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
}

#[actix_web::test]
async fn what_was_taken_back_changed_left_or_came_before_is_not_found() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let edited = say(&ada, &conversation, "I hate teapots").await;
    let input = json!({"messageId": edited, "expectedVersion": 1, "text": "I like mugs"});
    ada.mutate("editMessage", input, "message { id }").await.ok();
    assert_eq!(texts(&bob, "teapots", json!({})).await, [""; 0]);
    assert_eq!(texts(&bob, "mugs", json!({})).await, ["I like mugs"]);
    ada.mutate("deleteMessage", json!({"messageId": edited}), "message { id }").await.ok();
    assert_eq!(texts(&ada, "mugs", json!({})).await, [""; 0]);

    let group =
        ada.mutate("createGroup", json!({"title": "Tea", "idempotencyKey": "group"}), "conversation { id }").await;
    let group = group.ok()["conversation"]["id"].as_str().unwrap().to_owned();
    say(&ada, &group, "secret before").await;
    ada.mutate("inviteToGroup", json!({"conversationId": group, "userId": bob.id}), "").await.ok();
    bob.mutate("acceptGroupInvitation", json!({"conversationId": group}), "conversation { id }").await.ok();
    say(&ada, &group, "secret after").await;
    assert_eq!(texts(&bob, "secret", json!({})).await, ["secret after"]);
    bob.mutate("leaveGroup", json!({"conversationId": group}), "leftConversationId").await.ok();
    assert_eq!(texts(&bob, "secret", json!({})).await, [""; 0]);
    assert_eq!(texts(&ada, "secret", json!({})).await.len(), 2);

    say(&bob, &conversation, "unheard").await;
    ada.mutate("blockUser", json!({"userId": bob.id}), "user { id }").await.ok();
    assert_eq!(texts(&ada, "unheard", json!({})).await, [""; 0]);
}

#[actix_web::test]
async fn those_who_answer_for_a_shop_search_what_was_written_to_it() {
    let app = TestApp::start().await;
    let (owner, packer, ada) = (app.sign_up("Owner").await, app.sign_up("Packer").await, app.sign_up("Ada").await);
    let shop = owner.open_shop("Corner").await;
    let input = json!({"shopId": shop, "userId": packer.id, "role": "FULFILLMENT"});
    owner.mutate("addShopMember", input, "member { role }").await.ok();
    let goods = owner.sell(&shop, "Lamp", "1.00", 1).await;
    let input = json!({"productId": goods.product, "text": "Is it green?", "idempotencyKey": "ask"});
    ada.mutate("contactShop", input, "").await.ok();
    let document =
        "{ viewer { shops { searchMessages(query: \"green\") { totalCount nodes { highlights { start } } } } } }";
    let found = owner.query(document).await.ok()["viewer"]["shops"][0]["searchMessages"].clone();
    assert_eq!(found, json!({"totalCount": 1, "nodes": [{"highlights": [{"start": 6}]}]}));
    assert_eq!(packer.query(document).await.ok()["viewer"]["shops"][0]["searchMessages"], Value::Null);
    assert_eq!(texts(&ada, "green", json!({})).await, ["Is it green?"]);
    assert_eq!(texts(&owner, "green", json!({})).await, [""; 0], "it is the shop's");

    // What was written before there were words is found once they are there.
    app.given_sql("UPDATE messages SET words = NULL");
    assert_eq!(texts(&ada, "green", json!({})).await, [""; 0]);
    agora::messages::service::write_words(app.app(), &agora::platform::caller::Caller::system()).await.unwrap();
    assert_eq!(texts(&ada, "green", json!({})).await, ["Is it green?"]);
}

#[actix_web::test]
async fn a_search_has_its_price_and_waits_for_those_of_the_same_person() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    say(&ada, &conversation, "white teapot").await;
    ada.open_shop("Corner").await;
    let ada = ada.client.with_header("agora-include", "cost");
    let one = "viewer { searchMessages(query: \"teapot\") { nodes { message { id } } } }";
    let desk = "viewer { shops { searchMessages(query: \"teapot\") { nodes { message { id } } } } }";
    for document in [one, desk] {
        let answer = ada.query(&format!("{{ {document} }}")).await;
        let cost = answer.extensions["cost"].clone();
        assert!(cost["actual"].as_i64().unwrap() >= 100, "{answer:?}");
    }
    let several = "viewer { a: searchMessages(query: \"teapot\") { totalCount } b: searchMessages(query: \"white\") { totalCount } \
                   c: searchMessages(query: \"mug\") { totalCount } }";
    let answer = ada.query(&format!("{{ {several} }}")).await;
    assert!(answer.extensions["cost"]["actual"].as_i64().unwrap() >= 300, "{answer:?}");
    let expected = json!({"a": {"totalCount": 1}, "b": {"totalCount": 1}, "c": {"totalCount": 0}});
    assert_eq!(answer.ok()["viewer"], expected);

    // Whoever has a turn keeps nobody else from theirs.
    let held = app.app().in_making.take(format!("search {}", bob.id), Duration::from_secs(1)).await.unwrap();
    ada.query(&format!("{{ {one} }}")).await.ok();
    let asked = format!("{{ {one} }}");
    let mut waiting = std::pin::pin!(bob.query(&asked));
    let early = tokio::time::timeout(Duration::from_millis(300), waiting.as_mut()).await;
    assert!(early.is_err(), "{early:?}");
    drop(held);
    assert_eq!(waiting.await.ok()["viewer"]["searchMessages"]["nodes"].as_array().unwrap().len(), 1);
}
