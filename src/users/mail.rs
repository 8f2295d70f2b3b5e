//! What people are written about their account.

use super::model::Verification;
use crate::{kernel::place::Language, platform::mail::Mail};

/// The code of a sign-up.
pub fn verification(to: &Verification, code: &str) -> Mail {
    let name = &to.display_name;
    let (subject, text) = match to.locale.language() {
        Language::English => (
            format!("{code} is your code"),
            format!(
                "Hello {name},\n\nyour code is {code}. It is good for 30 minutes.\n\n\
                 If you did not ask for it, you need not do anything.\n"
            ),
        ),
        Language::German => (
            format!("{code} ist dein Code"),
            format!(
                "Hallo {name},\n\ndein Code lautet {code}. Er gilt 30 Minuten.\n\n\
                 Falls du ihn nicht angefordert hast, brauchst du nichts zu tun.\n"
            ),
        ),
    };
    Mail { to: to.email.clone(), subject, text }
}

/// Somebody tried to sign up with an address that has an account.
pub fn address_taken(to: &Verification) -> Mail {
    let (subject, text) = match to.locale.language() {
        Language::English => (
            "You already have an account",
            "Hello,\n\nsomebody wanted to sign up with your address. You already have an account: sign in with your \
             password.\n\nIf it was not you, you need not do anything.\n",
        ),
        Language::German => (
            "Du hast bereits ein Konto",
            "Hallo,\n\njemand wollte sich mit deiner Adresse registrieren. Du hast bereits ein Konto: Melde dich mit \
             deinem Passwort an.\n\nFalls du das nicht warst, brauchst du nichts zu tun.\n",
        ),
    };
    Mail { to: to.email.clone(), subject: subject.into(), text: text.into() }
}

/// A refresh token came back after it had been used, so its session was ended.
pub fn session_reused(to: &str, language: Language) -> Mail {
    let (subject, text) = match language {
        Language::English => (
            "You were signed out on one device",
            "Hello,\n\na device of yours was signed out because somebody used an old key of its session. If this \
             happens again, change your password.\n",
        ),
        Language::German => (
            "Du wurdest auf einem Gerät abgemeldet",
            "Hallo,\n\nein Gerät von dir wurde abgemeldet, weil jemand einen alten Schlüssel seiner Sitzung benutzt \
             hat. Falls das noch einmal geschieht, ändere dein Passwort.\n",
        ),
    };
    Mail { to: to.into(), subject: subject.into(), text: text.into() }
}
