//! Uploads, and the images that come of them.

pub mod files;
mod images;
mod quotas;
mod s3;
mod sweep;
mod uploads;

use agora::platform::images::Place;
use reqwest::{Response, header::HeaderMap};
use serde_json::{Value, json};

use crate::harness::{TestApp, app::Person};

/// An upload, as its person got it.
struct Upload {
    id: String,
    url: String,
}

/// Announces a picture of somebody, of so many bytes.
async fn announce(person: &Person, bytes: usize) -> Upload {
    announce_for(person, bytes, "AVATAR").await
}

async fn announce_for(person: &Person, bytes: usize, purpose: &str) -> Upload {
    let input = json!({"purpose": purpose, "byteSize": bytes});
    let upload = person.mutate("createUpload", input, "upload { id url }").await.ok()["upload"].clone();
    let text = |name: &str| upload[name].as_str().unwrap().to_owned();
    Upload { id: text("id"), url: text("url") }
}

async fn put(url: &str, bytes: &[u8]) -> Response {
    reqwest::Client::new().put(url).body(bytes.to_vec()).send().await.unwrap()
}

/// The status of a `PUT`, and the code of its refusal.
async fn try_put(url: &str, bytes: &[u8]) -> (u16, String) {
    let answer = put(url, bytes).await;
    let status = answer.status().as_u16();
    let said: Value = answer.json().await.unwrap_or_default();
    (status, said["code"].as_str().unwrap_or_default().to_owned())
}

/// Announces and sends a file. Returns the upload's id.
async fn send(person: &Person, bytes: &[u8]) -> String {
    let upload = announce(person, bytes.len()).await;
    assert_eq!(try_put(&upload.url, bytes).await, (204, String::new()));
    upload.id
}

/// Announces and sends a picture of a product. Returns the upload's id.
pub async fn send_of_product(person: &Person, bytes: &[u8]) -> String {
    send_for(person, bytes, "PRODUCT").await
}

/// Announces and sends a picture for a purpose. Returns the upload's id.
pub async fn send_for(person: &Person, bytes: &[u8], purpose: &str) -> String {
    let upload = announce_for(person, bytes.len(), purpose).await;
    assert_eq!(try_put(&upload.url, bytes).await, (204, String::new()));
    upload.id
}

/// The id of an upload of a product's picture for which nothing was sent.
pub async fn announced_of_product(person: &Person) -> String {
    announce_for(person, 100, "PRODUCT").await.id
}

const AVATAR: &str = "user { avatar { id width height placeholder full: url small: url(width: 64) \
                      jpeg: url(width: 64, format: JPEG) png: url(format: PNG) } }";

/// Makes a file somebody's picture, and says what everybody sees of it.
pub async fn show(person: &Person, bytes: &[u8]) -> Value {
    let id = send(person, bytes).await;
    person.mutate("setAvatar", json!({"uploadId": id}), AVATAR).await.ok()["user"]["avatar"].clone()
}

/// A file, its headers and its status.
async fn fetch(url: &Value) -> (u16, HeaderMap, Vec<u8>) {
    let answer = reqwest::get(url.as_str().unwrap()).await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, answer.bytes().await.unwrap().to_vec())
}

/// How many media are in each state, by `state count`.
fn states(app: &TestApp) -> Vec<String> {
    lines(app, "SELECT state || ' ' || count(*) AS line FROM media GROUP BY state ORDER BY state")
}

/// The one `line` that a query yields.
fn line(app: &TestApp, query: &str) -> String {
    lines(app, query).remove(0)
}

fn lines(app: &TestApp, query: &str) -> Vec<String> {
    use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    sql_query(query).load::<Line>(&mut app.connect()).unwrap().into_iter().map(|row| row.line).collect()
}

/// A person's client after their token has ended.
async fn again(app: &TestApp, person: &mut Person) {
    let input = json!({"refreshToken": person.refresh_token});
    let tokens = app.guest().mutate("refreshSession", input, "signedIn { accessToken refreshToken }").await.ok();
    let text = |name: &str| tokens["signedIn"][name].as_str().unwrap().to_owned();
    person.client = app.guest().with_token(&text("accessToken"));
    person.refresh_token = text("refreshToken");
}

/// All places at which images are worked at.
async fn busy(app: &TestApp) -> Vec<Place> {
    let mut places = Vec::new();
    let images = &app.app().images;
    for _ in 0..images.places() {
        places.push(images.place().await.unwrap());
    }
    places
}

/// Comes back when so many wait for a place.
async fn waiting(app: &TestApp, number: usize) {
    while app.app().images.waiting() < number {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}
