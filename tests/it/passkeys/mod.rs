//! Passkeys, with an authenticator of the test's own: made by the specification, and by nothing of Agora's.

mod adding;
mod proving;

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{
    Answer, Client, TestApp,
    app::{PASSWORD, Person},
};

pub const ORIGIN: &str = "https://market.example";
pub const SESSION: &str = "signedIn { accessToken user { id } }";
/// User present, user verified.
const VERIFIED: u8 = 0b101;
const ATTESTED: u8 = 0b100_0000;

/// A service with a domain.
pub async fn market() -> TestApp {
    TestApp::start_with(|settings| settings.public_url = Some(ORIGIN.into())).await
}

/// Another one on the same database.
pub async fn beside(app: &TestApp) -> TestApp {
    app.start_beside(|settings| settings.public_url = Some(ORIGIN.into())).await
}

/// An authenticator with one key.
#[derive(Clone)]
pub struct Device {
    key: SigningKey,
    id: Vec<u8>,
    user: String,
    pub origin: String,
    pub flags: u8,
    pub count: u32,
}

impl Device {
    pub fn new(seed: u8) -> Self {
        let key = SigningKey::from_slice(&[seed; 32]).unwrap();
        Self { key, id: vec![seed; 16], user: String::new(), origin: ORIGIN.into(), flags: VERIFIED, count: 0 }
    }

    /// For a market that is this machine.
    pub fn at(app: &TestApp, seed: u8) -> Self {
        Self { origin: app.url("").replace("127.0.0.1", "localhost"), ..Self::new(seed) }
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false})
            .to_string()
            .into_bytes()
    }

    fn authenticator_data(&self, party: &Value, flags: u8) -> Vec<u8> {
        let party = Sha256::digest(party.as_str().unwrap());
        [&party[..], &[self.flags | flags], &self.count.to_be_bytes()].concat()
    }

    /// What it answers to `beginPasskeyRegistration`.
    pub fn create(&mut self, options: &Value) -> String {
        let options: Value = serde_json::from_str(options.as_str().unwrap()).unwrap();
        options["user"]["id"].as_str().unwrap().clone_into(&mut self.user);
        let client_data = self.client_data("webauthn.create", &options["challenge"]);
        let point = self.key.verifying_key().to_encoded_point(false);
        // A COSE key (RFC 9053): EC2, ES256, P-256.
        let key = [
            &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..],
            point.x().unwrap(),
            &[0x22, 0x58, 32],
            point.y().unwrap(),
        ]
        .concat();
        let data = self.authenticator_data(&options["rp"]["id"], ATTESTED);
        let data = [&data[..], &[0; 16], &[0, 16], &self.id, &key].concat();
        let length = u8::try_from(data.len()).unwrap();
        let attestation = [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"[..], &[length], &data].concat();
        let [id, client_data, attestation] =
            [&self.id, &client_data, &attestation].map(|bytes| BASE64URL_NOPAD.encode(bytes));
        json!({
            "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {"clientDataJSON": client_data, "attestationObject": attestation, "transports": ["internal", "hybrid"]},
        })
        .to_string()
    }

    /// What it answers to `beginPasskeyAuthentication`.
    pub fn get(&mut self, options: &Value) -> String {
        let options: Value = serde_json::from_str(options.as_str().unwrap()).unwrap();
        let client_data = self.client_data("webauthn.get", &options["challenge"]);
        let data = self.authenticator_data(&options["rpId"], 0);
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature: Signature = self.key.sign(&signed);
        let signature = signature.to_der();
        let parts = [&self.id[..], &client_data, &data, signature.as_bytes()];
        let [id, client_data, data, signature] = parts.map(|bytes| BASE64URL_NOPAD.encode(bytes));
        json!({
            "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {"clientDataJSON": client_data, "authenticatorData": data, "signature": signature, "userHandle": self.user},
        })
        .to_string()
    }
}

/// Sends a mutation that takes no input, and returns its options.
async fn options(client: &Client, field: &str) -> Value {
    let answer = client.query(&format!("mutation {{ {field} {{ options userErrors {{ code }} }} }}")).await.ok();
    assert_eq!(answer[field]["userErrors"], json!([]), "{answer}");
    answer[field]["options"].clone()
}

pub async fn new_options(client: &Client) -> Value {
    options(client, "beginPasskeyRegistration").await
}

pub async fn any_options(client: &Client) -> Value {
    options(client, "beginPasskeyAuthentication").await
}

pub async fn add(client: &Client, name: &str, credential: &str) -> Answer {
    client.mutate("addPasskey", json!({"name": name, "credential": credential}), "passkey { id name }").await
}

/// A person's device with a passkey, and its id.
pub async fn added(person: &Person, seed: u8) -> (Device, Value) {
    let mut device = Device::new(seed);
    let credential = device.create(&new_options(person).await);
    let answer = add(person, "Phone", &credential).await.ok();
    (device, answer["passkey"]["id"].clone())
}

pub async fn sign_in_with(client: &Client, credential: &str) -> Answer {
    client.mutate("signInWithPasskey", json!({"credential": credential}), SESSION).await
}

/// Signs in by password.
pub async fn sign_in(app: &TestApp, person: &Person) -> Value {
    let input = json!({"email": person.email, "password": PASSWORD});
    app.guest().mutate("signIn", input, crate::second_factor::SIGN_IN).await.ok()["result"].clone()
}

pub async fn passkeys(client: &Client) -> Value {
    let answer = client.query("{ viewer { passkeys { id name createdAt lastUsedAt } } }").await;
    assert!(answer.statements.unwrap() <= 1, "{answer:?}");
    answer.ok()["viewer"]["passkeys"].clone()
}
