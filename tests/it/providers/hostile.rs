//! Providers that lie, hang, or are gone.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    AUTHORIZATION, RESULT, RETURN_TO, begin, market, market_and_provider,
    provider::{Act, Provider, Signature, Ways},
    sign_in, there_and_back,
};
use crate::{
    costs::count,
    harness::{TestApp, app::PASSWORD},
};

/// What a sign-in ends in where the provider goes these ways, once somebody was sent there by a good one.
async fn ends(app: &TestApp, provider: &Provider, ways: Ways) -> String {
    let guest = app.guest();
    provider.goes(Ways::default());
    let authorization = begin(&guest, "good").await;
    let input = there_and_back(&guest, provider, &authorization).await;
    provider.goes(ways);
    guest.mutate("completeProviderSignIn", input, RESULT).await.refusal().0
}

async fn nobody_came_in(app: &TestApp) {
    for table in ["users", "identities", "sessions"] {
        assert_eq!(count(&mut app.connect(), &format!("SELECT count(*) AS count FROM {table}")), 0, "{table}");
    }
}

#[actix_web::test]
async fn a_token_that_lies_signs_nobody_in() {
    let (app, provider) = market_and_provider().await;
    let now = 1_795_176_000;
    for claims in [
        json!({"iss": "https://accounts.example"}),
        json!({"aud": "another"}),
        json!({"aud": ["market", "another"]}),
        json!({"nonce": "of another sign-in"}),
        json!({"nonce": null}),
        json!({"exp": now - 60}),
        json!({"iat": now + 61}),
        json!({"sub": null}),
        json!({"at_hash": "AAAA"}),
    ] {
        assert_eq!(
            ends(&app, &provider, Ways { claims: claims.clone(), ..Ways::default() }).await,
            "PROVIDER_REFUSED",
            "{claims}"
        );
    }
    for signature in [Signature::Nothing, Signature::PublicKey, Signature::Foreign] {
        let ways = Ways { signature, ..Ways::default() };
        assert_eq!(ends(&app, &provider, ways).await, "PROVIDER_REFUSED", "{signature:?}");
    }
    for claims in [
        json!({"email_verified": false}),
        json!({"email_verified": null}),
        json!({"email_verified": "false"}),
        json!({"email": null}),
        json!({"email": "not an address"}),
    ] {
        assert_eq!(
            ends(&app, &provider, Ways { claims: claims.clone(), ..Ways::default() }).await,
            "EMAIL_NOT_VERIFIED",
            "{claims}"
        );
    }
    nobody_came_in(&app).await;
}

