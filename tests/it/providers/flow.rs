//! The way to a provider and back.

use agora::{platform::caller::Caller, users::service};
use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use super::{
    AUTHORIZATION, RESULT, RETURN_TO, begin, called_back, kinds, market, market_and_provider,
    provider::{Act, Provider, Ways},
    sign_in, signed_in, there_and_back,
};
use crate::{
    costs::count,
    harness::{TestApp, app::PASSWORD},
};

fn not_expected() -> (String, String) {
    ("INVALID_TOKEN".into(), "state".into())
}

#[actix_web::test]
async fn somebody_new_gets_an_account_and_comes_back_to_it() {
    let (app, provider) = market_and_provider().await;
    let guest = app.guest();
    let buttons = guest.query("{ signInProviders { key displayName } }").await.ok();
    assert_eq!(buttons["signInProviders"], json!([{"key": "good", "displayName": "The good"}]));

    let first = sign_in(&guest, &provider).await;
    assert_eq!(first.data["completeProviderSignIn"]["result"]["user"]["displayName"], "Ada");
    let (ada, id) = signed_in(&app, first);
    let document =
        "{ viewer { email hasPassword identities { id issuer email provider { key } createdAt lastUsedAt } } }";
    let answer = ada.query(document).await;
    assert!(answer.statements.is_some_and(|statements| statements <= 2), "{answer:?}");
    let viewer = answer.ok()["viewer"].clone();
    assert_eq!((&viewer["email"], &viewer["hasPassword"]), (&json!("ada@example.com"), &json!(false)));
    assert_eq!(viewer["identities"][0]["provider"]["key"], "good");
    assert_eq!(kinds(&ada).await, ["SIGNED_UP"]);

    // By another address they are still the same, whether or not it is verified.
    app.advance(TimeDelta::hours(1));
    provider.knows(json!({"email": "ada@elsewhere.example", "email_verified": false}));
    let (again, same) = signed_in(&app, sign_in(&guest, &provider).await);
    assert_eq!(same, id);
    let viewer = again.query(document).await.ok()["viewer"].clone();
    assert_eq!(viewer["email"], "ada@example.com");
    assert_ne!(viewer["identities"][0]["createdAt"], viewer["identities"][0]["lastUsedAt"]);
    assert_eq!(kinds(&again).await, ["SIGNED_IN", "SIGNED_UP"]);
    assert_eq!(provider.asked("/keys"), 2);

    // Without a password there is no way in by one, until they choose it.
    let by_password = async |password: &str| {
        guest.mutate("signIn", json!({"email": "ada@example.com", "password": password}), RESULT).await
    };
    assert_eq!(by_password("").await.refusal().0, "INVALID_CREDENTIALS");
    guest.mutate("requestPasswordReset", json!({"email": "ada@example.com"}), "").await.ok();
    app.run_jobs().await;
    let token = crate::recovery::token(&app, "ada@example.com");
    guest.mutate("resetPassword", json!({"token": token, "newPassword": PASSWORD}), RESULT).await.ok();
    let (ada, _) = signed_in(&app, by_password(PASSWORD).await);
    assert_eq!(ada.query("{ viewer { hasPassword } }").await.ok()["viewer"]["hasPassword"], true);
}

#[actix_web::test]
async fn names_are_taken_as_far_as_they_are_names() {
    let (app, provider) = market_and_provider().await;
    for (number, (told, name)) in [
        (json!(" Grace Hopper "), "Grace Hopper".to_owned()),
        (json!("x".repeat(100)), "x".repeat(80)),
        (json!("ada@example.com"), "Member".into()),
        (json!("a\u{0}b"), "Member".into()),
        (json!(""), "Member".into()),
        (Value::Null, "Member".into()),
    ]
    .into_iter()
    .enumerate()
    {
        provider.knows(json!({"sub": format!("n{number}"), "email": format!("n{number}@example.com"), "name": told}));
        let answer = sign_in(&app.guest(), &provider).await.ok();
        assert_eq!(answer["result"]["user"]["displayName"], name, "{told}");
    }
}

