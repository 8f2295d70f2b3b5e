//! What people are written about what they look for. The words stand in `assets/texts`.

use crate::{platform::mail::Mail, users::model::Addressee};

/// Something new fits a search.
pub fn search_found(to: &Addressee, search: &str, titles: &[String], unsubscribe: String) -> Mail {
    let titles = titles.join("\n");
    let words = [("name", to.name.as_str()), ("search", search), ("titles", titles.as_str())];
    Mail::write(&to.email, to.language, "search-found", &words).with_unsubscribe(to.language, unsubscribe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::place::Language;

    #[test]
    fn mail_about_searches_has_its_words() {
        for (language, hello) in [(Language::English, "Hello Ada"), (Language::German, "Hallo Ada")] {
            let ada = Addressee { email: "ada@example.com".into(), name: "Ada".into(), language };
            let titles = ["Red lamp", "Green lamp"].map(String::from);
            let mail = search_found(&ada, "Lamps", &titles, "https://market.example/u?token=x".into());
            assert!(mail.text.starts_with(hello) && mail.subject.contains("Lamps"), "{mail:?}");
            assert!(mail.text.contains("Red lamp\n") && mail.text.contains("Green lamp"), "{mail:?}");
            assert!(!mail.text.contains("{$") && mail.unsubscribe.is_some(), "{mail:?}");
        }
    }
}
