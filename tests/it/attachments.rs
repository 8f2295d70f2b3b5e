//! What is sent along with messages: pictures and files for those who see the message, cards, and places.

use agora::{media::service, messages, platform::caller::Caller};
use chrono::TimeDelta;
use reqwest::Response;
use serde_json::{Value, json};

use crate::{
    conversations::talk,
    harness::{Answer, Client, TestApp, app::Person},
    media::{files::photo, send_for},
    moderation::{decide, open_case, report, staff},
    privacy::lines,
};

const MESSAGE: &str = "message { id content { __typename ... on TextContent { text } } attachments { __typename \
    ... on ImageAttachment { image { id width url small: url(width: 64) } } \
    ... on FileAttachment { name contentType byteSize url } \
    ... on ProductAttachment { product { id title } } \
    ... on OrderPartAttachment { orderPart { id } } \
    ... on PlaceAttachment { name latitude longitude } } }";

async fn send(client: &Client, conversation: &str, text: Option<&str>, attachments: Value, key: &str) -> Answer {
    let input =
        json!({"conversationId": conversation, "text": text, "attachments": attachments, "idempotencyKey": key});
    client.mutate("sendMessage", input, MESSAGE).await
}

/// What somebody sees of a message.
async fn seen(client: &Client, message: &Value) -> Value {
    let selection = MESSAGE.strip_prefix("message").unwrap();
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on Message {selection} }} }}");
    client.send(&document, json!({"id": message})).await.ok()["node"].clone()
}

async fn fetch(url: &Value) -> Response {
    reqwest::get(url.as_str().unwrap()).await.unwrap()
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// A picture and a file of somebody's, to be attached.
async fn sent(person: &Person) -> Value {
    let picture = send_for(person, &photo(300, 200), "MESSAGE").await;
    let file = send_for(person, b"<svg onload='alert(1)'/>", "MESSAGE_FILE").await;
    json!([{"image": {"uploadId": picture}}, {"file": {"uploadId": file, "name": " größe.svg "}}])
}

#[actix_web::test]
async fn a_picture_and_a_file_are_for_those_who_see_the_message() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let conversation = talk(&ada, &bob).await;
    let both = sent(&ada).await;
    let message = send(&ada, &conversation, None, both.clone(), "1").await.ok()["message"].clone();
    assert_eq!(message["content"], json!({"__typename": "TextContent", "text": ""}));
    assert_eq!(send(&ada, &conversation, None, both, "1").await.ok()["message"]["id"], message["id"], "a repeat");

    let told = seen(&bob, &message["id"]).await["attachments"].clone();
    let (picture, file) = (&told[0]["image"], &told[1]);
    assert_eq!(picture["width"], 300);
    let answer = fetch(&picture["small"]).await;
    assert_eq!(answer.status().as_u16(), 200);
    assert!(
        header(&answer, "content-type").starts_with("image/") && header(&answer, "cache-control").contains("private")
    );

    assert_eq!(
        (&file["name"], &file["contentType"], &file["byteSize"]),
        (&json!("größe.svg"), &json!("text/plain"), &json!(24))
    );
    let answer = fetch(&file["url"]).await;
    assert_eq!(answer.status().as_u16(), 200);
    // It runs nowhere.
    assert!(header(&answer, "content-disposition").starts_with("attachment"));
    assert!(header(&answer, "content-security-policy").contains("sandbox"));
    assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
    assert_eq!(&answer.bytes().await.unwrap()[..], b"<svg onload='alert(1)'/>");

    // Nobody else comes to it: neither by an id nor where pictures are that everybody sees.
    assert_eq!(seen(&eve, &message["id"]).await, Value::Null);
    let document = "query($id: ID!) { node(id: $id) { id } }";
    for person in [&ada, &bob, &eve] {
        assert_eq!(person.send(document, json!({"id": picture["id"]})).await.ok()["node"], Value::Null);
    }
    let tag = &lines(&app, "SELECT left(encode(checksum, 'hex'), 16) AS line FROM media WHERE is_private")[0];
    let public = app.url(&format!("/images/{}/{tag}/full.jpg", picture["id"].as_str().unwrap()));
    assert_eq!(reqwest::get(public).await.unwrap().status().as_u16(), 404);
    let url = picture["url"].as_str().unwrap();
    let token = url.rsplit('/').next().unwrap();
    assert_eq!(fetch(&json!(url.replace(token, "nonsense"))).await.status().as_u16(), 404);

    // A URL is good for a while.
    app.advance(TimeDelta::hours(3));
    for url in [&picture["url"], &file["url"]] {
        assert_eq!(fetch(url).await.status().as_u16(), 404);
    }
}

