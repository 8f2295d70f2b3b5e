//! What people are written about orders. The words stand in `assets/texts`.

use super::model::RefundedFor;
use crate::{
    kernel::money::Money,
    messages::model::OrderStep,
    platform::{clock::Time, mail::Mail},
    users::model::Addressee,
};

/// An order is paid, to its buyer.
pub fn order_paid(to: &Addressee, number: &str, total: Money, link: &str) -> Mail {
    of_order(to, "order-paid", number, total, link)
}

/// The bank of who ordered has promised what it costs, to its buyer.
pub fn order_authorized(to: &Addressee, number: &str, total: Money, link: &str) -> Mail {
    of_order(to, "order-authorized", number, total, link)
}

/// An order is placed that its shops see to the money of, to its buyer.
pub fn order_placed(to: &Addressee, number: &str, total: Money, link: &str) -> Mail {
    of_order(to, "order-placed", number, total, link)
}

/// An order was called off because nobody paid it, to its buyer.
pub fn order_unpaid(to: &Addressee, number: &str, total: Money, link: &str) -> Mail {
    of_order(to, "order-unpaid", number, total, link)
}

/// Money is on its way back, to the order's buyer.
pub fn refunded(to: &Addressee, number: &str, (amount, why): (Money, &RefundedFor), link: &str) -> Mail {
    let amount = amount.to_string();
    let (text, reason) = match why {
        RefundedFor::Reason(reason) => ("order-refunded", reason.as_str()),
        RefundedFor::Unsaid => ("order-refunded-unsaid", ""),
        RefundedFor::Cancelled => ("order-cancelled", ""),
        RefundedFor::Excess => ("order-overpaid", ""),
    };
    let words = [
        ("name", to.name.as_str()),
        ("number", number),
        ("amount", amount.as_str()),
        ("reason", reason),
        ("link", link),
    ];
    Mail::write(&to.email, to.language, text, &words)
}

/// Something is on its way, to the order's buyer, with what is known of how to follow it.
pub fn shipped(to: &Addressee, number: &str, tracking: &[String], link: &str) -> Mail {
    let tracking = tracking.join("\n");
    let words = [("name", to.name.as_str()), ("number", number), ("tracking", tracking.as_str()), ("link", link)];
    let text = if tracking.is_empty() { "order-shipped" } else { "order-shipped-tracked" };
    Mail::write(&to.email, to.language, text, &words)
}

/// Something happened to an order of which its buyer is told; none of any other step.
pub fn buyer_step(to: &Addressee, step: OrderStep, number: &str, reason: &str, link: &str) -> Option<Mail> {
    let text = match step {
        OrderStep::PiecesCancelled if reason.is_empty() => "order-called-off-unsaid",
        OrderStep::PiecesCancelled => "order-called-off",
        OrderStep::AuthorizationLost => "order-authorization-lost",
        OrderStep::AdditionLapsed => "order-addition-lapsed",
        OrderStep::ReturnApproved => "return-approved",
        OrderStep::ReturnDeclined => "return-declined",
        OrderStep::ReturnReceived => "return-received",
        OrderStep::ClaimAnswered => "claim-answered",
        OrderStep::ClaimEscalated => "claim-escalated",
        OrderStep::ClaimDecided => "claim-decided",
        OrderStep::ClaimClosed => "claim-closed",
        _ => return None,
    };
    let words = [("name", to.name.as_str()), ("number", number), ("reason", reason), ("link", link)];
    Some(Mail::write(&to.email, to.language, text, &words))
}

/// Something happened to an order of which those are told who work for its shop; none of any other step.
pub fn shop_step(to: &Addressee, step: OrderStep, number: &str, reason: &str, unsubscribe: String) -> Option<Mail> {
    let text = match step {
        OrderStep::Edited | OrderStep::AdditionPaid => "shop-order-edited",
        OrderStep::Cancelled => "shop-order-cancelled",
        OrderStep::AuthorizationLost => "shop-authorization-lost",
        OrderStep::ReturnRequested => "shop-return-requested",
        OrderStep::ReturnWithdrawn => "shop-return-withdrawn",
        OrderStep::ReturnApproved | OrderStep::ReturnDeclined | OrderStep::ReturnReceived => "shop-return-settled",
        OrderStep::ClaimOpened => "shop-claim-opened",
        OrderStep::ClaimEscalated => "shop-claim-escalated",
        OrderStep::ClaimDecided => "shop-claim-decided",
        OrderStep::ClaimClosed => "shop-claim-closed",
        OrderStep::DisputeOpened => "shop-dispute-opened",
        OrderStep::DisputeClosed => "shop-dispute-closed",
        _ => return None,
    };
    let words = [("name", to.name.as_str()), ("number", number), ("reason", reason)];
    Some(Mail::write(&to.email, to.language, text, &words).with_unsubscribe(to.language, unsubscribe))
}

