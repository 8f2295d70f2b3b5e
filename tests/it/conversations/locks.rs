//! That nobody waits for who has no part in a conversation.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use super::{
    groups::{bring, group, leave, set_role, to_person},
    say,
};
use crate::harness::{TestApp, held::Held};

#[actix_web::test]
async fn who_takes_no_part_is_refused_without_a_lock() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let lamps = group(&ada, "Lamps").await;
    bring(&ada, &lamps, &bob).await;
    let message = say(&bob, &lamps, "Hello").await["id"].clone();
    leave(&bob, &lamps).await.ok();

    // Whoever wanted a lock would wait until it is let go.
    let mut held = Held::by(&app, "SELECT FROM conversations FOR NO KEY UPDATE");
    held.run("SELECT FROM messages FOR NO KEY UPDATE");
    let refused = async |mutation: &str, input: serde_json::Value| {
        let answer = timeout(Duration::from_secs(3), bob.mutate(mutation, input, "")).await;
        assert_eq!(answer.expect(mutation).refusal().0, "NOT_FOUND", "{mutation}");
    };
    let in_group = json!({"conversationId": lamps});
    for mutation in ["acceptGroupInvitation", "declineGroupInvitation"] {
        refused(mutation, in_group.clone()).await;
    }
    let left = timeout(Duration::from_secs(3), leave(&bob, &lamps)).await;
    left.expect("who has left waits for nobody").ok();
    for mutation in ["inviteToGroup", "withdrawGroupInvitation", "removeFromGroup"] {
        refused(mutation, json!({"conversationId": lamps, "userId": eve.id})).await;
    }
    refused("updateGroup", json!({"conversationId": lamps, "expectedVersion": 1, "title": "Mine"})).await;
    refused("setGroupRole", json!({"conversationId": lamps, "userId": eve.id, "role": "MEMBER"})).await;
    refused("sendMessage", json!({"conversationId": lamps, "text": "Hello", "idempotencyKey": "again"})).await;
    refused("editMessage", json!({"messageId": message, "expectedVersion": 1, "text": "Mine"})).await;
    refused("deleteMessage", json!({"messageId": message})).await;
    for mutation in ["addReaction", "removeReaction"] {
        refused(mutation, json!({"messageId": message, "emoji": "👍"})).await;
    }
    held.release();

    // Who has a part waits, and what is so when it is their turn is what counts.
    bring(&ada, &lamps, &bob).await;
    set_role(&ada, &lamps, &bob, "MODERATOR").await.ok();
    let mut held = Held::by(&app, "SELECT FROM conversations FOR NO KEY UPDATE");
    held.run("UPDATE participants SET is_member = false, role = NULL FROM users u WHERE u.id = user_id AND u.display_name = 'Bob'");
    let (asked, ()) = tokio::join!(to_person(&bob, "inviteToGroup", &lamps, &eve), async {
        held.waited_for_by(&app, 1).await;
        held.release();
    });
    assert_eq!(asked.refusal(), ("NOT_FOUND".to_owned(), "conversationId".to_owned()));
}
