//! Which promotion counts for an order, and what it takes off.

use std::{cmp::Reverse, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use super::{Promotion, PromotionKind, code};
use crate::{
    kernel::{
        id::Id,
        money::{CurrencyCode, Money},
    },
    platform::clock::Time,
    shops::model::Shop,
};

/// What of a shop an order has: minor units in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basket {
    pub shop: Id<Shop>,
    pub subtotal: i64,
    pub shipping: i64,
}

/// What a promotion takes off: of the goods, or of the shipping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Saving {
    pub goods: i64,
    pub shipping: i64,
}

impl Saving {
    pub const fn total(self) -> i64 {
        self.goods.saturating_add(self.shipping)
    }
}

/// Why a code does nothing for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeFault {
    /// None of the order's shops knows it.
    Unknown,
    /// Its time has not come.
    NotYet,
    /// Its time is over.
    Over,
    /// As many orders have it as may.
    UsedUp,
    /// As many orders of this buyer have it as may: of a guest none, for nobody knows how many they have.
    UsedByYou,
    /// The shop's goods in the order cost less than this.
    MinimumNotReached { minimum: Money },
    /// Its amounts are in another currency than the order.
    OtherCurrency,
    /// What applies by itself takes off more, or there is nothing that it could take off.
    Outdone,
}

impl CodeFault {
    /// How near the code came to counting. The nearer, the more there is to be done about it.
    const fn nearness(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Over => 1,
            Self::NotYet => 2,
            Self::OtherCurrency => 3,
            Self::UsedUp => 4,
            Self::UsedByYou => 5,
            Self::MinimumNotReached { .. } => 6,
            Self::Outdone => 7,
        }
    }

    /// What is missed: of two minimums, the lower one is told.
    const fn missed(self) -> i64 {
        match self {
            Self::MinimumNotReached { minimum } => minimum.minor,
            _ => 0,
        }
    }
}

/// A promotion that counts, and what it takes off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub promotion: Promotion,
    pub saving: Saving,
}

/// What counts for an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applying {
    /// Of each shop one at the most.
    pub applied: BTreeMap<Id<Shop>, Applied>,
    /// Why the code that was given counts for no shop; none if it counts, or none was given.
    pub fault: Option<CodeFault>,
}

/// What promotions are held against.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub baskets: &'a [Basket],
    /// As somebody has typed it.
    pub code: Option<&'a str>,
    pub currency: CurrencyCode,
    pub now: Time,
}

impl Promotion {
    /// What it takes off a basket that it applies to.
    pub fn saving(&self, basket: &Basket, currency: CurrencyCode) -> Saving {
        let (goods, shipping) = (basket.subtotal.max(0), basket.shipping.max(0));
        match self.kind {
            PromotionKind::Percentage => {
                let off = self.percentage().unwrap_or_default().of(Money::new(goods, currency));
                Saving { goods: off.minor, shipping: 0 }
            }
            PromotionKind::Amount => Saving { goods: self.amount.unwrap_or_default().clamp(0, goods), shipping: 0 },
            PromotionKind::FreeShipping => Saving { goods: 0, shipping },
        }
    }

    /// Why it does not apply to a basket of its shop, of a buyer so many of whose orders have it.
    pub fn fault(&self, basket: &Basket, uses: i64, currency: CurrencyCode, now: Time) -> Option<CodeFault> {
        if !self.is_active {
            Some(CodeFault::Unknown)
        } else if self.is_over(now) {
            Some(CodeFault::Over)
        } else if now < self.starts_at {
            Some(CodeFault::NotYet)
        } else if self.currency.is_some_and(|own| own != currency) {
            Some(CodeFault::OtherCurrency)
        } else if self.is_used_up() {
            Some(CodeFault::UsedUp)
        } else if self.limit_per_person.is_some_and(|limit| uses >= i64::from(limit)) {
            Some(CodeFault::UsedByYou)
        } else {
            let minimum = self.minimum().filter(|minimum| basket.subtotal < minimum.minor);
            minimum.map(|minimum| CodeFault::MinimumNotReached { minimum })
        }
    }
}

