//! What it costs to have others be told of something, and that they are told of nothing where nothing has changed.

use serde_json::json;

use super::groups::{bring, group, set_role};
use crate::{
    harness::{TestApp, cluster::count},
    privacy::lines,
};

const CONVERSATION: &str = "conversation_00000000000000000000000000";
const PERSON: &str = "user_00000000000000000000000000";

#[actix_web::test]
async fn what_others_hear_of_or_is_dear_has_its_price() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await.client.with_header("agora-include", "cost");
    let group = json!({"conversationId": CONVERSATION});
    let person = json!({"conversationId": CONVERSATION, "userId": PERSON});
    let up_to = json!({"conversationId": CONVERSATION, "upTo": 1});
    let from = json!({"fromMessageId": "message_00000000000000000000000000"});
    let role = json!({"conversationId": CONVERSATION, "userId": PERSON, "role": "MEMBER"});
    for (mutation, input, price) in [
        ("setGroupRole", &role, 200),
        ("removeFromGroup", &person, 200),
        ("leaveGroup", &group, 200),
        ("acceptGroupInvitation", &group, 200),
        ("withdrawGroupInvitation", &person, 100),
        ("declineGroupInvitation", &group, 50),
        ("markRead", &up_to, 10),
        ("markDelivered", &up_to, 10),
        ("markConversationUnread", &from, 50),
        ("sendTyping", &group, 10),
    ] {
        let answer = ada.mutate(mutation, input.clone(), "").await;
        assert_eq!(answer.refusal().0, "NOT_FOUND", "{mutation}");
        let paid = answer.extensions["cost"]["actual"].as_i64().unwrap();
        // And what is answered.
        assert!((price..price + 10).contains(&paid), "{mutation}: {paid}");
    }
}

#[actix_web::test]
async fn a_role_that_somebody_has_already_is_told_to_nobody() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let lamps = group(&ada, "Lamps").await;
    bring(&ada, &lamps, &bob).await;
    let told = "SELECT (SELECT count(*) FROM event_outbox) + (SELECT count(*) FROM events) AS count";
    let messages = "SELECT count(*)::text AS line FROM messages";
    let before = (count(&mut app.connect(), told), lines(&app, messages));
    for _ in 0..3 {
        let answer = set_role(&ada, &lamps, &bob, "MEMBER").await.ok();
        assert_eq!(answer["conversation"]["role"], "OWNER");
    }
    assert_eq!((count(&mut app.connect(), told), lines(&app, messages)), before);
    set_role(&ada, &lamps, &bob, "MODERATOR").await.ok();
    assert_eq!(count(&mut app.connect(), told), before.0 + 1);
    // What is not theirs to say stays refused, even if it would change nothing.
    let refused = set_role(&bob, &lamps, &ada, "OWNER").await;
    assert_eq!(refused.refusal(), ("NOT_PERMITTED".to_owned(), "conversationId".to_owned()));
}
