//! Getting back in, other passwords and other addresses.

mod addresses;
mod links;
mod passwords;

use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, app::PASSWORD};

pub const NEW: &str = "another horse battery";
pub const SIGN_IN: &str = "result { __typename ... on SignedIn { accessToken user { id } } }";
pub const WHO: &str = "{ viewer { email } }";

pub async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.guest().mutate("signIn", json!({"email": email, "password": password}), SIGN_IN).await
}

/// The token of the link in the newest mail to an address.
pub fn token(app: &TestApp, email: &str) -> String {
    let mail = app.mails(email).pop().unwrap_or_else(|| panic!("no mail to {email}"));
    let link = mail.text.lines().find(|line| line.contains("token=")).unwrap_or_else(|| panic!("no link in {mail:?}"));
    link.split_once("token=").unwrap().1.to_owned()
}

pub async fn asked_for_reset(app: &TestApp, email: &str) -> Answer {
    let answer = app.guest().mutate("requestPasswordReset", json!({"email": email}), "").await;
    app.run_jobs().await;
    answer
}

pub async fn reset(client: &Client, token: &str, password: &str) -> Answer {
    client.mutate("resetPassword", json!({"token": token, "newPassword": password}), SIGN_IN).await
}

pub fn no_token() -> (String, String) {
    ("INVALID_TOKEN".into(), "token".into())
}

pub async fn ask_for_address(client: &Client, email: &str) -> Answer {
    let input = json!({"email": email, "currentPassword": PASSWORD});
    client.mutate("requestEmailChange", input, "emailChange { id email expiresAt }").await
}

pub async fn move_there(client: &Client, id: &Value, code: &str) -> Answer {
    client.mutate("confirmEmailChange", json!({"emailChangeId": id, "code": code}), "email").await
}
