//! That what an order costs adds up, whatever is ordered where and whatever is taken off.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    kernel::{id::Entity, money::tests::any_currency},
    orders::model::Sums,
    products::model::{ForSale, ProductStatus},
    promotions::model::{Asked, Promotion, PromotionKind, choose as best},
    shipping::model::DeliveryDays,
    taxes::model::Remitter,
};

fn id<E: Entity>(number: u128) -> Id<E> {
    Id::from_uuid(Uuid::from_u128(number))
}

/// What is ordered of a shop.
#[derive(Debug, Clone)]
struct Wanted {
    /// What each piece costs, how many, and a tax class.
    goods: Vec<(i64, i32, u128)>,
    /// What sending it costs; none if the shop says nothing of that.
    postage: Option<i64>,
    /// A kind, a rate and an amount.
    promotion: Option<(PromotionKind, i32, i64)>,
}

fn any_shop() -> impl Strategy<Value = Wanted> {
    let goods = prop::collection::vec((0_i64..10_000_000, 1_i32..1_000, 0_u128..3), 1..6);
    let kinds = vec![PromotionKind::Percentage, PromotionKind::Amount, PromotionKind::FreeShipping];
    let promotion = (prop::sample::select(kinds), 1_i32..=10_000, 1_i64..1_000_000_000);
    (goods, prop::option::of(0_i64..1_000_000), prop::option::of(promotion))
        .prop_map(|(goods, postage, promotion)| Wanted { goods, postage, promotion })
}

fn any_taxes() -> impl Strategy<Value = Option<CountryTaxes>> {
    let rate = || (0_i32..=10_000).prop_map(|points| Rate::from_basis_points(points).unwrap());
    let laid_down = (any::<bool>(), any::<bool>(), rate(), rate(), prop::option::of(rate()));
    prop::option::of(laid_down.prop_map(|(is_included, is_of_market, standard, reduced, shipping)| CountryTaxes {
        country: "AT".parse().unwrap(),
        is_included,
        remitted_by: if is_of_market { Remitter::Market } else { Remitter::Shops },
        name: "VAT".into(),
        standard,
        shipping,
        rates: BTreeMap::from([(id(1), reduced)]),
        version: 1,
    }))
}

fn line(shop: u128, place: usize, goods: (i64, i32, u128), currency: CurrencyCode) -> AgreedLine {
    let (each, quantity, class) = goods;
    let price = Money::new(each, currency);
    let item = ForSale {
        variant: id(1),
        product: id(1),
        shop: id(shop),
        status: ProductStatus::Active,
        holiday: None,
        commission: None,
        sku: String::new(),
        title: String::new(),
        price,
        tax_class: (class > 0).then(|| id(class)),
        weight_grams: None,
    };
    AgreedLine { place, item, quantity, price: price.checked_mul(quantity).unwrap() }
}

