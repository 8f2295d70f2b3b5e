//! Push services that do as they are told, in the shapes of the public ones: they verify what the market signs, and read what it encrypts
//! as a browser does, by the standards and without the market's code.

use std::collections::VecDeque;

use actix_web::{HttpRequest, HttpResponse, web};
use agora::platform::{
    crypto::{EcKey, RsaKey},
    http::Target,
    push::{ApnsSettings, FcmSettings, PushSettings, WebPushSettings},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use p256::{
    ProjectivePoint, PublicKey, SecretKey,
    ecdsa::{Signature, VerifyingKey, signature::Verifier},
    elliptic_curve::sec1::ToEncodedPoint,
};
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    signature::{RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::harness::double::{self, Double, Kept};

/// The private key of the market, for Apple and browsers.
pub const KEY: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
/// That of its service account with Google.
const ACCOUNT: &str = include_str!("account.pem");
/// That of the browser, and what it shares with the market.
const BROWSER: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
pub const SHARED: &str = "BTBZMqHH6r4Tts7J_aSIgg";
pub const CONTACT: &str = "mailto:market@example.com";
/// A device token of Apple's.
pub const APPLE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// A registration token of Google's.
pub const GOOGLE: &str = "dGhlIGRldmljZQ:APA91bH-the-device-of-somebody";

/// What a service got for a device.
#[derive(Debug, Clone)]
pub struct Got {
    /// As the service calls it.
    pub device: String,
    /// What stands there to be read.
    pub body: Value,
    pub headers: Value,
    /// What the market's token says.
    pub claims: Value,
    /// The token itself.
    pub token: String,
}

#[derive(Default)]
struct State {
    got: Vec<Got>,
    /// What the next requests are answered instead of being taken.
    refusals: VecDeque<(u16, Value)>,
    asked: u32,
    /// How many tokens Google gave.
    given: u32,
    violations: Vec<String>,
}

impl Kept for State {
    fn violations(&self) -> &[String] {
        &self.violations
    }
}

pub struct Services(Double<State>);

type Shared = double::Shared<State>;

fn secret(text: &str) -> SecretKey {
    SecretKey::from_slice(&decoded(text)).unwrap()
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap_or_else(|_| panic!("{text}"))
}

/// The browser's public key, as it tells it.
pub fn browser_key() -> String {
    URL_SAFE_NO_PAD.encode(secret(BROWSER).public_key().to_encoded_point(false).as_bytes())
}

impl Services {
    pub fn start() -> Self {
        Self(Double::start(|routes| {
            routes
                .route("/3/device/{device}", web::post().to(apple))
                .route("/token", web::post().to(google_token))
                .route("/v1/projects/{project}/messages:send", web::post().to(google))
                .route("/push/{device}", web::post().to(browser));
        }))
    }

    /// How the market knows them.
    pub fn settings(&self) -> PushSettings {
        let url = Target::of_operator(&self.0.url).unwrap();
        PushSettings {
            apns: Some(ApnsSettings {
                key: EcKey::parse(KEY).unwrap(),
                key_id: "KEY".into(),
                team_id: "TEAM".into(),
                topic: "app.example".into(),
                url: url.clone(),
            }),
            fcm: Some(FcmSettings {
                project: "market".into(),
                email: "market@example.iam".into(),
                key: RsaKey::parse(ACCOUNT).unwrap(),
                key_id: "account".into(),
                url,
                token_url: Target::of_operator(&format!("{}/token", self.0.url)).unwrap(),
            }),
            web: Some(WebPushSettings {
                key: EcKey::parse(KEY).unwrap(),
                contact: CONTACT.into(),
                places: vec![self.0.url.parse().unwrap()],
            }),
        }
    }

    /// The URL by which a browser is reached.
    pub fn endpoint(&self, device: &str) -> String {
        format!("{}/push/{device}", self.0.url)
    }

    /// What was got since the last time that this was asked, the oldest first.
    pub fn take(&self) -> Vec<Got> {
        std::mem::take(&mut self.0.state().got)
    }

    /// How many requests came, whatever was answered.
    pub fn asked(&self) -> u32 {
        self.0.state().asked
    }

    /// How many tokens Google gave.
    pub fn given(&self) -> u32 {
        self.0.state().given
    }

    /// Has the next push be answered so.
    pub fn refuses(&self, status: u16, body: Value) {
        self.0.state().refusals.push_back((status, body));
    }
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The claims of a token of the market's that is signed by its key on P-256.
fn verified(token: &str) -> (Value, Value) {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let public = VerifyingKey::from(secret(KEY).public_key());
    public.verify(signed.as_bytes(), &Signature::from_slice(&decoded(signature)).unwrap()).unwrap();
    parts(signed)
}

fn parts(signed: &str) -> (Value, Value) {
    let (header, claims) = signed.split_once('.').unwrap();
    let read = |part: &str| serde_json::from_slice(&decoded(part)).unwrap();
    (read(header), read(claims))
}

/// Takes what came, unless it is to be refused.
fn answer(state: &Shared, got: Got, status: u16, taken: Value) -> HttpResponse {
    let mut state = state.lock().unwrap();
    state.asked += 1;
    let (status, body) = state.refusals.pop_front().unwrap_or((status, taken));
    if status < 300 {
        state.got.push(got);
    }
    HttpResponse::build(status.try_into().unwrap()).json(body)
}

async fn apple(state: Shared, request: HttpRequest, device: web::Path<String>, body: web::Bytes) -> HttpResponse {
    let token = header(&request, "authorization").strip_prefix("bearer ").unwrap().to_owned();
    let (head, claims) = verified(&token);
    let is_right = head == json!({"alg": "ES256", "typ": "JWT", "kid": "KEY"}) && claims["iss"] == "TEAM";
    if !is_right {
        state.lock().unwrap().violations.push(format!("{head} {claims}"));
    }
    let headers = json!({
        "topic": header(&request, "apns-topic"),
        "type": header(&request, "apns-push-type"),
        "collapse": header(&request, "apns-collapse-id"),
        "expiration": header(&request, "apns-expiration"),
    });
    let body = serde_json::from_slice(&body).unwrap();
    answer(&state, Got { device: device.into_inner(), body, headers, claims, token }, 200, json!({}))
}

async fn google_token(state: Shared, form: web::Form<std::collections::HashMap<String, String>>) -> HttpResponse {
    let (signed, signature) = form["assertion"].rsplit_once('.').unwrap();
    let der: Vec<u8> = {
        use base64::engine::general_purpose::STANDARD;
        let lines: String = ACCOUNT.lines().filter(|line| !line.starts_with('-')).collect();
        STANDARD.decode(lines).unwrap()
    };
    let pair = RsaKeyPair::from_pkcs8(&der).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public().as_ref().to_vec());
    let is_signed = public.verify(signed.as_bytes(), &decoded(signature)).is_ok();
    let (head, claims) = parts(signed);
    let is_right = is_signed
        && form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        && head == json!({"alg": "RS256", "typ": "JWT", "kid": "account"})
        && claims["iss"] == "market@example.iam"
        && claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
        && claims["aud"].as_str().is_some_and(|audience| audience.ends_with("/token"))
        && claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() == 3_600;
    let mut state = state.lock().unwrap();
    if !is_right {
        state.violations.push(format!("{is_signed} {head} {claims}"));
    }
    state.given += 1;
    let given = format!("given-{}", state.given);
    HttpResponse::Ok().json(json!({"access_token": given, "expires_in": 3_600, "token_type": "Bearer"}))
}

async fn google(state: Shared, request: HttpRequest, project: web::Path<String>, body: web::Bytes) -> HttpResponse {
    let token = header(&request, "authorization").strip_prefix("Bearer ").unwrap().to_owned();
    {
        let mut state = state.lock().unwrap();
        if token != format!("given-{}", state.given) || project.as_str() != "market" {
            state.violations.push(format!("{token} {project}"));
        }
    }
    let body: Value = serde_json::from_slice(&body).unwrap();
    let device = body["message"]["token"].as_str().unwrap().to_owned();
    let got = Got { device, body: body["message"].clone(), headers: Value::Null, claims: Value::Null, token };
    answer(&state, got, 200, json!({"name": "projects/market/messages/1"}))
}

async fn browser(state: Shared, request: HttpRequest, device: web::Path<String>, body: web::Bytes) -> HttpResponse {
    let said = header(&request, "authorization").strip_prefix("vapid t=").unwrap();
    let (token, key) = said.split_once(", k=").unwrap();
    let (head, claims) = verified(token);
    let own = URL_SAFE_NO_PAD.encode(secret(KEY).public_key().to_encoded_point(false).as_bytes());
    let is_right = head == json!({"alg": "ES256", "typ": "JWT"})
        && key == own
        && claims["sub"] == CONTACT
        && claims["aud"].as_str() == Some(&format!("http://{}", header(&request, "host")))
        && header(&request, "content-encoding") == "aes128gcm";
    if !is_right {
        state.lock().unwrap().violations.push(format!("{head} {claims} {key}"));
    }
    let headers = json!({
        "ttl": header(&request, "ttl"),
        "urgency": header(&request, "urgency"),
        "topic": header(&request, "topic"),
    });
    let text = decrypt(&body);
    assert!(!String::from_utf8_lossy(&body).contains("title"));
    let body = serde_json::from_slice(&text).unwrap();
    let token = token.to_owned();
    answer(&state, Got { device: device.into_inner(), body, headers, claims, token }, 201, Value::Null)
}

fn hash(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// What a browser reads (RFC 8188, section 2, and RFC 8291, section 3).
fn decrypt(body: &[u8]) -> Vec<u8> {
    let (salt, rest) = body.split_at(16);
    let (size, rest) = rest.split_at(4);
    assert!(body.len() <= u32::from_be_bytes(size.try_into().unwrap()) as usize);
    let (theirs, sealed) = rest[1..].split_at(usize::from(rest[0]));
    let own = secret(BROWSER);
    let public = PublicKey::from_sec1_bytes(theirs).unwrap();
    let shared = (ProjectivePoint::from(*public.as_affine()) * *own.to_nonzero_scalar()).to_affine();
    let shared = shared.to_encoded_point(false);
    let mine = own.public_key().to_encoded_point(false);
    let key = hash(&decoded(SHARED), &[shared.x().unwrap()]);
    let input = hash(&key, &[b"WebPush: info\0", mine.as_bytes(), theirs, &[1]]);
    let key = hash(salt, &[&input]);
    let content = hash(&key, &[b"Content-Encoding: aes128gcm\0", &[1]]);
    let nonce = hash(&key, &[b"Content-Encoding: nonce\0", &[1]]);
    let opening = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content[..16]).unwrap());
    let mut text = sealed.to_vec();
    let nonce = Nonce::assume_unique_for_key(nonce[..12].try_into().unwrap());
    let opened = opening.open_in_place(nonce, Aad::empty(), &mut text).unwrap();
    let (mark, text) = opened.split_last().unwrap();
    assert_eq!(*mark, 2, "it is the last record");
    text.to_vec()
}
