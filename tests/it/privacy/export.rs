//! Archives.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{lines, market, refusal, sign_in, somebody, uuid};
use crate::{
    conversations::{say, talk},
    harness::Client,
};

const ASK: &str = "mutation { requestDataExport { dataExport { state byteSize readyAt url } userErrors { code ... on TooManyAttemptsError { retryAt } } } }";

async fn last(client: &Client) -> Value {
    let document = "{ viewer { dataExport { state byteSize requestedAt readyAt expiresAt url } } }";
    let answer = client.query(document).await;
    assert!(answer.statements.unwrap() <= 2, "{answer:?}");
    answer.ok()["viewer"]["dataExport"].clone()
}

/// The files of an archive.
pub async fn unpacked(url: &Value) -> BTreeMap<String, Vec<u8>> {
    let answer = reqwest::get(url.as_str().unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/zip");
    assert_eq!(header("cache-control"), "private, no-store");
    assert!(header("content-disposition").starts_with("attachment; filename=\"export-2026-1"));
    let bytes = answer.bytes().await.unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().to_owned(), bytes);
    }
    files
}

fn list(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Vec<Value> {
    serde_json::from_slice(&files[name]).unwrap()
}

#[actix_web::test]
async fn people_get_all_that_is_kept_about_them() {
    let app = market().await;
    let (ada, bob) = (somebody(&app, "Ada").await, app.sign_up("Bob").await);
    let shop = bob.open_shop("Corner").await;
    let goods = bob.sell(&shop, "Lamp", "1.00", 5).await;
    let order = ada.order_one(&goods, "one").await.ok()["order"].clone();
    ada.pay(order["id"].as_str().unwrap(), "test_succeeds", "pay").await.ok();
    crate::payment_methods::given_to(&app, &ada);
    crate::reviews::write(&ada, &goods, 4, "Ada likes it").await.ok();
    ada.mutate("favoriteProduct", json!({"productId": goods.product}), "product { id }").await.ok();
    ada.mutate("recordViews", json!({"views": [{"productId": goods.product}]}), "visitorToken").await.ok();
    ada.mutate("recordSearches", json!({"searches": [{"query": "red Lamp"}]}), "").await.ok();
    let saved = json!({"name": "Lamps", "filter": {"query": "lamp", "tags": ["red"]}});
    ada.mutate("saveSearch", saved, "savedSearch { id }").await.ok();
    ada.mutate("dismissRecommendation", json!({"productId": goods.product}), "product { id }").await.ok();
    let home =
        ada.mutate("createWishList", json!({"name": "Home"}), "wishList { id }").await.ok()["wishList"]["id"].clone();
    let wish = json!({"wishListId": home, "productId": goods.product, "note": "Soon"});
    ada.mutate("addToWishList", wish, "wishList { id }").await.ok();
    ada.mutate("addToCart", json!({"variantId": goods.variant, "quantity": 3}), "cart { id }").await.ok();
    ada.mutate("followShop", json!({"shopId": shop}), "shop { id }").await.ok();
    let own = ada.sell(&ada.open_shop("Own").await, "Pot", "2.00", 1).await;
    let sold = bob.order_one(&own, "sold").await.ok()["order"]["parts"][0]["id"].clone();
    let note = json!({"orderPartId": sold, "text": "For the one in red", "idempotencyKey": "note"});
    ada.mutate("addOrderPartNote", note, "note { id }").await.ok();
    app.given_sql("UPDATE orders SET note = 'Ring twice'");
    let talk = bob.mutate("startConversation", json!({"userId": ada.id}), "conversation { id }").await.ok();
    let talk = talk["conversation"]["id"].clone();
    for (client, text) in [(&bob, "Hello Ada"), (&ada, "Hello Bob")] {
        let input = json!({"conversationId": talk, "text": text, "idempotencyKey": text});
        client.mutate("sendMessage", input, "message { id }").await.ok();
    }
    let kept = json!({"conversationId": talk, "isArchived": true});
    ada.mutate("updateConversationSettings", kept, "conversation { id }").await.ok();
    let ada_id = crate::privacy::uuid(&ada);
    app.given_sql(&format!("INSERT INTO message_reactions SELECT id, '{ada_id}', '👍', '👍', created_at FROM messages WHERE text = 'Hello Ada'"));
    app.given_sql(&format!(
        "INSERT INTO message_mentions SELECT id, 6, 3, '{ada_id}' FROM messages WHERE text = 'Hello Ada'"
    ));
    app.given_sql(
        "INSERT INTO message_revisions SELECT id, 1, 'Helo', created_at FROM messages WHERE text LIKE 'Hello %'",
    );
    let paper = crate::media::send_for(&ada, b"Dear Bob", "MESSAGE_FILE").await;
    let along = json!({"conversationId": talk, "attachments": [{"file": {"uploadId": paper, "name": "letter.txt"}}], "idempotencyKey": "letter"});
    ada.mutate("sendMessage", along, "message { id }").await.ok();
    let jug = bob.sell(&shop, "Jug", "5.00", 5).await;
    crate::guest_orders::placed(&app.guest(), &jug, "ADA@example.com").await;
    let carl = app.sign_up("Carl").await;
    ada.mutate("blockUser", json!({"userId": carl.id}), "user { id }").await.ok();
    // More than are read at once.
    app.given_sql(&format!(
        "INSERT INTO security_events (id, user_id, kind, device, created_at) \
         SELECT gen_random_uuid(), '{}', 'SIGNED_IN', 'Robot ' || n, now() FROM generate_series(1, 1203) n",
        uuid(&ada)
    ));

    let asked = ada.query(ASK).await.ok()["requestDataExport"]["dataExport"].clone();
    assert_eq!(asked, json!({"state": "PREPARING", "byteSize": null, "readyAt": null, "url": null}));
    // A second click is the same one.
    assert_eq!(ada.query(ASK).await.ok()["requestDataExport"]["dataExport"], asked);
    app.run_jobs().await;
    assert_eq!(lines(&app, "SELECT state AS line FROM data_exports"), ["READY"]);

    let ready = last(&ada).await;
    assert_eq!(ready["state"], "READY");
    assert_eq!(last(&bob).await, Value::Null);
    let files = unpacked(&ready["url"]).await;
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let image = names.iter().find(|name| name.starts_with("images/")).unwrap().to_string();
    let letter = names.iter().find(|name| name.starts_with("files/")).unwrap().to_string();
    assert_eq!(files[&letter], b"Dear Bob");
    assert_eq!(
        names,
        [
            "account.json",
            "addresses.json",
            "audit-log.json",
            "availability-notices.json",
            "blocked-people.json",
            "cart.json",
            "client-settings.json",
            "conversations.json",
            "dismissed-products.json",
            "favorites.json",
            &letter,
            "followed-shops.json",
            "group-invitations.json",
            "guest-orders.json",
            "images.json",
            &image,
            "invoices.json",
            "message-attachments.json",
            "message-digests.json",
            "message-mentions.json",
            "message-reactions.json",
            "message-revisions.json",
            "messages.json",
            "moderation-decisions.json",
            "notifications.json",
            "order-notes.json",
            "orders.json",
            "payment-methods.json",
            "price-changes.json",
            "product-imports.json",
            "promotion-uses.json",
            "push-devices.json",
            "recent-searches.json",
            "reported-reviews.json",
            "reports.json",
            "reviews.json",
            "saved-searches.json",
            "security-events.json",
            "sessions.json",
            "shops.json",
            "sign-in-methods.json",
            "viewed-products.json",
            "wish-lists.json",
            "wishes.json",
        ]
    );
    let account = &list(&files, "account.json")[0];
    assert_eq!((&account["email"], &account["bio"]), (&json!("ada@example.com"), &json!("Ada collects teapots")));
    assert_eq!((&account["handles"], &account["preferences"]["theme"]), (&json!(["ada_the_first"]), &json!("DARK")));
    assert_eq!(list(&files, "addresses.json")[0]["address"]["lines"], json!(["1 Ada Road"]));
    assert_eq!(list(&files, "client-settings.json")[0]["value"]["colour"], "Ada green");
    assert_eq!(list(&files, "sign-in-methods.json"), [json!({"kind": "PASSWORD"})]);
    assert_eq!(list(&files, "sessions.json").len(), 1);
    let kept = list(&files, "conversations.json");
    assert!(kept.iter().any(|row| row["id"] == talk && row["isArchived"] == true), "{kept:?}");
    let events = list(&files, "security-events.json");
    assert_eq!(events.len(), 1203 + 2);
    let devices: std::collections::BTreeSet<_> = events.iter().map(|event| event["device"].to_string()).collect();
    assert_eq!(devices.iter().filter(|device| device.contains("Robot")).count(), 1203);
    assert_eq!(list(&files, "blocked-people.json")[0]["user"], carl.id);
    assert_eq!(list(&files, "images.json")[0]["file"], image);
    assert!(files[&image].len() > 100, "an image");
    assert_eq!(list(&files, "followed-shops.json")[0]["name"], "Corner");
    assert_eq!(list(&files, "shops.json")[0]["role"], "OWNER");
    assert_eq!(list(&files, "favorites.json")[0]["product"], json!(goods.product));
    assert_eq!(list(&files, "viewed-products.json")[0]["product"], json!(goods.product));
    assert_eq!(list(&files, "recent-searches.json")[0]["query"], "red Lamp");
    let saved = &list(&files, "saved-searches.json")[0];
    assert_eq!((&saved["name"], &saved["filter"]), (&json!("Lamps"), &json!({"query": "lamp", "tags": ["red"]})));
    assert_eq!(list(&files, "dismissed-products.json")[0]["product"], json!(goods.product));
    assert_eq!(list(&files, "wish-lists.json")[0]["name"], "Home");
    assert_eq!(list(&files, "wishes.json")[0]["note"], "Soon");
    assert_eq!(list(&files, "cart.json")[0]["lines"][0]["quantity"], 3);
    let review = &list(&files, "reviews.json")[0];
    assert_eq!((&review["text"], &review["rating"]), (&json!("Ada likes it"), &json!(4)));
    let order = &list(&files, "orders.json")[0];
    assert_eq!((&order["payment"], &order["parts"][0]["lines"][0]["title"]), (&json!("PAID"), &json!("Lamp")));
    assert_eq!(
        (&order["payments"][0]["status"], &order["shippingAddress"]["city"]),
        (&json!("SUCCEEDED"), &json!("London"))
    );
    assert_eq!(order["note"], "Ring twice");
    let of_guests = list(&files, "guest-orders.json");
    assert_eq!((of_guests.len(), &of_guests[0]["total"]), (1, &json!(500)));
    let note = &list(&files, "order-notes.json")[0];
    assert_eq!((&note["part"], &note["text"]), (&sold, &json!("For the one in red")));
    let invoice = &list(&files, "invoices.json")[0];
    assert_eq!((&invoice["number"], &invoice["total"]), (&json!("INV-000001"), &json!(100)));
    assert_eq!(
        (&invoice["recipient"]["city"], &invoice["content"]["lines"][0]["title"]),
        (&json!("London"), &json!("Lamp"))
    );
    assert_eq!(list(&files, "payment-methods.json")[0]["provider"], "test");
    let messages = list(&files, "messages.json");
    let said: Vec<_> = messages
        .iter()
        .filter(|message| message["kind"] == "DIRECT")
        .map(|message| (&message["text"], &message["isMine"]))
        .collect();
    let told = [json!("Hello Ada"), json!("Hello Bob"), json!("")];
    assert_eq!(said, [(&told[0], &json!(false)), (&told[1], &json!(true)), (&told[2], &json!(true))]);
    assert_eq!(list(&files, "message-attachments.json")[0]["name"], "letter.txt");
    assert!(messages.iter().any(|message| message["step"] == "PAID"));
    assert_eq!(list(&files, "message-mentions.json")[0]["start"], 6);
    assert_eq!(list(&files, "message-reactions.json")[0]["emoji"], "👍");
    let before = list(&files, "message-revisions.json");
    assert_eq!(before.len(), 1, "of her own messages alone: {before:?}");
    assert_eq!(before[0]["text"], "Helo");
    // Nothing by which somebody could sign in, and nothing of what others keep to themselves.
    let all: String = files
        .iter()
        .filter(|(name, _)| !name.starts_with("images/"))
        .map(|(_, bytes)| String::from_utf8_lossy(bytes))
        .collect();
    for secret in ["argon2", "bob@example.com", "hash", "secret", "token"] {
        assert!(!all.to_lowercase().contains(secret), "{secret}");
    }

    let mail = app.mails(&ada.email).into_iter().find(|mail| mail.subject == "Your data is ready").unwrap();
    assert!(mail.text.contains("2026-11-27") && !mail.text.contains("/exports/"), "{mail:?}");
    let noted = "SELECT count(*)::text AS line FROM security_events WHERE kind = 'DATA_EXPORT_REQUESTED'";
    assert_eq!(lines(&app, noted), ["1"]);
}

#[actix_web::test]
async fn who_is_not_heard_does_not_learn_it_from_their_archive() {
    let app = market().await;
    let (ada, eve) = (app.sign_up("Ada").await, app.sign_up("Eve").await);
    let talk = talk(&eve, &ada).await;
    ada.mutate("blockUser", json!({"userId": eve.id}), "user { id }").await.ok();
    for text in ["One", "Two"] {
        say(&eve, &talk, text).await;
    }
    eve.query(ASK).await.ok();
    app.run_jobs().await;
    let files = unpacked(&last(&eve).await["url"]).await;
    let numbers: Vec<Value> =
        list(&files, "messages.json").into_iter().map(|message| message["number"].clone()).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(list(&files, "conversations.json")[0]["lastReadNumber"], 2);
}

#[actix_web::test]
async fn an_archive_is_for_its_person_alone_and_for_a_while() {
    let app = market().await;
    let ada = app.sign_up("Ada").await;
    app.advance(TimeDelta::minutes(16));
    let client = sign_in(&app, &ada.email).await;
    assert_eq!(ada.query(ASK).await.code(), "UNAUTHENTICATED");
    client.query(ASK).await.ok();
    app.run_jobs().await;
    let url = last(&client).await["url"].clone();
    assert_eq!(unpacked(&url).await.len(), 42);
    app.given_sql("UPDATE sessions SET authenticated_at = authenticated_at - interval '16 minutes'");
    let stale = client.query("{ viewer { dataExport { state url } } }").await;
    assert_eq!(
        (stale.code(), &stale.data["viewer"]["dataExport"]),
        ("STEP_UP_REQUIRED", &json!({"state": "READY", "url": null}))
    );
    app.given_sql("UPDATE sessions SET authenticated_at = authenticated_at + interval '16 minutes'");
    // It is the same one for an hour, and goes on to be good for another.
    assert_eq!(last(&client).await["url"], url);
    let url = url.as_str().unwrap();
    let (start, token) = url.rsplit_once('/').unwrap();
    let (start, until) = start.rsplit_once('/').unwrap();
    let later = until.parse::<i64>().unwrap() + 3_600;
    for wrong in
        [format!("{start}/{later}/{token}"), format!("{start}/{until}/{}", &token[1..]), format!("{start}/x/{token}")]
    {
        assert_eq!(reqwest::get(wrong).await.unwrap().status(), 404);
    }
    app.advance(TimeDelta::hours(3));
    assert_eq!(reqwest::get(url).await.unwrap().status(), 404);

    let client = sign_in(&app, &ada.email).await;
    let fresh = last(&client).await["url"].clone();
    let again = client.query(ASK).await.ok()["requestDataExport"]["userErrors"][0].clone();
    assert_eq!(again, json!({"code": "TOO_MANY_ATTEMPTS", "retryAt": "2026-11-21T12:16:00+00:00"}));
    unpacked(&fresh).await;

    let folder = || lines(&app, "SELECT id::text AS line FROM data_exports");
    assert_eq!(folder().len(), 1);
    app.advance(TimeDelta::days(7));
    app.run_jobs().await;
    assert_eq!(folder(), [""; 0]);
    assert_eq!(reqwest::get(fresh.as_str().unwrap()).await.unwrap().status(), 404);
    let client = sign_in(&app, &ada.email).await;
    assert_eq!(last(&client).await, Value::Null);
    assert_eq!(refusal(client.query(ASK).await, "requestDataExport"), Value::Null);
}

#[actix_web::test]
async fn who_was_not_asked_lately_proves_who_they_are_first() {
    let app = market().await;
    let ada = app.sign_up("Ada").await;
    app.given_sql("UPDATE sessions SET authenticated_at = authenticated_at - interval '16 minutes'");
    for document in [ASK, "mutation { deleteAccount { userErrors { code } } }"] {
        assert_eq!(ada.query(document).await.code(), "STEP_UP_REQUIRED");
    }
    assert_eq!(lines(&app, "SELECT id::text AS line FROM data_exports"), [""; 0]);
    assert_eq!(lines(&app, "SELECT user_id::text AS line FROM account_deletions"), [""; 0]);
}
