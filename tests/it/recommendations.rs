//! What is learned of orders little by little, and what that is worth.

use std::path::{Path, PathBuf};

use agora::{
    kernel::id::Id,
    platform::caller::Caller,
    recommendations::{
        error::EvaluationError,
        model::{BACKERS, Measures, Method},
        service::{Evaluate, evaluate_file, evaluate_orders, forget, learn},
    },
    users::model::User,
};
use chrono::TimeDelta;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use serde_json::json;

use crate::harness::{
    TestApp,
    app::Person,
    market::Goods,
    program::{command, run},
};

const AS_ASKED: Evaluate = Evaluate { split: 0.8, at: 20 };

fn real_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/online-retail-2010-12.csv.gz")
}

#[test]
fn on_real_orders_it_is_worth_as_much_as_was_promised() {
    let evaluation = evaluate_file(&real_file(), AS_ASKED).unwrap();
    let of = |method: Method| -> Measures { evaluation.measures.iter().find(|(other, _)| *other == method).unwrap().1 };
    let (model, popularity, together) = (of(Method::Model), of(Method::Popularity), of(Method::CoCount));
    assert!(model.recall >= 0.30 && model.mrr >= 0.127, "{evaluation}");
    assert!(popularity.recall < 0.1 && together.recall < 0.2, "{evaluation}");
    // It is not the same few things for everybody.
    assert!(model.coverage > together.coverage && model.novelty > together.novelty, "{evaluation}");
}

