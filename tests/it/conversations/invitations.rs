//! How often people are asked into groups, by what names, and what becomes of that.

use agora::{messages, platform::caller::Caller};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    groups::{accept, asked, bring, group, heard, leave, set_role, to_person},
    see, talk,
};
use crate::{
    harness::{Client, TestApp},
    privacy::lines,
};

fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

#[actix_web::test]
async fn who_asks_strangers_in_turns_to_them_for_the_first_time() {
    let app = TestApp::start_with(|settings| settings.messaging.new_first_contacts_per_day = 2).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (carl, eve) = (app.sign_up("Carl").await, app.sign_up("Eve").await);
    let lamps = group(&ada, "Lamps").await;
    talk(&bob, &ada).await;
    // Whom she knows is no stranger, and who is asked already is not asked again.
    to_person(&ada, "inviteToGroup", &lamps, &bob).await.ok();
    for _ in 0..3 {
        to_person(&ada, "inviteToGroup", &lamps, &carl).await.ok();
    }
    // But whoever is asked anew is.
    to_person(&ada, "withdrawGroupInvitation", &lamps, &carl).await.ok();
    to_person(&ada, "inviteToGroup", &lamps, &carl).await.ok();
    let waits = refusal("TOO_MANY_ATTEMPTS", "");
    assert_eq!(to_person(&ada, "inviteToGroup", &lamps, &eve).await.refusal(), waits);
    let start = ada.mutate("startConversation", json!({"userId": eve.id}), "conversation { id }").await;
    assert_eq!(start.refusal(), waits);
}

#[actix_web::test]
async fn what_nobody_sends_is_no_title_either() {
    let app = TestApp::start().await;
    let (ada, sue) = (app.sign_up("Ada").await, app.sign_up("Sue").await);
    app.given_role(&sue, "SUPPORT");
    let filter = json!({"kind": "LINK", "pattern": "evil.example", "idempotencyKey": "evil"});
    sue.mutate("createMessageFilter", filter, "messageFilter { id }").await.ok();
    let refused = refusal("MESSAGE_REFUSED", "title");
    let create = json!({"title": "Prizes at evil.example", "idempotencyKey": "prizes"});
    assert_eq!(ada.mutate("createGroup", create, "").await.refusal(), refused);
    let lamps = group(&ada, "Lamps").await;
    assert_eq!(name(&ada, &lamps, "www.evil.example").await, [refused]);
    assert!(name(&ada, &lamps, "Lights").await.is_empty());
}

/// Calls a group something else that nobody has changed yet.
async fn name(client: &Client, group: &str, title: &str) -> Vec<(String, String)> {
    let input = json!({"conversationId": group, "expectedVersion": 1, "title": title});
    client.mutate("updateGroup", input, "conversation { id }").await.refusals()
}

#[actix_web::test]
async fn who_is_suspended_names_no_group() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let lamps = group(&ada, "Lamps").await;
    bring(&ada, &lamps, &bob).await;
    app.given_sql(
        "INSERT INTO suspensions (user_id, cause_id, created_at) \
         SELECT id, gen_random_uuid(), now() FROM users WHERE display_name = 'Ada'",
    );
    assert_eq!(name(&ada, &lamps, "Lights").await, [refusal("ACCOUNT_SUSPENDED", "")]);
    assert!(name(&ada, &lamps, "Lamps").await.is_empty(), "no change");
}

async fn decline(client: &Client, group: &str) {
    let input = json!({"conversationId": group});
    client.mutate("declineGroupInvitation", input, "declinedConversationId").await.ok();
}

fn one(title: &str, inviter: &str) -> Value {
    json!([{"title": title, "inviter": {"displayName": inviter}}])
}

#[actix_web::test]
async fn who_has_declined_is_not_asked_again_for_a_month_and_nobody_is_told() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let lamps = group(&ada, "Lamps").await;
    bring(&ada, &lamps, &bob).await;
    set_role(&ada, &lamps, &bob, "MODERATOR").await.ok();
    to_person(&ada, "inviteToGroup", &lamps, &eve).await.ok();
    decline(&eve, &lamps).await;
    for client in [&ada, &bob] {
        to_person(client, "inviteToGroup", &lamps, &eve).await.ok();
    }
    assert_eq!(asked(&eve).await, json!([]));
    assert_eq!(accept(&eve, &lamps).await.refusal(), refusal("NOT_FOUND", "conversationId"));
    assert_eq!(see(&ada, &lamps, "invitations { title }").await["invitations"], json!([]));
    let withdrawn = to_person(&ada, "withdrawGroupInvitation", &lamps, &eve).await;
    assert_eq!(withdrawn.refusal(), refusal("NOT_FOUND", "userId"));
    // Another group does not know of it.
    let rugs = group(&ada, "Rugs").await;
    to_person(&ada, "inviteToGroup", &rugs, &eve).await.ok();
    assert_eq!(asked(&eve).await, one("Rugs", "Ada"));
    decline(&eve, &rugs).await;

    app.given_sql("UPDATE group_invitations SET declined_at = declined_at - interval '30 days'");
    to_person(&bob, "inviteToGroup", &lamps, &eve).await.ok();
    assert_eq!(asked(&eve).await, one("Lamps", "Bob"));
    // What nobody asks for any more is forgotten, and what waits is not.
    messages::service::forget_deleted(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(lines(&app, "SELECT count(*)::text AS line FROM group_invitations"), ["1"]);
    accept(&eve, &lamps).await.ok();
    leave(&eve, &lamps).await.ok();
    to_person(&ada, "inviteToGroup", &lamps, &eve).await.ok();
    assert_eq!(asked(&eve).await, one("Lamps", "Ada"), "who came in had not declined");
}

