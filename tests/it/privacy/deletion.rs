//! Wanting to be gone, thinking better of it, and what outlives who is gone.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{delete, lines, market, pass_the_grace, refusal, sign_in, somebody};
use crate::harness::{
    Client, TestApp,
    app::{PASSWORD, Person},
    held::Held,
};

const CANCEL: &str = "mutation { cancelAccountDeletion { userErrors { code } } }";

async fn deletion(client: &Client) -> Value {
    let answer = client.query("{ viewer { accountDeletion { requestedAt dueAt } } }").await;
    answer.ok()["viewer"]["accountDeletion"].clone()
}

async fn kinds(client: &Client) -> Vec<String> {
    let answer = client.query("{ viewer { securityEvents { nodes { kind } } } }").await.ok();
    let nodes = answer["viewer"]["securityEvents"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["kind"].as_str().unwrap().to_owned()).collect()
}

async fn sees(client: &Client, person: &Person) -> Value {
    let document = "query($id: ID!) { user(by: {id: $id}) { displayName isErased handle } }";
    client.send(document, json!({"id": person.id})).await.ok()["user"].clone()
}

#[actix_web::test]
async fn an_account_is_erased_after_its_time_of_grace_in_which_one_can_think_better_of_it() {
    let app = market().await;
    let ada = somebody(&app, "Ada").await;
    assert_eq!(deletion(&ada).await, Value::Null);
    assert_eq!(refusal(ada.query(CANCEL).await, "cancelAccountDeletion"), Value::Null);
    let planned = json!({"requestedAt": "2026-11-20T12:00:00+00:00", "dueAt": "2026-12-04T12:00:00+00:00"});
    for _ in 0..2 {
        assert_eq!(delete(&ada).await.ok()["deleteAccount"]["accountDeletion"], planned);
    }
    app.run_jobs().await;
    let about = |app: &TestApp| app.mails(&ada.email).iter().map(|mail| mail.subject.clone()).collect::<Vec<_>>();
    assert_eq!(about(&app).last().unwrap(), "Your account will be erased on 2026-12-04");
    assert_eq!(deletion(&ada).await, planned);

    app.advance(TimeDelta::days(13));
    app.run_jobs().await;
    let back = sign_in(&app, &ada.email).await;
    for _ in 0..2 {
        assert_eq!(refusal(back.query(CANCEL).await, "cancelAccountDeletion"), Value::Null);
    }
    app.run_jobs().await;
    assert_eq!(about(&app).last().unwrap(), "Your account stays");
    assert_eq!(about(&app).iter().filter(|subject| subject.contains("erased") || subject.contains("stays")).count(), 2);
    let happened = kinds(&back).await;
    for kind in ["DELETION_REQUESTED", "DELETION_CANCELLED"] {
        assert_eq!(happened.iter().filter(|happened| *happened == kind).count(), 1, "{happened:?}");
    }
    pass_the_grace(&app).await;
    assert_eq!(
        sees(&app.guest(), &ada).await,
        json!({"displayName": "Ada", "isErased": false, "handle": "ada_the_first"})
    );

    let back = sign_in(&app, &ada.email).await;
    delete(&back).await.ok();
    app.advance(TimeDelta::days(14) - TimeDelta::seconds(1));
    app.run_jobs().await;
    let token = sign_in(&app, &ada.email).await;
    assert_eq!(deletion(&token).await["requestedAt"], "2026-12-17T13:00:00+00:00");
    app.advance(TimeDelta::hours(1));
    let beside = app.start_beside(|_| {}).await;
    let elsewhere = beside.guest().with_token(token.token.as_deref().unwrap());
    assert_eq!(elsewhere.query("{ viewer { email } }").await.ok()["viewer"]["email"], "ada@example.com");
    app.run_jobs().await;
    assert_eq!(sees(&app.guest(), &ada).await, json!({"displayName": "", "isErased": true, "handle": null}));
    agora::users::service::hear_of_sessions(beside.app()).await.unwrap();
    for client in [&token, &elsewhere] {
        assert_eq!(client.query("{ viewer { email } }").await.code(), "UNAUTHENTICATED");
    }
    let input = json!({"email": ada.email, "password": PASSWORD});
    assert_eq!(app.guest().mutate("signIn", input, "").await.refusal().0, "INVALID_CREDENTIALS");
    // What is free is free: the address and the handle.
    let next = app.sign_up("Ada").await;
    assert_ne!(next.id, ada.id);
    next.mutate("updateProfile", json!({"handle": "ada_the_first"}), "user { id }").await.ok();
    beside.stop().await;
}

