//! Who owns a shop: given and taken by who proves who they are, and told to all who do.

use serde_json::{Value, json};

use crate::{
    harness::{Answer, Client, TestApp},
    privacy::sign_in,
};

async fn change(who: &Client, mutation: &str, shop: &str, person: &str, role: Option<&str>) -> Answer {
    let mut input = json!({"shopId": shop, "userId": person});
    if let Some(role) = role {
        input["role"] = json!(role);
    }
    let selection = if mutation == "removeShopMember" { "desk { id }" } else { "member { role }" };
    who.mutate(mutation, input, selection).await
}

#[actix_web::test]
async fn nobody_becomes_an_owner_or_is_one_no_more_without_a_recent_proof() {
    let app = TestApp::start().await;
    let (ada, mona) = (app.sign_up("Ada").await, app.sign_up("Mona").await);
    let (max, zoe) = (app.sign_up("Max").await, app.sign_up("Zoe").await);
    let shop = ada.open_shop("Corner").await;
    change(&ada, "addShopMember", &shop, &mona.id, Some("OWNER")).await.ok();
    change(&ada, "addShopMember", &shop, &max.id, Some("SUPPORT")).await.ok();
    app.given_sql("UPDATE sessions SET authenticated_at = authenticated_at - interval '15 minutes'");
    let about_owners = [
        ("addShopMember", &zoe.id, Some("OWNER")),
        ("setShopMemberRole", &max.id, Some("OWNER")),
        ("setShopMemberRole", &mona.id, Some("MANAGER")),
        ("removeShopMember", &mona.id, None),
        ("removeShopMember", &ada.id, None),
    ];
    for (mutation, person, role) in about_owners {
        let refused = change(&ada, mutation, &shop, person, role).await;
        assert_eq!(refused.code(), "STEP_UP_REQUIRED", "{mutation} {role:?}");
    }
    // Strangers learn nothing, and what is not about owners needs no proof.
    let refused = change(&zoe, "addShopMember", &shop, &zoe.id, Some("OWNER")).await;
    assert_eq!(refused.refusal(), ("NOT_FOUND".to_owned(), "shopId".to_owned()));
    assert_eq!(change(&max, "removeShopMember", &shop, &mona.id, None).await.refusal().0, "NOT_PERMITTED");
    for (mutation, role) in
        [("addShopMember", Some("SUPPORT")), ("setShopMemberRole", Some("MANAGER")), ("removeShopMember", None)]
    {
        change(&ada, mutation, &shop, &zoe.id, role).await.ok();
    }
    let ada = sign_in(&app, &ada.email).await;
    for (mutation, person, role) in about_owners {
        change(&ada, mutation, &shop, person, role).await.ok();
    }
    let roles = "{ viewer { shops { role } } }";
    assert_eq!(ada.query(roles).await.ok()["viewer"]["shops"], json!([]));
    assert_eq!(max.query(roles).await.ok()["viewer"]["shops"], json!([{"role": "OWNER"}]));
}

#[actix_web::test]
async fn all_owners_and_whoever_was_one_hear_of_it() {
    let app = TestApp::start().await;
    let (ada, mona, max) = (app.sign_up("Ada").await, app.sign_up("Mona").await, app.sign_up("Max").await);
    let shop = ada.open_shop("Corner").await;
    let nothing: Value = json!({"notifications": [{"kind": "SHOP", "channels": ["IN_APP"]}]});
    mona.mutate("updatePreferences", nothing, "preferences { theme }").await.ok();
    let heard = async || {
        app.run_jobs().await;
        let of = |email: &str, subject: &str| app.mails(email).iter().filter(|mail| mail.subject == subject).count();
        let changed = [&ada, &mona, &max].map(|person| of(&person.email, "Who owns Corner has changed"));
        (changed, of(&mona.email, "You do not own Corner any more"))
    };
    change(&ada, "addShopMember", &shop, &max.id, Some("MANAGER")).await.ok();
    assert_eq!(heard().await, ([0, 0, 0], 0));
    change(&ada, "addShopMember", &shop, &mona.id, Some("OWNER")).await.ok();
    assert_eq!(heard().await, ([1, 1, 0], 0));
    // What changes nothing is no news.
    change(&ada, "setShopMemberRole", &shop, &mona.id, Some("OWNER")).await.ok();
    assert_eq!(heard().await, ([1, 1, 0], 0));
    change(&ada, "setShopMemberRole", &shop, &mona.id, Some("MANAGER")).await.ok();
    assert_eq!(heard().await, ([2, 1, 0], 1));
    change(&ada, "setShopMemberRole", &shop, &mona.id, Some("OWNER")).await.ok();
    assert_eq!(heard().await, ([3, 2, 0], 1));
    change(&ada, "removeShopMember", &shop, &mona.id, None).await.ok();
    assert_eq!(heard().await, ([4, 2, 0], 2));
}