fn promotion(shop: u128, (kind, rate, amount): (PromotionKind, i32, i64), currency: CurrencyCode) -> Promotion {
    Promotion {
        id: id(shop),
        shop_id: id(shop),
        name: "Spring".into(),
        code: None,
        kind,
        rate: Some(rate),
        amount: Some(amount),
        minimum_subtotal: None,
        currency: Some(currency),
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

fn offers(postage: Option<i64>) -> Offers {
    let days = DeliveryDays::default();
    let offer = |price| Offer { method: id(1), name: "Post".into(), description: None, price, days };
    postage.map_or(Offers::Unsaid, |price| Offers::Of(vec![offer(price)]))
}

/// As [`reckon`] does it of what is in the database, of shops whose lines come in turns.
fn reckoned(wanted: &[Wanted], taxes: Option<CountryTaxes>, currency: CurrencyCode) -> Costs {
    let mut agreed = Vec::new();
    for turn in 0..5 {
        for (shop, wanted) in (1..).zip(wanted) {
            if let Some(goods) = wanted.goods.get(turn) {
                agreed.push(line(shop, agreed.len(), *goods, currency));
            }
        }
    }
    let of_each = (1..).zip(wanted);
    let promotions: Vec<_> =
        of_each.filter_map(|(shop, wanted)| Some(promotion(shop, wanted.promotion?, currency))).collect();
    let shops = by_shop(agreed);
    let basket = |((shop, lines), wanted): (&(Id<Shop>, Vec<AgreedLine>), &Wanted)| {
        let Parcel { shop, subtotal, .. } = parcel(*shop, lines);
        Basket { shop, subtotal, shipping: wanted.postage.unwrap_or(0) }
    };
    let baskets: Vec<Basket> = shops.iter().zip(wanted).map(basket).collect();
    let asked = Asked { baskets: &baskets, code: None, currency, now: Time::UNIX_EPOCH };
    let Applying { mut applied, fault } = best(asked, &promotions, &BTreeMap::new());
    let part = |((shop, lines), wanted): ((Id<Shop>, Vec<AgreedLine>), &Wanted)| {
        let (promotion, offers) = (applied.remove(&shop), offers(wanted.postage));
        let lines = charge_goods(lines, promotion.as_ref(), currency, taxes.as_ref()).unwrap();
        let chosen = choose(shop, &offers, &[]).unwrap().cloned();
        let delivery = chosen.map(|offer| deliver(offer, promotion.as_ref(), currency, taxes.as_ref()).unwrap());
        PartCosts { shop, lines, offers, delivery, promotion }
    };
    let parts = shops.into_iter().zip(wanted).map(part).collect();
    Costs { currency, parts, taxes, fault }
}

/// A line is its price, less what is taken off, with the tax on that to the nearest unit.
fn check(price: i64, charged: Charged, taxes: Option<&CountryTaxes>) -> Result<(), TestCaseError> {
    let Charged { charge, total } = charged;
    let left = price - charge.discount;
    prop_assert!(charge.discount >= 0 && left >= 0, "{charge:?} of {price}");
    let Some(taxes) = taxes else {
        prop_assert_eq!((total, charge.tax), (left, 0));
        return Ok(());
    };
    prop_assert_eq!(total, if taxes.is_included { left } else { left + charge.tax });
    prop_assert!((0..=total).contains(&charge.tax), "{charge:?} in {total}");
    let points = i128::from(charge.tax_rate);
    let base = if taxes.is_included { 10_000 + points } else { 10_000 };
    let off = i128::from(charge.tax) * base - i128::from(left) * points;
    prop_assert!(off.abs() * 2 <= base, "{charge:?} of {left}");
    Ok(())
}

proptest! {
    #[test]
    fn an_order_is_the_sum_of_its_parts_and_each_part_of_its_lines_and_postage(
        wanted in prop::collection::vec(any_shop(), 1..6), taxes in any_taxes(), currency in any_currency(),
    ) {
        let costs = reckoned(&wanted, taxes.clone(), currency);
        let taxes = taxes.as_ref();
        let is_added = taxes.is_some_and(|taxes| !taxes.is_included);
        prop_assert_eq!(costs.parts.len(), wanted.len());
        let (mut whole, mut withheld) = (Sums::default(), 0);
        for (number, (part, wanted)) in (1..).zip(costs.parts.iter().zip(&wanted)) {
            prop_assert_eq!(part.shop, id::<Shop>(number));
            let (sums, applied) = (part.sums(), part.promotion.as_ref());
            let saving = applied.map(|applied| applied.saving).unwrap_or_default();
            let goods = wanted.goods.iter().map(|&(each, quantity, _)| each * i64::from(quantity)).sum::<i64>();
            prop_assert_eq!((sums.goods, sums.shipping), (goods, wanted.postage.unwrap_or(0)));
            prop_assert_eq!(sums.discount, saving.total());
            let tax = if is_added { sums.tax } else { 0 };
            prop_assert_eq!(sums.total, sums.goods + sums.shipping - sums.discount + tax);
            let off = part.lines.iter().map(|(_, charged)| charged.charge.discount).sum::<i64>();
            prop_assert_eq!(off, saving.goods);
            for (line, charged) in &part.lines {
                check(line.price.minor, *charged, taxes)?;
            }
            prop_assert_eq!(part.delivery.is_some(), wanted.postage.is_some());
            if let Some(Delivery { offer, charged }) = &part.delivery {
                check(offer.price, *charged, taxes)?;
                prop_assert_eq!(charged.charge.discount, saving.shipping);
                let is_free = applied.is_some_and(|applied| applied.promotion.kind == PromotionKind::FreeShipping);
                prop_assert!(!is_free || (charged.total, charged.charge.tax) == (0, 0), "{charged:?}");
            }
            let is_of_market = taxes.is_some_and(|taxes| taxes.remitted_by == Remitter::Market);
            prop_assert_eq!(part.tax_withheld(taxes), if is_of_market { sums.tax } else { 0 });
            withheld += part.tax_withheld(taxes);
            whole = Sums {
                goods: whole.goods + sums.goods,
                shipping: whole.shipping + sums.shipping,
                discount: whole.discount + sums.discount,
                tax: whole.tax + sums.tax,
                total: whole.total + sums.total,
            };
        }
        prop_assert_eq!(costs.sums(), whole);
        prop_assert_eq!(costs.total().unwrap(), Money::new(whole.total, currency));
        prop_assert!(withheld == whole.tax || withheld == 0);
        let written = costs.of_order();
        let found = (written.discount, written.shipping, written.tax, written.tax_is_added);
        prop_assert_eq!(found, (whole.discount, whole.shipping, whole.tax, is_added));
    }
}
