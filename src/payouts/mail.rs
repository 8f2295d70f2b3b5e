//! What people are written about payouts. The words stand in `assets/texts`.

use crate::{kernel::money::Money, platform::mail::Mail, users::model::Addressee};

/// A payout has failed for good, to an owner of the shop.
pub fn payout_failed(to: &Addressee, shop: &str, amount: Money) -> Mail {
    let amount = amount.to_string();
    let words = [("name", to.name.as_str()), ("shop", shop), ("amount", amount.as_str())];
    Mail::write(&to.email, to.language, "payout-failed", &words)
}

/// The money goes to another account, to an owner of the shop.
pub fn payout_account(to: &Addressee, shop: &str) -> Mail {
    Mail::write(&to.email, to.language, "payout-account", &[("name", to.name.as_str()), ("shop", shop)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{money::CurrencyCode, place::Language};

    #[test]
    fn mail_about_payouts_has_its_words() {
        for (language, hello) in [(Language::English, "Hello Ada"), (Language::German, "Hallo Ada")] {
            let ada = Addressee { email: "ada@example.com".into(), name: "Ada".into(), language };
            let failed = payout_failed(&ada, "Corner", Money::new(1_250, CurrencyCode::GBP));
            assert!(failed.text.contains("12.50 GBP"), "{failed:?}");
            for mail in [failed, payout_account(&ada, "Corner")] {
                assert!(mail.text.starts_with(hello) && !mail.text.contains("{$"), "{mail:?}");
                assert!(mail.subject.contains("Corner") && !mail.subject.contains("{$"), "{mail:?}");
            }
        }
    }
}
