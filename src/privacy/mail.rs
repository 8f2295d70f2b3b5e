//! What people are written about their data. The words stand in `assets/texts`.

use super::model::Notice;
use crate::{
    platform::{clock::Time, mail::Mail},
    users::model::Addressee,
};

/// What became of what somebody asked for.
pub fn notice(to: &Addressee, notice: Notice, day: Time) -> Mail {
    let day = day.format("%Y-%m-%d").to_string();
    Mail::write(&to.email, to.language, notice.text_id(), &[("name", &to.name), ("day", &day)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::place::Language;

    #[test]
    fn every_notice_has_its_words() {
        for (language, hello) in [(Language::English, "Hello"), (Language::German, "Hallo")] {
            let ada = Addressee { email: "ada@example.com".into(), name: "Ada".into(), language };
            for about in Notice::ALL {
                let mail = notice(&ada, about, "2026-11-20T12:00:00Z".parse().unwrap());
                assert!(!mail.subject.is_empty() && mail.text.starts_with(hello), "{mail:?}");
                assert!(!mail.subject.contains("{$") && !mail.text.contains("{$"), "{mail:?}");
                let has_day = !matches!(about, Notice::DeletionCancelled | Notice::DeletionPutOff);
                assert_eq!(mail.text.contains("2026-11-20"), has_day, "{mail:?}");
            }
        }
    }
}
