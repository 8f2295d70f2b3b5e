//! Signing in with accounts at other places.

mod flow;
mod hostile;
mod linking;
pub mod provider;
mod proving;

use std::{collections::HashMap, time::Duration};

use agora::platform::{http::Timeouts, oidc::ProviderSettings};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use url::Url;

use self::provider::Provider;
use crate::harness::{Answer, Client, TestApp};

pub const RETURN_TO: &str = "https://shop.example/signed-in?tab=1";
pub const RESULT: &str = "result { __typename ... on SignedIn { accessToken user { id displayName } } \
                          ... on SignedInWithCookies { user { id } } }";
pub const AUTHORIZATION: &str = "authorization { url bindingToken expiresAt }";

/// A market that knows these providers, and waits for none of them for long.
pub async fn market(providers: Vec<ProviderSettings>) -> TestApp {
    TestApp::start_with(|settings| {
        settings.providers = providers;
        settings.http = Timeouts { connect: Duration::from_secs(5), total: Duration::from_secs(2) };
    })
    .await
}

pub async fn begin(client: &Client, provider: &str) -> Value {
    let input = json!({"provider": provider, "returnTo": RETURN_TO});
    client.mutate("beginProviderSignIn", input, AUTHORIZATION).await.ok()["authorization"].clone()
}

/// What a browser does that a provider sends to our callback: where it is sent on, if it is.
pub async fn called_back(to: &str, says: &[(&str, String)]) -> Result<HashMap<String, String>, u16> {
    let browser = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let answer = browser.get(to).query(says).send().await.unwrap();
    if answer.status() != 303 {
        return Err(answer.status().as_u16());
    }
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    let location = answer.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(RETURN_TO), "{location}");
    Ok(Url::parse(location).unwrap().query_pairs().into_owned().collect())
}

/// The input by which somebody goes on who came back with this.
pub fn arrival(said: &HashMap<String, String>, authorization: &Value) -> Value {
    json!({
        "state": said["state"], "code": said["code"], "iss": said.get("iss"),
        "bindingToken": authorization["bindingToken"],
    })
}

/// There and back: the input by which somebody goes on.
pub async fn there_and_back(client: &Client, provider: &Provider, authorization: &Value) -> Value {
    let (to, says) = provider.authorize(authorization["url"].as_str().unwrap());
    // The service that began it may listen elsewhere than the one that goes on.
    let path = Url::parse(&to).unwrap().path().to_owned();
    let said = called_back(&client.url.replace("/graphql", &path), &says).await.unwrap();
    assert_eq!(said["tab"], "1");
    arrival(&said, authorization)
}

/// The whole way by `client`.
pub async fn sign_in(client: &Client, provider: &Provider) -> Answer {
    let authorization = begin(client, "good").await;
    let input = there_and_back(client, provider, &authorization).await;
    client.mutate("completeProviderSignIn", input, RESULT).await
}

/// A market with one good provider.
pub async fn market_and_provider() -> (TestApp, Provider) {
    let provider = Provider::start();
    (market(vec![provider.settings("good")]).await, provider)
}

/// Whoever was signed in by this answer.
pub fn signed_in(app: &TestApp, answer: Answer) -> (Client, String) {
    let result = answer.ok()["result"].clone();
    let client = app.guest().with_token(result["accessToken"].as_str().unwrap());
    (client, result["user"]["id"].as_str().unwrap().to_owned())
}

pub async fn kinds(client: &Client) -> Vec<String> {
    let answer = client.query("{ viewer { securityEvents { nodes { kind } } } }").await.ok();
    let nodes = answer["viewer"]["securityEvents"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["kind"].as_str().unwrap().to_owned()).collect()
}