#[actix_web::test]
async fn who_is_needed_stays() {
    let app = market().await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Sue").await);
    app.given_role(&sue, "ADMIN");
    assert_eq!(refusal(delete(&sue).await, "deleteAccount"), "NOT_PERMITTED");
    let shop = ada.open_shop("Corner").await;
    assert_eq!(refusal(delete(&ada).await, "deleteAccount"), "LAST_OWNER");
    let owner = json!({"shopId": shop, "userId": bob.id, "role": "OWNER"});
    ada.mutate("addShopMember", owner, "member { role }").await.ok();
    // Whoever was made an owner and has not accepted that holds nobody, and is not held.
    assert_eq!(refusal(delete(&ada).await, "deleteAccount"), "LAST_OWNER");
    bob.mutate("acceptShopMembership", json!({"shopId": shop}), "member { role }").await.ok();
    for person in [&ada, &bob] {
        assert!(delete(person).await.ok()["deleteAccount"]["accountDeletion"].is_object());
    }
    let carl = app.sign_up("Carl").await;
    let goods = ada.sell(&shop, "Lamp", "1.00", 5).await;
    let order = carl.order_one(&goods, "kept").await.ok()["order"].clone();
    carl.pay(order["id"].as_str().unwrap(), "test_succeeds", "kept").await.ok();
    app.run_jobs().await;
    delete(&carl).await.ok();
    // Who is made one of the staff meanwhile stays, with all that is theirs.
    app.given_role(&carl, "ADMIN");
    // Both may go, but not both: whoever is looked at last has become the last owner.
    pass_the_grace(&app).await;
    app.run_jobs().await;
    assert_eq!(sees(&app.guest(), &carl).await["isErased"], false);
    assert_eq!(app.guest().available(&goods).await, 4);
    let owners = lines(&app, "SELECT display_name AS line FROM shop_members m JOIN users u ON u.id = m.user_id");
    assert_eq!(owners.len(), 1, "{owners:?}");
    let (stayed, gone) = if owners[0] == "Ada" { (&ada, &bob) } else { (&bob, &ada) };
    assert_eq!(sees(&app.guest(), gone).await["isErased"], true);
    assert_eq!(app.mails(&stayed.email).last().unwrap().subject, "Your account could not be erased");
    let back = sign_in(&app, &stayed.email).await;
    assert_eq!(deletion(&back).await, Value::Null);
}

#[actix_web::test]
async fn what_they_sent_along_with_messages_goes_and_what_others_did_stays() {
    let app = market().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let talk = ada.mutate("startConversation", json!({"userId": bob.id}), "conversation { id }").await.ok();
    let mut keys = 0..;
    let mut say = async |person: &crate::harness::app::Person, text: &str| {
        let picture = crate::media::send_for(person, &crate::media::files::photo(64, 64), "MESSAGE").await;
        let file = crate::media::send_for(person, b"Secret", "MESSAGE_FILE").await;
        let both = json!([{"image": {"uploadId": picture}}, {"file": {"uploadId": file, "name": "a.txt"}}]);
        let key = keys.next().unwrap_or_default().to_string();
        let input = json!({"conversationId": talk["conversation"]["id"], "text": text, "attachments": both, "idempotencyKey": key});
        person.mutate("sendMessage", input, "message { number }").await.ok();
    };
    say(&ada, "Look").await;
    say(&ada, "").await;
    say(&bob, "Mine").await;
    delete(&ada).await.ok();
    pass_the_grace(&app).await;
    app.run_jobs().await;
    let told = "SELECT m.number || ' ' || coalesce(m.text, 'gone') || ' ' || count(a.message_id) AS line FROM messages m \
                LEFT JOIN message_attachments a ON a.message_id = m.id GROUP BY m.number, m.text ORDER BY m.number";
    assert_eq!(lines(&app, told), ["1 Look 0", "2 gone 0", "3 Mine 2"]);
    assert_eq!(lines(&app, "SELECT count(*)::text AS line FROM media WHERE state = 'READY'"), ["1"]);
    assert_eq!(lines(&app, "SELECT count(*)::text AS line FROM uploads WHERE is_kept"), ["1"]);
}