#[actix_web::test]
async fn an_address_may_stand_in_the_user_info_alone() {
    let (app, provider) = market_and_provider().await;
    let claims = json!({"email": null, "email_verified": null, "name": null});
    let userinfo = json!({"sub": "1", "email": "ada@example.com", "email_verified": true, "name": "Ada"});
    provider.goes(Ways { claims: claims.clone(), userinfo: Some(userinfo), ..Ways::default() });
    let (ada, _) = signed_in(&app, sign_in(&app.guest(), &provider).await);
    assert_eq!(ada.query("{ viewer { email } }").await.ok()["viewer"]["email"], "ada@example.com");
    // Of somebody else it is not taken.
    let userinfo = json!({"sub": "2", "email": "bob@example.com", "email_verified": true});
    let claims = json!({"sub": "3", "email": null});
    provider.goes(Ways { claims, userinfo: Some(userinfo), ..Ways::default() });
    assert_eq!(sign_in(&app.guest(), &provider).await.refusal().0, "PROVIDER_REFUSED");

    // While there is none, those who are known sign in all the same.
    let without = |sub: &str| {
        let (claims, me) = (json!({"sub": sub, "email": null}), Act::Say(500, String::new()));
        Ways { claims, me, ..Ways::default() }
    };
    provider.goes(without("1"));
    let (ada_again, _) = signed_in(&app, sign_in(&app.guest(), &provider).await);
    assert_eq!(ada_again.query("{ viewer { email } }").await.ok()["viewer"]["email"], "ada@example.com");
    provider.goes(without("4"));
    assert_eq!(sign_in(&app.guest(), &provider).await.refusal().0, "PROVIDER_UNAVAILABLE");
}

