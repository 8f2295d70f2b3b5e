//! Sending a file.

use std::time::Duration;

use agora::{kernel::id::Id, media::service::take_in, platform::caller::Caller, users::model::User};
use chrono::TimeDelta;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::{
    again, announce,
    files::{bomb, lying_photo, photo},
    put, send, states, try_put,
};
use crate::harness::{TestApp, app::Person, raw::Raw};

#[actix_web::test]
async fn a_picture_is_sent_and_everybody_sees_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let file = photo(300, 200);
    let upload = announce(&ada, file.len()).await;
    let avatar = "user { id avatar { id width height placeholder } }";
    let input = json!({"uploadId": upload.id});
    let refused = ada.mutate("setAvatar", input.clone(), avatar).await;
    assert_eq!(refused.refusal(), ("UPLOAD_INCOMPLETE".into(), "uploadId".into()));
    assert_eq!(put(&upload.url, &file).await.status(), 204);
    // Whoever did not hear the answer sends it once more.
    assert_eq!(put(&upload.url, &file).await.status(), 204);
    assert_eq!(states(&app), ["READY 1"]);
    let user = ada.mutate("setAvatar", input.clone(), avatar).await.ok()["user"].clone();
    assert_eq!(
        (&user["id"], &user["avatar"]["width"], &user["avatar"]["height"]),
        (&json!(ada.id), &json!(300), &json!(200))
    );
    assert!(user["avatar"]["placeholder"].as_str().unwrap().len() > 20, "{user}");
    let again = ada.mutate("setAvatar", input, avatar).await.ok()["user"].clone();
    assert_eq!(again, user);

    let document = "query($id: ID!) { user(by: {id: $id}) { displayName avatar { id } } }";
    let seen = app.guest().send(document, json!({"id": ada.id})).await.ok();
    assert_eq!(seen["user"]["avatar"]["id"], user["avatar"]["id"]);
    for _ in 0..2 {
        let without = ada.query("mutation { removeAvatar { user { avatar { id } } userErrors { code } } }").await.ok();
        assert_eq!(without["removeAvatar"], json!({"user": {"avatar": null}, "userErrors": []}));
    }
    let seen = app.guest().send(document, json!({"id": ada.id})).await.ok();
    assert_eq!(seen["user"], json!({"displayName": "Ada", "avatar": null}));
}

#[actix_web::test]
async fn what_is_no_image_is_refused_and_may_be_sent_again() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let whole = photo(400, 400);
    // Long enough for an image in their place.
    let long = |mut file: Vec<u8>| {
        file.resize(2_000, b' ');
        file
    };
    let page = b"<!doctype html><script>alert(1)</script>".to_vec();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec();
    for (file, status, code) in [
        (long(page), 415, "NOT_AN_IMAGE"),
        (long(svg), 415, "NOT_AN_IMAGE"),
        (long(b"GIF89a\x08\0\x08\0".to_vec()), 422, "DAMAGED"),
        (whole[..whole.len() * 2 / 3].to_vec(), 422, "DAMAGED"),
        (long(bomb(60_000, 60_000)), 422, "TOO_MANY_PIXELS"),
        (long(bomb(30_000, 30_000)), 422, "TOO_MANY_PIXELS"),
        (long(bomb(u32::MAX >> 1, 1)), 422, "TOO_MANY_PIXELS"),
        // It has the pixels that are allowed, but not the bytes behind them.
        (long(bomb(7_000, 7_000)), 422, "DAMAGED"),
        (long(bomb(0, 8)), 422, "DAMAGED"),
    ] {
        let upload = announce(&ada, file.len()).await;
        assert_eq!(try_put(&upload.url, &file).await, (status, code.into()), "{file:?}");
        // The same URL takes a file of the announced size that is an image.
        let mut good = photo(8, 8);
        good.resize(file.len(), 0);
        assert_eq!(try_put(&upload.url, &good).await, (204, String::new()));
    }
    assert_eq!(states(&app), ["READY 9"], "what was refused left nothing");
}

#[actix_web::test]
async fn a_file_has_the_size_that_was_announced() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let file = photo(64, 64);
    let upload = announce(&ada, file.len()).await;
    assert_eq!(try_put(&upload.url, &[&file[..], b"x"].concat()).await, (413, "TOO_LARGE".into()));
    assert_eq!(try_put(&upload.url, &file[1..]).await, (400, "TOO_SMALL".into()));
    let packed = reqwest::Client::new().put(&upload.url).header("content-encoding", "gzip").body(file.clone());
    assert_eq!(packed.send().await.unwrap().status(), 415);
    let mut broken = Raw::connect(&upload.url).await;
    let path = upload.url.rsplit_once("/uploads/").unwrap().1;
    let head = format!("PUT /uploads/{path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", file.len());
    broken.0.write_all(&[head.as_bytes(), &file[..100]].concat()).await.unwrap();
    drop(broken);
    assert_eq!(try_put(&upload.url, &file).await, (204, String::new()));

    for (bytes, code) in [(0, "OUT_OF_RANGE"), (-1, "OUT_OF_RANGE"), (4 * 1024 * 1024 + 1, "TOO_LARGE")] {
        let input = json!({"purpose": "AVATAR", "byteSize": bytes});
        let answer = ada.mutate("createUpload", input, "upload { id }").await;
        assert_eq!(answer.refusal(), (code.into(), "byteSize".into()));
    }
    let document = "mutation { createUpload(input: {purpose: AVATAR, byteSize: 2000000000}) { userErrors { ... on TooLargeError \
                    { maximumBytes } } } }";
    let answer = ada.query(document).await.ok();
    assert_eq!(answer["createUpload"]["userErrors"][0]["maximumBytes"], 4 * 1024 * 1024);
}