#[actix_web::test]
async fn endpoints_that_misbehave_cost_their_own_sign_ins_and_nobody_elses() {
    let (app, provider) = market_and_provider().await;
    let elsewhere = Provider::start();
    let token = |token| Ways { token, ..Ways::default() };
    for (ways, code) in [
        (token(Act::Say(400, r#"{"error": "invalid_grant"}"#.into())), "PROVIDER_REFUSED"),
        (token(Act::Say(401, "<html>".into())), "PROVIDER_REFUSED"),
        (token(Act::Say(200, "{}".into())), "PROVIDER_REFUSED"),
        (token(Act::Say(200, "x".repeat(300_000))), "PROVIDER_UNAVAILABLE"),
        (token(Act::Say(503, String::new())), "PROVIDER_UNAVAILABLE"),
        (token(Act::RedirectTo(format!("{}/token", elsewhere.issuer))), "PROVIDER_UNAVAILABLE"),
        (token(Act::Hang), "PROVIDER_UNAVAILABLE"),
    ] {
        assert_eq!(ends(&app, &provider, ways.clone()).await, code, "{ways:?}");
    }
    assert_eq!(elsewhere.asked("/token"), 0);
    nobody_came_in(&app).await;
    provider.goes(Ways::default());
    sign_in(&app.guest(), &provider).await.ok();
}

#[actix_web::test]
async fn keys_that_are_no_good_sign_nobody_in() {
    for keys in
        [Act::Say(200, format!("{{\"keys\": [\"{}\"]}}", "x".repeat(300_000))), Act::Say(200, "[]".into()), Act::Hang]
    {
        let (app, provider) = market_and_provider().await;
        let ways = Ways { keys: keys.clone(), ..Ways::default() };
        assert_eq!(ends(&app, &provider, ways.clone()).await, "PROVIDER_UNAVAILABLE");
        // It is left alone for a while, and then asked again.
        assert_eq!(ends(&app, &provider, Ways::default()).await, "PROVIDER_UNAVAILABLE");
        assert_eq!(provider.asked("/keys"), 1);
        nobody_came_in(&app).await;
        app.advance(TimeDelta::seconds(10));
        sign_in(&app.guest(), &provider).await.ok();
    }
}

#[actix_web::test]
async fn a_configuration_is_the_providers_own_and_leads_nowhere_else() {
    for metadata in [
        json!({"issuer": "https://accounts.example"}),
        json!({"issuer": null}),
        json!({"token_endpoint": "http://169.254.169.254/token"}),
        json!({"jwks_uri": "file:///etc/passwd"}),
        json!({"authorization_endpoint": "javascript:alert(1)"}),
        json!({"token_endpoint": null}),
    ] {
        let (app, provider) = market_and_provider().await;
        provider.goes(Ways { metadata: metadata.clone(), ..Ways::default() });
        let input = json!({"provider": "good", "returnTo": RETURN_TO});
        let refused = app.guest().mutate("beginProviderSignIn", input, AUTHORIZATION).await;
        assert_eq!(refused.refusal().0, "PROVIDER_UNAVAILABLE", "{metadata}");
        assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM provider_flows"), 0);
    }
    // An address of the market's own network is not asked either, though by TLS.
    let (app, provider) = market_and_provider().await;
    provider.goes(Ways { metadata: json!({"token_endpoint": "https://10.0.0.1/token"}), ..Ways::default() });
    let authorization = begin(&app.guest(), "good").await;
    let input = there_and_back(&app.guest(), &provider, &authorization).await;
    let refused = app.guest().mutate("completeProviderSignIn", input, RESULT).await;
    assert_eq!(refused.refusal().0, "PROVIDER_UNAVAILABLE");
}

#[actix_web::test]
async fn a_provider_that_is_gone_or_hangs_leaves_the_rest_alone() {
    let (good, bad) = (Provider::start(), Provider::start());
    let gone = Provider::start();
    let mut settings = vec![good.settings("good"), bad.settings("bad")];
    settings.push(gone.settings("gone"));
    gone.stop().await;
    bad.goes(Ways { discovery: Act::Hang, ..Ways::default() });
    let app = market(settings).await;
    let guest = app.guest();
    let buttons = guest.query("{ signInProviders { key } }").await.ok();
    assert_eq!(buttons["signInProviders"].as_array().unwrap().len(), 3);
    let refused = async |provider: &str| {
        let input = json!({"provider": provider, "returnTo": RETURN_TO});
        guest.mutate("beginProviderSignIn", input, AUTHORIZATION).await.refusal()
    };
    let unavailable = ("PROVIDER_UNAVAILABLE".to_owned(), String::new());
    assert_eq!(refused("gone").await, unavailable);
    // However many ask, it is asked once; and others sign in meanwhile.
    let many = futures_util::future::join_all((0..20).map(|_| refused("bad")));
    let (many, signed_in) = futures_util::join!(many, sign_in(&guest, &good));
    assert!(many.iter().all(|answer| *answer == unavailable), "{many:?}");
    assert_eq!(bad.asked("/.well-known/openid-configuration"), 1);
    signed_in.ok();
    let grace = app.sign_up("Grace").await;
    let answer = guest.mutate("signIn", json!({"email": grace.email, "password": PASSWORD}), RESULT).await;
    assert_eq!(answer.ok()["result"]["__typename"], "SignedIn");

    // What was known before outlives a failure.
    good.goes(Ways { discovery: Act::Say(500, String::new()), ..Ways::default() });
    app.advance(TimeDelta::hours(1));
    sign_in(&guest, &good).await.ok();
}

#[actix_web::test]
async fn a_provider_may_begin_to_sign_by_another_key() {
    let (app, provider) = market_and_provider().await;
    let guest = app.guest();
    sign_in(&guest, &provider).await.ok();
    let rotated = Ways { key: 1, ..Ways::default() };
    // At once it is not asked again: a token can name any key that its maker likes.
    assert_eq!(ends(&app, &provider, rotated.clone()).await, "PROVIDER_REFUSED");
    assert_eq!(provider.asked("/keys"), 1);
    app.advance(TimeDelta::seconds(10));
    let authorization = begin(&guest, "good").await;
    let input = there_and_back(&guest, &provider, &authorization).await;
    provider.goes(rotated);
    let answer = guest.mutate("completeProviderSignIn", input, RESULT).await;
    assert_ne!(answer.ok()["result"], Value::Null);
    assert_eq!(provider.asked("/keys"), 2);
}
