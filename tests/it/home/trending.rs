//! What many people have ordered lately.

use agora::{platform::caller::Caller, recommendations::service::refresh_trends};
use chrono::TimeDelta;
use serde_json::json;

use super::{home, kinds, market, titles};
use crate::{
    harness::{Client, TestApp, market::Goods},
    privacy::uuid,
    recommendations::order,
    related::{all_order, people},
};

async fn refresh(app: &TestApp) {
    refresh_trends(app.app(), &Caller::system()).await.unwrap();
}

async fn trending(client: &Client, arguments: &str) -> Vec<String> {
    let answer = client
        .query(&format!("{{ trendingProducts{arguments} {{ product {{ title }} reason {{ kind text }} }} }}"))
        .await;
    assert!(answer.statements.unwrap() <= 2, "{answer:?}");
    let list = answer.ok()["trendingProducts"].clone();
    let each = list.as_array().unwrap().iter();
    each.map(|one| {
        assert_eq!(one["reason"], json!({"kind": "TRENDING", "text": "Ordered by many people lately"}));
        one["product"]["title"].as_str().unwrap().to_owned()
    })
    .collect()
}

#[actix_web::test]
async fn five_people_make_a_trend_and_nobody_makes_one_alone() {
    let (app, _, goods) = market(&["Lamp", "Bulb", "Rug"]).await;
    let [lamp, bulb, rug] = &goods[..] else { panic!() };
    let people = people(&app, 5).await;
    let guest = app.guest();
    all_order(&people[..4], &[lamp], "one").await;
    for number in 0..3 {
        order(&people[0], &[rug], &format!("rug{number}"), true).await;
    }
    refresh(&app).await;
    assert_eq!(trending(&guest, "").await, [""; 0]);
    // Who has not paid is nobody, and so is who works for the shop.
    let unpaid = order(&people[4], &[lamp], "late", false).await;
    refresh(&app).await;
    assert_eq!(trending(&guest, "").await, [""; 0]);
    people[4].pay(&unpaid, "test_succeeds", "late").await.ok();
    let fifth = uuid(&people[4]);
    app.given_sql(&format!(
        "INSERT INTO shop_members (shop_id, user_id, role, created_at) SELECT id, '{fifth}', 'SUPPORT', now() FROM shops"
    ));
    refresh(&app).await;
    assert_eq!(trending(&guest, "").await, [""; 0]);
    app.given_sql(&format!("DELETE FROM shop_members WHERE user_id = '{fifth}'"));
    assert_eq!(trending(&guest, "").await, [""; 0], "not before the lists are made anew");
    refresh(&app).await;
    assert_eq!(trending(&guest, "").await, ["Lamp"]);
    assert_eq!(trending(&guest, "(country: \"GB\")").await, ["Lamp"]);
    assert_eq!(trending(&guest, "(country: \"DE\")").await, [""; 0]);
    for first in [0, 21] {
        let wrong = guest.query(&format!("{{ trendingProducts(first: {first}) {{ product {{ id }} }} }}")).await;
        assert_eq!(wrong.code(), "BAD_USER_INPUT");
    }

    // What was ordered long ago counts less, and at last not at all.
    all_order(&people, &[bulb], "bulb").await;
    order(&people[0], &[lamp], "again", true).await;
    app.given_sql("UPDATE orders SET placed_at = placed_at - interval '6 days' WHERE id IN \
                   (SELECT order_id FROM order_parts JOIN order_lines ON part_id = order_parts.id WHERE title = 'Lamp')");
    refresh(&app).await;
    assert_eq!(trending(&guest, "(country: \"GB\")").await, ["Bulb", "Lamp"]);
    app.advance(TimeDelta::days(9));
    refresh(&app).await;
    assert_eq!(trending(&guest, "").await, ["Bulb"]);
}

#[actix_web::test]
async fn who_wants_nothing_kept_makes_no_trend_and_is_shown_it_all_the_same() {
    let (app, _, goods) = market(&["Lamp", "Bulb"]).await;
    let people = people(&app, 6).await;
    all_order(&people[..5], &[&goods[0]], "one").await;
    refresh(&app).await;
    let found = home(&people[5]).await;
    // What is among what is trending is not shown once more among what is sold most.
    assert_eq!((kinds(&found), titles(&found, "TRENDING")), (vec!["TRENDING"], vec!["Lamp"]));
    // Who has it does not want it again.
    assert_eq!(titles(&home(&people[0]).await, "TRENDING"), [""; 0]);
    let off = json!({"hasPersonalization": false});
    people[0].mutate("updatePreferences", off, "preferences { theme }").await.ok();
    assert_eq!(titles(&home(&people[0]).await, "TRENDING"), ["Lamp"]);
    refresh(&app).await;
    assert_eq!(titles(&home(&people[5]).await, "TRENDING"), [""; 0], "four people are too few");
}

#[actix_web::test]
async fn a_shop_has_a_fifth_of_the_list_whatever_is_ordered_there() {
    let app = TestApp::start().await;
    let mut goods: Vec<Goods> = Vec::new();
    for (name, count) in [("Grace", 12), ("Henry", 2)] {
        let seller = app.sign_up(name).await;
        let shop = seller.open_shop(&format!("{name}s")).await;
        for number in 0..count {
            goods.push(seller.sell(&shop, &format!("{name}{number}"), "1.00", 100).await);
        }
    }
    let people = people(&app, 5).await;
    let all: Vec<&Goods> = goods.iter().collect();
    all_order(&people, &all, "all").await;
    refresh(&app).await;
    let found = trending(&app.guest(), "(first: 20)").await;
    let of_grace = found.iter().filter(|title| title.starts_with("Grace")).count();
    assert!((3..=9).contains(&of_grace) && found.len() == of_grace + 2, "three in a row, of ten: {found:?}");
    let kept = "SELECT count(*) AS count FROM trending_products WHERE place = '*'";
    assert_eq!(crate::costs::count(&mut app.connect(), kept), 12);
}