#[actix_web::test]
async fn a_url_is_good_for_an_hour_and_nobody_makes_one_up() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let file = photo(64, 64);
    let (late, taken) = (announce(&ada, file.len()).await, announce(&ada, file.len()).await);
    assert_eq!(put(&taken.url, &file).await.status(), 204);
    app.advance(TimeDelta::minutes(61));
    assert_eq!(try_put(&late.url, &file).await, (410, "EXPIRED".into()));
    assert_eq!(put(&taken.url, &file).await.status(), 204, "it was taken in time");
    let flipped = if late.url.ends_with('A') { "B" } else { "A" };
    let changed = format!("{}{flipped}", &late.url[..late.url.len() - 1]);
    for url in [changed, app.url(&format!("/uploads/{}", late.id)), app.url("/uploads/nonsense")] {
        assert_eq!(try_put(&url, &file).await, (404, "NOT_FOUND".into()), "{url}");
    }
    let got = reqwest::get(&late.url).await.unwrap();
    assert!(got.status().is_client_error(), "{got:?}");
}

#[actix_web::test]
async fn of_two_that_are_sent_at_once_to_two_processes_one_is_kept() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let beside = app.start_beside(|_| {}).await;
    let file = lying_photo(600, 400);
    for _ in 0..3 {
        let upload = announce(&ada, file.len()).await;
        let there = beside.url(upload.url.split_at(upload.url.find("/uploads/").unwrap()).1);
        let (one, other) = tokio::join!(put(&upload.url, &file), put(&there, &file));
        assert_eq!((one.status().as_u16(), other.status().as_u16()), (204, 204));
        ada.mutate("setAvatar", json!({"uploadId": upload.id}), "user { id }").await.ok();
    }
    assert_eq!(
        states(&app).first().map_or("", |line| &line[..6]),
        "DOOMED",
        "they met at least once: {:?}",
        states(&app)
    );
    assert_eq!(states(&app).last().unwrap(), "READY 3");
    beside.stop().await;
}

#[actix_web::test]
async fn what_somebody_sent_is_theirs() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let id = send(&ada, &photo(64, 64)).await;
    let answer = bob.mutate("setAvatar", json!({"uploadId": id}), "user { id }").await;
    assert_eq!(answer.refusal(), ("NOT_FOUND".into(), "uploadId".into()));
    ada.mutate("setAvatar", json!({"uploadId": id}), "user { id }").await.ok();
}

#[actix_web::test]
async fn nobody_announces_more_than_their_share() {
    let app = TestApp::start_with(|settings| settings.media.upload_bytes = 1024 * 1024 * 1024).await;
    let (mut ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let file = photo(64, 64);
    let mut last = announce(&ada, file.len()).await;
    for _ in 0..19 {
        last = announce(&ada, file.len()).await;
    }
    let announced = async |person: &Person, bytes: usize| {
        let input = json!({"purpose": "AVATAR", "byteSize": bytes});
        person.mutate("createUpload", input, "upload { id }").await.refusals()
    };
    let too_many = [("TOO_MANY".to_owned(), String::new())];
    assert_eq!(announced(&ada, 1).await, too_many);
    assert_eq!(announced(&bob, 1).await, []);
    assert_eq!(put(&last.url, &file).await.status(), 204);
    assert_eq!(announced(&ada, 1).await, [], "one waits no more");
    assert_eq!(announced(&ada, 1).await, too_many);
    app.advance(TimeDelta::minutes(61));
    again(&app, &mut ada).await;
    assert_eq!(announced(&ada, 1024 * 1024 * 1024).await, too_many, "a day's are together");
    app.advance(TimeDelta::hours(24));
    again(&app, &mut ada).await;
    assert_eq!(announced(&ada, 1024 * 1024 * 1024).await, []);
    assert_eq!(announced(&ada, 1).await, too_many);
}

#[actix_web::test]
async fn who_asks_again_gets_the_same_url() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let ask = async |bytes: usize| {
        let input = json!({"purpose": "AVATAR", "byteSize": bytes, "idempotencyKey": "1"});
        ada.mutate("createUpload", input, "upload { id url expiresAt }").await
    };
    let first = ask(100).await.ok();
    assert_eq!(ask(100).await.ok(), first);
    assert_eq!(ask(101).await.refusal().0, "IDEMPOTENCY_KEY_REUSED");
}

