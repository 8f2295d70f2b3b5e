//! Texts that a shop saves to answer with.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp};

const REPLY: &str = "quickReply { id shortcut text version }";

async fn save(client: &Client, shop: &str, shortcut: &str, text: &str) -> Answer {
    let input =
        json!({"shopId": shop, "shortcut": shortcut, "text": text, "idempotencyKey": format!("key {shortcut}")});
    client.mutate("createQuickReply", input, REPLY).await
}

async fn saved(client: &Client) -> Value {
    let desk = client.query("{ viewer { shops { quickReplies { shortcut text } } } }").await;
    desk.ok()["viewer"]["shops"][0]["quickReplies"].clone()
}

#[actix_web::test]
async fn a_shop_saves_what_it_answers_again_and_again() {
    let app = TestApp::start().await;
    let (owner, clerk, packer, eve) =
        (app.sign_up("Owner").await, app.sign_up("Clerk").await, app.sign_up("Packer").await, app.sign_up("Eve").await);
    let shop = owner.open_shop("Corner").await;
    for (person, role) in [(&clerk, "SUPPORT"), (&packer, "FULFILLMENT")] {
        let input = json!({"shopId": shop, "userId": person.id, "role": role});
        owner.mutate("addShopMember", input, "member { role }").await.ok();
    }
    let reply = save(&clerk, &shop, "thanks", " Thank you! ").await.ok()["quickReply"].clone();
    assert_eq!((&reply["text"], &reply["version"]), (&json!("Thank you!"), &json!(1)));
    assert_eq!(save(&clerk, &shop, "thanks", " Thank you! ").await.extensions["replayed"], true);
    assert_eq!(save(&owner, &shop, "thanks", "Thanks").await.refusal(), ("TAKEN".into(), "shortcut".into()));
    save(&owner, &shop, "monday", "We are back on Monday.").await.ok();
    for (shortcut, text, code, field) in [
        ("Thanks", "Thanks", "INVALID", "shortcut"),
        ("", "Thanks", "INVALID", "shortcut"),
        ("thank-you", " ", "BLANK", "text"),
    ] {
        assert_eq!(save(&owner, &shop, shortcut, text).await.refusal(), (code.into(), field.into()));
    }
    assert_eq!(save(&packer, &shop, "hi", "Hello").await.refusal(), ("NOT_PERMITTED".into(), "shopId".into()));
    assert_eq!(save(&eve, &shop, "hi", "Hello").await.refusal(), ("NOT_FOUND".into(), "shopId".into()));

    let by_shortcut =
        json!([{"shortcut": "monday", "text": "We are back on Monday."}, {"shortcut": "thanks", "text": "Thank you!"}]);
    assert_eq!((saved(&clerk).await, saved(&packer).await), (by_shortcut, json!([])));

    let change = async |client: &Client, version: i32, change: Value| {
        let mut input = json!({"quickReplyId": reply["id"], "expectedVersion": version});
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        client.mutate("updateQuickReply", input, REPLY).await
    };
    let changed = change(&owner, 1, json!({"text": "Many thanks!"})).await.ok()["quickReply"].clone();
    assert_eq!(changed, json!({"id": reply["id"], "shortcut": "thanks", "text": "Many thanks!", "version": 2}));
    // The same again is no change.
    for same in [json!({}), json!({"shortcut": "thanks"}), json!({"shortcut": "thanks", "text": " Many thanks! "})] {
        assert_eq!(change(&clerk, 2, same).await.ok()["quickReply"], changed);
    }
    assert_eq!(change(&clerk, 1, json!({"text": "Thx"})).await.refusal().0, "STALE_VERSION");
    assert_eq!(change(&clerk, 2, json!({"shortcut": "monday"})).await.refusal().0, "TAKEN");
    assert_eq!(change(&eve, 2, json!({})).await.refusal(), ("NOT_FOUND".into(), "quickReplyId".into()));

    let delete = async |client: &Client| {
        client.mutate("deleteQuickReply", json!({"quickReplyId": reply["id"]}), "deletedQuickReplyId").await
    };
    assert_eq!(delete(&packer).await.refusal(), ("NOT_PERMITTED".into(), "quickReplyId".into()));
    assert_eq!(delete(&clerk).await.ok()["deletedQuickReplyId"], reply["id"]);
    assert_eq!(delete(&clerk).await.refusal(), ("NOT_FOUND".into(), "quickReplyId".into()));
    assert_eq!(saved(&owner).await.as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_shop_saves_fifty_of_them() {
    let app = TestApp::start().await;
    let owner = app.sign_up("Owner").await;
    let shop = owner.open_shop("Corner").await;
    app.given_sql(
        "INSERT INTO quick_replies (id, shop_id, shortcut, text, created_at) \
         SELECT gen_random_uuid(), s.id, format('text-%s', n), 'Hello', now() FROM shops s, generate_series(1, 49) n",
    );
    // Two at once do not both find room.
    let (one, other) = tokio::join!(save(&owner, &shop, "one", "One"), save(&owner, &shop, "other", "Other"));
    let refusals: Vec<_> = [&one, &other].into_iter().flat_map(Answer::refusals).collect();
    assert_eq!(refusals, [("TOO_MANY".to_owned(), String::new())]);
}
