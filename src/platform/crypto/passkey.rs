//! Passkeys (Web Authentication, level 3): what authenticators are asked, and whether their answers are good. The keys are
//! discoverable and verify their user (a fingerprint, a PIN), so each is two factors by itself.

use std::net::IpAddr;

use uuid::Uuid;
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthenticationServerState, DiscoverableCredentialRequestOptions,
    PublicKeyCredentialCreationOptions, RegistrationServerState,
    bin::{Decode, Encode},
    request::{
        AsciiDomain, PublicKeyCredentialDescriptor, RpId,
        auth::AuthenticationVerificationOptions,
        register::{
            CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle16,
            Username,
        },
    },
    response::{
        AuthTransports, CredentialId,
        auth::DiscoverableAuthentication16,
        register::{CompressedPubKey, DynamicState, Registration, StaticState},
    },
};

use crate::kernel::error::Failure;

/// Whose passkeys they are, and whose pages and apps may use them.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    id: RpId,
    origins: Vec<String>,
}

/// A ceremony that has begun.
pub struct Ceremony {
    /// What a client gives to its authenticator, in JSON: `PublicKeyCredentialCreationOptionsJSON`, or
    /// `PublicKeyCredentialRequestOptionsJSON`.
    pub options: String,
    /// Names the ceremony in the answer.
    pub challenge: Vec<u8>,
    /// What has to be known to look at the answer.
    pub state: Vec<u8>,
}

/// An answer that no authenticator gives who was asked here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the answer of an authenticator that was asked")]
pub struct InvalidPasskey;

/// A passkey as it is stored. It holds no secret.
#[derive(Debug, Clone)]
pub struct StoredPasskey {
    pub credential_id: Vec<u8>,
    /// What never changes, the public key above all.
    pub static_state: Vec<u8>,
    /// What changes with its use.
    pub dynamic_state: Vec<u8>,
    /// How it is reached.
    pub transports: i16,
    /// How often it has signed, as it says itself; 0 where it does not count.
    pub sign_count: i64,
}

type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

impl RelyingParty {
    /// None for what is no domain: an IP address has no passkeys.
    pub fn new(id: &str, origins: Vec<String>) -> Option<Self> {
        let is_named = id.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"-.".contains(&letter));
        let is_domain = is_named && id.parse::<IpAddr>().is_err();
        let id = is_domain.then(|| AsciiDomain::try_from(id.to_owned()).ok()).flatten()?;
        Some(Self { id: RpId::Domain(id), origins })
    }

    /// Asks for a new passkey of somebody, which is none of those that they have.
    ///
    /// # Errors
    /// If a stored id cannot be read.
    pub fn register(
        &self,
        user: Uuid,
        name: &str,
        display_name: &str,
        known: &[StoredPasskey],
    ) -> Result<Ceremony, Failure> {
        let id = handle(user);
        // Names are shown by the authenticator only. What it cannot show it need not.
        let unnamed = || Username::try_from("account").map_err(|_| unreadable());
        let name = Username::try_from(name).or_else(|_| unnamed())?;
        let user = PublicKeyCredentialUserEntity { name, id: &id, display_name: Nickname::try_from(display_name).ok() };
        let known = known.iter().map(|passkey| {
            let id = CredentialId::decode(passkey.credential_id.clone()).map_err(|_| unreadable())?;
            let transports = u8::try_from(passkey.transports).map_err(|_| unreadable())?;
            let transports = AuthTransports::decode(transports).map_err(|_| unreadable())?;
            Ok::<_, Failure>(PublicKeyCredentialDescriptor { id, transports })
        });
        let known = known.collect::<Result<_, _>>()?;
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.id, user, known);
        // Browsers refuse authenticators that do not know this extension. That the user is verified is looked at in each answer.
        options.extensions.cred_protect = CredProtect::None;
        let challenge = options.challenge.as_data().to_le_bytes().to_vec();
        let (state, options) = options.start_ceremony().map_err(Failure::internal)?;
        let options = serde_json::to_string(&options).map_err(Failure::internal)?;
        Ok(Ceremony { options, challenge, state: state.encode().map_err(Failure::internal)? })
    }

    /// Asks for any passkey of this market's.
    ///
    /// # Errors
    /// Never, as far as is known.
    pub fn authenticate(&self) -> Result<Ceremony, Failure> {
        let options = DiscoverableCredentialRequestOptions::passkey(&self.id);
        let challenge = options.0.challenge.as_data().to_le_bytes().to_vec();
        let (state, options) = options.start_ceremony().map_err(Failure::internal)?;
        let options = serde_json::to_string(&options).map_err(Failure::internal)?;
        Ok(Ceremony { options, challenge, state: state.encode().map_err(Failure::internal)? })
    }

    /// The passkey of an answer to [`Self::register`].
    ///
    /// # Errors
    /// If the answer is none to this state, or comes from elsewhere.
    pub fn registered(&self, state: &[u8], answer: &RegistrationAnswer) -> Result<StoredPasskey, InvalidPasskey> {
        let state = RegistrationServerState::<16>::decode(state).map_err(|_| InvalidPasskey)?;
        let options = RegistrationVerificationOptions::<String, String> {
            allowed_origins: &self.origins,
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = state.verify(&self.id, &answer.0, &options).map_err(|_| InvalidPasskey)?;
        Ok(StoredPasskey {
            credential_id: made.id().as_ref().to_vec(),
            static_state: made.static_state().encode().map_err(|_| InvalidPasskey)?,
            dynamic_state: made.dynamic_state().encode().map_err(|_| InvalidPasskey)?.to_vec(),
            transports: made.transports().encode().map_err(|_| InvalidPasskey)?.into(),
            sign_count: made.dynamic_state().sign_count.into(),
        })
    }

    /// The passkey as it is after an answer to [`Self::authenticate`]. What its count says about it is not judged.
    ///
    /// # Errors
    /// If the answer is none to this state, comes from elsewhere, or was not signed by this passkey.
    pub fn authenticated(
        &self,
        state: &[u8],
        answer: &AuthenticationAnswer,
        user: Uuid,
        passkey: &StoredPasskey,
    ) -> Result<StoredPasskey, InvalidPasskey> {
        let state = DiscoverableAuthenticationServerState::decode(state).map_err(|_| InvalidPasskey)?;
        let static_state = StaticState::<PublicKey>::decode(&passkey.static_state).map_err(|_| InvalidPasskey)?;
        let dynamic_state = passkey.dynamic_state.as_slice().try_into().map_err(|_| InvalidPasskey)?;
        let mut dynamic_state = DynamicState::decode(dynamic_state).map_err(|_| InvalidPasskey)?;
        // Whoever looks at the stored count holds its row locked, which is not here.
        dynamic_state.sign_count = 0;
        let (id, handle) = (CredentialId::decode(passkey.credential_id.as_slice()), handle(user));
        let id = id.map_err(|_| InvalidPasskey)?;
        let mut known =
            AuthenticatedCredential::new(id, &handle, static_state, dynamic_state).map_err(|_| InvalidPasskey)?;
        let options = AuthenticationVerificationOptions::<String, String> {
            allowed_origins: &self.origins,
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        state.verify(&self.id, &answer.0, &mut known, &options).map_err(|_| InvalidPasskey)?;
        let dynamic_state = known.dynamic_state();
        Ok(StoredPasskey {
            dynamic_state: dynamic_state.encode().map_err(|_| InvalidPasskey)?.to_vec(),
            sign_count: dynamic_state.sign_count.into(),
            ..passkey.clone()
        })
    }
}

impl std::fmt::Display for RelyingParty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.id.as_ref(), self.origins.join(" "))
    }
}

