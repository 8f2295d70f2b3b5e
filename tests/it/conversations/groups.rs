//! Groups: who comes in and goes, and what they see of it.

use serde_json::{Value, json};

use super::{keep, say, see};
use crate::{
    harness::{Answer, Client, TestApp, app::Person},
    orders::assert_books,
};

const SEEN: &str = "conversation { id title role }";

pub async fn group(owner: &Client, title: &str) -> String {
    let input = json!({"title": title, "idempotencyKey": title});
    let made = owner.mutate("createGroup", input, SEEN).await.ok()["conversation"].clone();
    assert_eq!((&made["title"], &made["role"]), (&json!(title), &json!("OWNER")));
    made["id"].as_str().unwrap().to_owned()
}

pub async fn to_person(client: &Client, mutation: &str, group: &str, person: &Person) -> Answer {
    client.mutate(mutation, json!({"conversationId": group, "userId": person.id}), SEEN).await
}

pub async fn accept(person: &Client, group: &str) -> Answer {
    person.mutate("acceptGroupInvitation", json!({"conversationId": group}), SEEN).await
}

pub async fn leave(person: &Client, group: &str) -> Answer {
    person.mutate("leaveGroup", json!({"conversationId": group}), "leftConversationId").await
}

pub async fn bring(owner: &Client, group: &str, person: &Person) {
    to_person(owner, "inviteToGroup", group, person).await.ok();
    accept(person, group).await.ok();
}

pub async fn set_role(owner: &Client, group: &str, person: &Person, role: &str) -> Answer {
    let input = json!({"conversationId": group, "userId": person.id, "role": role});
    owner.mutate("setGroupRole", input, SEEN).await
}

/// The titles of the groups into which somebody is asked.
pub async fn asked(client: &Client) -> Value {
    let data = client.query("{ viewer { groupInvitations { nodes { title inviter { displayName } } } } }").await.ok();
    data["viewer"]["groupInvitations"]["nodes"].clone()
}

/// What somebody sees of a group, a line for each message.
async fn thread(client: &Client, group: &str) -> Vec<String> {
    let content = "content { ... on TextContent { text } ... on GroupStepContent { step person { displayName } actor { displayName } } }";
    let seen = see(client, group, &format!("messages(first: 100) {{ totalCount nodes {{ number {content} }} }}")).await;
    let nodes = seen["messages"]["nodes"].as_array().unwrap();
    assert_eq!(seen["messages"]["totalCount"], nodes.len());
    let line = |node: &Value| {
        let content = &node["content"];
        content["text"].as_str().map_or_else(
            || format!("{} {}", content["step"].as_str().unwrap(), content["person"]["displayName"].as_str().unwrap()),
            str::to_owned,
        )
    };
    nodes.iter().map(line).collect()
}

/// Who belongs to a group, and as what, in the order of the alphabet.
async fn roles(client: &Client, group: &str) -> Vec<String> {
    let seen = see(client, group, "participants { role user { displayName } }").await;
    let line = |person: &Value| {
        format!("{} {}", person["role"].as_str().unwrap(), person["user"]["displayName"].as_str().unwrap())
    };
    let mut lines: Vec<_> = seen["participants"].as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines
}