#[actix_web::test]
async fn what_is_taken_back_takes_its_files_along_and_the_others_stay() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let one = send(&ada, &conversation, Some("One"), sent(&ada).await, "1").await.ok()["message"].clone();
    let other = send(&ada, &conversation, None, sent(&ada).await, "2").await.ok()["message"].clone();
    ada.mutate("deleteMessage", json!({"messageId": one["id"]}), "message { id }").await.ok();
    assert_eq!(seen(&bob, &one["id"]).await["attachments"], json!([]));
    let urls = |message: &Value| {
        let attachments = &message["attachments"];
        [attachments[0]["image"]["url"].clone(), attachments[1]["url"].clone()]
    };
    for url in urls(&one) {
        assert_eq!(fetch(&url).await.status().as_u16(), 404, "its URLs lead nowhere at once");
    }
    for url in urls(&other) {
        assert_eq!(fetch(&url).await.status().as_u16(), 200);
    }
    app.advance(TimeDelta::days(3));
    for _ in 0..2 {
        service::sweep(app.app(), &Caller::system()).await.unwrap();
        app.advance(TimeDelta::hours(2));
    }
    assert_eq!(lines(&app, "SELECT count(*)::text AS line FROM media"), ["1"]);
    assert_eq!(lines(&app, "SELECT purpose AS line FROM uploads"), ["MESSAGE_FILE"]);
    let kept = seen(&app.guest().with_token(&again(&app, &bob).await), &other["id"]).await;
    for url in urls(&kept) {
        assert_eq!(fetch(&url).await.status().as_u16(), 200);
    }
}

#[actix_web::test]
async fn what_the_staff_hide_is_at_its_urls_no_more() {
    let app = TestApp::start().await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    let conversation = talk(&ada, &bob).await;
    let message = send(&ada, &conversation, Some("Look"), sent(&ada).await, "1").await.ok()["message"].clone();
    let attachments = &message["attachments"];
    let urls = [&attachments[0]["image"]["url"], &attachments[0]["image"]["small"], &attachments[1]["url"]];
    for url in urls {
        assert_eq!(fetch(url).await.status().as_u16(), 200);
    }
    report(&bob, json!({"messageId": message["id"]}), "ILLEGAL", "").await.ok();
    let case = open_case(&sue).await;
    decide(&sue, &case, "HIDE", "It is not to be seen").await.ok();
    for url in urls {
        assert_eq!(fetch(url).await.status().as_u16(), 404, "{url}");
    }
    // It is kept, and there again once it is shown again.
    overturn(&ada, &sue, &case).await;
    for url in urls {
        assert_eq!(fetch(url).await.status().as_u16(), 200, "{url}");
    }
}

/// Has the staff hide a message with a picture and a file that Ada sends to Bob. Returns its id and the case.
async fn hidden(ada: &Person, bob: &Person, sue: &Client) -> (Value, Value) {
    let conversation = talk(ada, bob).await;
    let message = send(ada, &conversation, Some("Look"), sent(ada).await, "1").await.ok()["message"]["id"].clone();
    report(bob, json!({"messageId": message}), "ILLEGAL", "").await.ok();
    let case = open_case(sue).await;
    decide(sue, &case, "HIDE", "It is not to be seen").await.ok();
    (message, case)
}

/// The overturning of the decision about Ada's message.
async fn overturn(ada: &Client, sue: &Client, case: &Value) {
    let notice = ada.query("{ viewer { moderationNotices { nodes { id } } } }").await.ok();
    let appeal = json!({"decisionId": notice["viewer"]["moderationNotices"]["nodes"][0]["id"], "text": "A teapot"});
    ada.mutate("appealDecision", appeal, "moderationNotice { id }").await.ok();
    let overturned = json!({"caseId": case, "outcome": "OVERTURNED", "reason": "It is a teapot"});
    sue.mutate("answerAppeal", overturned, "moderationCase { id }").await.ok();
}

