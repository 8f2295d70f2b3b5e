//! What people are written about messages. The words stand in `assets/texts`.

use super::model::news::Waiting;
use crate::{platform::mail::Mail, users::model::Addressee};

/// Messages wait for somebody. Who wrote them, and what, does not stand there.
pub fn digest(to: &Addressee, waiting: Waiting, unsubscribe: String) -> Mail {
    let (messages, conversations) = (waiting.messages.to_string(), waiting.conversations.to_string());
    let words =
        [("name", to.name.as_str()), ("messages", messages.as_str()), ("conversations", conversations.as_str())];
    Mail::write(&to.email, to.language, "message-digest", &words).with_unsubscribe(to.language, unsubscribe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::place::Language;

    #[test]
    fn it_says_how_much_waits_and_nothing_else() {
        for language in [Language::English, Language::German] {
            let to = Addressee { email: "ada@example.com".into(), name: "Ada".into(), language };
            let mail = digest(&to, Waiting { conversations: 2, messages: 5 }, "https://market.example/u".into());
            assert!(mail.subject.contains('5') && mail.text.contains("Ada") && mail.text.contains('2'), "{mail:?}");
            assert!(!mail.text.contains("{$"), "{mail:?}");
            assert_eq!(mail.unsubscribe.as_deref(), Some("https://market.example/u"));
        }
    }
}