#[actix_web::test]
async fn people_are_asked_come_in_and_talk() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let lamps = group(&ada, "Lamps").await;
    assert_eq!(group(&ada, "Lamps").await, lamps, "the same intent");
    to_person(&ada, "inviteToGroup", &lamps, &bob).await.ok();
    to_person(&ada, "inviteToGroup", &lamps, &bob).await.ok();
    assert_eq!(asked(&bob).await, json!([{"title": "Lamps", "inviter": {"displayName": "Ada"}}]));
    let waiting = see(&ada, &lamps, "invitations { user { displayName } inviter { displayName } }").await;
    assert_eq!(waiting["invitations"], json!([{"user": {"displayName": "Bob"}, "inviter": {"displayName": "Ada"}}]));
    // Until then it is not there.
    assert_eq!(see(&bob, &lamps, "id").await, Value::Null);
    accept(&bob, &lamps).await.ok();
    assert_eq!(asked(&bob).await, json!([]));
    assert_eq!(accept(&bob, &lamps).await.ok()["conversation"]["role"], "MEMBER", "once more changes nothing");
    assert_eq!(accept(&eve, &lamps).await.refusal(), ("NOT_FOUND".into(), "conversationId".into()));

    say(&bob, &lamps, "Hello").await;
    assert_eq!(thread(&ada, &lamps).await, ["CREATED Ada", "JOINED Bob", "Hello"]);
    assert_eq!(thread(&bob, &lamps).await, ["JOINED Bob", "Hello"]);
    assert_eq!(see(&ada, &lamps, "unreadCount").await["unreadCount"], 2);
    assert_eq!(roles(&bob, &lamps).await, ["MEMBER Bob", "OWNER Ada"]);
    assert_eq!(see(&bob, &lamps, "invitations { title }").await["invitations"], json!([]));

    to_person(&ada, "inviteToGroup", &lamps, &eve).await.ok();
    let declined = json!({"conversationId": lamps});
    eve.mutate("declineGroupInvitation", declined.clone(), "declinedConversationId").await.ok();
    assert_eq!(accept(&eve, &lamps).await.refusal().0, "NOT_FOUND");
    eve.mutate("declineGroupInvitation", declined, "declinedConversationId").await.ok();
    let mia = app.sign_up("Mia").await;
    to_person(&ada, "inviteToGroup", &lamps, &mia).await.ok();
    assert_eq!(asked(&mia).await, json!([{"title": "Lamps", "inviter": {"displayName": "Ada"}}]));
    to_person(&ada, "withdrawGroupInvitation", &lamps, &mia).await.ok();
    assert_eq!(asked(&mia).await, json!([]));
    assert_books(&app).await;
}

#[actix_web::test]
async fn nothing_older_than_the_join_is_seen_or_counted_and_nothing_newer_than_the_leaving() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let lamps = group(&ada, "Lamps").await;
    let secret = say(&ada, &lamps, "Before").await["id"].clone();
    bring(&ada, &lamps, &bob).await;
    assert_eq!(see(&bob, &lamps, "unreadCount lastNumber").await, json!({"unreadCount": 0, "lastNumber": 3}));
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(bob.send(node, json!({"id": secret})).await.ok()["node"], Value::Null);
    let unread = bob.mutate("markConversationUnread", json!({"fromMessageId": secret}), "").await;
    assert_eq!(unread.refusal(), ("NOT_FOUND".into(), "fromMessageId".into()));

    say(&ada, &lamps, "One").await;
    keep(&bob, &lamps, json!({"isPinned": true, "isArchived": true})).await.ok();
    leave(&bob, &lamps).await.ok();
    assert_eq!(see(&bob, &lamps, "id").await, Value::Null);
    assert_eq!(leave(&bob, &lamps).await.ok()["leftConversationId"], lamps.as_str(), "once more changes nothing");
    assert_eq!(leave(&eve, &lamps).await.refusal(), ("NOT_FOUND".into(), "conversationId".into()));
    assert_eq!(accept(&bob, &lamps).await.refusal(), ("NOT_FOUND".into(), "conversationId".into()));
    say(&ada, &lamps, "Between").await;
    let events = "{ viewer { events(first: 100) { nodes { ... on MessageSent { message { number } } } } } }";
    let heard = bob.query(events).await.ok()["viewer"]["events"]["nodes"].clone();
    assert!(heard.as_array().unwrap().iter().all(|event| event["message"].is_null()), "{heard}");

    bring(&ada, &lamps, &bob).await;
    say(&ada, &lamps, "Two").await;
    assert_eq!(thread(&bob, &lamps).await, ["JOINED Bob", "Two"]);
    assert_eq!(
        see(&bob, &lamps, "unreadCount isPinned isArchived").await,
        json!({"unreadCount": 1, "isPinned": false, "isArchived": false})
    );
    assert_eq!(
        thread(&ada, &lamps).await,
        ["CREATED Ada", "Before", "JOINED Bob", "One", "LEFT Bob", "Between", "JOINED Bob", "Two"]
    );
    assert_eq!(see(&eve, &lamps, "id").await, Value::Null);
    assert_books(&app).await;
}

