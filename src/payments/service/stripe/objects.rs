//! What Stripe answers with, as far as it is read.

use serde::Deserialize;

use crate::payments::model::{MethodLook, PaymentFailureReason};

/// Characters of the longest name of an object.
const LONGEST: usize = 255;

/// Whether a text can be the name of an object of Stripe's: it is put into paths.
pub fn is_name(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A payment intent.
#[derive(Deserialize)]
pub struct Intent {
    pub id: String,
    pub status: Status,
    pub currency: String,
    #[serde(default)]
    pub amount_received: i64,
    pub client_secret: Option<String>,
    next_action: Option<NextAction>,
    pub last_payment_error: Option<Fault>,
}

#[derive(Deserialize)]
struct NextAction {
    redirect_to_url: Option<Page>,
}

#[derive(Deserialize)]
struct Page {
    url: Option<String>,
}

impl Intent {
    /// The page that the buyer has to go to, if it is one.
    pub fn page(&self) -> Option<&str> {
        let url = self.next_action.as_ref()?.redirect_to_url.as_ref()?.url.as_deref()?;
        // Clients follow it.
        (url.starts_with("https://") && url.len() <= 8_000).then_some(url)
    }
}

/// What a payment intent has come to, where its charge is told with it.
#[derive(Deserialize)]
pub struct Charged {
    pub latest_charge: Option<Charge>,
}

/// A charge.
#[derive(Deserialize)]
pub struct Charge {
    pub amount_refunded: i64,
}

/// What a payment intent has come to, where the entry of its charge in the market's balance is told with it.
#[derive(Deserialize)]
pub struct Booked {
    latest_charge: Option<BookedCharge>,
}

#[derive(Deserialize)]
struct BookedCharge {
    balance_transaction: Option<BalanceEntry>,
}

impl Booked {
    pub fn entry(&self) -> Option<&BalanceEntry> {
        self.latest_charge.as_ref()?.balance_transaction.as_ref()
    }
}

/// An entry of the market's balance with Stripe.
#[derive(Deserialize)]
pub struct BalanceEntry {
    pub id: String,
    /// What was kept by it; below zero if that was given again.
    pub fee: i64,
    /// The balance's, which need not be that of what was paid.
    pub currency: String,
}

/// How far a payment intent has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    RequiresCapture,
    Processing,
    Succeeded,
    Canceled,
    #[serde(other)]
    Unknown,
}

/// A payment method.
#[derive(Deserialize)]
pub struct PaymentMethod {
    #[serde(rename = "type")]
    kind: Option<String>,
    /// To whom it is attached.
    customer: Option<String>,
    card: Option<Card>,
    sepa_debit: Option<Account>,
    us_bank_account: Option<Account>,
}

#[derive(Deserialize)]
struct Card {
    fingerprint: Option<String>,
    brand: Option<String>,
    last4: Option<String>,
    exp_month: Option<i16>,
    exp_year: Option<i16>,
}

/// An account with a bank.
#[derive(Deserialize)]
struct Account {
    last4: Option<String>,
}

impl PaymentMethod {
    /// By what its card is known, if it is one.
    pub fn fingerprint(self) -> Option<String> {
        self.card?.fingerprint
    }

    /// To whom it is attached, if it is to anybody.
    pub fn customer(&self) -> Option<&str> {
        self.customer.as_deref()
    }

    /// How it looks.
    pub fn look(self) -> MethodLook {
        match self.card {
            Some(card) => {
                MethodLook { brand: card.brand, last4: card.last4, expiry: card.exp_month.zip(card.exp_year) }
            }
            None => MethodLook {
                brand: self.kind,
                last4: self.sepa_debit.or(self.us_bank_account).and_then(|account| account.last4),
                expiry: None,
            },
        }
    }
}

/// A refund.
#[derive(Deserialize)]
pub struct Refund {
    pub id: String,
    #[serde(default)]
    pub amount: i64,
    pub status: Option<RefundStatus>,
    metadata: Option<Metadata>,
}

/// What we have written to an object of Stripe's.
#[derive(Default, Deserialize)]
pub struct Metadata {
    pub refund: Option<String>,
}

impl Refund {
    /// The key under which it was asked for.
    pub fn key(&self) -> Option<&str> {
        self.metadata.as_ref()?.refund.as_deref()
    }

    /// Whether it came to nothing.
    pub const fn is_void(&self) -> bool {
        matches!(self.status, Some(RefundStatus::Failed | RefundStatus::Canceled))
    }
}

/// How far a refund has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    Pending,
    RequiresAction,
    Succeeded,
    Failed,
    Canceled,
    #[serde(other)]
    Unknown,
}

/// A page of a list.
#[derive(Deserialize)]
pub struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

/// Why Stripe did not do something, or what became of a payment method.
#[derive(Default, Deserialize)]
pub struct Fault {
    #[serde(rename = "type", default)]
    kind: String,
    code: Option<String>,
    decline_code: Option<String>,
}

impl Fault {
    /// Whether Stripe says by this that something was not done.
    pub fn is_refusal(&self) -> bool {
        matches!(self.kind.as_str(), "card_error" | "invalid_request_error")
    }