#[actix_web::test]
async fn a_block_outlives_the_account_that_it_is_about() {
    let app = market().await;
    let (eve, bob) = (app.sign_up("Eve").await, app.sign_up("Bob").await);
    bob.mutate("blockUser", json!({"userId": eve.id}), "user { id }").await.ok();
    delete(&eve).await.ok();
    pass_the_grace(&app).await;
    let eve_again = app.sign_up("Eve").await;
    let bob = sign_in(&app, &bob.email).await;

    let bob_id = json!({"userId": bob_id(&bob).await});
    let talk = eve_again.mutate("startConversation", bob_id, "conversation { id }").await.ok();
    let say = json!({"conversationId": talk["conversation"]["id"], "text": "It is me", "idempotencyKey": "me"});
    eve_again.mutate("sendMessage", say, "message { number }").await.ok();
    let heard = "{ viewer { conversations { nodes { lastMessage { number } } } blockedUsers { totalCount nodes { id isErased } } } }";
    // He does not hear of her, nor learns that she is back.
    let seen = bob.query(heard).await.ok()["viewer"].clone();
    assert_eq!(seen["conversations"]["nodes"], json!([]));
    assert_eq!(seen["blockedUsers"], json!({"totalCount": 1, "nodes": [{"id": eve.id, "isErased": true}]}));
    let document = "query($id: ID!) { user(by: {id: $id}) { isBlocked } }";
    assert_eq!(bob.send(document, json!({"id": eve_again.id})).await.ok()["user"]["isBlocked"], false);

    bob.query("mutation { requestDataExport { dataExport { state } } }").await.ok();
    app.run_jobs().await;
    let url = bob.query("{ viewer { dataExport { url } } }").await.ok()["viewer"]["dataExport"]["url"].clone();
    let files = super::export::unpacked(&url).await;
    assert!(!files.values().any(|bytes| String::from_utf8_lossy(bytes).contains(&eve_again.id)));

    bob.mutate("unblockUser", json!({"userId": eve.id}), "user { id }").await.ok();
    let say = json!({"conversationId": talk["conversation"]["id"], "text": "Still me", "idempotencyKey": "still"});
    eve_again.mutate("sendMessage", say, "message { number }").await.ok();
    let seen = bob.query(heard).await.ok()["viewer"].clone();
    assert_eq!(seen["conversations"]["nodes"], json!([{"lastMessage": {"number": 1}}]));
    assert_eq!(seen["blockedUsers"]["totalCount"], 0);

    // Of who was blocked by nobody, nothing is kept.
    delete(&eve_again).await.ok();
    pass_the_grace(&app).await;
    let kept = "SELECT count(*)::text AS line FROM former_addresses";
    assert_eq!(lines(&app, kept), ["1"]);
    app.advance(TimeDelta::days(3 * 365));
    app.run_jobs().await;
    assert_eq!(lines(&app, kept), ["0"]);
}

async fn bob_id(bob: &Client) -> Value {
    bob.query("{ viewer { user { id } } }").await.ok()["viewer"]["user"]["id"].clone()
}

/// What is written at the very moment in which somebody is erased is found by the next look.
#[actix_web::test]
async fn what_was_written_meanwhile_goes_as_well() {
    let app = market().await;
    let ada = app.sign_up("Ada").await;
    delete(&ada).await.ok();
    pass_the_grace(&app).await;
    let user = super::uuid(&ada);
    app.given_sql(&format!("INSERT INTO client_settings VALUES ('{user}', 'late', '1', 1, now())"));
    app.advance(TimeDelta::hours(1));
    app.run_jobs().await;
    assert_eq!(lines(&app, "SELECT namespace AS line FROM client_settings"), [""; 0]);
}

#[actix_web::test]
async fn who_is_erased_waits_for_what_is_just_being_written() {
    let app = market().await;
    let ada = app.sign_up("Ada").await;
    delete(&ada).await.ok();
    let user = super::uuid(&ada);
    let writing = Held::by(&app, &format!("INSERT INTO client_settings VALUES ('{user}', 'just', '1', 1, now())"));
    tokio::join!(pass_the_grace(&app), async {
        writing.waited_for_by(&app, 1).await;
        writing.release();
    });
    assert_eq!(lines(&app, "SELECT namespace AS line FROM client_settings"), [""; 0]);
}

#[actix_web::test]
async fn where_an_order_was_to_go_is_forgotten_though_its_payment_comes_to_nothing_only_afterwards() {
    let app = market().await;
    let (bob, ada) = (app.sign_up("Bob").await, app.sign_up("Ada").await);
    let goods = bob.sell(&bob.open_shop("Corner").await, "Lamp", "1.00", 1).await;
    delete(&ada).await.ok();
    app.advance(TimeDelta::days(14) - TimeDelta::minutes(5));
    let ada = sign_in(&app, &ada.email).await;
    let order = ada.order_one(&goods, "late").await.ok()["order"]["id"].clone();
    ada.pay(order.as_str().unwrap(), "test_is_lost", "late").await.ok();
    app.given_sql("UPDATE payment_intents SET provider = 'away'");
    let left = || lines(&app, "SELECT status || ' ' || (shipping_address IS NOT NULL)::text AS line FROM orders");
    // Longer than it is looked for what was written while somebody was erased.
    for hours in [1, 3] {
        app.advance(TimeDelta::hours(hours));
        app.run_jobs().await;
        assert_eq!(left(), ["OPEN true"]);
    }
    assert_eq!(lines(&app, "SELECT count(*)::text AS line FROM users WHERE erased_at IS NOT NULL"), ["1"]);
    app.given_sql("UPDATE payment_intents SET provider = 'test'");
    for _ in 0..2 {
        app.advance(TimeDelta::minutes(31));
        app.run_jobs().await;
    }
    assert_eq!(left(), ["CANCELLED false"]);
    assert_eq!(app.guest().available(&goods).await, 1);
}
