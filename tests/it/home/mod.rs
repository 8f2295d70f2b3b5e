//! What people are shown first: which sections, for what reason, and what never.

mod guests;
mod sections;
mod trending;

use serde_json::{Value, json};

use crate::harness::{Client, TestApp, app::Person, market::Goods};

/// A section with all that is said without asking for more.
const SECTION: &str = "kind title reason { kind text } recommendations(first: 30) { totalCount nodes { product { id title } reason { kind text } } }";

/// A market of one shop with these things, each at a pound.
async fn market(titles: &[&str]) -> (TestApp, Person, Vec<Goods>) {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let mut goods = Vec::new();
    for title in titles {
        goods.push(seller.sell(&shop, title, "1.00", 100).await);
    }
    (app, seller, goods)
}

/// The sections that somebody has.
async fn home(client: &Client) -> Vec<Value> {
    let answer = client.query(&format!("{{ viewer {{ home {{ {SECTION} }} }} }}")).await;
    assert!(answer.statements.unwrap() <= 3, "{answer:?}");
    answer.ok()["viewer"]["home"].as_array().unwrap().clone()
}

/// The sections that a guest has.
async fn home_of_guest(client: &Client, token: &Value) -> Vec<Value> {
    let document = format!("query($token: String) {{ visitor(token: $token) {{ home {{ {SECTION} }} }} }}");
    let answer = client.send(&document, json!({"token": token})).await;
    assert!(answer.statements.unwrap() <= 3, "{answer:?}");
    answer.ok()["visitor"]["home"].as_array().unwrap().clone()
}

fn kinds(home: &[Value]) -> Vec<&str> {
    home.iter().map(|section| section["kind"].as_str().unwrap()).collect()
}

/// What a section has; nothing if it is not there.
fn titles<'a>(home: &'a [Value], kind: &str) -> Vec<&'a str> {
    let Some(section) = home.iter().find(|section| section["kind"] == kind) else { return Vec::new() };
    let nodes = section["recommendations"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["product"]["title"].as_str().unwrap()).collect()
}

fn sorted(mut titles: Vec<&str>) -> Vec<&str> {
    titles.sort_unstable();
    titles
}
