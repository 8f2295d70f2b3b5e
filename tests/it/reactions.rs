//! Emoji below messages.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    conversations::talk,
    harness::{Answer, Client, TestApp},
    message_changes::{changes, say},
};

const REACTIONS: &str = "message { reactions { emoji count isMine } }";

async fn react(client: &Client, message: &str, emoji: &str) -> Answer {
    client.mutate("addReaction", json!({"messageId": message, "emoji": emoji}), REACTIONS).await
}

async fn unreact(client: &Client, message: &str, emoji: &str) -> Answer {
    client.mutate("removeReaction", json!({"messageId": message, "emoji": emoji}), REACTIONS).await
}

fn count(emoji: &str, count: i32, is_mine: bool) -> Value {
    json!({"emoji": emoji, "count": count, "isMine": is_mine})
}

#[actix_web::test]
async fn reactions_are_counted_and_each_knows_its_own() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let conversation = talk(&ada, &bob).await;
    let message = say(&ada, &conversation, "Tea?").await;
    for _ in 0..2 {
        let of_bob = react(&bob, &message, "👍").await.ok()["message"]["reactions"].clone();
        assert_eq!(of_bob, json!([count("👍", 1, true)]), "once more changes nothing");
    }
    app.advance(chrono::TimeDelta::seconds(1));
    // The heart with and without the mark for its coloured form is one.
    react(&bob, &message, "❤").await.ok();
    let of_ada = react(&ada, &message, "❤\u{fe0f}").await.ok()["message"]["reactions"].clone();
    assert_eq!(of_ada, json!([count("👍", 1, false), count("❤\u{fe0f}", 2, true)]));
    let left = unreact(&bob, &message, "❤\u{fe0f}").await.ok()["message"]["reactions"].clone();
    assert_eq!(left, json!([count("👍", 1, true), count("❤\u{fe0f}", 1, false)]));
    unreact(&bob, &message, "❤").await.ok();

    for text in ["", "ok", "👍👍", "👍 ", "3"] {
        assert_eq!(react(&bob, &message, text).await.refusal(), ("INVALID".into(), "emoji".into()), "{text}");
    }
    assert_eq!(react(&eve, &message, "👍").await.refusal(), ("NOT_FOUND".into(), "messageId".into()));
    assert_eq!(unreact(&eve, &message, "👍").await.refusal(), ("NOT_FOUND".into(), "messageId".into()));

    let heard = changes(&ada, 4).await;
    assert_eq!(heard.len(), 4, "what changes nothing is not told");
    assert!(heard.iter().all(|event| event["change"] == "REACTIONS" && event["message"]["id"] == json!(message)));
    assert_eq!(changes(&eve, 0).await.len(), 0);

    ada.mutate("deleteMessage", json!({"messageId": message}), REACTIONS).await.ok();
    assert_eq!(crate::privacy::lines(&app, "SELECT emoji AS line FROM message_reactions"), [""; 0]);
    assert_eq!(react(&bob, &message, "👍").await.refusal(), ("NOT_PERMITTED".into(), "messageId".into()));
}

#[actix_web::test]
async fn there_is_room_for_five_of_a_person_and_twenty_of_a_message() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let message = say(&ada, &conversation, "Tea?").await;
    let emoji: Vec<String> = ('😀'..='😔').map(String::from).collect();
    // All at once: the bound holds.
    let answers = join_all(emoji[..7].iter().map(|emoji| react(&bob, &message, emoji))).await;
    let refusals: Vec<_> = answers.iter().flat_map(Answer::refusals).collect();
    assert_eq!(refusals, vec![("TOO_MANY".to_owned(), "emoji".to_owned()); 2]);

    app.given_sql("DELETE FROM message_reactions");
    let others: Vec<String> = emoji[..20].iter().map(|emoji| format!("('{emoji}')")).collect();
    app.given_sql(&format!(
        "INSERT INTO message_reactions SELECT m.id, m.author_id, k.kind, k.kind, now() \
           FROM messages m, (VALUES {}) k (kind)",
        others.join(", ")
    ));
    assert_eq!(react(&bob, &message, &emoji[20]).await.refusal(), ("TOO_MANY".into(), "emoji".into()));
    let joined = react(&bob, &message, &emoji[19]).await.ok()["message"]["reactions"].clone();
    assert_eq!(joined.as_array().unwrap().len(), 20, "what is there already takes no room");
}