#[test]
fn the_command_tells_it_and_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.csv");
    let mut text = String::from("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n");
    for invoice in 1..=20 {
        for code in ["LAMP", "BULB", "POST"] {
            text += &format!("{invoice},{code},,1,{invoice:02}/12/2010 08:26,1.00,{invoice},France\n");
        }
    }
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let told = run(&mut command(&["recommend", "evaluate", "--file", file, "--at", "1"]));
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(
        told.stdout.starts_with("learned from 16 orders with 2 products; 8 things hidden in 4 later ones\n"),
        "{told:?}"
    );
    for method in Method::ALL {
        let row = told.stdout.lines().find(|line| line.starts_with(method.name())).unwrap();
        // Of two things, the other one.
        assert_eq!(row.split_whitespace().nth(1), Some("1.000"), "{told:?}");
    }
    for (arguments, says) in [
        (["--split", "1"], "a share is between 0 and 1"),
        (["--at", "0"], "1..=1000"),
        (["--split", "0.01"], "too few orders"),
    ] {
        let refused = run(command(&["recommend", "evaluate", "--file", file]).args(arguments));
        assert!(refused.code != Some(0) && refused.stderr.contains(says), "{refused:?}");
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

fn rows(app: &TestApp, sql: &str) -> Vec<String> {
    let rows: Vec<Row> = sql_query(sql).load(&mut app.connect()).unwrap();
    rows.into_iter().map(|row| row.row).collect()
}

/// All that is learned.
fn learned(app: &TestApp) -> Vec<String> {
    rows(
        app,
        "SELECT concat_ws('|', 'basket', order_id, coalesce(person_id::text, 'nobody'), products::text) AS row FROM recommendation_baskets \
         UNION ALL SELECT concat_ws('|', 'pair', low_id, high_id, weight, people, strangers) FROM recommendation_pairs \
         UNION ALL SELECT concat_ws('|', 'product', product_id, mass, orders, staleness) FROM recommendation_products WHERE orders > 0 \
         UNION ALL SELECT concat_ws('|', 'neighbor', product_id, rank, other_id, score, weight, backers) FROM recommendation_neighbors \
         ORDER BY 1",
    )
}

pub async fn learn_all(app: &TestApp) {
    learn(app.app(), &Caller::system()).await.unwrap();
}

/// What was learned little by little is what is learned of everything at once.
async fn assert_as_if_anew(app: &TestApp) {
    learn_all(app).await;
    let before = learned(app);
    app.given_sql(
        "TRUNCATE recommendation_baskets, recommendation_pairs, recommendation_products, recommendation_neighbors",
    );
    app.given_sql("UPDATE orders SET is_learned = false");
    learn_all(app).await;
    assert_eq!(learned(app), before);
    // Nothing is left to do, and nothing is done twice.
    learn_all(app).await;
    assert_eq!(learned(app), before);
}

fn pairs(app: &TestApp) -> Vec<String> {
    rows(
        app,
        "SELECT concat_ws('|', weight, people, strangers) AS row FROM recommendation_pairs ORDER BY weight DESC, people DESC, strangers DESC",
    )
}

fn neighbors(app: &TestApp) -> Vec<String> {
    rows(app, "SELECT backers::text AS row FROM recommendation_neighbors ORDER BY 1")
}

/// Orders one of each, and pays if that is wanted. Returns the order's id.
pub async fn order(buyer: &Person, goods: &[&Goods], key: &str, pays: bool) -> String {
    let lines: Vec<(&Goods, i32)> = goods.iter().map(|goods| (*goods, 1)).collect();
    let total = format!("{}.00", goods.len());
    let order = buyer.order(&lines, &total, key).await.ok()["order"]["id"].as_str().unwrap().to_owned();
    if pays {
        buyer.pay(&order, "test_succeeds", key).await.ok();
    }
    order
}

fn id(person: &Person) -> Id<User> {
    person.id.parse().unwrap()
}

#[actix_web::test]
async fn whatever_happens_to_orders_what_is_learned_is_as_if_it_were_learned_anew() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let lamp = seller.sell(&shop, "Lamp", "1.00", 100).await;
    let bulb = seller.sell(&shop, "Bulb", "1.00", 100).await;
    let rug = seller.sell(&shop, "Rug", "1.00", 100).await;
    learn_all(&app).await;
    assert_eq!(learned(&app), [""; 0]);

    let mut people = Vec::new();
    for name in ["Ada", "Bob", "Cid", "Dan", "Eve"] {
        people.push(app.sign_up(name).await);
    }
    for buyer in &people[..4] {
        order(buyer, &[&lamp, &bulb], "first", true).await;
    }
    // Twice by the same person says nothing of others.
    order(&people[0], &[&bulb, &lamp], "again", true).await;
    let unpaid = order(&people[4], &[&lamp, &rug, &bulb], "unpaid", false).await;
    assert_as_if_anew(&app).await;
    assert_eq!(pairs(&app), ["12600|4|0"]);
    assert_eq!(neighbors(&app), [""; 0], "four people are too few");

    // What is paid, and by whom, counts.
    people[4].pay(&unpaid, "test_succeeds", "late").await.ok();
    assert_as_if_anew(&app).await;
    assert_eq!(pairs(&app), ["13860|5|0", "2520|1|0", "2520|1|0"]);
    assert_eq!(neighbors(&app), [BACKERS.to_string(), BACKERS.to_string()]);

    // What is called off does not.
    people[4].cancel(&unpaid).await.ok();
    assert_as_if_anew(&app).await;
    assert_eq!((pairs(&app), neighbors(&app)), (vec!["12600|4|0".to_owned()], Vec::new()));

    // An order that becomes somebody else's is learned anew.
    let frank = app.sign_up("Frank").await;
    let given = order(&people[0], &[&lamp, &bulb], "given", true).await;
    assert_as_if_anew(&app).await;
    assert_eq!(pairs(&app), ["15120|4|0"]);
    let order_id = given.parse::<Id<agora::orders::model::Order>>().unwrap().uuid();
    let frank_id = id(&frank).uuid();
    app.given_sql(&format!("UPDATE orders SET buyer_id = '{frank_id}', is_learned = false WHERE id = '{order_id}'"));
    assert_as_if_anew(&app).await;
    assert_eq!((pairs(&app), neighbors(&app).len()), (vec!["15120|5|0".to_owned()], 2));

    // What has become frequent by other things goes less well with what was not ordered again.
    let score = "SELECT score::text AS row FROM recommendation_neighbors ORDER BY score";
    let before = rows(&app, score);
    order(&people[1], &[&lamp, &rug], "apart", true).await;
    assert_as_if_anew(&app).await;
    let after = rows(&app, score);
    assert!(
        before.len() == 2 && after.len() == 2 && before.iter().all(|score| !after.contains(score)),
        "{before:?} {after:?}"
    );

    // Strangers are one person, however many orders they have.
    forget(app.app(), &Caller::system(), id(&frank)).await.unwrap();
    forget(app.app(), &Caller::system(), id(&people[0])).await.unwrap();
    learn_all(&app).await;
    assert_eq!(pairs(&app), ["15120|3|3", "2520|1|0"]);
    assert_eq!(neighbors(&app), [""; 0]);
    assert_eq!(
        rows(&app, "SELECT person_id::text AS row FROM recommendation_baskets WHERE person_id IS NOT NULL").len(),
        4
    );
}

