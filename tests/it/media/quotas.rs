//! How much is kept of one person in all.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use super::{again, announce, files::photo, send, send_for, try_put};
use crate::{
    conversations::talk,
    harness::{Answer, TestApp, app::Person},
};

/// Eight of the smallest files.
const QUOTA: i64 = 512 * 1024;

async fn app() -> TestApp {
    TestApp::start_with(|settings| settings.media.upload_quota = QUOTA).await
}

async fn announced(person: &Person, purpose: &str, bytes: usize) -> Answer {
    person.mutate("createUpload", json!({"purpose": purpose, "byteSize": bytes}), "upload { id }").await
}

fn no_room() -> (String, String) {
    ("STORAGE_EXHAUSTED".into(), String::new())
}

#[actix_web::test]
async fn so_much_is_kept_of_one_person_however_many_announce_at_once() {
    let app = app().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let purposes = ["MESSAGE_FILE", "MESSAGE", "AVATAR", "IMPORT"].into_iter().cycle();
    let all = join_all(purposes.take(8).map(|purpose| announced(&ada, purpose, 100_000))).await;
    let refused: Vec<_> = all.iter().flat_map(Answer::refusals).collect();
    assert_eq!(refused, vec![no_room(); 3]);
    // Small files are as many as large ones are at the most.
    for _ in 0..8 {
        announced(&bob, "MESSAGE_FILE", 1).await.ok();
    }
    assert_eq!(announced(&bob, "MESSAGE_FILE", 1).await.refusal(), no_room());
}

#[actix_web::test]
async fn what_is_kept_counts_for_as_long_as_it_is() {
    let app = app().await;
    let (mut ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (conversation, bytes) = (talk(&ada, &bob).await, "x".repeat(400_000));
    let file = send_for(&ada, bytes.as_bytes(), "MESSAGE_FILE").await;
    let attachments = json!([{"file": {"uploadId": file, "name": "x.txt"}}]);
    let input = json!({"conversationId": conversation, "attachments": attachments, "idempotencyKey": "1"});
    let message = ada.mutate("sendMessage", input, "message { id }").await.ok()["message"]["id"].clone();
    // Nobody sends it: then it does not count for long.
    announced(&ada, "MESSAGE_FILE", 100_000).await.ok();
    assert_eq!(announced(&ada, "MESSAGE_FILE", 100_000).await.refusal(), no_room());
    app.advance(TimeDelta::days(3));
    again(&app, &mut ada).await;
    assert_eq!(announced(&ada, "AVATAR", 200_000).await.refusal(), no_room());
    ada.mutate("deleteMessage", json!({"messageId": message}), "message { id }").await.ok();
    announced(&ada, "AVATAR", 200_000).await.ok();
}

#[actix_web::test]
async fn an_image_counts_as_it_is_kept_and_what_the_market_fetched_does_not() {
    let app = app().await;
    let ada = app.sign_up("Ada").await;
    let file = photo(64, 64);
    send(&ada, &file).await;
    let upload = announce(&ada, file.len()).await;
    // As if the first had become as large when it was encoded.
    app.given_sql(&format!("UPDATE media SET byte_size = {QUOTA}"));
    assert_eq!(try_put(&upload.url, &file).await, (507, "STORAGE_EXHAUSTED".into()));
    assert_eq!(announced(&ada, "AVATAR", 1).await.refusal(), no_room());
    app.given_sql("UPDATE media SET is_taken_in = true");
    assert_eq!(try_put(&upload.url, &file).await, (204, String::new()));
    announced(&ada, "AVATAR", 1).await.ok();
}
