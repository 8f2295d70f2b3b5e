//! Ways to pay that people keep, by what their provider calls them: never a number.

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use super::PaymentIntent;
use crate::{
    kernel::id::{Entity, Id},
    platform::{clock::Time, jobs::JobBody},
    schema::{payment_customers, payment_methods},
    users::model::User,
};

/// Somebody as a provider knows them by whom it keeps ways to pay.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = payment_customers)]
pub struct Customer {
    pub id: Id<Customer>,
    /// Who it is; none once they are erased, until the provider has forgotten them, too.
    pub user_id: Option<Id<User>>,
    pub provider: String,
    pub reference: String,
}

impl Entity for Customer {
    const PREFIX: &'static str = "customer";
}

/// A way to pay that somebody keeps.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = payment_methods)]
pub struct StoredMethod {
    pub id: Id<StoredMethod>,
    /// What the provider calls it; none once that has let it go.
    pub reference: Option<String>,
    pub brand: Option<String>,
    pub last4: Option<String>,
    pub expiry_month: Option<i16>,
    pub expiry_year: Option<i16>,
    pub created_at: Time,
    /// When its owner did not want it any more. Nothing can be paid by it since.
    pub removed_at: Option<Time>,
}

impl Entity for StoredMethod {
    const PREFIX: &'static str = "paymethod";
}

impl StoredMethod {
    /// How many somebody keeps at the most.
    pub const MAXIMUM: i64 = 20;
}

/// How a method looks, as its provider tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MethodLook {
    /// A word of the provider's.
    pub brand: Option<String>,
    /// What people tell their cards apart by: four characters at the most.
    pub last4: Option<String>,
    /// The last month in which it is good, and its year.
    pub expiry: Option<(i16, i16)>,
}

impl MethodLook {
    /// Characters of the longest word for a brand.
    const LONGEST: usize = 40;

    /// As it may be written down: whatever a provider says, no more of a number than its end.
    #[must_use]
    pub fn checked(self) -> Self {
        let is_end = |text: &String| {
            (1..=4).contains(&text.len()) && text.bytes().all(|character| character.is_ascii_alphanumeric())
        };
        // A word has no number in it.
        let is_word = |text: &String| {
            (1..=Self::LONGEST).contains(&text.len())
                && text.bytes().all(|character| character.is_ascii_alphabetic() || character == b'_')
        };
        let is_month = |(month, year): &(i16, i16)| (1..=12).contains(month) && (2000..=9999).contains(year);
        Self {
            brand: self.brand.filter(is_word),
            last4: self.last4.filter(is_end),
            expiry: self.expiry.filter(is_month),
        }
    }
}

/// Keeps the method of a payment that was to be kept, once it has paid.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct KeepMethod {
    pub payment: Id<PaymentIntent>,
}

impl JobBody for KeepMethod {
    const KIND: &'static str = "payments.keep_method";
}

/// Has the provider let a method go that its owner does not want any more.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct LetMethodGo {
    pub method: Id<StoredMethod>,
}

impl JobBody for LetMethodGo {
    const KIND: &'static str = "payments.let_method_go";
}

/// Has the provider forget somebody who is erased.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ForgetCustomer {
    pub customer: Id<Customer>,
}

impl JobBody for ForgetCustomer {
    const KIND: &'static str = "payments.forget_customer";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_written_down_whatever_a_provider_says() {
        let look = |brand: &str, last4: &str, expiry| {
            let look = MethodLook { brand: Some(brand.into()), last4: Some(last4.into()), expiry: Some(expiry) };
            look.checked()
        };
        let good = look("sepa_debit", "3000", (12, 2034));
        let expected =
            MethodLook { brand: Some("sepa_debit".into()), last4: Some("3000".into()), expiry: Some((12, 2034)) };
        assert_eq!(good, expected);
        for (brand, last4, expiry) in
            [("4242424242424242", "4242424242424242", (0, 2034)), ("", "", (13, 2034)), ("a b", "42 4", (1, 34))]
        {
            assert_eq!(look(brand, last4, expiry), MethodLook::default(), "{brand} {last4}");
        }
    }
}