#[actix_web::test]
async fn roles_say_who_may_do_what() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (eve, mia, zoe) = (app.sign_up("Eve").await, app.sign_up("Mia").await, app.sign_up("Zoe").await);
    let lamps = group(&ada, "Lamps").await;
    for person in [&bob, &eve, &mia] {
        bring(&ada, &lamps, person).await;
    }
    let role = ("NOT_PERMITTED".to_owned(), "conversationId".to_owned());
    assert_eq!(to_person(&bob, "inviteToGroup", &lamps, &zoe).await.refusal(), role);
    assert_eq!(to_person(&bob, "removeFromGroup", &lamps, &eve).await.refusal(), role);
    assert_eq!(set_role(&bob, &lamps, &bob, "OWNER").await.refusal(), role);
    assert_eq!(set_role(&ada, &lamps, &ada, "MEMBER").await.refusal(), ("INVALID".into(), "userId".into()));
    assert_eq!(set_role(&bob, &lamps, &eve, "MODERATOR").await.refusal(), role);
    assert_eq!(to_person(&bob, "withdrawGroupInvitation", &lamps, &zoe).await.refusal(), role);

    set_role(&ada, &lamps, &bob, "MODERATOR").await.ok();
    set_role(&ada, &lamps, &eve, "MODERATOR").await.ok();
    to_person(&bob, "inviteToGroup", &lamps, &zoe).await.ok();
    let already = to_person(&bob, "inviteToGroup", &lamps, &mia).await.refusal();
    assert_eq!(already, ("ALREADY_DONE".into(), "userId".into()));
    for other in [&ada, &eve] {
        assert_eq!(to_person(&bob, "removeFromGroup", &lamps, other).await.refusal(), role);
    }
    to_person(&bob, "removeFromGroup", &lamps, &mia).await.ok();
    assert_eq!(see(&mia, &lamps, "id").await, Value::Null);
    let input = json!({"conversationId": lamps, "text": "Why?", "idempotencyKey": "why"});
    assert_eq!(mia.mutate("sendMessage", input, "").await.refusal().0, "NOT_FOUND");
    let gone = to_person(&bob, "removeFromGroup", &lamps, &mia).await.refusal();
    assert_eq!(gone, ("NOT_FOUND".into(), "userId".into()));
    assert_eq!(set_role(&bob, &lamps, &eve, "MEMBER").await.refusal(), role);

    set_role(&ada, &lamps, &eve, "OWNER").await.ok();
    assert_eq!(roles(&ada, &lamps).await, ["MODERATOR Ada", "MODERATOR Bob", "OWNER Eve"]);
    assert_eq!(thread(&ada, &lamps).await.last().unwrap(), "OWNER_CHANGED Eve");
    for (mutation, person) in [("inviteToGroup", &ada), ("removeFromGroup", &ada)] {
        assert_eq!(to_person(&ada, mutation, &lamps, person).await.refusal(), ("INVALID".into(), "userId".into()));
    }
    for (title, code) in [(" ".to_owned(), "BLANK"), ("x".repeat(81), "TOO_LONG"), ("a\nb".into(), "INVALID")] {
        let input = json!({"title": title, "idempotencyKey": code});
        assert_eq!(ada.mutate("createGroup", input, "").await.refusal(), (code.into(), "title".into()));
    }
    // What is no group has no members to remove.
    let talk = super::talk(&ada, &bob).await;
    assert_eq!(leave(&ada, &talk).await.refusal(), ("NOT_FOUND".into(), "conversationId".into()));
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_group_whose_owner_leaves_is_somebody_elses() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (eve, mia) = (app.sign_up("Eve").await, app.sign_up("Mia").await);
    let lamps = group(&ada, "Lamps").await;
    for person in [&bob, &eve] {
        app.advance(chrono::TimeDelta::seconds(1));
        bring(&ada, &lamps, person).await;
    }
    set_role(&ada, &lamps, &eve, "MODERATOR").await.ok();
    leave(&ada, &lamps).await.ok();
    assert_eq!(roles(&bob, &lamps).await, ["MEMBER Bob", "OWNER Eve"], "the moderator before the older member");
    leave(&eve, &lamps).await.ok();
    assert_eq!(roles(&bob, &lamps).await, ["OWNER Bob"]);
    assert_eq!(thread(&bob, &lamps).await[2..], ["LEFT Ada", "OWNER_CHANGED Eve", "LEFT Eve", "OWNER_CHANGED Bob"]);

    // Nobody comes into a group in which there is nobody.
    to_person(&bob, "inviteToGroup", &lamps, &mia).await.ok();
    leave(&bob, &lamps).await.ok();
    assert_eq!(asked(&mia).await, json!([]));
    assert_eq!(accept(&mia, &lamps).await.refusal().0, "NOT_FOUND");
    assert_books(&app).await;
}

