//! What people are written about their account. The words stand in `assets/texts`.

use super::model::{Addressee, EmailChange, SafetyNotice, Verification};
use crate::platform::mail::Mail;

/// The code of a sign-up.
pub fn verification(to: &Verification, code: &str, link: &str) -> Mail {
    Mail::write(&to.email, to.locale.language(), "verification", &[("code", code), ("link", link)])
}

/// Somebody tried to sign up with, or move to, an address that has an account.
pub fn address_taken(owner: &Addressee) -> Mail {
    Mail::write(&owner.email, owner.language, "address-taken", &[])
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

/// Something happened to the safety of the account.
pub fn safety(to: &Addressee, notice: SafetyNotice) -> Mail {
    Mail::write(&to.email, to.language, notice.text_id(), &[("name", &to.name)])
}

/// The code of a change of address, to the new one.
pub fn email_change(person: &Addressee, change: &EmailChange, code: &str, link: &str) -> Mail {
    Mail::write(&change.email, person.language, "email-change", &[("code", code), ("link", link)])
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

/// An account at a provider was linked.
pub fn identity_linked(to: &Addressee, provider: &str) -> Mail {
    Mail::write(&to.email, to.language, "identity-linked", &[("name", &to.name), ("provider", provider)])
}

/// The link with an account at a provider is gone.
pub fn identity_unlinked(to: &Addressee, provider: &str) -> Mail {
    Mail::write(&to.email, to.language, "identity-unlinked", &[("name", &to.name), ("provider", provider)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::{id::Id, place::Language},
        platform::clock::Time,
    };

    #[test]
    fn every_mail_has_its_words() {
        let now: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        for (language, locale) in [(Language::English, "en"), (Language::German, "de")] {
            let ada = Addressee { email: "ada@example.com".into(), name: "Ada".into(), language };
            let sign_up = Verification {
                id: Id::from_uuid(uuid::Uuid::nil()),
                email: ada.email.clone(),
                email_key: ada.email.clone(),
                password_hash: None,
                is_confirmable: true,
                display_name: "Ada".into(),
                locale: locale.parse().unwrap(),
                attempts: 0,
                sent_count: 1,
                sent_at: now,
                expires_at: now,
                confirmed_at: None,
            };
            let change = EmailChange {
                id: Id::from_uuid(uuid::Uuid::nil()),
                user_id: Id::from_uuid(uuid::Uuid::nil()),
                email: "ada@new.example".into(),
                email_key: "ada@new.example".into(),
                old_email: ada.email.clone(),
                is_confirmable: true,
                attempts: 0,
                expires_at: now,
                confirmed_at: None,
            };
            let told = SafetyNotice::ALL.map(|notice| safety(&ada, notice));
            let others = [
                verification(&sign_up, "123456", "https://shop.example"),
                address_taken(&ada),
                session_reused(&ada),
                password_reset(&ada, "https://shop.example"),
                password_changed(&ada),
                email_change(&ada, &change, "123456", "https://shop.example"),
                email_change_asked(&ada, &change),
                email_changed(&ada, &change, &change.email),
                identity_linked(&ada, "Google"),
                identity_unlinked(&ada, "Google"),
                Mail::write(&ada.email, language, "test", &[]),
            ];
            for mail in told.into_iter().chain(others) {
                assert!(!mail.subject.is_empty() && mail.text.len() > 60, "{mail:?}");
                assert!(!mail.subject.contains("{$") && !mail.text.contains("{$"), "{mail:?}");
                let is_german = mail.text.starts_with("Hallo");
                assert_eq!(is_german, language == Language::German, "{mail:?}");
            }
        }
    }
}