#[actix_web::test]
async fn a_large_file_has_longer_than_other_requests_but_not_for_ever() {
    let app = TestApp::start_with(|settings| {
        settings.patience.exchange = Duration::from_millis(600);
        settings.patience.reading = Duration::from_millis(500);
    })
    .await;
    let ada = app.sign_up("Ada").await;
    let file = photo(64, 64);
    let upload = announce(&ada, file.len()).await;
    let path = upload.url.rsplit_once("/uploads/").unwrap().1;
    let head = format!("PUT /uploads/{path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", file.len());
    let mut stuck = Raw::connect(&upload.url).await;
    let answer = stuck.ask(&format!("{head}abc")).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("SLOW"), "{answer}");

    let mut steady = Raw::connect(&upload.url).await;
    steady.0.write_all(head.as_bytes()).await.unwrap();
    for piece in file.chunks(file.len().div_ceil(8)) {
        tokio::time::sleep(Duration::from_millis(150)).await;
        steady.0.write_all(piece).await.unwrap();
    }
    let answer = steady.ask("").await;
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

#[actix_web::test]
async fn pages_of_listed_origins_may_send() {
    let app = TestApp::start_with(|settings| settings.allowed_origins = vec!["https://shop.example".into()]).await;
    let ada = app.sign_up("Ada").await;
    let file = photo(64, 64);
    let upload = announce(&ada, file.len()).await;
    let client = reqwest::Client::new();
    let preflight = client.request(reqwest::Method::OPTIONS, &upload.url).header("origin", "https://shop.example");
    let preflight = preflight.header("access-control-request-method", "PUT");
    let answer = preflight.header("access-control-request-headers", "content-type").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://shop.example");
    let sent = client.put(&upload.url).header("origin", "https://shop.example").body(file).send().await.unwrap();
    assert_eq!((sent.status().as_u16(), sent.headers().contains_key("access-control-allow-origin")), (204, true));
}

#[actix_web::test]
async fn what_is_no_image_is_looked_at_five_times() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let file = bomb(7_000, 7_000);
    let upload = announce(&ada, file.len()).await;
    assert_eq!(try_put(&upload.url, &file[1..]).await, (400, "TOO_SMALL".into()), "nobody looks at what is not whole");
    for _ in 0..5 {
        assert_eq!(try_put(&upload.url, &file).await, (422, "DAMAGED".into()));
    }
    assert_eq!(try_put(&upload.url, &file).await, (410, "EXPIRED".into()));
}

#[actix_web::test]
async fn nobody_has_more_kept_than_their_share() {
    let app = TestApp::start().await;
    let (mut ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let file = photo(64, 64);
    send(&ada, &file).await;
    // As if the first had become as large as a day may be when it was encoded.
    app.given_sql("UPDATE media SET byte_size = 1024 * 1024 * 1024");
    let upload = announce(&ada, file.len()).await;
    assert_eq!(try_put(&upload.url, &file).await, (429, "TOO_MANY".into()));
    assert_eq!(states(&app), ["READY 1"], "what was refused left nothing");
    send(&bob, &file).await;
    app.advance(TimeDelta::hours(25));
    again(&app, &mut ada).await;
    send(&ada, &file).await;
}

#[actix_web::test]
async fn what_the_market_takes_in_itself_is_nobodys_share() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let (id, file): (Id<User>, _) = (ada.id.parse().unwrap(), photo(64, 64));
    take_in(app.app(), &Caller::system(), id, file.clone()).await.unwrap();
    app.given_sql("UPDATE media SET byte_size = 1024 * 1024 * 1024");
    take_in(app.app(), &Caller::system(), id, file.clone()).await.unwrap();
    send(&ada, &file).await;
    app.given_sql("UPDATE media SET byte_size = 1024 * 1024 * 1024");
    let upload = announce(&ada, file.len()).await;
    assert_eq!(try_put(&upload.url, &file).await, (429, "TOO_MANY".into()), "their own counts");
    take_in(app.app(), &Caller::system(), id, file).await.unwrap();
}

#[actix_web::test]
async fn one_file_of_a_person_is_worked_at_and_others_do_not_wait_for_it() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let file = photo(64, 64);
    let upload = announce(&ada, file.len()).await;
    let id: Id<User> = ada.id.parse().unwrap();
    let turn = app.app().in_making.take(id.to_string(), Duration::from_secs(1)).await.unwrap();
    let mut sent = Box::pin(try_put(&upload.url, &file));
    tokio::select! {
        answer = &mut sent => panic!("there are two of Ada's: {answer:?}"),
        _ = send(&bob, &file) => {}
    }
    drop(turn);
    assert_eq!(sent.await, (204, String::new()));
}
