//! What people have of their data, and that it is gone when they want it to be.

mod afterwards;
mod deletion;
mod export;
mod leftovers;

use agora::kernel::id::Id;
use chrono::TimeDelta;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use serde_json::{Value, json};

use crate::{
    harness::{
        Client, TestApp,
        app::{PASSWORD, Person},
    },
    media::{files::photo, show},
};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// What a query says, a line each.
pub fn lines(app: &TestApp, sql: &str) -> Vec<String> {
    sql_query(sql).load::<Line>(&mut app.connect()).unwrap().into_iter().map(|row| row.line).collect()
}

pub fn uuid(person: &Person) -> String {
    person.id.parse::<Id<agora::users::model::User>>().unwrap().uuid().to_string()
}

/// A market whose sweeps come in their time.
async fn market() -> TestApp {
    let app = TestApp::start().await;
    app.schedule_jobs().await;
    app
}

/// Somebody who has a little of everything that can be had by asking for it.
async fn somebody(app: &TestApp, name: &str) -> Person {
    let person = app.sign_up(name).await;
    let handle = format!("{}_the_first", name.to_lowercase());
    let profile = json!({"bio": format!("{name} collects teapots"), "handle": handle});
    person.mutate("updateProfile", profile, "user { id }").await.ok();
    person.mutate("updatePreferences", json!({"theme": "DARK"}), "preferences { theme }").await.ok();
    let address = json!({"name": format!("{name} Person"), "lines": [format!("1 {name} Road")], "postalCode": "N1 9AG", "city": "London", "country": "GB"});
    person
        .mutate("createSavedAddress", json!({"address": address, "idempotencyKey": "home"}), "savedAddress { id }")
        .await
        .ok();
    let settings = json!({"namespace": "web", "value": {"colour": format!("{name} green")}});
    person.mutate("setClientSettings", settings, "clientSettings { version }").await.ok();
    show(&person, &photo(64, 64)).await;
    person
}

/// Signs in anew.
pub async fn sign_in(app: &TestApp, email: &str) -> Client {
    let guest = app.guest();
    let input = json!({"email": email, "password": PASSWORD});
    let answer = guest.mutate("signIn", input, "result { ... on SignedIn { accessToken } }").await.ok();
    guest.with_token(answer["result"]["accessToken"].as_str().unwrap())
}

async fn delete(client: &Client) -> crate::harness::Answer {
    let document = "mutation { deleteAccount { accountDeletion { requestedAt dueAt } userErrors { code field } } }";
    client.query(document).await
}

/// The refusal in a payload, or nothing.
fn refusal(answer: crate::harness::Answer, field: &str) -> Value {
    answer.ok()[field]["userErrors"][0]["code"].clone()
}

/// Lets the time of grace pass, and the sweep come.
async fn pass_the_grace(app: &TestApp) {
    app.advance(TimeDelta::days(14) + TimeDelta::hours(1));
    app.run_jobs().await;
    let failed = "SELECT format('%s: %s', kind, last_error) AS line FROM jobs WHERE last_error IS NOT NULL";
    assert_eq!(lines(app, failed), [""; 0]);
}
