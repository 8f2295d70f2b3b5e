//! What is written in groups, answered, edited and taken back: by and for those who see it.

use serde_json::{Value, json};

use super::{
    groups::{bring, group, leave, set_role, to_person},
    keep, say, see, talk,
};
use crate::{
    harness::{Answer, Client, TestApp},
    message_changes::changes,
    orders::assert_books,
};

const MESSAGE: &str = "message { id version mentions { user { displayName } } }";

async fn take_back(client: &Client, message: &Value) -> Answer {
    let left = "message { author { displayName } content { ... on DeletedContent { isByModerator } } }";
    client.mutate("deleteMessage", json!({"messageId": message}), left).await
}

async fn edit(client: &Client, message: &Value, text: &str, mentions: Value) -> Answer {
    let input = json!({"messageId": message, "expectedVersion": 1, "text": text, "mentions": mentions});
    client.mutate("editMessage", input, MESSAGE).await
}

/// What is left of a message whose author has this name.
fn left_of(author: &str, is_by_moderator: bool) -> Value {
    json!({"message": {"author": {"displayName": author}, "content": {"isByModerator": is_by_moderator}}, "userErrors": []})
}

#[actix_web::test]
async fn who_comes_in_has_no_part_in_what_was_written_before() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let lamps = group(&ada, "Lamps").await;
    let before = say(&ada, &lamps, "Before").await["id"].clone();
    bring(&ada, &lamps, &bob).await;
    let hidden = ("NOT_FOUND".to_owned(), "messageId".to_owned());
    assert_eq!(edit(&bob, &before, "After", Value::Null).await.refusal(), hidden);
    assert_eq!(take_back(&bob, &before).await.refusal(), hidden);
    for mutation in ["addReaction", "removeReaction"] {
        let input = json!({"messageId": before, "emoji": "👍"});
        assert_eq!(bob.mutate(mutation, input, MESSAGE).await.refusal(), hidden);
    }
    let reply = json!({"conversationId": lamps, "text": "As was said", "replyToId": before, "idempotencyKey": "reply"});
    let refused = bob.mutate("sendMessage", reply.clone(), MESSAGE).await;
    assert_eq!(refused.refusal(), ("NOT_FOUND".into(), "replyToId".into()));

    // Who was there answers it; the others do not see what is answered.
    let reply = ada.mutate("sendMessage", reply, "message { id replyTo { id } }").await.ok()["message"].clone();
    assert_eq!(reply["replyTo"]["id"], before);
    let document = "query($id: ID!) { node(id: $id) { ... on Message { id replyTo { id } } } }";
    let seen = bob.send(document, json!({"id": reply["id"]})).await.ok()["node"].clone();
    assert_eq!(seen, json!({"id": reply["id"], "replyTo": null}));

    // Nor does it speak of who does not see it, and nobody else hears what becomes of it.
    let of_bob = json!([{"userId": bob.id, "start": 0, "length": 4}]);
    let refused = edit(&ada, &before, "@Bob", of_bob).await;
    assert_eq!(refused.refusal(), ("NOT_FOUND".into(), "mentions.0.userId".into()));
    edit(&ada, &before, "Long before", Value::Null).await.ok();
    take_back(&ada, &before).await.ok();
    assert_eq!(changes(&ada, 2).await.len(), 2);
    assert!(changes(&bob, 0).await.is_empty());
    let topics = "SELECT cardinality(topics)::text AS line FROM events WHERE kind = 'messages.message_changed'";
    // Of the conversation, and of her.
    assert_eq!(crate::privacy::lines(&app, topics), ["2", "2"]);
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_message_speaks_of_those_who_belong_to_the_group() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let lamps = group(&ada, "Lamps").await;
    bring(&ada, &lamps, &bob).await;
    to_person(&ada, "inviteToGroup", &lamps, &eve).await.ok();
    let name = async |key: &str, person: &str| {
        let mentions = json!([{"userId": person, "start": 0, "length": 4}]);
        let input = json!({"conversationId": lamps, "text": "@You", "mentions": mentions, "idempotencyKey": key});
        ada.mutate("sendMessage", input, MESSAGE).await
    };
    let nobody = ("NOT_FOUND".to_owned(), "mentions.0.userId".to_owned());
    assert_eq!(name("asked", &eve.id).await.refusal(), nobody, "who is asked has not come in");
    let named = name("there", &bob.id).await.ok()["message"].clone();
    assert_eq!(named["mentions"], json!([{"user": {"displayName": "Bob"}}]));
    leave(&bob, &lamps).await.ok();
    assert_eq!(name("gone", &bob.id).await.refusal(), nobody);
    // What it spoke of stays, though he has gone.
    let still = json!([{"userId": bob.id, "start": 7, "length": 4}]);
    let edited = edit(&ada, &named["id"], "Hello, @You", still).await.ok()["message"].clone();
    assert_eq!((&edited["version"], &edited["mentions"]), (&json!(2), &named["mentions"]));
    assert_eq!(edit(&bob, &named["id"], "Hello", Value::Null).await.refusal().0, "NOT_FOUND");
}

