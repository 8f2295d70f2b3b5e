//! Who owns a shop: given and taken by who proves who they are, and told to all who do.

use agora::{
    kernel::id::Id,
    shops::{
        model::{Permission, Shop},
        service::{owners_of, people_who_may},
    },
    users::model::User,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Answer, Client, TestApp, held::Held},
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

async fn accept(who: &Client, shop: &str) -> Answer {
    who.mutate("acceptShopMembership", json!({"shopId": shop}), "member { role isAccepted }").await
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
    for (mutation, person, role) in about_owners.into_iter().take(4) {
        change(&ada, mutation, &shop, person, role).await.ok();
    }
    // Zoe and Max are owners by her word alone.
    let (mutation, person, role) = about_owners[4];
    assert_eq!(change(&ada, mutation, &shop, person, role).await.refusal().0, "LAST_OWNER");
    accept(&max, &shop).await.ok();
    change(&ada, mutation, &shop, person, role).await.ok();
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

#[actix_web::test]
async fn nobody_is_bound_by_what_others_have_made_them() {
    const OWN: &str = "{ viewer { shops { role isAccepted } } }";
    let app = TestApp::start().await;
    let (ada, mona) = (app.sign_up("Ada").await, app.sign_up("Mona").await);
    let shop = ada.open_shop("Corner").await;
    app.advance(TimeDelta::seconds(1));
    change(&ada, "addShopMember", &shop, &mona.id, Some("OWNER")).await.ok();
    assert_eq!(mona.query(OWN).await.ok()["viewer"]["shops"], json!([{"role": "OWNER", "isAccepted": false}]));
    let members = "{ viewer { shops { members { role isAccepted } } } }";
    let members = ada.query(members).await.ok()["viewer"]["shops"][0]["members"].clone();
    let told = |role: &str, is_accepted: bool| json!({"role": role, "isAccepted": is_accepted});
    assert_eq!(members, json!([told("OWNER", true), told("OWNER", false)]));
    assert_eq!(change(&ada, "removeShopMember", &shop, &ada.id, None).await.refusal().0, "LAST_OWNER");
    assert_eq!(change(&ada, "setShopMemberRole", &shop, &ada.id, Some("SUPPORT")).await.refusal().0, "LAST_OWNER");

    // Without any proof, as nothing is lost by it.
    app.given_sql("UPDATE sessions SET authenticated_at = authenticated_at - interval '15 minutes'");
    change(&mona, "removeShopMember", &shop, &mona.id, None).await.ok();
    assert_eq!(mona.query(OWN).await.ok()["viewer"]["shops"], json!([]));
    assert_eq!(accept(&mona, &shop).await.refusal(), ("NOT_FOUND".to_owned(), "shopId".to_owned()));

    // Once accepted it is as with any owner, and who is made one again accepts it again.
    let ada = sign_in(&app, &ada.email).await;
    change(&ada, "addShopMember", &shop, &mona.id, Some("MANAGER")).await.ok();
    for _ in 0..2 {
        assert_eq!(accept(&mona, &shop).await.ok()["member"], told("MANAGER", true));
    }
    change(&ada, "setShopMemberRole", &shop, &mona.id, Some("OWNER")).await.ok();
    assert_eq!(mona.query(OWN).await.ok()["viewer"]["shops"], json!([told("OWNER", false)]));
    accept(&mona, &shop).await.ok();
    assert_eq!(change(&mona, "removeShopMember", &shop, &mona.id, None).await.code(), "STEP_UP_REQUIRED");
}

#[actix_web::test]
async fn who_decides_about_members_has_accepted_to() {
    let app = TestApp::start().await;
    let (ada, mona, max) = (app.sign_up("Ada").await, app.sign_up("Mona").await, app.sign_up("Max").await);
    let shop = ada.open_shop("Corner").await;
    change(&ada, "addShopMember", &shop, &mona.id, Some("OWNER")).await.ok();
    change(&mona, "addShopMember", &shop, &max.id, Some("SUPPORT")).await.ok();
    change(&ada, "removeShopMember", &shop, &ada.id, None).await.ok();
    assert_eq!(change(&mona, "removeShopMember", &shop, &mona.id, None).await.refusal().0, "LAST_OWNER");
}

#[actix_web::test]
async fn a_person_waits_with_twenty_shops_and_has_none_the_fewer() {
    let app = TestApp::start().await;
    let (ada, mona) = (app.sign_up("Ada").await, app.sign_up("Mona").await);
    let mut shops = Vec::new();
    for number in 0..21 {
        shops.push(ada.open_shop(&format!("Shop {number}")).await);
    }
    for shop in &shops[..20] {
        change(&ada, "addShopMember", shop, &mona.id, Some("SUPPORT")).await.ok();
    }
    let refused = change(&ada, "addShopMember", &shops[20], &mona.id, Some("SUPPORT")).await;
    assert_eq!(refused.refusal().0, "TOO_MANY");
    mona.open_shop("Her own").await;
    accept(&mona, &shops[3]).await.ok();
    change(&ada, "addShopMember", &shops[20], &mona.id, Some("SUPPORT")).await.ok();
}

#[actix_web::test]
async fn owners_change_twenty_times_a_day_and_strangers_are_told_five_times() {
    let app = TestApp::start().await;
    let (ada, mona) = (app.sign_up("Ada").await, app.sign_up("Mona").await);
    let shop = ada.open_shop("Corner").await;
    change(&ada, "addShopMember", &shop, &mona.id, Some("SUPPORT")).await.ok();
    for _ in 0..10 {
        for role in ["OWNER", "SUPPORT"] {
            change(&ada, "setShopMemberRole", &shop, &mona.id, Some(role)).await.ok();
        }
    }
    let refused = change(&ada, "setShopMemberRole", &shop, &mona.id, Some("OWNER")).await;
    assert_eq!(refused.refusal().0, "TOO_MANY");
    let role = "{ viewer { shops { role } } }";
    assert_eq!(mona.query(role).await.ok()["viewer"]["shops"], json!([{"role": "SUPPORT"}]), "all of it is undone");
    change(&ada, "setShopMemberRole", &shop, &mona.id, Some("MANAGER")).await.ok();
    app.run_jobs().await;
    let about = |email: &str| app.mails(email).iter().filter(|mail| mail.subject.contains("Corner")).count();
    assert_eq!((about(&ada.email), about(&mona.email)), (20, 5));
    app.advance(TimeDelta::days(1));
    let ada = sign_in(&app, &ada.email).await;
    change(&ada, "setShopMemberRole", &shop, &mona.id, Some("OWNER")).await.ok();
}

#[actix_web::test]
async fn an_owner_is_removed_however_often_others_were_made_one() {
    let app = TestApp::start().await;
    let (ada, mona, eve) = (app.sign_up("Ada").await, app.sign_up("Mona").await, app.sign_up("Eve").await);
    let shop = ada.open_shop("Corner").await;
    change(&ada, "addShopMember", &shop, &mona.id, Some("OWNER")).await.ok();
    accept(&mona, &shop).await.ok();
    change(&mona, "addShopMember", &shop, &eve.id, Some("SUPPORT")).await.ok();
    for _ in 0..9 {
        for role in ["OWNER", "SUPPORT"] {
            change(&mona, "setShopMemberRole", &shop, &eve.id, Some(role)).await.ok();
        }
    }
    let refused = change(&mona, "setShopMemberRole", &shop, &eve.id, Some("OWNER")).await;
    assert_eq!(refused.refusal().0, "TOO_MANY");
    change(&ada, "setShopMemberRole", &shop, &mona.id, Some("MANAGER")).await.ok();
    change(&ada, "removeShopMember", &shop, &mona.id, None).await.ok();
    let roles = "{ viewer { shops { role } } }";
    assert_eq!(mona.query(roles).await.ok()["viewer"]["shops"], json!([]));
}

#[actix_web::test]
async fn the_same_role_again_is_no_news() {
    let app = TestApp::start().await;
    let (ada, mona) = (app.sign_up("Ada").await, app.sign_up("Mona").await);
    let shop = ada.open_shop("Corner").await;
    change(&ada, "addShopMember", &shop, &mona.id, Some("SUPPORT")).await.ok();
    let told = || {
        let changed = "kind = 'users.access_changed'";
        let sql = format!(
            "SELECT (SELECT count(*) FROM event_outbox WHERE {changed}) + (SELECT count(*) FROM events WHERE {changed}) AS count"
        );
        count(&mut app.connect(), &sql)
    };
    let before = told();
    change(&ada, "setShopMemberRole", &shop, &mona.id, Some("SUPPORT")).await.ok();
    assert_eq!(told(), before);
    change(&ada, "setShopMemberRole", &shop, &mona.id, Some("MANAGER")).await.ok();
    assert_eq!(told(), before + 1);
}

#[actix_web::test]
async fn nobody_waits_for_a_shop_or_has_others_wait_whose_shop_it_is_not() {
    let app = TestApp::start().await;
    let (ada, mona, eve) = (app.sign_up("Ada").await, app.sign_up("Mona").await, app.sign_up("Eve").await);
    let shop = ada.open_shop("Corner").await;
    change(&ada, "addShopMember", &shop, &mona.id, Some("MANAGER")).await.ok();
    let mut held = Held::by(&app, "SELECT FROM shops FOR NO KEY UPDATE");
    let not_found = ("NOT_FOUND".to_owned(), "shopId".to_owned());
    for (mutation, person, role) in [
        ("addShopMember", &eve.id, Some("OWNER")),
        ("setShopMemberRole", &mona.id, Some("SUPPORT")),
        ("removeShopMember", &mona.id, None),
        ("removeShopMember", &eve.id, None),
    ] {
        assert_eq!(change(&eve, mutation, &shop, person, role).await.refusal(), not_found, "{mutation}");
    }
    assert_eq!(accept(&eve, &shop).await.refusal(), not_found);
    let rename = json!({"shopId": shop, "expectedVersion": 1, "name": "Mine"});
    assert_eq!(eve.mutate("updateShop", rename.clone(), "shop { id }").await.refusal(), not_found);

    // And whoever works for it no more, once they have waited.
    held.run("DELETE FROM shop_members WHERE role = 'MANAGER'");
    let waiting = mona.mutate("updateShop", rename, "shop { id }");
    let release = async {
        held.waited_for_by(&app, 1).await;
        held.release();
    };
    let (refused, ()) = tokio::join!(waiting, release);
    assert_eq!(refused.refusal(), not_found);
}

#[actix_web::test]
async fn whom_nobody_asked_has_no_mail_of_a_shop_until_they_accept() {
    let app = TestApp::start().await;
    let (ada, bob, max) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Max").await);
    let shop = ada.open_shop("Corner").await;
    change(&ada, "addShopMember", &shop, &max.id, Some("MANAGER")).await.ok();
    let lamp = ada.sell(&shop, "Lamp", "5.00", 9).await;
    let sold = async |key: &str| {
        let order = bob.order_one(&lamp, key).await.ok()["order"]["id"].clone();
        bob.pay(order.as_str().unwrap(), "test_succeeds", key).await.ok();
        app.run_jobs().await;
        bob.cancel(order.as_str().unwrap()).await.ok();
        app.run_jobs().await;
        let told = |email: &str| {
            let mails = app.mails(email);
            let has = |wanted: &str| mails.iter().filter(|mail| mail.subject.contains(wanted)).count();
            (has("Corner has sold"), has("was called off"))
        };
        (told(&ada.email), told(&max.email))
    };
    assert_eq!(sold("one").await, ((1, 1), (0, 0)));
    accept(&max, &shop).await.ok();
    assert_eq!(sold("two").await, ((2, 2), (1, 1)));
}

#[actix_web::test]
async fn who_may_do_something_for_some_shops_is_read_by_their_roles() {
    let app = TestApp::start().await;
    let (ada, bert) = (app.sign_up("Ada").await, app.sign_up("Bert").await);
    let (max, zoe) = (app.sign_up("Max").await, app.sign_up("Zoe").await);
    let (lamps, rugs) = (ada.open_shop("Lamps").await, bert.open_shop("Rugs").await);
    change(&ada, "addShopMember", &lamps, &max.id, Some("FULFILLMENT")).await.ok();
    change(&ada, "addShopMember", &lamps, &zoe.id, Some("SUPPORT")).await.ok();
    change(&bert, "addShopMember", &rugs, &zoe.id, Some("MANAGER")).await.ok();
    let person = |id: &str| id.parse::<Id<User>>().unwrap();
    let (lamps, rugs): (Id<Shop>, Id<Shop>) = (lamps.parse().unwrap(), rugs.parse().unwrap());
    let may = async |permission: Permission| {
        let found = app.app().db.read(move |conn| people_who_may(conn, &[lamps, rugs], permission)).await;
        let mut found = found.unwrap();
        found.sort_unstable();
        found
    };
    let all = |found: &[(Id<Shop>, &str)]| {
        let mut all: Vec<_> = found.iter().map(|&(shop, id)| (shop, person(id))).collect();
        all.sort_unstable();
        all
    };
    let (of_ada, of_bert, of_max) = ((lamps, ada.id.as_str()), (rugs, bert.id.as_str()), (lamps, max.id.as_str()));
    let managed = (rugs, zoe.id.as_str());
    // Whom others have added, and nobody asked, is told of nothing.
    assert_eq!(may(Permission::FulfillOrders).await, all(&[of_ada, of_bert]));
    for (person, shop) in [(&max, lamps), (&zoe, lamps), (&zoe, rugs)] {
        accept(person, &shop.to_string()).await.ok();
    }
    assert_eq!(may(Permission::SetUpPayouts).await, all(&[of_ada, of_bert]));
    assert_eq!(may(Permission::RefundOrders).await, all(&[of_ada, of_bert, managed]));
    assert_eq!(may(Permission::FulfillOrders).await, all(&[of_ada, of_bert, managed, of_max]));
    let owners = app.app().db.read(move |conn| owners_of(conn, lamps)).await.unwrap();
    assert_eq!(owners, [person(&ada.id)]);
}
