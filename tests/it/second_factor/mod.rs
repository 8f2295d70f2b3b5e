//! The second factor: an authenticator, recovery codes, and proving anew who one is.

mod guessing;
mod setup;
mod sign_in;
mod step_up;

use chrono::TimeDelta;
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::harness::{
    Answer, Client, TestApp,
    app::{PASSWORD, Person},
};

pub const SIGN_IN: &str = "result { __typename ... on SignedIn { accessToken } ... on SecondFactorRequired { challengeToken methods expiresAt } }";
pub const SESSION: &str = "signedIn { accessToken user { id } }";

/// An authenticator, made by the RFC and by nothing of Agora's.
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    /// With the secret as people type it.
    pub fn of(secret: &Value) -> Self {
        Self(BASE32_NOPAD.decode(secret.as_str().unwrap().as_bytes()).unwrap())
    }

    /// What it shows where the clock stands so many seconds ahead of the app's.
    pub fn code_at(&self, app: &TestApp, ahead: i64) -> String {
        let step = u64::try_from((app.app().now().timestamp() + ahead) / 30).unwrap();
        let mac = Hmac::<Sha1>::new_from_slice(&self.0).unwrap().chain_update(step.to_be_bytes());
        let tag: [u8; 20] = mac.finalize().into_bytes().into();
        let offset = usize::from(tag[19] & 15);
        let number = u32::from_be_bytes(tag[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    pub fn code(&self, app: &TestApp) -> String {
        self.code_at(app, 0)
    }
}

/// A code that is wrong now.
pub fn wrong_code(authenticator: &Authenticator, app: &TestApp) -> String {
    let near = [-30, 0, 30].map(|ahead| authenticator.code_at(app, ahead));
    ["000000", "111111", "222222", "333333"]
        .into_iter()
        .find(|code| !near.contains(&(*code).to_owned()))
        .unwrap()
        .into()
}

/// Sends a mutation that takes no input.
pub async fn mutate(client: &Client, field: &str, selection: &str) -> Answer {
    client.query(&format!("mutation {{ {field} {{ {selection} userErrors {{ code field }} }} }}")).await
}

/// The one code with which a mutation without input was refused.
pub fn refused(answer: Answer, field: &str) -> String {
    let errors = answer.ok()[field]["userErrors"].clone();
    assert_eq!(errors.as_array().unwrap().len(), 1, "{errors}");
    errors[0]["code"].as_str().unwrap().to_owned()
}

pub async fn begun(client: &Client) -> Value {
    let answer = mutate(client, "beginTotpSetup", "setup { secret uri qrSvg expiresAt }").await.ok();
    answer["beginTotpSetup"]["setup"].clone()
}

pub async fn confirm(client: &Client, code: &str) -> Answer {
    client.mutate("confirmTotpSetup", json!({"code": code}), "recoveryCodes").await
}

/// Sets an authenticator up. The step after, so that its next code is another one. Returns it with the recovery codes.
pub async fn with_authenticator(app: &TestApp, person: &Person) -> (Authenticator, Vec<String>) {
    let authenticator = Authenticator::of(&begun(person).await["secret"]);
    let codes = confirm(person, &authenticator.code(app)).await.ok()["recoveryCodes"].clone();
    app.advance(TimeDelta::seconds(30));
    (authenticator, serde_json::from_value(codes).unwrap())
}

pub async fn sign_in(app: &TestApp, person: &Person) -> Value {
    let input = json!({"email": person.email, "password": PASSWORD});
    app.guest().mutate("signIn", input, SIGN_IN).await.ok()["result"].clone()
}

/// A sign-in that waits for the second factor.
pub async fn challenge(app: &TestApp, person: &Person) -> Value {
    let result = sign_in(app, person).await;
    assert_eq!(result["__typename"], "SecondFactorRequired", "{result}");
    result["challengeToken"].clone()
}

pub async fn complete(client: &Client, challenge: &Value, proof: Value) -> Answer {
    client.mutate("completeSignIn", json!({"challengeToken": challenge, "proof": proof}), SESSION).await
}

pub async fn step_up(client: &Client, proof: Value) -> Answer {
    client.mutate("stepUp", json!({"proof": proof}), "session { isCurrent authenticatedAt }").await
}

/// What happened to the account, in no order: events of one moment have none.
pub async fn events(client: &Client) -> Vec<String> {
    let answer = client.query("{ viewer { securityEvents { nodes { kind } } } }").await.ok();
    let nodes = answer["viewer"]["securityEvents"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["kind"].as_str().unwrap().to_owned()).collect()
}

/// What the person has been mailed, in no order: jobs that are due together have none.
pub async fn subjects(app: &TestApp, person: &Person) -> Vec<String> {
    app.run_jobs().await;
    app.mails(&person.email).into_iter().map(|mail| mail.subject).collect()
}
