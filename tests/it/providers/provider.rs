//! A provider that does as it is told: a good one, or one that lies, hangs, and signs as nobody should.

use std::{collections::HashMap, future::pending};

use actix_web::{HttpRequest, HttpResponse, web};
use agora::platform::{http::Target, oidc::ProviderSettings};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::harness::double::{self, Double, Kept};

pub const CLIENT: &str = "market";
pub const SECRET: &str = "s3cret/+&";
/// Where the market's clock stands when it begins.
pub const NOON: i64 = 1_795_176_000;

/// What an endpoint does.
#[derive(Debug, Clone, Default)]
pub enum Act {
    #[default]
    Well,
    Hang,
    Say(u16, String),
    RedirectTo(String),
}

/// How an ID token is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Signature {
    #[default]
    Good,
    Nothing,
    /// By the public key, as if it were a shared secret.
    PublicKey,
    /// By a key of somebody else's, under the id of the good one.
    Foreign,
}

/// What the provider does, until it is told otherwise.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    pub metadata: Value,
    pub claims: Value,
    pub userinfo: Option<Value>,
    pub signature: Signature,
    /// Which key signs; each has an id of its own.
    pub key: u8,
    /// Since when it knows whoever comes; none for just now.
    pub knows_since: Option<i64>,
    pub discovery: Act,
    pub keys: Act,
    pub token: Act,
    pub me: Act,
}

/// Who was sent to the provider with what.
#[derive(Debug, Clone)]
struct Sent {
    nonce: String,
    challenge: String,
    redirect_uri: String,
    /// After how many seconds it is to ask people anew.
    max_age: i64,
}

#[derive(Default)]
struct State {
    ways: Ways,
    codes: HashMap<String, Sent>,
    codes_given: u32,
    asked: HashMap<String, u32>,
}

impl Kept for State {}

pub struct Provider {
    pub issuer: String,
    double: Double<State>,
}

type Shared = double::Shared<State>;

impl Provider {
    pub fn start() -> Self {
        let double = Double::start(|routes| {
            routes
                .route("/.well-known/openid-configuration", web::get().to(discovery))
                .route("/keys", web::get().to(keys))
                .route("/token", web::post().to(token))
                .route("/me", web::get().to(userinfo));
        });
        Self { issuer: double.url.clone(), double }
    }

    /// How the market knows it.
    pub fn settings(&self, key: &str) -> ProviderSettings {
        ProviderSettings {
            key: key.into(),
            display_name: format!("The {key}"),
            issuer: self.issuer.clone(),
            target: Target::of_operator(&self.issuer).unwrap(),
            client_id: CLIENT.into(),
            client_secret: Some(SECRET.to_owned().into()),
            scopes: vec!["openid".into(), "email".into()],
            response_mode: None,
        }
    }

    pub fn goes(&self, ways: Ways) {
        self.double.state().ways = ways;
    }

    /// It says of whoever comes that this is who they are.
    pub fn knows(&self, claims: Value) {
        self.goes(Ways { claims, ..Ways::default() });
    }

    /// How often an endpoint was asked.
    pub fn asked(&self, path: &str) -> u32 {
        self.double.state().asked.get(path).copied().unwrap_or_default()
    }

    /// Somebody comes to the provider's page and agrees. Answers where they are sent: to the redirect URI, with its query.
    pub fn authorize(&self, url: &str) -> (String, Vec<(&'static str, String)>) {
        let url = Url::parse(url).unwrap();
        assert_eq!(url.path(), "/auth");
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("code_challenge_method", "S256"),
            ("scope", "openid email"),
        ] {
            assert_eq!(query[name], value);
        }
        let sent = Sent {
            nonce: query["nonce"].clone(),
            challenge: query["code_challenge"].clone(),
            redirect_uri: query["redirect_uri"].clone(),
            max_age: query["max_age"].parse().unwrap(),
        };
        let mut state = self.double.state();
        let code = format!("its-code-{}", state.codes_given);
        state.codes_given += 1;
        state.codes.insert(code.clone(), sent);
        let says = vec![("state", query["state"].clone()), ("code", code), ("iss", self.issuer.clone())];
        (query["redirect_uri"].clone(), says)
    }

    pub async fn stop(self) {
        self.double.server.stop(false).await;
    }
}

fn ways(state: &Shared, path: &str) -> Ways {
    let mut state = state.lock().unwrap();
    *state.asked.entry(path.to_owned()).or_default() += 1;
    state.ways.clone()
}

