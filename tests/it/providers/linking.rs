//! Whose account it is, and which others belong to it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    AUTHORIZATION, RESULT, RETURN_TO, kinds, market, market_and_provider, provider::Provider, sign_in, signed_in,
    there_and_back,
};
use crate::{
    costs::count,
    harness::{Answer, Client, TestApp, app::PASSWORD},
};

pub async fn begin_link(client: &Client, provider: &str, password: Option<&str>) -> Answer {
    let input = json!({"provider": provider, "returnTo": RETURN_TO, "currentPassword": password});
    client.mutate("beginProviderLink", input, AUTHORIZATION).await
}

pub async fn link(client: &Client, key: &str, provider: &Provider, password: Option<&str>) -> Answer {
    let authorization = begin_link(client, key, password).await.ok()["authorization"].clone();
    let input = there_and_back(client, provider, &authorization).await;
    client.mutate("completeProviderLink", input, "identity { id email provider { key } }").await
}

fn subjects(app: &TestApp, to: &str) -> Vec<String> {
    app.mails(to).into_iter().map(|mail| mail.subject).collect()
}

#[actix_web::test]
async fn a_verified_address_leads_to_the_account_that_has_it_and_its_owner_is_told() {
    let (app, provider) = market_and_provider().await;
    let ada = app.sign_up("Ada").await;
    app.advance(TimeDelta::seconds(1));
    provider.knows(json!({"email": " ADA@Example.com ", "email_verified": false}));
    assert_eq!(sign_in(&app.guest(), &provider).await.refusal().0, "EMAIL_NOT_VERIFIED");
    assert_eq!(kinds(&ada).await, ["SIGNED_UP"]);

    provider.knows(json!({"email": " ADA@Example.com "}));
    let (linked, id) = signed_in(&app, sign_in(&app.guest(), &provider).await);
    assert_eq!(id, ada.id);
    let mut noted = kinds(&linked).await;
    // Two of them came at the same time.
    noted.sort();
    assert_eq!(noted, ["IDENTITY_LINKED", "SIGNED_IN", "SIGNED_UP"]);
    app.run_jobs().await;
    assert_eq!(subjects(&app, &ada.email).pop().unwrap(), "You can sign in with The good");
    // The password is still good.
    let by_password = app.guest().mutate("signIn", json!({"email": ada.email, "password": PASSWORD}), RESULT).await;
    by_password.ok();
    sign_in(&app.guest(), &provider).await.ok();
    app.run_jobs().await;
    assert_eq!(subjects(&app, &ada.email).iter().filter(|subject| subject.contains("The good")).count(), 1);

    // The address has changed hands there: its new owner does not get what belongs to the former one.
    provider.knows(json!({"sub": "2"}));
    assert_eq!(sign_in(&app.guest(), &provider).await.refusal().0, "IDENTITY_TAKEN");
}

#[actix_web::test]
async fn a_sign_up_that_waits_keeps_no_password_that_somebody_else_chose() {
    let (app, provider) = market_and_provider().await;
    let guest = app.guest();
    // Eve signs up with the address of Ada, and waits for her.
    let input = json!({"email": "ada@example.com", "password": "a password of eve", "displayName": "Eve"});
    let waiting = guest.mutate("signUp", input, "verification { id }").await.ok();
    app.run_jobs().await;
    let (code, link) = (app.code("ada@example.com"), crate::recovery::token(&app, "ada@example.com"));
    let (ada, id) = signed_in(&app, sign_in(&guest, &provider).await);
    assert_eq!(ada.query("{ viewer { user { displayName } } }").await.ok()["viewer"]["user"]["displayName"], "Ada");

    let eve = json!({"email": "ada@example.com", "password": "a password of eve"});
    assert_eq!(guest.mutate("signIn", eve, RESULT).await.refusal().0, "INVALID_CREDENTIALS");
    let input = json!({"verificationId": waiting["verification"]["id"], "code": code});
    assert_eq!(guest.mutate("confirmEmail", input, "signedIn { accessToken }").await.refusal().0, "INVALID_CODE");
    let input = json!({"token": link, "password": "a password of eve"});
    assert_eq!(guest.mutate("confirmEmailByLink", input, "email").await.refusal().0, "INVALID_TOKEN");
    let (_, same) = signed_in(&app, sign_in(&guest, &provider).await);
    assert_eq!(same, id);
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM users"), 1);
}