fn attached(app: &TestApp) -> Vec<String> {
    lines(app, "SELECT message_id::text AS line FROM message_attachments")
}

#[actix_web::test]
async fn what_is_hidden_can_be_taken_back_with_its_files_and_is_not_shown_again() {
    let app = TestApp::start().await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    let (message, case) = hidden(&ada, &bob, &sue).await;
    assert_eq!(attached(&app).len(), 2);
    let content = "message { version content { __typename ... on DeletedContent { reason } } }";
    let taken = ada.mutate("deleteMessage", json!({"messageId": message}), content).await.ok()["message"].clone();
    let tombstone = json!({"version": 3, "content": {"__typename": "DeletedContent", "reason": "AUTHOR"}});
    assert_eq!((&taken, attached(&app)), (&tombstone, Vec::new()));
    // Once more changes nothing, and nothing is there to be shown.
    assert_eq!(ada.mutate("deleteMessage", json!({"messageId": message}), content).await.ok()["message"], tombstone);
    overturn(&ada, &sue, &case).await;
    assert_eq!(seen(&bob, &message).await["content"], json!({"__typename": "DeletedContent"}));
}

#[actix_web::test]
async fn what_stays_hidden_loses_its_files_when_its_time_is_over() {
    let app = TestApp::start().await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    hidden(&ada, &bob, &sue).await;
    let forget = async || messages::service::forget_deleted(app.app(), &Caller::system()).await.unwrap();
    let earlier = |days: u32| {
        app.given_sql(&format!("UPDATE message_revisions SET kept_until = kept_until - interval '{days} days'"));
    };
    earlier(179);
    forget().await;
    assert_eq!(attached(&app).len(), 2);
    earlier(1);
    forget().await;
    assert_eq!(attached(&app), [""; 0]);
    assert_eq!(lines(&app, "SELECT text AS line FROM message_revisions"), [""; 0]);
}

