//! What others notice of how far somebody has read, and what it takes.

use serde_json::json;

use super::{
    live::{heard, live, next},
    say, talk,
};
use crate::{harness::TestApp, privacy::lines};

#[actix_web::test]
async fn at_what_is_for_somebody_alone_nobody_else_looks() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let newest = say(&ada, &conversation, "one").await;
    let read = json!({"conversationId": conversation, "upTo": 1});
    bob.mutate("markRead", read.clone(), "conversation { id }").await.ok();
    let (mut adas, mut bobs) = (live(&app, &ada, &conversation).await, live(&app, &bob, &conversation).await);
    // If she looked, it would be over.
    let takes_part = |does: bool| {
        app.given_sql(&format!(
            "UPDATE participants SET is_member = {does} FROM users u WHERE u.id = user_id AND u.display_name = 'Ada'"
        ));
    };
    takes_part(false);
    for _ in 0..3 {
        let unread = json!({"fromMessageId": newest["id"]});
        bob.mutate("markConversationUnread", unread, "conversation { id }").await.ok();
        bob.mutate("markRead", read.clone(), "conversation { id }").await.ok();
        assert_eq!(next(&mut bobs).await["participant"]["user"]["displayName"], "Bob");
    }
    takes_part(true);
    say(&bob, &conversation, "two").await;
    assert_eq!(heard(&mut adas).await, "two");
}

#[actix_web::test]
async fn what_has_come_before_is_not_written_again() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    for text in ["one", "two"] {
        say(&ada, &conversation, text).await;
    }
    let come = async |up_to: i32| {
        let input = json!({"conversationId": conversation, "upTo": up_to});
        bob.mutate("markDelivered", input, "conversation { id }").await.ok();
    };
    let rows = "SELECT xmin::text || ' ' || delivered_number AS line FROM participants ORDER BY user_id";
    come(2).await;
    let written = lines(&app, rows);
    for up_to in [2, 1, 0, 9] {
        come(up_to).await;
    }
    assert_eq!(lines(&app, rows), written);
    // What was read has come.
    say(&ada, &conversation, "three").await;
    let read = json!({"conversationId": conversation, "upTo": 3});
    bob.mutate("markRead", read, "conversation { id }").await.ok();
    let written = lines(&app, rows);
    come(3).await;
    assert_eq!(lines(&app, rows), written);
}
