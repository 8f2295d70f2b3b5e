//! What people are written about stock. The words stand in `assets/texts`.

use crate::{kernel::money::Money, platform::mail::Mail, users::model::Addressee};

/// There is little left of something, to somebody who keeps the shop's stock.
pub fn low_stock(to: &Addressee, shop: &str, (title, sku): (&str, &str), left: i64, unsubscribe: String) -> Mail {
    let left = left.to_string();
    let words = [("name", to.name.as_str()), ("shop", shop), ("title", title), ("sku", sku), ("left", left.as_str())];
    Mail::write(&to.email, to.language, "low-stock", &words).with_unsubscribe(to.language, unsubscribe)
}

/// Something can be ordered again, to somebody who waited for it.
pub fn back_in_stock(to: &Addressee, shop: &str, (title, price): (&str, Money), unsubscribe: String) -> Mail {
    let price = price.to_string();
    let words = [("name", to.name.as_str()), ("shop", shop), ("title", title), ("price", price.as_str())];
    Mail::write(&to.email, to.language, "back-in-stock", &words).with_unsubscribe(to.language, unsubscribe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{money::CurrencyCode, place::Language};

    #[test]
    fn mail_about_stock_has_its_words() {
        for (language, hello) in [(Language::English, "Hello Ada"), (Language::German, "Hallo Ada")] {
            let ada = Addressee { email: "ada@example.com".into(), name: "Ada".into(), language };
            let leave = || "https://market.example/u?token=x".to_owned();
            let low = low_stock(&ada, "Corner", ("Lamp, red", "L-1"), 3, leave());
            let back = back_in_stock(&ada, "Corner", ("Lamp, red", Money::new(1_250, CurrencyCode::GBP)), leave());
            for mail in [&low, &back] {
                assert!(mail.text.starts_with(hello) && mail.subject.contains("Lamp, red"), "{mail:?}");
                assert!(mail.text.contains("Corner") && !mail.text.contains("{$"), "{mail:?}");
                assert_eq!(mail.unsubscribe.as_deref(), Some(leave().as_str()));
            }
            assert!(low.text.contains("L-1") && low.text.contains(" 3"), "{low:?}");
            assert!(back.text.contains("12.50 GBP"), "{back:?}");
        }
    }
}
