//! What people are written about their account. The words stand in `assets/texts`.

use super::model::{Addressee, EmailChange, Verification};
use crate::platform::mail::Mail;

/// The code of a sign-up.
pub fn verification(to: &Verification, code: &str, link: &str) -> Mail {
    let words = [("name", to.display_name.as_str()), ("code", code), ("link", link)];
    Mail::write(&to.email, to.locale.language(), "verification", &words)
}

/// Somebody tried to sign up with an address that has an account.
pub fn address_taken(to: &Verification) -> Mail {
    Mail::write(&to.email, to.locale.language(), "address-taken", &[])
}

/// A refresh token came back after it had been used, so its session was ended.
pub fn session_reused(to: &Addressee) -> Mail {
    Mail::write(&to.email, to.language, "session-reused", &[("name", &to.name)])
}

/// The link by which a new password is chosen.
pub fn password_reset(to: &Addressee, link: &str) -> Mail {
    Mail::write(&to.email, to.language, "password-reset", &[("name", &to.name), ("link", link)])
}

/// The password is another one.
pub fn password_changed(to: &Addressee) -> Mail {
    Mail::write(&to.email, to.language, "password-changed", &[("name", &to.name)])
}

/// The code of a change of address, to the new one.
pub fn email_change(person: &Addressee, change: &EmailChange, code: &str, link: &str) -> Mail {
    let words = [("name", person.name.as_str()), ("code", code), ("link", link)];
    Mail::write(&change.email, person.language, "email-change", &words)
}

/// Somebody tried to move to an address that has an account.
pub fn address_taken_by(owner: &Addressee) -> Mail {
    Mail::write(&owner.email, owner.language, "address-taken", &[])
}

/// Another address is asked for, to the old one.
pub fn email_change_asked(person: &Addressee, change: &EmailChange) -> Mail {
    let words = [("name", person.name.as_str()), ("email", change.email.as_str())];
    Mail::write(&change.old_email, person.language, "email-change-asked", &words)
}

/// The account has another address, to one of the two.
pub fn email_changed(person: &Addressee, change: &EmailChange, to: &str) -> Mail {
    let words = [("name", person.name.as_str()), ("email", change.email.as_str())];
    Mail::write(to, person.language, "email-changed", &words)
}
