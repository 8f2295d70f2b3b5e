//! What clients gave and got that nobody else may learn. The log of a service holds none of it, at any level.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    thread,
};

use serde_json::Value;

use super::log::Lines;

/// The names under which secrets travel, besides passwords.
const NAMES: [&str; 11] = [
    "accessToken",
    "refreshToken",
    "bindingToken",
    "challengeToken",
    "clientSecret",
    "token",
    "secret",
    "state",
    "code",
    "credential",
    "passkey",
];
/// Whoever has one of these URLs sends a file, or fetches an archive or what is in a message.
const URLS: [&str; 3] = ["/uploads/", "/exports/", "/attachments/"];
/// Characters of the shortest password, of recovery codes, and of the shortest of the others. What is shorter was made up by a
/// test.
const SHORTEST_PASSWORD: usize = 10;
const RECOVERY_CODE: usize = 14;
const SHORTEST: usize = 20;

/// The secrets of one service and its clients.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Mutex<BTreeSet<String>>>);

impl Secrets {
    pub fn add(&self, secret: &str) {
        self.0.lock().unwrap().insert(secret.to_owned());
    }

    /// Those in a request or in an answer.
    pub fn add_of(&self, value: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.add_of(value)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    let shortest = if name.to_lowercase().ends_with("password") {
                        SHORTEST_PASSWORD
                    } else if name.starts_with("recoveryCode") {
                        RECOVERY_CODE
                    } else if NAMES.contains(&name.as_str()) {
                        SHORTEST
                    } else {
                        usize::MAX
                    };
                    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                    for value in values {
                        match value {
                            Value::String(url) if URLS.iter().any(|path| url.contains(path)) => {
                                self.add(url.rsplit('/').next().unwrap());
                            }
                            // Values of enums, such as the codes of errors, are no secrets.
                            Value::String(text)
                                if text.len() >= shortest && text.contains(|c: char| !c.is_uppercase() && c != '_') =>
                            {
                                self.add(text);
                            }
                            value => self.add_of(value),
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Those in a `Cookie` header.
    pub fn add_of_cookies(&self, header: &str) {
        let values = header.split("; ").filter_map(|pair| pair.split_once('='));
        values.filter(|(_, value)| value.len() >= SHORTEST).for_each(|(_, value)| self.add(value));
    }

    /// A line of a log that holds one, and which one.
    fn told_in<'a>(&self, log: &'a str) -> Option<(String, &'a str)> {
        let secrets = self.0.lock().unwrap();
        secrets.iter().find_map(|secret| {
            // Six digits are a number as well in the lines of others, and within an id by chance.
            let is_code = secret.len() == 6;
            let is_told = |line: &&str| {
                if is_code { line.starts_with("agora") && has_word(line, secret) } else { line.contains(secret) }
            };
            let line = log.contains(secret.as_str()).then(|| log.lines().find(is_told)).flatten();
            Some((secret.clone(), line?))
        })
    }
}

/// Whether a word stands in a line, with no letter or digit before or behind it.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(place, _)| {
        let is_part = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
        !is_part(line[..place].chars().next_back()) && !is_part(line[place + word.len()..].chars().next())
    })
}

/// Reads the log for as long as a service lives. Panics in the end if it holds a secret.
pub struct Watch {
    pub secrets: Secrets,
    lines: Lines,
}

impl Watch {
    pub fn start() -> Self {
        Self { secrets: Secrets::default(), lines: Lines::listen() }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let log = self.lines.so_far();
        if let Some((secret, line)) = self.secrets.told_in(&log) {
            panic!("the log holds the secret {secret}:\n{line}");
        }
    }
}

#[test]
fn a_secret_in_a_log_is_found() {
    let secrets = Secrets::default();
    secrets.add_of(&serde_json::json!({
        "input": {"newPassword": "a long password", "code": "123456", "token": "short"},
        "data": {"signIn": {"accessToken": "v4.public.0123456789", "userErrors": [{"code": "IDEMPOTENCY_KEY_REUSED"}]}},
    }));
    secrets.add_of(&serde_json::json!({"recoveryCodes": ["ABCD-EFGH-IJKL"], "methods": ["RECOVERY_CODE"]}));
    secrets.add_of_cookies("theme=dark; __Host-agora-access=v4.public.9876543210");
    secrets.add("123456");
    let told = |log: &str| secrets.told_in(log).map(|(secret, _)| secret);
    assert_eq!(told("agora: fine\nagora: short IDEMPOTENCY_KEY_REUSED\nactix: 123456"), None);
    assert_eq!(told("agora: request=01a1f8d1234561490d"), None);
    assert_eq!(told("agora: fine\nhyper: the Bearer v4.public.0123456789!"), Some("v4.public.0123456789".into()));
    assert_eq!(told("x: RECOVERY_CODE [ABCD-EFGH-IJKL]"), Some("ABCD-EFGH-IJKL".into()));
    assert_eq!(told("x: v4.public.9876543210"), Some("v4.public.9876543210".into()));
    assert_eq!(told("x: {\"a long password\"}"), Some("a long password".into()));
    assert_eq!(told("agora::mail: 123456 is your code"), Some("123456".into()));
}

/// The whole of it once: what is said under the service's eyes reaches the watch.
#[test]
#[should_panic(expected = "the log holds the secret")]
fn a_watch_hears_what_is_logged() {
    let watch = Watch::start();
    watch.secrets.add("a secret of this test alone");
    tracing::trace!(said = ?Some("a secret of this test alone"), "told");
}