/// Something happened to an order that the market's staff have to decide about, to one of them; none of any other step. Of a dispute with
/// until when the bank waits for an answer.
pub fn staff_step(to: &Addressee, step: OrderStep, number: &str, due_at: Option<Time>) -> Option<Mail> {
    let text = match (step, due_at) {
        (OrderStep::ClaimEscalated, _) => "staff-claim-escalated",
        (OrderStep::DisputeOpened, Some(_)) => "staff-dispute-due",
        (OrderStep::DisputeOpened, None) => "staff-dispute-opened",
        (OrderStep::RefundFailed, _) => "staff-refund-failed",
        _ => return None,
    };
    let due = due_at.map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default();
    let words = [("name", to.name.as_str()), ("number", number), ("due", due.as_str())];
    Some(Mail::write(&to.email, to.language, text, &words))
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
            let authorized = order_authorized(&ada, "7K4M-92QX", total, "https://market.example/order");
            let refund = |why| refunded(&ada, "7K4M-92QX", (total, &why), "https://market.example/order");
            let (refunded, overpaid) = (refund(RefundedFor::Reason("Chipped.".into())), refund(RefundedFor::Excess));
            let (cancelled, wordless) = (refund(RefundedFor::Cancelled), refund(RefundedFor::Unsaid));
            assert!(refunded.text.contains("Chipped."), "{refunded:?}");
            let placed = order_placed(&ada, "7K4M-92QX", total, "https://market.example/order");
            for mail in [&paid, &authorized, &placed, &sale, &unpaid, &refunded, &overpaid, &cancelled, &wordless] {
                assert!(mail.text.starts_with(hello) && mail.text.contains("12.50 GBP"), "{mail:?}");
                assert!(mail.subject.contains("7K4M-92QX") && !mail.text.contains("{$"), "{mail:?}");
            }
            let shipped = shipped(&ada, "7K4M-92QX", &["Post".into(), "AB 1".into()], "https://market.example/order");
            let plain = super::shipped(&ada, "7K4M-92QX", &[], "https://market.example/order");
            assert!(shipped.text.contains("AB 1") && !plain.text.contains("AB 1"), "{shipped:?}");
            let (number, reason, link) = ("7K4M-92QX", "Broken.", "https://market.example/order");
            let buyer = |step| buyer_step(&ada, step, number, reason, link);
            let shop = |step| shop_step(&ada, step, number, reason, link.into());
            let called_off = buyer_step(&ada, OrderStep::PiecesCancelled, number, "", link).unwrap();
            let mut mails = vec![shipped, plain, called_off];
            for (step, has_reason) in [
                (OrderStep::Edited, false),
                (OrderStep::AdditionPaid, false),
                (OrderStep::AdditionLapsed, false),
                (OrderStep::AuthorizationLost, false),
                (OrderStep::Cancelled, false),
                (OrderStep::PiecesCancelled, true),
                (OrderStep::ReturnRequested, false),
                (OrderStep::ReturnApproved, true),
                (OrderStep::ReturnDeclined, true),
                (OrderStep::ReturnWithdrawn, false),
                (OrderStep::ReturnReceived, true),
                (OrderStep::ClaimOpened, true),
                (OrderStep::ClaimAnswered, true),
                (OrderStep::ClaimEscalated, false),
                (OrderStep::ClaimDecided, true),
                (OrderStep::ClaimClosed, false),
                (OrderStep::DisputeOpened, false),
                (OrderStep::DisputeClosed, false),
            ] {
                for mail in [buyer(step), shop(step)].into_iter().flatten() {
                    assert_eq!(mail.text.contains(reason), has_reason, "{mail:?}");
                    mails.push(mail);
                }
            }
            assert_eq!((mails.len(), shop(OrderStep::Paid).is_none()), (28, true));
            let due: Option<Time> = Some("2026-11-27T12:00:00Z".parse().unwrap());
            let staff = |step, due_at| staff_step(&ada, step, number, due_at);
            let asked = staff(OrderStep::DisputeOpened, due).unwrap();
            assert!(asked.text.contains("2026-11-27 12:00 UTC"), "{asked:?}");
            mails.push(asked);
            for step in [OrderStep::ClaimEscalated, OrderStep::DisputeOpened, OrderStep::RefundFailed] {
                mails.extend(staff(step, None));
            }
            assert_eq!((mails.len(), staff(OrderStep::Refunded, None).is_none()), (32, true));
            for mail in &mails {
                assert!(mail.text.starts_with(hello) && !mail.text.contains("{$"), "{mail:?}");
                assert!(mail.subject.contains("7K4M-92QX"), "{mail:?}");
            }
            assert_eq!(paid.unsubscribe, None);
            assert_eq!(sale.unsubscribe.as_deref(), Some("https://market.example/u?token=x&y"));
            assert!(sale.text.ends_with("https://market.example/u?token=x&y\n"), "{sale:?}");
            assert!(sale.html.contains("href=\"https://market.example/u?token=x&amp;y\""), "{sale:?}");
        }
    }
}
