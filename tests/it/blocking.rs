//! People who do not want to hear of each other.

use serde_json::{Value, json};

use crate::harness::{Client, TestApp, app::Person};

async fn start(from: &Client, with: &Person) -> Value {
    let answer = from.mutate("startConversation", json!({"userId": with.id}), "conversation { id }").await.ok();
    answer["conversation"]["id"].clone()
}

async fn say(from: &Client, conversation: &Value, text: &str) -> crate::harness::Answer {
    let input = json!({"conversationId": conversation, "text": text, "idempotencyKey": text});
    from.mutate("sendMessage", input, "message { number }").await
}

async fn block(from: &Client, whom: &Person) {
    let answer = from.mutate("blockUser", json!({"userId": whom.id}), "user { isBlocked }").await.ok();
    assert_eq!(answer["user"]["isBlocked"], true);
}

async fn unblock(from: &Client, whom: &Person) {
    let answer = from.mutate("unblockUser", json!({"userId": whom.id}), "user { isBlocked }").await.ok();
    assert_eq!(answer["user"]["isBlocked"], false);
}

/// The conversations that somebody sees, with their last messages, and how many events they would hear of.
async fn heard(client: &Client) -> (Value, usize) {
    let document =
        "{ viewer { conversations { nodes { lastMessage { number } } } events(first: 100) { nodes { __typename } } } }";
    let viewer = client.query(document).await.ok()["viewer"].clone();
    (viewer["conversations"]["nodes"].clone(), viewer["events"]["nodes"].as_array().unwrap().len())
}

#[actix_web::test]
async fn who_is_blocked_is_not_heard_and_does_not_notice() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("Ada").await, app.sign_up("Eve").await);
    let talk = start(&eve, &ada).await;
    say(&eve, &talk, "Hello").await.ok();
    let before = heard(&ada).await;
    assert_eq!(before.0, json!([{"lastMessage": {"number": 1}}]));

    for _ in 0..2 {
        block(&ada, &eve).await;
    }
    let message = say(&eve, &talk, "Are you there?").await.ok()["message"].clone();
    assert_eq!(message["number"], 2);
    assert_eq!(heard(&ada).await, (json!([]), 0));
    let node = format!("{{ node(id: {talk}) {{ id }} viewer {{ conversation(id: {talk}) {{ id }} }} }}");
    assert_eq!(ada.query(&node).await.ok(), json!({"node": null, "viewer": {"conversation": null}}));
    assert_eq!(say(&ada, &talk, "No").await.refusal().0, "NOT_FOUND");
    let again = ada.mutate("startConversation", json!({"userId": eve.id}), "").await;
    assert_eq!(again.refusal(), ("NOT_PERMITTED".into(), "userId".into()));

    // She sees both of them in it, as before, and that nobody has blocked her.
    let document = "query($id: ID!, $ada: ID!) { viewer { conversation(id: $id) { participants { user { displayName isBlocked } } } } \
                    user(by: {id: $ada}) { isBlocked } }";
    let seen = eve.send(document, json!({"id": talk, "ada": ada.id})).await.ok();
    assert_eq!(seen["viewer"]["conversation"]["participants"].as_array().unwrap().len(), 2);
    assert_eq!(seen["user"]["isBlocked"], false);
    assert_eq!(start(&eve, &ada).await, talk);

    // What is about a shop goes on.
    let shop = ada.open_shop("Corner").await;
    let goods = ada.sell(&shop, "Lamp", "1.00", 1).await;
    let input = json!({"productId": goods.product, "text": "Is it green?", "idempotencyKey": "ask"});
    eve.mutate("contactShop", input, "").await.ok();
    let document = "{ viewer { shops { conversations { totalCount } } } }";
    assert_eq!(ada.query(document).await.ok()["viewer"]["shops"][0]["conversations"]["totalCount"], 1);

    for _ in 0..2 {
        unblock(&ada, &eve).await;
    }
    // What was written meanwhile stays hers who wrote it, and she was told of nothing but what her shop was asked.
    assert_eq!(heard(&ada).await, (json!([{"lastMessage": {"number": 1}}]), before.1 + 1));
    assert_eq!(say(&ada, &talk, "Now I am").await.ok()["message"]["number"], 2);
}

#[actix_web::test]
async fn who_is_blocked_begins_nothing_either() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let eve = app.sign_up("Eve").await;
    for number in 0..8 {
        let ada = app.sign_up(&format!("Ada{number}")).await;
        let there = beside.guest().with_token(ada.token.as_deref().unwrap());
        let (talk, ()) = futures_util::join!(start(&eve, &ada), block(&there, &eve));
        say(&eve, &talk, &format!("Hello {number}")).await.ok();
        assert_eq!(heard(&ada).await.0, json!([]), "{number}");
    }
    beside.stop().await;
}

#[actix_web::test]
async fn the_blocked_are_listed_the_last_one_first() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    for name in ["One", "Two", "Three"] {
        block(&ada, &app.sign_up(name).await).await;
        app.advance(chrono::TimeDelta::seconds(1));
    }
    let document = "{ viewer { blockedUsers(first: 2) { totalCount nodes { displayName isBlocked } } } }";
    let answer = ada.query(document).await;
    assert!(answer.statements.unwrap() <= 3, "{answer:?}");
    let expected = json!({"totalCount": 3, "nodes": [
        {"displayName": "Three", "isBlocked": true}, {"displayName": "Two", "isBlocked": true},
    ]});
    assert_eq!(answer.ok()["viewer"]["blockedUsers"], expected);

    let block = async |id: &str| ada.mutate("blockUser", json!({"userId": id}), "").await.refusal();
    assert_eq!(block(&ada.id).await, ("INVALID".into(), "userId".into()));
    assert_eq!(block("user_00000000000000000000000000").await, ("NOT_FOUND".into(), "userId".into()));
}

#[actix_web::test]
async fn they_block_at_most_five_thousand() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    app.given_sql(
        "INSERT INTO users (id, display_name, bio, role, is_demo, version, created_at, locale) \
         SELECT gen_random_uuid(), 'Imp', '', 'MEMBER', false, 1, now(), 'en' FROM generate_series(1, 4999)",
    );
    app.given_sql(
        "INSERT INTO blocks (blocker_id, blocked_id, created_at) \
         SELECT ada.id, imp.id, now() FROM users ada, users imp WHERE ada.display_name = 'Ada' AND imp.display_name = 'Imp'",
    );
    block(&ada, &bob).await;
    let refused = ada.mutate("blockUser", json!({"userId": eve.id}), "").await;
    assert_eq!(refused.refusal().0, "TOO_MANY");
    block(&ada, &bob).await;
    unblock(&ada, &bob).await;
    block(&ada, &eve).await;
}