/// What an authenticator answers that was asked for a new passkey: a `RegistrationResponseJSON`.
pub struct RegistrationAnswer(Registration);

impl RegistrationAnswer {
    /// # Errors
    /// If it is none.
    pub fn read(json: &str) -> Result<Self, InvalidPasskey> {
        Registration::from_json_relaxed(json.as_bytes()).map(Self).map_err(|_| InvalidPasskey)
    }

    /// Names the ceremony.
    ///
    /// # Errors
    /// If it names none.
    pub fn challenge(&self) -> Result<Vec<u8>, InvalidPasskey> {
        self.0.challenge_relaxed().map(|challenge| challenge.0.to_le_bytes().to_vec()).map_err(|_| InvalidPasskey)
    }
}

/// What an authenticator answers that was asked for a passkey: an `AuthenticationResponseJSON`.
pub struct AuthenticationAnswer(DiscoverableAuthentication16);

impl AuthenticationAnswer {
    /// # Errors
    /// If it is none.
    pub fn read(json: &str) -> Result<Self, InvalidPasskey> {
        DiscoverableAuthentication16::from_json_relaxed(json.as_bytes()).map(Self).map_err(|_| InvalidPasskey)
    }

    /// Names the ceremony.
    ///
    /// # Errors
    /// If it names none.
    pub fn challenge(&self) -> Result<Vec<u8>, InvalidPasskey> {
        self.0.challenge_relaxed().map(|challenge| challenge.0.to_le_bytes().to_vec()).map_err(|_| InvalidPasskey)
    }

    /// Which passkey it is said to come from.
    pub fn credential_id(&self) -> Vec<u8> {
        self.0.raw_id().as_ref().to_vec()
    }
}

fn handle(user: Uuid) -> UserHandle16 {
    let Ok(handle) = UserHandle16::decode(user.into_bytes());
    handle
}

fn unreadable() -> Failure {
    Failure::internal("a stored passkey cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_domains() {
        for (id, is_fine) in [
            ("market.example", true),
            ("localhost", true),
            ("127.0.0.1", false),
            ("[::1]", false),
            ("::1", false),
            ("", false),
            ("https://market.example", false),
        ] {
            assert_eq!(RelyingParty::new(id, Vec::new()).is_some(), is_fine, "{id}");
        }
    }

    #[test]
    fn options_are_what_browsers_and_phones_read() {
        let party = RelyingParty::new("market.example", Vec::new()).unwrap();
        let user = Uuid::from_u128(7);
        let known = StoredPasskey {
            credential_id: vec![1; 16],
            static_state: Vec::new(),
            dynamic_state: Vec::new(),
            transports: 0,
            sign_count: 0,
        };
        let ceremony = party.register(user, "ada@example.com", "Ada", &[known]).unwrap();
        let options: serde_json::Value = serde_json::from_str(&ceremony.options).unwrap();
        assert_eq!(options["rp"]["id"], "market.example");
        assert_eq!(options["user"]["name"], "ada@example.com");
        assert!(options["extensions"]["credentialProtectionPolicy"].is_null(), "{options}");
        assert_eq!(options["excludeCredentials"][0]["id"], "AQEBAQEBAQEBAQEBAQEBAQ");
        let wanted = &options["authenticatorSelection"];
        assert_eq!((&wanted["residentKey"], &wanted["userVerification"]), (&"required".into(), &"required".into()));
        let ceremony = party.authenticate().unwrap();
        let options: serde_json::Value = serde_json::from_str(&ceremony.options).unwrap();
        assert_eq!((&options["rpId"], &options["userVerification"]), (&"market.example".into(), &"required".into()));
    }
}
