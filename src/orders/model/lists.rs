//! Which orders a list has.

use std::hash::{Hash, Hasher};

use super::{FulfillmentState, OrderLifecycle};
use crate::{kernel::text::spelled_words, payments::model::PaymentState, platform::clock::Time};

/// Which orders a list has, or which parts of orders. What is absent does not narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    pub lifecycle: Option<OrderLifecycle>,
    /// How much of the order is paid.
    pub payment: Option<PaymentState>,
    /// How far the part has come; of an order, one of its parts.
    pub fulfillment: Option<FulfillmentState>,
    /// Whether something of the part can be packed or sent now.
    pub to_be_sent: Option<ToBeSent>,
    /// The first moment that counts.
    pub placed_from: Option<Time>,
    /// The first that does not any more.
    pub placed_before: Option<Time>,
    pub search: Option<OrderSearch>,
}

/// Parts of which something can be packed or sent now, or all the others: what
/// [`PartStanding::allowed`](super::PartStanding::allowed) tells of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ToBeSent {
    pub is: bool,
    /// Whether they have to be paid before, or promised.
    pub takes_payments: bool,
}

/// Cursors are tied to it. What is absent does not count: a page of a list that nothing narrows goes on in the next release.
impl Hash for OrderFilter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { lifecycle, payment, fulfillment, to_be_sent, placed_from, placed_before, search } = self;
        if lifecycle.is_some() {
            ("lifecycle", lifecycle).hash(state);
        }
        if payment.is_some() {
            ("payment", payment).hash(state);
        }
        if fulfillment.is_some() {
            ("fulfillment", fulfillment).hash(state);
        }
        if to_be_sent.is_some() {
            ("to_be_sent", to_be_sent).hash(state);
        }
        if placed_from.is_some() {
            ("placed_from", placed_from).hash(state);
        }
        if placed_before.is_some() {
            ("placed_before", placed_before).hash(state);
        }
        if search.is_some() {
            ("search", search).hash(state);
        }
    }
}

impl OrderFilter {
    /// Whether somebody's orders are to be walked through to find those that it leaves.
    pub const fn walks_orders(&self) -> bool {
        self.lifecycle.is_some() || self.fulfillment.is_some() || self.walks()
    }

    /// Whether a shop's parts are.
    pub const fn walks_parts(&self) -> bool {
        self.lifecycle.is_some() || self.to_be_sent.is_some() || self.walks()
    }

    const fn walks(&self) -> bool {
        self.payment.is_some() || self.search.is_some()
    }
}

/// What somebody has typed to find an order: in the form of each of the things that it may be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderSearch {
    /// How its number begins, without hyphens: a pattern of LIKE.
    pub number: String,
    /// How the code of something bought begins: a pattern.
    pub sku: String,
    /// Words with which words of something bought begin, all of one line: a tsquery, as text.
    pub words: String,
    /// What stands somewhere in the name of the buyer: a pattern.
    pub name: String,
}

impl OrderSearch {
    /// Whatever is typed can be looked for; none if it is nothing.
    pub fn parse(typed: &str) -> Option<Self> {
        // Postgres keeps no text with a zero in it, and nobody means the others.
        let typed: String = typed.chars().filter(|character| !character.is_control()).collect();
        let typed = typed.trim();
        if typed.is_empty() {
            return None;
        }
        let number = typed.replace('-', "");
        let words: Vec<String> = spelled_words(typed).map(|word| format!("'{}':*", word.spelled)).collect();
        Some(Self {
            // That of nothing is what nothing is like.
            number: if number.is_empty() { number } else { begins_with(&number) },
            sku: begins_with(typed),
            words: words.join(" & "),
            name: format!("%{}", begins_with(typed)),
        })
    }
}

/// The pattern of texts that begin with this one, whatever is in it.
fn begins_with(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        if matches!(character, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::page::ListTag;

    #[test]
    fn what_is_typed_is_looked_for_as_it_is() {
        let search = OrderSearch::parse(" 7k4m-92qx ").unwrap();
        assert_eq!((search.number.as_str(), search.sku.as_str()), ("7k4m92qx%", "7k4m-92qx%"));
        assert_eq!((search.name.as_str(), search.words.as_str()), ("%7k4m-92qx%", "'7k4m':* & '92qx':*"));
        let search = OrderSearch::parse("50%_\\ it's").unwrap();
        assert_eq!(search.sku, "50\\%\\_\\\\ it's%");
        assert_eq!(search.words, "'50':* & 'it':* & 's':*");
        let search = OrderSearch::parse("--").unwrap();
        assert_eq!((search.number.as_str(), search.words.as_str()), ("", ""));
        for nothing in ["", "  ", "\0\u{7}"] {
            assert_eq!(OrderSearch::parse(nothing), None);
        }
    }

    #[test]
    fn a_page_of_an_earlier_release_goes_on() {
        let all = OrderFilter::default();
        assert_eq!(ListTag::of(("orders", &all)), ListTag::of("orders"));
        let open = OrderFilter { lifecycle: Some(OrderLifecycle::Open), ..OrderFilter::default() };
        let paid = OrderFilter { payment: Some(PaymentState::Paid), ..OrderFilter::default() };
        let of = |is| {
            let to_be_sent = Some(ToBeSent { is, takes_payments: true });
            OrderFilter { to_be_sent, ..OrderFilter::default() }
        };
        let (to_be_sent, others) = (of(true), of(false));
        let tags = [&all, &open, &paid, &to_be_sent, &others].map(|filter| ListTag::of(("orders", filter)));
        assert!(tags.iter().enumerate().all(|(place, tag)| !tags[..place].contains(tag)));
    }
}