#[actix_web::test]
async fn what_somebody_orders_who_wants_nothing_kept_is_a_strangers() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let lamp = seller.sell(&shop, "Lamp", "1.00", 100).await;
    let bulb = seller.sell(&shop, "Bulb", "1.00", 100).await;
    let buyer = app.sign_up("Ada").await;
    let wants = async |is_wanted: bool| {
        let input = json!({"hasPersonalization": is_wanted});
        buyer.mutate("updatePreferences", input, "preferences { hasPersonalization }").await.ok();
        app.run_jobs().await;
    };
    order(&buyer, &[&lamp, &bulb], "before", true).await;
    learn_all(&app).await;
    assert_eq!(pairs(&app), ["2520|1|0"]);
    // At once for what is known, and from then on.
    wants(false).await;
    assert_eq!(pairs(&app), ["2520|0|1"]);
    order(&buyer, &[&lamp, &bulb], "off", true).await;
    assert_as_if_anew(&app).await;
    assert_eq!(pairs(&app), ["5040|0|2"]);
    // It does not become theirs again.
    wants(true).await;
    learn_all(&app).await;
    assert_eq!(pairs(&app), ["5040|0|2"]);
    order(&buyer, &[&lamp, &bulb], "on", true).await;
    learn_all(&app).await;
    assert_eq!(pairs(&app), ["7560|1|2"]);
}

#[actix_web::test]
async fn an_order_is_learned_within_a_minute() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let (lamp, bulb) = (seller.sell(&shop, "Lamp", "1.00", 9).await, seller.sell(&shop, "Bulb", "1.00", 9).await);
    let buyer = app.sign_up("Ada").await;
    app.schedule_jobs().await;
    order(&buyer, &[&lamp, &bulb], "order", true).await;
    app.advance(TimeDelta::seconds(40));
    app.run_jobs().await;
    assert_eq!(pairs(&app), ["2520|1|0"]);
    // It is no change that anybody was told of.
    assert_eq!(rows(&app, "SELECT is_learned::text AS row FROM orders"), ["true"]);
    let few = evaluate_orders(app.app(), 100, AS_ASKED).await.unwrap_err();
    assert!(matches!(few, EvaluationError::TooFew), "{few}");
}

#[actix_web::test]
async fn the_orders_of_the_market_are_evaluated_from_the_oldest_to_the_newest() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let (lamp, bulb) = (seller.sell(&shop, "Lamp", "1.00", 99).await, seller.sell(&shop, "Bulb", "1.00", 99).await);
    let buyer = app.sign_up("Ada").await;
    for number in 0..5 {
        app.advance(TimeDelta::seconds(1));
        order(&buyer, &[&lamp, &bulb], &number.to_string(), true).await;
    }
    let evaluation = evaluate_orders(app.app(), 100, AS_ASKED).await.unwrap();
    assert_eq!((evaluation.learned, evaluation.products, evaluation.tried, evaluation.hidden), (4, 2, 1, 2));
    let newest = evaluate_orders(app.app(), 2, Evaluate { split: 0.5, ..AS_ASKED }).await.unwrap();
    assert_eq!((newest.learned, newest.tried), (1, 1));
}