/// A fresh token of somebody's.
async fn again(app: &TestApp, person: &Person) -> String {
    let input = json!({"refreshToken": person.refresh_token});
    let answer = app.guest().mutate("refreshSession", input, "signedIn { accessToken }").await.ok();
    answer["signedIn"]["accessToken"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn cards_are_of_what_both_sides_know_and_shown_to_who_may_see_it() {
    let app = TestApp::start().await;
    let (owner, ada, bob) = (app.sign_up("Owner").await, app.sign_up("Ada").await, app.sign_up("Bob").await);
    let shop = owner.open_shop("Corner").await;
    let goods = owner.sell(&shop, "Lamp", "1.00", 9).await;
    let order = ada.order_one(&goods, "order").await.ok()["order"].clone();
    let bobs = bob.order_one(&goods, "other").await.ok()["order"]["parts"][0]["id"].clone();
    let part = &order["parts"][0]["id"];
    let place = json!({"place": {"name": "Corner", "latitude": 51.5, "longitude": -0.12}});

    let input = json!({"productId": goods.product, "idempotencyKey": "ask",
                       "attachments": [{"productId": goods.product}, {"orderPartId": part}, place]});
    let asked = ada.mutate("contactShop", input, &format!("conversation {{ id }} {MESSAGE}")).await.ok();
    let told = seen(&owner, &asked["message"]["id"]).await["attachments"].clone();
    assert_eq!(told[0]["product"]["title"], "Lamp");
    assert_eq!(&told[1]["orderPart"]["id"], part);
    assert_eq!(
        told[2],
        json!({"__typename": "PlaceAttachment", "name": "Corner", "latitude": 51.5, "longitude": -0.12})
    );

    // In the order's own conversation, too; but nobody else's order, and nowhere else.
    let thread = order["parts"][0]["conversation"]["id"].as_str().unwrap();
    send(&owner, thread, None, json!([{"orderPartId": part}]), "own").await.ok();
    let direct = talk(&ada, &bob).await;
    for (conversation, part, key) in [(thread, &bobs, "1"), (direct.as_str(), part, "2")] {
        let refused = send(&ada, conversation, Some("Look"), json!([{"orderPartId": part}]), key).await;
        assert_eq!(refused.refusal(), ("NOT_FOUND".into(), "attachments.0.orderPartId".into()));
    }
    // A product that is not for sale any more is seen by its shop alone.
    let card = send(&ada, &direct, Some("Look"), json!([{"productId": goods.product}]), "3").await.ok();
    app.given_sql("UPDATE products SET status = 'DRAFT'");
    let told = seen(&bob, &card["message"]["id"]).await["attachments"].clone();
    assert_eq!(told, json!([{"__typename": "ProductAttachment", "product": null}]));
    let refused = send(&ada, &direct, None, json!([place, {"productId": goods.product}]), "4").await;
    assert_eq!(refused.refusal(), ("NOT_FOUND".into(), "attachments.1.productId".into()));
}

#[actix_web::test]
async fn what_is_not_theirs_too_much_or_nowhere_is_not_attached() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let place = |latitude: f64| json!({"place": {"name": "Home", "latitude": latitude, "longitude": 0}});
    let picture = send_for(&ada, &photo(64, 64), "MESSAGE").await;
    let avatar = send_for(&ada, &photo(64, 64), "AVATAR").await;
    let bobs = send_for(&bob, b"%PDF-1.7", "MESSAGE_FILE").await;
    let file = send_for(&ada, b"%PDF-1.7", "MESSAGE_FILE").await;
    let input = json!({"purpose": "MESSAGE_FILE", "byteSize": 9});
    let empty = ada.mutate("createUpload", input, "upload { id }").await.ok()["upload"]["id"].clone();
    let named = |upload: &Value, name: &str| json!({"file": {"uploadId": upload, "name": name}});
    for (number, (attachments, code, field)) in [
        (json!(vec![place(0.0); 11]), "TOO_MANY", "attachments"),
        (json!([place(0.0), place(90.5)]), "OUT_OF_RANGE", "attachments.1.place.latitude"),
        (json!([named(&json!(file), " ")]), "BLANK", "attachments.0.file.name"),
        (json!([named(&json!(bobs), "a.pdf")]), "NOT_FOUND", "attachments.0.file.uploadId"),
        (json!([named(&empty, "a.pdf")]), "UPLOAD_INCOMPLETE", "attachments.0.file.uploadId"),
        (json!([named(&json!(picture), "a.jpg")]), "NOT_FOUND", "attachments.0.file.uploadId"),
        (json!([{"image": {"uploadId": avatar}}]), "NOT_FOUND", "attachments.0.image.uploadId"),
        (json!([]), "BLANK", "text"),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = send(&ada, &conversation, None, attachments, &number.to_string()).await;
        assert_eq!(refused.refusal(), (code.into(), field.into()));
    }
    // A file stands in one message, and what is refused is not used up.
    let once = json!([named(&json!(file), "a.pdf")]);
    let (one, other) = tokio::join!(
        send(&ada, &conversation, None, once.clone(), "one"),
        send(&ada, &conversation, None, once.clone(), "other")
    );
    let refusals: Vec<_> = [&one, &other].into_iter().flat_map(Answer::refusals).collect();
    assert_eq!(refusals, [("NOT_FOUND".to_owned(), "attachments.0.file.uploadId".to_owned())]);
    let document = "query($id: ID!) { viewer { conversation(id: $id) { lastNumber } } }";
    let last = bob.send(document, json!({"id": conversation})).await.ok()["viewer"]["conversation"].clone();
    assert_eq!(last["lastNumber"], 1, "no number is lost");
    // Nor is it anybody's picture: a private one is for messages alone.
    let refused = ada.mutate("setAvatar", json!({"uploadId": picture}), "").await;
    assert_eq!(refused.refusal(), ("NOT_FOUND".into(), "uploadId".into()));
}

#[actix_web::test]
async fn a_message_that_only_showed_something_can_be_given_a_text() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let place = json!([{"place": {"name": "Home", "latitude": 1, "longitude": 2}}]);
    let message = send(&ada, &conversation, None, place, "1").await.ok()["message"]["id"].clone();
    let input = json!({"messageId": message, "expectedVersion": 1, "text": "Here"});
    let edited =
        ada.mutate("editMessage", input, "message { revisions { text } attachments { __typename } }").await.ok();
    assert_eq!(edited["message"], json!({"revisions": [], "attachments": [{"__typename": "PlaceAttachment"}]}));
}
