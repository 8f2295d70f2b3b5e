//! The conversations of a shop, as each of its members keeps and reads them at the desk.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{keep, say, see};
use crate::harness::{Client, TestApp, app::Person, market::Goods};

/// The conversations that a filter leaves.
async fn listed(member: &Client, filter: &str) -> BTreeSet<String> {
    let document =
        format!("{{ viewer {{ shops {{ conversations(filter: {filter}) {{ totalCount nodes {{ id }} }} }} }} }}");
    let list = member.query(&document).await.ok()["viewer"]["shops"][0]["conversations"].clone();
    let nodes = list["nodes"].as_array().unwrap();
    assert_eq!(list["totalCount"], nodes.len(), "{filter}");
    nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

async fn badges(member: &Client) -> (i64, i64) {
    let data = member.query("{ viewer { shops { badges { unreadConversations unreadMessages } } } }").await.ok();
    let badges = &data["viewer"]["shops"][0]["badges"];
    (badges["unreadConversations"].as_i64().unwrap(), badges["unreadMessages"].as_i64().unwrap())
}

async fn ask(buyer: &Client, goods: &Goods) -> String {
    let asked = json!({"productId": goods.product, "text": "Is it green?", "idempotencyKey": "ask"});
    let asked: Value = buyer.mutate("contactShop", asked, "conversation { id }").await.ok();
    asked["conversation"]["id"].as_str().unwrap().to_owned()
}

/// An owner, a member of support, and somebody who has asked.
async fn shop(app: &TestApp) -> (Person, Person, Goods) {
    let (nora, jonas) = (app.sign_up("Nora").await, app.sign_up("Jonas").await);
    let shop = nora.open_shop("Lamps").await;
    let lamp = nora.sell(&shop, "Lamp", "4.00", 9).await;
    let member = json!({"shopId": shop, "userId": jonas.id, "role": "SUPPORT"});
    nora.mutate("addShopMember", member, "member { role }").await.ok();
    (nora, jonas, lamp)
}

#[actix_web::test]
async fn a_desk_lists_what_each_member_has_not_read_or_put_away() {
    let app = TestApp::start().await;
    let (nora, jonas, lamp) = shop(&app).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (of_ada, of_bob) = (ask(&ada, &lamp).await, ask(&bob, &lamp).await);
    let both = BTreeSet::from([of_ada.clone(), of_bob.clone()]);
    let only = |one: &String| BTreeSet::from([one.clone()]);
    // Who has never looked has no marker: everything waits, and nothing is put away.
    for filter in ["{}", "{isUnread: true}", "{isArchived: false}", "{isPinned: false}", "{kind: SHOP}"] {
        assert_eq!(listed(&nora, filter).await, both, "{filter}");
    }
    for filter in ["{isUnread: false}", "{isArchived: true}", "{isPinned: true}", "{kind: ORDER}"] {
        assert_eq!(listed(&nora, filter).await, BTreeSet::new(), "{filter}");
    }

    let read = json!({"conversationId": of_ada, "upTo": 1});
    nora.mutate("markRead", read, "conversation { id }").await.ok();
    keep(&nora, &of_bob, json!({"isArchived": true, "isPinned": true})).await.ok();
    for (filter, left) in [
        ("{isUnread: true}", &of_bob),
        ("{isUnread: false}", &of_ada),
        ("{isArchived: true}", &of_bob),
        ("{isArchived: false}", &of_ada),
        ("{isPinned: true}", &of_bob),
        ("{isPinned: false}", &of_ada),
    ] {
        assert_eq!(listed(&nora, filter).await, only(left), "{filter}");
    }
    assert_eq!(listed(&jonas, "{isUnread: true, isArchived: false, isPinned: false}").await, both);
}

#[actix_web::test]
async fn the_badges_of_a_desk_are_each_members_own() {
    let app = TestApp::start().await;
    let (nora, jonas, lamp) = shop(&app).await;
    assert_eq!(badges(&nora).await, (0, 0));
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (of_ada, of_bob) = (ask(&ada, &lamp).await, ask(&bob, &lamp).await);
    say(&ada, &of_ada, "Or blue?").await;
    assert_eq!((badges(&nora).await, badges(&jonas).await), ((2, 3), (2, 3)));
    say(&nora, &of_ada, "Green").await;
    assert_eq!((badges(&nora).await, badges(&jonas).await), ((1, 1), (2, 4)));
    keep(&nora, &of_bob, json!({"isArchived": true})).await.ok();
    let until = (app.app().now() + TimeDelta::minutes(5)).to_rfc3339();
    keep(&jonas, &of_ada, json!({"mutedUntil": until})).await.ok();
    say(&bob, &of_bob, "Hello?").await;
    assert_eq!((badges(&nora).await, badges(&jonas).await), ((0, 0), (1, 2)));
    app.advance(TimeDelta::minutes(6));
    assert_eq!(badges(&jonas).await, (2, 5));
    // Of another shop nothing counts.
    let rugs = ada.open_shop("Rugs").await;
    ada.sell(&rugs, "Rug", "9.00", 1).await;
    assert_eq!(badges(&ada).await, (0, 0));
}

#[actix_web::test]
async fn a_shop_sees_how_far_its_customer_has_read_and_they_do_not_see_who_reads_there() {
    const PEOPLE: &str = "participants { user { displayName } lastReadNumber }";
    let app = TestApp::start().await;
    let (nora, _, lamp) = shop(&app).await;
    let ada = app.sign_up("Ada").await;
    let conversation = ask(&ada, &lamp).await;
    let read = json!({"conversationId": conversation, "upTo": 1});
    nora.mutate("markRead", read, "conversation { id }").await.ok();
    for client in [&ada.client, &nora.client] {
        let seen = see(client, &conversation, PEOPLE).await;
        assert_eq!(seen["participants"], json!([{"user": {"displayName": "Ada"}, "lastReadNumber": 1}]));
    }
}