async fn act(act: Act, well: impl FnOnce() -> HttpResponse) -> HttpResponse {
    match act {
        Act::Well => well(),
        Act::Hang => pending().await,
        Act::Say(status, body) => HttpResponse::build(status.try_into().unwrap()).body(body),
        Act::RedirectTo(url) => HttpResponse::TemporaryRedirect().insert_header(("location", url)).finish(),
    }
}

fn with(mut value: Value, changes: &Value) -> Value {
    for (name, change) in changes.as_object().into_iter().flatten() {
        match change {
            Value::Null => drop(value.as_object_mut().unwrap().remove(name)),
            change => value[name] = change.clone(),
        }
    }
    value
}

async fn discovery(state: Shared, issuer: web::Data<String>) -> HttpResponse {
    let ways = ways(&state, "/.well-known/openid-configuration");
    let at = |path: &str| format!("{}{path}", issuer.as_str());
    let metadata = json!({
        "issuer": issuer.as_str(), "authorization_endpoint": at("/auth"), "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"), "userinfo_endpoint": at("/me"),
        "authorization_response_iss_parameter_supported": true,
    });
    act(ways.discovery, || HttpResponse::Ok().json(with(metadata, &ways.metadata))).await
}

fn pair(key: u8) -> SigningKey {
    SigningKey::from_bytes(&[key + 1; 32])
}

async fn keys(state: Shared) -> HttpResponse {
    let ways = ways(&state, "/keys");
    let x = URL_SAFE_NO_PAD.encode(pair(ways.key).verifying_key().to_bytes());
    let key = json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": ways.key.to_string(), "x": x});
    act(ways.keys, || HttpResponse::Ok().json(json!({"keys": [key]}))).await
}

async fn userinfo(state: Shared, http: HttpRequest) -> HttpResponse {
    let ways = ways(&state, "/me");
    assert_eq!(http.headers().get("authorization").unwrap(), "Bearer access");
    let said = ways.userinfo.unwrap_or_else(|| json!({"sub": ways.claims["sub"].as_str().unwrap_or("1")}));
    act(ways.me, || HttpResponse::Ok().json(said)).await
}

async fn token(
    state: Shared,
    issuer: web::Data<String>,
    http: HttpRequest,
    form: web::Form<HashMap<String, String>>,
) -> HttpResponse {
    let ways = ways(&state, "/token");
    let encoded = "market:s3cret%2F%2B%26";
    let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(encoded));
    assert_eq!(http.headers().get("authorization").unwrap().to_str().unwrap(), basic);
    assert!(!form.contains_key("client_secret") && form["grant_type"] == "authorization_code");
    let sent = state.lock().unwrap().codes.remove(&form["code"]);
    let verified = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    let Some(sent) = sent.filter(|sent| sent.challenge == verified && sent.redirect_uri == form["redirect_uri"]) else {
        return HttpResponse::BadRequest().json(json!({"error": "invalid_grant"}));
    };
    let now = NOON;
    // Whom it knows it does not ask, unless it is too long ago.
    let auth_time = ways.knows_since.filter(|since| now - since <= sent.max_age).unwrap_or(now);
    let claims = json!({
        "iss": issuer.as_str(), "aud": CLIENT, "sub": "1", "nonce": sent.nonce, "iat": now, "exp": now + 7_200,
        "auth_time": auth_time,
        "email": "ada@example.com", "email_verified": true, "name": "Ada",
    });
    let id_token = sign(&ways, &with(claims, &ways.claims));
    let answer = json!({"id_token": id_token, "access_token": "access", "token_type": "Bearer"});
    act(ways.token, || HttpResponse::Ok().json(answer)).await
}

fn sign(ways: &Ways, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = |algorithm| Header { kid: Some(ways.key.to_string()), ..Header::new(algorithm) };
    let by = |pair: SigningKey| EncodingKey::from_ed_der(pair.to_pkcs8_der().unwrap().as_bytes());
    match ways.signature {
        Signature::Good => jsonwebtoken::encode(&header(Algorithm::EdDSA), claims, &by(pair(ways.key))).unwrap(),
        Signature::Foreign => jsonwebtoken::encode(&header(Algorithm::EdDSA), claims, &by(pair(99))).unwrap(),
        Signature::Nothing => {
            format!("{}.{}.", part(&json!({"alg": "none", "kid": ways.key.to_string()})), part(claims))
        }
        Signature::PublicKey => {
            let secret = EncodingKey::from_secret(&pair(ways.key).verifying_key().to_bytes());
            jsonwebtoken::encode(&header(Algorithm::HS256), claims, &secret).unwrap()
        }
    }
}
