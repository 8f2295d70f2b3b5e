//! What people are written about orders. The words stand in `assets/texts`.

use crate::{kernel::money::Money, platform::mail::Mail, users::model::Addressee};

/// An order is paid, to its buyer.
pub fn order_paid(to: &Addressee, number: &str, total: Money, link: &str) -> Mail {
    of_order(to, "order-paid", number, total, link)
}

/// An order was called off because nobody paid it, to its buyer.
pub fn order_unpaid(to: &Addressee, number: &str, total: Money, link: &str) -> Mail {
    of_order(to, "order-unpaid", number, total, link)
}

/// Money is on its way back, to the order's buyer.
pub fn refunded(to: &Addressee, number: &str, amount: Money, reason: Option<&str>, link: &str) -> Mail {
    let amount = amount.to_string();
    let words = [
        ("name", to.name.as_str()),
        ("number", number),
        ("amount", amount.as_str()),
        ("reason", reason.unwrap_or_default()),
        ("link", link),
    ];
    // Without a reason, more came in than was owed, or it came too late.
    let text = if reason.is_some() { "order-refunded" } else { "order-overpaid" };
    Mail::write(&to.email, to.language, text, &words)
}

fn of_order(to: &Addressee, text: &str, number: &str, total: Money, link: &str) -> Mail {
    let total = total.to_string();
    let words = [("name", to.name.as_str()), ("number", number), ("total", total.as_str()), ("link", link)];
    Mail::write(&to.email, to.language, text, &words)
}

/// A shop has sold something, to somebody who works for it.
pub fn sale(to: &Addressee, shop: &str, number: &str, total: Money, unsubscribe: String) -> Mail {
    let total = total.to_string();
    let words = [("name", to.name.as_str()), ("shop", shop), ("number", number), ("total", total.as_str())];
    Mail::write(&to.email, to.language, "sale", &words).with_unsubscribe(to.language, unsubscribe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{money::CurrencyCode, place::Language};

    #[test]
    fn mail_about_orders_has_its_words() {
        for (language, hello) in [(Language::English, "Hello Ada"), (Language::German, "Hallo Ada")] {
            let ada = Addressee { email: "ada@example.com".into(), name: "Ada".into(), language };
            let total = Money::new(1_250, CurrencyCode::GBP);
            let paid = order_paid(&ada, "7K4M-92QX", total, "https://market.example/order");
            let sale = sale(&ada, "Corner", "7K4M-92QX", total, "https://market.example/u?token=x&y".into());
            let unpaid = order_unpaid(&ada, "7K4M-92QX", total, "https://market.example/order");
            let refund = |reason| refunded(&ada, "7K4M-92QX", total, reason, "https://market.example/order");
            let (refunded, overpaid) = (refund(Some("Chipped.")), refund(None));
            assert!(refunded.text.contains("Chipped."), "{refunded:?}");
            for mail in [&paid, &sale, &unpaid, &refunded, &overpaid] {
                assert!(mail.text.starts_with(hello) && mail.text.contains("12.50 GBP"), "{mail:?}");
                assert!(mail.subject.contains("7K4M-92QX") && !mail.text.contains("{$"), "{mail:?}");
            }
            assert_eq!(paid.unsubscribe, None);
            assert_eq!(sale.unsubscribe.as_deref(), Some("https://market.example/u?token=x&y"));
            assert!(sale.text.ends_with("https://market.example/u?token=x&y\n"), "{sale:?}");
            assert!(sale.html.contains("href=\"https://market.example/u?token=x&amp;y\""), "{sale:?}");
        }
    }
}