#[actix_web::test]
async fn a_state_is_good_once_for_ten_minutes_and_for_whom_it_was_made() {
    let (app, provider) = market_and_provider().await;
    let guest = app.guest();
    let complete = async |input: &Value| guest.mutate("completeProviderSignIn", input.clone(), RESULT).await;
    let authorization = begin(&guest, "good").await;
    let good = there_and_back(&guest, &provider, &authorization).await;

    // Somebody else's browser or app gets nowhere with it, and does not use it up.
    let other = begin(&guest, "good").await;
    for binding in [&other["bindingToken"], &Value::Null, &json!("")] {
        let mut stolen = good.clone();
        stolen["bindingToken"] = binding.clone();
        assert_eq!(complete(&stolen).await.refusal(), not_expected(), "{binding}");
    }
    for state in ["", "nonsense", other["bindingToken"].as_str().unwrap()] {
        let mut forged = good.clone();
        forged["state"] = state.into();
        assert_eq!(complete(&forged).await.refusal(), not_expected(), "{state}");
    }
    assert_eq!(provider.asked("/token"), 0);

    complete(&good).await.ok();
    assert_eq!(complete(&good).await.refusal(), not_expected());
    assert_eq!(provider.asked("/token"), 1);

    let late = there_and_back(&guest, &provider, &other).await;
    app.advance(TimeDelta::minutes(10));
    assert_eq!(complete(&late).await.refusal(), not_expected());
    let (to, says) = provider.authorize(other["url"].as_str().unwrap());
    assert_eq!(called_back(&to, &says).await, Err(404));

    // After an hour nothing is left of either.
    let left = "SELECT count(*) AS count FROM provider_flows";
    service::forget_provider_flows(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(count(&mut app.connect(), left), 2);
    app.advance(TimeDelta::hours(1) + TimeDelta::seconds(1));
    service::forget_provider_flows(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(count(&mut app.connect(), left), 0);
}

#[actix_web::test]
async fn of_two_who_come_back_at_once_on_two_processes_one_is_signed_in() {
    let (app, provider) = market_and_provider().await;
    let settings = vec![provider.settings("good")];
    let address = app.url("");
    let beside = app
        .start_beside(|other| {
            other.providers = settings;
            other.public_url = Some(address);
        })
        .await;
    for round in 0..5 {
        provider.knows(json!({"sub": round.to_string(), "email": format!("p{round}@example.com")}));
        let authorization = begin(&app.guest(), "good").await;
        let input = there_and_back(&beside.guest(), &provider, &authorization).await;
        let (one, other) = (app.guest(), beside.guest());
        let answers =
            join_all([&one, &other].map(|client| client.mutate("completeProviderSignIn", input.clone(), RESULT))).await;
        let done = answers.iter().filter(|answer| !answer.data["completeProviderSignIn"]["result"].is_null()).count();
        assert_eq!(done, 1, "{answers:?}");
        assert!(
            answers
                .into_iter()
                .any(|answer| { answer.data["completeProviderSignIn"]["userErrors"][0]["code"] == "INVALID_TOKEN" })
        );
    }

    // Two flows of somebody new, on two processes, end in one account.
    provider.knows(json!({"sub": "new", "email": "new@example.com"}));
    let mut inputs = Vec::new();
    for process in [&app, &beside] {
        let authorization = begin(&process.guest(), "good").await;
        inputs.push(there_and_back(&process.guest(), &provider, &authorization).await);
    }
    let (one, other) = (app.guest(), beside.guest());
    let [first, second] = [(&one, &inputs[0]), (&other, &inputs[1])]
        .map(|(client, input)| client.mutate("completeProviderSignIn", input.clone(), RESULT));
    let (first, second) = futures_util::join!(first, second);
    assert_eq!(first.ok()["result"]["user"]["id"], second.ok()["result"]["user"]["id"]);
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM identities"), 6);
    beside.stop().await;
}

#[actix_web::test]
async fn a_browser_keeps_what_binds_it_in_a_cookie() {
    let (app, provider) = market_and_provider().await;
    let mutation = |field: &str, selection: &str| {
        let pascal = field[..1].to_uppercase() + &field[1..];
        format!("mutation($input: {pascal}Input!) {{ {field}(input: $input) {{ {selection} userErrors {{ code }} }} }}")
    };
    let begin = async |cookie: &str| {
        let input = json!({"provider": "good", "returnTo": RETURN_TO, "delivery": "COOKIES"});
        let query = mutation("beginProviderSignIn", AUTHORIZATION);
        let browser = app.guest().with_header("cookie", cookie);
        let answer = browser.post(&json!({"query": query, "variables": {"input": input}})).send().await.unwrap();
        let set = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        let body: Value = answer.json().await.unwrap();
        (set, body["data"]["beginProviderSignIn"]["authorization"].clone())
    };
    let (set, authorization) = begin("theme=dark").await;
    assert_eq!(authorization["bindingToken"], Value::Null);
    let (cookie, attributes) = set.split_once("; ").unwrap();
    assert!(cookie.starts_with("__Host-agora-binding="), "{set}");
    assert_eq!(attributes, "HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=600");
    // Another tab goes by the same one; what is none of ours is not taken on.
    assert!(begin(cookie).await.0.starts_with(cookie));
    assert!(!begin("__Host-agora-binding=x").await.0.contains("=x;"));

    let mut input = there_and_back(&app.guest(), &provider, &authorization).await;
    input["delivery"] = "COOKIES".into();
    let stranger = app.guest().with_header("cookie", "__Host-agora-binding=x");
    let refused = stranger.mutate("completeProviderSignIn", input.clone(), RESULT).await;
    assert_eq!(refused.refusal(), not_expected());
    let browser = app.guest().with_header("cookie", cookie);
    let body = json!({"query": mutation("completeProviderSignIn", RESULT), "variables": {"input": input}});
    let answer = browser.post(&body).send().await.unwrap();
    let set: Vec<_> =
        answer.headers().get_all("set-cookie").iter().map(|set| set.to_str().unwrap().to_owned()).collect();
    assert!(set.iter().any(|set| set.starts_with("__Host-agora-access=")), "{set:?}");
    // A page of elsewhere cannot have it sent.
    let evil = browser.with_header("origin", "https://evil.example");
    assert_eq!(evil.post(&body).send().await.unwrap().status(), 403);
}

#[actix_web::test]
async fn people_are_sent_only_to_known_providers_and_back_to_known_places() {
    let (one, other) = (Provider::start(), Provider::start());
    let app = market(vec![one.settings("one"), other.settings("other")]).await;
    let guest = app.guest();
    let begin_with = async |provider: &str, return_to: &str| {
        let input = json!({"provider": provider, "returnTo": return_to});
        guest.mutate("beginProviderSignIn", input, AUTHORIZATION).await
    };
    assert_eq!(begin_with("none", RETURN_TO).await.refusal(), ("NOT_FOUND".into(), "provider".into()));
    for return_to in ["https://evil.example/", "https://shop.example.evil.example/", "javascript:alert(1)", ""] {
        let refused = begin_with("one", return_to).await.refusal();
        assert_eq!(refused, ("RETURN_URL_NOT_ALLOWED".into(), "returnTo".into()), "{return_to}");
    }
    // The callback leads on nowhere else, whatever it is told; least of all for another provider.
    let authorization = begin(&guest, "one").await;
    let (to, says) = one.authorize(authorization["url"].as_str().unwrap());
    assert!(to.ends_with("/account/callback/one"), "{to}");
    assert_eq!(called_back(&to.replace("/one", "/other"), &says).await, Err(404));
    assert_eq!(called_back(&to, &[("code", "x".into())]).await, Err(404));
    let said = called_back(&to, &[says[0].clone(), ("error", "access_denied".into())]).await.unwrap();
    assert_eq!(said["error"], "access_denied");
    // Some send a form.
    let browser = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let answer = browser.post(&to).form(&says).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with(RETURN_TO) && location.contains("code=its-code-"), "{location}");

    // The redirect URI of one is no good at the other: what came from there is not exchanged here.
    let mut input = json!({"state": says[0].1, "code": says[1].1, "iss": other.issuer, "bindingToken": authorization["bindingToken"]});
    let mixed = guest.mutate("completeProviderSignIn", input.clone(), RESULT).await;
    assert_eq!(mixed.refusal().0, "PROVIDER_REFUSED");
    assert_eq!((one.asked("/token"), other.asked("/token")), (0, 0));
    let authorization = begin(&guest, "one").await;
    let (_, says) = one.authorize(authorization["url"].as_str().unwrap());
    input = json!({"state": says[0].1, "code": says[1].1, "bindingToken": authorization["bindingToken"]});
    assert_eq!(guest.mutate("completeProviderSignIn", input, RESULT).await.refusal().0, "PROVIDER_REFUSED");
}

#[actix_web::test]
async fn of_one_line_only_so_many_are_on_their_way() {
    let (app, _provider) = market_and_provider().await;
    let guest = app.guest();
    begin(&guest, "good").await;
    let more =
        "INSERT INTO provider_flows (id, provider, return_to, binding_hash, sealed_verifier, line_key, expires_at)
         SELECT gen_random_uuid(), provider, return_to, binding_hash, sealed_verifier, line_key, expires_at
           FROM provider_flows, generate_series(1, 99)";
    app.given_sql(more);
    let input = json!({"provider": "good", "returnTo": RETURN_TO});
    let document =
        "mutation($input: BeginProviderSignInInput!) { beginProviderSignIn(input: $input) { userErrors { code
        ... on TooManyAttemptsError { retryAt } } } }";
    let refused = guest.send(document, json!({"input": input})).await.ok();
    let error = &refused["beginProviderSignIn"]["userErrors"][0];
    assert_eq!(*error, json!({"code": "TOO_MANY_ATTEMPTS", "retryAt": "2026-11-20T12:10:00+00:00"}));
    // Machines that name no buyer are on no line, and so on no other's.
    let (_, key) = app.given_key().await;
    app.given_sql("DELETE FROM provider_flows");
    begin(&guest.with_token(&key), "good").await;
    app.given_sql(more);
    begin(&guest.with_token(&key), "good").await;
    app.advance(TimeDelta::minutes(10));
    begin(&guest, "good").await;
}

#[actix_web::test]
async fn a_market_without_providers_offers_none() {
    let app = TestApp::start().await;
    assert_eq!(app.guest().query("{ signInProviders { key } }").await.ok()["signInProviders"], json!([]));
}
