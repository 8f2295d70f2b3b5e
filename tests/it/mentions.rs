//! Messages that speak of people.

use serde_json::{Value, json};

use crate::{
    conversations::talk,
    harness::{Answer, Client, TestApp},
};

const MENTIONS: &str =
    "message { id version mentions { user { displayName } range { start length utf16Start utf16Length } } }";

async fn say(client: &Client, conversation: &str, key: &str, text: &str, mentions: Value) -> Answer {
    let input = json!({"conversationId": conversation, "text": text, "mentions": mentions, "idempotencyKey": key});
    client.mutate("sendMessage", input, MENTIONS).await
}

#[actix_web::test]
async fn a_place_is_the_same_in_every_way_of_counting() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let expected = json!([
        {"user": {"displayName": "Bob"}, "range": {"start": 2, "length": 4, "utf16Start": 3, "utf16Length": 4}},
        {"user": {"displayName": "Ada"}, "range": {"start": 11, "length": 3, "utf16Start": 12, "utf16Length": 3}},
    ]);
    let text = "  🎉 @Bob and Ada ";
    let utf16 = json!([{"userId": ada.id, "start": 14, "length": 3}, {"userId": bob.id, "start": 5, "length": 4}]);
    let sent = say(&ada, &conversation, "1", text, utf16).await.ok()["message"].clone();
    assert_eq!(sent["mentions"], expected);
    let scalar = json!([
        {"userId": bob.id, "start": 4, "length": 4, "unit": "SCALAR"},
        {"userId": ada.id, "start": 13, "length": 3, "unit": "SCALAR"},
    ]);
    assert_eq!(say(&bob, &conversation, "1", text, scalar).await.ok()["message"]["mentions"], expected);

    // Another text speaks of whom its edit says.
    let edit = async |version: i32, text: &str, mentions: Value| {
        let input = json!({"messageId": sent["id"], "expectedVersion": version, "text": text, "mentions": mentions});
        ada.mutate("editMessage", input, MENTIONS).await
    };
    let of_bob = json!([{"userId": bob.id, "start": 0, "length": 3}]);
    let edited = edit(1, "Bob!", of_bob.clone()).await.ok()["message"].clone();
    assert_eq!((&edited["version"], edited["mentions"].as_array().unwrap().len()), (&json!(2), 1));
    assert_eq!(edit(2, "Bob!", of_bob).await.ok()["message"]["version"], 2);
    assert_eq!(
        edit(2, "Bob!", Value::Null).await.ok()["message"],
        json!({"id": sent["id"], "version": 3, "mentions": []})
    );
}

#[actix_web::test]
async fn what_turns_the_direction_of_writing_is_left_out_wherever_it_stands() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    // As phones put it around what they copy.
    let of_bob = json!([{"userId": bob.id, "start": 1, "length": 6}]);
    let sent = say(&ada, &conversation, "1", "\u{202a}\u{2067}@Bob\u{2069}\u{202c} שלום\u{202e} ", of_bob).await.ok();
    let range = json!({"start": 0, "length": 4, "utf16Start": 0, "utf16Length": 4});
    assert_eq!(sent["message"]["mentions"], json!([{"user": {"displayName": "Bob"}, "range": range}]));
    let texts = "query($id: ID!) { viewer { conversation(id: $id) { messages { nodes { content { ... on TextContent { text } } } } } } }";
    let seen = bob.send(texts, json!({"id": conversation})).await.ok()["viewer"]["conversation"]["messages"].clone();
    assert_eq!(seen["nodes"], json!([{"content": {"text": "@Bob שלום"}}]));
    let nothing = say(&ada, &conversation, "2", "\u{2067}\u{2069}", Value::Null).await;
    assert_eq!(nothing.refusal(), ("BLANK".into(), "text".into()));
    // Edited to the same, nothing is changed.
    let same = json!({"messageId": sent["message"]["id"], "expectedVersion": 1, "text": "@Bob שלום\u{2069}",
                      "mentions": [{"userId": bob.id, "start": 0, "length": 4}]});
    assert_eq!(ada.mutate("editMessage", same, MENTIONS).await.ok()["message"]["version"], 1);
}

#[actix_web::test]
async fn a_message_speaks_of_those_who_take_part() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let conversation = talk(&ada, &bob).await;
    let place = |person: &str, start: i32, length: i32| json!({"userId": person, "start": start, "length": length});
    let refused = [
        (json!([place(&bob.id, 0, 4), place(&eve.id, 5, 4)]), "NOT_FOUND", "mentions.1.userId"),
        (json!([place(&bob.id, 0, 40)]), "OUT_OF_RANGE", "mentions.0.start"),
        (json!([place(&bob.id, 0, 0)]), "OUT_OF_RANGE", "mentions.0.start"),
        (json!([place(&bob.id, 3, 4), place(&bob.id, 0, 4)]), "INVALID", "mentions.0.start"),
        (Value::Array(vec![place(&bob.id, 0, 1); 51]), "TOO_MANY", "mentions"),
    ];
    for (key, (mentions, code, field)) in refused.into_iter().enumerate() {
        let refused = say(&ada, &conversation, &key.to_string(), "@Bob @Eve", mentions).await;
        assert_eq!(refused.refusal(), (code.into(), field.into()));
    }
    // Who has blocked her is spoken of as before: she notices nothing.
    bob.mutate("blockUser", json!({"userId": ada.id}), "user { id }").await.ok();
    say(&ada, &conversation, "blocked", "@Bob", json!([place(&bob.id, 0, 4)])).await.ok();
}
