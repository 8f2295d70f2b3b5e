//! What people are written about payouts. The words stand in `assets/texts`.

use crate::{kernel::money::Money, platform::mail::Mail, users::model::Addressee};

/// A payout has failed for good, to an owner of the shop.
pub fn payout_failed(to: &Addressee, shop: &str, amount: Money, unsubscribe: String) -> Mail {
    let amount = amount.to_string();
    let words = [("name", to.name.as_str()), ("shop", shop), ("amount", amount.as_str())];
    Mail::write(&to.email, to.language, "payout-failed", &words).with_unsubscribe(to.language, unsubscribe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{money::CurrencyCode, place::Language};

    #[test]
    fn mail_about_payouts_has_its_words() {
        for (language, hello) in [(Language::English, "Hello Ada"), (Language::German, "Hallo Ada")] {
            let ada = Addressee { email: "ada@example.com".into(), name: "Ada".into(), language };
            let amount = Money::new(1_250, CurrencyCode::GBP);
            let mail = payout_failed(&ada, "Corner", amount, "https://market.example/u".into());
            assert!(mail.text.starts_with(hello) && !mail.text.contains("{$"), "{mail:?}");
            assert!(mail.text.contains("12.50 GBP") && mail.subject.contains("Corner"), "{mail:?}");
        }
    }
}