#[actix_web::test]
async fn a_hundred_are_asked_at_once_by_one_person() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    group(&ada, "Lamps").await;
    let rugs = group(&ada, "Rugs").await;
    app.given_sql(
        "INSERT INTO users (id, display_name, bio, role, is_demo, version, created_at, locale) \
         SELECT gen_random_uuid(), 'Imp', '', 'MEMBER', false, 1, now(), 'en' FROM generate_series(1, 99)",
    );
    app.given_sql(
        "INSERT INTO group_invitations (conversation_id, user_id, inviter_id, created_at) \
         SELECT c.id, u.id, a.id, now() FROM conversations c, users u, users a \
          WHERE c.title = 'Lamps' AND u.display_name = 'Imp' AND a.display_name = 'Ada'",
    );
    to_person(&ada, "inviteToGroup", &rugs, &bob).await.ok();
    assert_eq!(to_person(&ada, "inviteToGroup", &rugs, &eve).await.refusal(), refusal("TOO_MANY", ""));
    // Once more changes nothing, and who has answered counts no more.
    to_person(&ada, "inviteToGroup", &rugs, &bob).await.ok();
    decline(&bob, &rugs).await;
    to_person(&ada, "inviteToGroup", &rugs, &eve).await.ok();
    assert_eq!(asked(&eve).await, one("Rugs", "Ada"));
}

#[actix_web::test]
async fn who_is_asked_into_many_groups_sees_them_page_by_page() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    for title in ["Lamps", "Rugs", "Mills"] {
        let group = group(&ada, title).await;
        to_person(&ada, "inviteToGroup", &group, &bob).await.ok();
        app.advance(TimeDelta::seconds(1));
    }
    let page = async |arguments: &str| {
        let page = "totalCount pageInfo { hasNextPage endCursor } nodes { title }";
        let document = format!("{{ viewer {{ groupInvitations({arguments}) {{ {page} }} }} }}");
        bob.query(&document).await.ok()["viewer"]["groupInvitations"].clone()
    };
    let first = page("first: 2").await;
    assert_eq!((&first["totalCount"], &first["nodes"]), (&json!(3), &json!([{"title": "Mills"}, {"title": "Rugs"}])));
    let rest = page(&format!("first: 2, after: {}", first["pageInfo"]["endCursor"])).await;
    assert_eq!((&rest["pageInfo"]["hasNextPage"], &rest["nodes"]), (&json!(false), &json!([{"title": "Lamps"}])));
}

#[actix_web::test]
async fn an_invitation_goes_with_the_right_of_who_asked() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let (mia, zoe) = (app.sign_up("Mia").await, app.sign_up("Zoe").await);
    let lamps = group(&ada, "Lamps").await;
    bring(&ada, &lamps, &bob).await;
    mia.mutate("blockUser", json!({"userId": bob.id}), "user { id }").await.ok();
    to_person(&ada, "inviteToGroup", &lamps, &zoe).await.ok();
    for right in ["role", "place"] {
        set_role(&ada, &lamps, &bob, "MODERATOR").await.ok();
        for person in [&eve, &mia] {
            to_person(&bob, "inviteToGroup", &lamps, person).await.ok();
        }
        assert_eq!(asked(&eve).await, one("Lamps", "Bob"));
        if right == "role" {
            set_role(&ada, &lamps, &bob, "MEMBER").await.ok();
        } else {
            to_person(&ada, "removeFromGroup", &lamps, &bob).await.ok();
        }
        assert_eq!(asked(&eve).await, json!([]), "{right}");
        assert_eq!(accept(&eve, &lamps).await.refusal(), refusal("NOT_FOUND", "conversationId"));
        let waiting = see(&ada, &lamps, "invitations { user { displayName } }").await;
        assert_eq!(waiting["invitations"], json!([{"user": {"displayName": "Zoe"}}]), "{right}");
    }
    assert_eq!(heard(&eve, 4).await, ["INVITED", "WITHDRAWN", "INVITED", "WITHDRAWN"]);
    assert_eq!(heard(&mia, 0).await, [""; 0], "she does not hear him");

    // So it is with the owner's who leaves, while others stay.
    bring(&ada, &lamps, &eve).await;
    assert_eq!(asked(&zoe).await, one("Lamps", "Ada"));
    leave(&ada, &lamps).await.ok();
    assert_eq!(asked(&zoe).await, json!([]));
}

#[actix_web::test]
async fn who_does_not_hear_one_moderator_is_asked_by_another_one() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let lamps = group(&ada, "Lamps").await;
    bring(&ada, &lamps, &bob).await;
    set_role(&ada, &lamps, &bob, "MODERATOR").await.ok();
    eve.mutate("blockUser", json!({"userId": bob.id}), "user { id }").await.ok();
    for (client, expected) in [(&bob, json!([])), (&ada, one("Lamps", "Ada")), (&bob, one("Lamps", "Ada"))] {
        to_person(client, "inviteToGroup", &lamps, &eve).await.ok();
        assert_eq!(asked(&eve).await, expected);
    }
    assert_eq!(heard(&eve, 1).await, ["INVITED"]);
    assert_eq!(lines(&app, "SELECT count(*)::text AS line FROM group_invitations"), ["1"]);
    accept(&eve, &lamps).await.ok();
}