#[actix_web::test]
async fn who_moderates_a_group_takes_back_what_anybody_wrote() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let lamps = group(&ada, "Lamps").await;
    for person in [&bob, &eve] {
        bring(&ada, &lamps, person).await;
    }
    set_role(&ada, &lamps, &bob, "MODERATOR").await.ok();
    let of_ada = say(&ada, &lamps, "One").await["id"].clone();
    let of_bob = say(&bob, &lamps, "Two").await["id"].clone();
    let of_eve = say(&eve, &lamps, "Three").await["id"].clone();
    let another = ("NOT_PERMITTED".to_owned(), "messageId".to_owned());
    assert_eq!(take_back(&eve, &of_ada).await.refusal(), another);
    assert_eq!(take_back(&bob, &of_ada).await.ok(), left_of("Ada", true));
    assert_eq!(take_back(&eve, &of_eve).await.ok(), left_of("Eve", false));
    assert_eq!(take_back(&bob, &of_eve).await.ok(), left_of("Eve", false), "once more changes nothing");
    assert_eq!(
        edit(&ada, &of_bob, "Mine", Value::Null).await.refusal(),
        another,
        "nobody puts words into others' mouths"
    );
    let steps = see(&ada, &lamps, "messages(first: 1) { nodes { id } }").await;
    assert_eq!(take_back(&ada, &steps["messages"]["nodes"][0]["id"]).await.refusal(), another, "what happened stays");
    assert_eq!(see(&eve, &lamps, "lastNumber unreadCount").await, json!({"lastNumber": 6, "unreadCount": 0}));

    to_person(&ada, "removeFromGroup", &lamps, &bob).await.ok();
    assert_eq!(take_back(&bob, &of_bob).await.refusal(), ("NOT_FOUND".into(), "messageId".into()));
    assert_eq!(take_back(&ada, &of_bob).await.ok(), left_of("Bob", true));
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_a_refusal_says_to_people_is_so() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let message = say(&ada, &conversation, "Helo").await;
    edit(&ada, &message["id"], "Hello", Value::Null).await.ok();
    // It was nobody else, no number, and nothing that has a form.
    let refused = async |client: &Client, what: &str| match what {
        "changed" => edit(client, &message["id"], "Hullo", Value::Null).await,
        "past" => keep(client, &conversation, json!({"mutedUntil": "2020-01-01T00:00:00Z"})).await,
        _ => client.mutate("startConversation", json!({"userId": ada.id}), "conversation { id }").await,
    };
    for (what, mutation, english, german) in [
        ("changed", "editMessage", "This has changed in the meantime.", "Das hat sich inzwischen geändert."),
        ("past", "updateConversationSettings", "This is out of range.", "Das liegt außerhalb des Bereichs."),
        ("oneself", "startConversation", "This cannot be so here.", "Das kann hier nicht so sein."),
    ] {
        for (client, text) in [(&ada.client, english), (&ada.with_header("accept-language", "de"), german)] {
            let answer = refused(client, what).await;
            assert_eq!(answer.data[mutation]["userErrors"][0]["message"], text, "{what}");
        }
    }
}