#[actix_web::test]
async fn who_is_blocked_asks_in_vain_and_does_not_notice() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let lamps = group(&ada, "Lamps").await;
    bob.mutate("blockUser", json!({"userId": ada.id}), "user { id }").await.ok();
    to_person(&ada, "inviteToGroup", &lamps, &bob).await.ok();
    let waiting = see(&ada, &lamps, "invitations { user { displayName } }").await;
    assert_eq!(waiting["invitations"], json!([{"user": {"displayName": "Bob"}}]));
    assert_eq!(asked(&bob).await, json!([]));
    assert_eq!(accept(&bob, &lamps).await.refusal().0, "NOT_FOUND");

    let rugs = group(&bob, "Rugs").await;
    assert_eq!(
        to_person(&bob, "inviteToGroup", &rugs, &ada).await.refusal(),
        ("NOT_PERMITTED".into(), "userId".into())
    );
    bob.mutate("unblockUser", json!({"userId": ada.id}), "user { id }").await.ok();
    accept(&bob, &lamps).await.ok();
}

#[actix_web::test]
async fn a_hundred_belong_to_a_group_and_a_message_to_them_is_one_event() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let lamps = group(&ada, "Lamps").await;
    app.given_sql(
        "INSERT INTO users (id, display_name, bio, role, is_demo, version, created_at, locale) \
         SELECT gen_random_uuid(), 'Imp', '', 'MEMBER', false, 1, now(), 'en' FROM generate_series(1, 98)",
    );
    app.given_sql(
        "INSERT INTO participants (conversation_id, user_id, is_member, role, created_at) \
         SELECT c.id, u.id, true, 'MEMBER', now() FROM conversations c, users u WHERE c.kind = 'GROUP' AND u.display_name = 'Imp'",
    );
    to_person(&ada, "inviteToGroup", &lamps, &bob).await.ok();
    // Who was asked has a place, and nobody else gets it.
    let full = to_person(&ada, "inviteToGroup", &lamps, &eve).await.refusal();
    assert_eq!(full, ("TOO_MANY".into(), "userId".into()));
    accept(&bob, &lamps).await.ok();
    assert_eq!(roles(&bob, &lamps).await.len(), 100);
    let before = bob.query("{ viewer { eventCursor } }").await.ok()["viewer"]["eventCursor"].clone();
    say(&ada, &lamps, "Hello").await;
    let events = "query($after: String!) { viewer { events(first: 100, after: $after) { nodes { ... on MessageSent { message { number } } } } } }";
    let mut heard = Value::Null;
    for _ in 0..100 {
        let data = bob.send(events, json!({"after": before})).await.ok();
        heard = data["viewer"]["events"]["nodes"].clone();
        if heard.as_array().unwrap().iter().any(|node| node["message"]["number"] == 3) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(heard.as_array().unwrap().iter().any(|node| node["message"]["number"] == 3), "{heard}");
    let rows = crate::privacy::lines(
        &app,
        "SELECT cardinality(topics)::text AS line FROM events WHERE kind = 'messages.message_sent' ORDER BY position DESC LIMIT 1",
    );
    // For each of them, and for whoever listens to the group.
    assert_eq!(rows, ["101"]);
}

#[actix_web::test]
async fn who_comes_in_or_goes_four_times_at_once_has_done_so_once() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let lamps = group(&ada, "Lamps").await;
    to_person(&ada, "inviteToGroup", &lamps, &bob).await.ok();
    for answer in futures_util::future::join_all((0..4).map(|_| accept(&bob, &lamps))).await {
        assert_eq!(answer.ok()["conversation"]["role"], "MEMBER");
    }
    for answer in futures_util::future::join_all((0..4).map(|_| leave(&bob, &lamps))).await {
        assert_eq!(answer.ok()["leftConversationId"], lamps.as_str());
    }
    assert_eq!(thread(&ada, &lamps).await, ["CREATED Ada", "JOINED Bob", "LEFT Bob"]);
    assert_books(&app).await;
}

#[actix_web::test]
async fn at_once_nobody_gets_a_number_twice_and_one_of_two_places_is_taken() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let lamps = group(&ada, "Lamps").await;
    for person in [&bob, &eve] {
        to_person(&ada, "inviteToGroup", &lamps, person).await.ok();
    }
    let (one, other, said) =
        futures_util::join!(accept(&bob, &lamps), accept(&eve, &lamps), say(&ada, &lamps, "Hello"));
    one.ok();
    other.ok();
    assert!(said["number"].is_i64());
    let (one, other) = futures_util::join!(leave(&ada, &lamps), to_person(&ada, "removeFromGroup", &lamps, &bob));
    one.ok();
    drop(other);
    assert_eq!(roles(&eve, &lamps).await.iter().filter(|line| line.starts_with("OWNER")).count(), 1);
    assert_books(&app).await;
}