    /// Whether the idempotency key was used for something else.
    pub fn is_about_the_key(&self) -> bool {
        self.kind == "idempotency_error"
    }

    /// Whether it is about an account of a shop, which is not there, or not the market's.
    pub fn is_about_an_account(&self) -> bool {
        self.code.as_deref() == Some("account_invalid")
    }

    /// A word for our log; Stripe's sentences may quote what people wrote.
    pub fn word(&self) -> &str {
        let code = self.code.as_deref().unwrap_or(&self.kind);
        let is_word = code.len() <= 60 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if is_word { code } else { "?" }
    }

    /// Why an attempt to pay failed, if this came of it.
    pub fn reason(&self) -> PaymentFailureReason {
        self.told().unwrap_or(PaymentFailureReason::Declined)
    }

    /// Why an attempt to pay failed, if it was refused by this.
    pub fn refusal(&self) -> PaymentFailureReason {
        self.told().unwrap_or(if self.kind == "invalid_request_error" {
            PaymentFailureReason::Unsupported
        } else {
            PaymentFailureReason::Declined
        })
    }

    fn told(&self) -> Option<PaymentFailureReason> {
        let said = [self.decline_code.as_deref(), self.code.as_deref()];
        for word in said.into_iter().flatten() {
            match word {
                "insufficient_funds" => return Some(PaymentFailureReason::InsufficientFunds),
                "expired_card" => return Some(PaymentFailureReason::Expired),
                "authentication_required" | "payment_intent_authentication_failure" => {
                    return Some(PaymentFailureReason::NotAuthenticated);
                }
                "payment_method_customer_decline"
                | "payment_method_provider_timeout"
                | "payment_intent_payment_attempt_expired" => return Some(PaymentFailureReason::NotCompleted),
                // Of the payment method: it is used up, or was never there.
                "resource_missing" => return Some(PaymentFailureReason::Declined),
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_by_the_banks_word_and_then_by_stripes() {
        for (fault, reason, refusal) in [
            (
                r#"{"type": "card_error", "code": "card_declined", "decline_code": "do_not_honor"}"#,
                "DECLINED",
                "DECLINED",
            ),
            (
                r#"{"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}"#,
                "INSUFFICIENT_FUNDS",
                "INSUFFICIENT_FUNDS",
            ),
            (r#"{"type": "card_error", "code": "expired_card"}"#, "EXPIRED", "EXPIRED"),
            (
                r#"{"type": "card_error", "code": "authentication_required", "decline_code": "authentication_required"}"#,
                "NOT_AUTHENTICATED",
                "NOT_AUTHENTICATED",
            ),
            (
                r#"{"type": "invalid_request_error", "code": "payment_intent_authentication_failure"}"#,
                "NOT_AUTHENTICATED",
                "NOT_AUTHENTICATED",
            ),
            // Other ways to pay than cards say no in these words.
            (
                r#"{"type": "invalid_request_error", "code": "payment_method_provider_decline"}"#,
                "DECLINED",
                "UNSUPPORTED",
            ),
            (
                r#"{"type": "invalid_request_error", "code": "payment_method_customer_decline"}"#,
                "NOT_COMPLETED",
                "NOT_COMPLETED",
            ),
            (r#"{"type": "invalid_request_error", "code": "amount_too_small"}"#, "DECLINED", "UNSUPPORTED"),
            (r#"{"type": "invalid_request_error", "code": "resource_missing"}"#, "DECLINED", "DECLINED"),
            (r#"{"type": "a_new_one"}"#, "DECLINED", "DECLINED"),
        ] {
            let read: Fault = serde_json::from_str(fault).unwrap();
            assert_eq!((read.reason().as_str(), read.refusal().as_str()), (reason, refusal), "{fault}");
        }
    }

    #[test]
    fn what_is_new_with_stripe_is_understood_as_unknown() {
        let text = r#"{"id": "pi_1", "object": "payment_intent", "status": "requires_a_dance", "currency": "gbp", "next_action": null}"#;
        let intent: Intent = serde_json::from_str(text).unwrap();
        assert_eq!((intent.status, intent.page()), (Status::Unknown, None));
        for text in ["", "pi_1/../x", "pi 1", "pi_é"] {
            assert!(!is_name(text), "{text}");
        }
    }

    #[test]
    fn only_a_page_that_is_encrypted_is_one() {
        let of = |url: &str| {
            let next =
                format!(r#"{{"type": "redirect_to_url", "redirect_to_url": {{"url": "{url}", "return_url": "x"}}}}"#);
            let text =
                format!(r#"{{"id": "pi_1", "status": "requires_action", "currency": "gbp", "next_action": {next}}}"#);
            serde_json::from_str::<Intent>(&text).unwrap().page().map(ToOwned::to_owned)
        };
        assert_eq!(of("https://hooks.stripe.com/3d").as_deref(), Some("https://hooks.stripe.com/3d"));
        assert_eq!(of("javascript:alert(1)"), None);
    }
}
