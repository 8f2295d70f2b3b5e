//! What people are written about what they like. The words stand in `assets/texts`.

use crate::{kernel::money::Money, platform::mail::Mail, users::model::Addressee};

/// What somebody likes costs less than they know.
pub fn costs_less(
    to: &Addressee,
    (shop, title): (&str, &str),
    [price, known]: [Money; 2],
    unsubscribe: String,
) -> Mail {
    let (price, known) = (price.to_string(), known.to_string());
    let words = [
        ("name", to.name.as_str()),
        ("shop", shop),
        ("title", title),
        ("price", price.as_str()),
        ("known", known.as_str()),
    ];
    Mail::write(&to.email, to.language, "costs-less", &words).with_unsubscribe(to.language, unsubscribe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{money::CurrencyCode, place::Language};

    #[test]
    fn mail_about_prices_has_its_words() {
        for (language, hello) in [(Language::English, "Hello Ada"), (Language::German, "Hallo Ada")] {
            let ada = Addressee { email: "ada@example.com".into(), name: "Ada".into(), language };
            let prices = [1_250, 1_500].map(|amount| Money::new(amount, CurrencyCode::GBP));
            let mail = costs_less(&ada, ("Corner", "Lamp"), prices, "https://market.example/u?token=x".into());
            assert!(mail.text.starts_with(hello) && mail.subject.contains("Lamp"), "{mail:?}");
            for word in ["Corner", "12.50 GBP", "15.00 GBP"] {
                assert!(mail.text.contains(word), "{mail:?}");
            }
            assert!(!mail.text.contains("{$") && mail.unsubscribe.is_some(), "{mail:?}");
        }
    }
}
