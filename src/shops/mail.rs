//! What people are written about the shops that they run. The words stand in `assets/texts`.

use crate::{platform::mail::Mail, users::model::Addressee};

/// Others own a shop by now, to one of them.
pub fn owners_changed(to: &Addressee, shop: &str) -> Mail {
    Mail::write(&to.email, to.language, "owners-changed", &[("name", to.name.as_str()), ("shop", shop)])
}

/// To somebody who owned a shop until now.
pub fn no_owner_any_more(to: &Addressee, shop: &str) -> Mail {
    Mail::write(&to.email, to.language, "owner-no-more", &[("name", to.name.as_str()), ("shop", shop)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::place::Language;

    #[test]
    fn mail_about_owners_has_its_words() {
        for (language, hello) in [(Language::English, "Hello Ada"), (Language::German, "Hallo Ada")] {
            let ada = Addressee { email: "ada@example.com".into(), name: "Ada".into(), language };
            for mail in [owners_changed(&ada, "Corner"), no_owner_any_more(&ada, "Corner")] {
                assert!(mail.text.starts_with(hello) && !mail.text.contains("{$"), "{mail:?}");
                assert!(mail.subject.contains("Corner") && !mail.subject.contains("{$"), "{mail:?}");
            }
        }
    }
}