/// For each basket the one promotion that takes off most; of equal ones the one with the code, then the older one. `uses` tells how
/// many of the buyer's orders have a promotion already.
pub fn choose(asked: Asked<'_>, promotions: &[Promotion], uses: &BTreeMap<Id<Promotion>, i64>) -> Applying {
    let Asked { baskets, code: given, currency, now } = asked;
    let wanted = given.and_then(code);
    let has_it = |promotion: &&Promotion| wanted.is_some() && promotion.code == wanted;
    let mut applied = BTreeMap::new();
    let mut faults = Vec::new();
    for basket in baskets {
        let fault = |promotion: &Promotion| {
            let uses = uses.get(&promotion.id).copied().unwrap_or_default();
            promotion.fault(basket, uses, currency, now)
        };
        let mut own = promotions.iter().filter(|promotion| promotion.shop_id == basket.shop);
        let fitting = own
            .clone()
            .filter(|promotion| promotion.code.is_none() || has_it(promotion))
            .filter(|promotion| fault(promotion).is_none())
            .map(|promotion| Applied { saving: promotion.saving(basket, currency), promotion: promotion.clone() })
            .filter(|applied| applied.saving.total() > 0);
        let best = fitting.max_by_key(|Applied { promotion, saving }| {
            (saving.total(), promotion.code.is_some(), Reverse((promotion.created_at, promotion.id)))
        });
        if best.as_ref().is_none_or(|best| best.promotion.code.is_none()) {
            let by_code = own.find(has_it);
            faults.push(by_code.map_or(CodeFault::Unknown, |promotion| fault(promotion).unwrap_or(CodeFault::Outdone)));
        }
        if let Some(best) = best {
            applied.insert(basket.shop, best);
        }
    }
    let counts = applied.values().any(|applied: &Applied| applied.promotion.code.is_some());
    let nearest = faults.into_iter().max_by_key(|fault| (fault.nearness(), Reverse(fault.missed())));
    let fault = given.filter(|_| !counts).map(|_| nearest.unwrap_or(CodeFault::Unknown));
    Applying { applied, fault }
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::kernel::money::tests::any_currency;

    const GBP: CurrencyCode = CurrencyCode::GBP;

    fn shop(number: u128) -> Id<Shop> {
        Id::from_uuid(Uuid::from_u128(number))
    }

    fn now() -> Time {
        Time::UNIX_EPOCH + TimeDelta::days(100)
    }

    /// A tenth off, at the first shop, by itself, always.
    pub fn promotion(number: u128) -> Promotion {
        Promotion {
            id: Id::from_uuid(Uuid::from_u128(number)),
            shop_id: shop(1),
            name: format!("Number {number}"),
            code: None,
            kind: PromotionKind::Percentage,
            rate: Some(1_000),
            amount: None,
            minimum_subtotal: None,
            currency: None,
            starts_at: Time::UNIX_EPOCH,
            ends_at: None,
            limit_total: None,
            limit_per_person: None,
            used: 0,
            is_active: true,
            version: 1,
            created_at: Time::UNIX_EPOCH,
        }
    }

    fn by_code(number: u128, code: &str) -> Promotion {
        Promotion { code: Some(code.into()), ..promotion(number) }
    }

    fn amount(number: u128, minor: i64) -> Promotion {
        let (kind, amount) = (PromotionKind::Amount, Some(minor));
        Promotion { kind, rate: None, amount, currency: Some(GBP), ..promotion(number) }
    }

    fn free_shipping(number: u128) -> Promotion {
        Promotion { kind: PromotionKind::FreeShipping, rate: None, ..promotion(number) }
    }

    const fn basket(shop: Id<Shop>, subtotal: i64, shipping: i64) -> Basket {
        Basket { shop, subtotal, shipping }
    }

    fn apply(baskets: &[Basket], code: Option<&str>, promotions: &[Promotion]) -> Applying {
        choose(Asked { baskets, code, currency: GBP, now: now() }, promotions, &BTreeMap::new())
    }

    /// Which one counts for a basket of ten pounds, with two of shipping; and why the code does not.
    fn chosen(code: Option<&str>, promotions: &[Promotion]) -> (Option<u128>, Option<CodeFault>) {
        let Applying { applied, fault } = apply(&[basket(shop(1), 1_000, 200)], code, promotions);
        (applied.get(&shop(1)).map(|applied| applied.promotion.id.uuid().as_u128()), fault)
    }

    #[test]
    fn the_one_that_takes_off_most_counts_and_they_do_not_add_up() {
        let all = [promotion(1), amount(2, 150), free_shipping(3)];
        let applied = apply(&[basket(shop(1), 1_000, 200), basket(shop(2), 1_000, 200)], None, &all).applied;
        assert_eq!(applied.len(), 1, "another shop's");
        assert_eq!(applied[&shop(1)].saving, Saving { goods: 0, shipping: 200 });
        assert_eq!(chosen(None, &[promotion(1), amount(2, 150)]), (Some(2), None));
        // Where equal, the one with the code, then the older one.
        let coded = Promotion { created_at: now(), ..by_code(3, "SAVE") };
        assert_eq!(chosen(Some("save"), &[promotion(1), promotion(2), coded.clone()]), (Some(3), None));
        assert_eq!(chosen(None, &[promotion(2), promotion(1), coded]), (Some(1), None));
        let younger = Promotion { created_at: now(), ..promotion(1) };
        assert_eq!(chosen(None, &[younger, promotion(2)]), (Some(2), None));
    }

    #[test]
    fn a_code_that_counts_for_nothing_says_why() {
        let with = |change: fn(&mut Promotion)| {
            let mut promotion = by_code(1, "SAVE");
            change(&mut promotion);
            chosen(Some("Save"), &[promotion])
        };
        let minimum = Money::new(1_001, GBP);
        assert_eq!(with(|_| {}), (Some(1), None));
        for (found, fault) in [
            (with(|it| it.code = Some("OTHER".into())), CodeFault::Unknown),
            (with(|it| it.is_active = false), CodeFault::Unknown),
            (with(|it| it.starts_at = now() + TimeDelta::seconds(1)), CodeFault::NotYet),
            (with(|it| it.ends_at = Some(now())), CodeFault::Over),
            (with(|it| (it.limit_total, it.used) = (Some(3), 3)), CodeFault::UsedUp),
            (
                with(|it| (it.minimum_subtotal, it.currency) = (Some(1_001), Some(GBP))),
                CodeFault::MinimumNotReached { minimum },
            ),
            (with(|it| it.currency = "EUR".parse().ok()), CodeFault::OtherCurrency),
        ] {
            assert_eq!(found, (None, Some(fault)));
        }
        assert_eq!(chosen(Some("SAVE"), &[by_code(1, "SAVE"), amount(2, 101)]), (Some(2), Some(CodeFault::Outdone)));
        for nonsense in ["", "x", "ä code"] {
            assert_eq!(chosen(Some(nonsense), &[promotion(1)]), (Some(1), Some(CodeFault::Unknown)));
        }
        let once = [Promotion { limit_per_person: Some(1), ..by_code(1, "SAVE") }];
        let baskets = [basket(shop(1), 1_000, 0)];
        let asked = Asked { baskets: &baskets, code: Some("SAVE"), currency: GBP, now: now() };
        let found = choose(asked, &once, &BTreeMap::from([(once[0].id, 1)]));
        assert_eq!((found.applied.len(), found.fault), (0, Some(CodeFault::UsedByYou)));
    }

    #[test]
    fn the_shop_at_which_a_code_came_nearest_says_why() {
        let at = |number: u128, change: fn(&mut Promotion)| {
            let mut promotion = Promotion { shop_id: shop(number), ..by_code(number, "SAVE") };
            change(&mut promotion);
            promotion
        };
        let baskets = [1, 2, 3].map(|number| basket(shop(number), 100, 0));
        let fault = |promotions: &[Promotion]| apply(&baskets, Some("SAVE"), promotions).fault;
        let dear = |it: &mut Promotion| (it.minimum_subtotal, it.currency) = (Some(500), Some(GBP));
        let dearer = |it: &mut Promotion| (it.minimum_subtotal, it.currency) = (Some(900), Some(GBP));
        let over = |it: &mut Promotion| it.ends_at = Some(now());
        let minimum = Money::new(500, GBP);
        let missed = Some(CodeFault::MinimumNotReached { minimum });
        assert_eq!(fault(&[at(1, dearer), at(2, dear), at(3, over)]), missed);
        assert_eq!(fault(&[at(3, over)]), Some(CodeFault::Over));
        // It counts where it counts.
        assert_eq!(fault(&[at(1, dear), at(2, |_| {})]), None);
        assert_eq!(fault(&[]), Some(CodeFault::Unknown));
        assert_eq!(apply(&[], Some("SAVE"), &[]).fault, Some(CodeFault::Unknown));
    }

    fn any_promotion() -> impl Strategy<Value = Promotion> {
        (1_u128..50, 0_u8..3, 1_i32..=10_000, 1_i64..10_000, prop::option::of(1_i64..5_000), any::<bool>()).prop_map(
            |(number, kind, rate, off, minimum_subtotal, has_code)| {
                let promotion = match kind {
                    0 => Promotion { rate: Some(rate), ..promotion(number) },
                    1 => amount(number, off),
                    _ => free_shipping(number),
                };
                let currency = promotion.currency.or(minimum_subtotal.map(|_| GBP));
                let code = has_code.then(|| "SAVE".to_owned());
                Promotion { code, minimum_subtotal, currency, ..promotion }
            },
        )
    }

    /// The same, with its amounts in another currency.
    fn of(promotion: Promotion, currency: CurrencyCode) -> Promotion {
        Promotion { currency: promotion.currency.map(|_| currency), ..promotion }
    }

    proptest! {
        #[test]
        fn no_more_is_taken_off_than_there_is(
            promotion in any_promotion(), subtotal in 0_i64..1_000_000_000_000, shipping in 0_i64..1_000_000,
            currency in any_currency(),
        ) {
            let promotion = of(promotion, currency);
            let saving = promotion.saving(&basket(shop(1), subtotal, shipping), currency);
            prop_assert!((0..=subtotal).contains(&saving.goods) && (0..=shipping).contains(&saving.shipping));
            prop_assert!(saving.goods == 0 || saving.shipping == 0, "of both");
        }

        #[test]
        fn nothing_that_applies_takes_off_more_than_what_counts(
            all in prop::collection::vec(any_promotion(), 0..8), subtotal in 0_i64..20_000, shipping in 0_i64..2_000,
            code in prop::option::of(Just("save")), currency in any_currency(),
        ) {
            let basket = basket(shop(1), subtotal, shipping);
            let all: Vec<_> = all.into_iter().map(|promotion| of(promotion, currency)).collect();
            let asked = Asked { baskets: &[basket], code, currency, now: now() };
            let Applying { applied, fault } = choose(asked, &all, &BTreeMap::new());
            let best = applied.get(&shop(1)).map_or(0, |applied| applied.saving.total());
            for promotion in all.iter().filter(|promotion| promotion.code.is_none() || code.is_some()) {
                if promotion.fault(&basket, 0, currency, now()).is_none() {
                    prop_assert!(promotion.saving(&basket, currency).total() <= best);
                }
            }
            let counts = applied.values().any(|applied| applied.promotion.code.is_some());
            prop_assert_eq!(fault.is_some(), code.is_some() && !counts);
        }
    }
}