/// What somebody hears of groups to which they do not belong, once so much of it is in the log.
pub async fn heard(client: &Client, wanted: usize) -> Vec<String> {
    let document =
        "{ viewer { events(first: 100) { nodes { ... on GroupAccessChanged { access conversationId } } } } }";
    loop {
        let nodes = client.query(document).await.ok()["viewer"]["events"]["nodes"].as_array().unwrap().clone();
        let words: Vec<_> = nodes.iter().filter_map(|node| node["access"].as_str().map(ToOwned::to_owned)).collect();
        if words.len() >= wanted {
            return words;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[actix_web::test]
async fn who_is_asked_asked_no_more_or_removed_hears_of_it() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let lamps = group(&ada, "Lamps").await;
    for _ in 0..2 {
        to_person(&ada, "inviteToGroup", &lamps, &bob).await.ok();
    }
    to_person(&ada, "withdrawGroupInvitation", &lamps, &bob).await.ok();
    bring(&ada, &lamps, &bob).await;
    to_person(&ada, "removeFromGroup", &lamps, &bob).await.ok();
    // Who has blocked the one who asks is told neither that they were asked, nor that they are not any more.
    eve.mutate("blockUser", json!({"userId": ada.id}), "user { id }").await.ok();
    to_person(&ada, "inviteToGroup", &lamps, &eve).await.ok();
    to_person(&ada, "withdrawGroupInvitation", &lamps, &eve).await.ok();
    eve.mutate("unblockUser", json!({"userId": ada.id}), "user { id }").await.ok();
    to_person(&ada, "inviteToGroup", &lamps, &eve).await.ok();
    assert_eq!(heard(&bob, 4).await, ["INVITED", "WITHDRAWN", "INVITED", "REMOVED"]);
    assert_eq!(heard(&eve, 1).await, ["INVITED"]);
    assert_eq!(heard(&ada, 0).await, [""; 0]);
}

#[actix_web::test]
async fn who_owns_or_moderates_a_group_names_it() {
    let app = TestApp::start().await;
    let (ada, bob, carl) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Carl").await);
    let lamps = group(&ada, "Lamps").await;
    bring(&ada, &lamps, &bob).await;
    let name = async |client: &Client, version: i32, title: &str| {
        let input = json!({"conversationId": lamps, "expectedVersion": version, "title": title});
        client.mutate("updateGroup", input, "conversation { title version }").await
    };
    assert_eq!(name(&bob, 1, "Mine").await.refusal(), ("NOT_PERMITTED".into(), "conversationId".into()));
    assert_eq!(name(&carl, 1, "Mine").await.refusal(), ("NOT_FOUND".into(), "conversationId".into()));
    for (title, code) in [(" ".to_owned(), "BLANK"), ("x".repeat(81), "TOO_LONG"), ("a\u{202e}b".into(), "INVALID")] {
        assert_eq!(name(&ada, 1, &title).await.refusal(), (code.into(), "title".into()));
    }
    assert_eq!(name(&ada, 1, "Lamps").await.ok()["conversation"], json!({"title": "Lamps", "version": 1}), "no change");
    set_role(&ada, &lamps, &bob, "MODERATOR").await.ok();
    let (one, other) = tokio::join!(name(&ada, 1, "Lights"), name(&bob, 1, "Lanterns"));
    let refusals: Vec<_> = [&one, &other].into_iter().flat_map(Answer::refusals).collect();
    assert_eq!(refusals, [("STALE_VERSION".to_owned(), "expectedVersion".to_owned())]);
    assert_eq!(see(&bob, &lamps, "version").await["version"], 2);
    assert_eq!(thread(&ada, &lamps).await.iter().filter(|line| line.starts_with("RENAMED ")).count(), 1);

    // Elsewhere there is nothing to be named.
    let direct = super::talk(&ada, &bob).await;
    let input = json!({"conversationId": direct, "expectedVersion": 1, "title": "Us"});
    let refused = ada.mutate("updateGroup", input, "").await;
    assert_eq!(refused.refusal(), ("NOT_FOUND".into(), "conversationId".into()));
}