#[actix_web::test]
async fn people_link_and_unlink_with_their_password_and_keep_a_way_in() {
    let (good, other) = (Provider::start(), Provider::start());
    let app = market(vec![good.settings("good"), other.settings("other")]).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    good.knows(json!({"email": "work@company.example", "email_verified": false}));

    let wrong = ("INVALID_CREDENTIALS".to_owned(), "currentPassword".to_owned());
    assert_eq!(begin_link(&ada, "good", None).await.refusal(), wrong);
    assert_eq!(begin_link(&ada, "good", Some("wrong horse battery")).await.refusal(), wrong);
    app.advance(TimeDelta::seconds(1));
    let identity = link(&ada, "good", &good, Some(PASSWORD)).await.ok()["identity"].clone();
    assert_eq!((&identity["email"], &identity["provider"]["key"]), (&json!("work@company.example"), &json!("good")));
    assert_eq!(kinds(&ada).await, ["IDENTITY_LINKED", "SIGNED_UP"]);
    // The same once more is the same; another one of that provider is not taken, and nobody else takes this one.
    assert_eq!(link(&ada, "good", &good, Some(PASSWORD)).await.ok()["identity"]["id"], identity["id"]);
    assert_eq!(link(&bob, "good", &good, Some(PASSWORD)).await.refusal().0, "IDENTITY_TAKEN");
    good.knows(json!({"sub": "2"}));
    assert_eq!(link(&ada, "good", &good, Some(PASSWORD)).await.refusal().0, "IDENTITY_TAKEN");
    good.knows(json!({}));
    let (_, id) = signed_in(&app, sign_in(&app.guest(), &good).await);
    assert_eq!(id, ada.id);

    let unlink = async |client: &Client, id: &Value| {
        client.mutate("unlinkProvider", json!({"identityId": id}), "identity { id }").await
    };
    let not_found = ("NOT_FOUND".to_owned(), "identityId".to_owned());
    assert_eq!(unlink(&bob, &identity["id"]).await.refusal(), not_found);
    app.advance(TimeDelta::seconds(1));
    unlink(&ada, &identity["id"]).await.ok();
    assert_eq!(unlink(&ada, &identity["id"]).await.refusal(), not_found);
    assert_eq!(kinds(&ada).await[0], "IDENTITY_UNLINKED");
    app.run_jobs().await;
    let subjects = subjects(&app, &ada.email);
    assert!(subjects.contains(&"You can no longer sign in with The good".into()), "{subjects:?}");

    // Who has no password keeps the last one; of two at once, one stays.
    good.knows(json!({"sub": "3", "email": "carl@example.com"}));
    let (carl, _) = signed_in(&app, sign_in(&app.guest(), &good).await);
    let first = carl.query("{ viewer { identities { id } } }").await.ok()["viewer"]["identities"][0]["id"].clone();
    assert_eq!(unlink(&carl, &first).await.refusal(), ("LAST_SIGN_IN_METHOD".into(), "identityId".into()));
    let second = link(&carl, "other", &other, None).await.ok()["identity"]["id"].clone();
    let (one, two) = futures_util::join!(unlink(&carl, &first), unlink(&carl, &second));
    let left = [one, two].map(|answer| answer.data["unlinkProvider"]["identity"].is_null());
    assert_eq!(left.iter().filter(|left| **left).count(), 1);
    assert_eq!(
        carl.query("{ viewer { identities { id } } }").await.ok()["viewer"]["identities"].as_array().unwrap().len(),
        1
    );
}

#[actix_web::test]
async fn what_was_begun_for_one_purpose_or_person_is_no_good_for_another() {
    let (app, provider) = market_and_provider().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    provider.knows(json!({"email": "work@company.example"}));
    let not_expected = ("INVALID_TOKEN".to_owned(), "state".to_owned());

    let authorization = begin_link(&ada, "good", Some(PASSWORD)).await.ok()["authorization"].clone();
    let for_ada = there_and_back(&ada, &provider, &authorization).await;
    let sign_in = app.guest().mutate("completeProviderSignIn", for_ada.clone(), RESULT).await;
    assert_eq!(sign_in.refusal(), not_expected);
    assert_eq!(bob.mutate("completeProviderLink", for_ada.clone(), "identity { id }").await.refusal(), not_expected);
    let authorization = super::begin(&app.guest(), "good").await;
    let for_sign_in = there_and_back(&ada, &provider, &authorization).await;
    assert_eq!(ada.mutate("completeProviderLink", for_sign_in, "identity { id }").await.refusal(), not_expected);
    ada.mutate("completeProviderLink", for_ada, "identity { id }").await.ok();
}
