//! The history of prices: what variants cost is written into it with every change, in the transaction that makes it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    platform::{clock::Time, db::Tx},
    products::{
        model::{
            Product, ProductStatus, Variant,
            prices::{NewPrices, Past, Price, ProductPrice, RECENT, VariantPrice, lowest_before},
        },
        queries::prices::{self, NewPriceChange},
    },
    users::model::User,
};

/// Rows of one statement.
const ROWS: usize = 1_000;

/// What a variant costs, before and after a change, by currency.
struct Costs<'a> {
    variant: &'a Variant,
    before: BTreeMap<CurrencyCode, VariantPrice>,
    after: BTreeMap<CurrencyCode, Price>,
}

impl<'a> Costs<'a> {
    fn of(variant: &'a Variant, before: Vec<VariantPrice>, new: Option<&NewPrices>) -> Self {
        let before: BTreeMap<_, _> = before.into_iter().map(|price| (price.currency, price)).collect();
        let own = before.get(&variant.currency).and_then(|price| price.compare_at_amount);
        let compare_at = new.and_then(|new| new.compare_at).unwrap_or(own);
        let mut after: BTreeMap<_, _> = match new.and_then(|new| new.others.as_ref()) {
            Some(others) => others.iter().copied().collect(),
            None => before.iter().map(|(currency, price)| (*currency, price.price())).collect(),
        };
        // Who did not know of it, such as an import, has raised the price above it: there is nothing to compare any more.
        let compare_at = compare_at.filter(|above| *above > variant.price);
        after.insert(variant.currency, Price { amount: variant.price, compare_at });
        Self { variant, before, after }
    }

    /// Whether what it costs in other currencies than its shop's has changed.
    fn has_others_changed(&self) -> bool {
        let is_other = |(currency, _): &(CurrencyCode, Price)| *currency != self.variant.currency;
        let before = self.before.iter().map(|(currency, price)| (*currency, price.price())).filter(is_other);
        !before.eq(self.after.iter().map(|(currency, price)| (*currency, *price)).filter(is_other))
    }

    fn changes(&self, is_for_sale: bool) -> impl Iterator<Item = Change> {
        let currencies: BTreeSet<_> = self.before.keys().chain(self.after.keys()).copied().collect();
        currencies.into_iter().filter_map(move |currency| {
            let before = self.before.get(&currency);
            let after = self.after.get(&currency).copied();
            let is_so =
                before.map(|before| (before.price(), before.is_for_sale)) == after.map(|price| (price, is_for_sale));
            let goes_on = before.filter(|before| {
                before.is_for_sale && is_for_sale && after.is_some_and(|after| after.amount == before.amount)
            });
            // What is new was never for sale before.
            let begins = goes_on.is_none() && is_for_sale && after.is_some() && !self.before.is_empty();
            let lowest = goes_on.and_then(|before| before.lowest_recent_amount);
            let variant = self.variant.id;
            (!is_so).then_some(Change { variant, currency, after, is_for_sale, begins, lowest })
        })
    }
}

/// A price that is another one from now on.
struct Change {
    variant: Id<Variant>,
    currency: CurrencyCode,
    after: Option<Price>,
    is_for_sale: bool,
    /// Whether it comes into force now, and the prices before count for the lowest one.
    begins: bool,
    lowest: Option<i64>,
}

impl Change {
    fn price(&self) -> Option<VariantPrice> {
        let Self { variant: variant_id, currency, is_for_sale, lowest: lowest_recent_amount, .. } = *self;
        let Price { amount, compare_at: compare_at_amount } = self.after?;
        Some(VariantPrice { variant_id, currency, amount, compare_at_amount, lowest_recent_amount, is_for_sale })
    }

    fn entry(&self, actor_id: Option<Id<User>>, created_at: Time) -> NewPriceChange {
        NewPriceChange {
            variant_id: self.variant,
            currency: self.currency,
            amount: self.after.map(|after| after.amount),
            compare_at_amount: self.after.and_then(|after| after.compare_at),
            lowest_recent_amount: self.lowest,
            is_for_sale: self.is_for_sale,
            actor_id,
            created_at,
        }
    }
}

/// Writes what the variants of locked products cost into their history, where it is not there yet: what they cost by their rows
/// in the shop's currency, what is new, and whether they are for sale. One statement where nothing has changed.
pub fn record(
    tx: &mut Tx<'_>,
    products: &[Product],
    variants: &[Variant],
    new: &HashMap<Id<Variant>, NewPrices>,
) -> Result<(), Failure> {
    let ids: Vec<_> = variants.iter().map(|variant| variant.id).collect();
    let mut recorded = HashMap::<_, Vec<VariantPrice>>::new();
    for price in prices::of_variants(tx.conn(), &ids)? {
        recorded.entry(price.variant_id).or_default().push(price);
    }
    let is_active: HashMap<_, _> =
        products.iter().map(|product| (product.card.id, product.card.status == ProductStatus::Active)).collect();
    let is_for_sale = |product: Id<Product>| is_active.get(&product).copied().unwrap_or_default();
    let costs = variants.iter().map(|variant| {
        let before = recorded.remove(&variant.id).unwrap_or_default();
        Costs::of(variant, before, new.get(&variant.id))
    });
    let costs: Vec<Costs<'_>> = costs.collect();
    let mut changes: Vec<Change> =
        costs.iter().flat_map(|costs| costs.changes(is_for_sale(costs.variant.product_id))).collect();
    if changes.is_empty() {
        return Ok(());
    }
    look_back(tx, &mut changes)?;
    write(tx, &changes)?;
    let others: BTreeSet<_> =
        costs.iter().filter(|costs| costs.has_others_changed()).map(|costs| costs.variant.product_id).collect();
    if others.is_empty() {
        return Ok(());
    }
    let others: Vec<_> = others.into_iter().collect();
    let mut ranges = BTreeMap::<_, ProductPrice>::new();
    for Costs { variant, after, .. } in costs.iter().filter(|costs| others.contains(&costs.variant.product_id)) {
        for (currency, Price { amount, .. }) in after.iter().filter(|(currency, _)| **currency != variant.currency) {
            let (product_id, is_active) = (variant.product_id, is_for_sale(variant.product_id));
            let new =
                ProductPrice { product_id, currency: *currency, price_min: *amount, price_max: *amount, is_active };
            let range = ranges.entry((product_id, *currency)).or_insert(new);
            (range.price_min, range.price_max) = (range.price_min.min(*amount), range.price_max.max(*amount));
        }
    }
    prices::set_of_products(tx, &others, &ranges.into_values().collect::<Vec<_>>())
}

/// Looks up the lowest prices before those that come into force now.
fn look_back(tx: &mut Tx<'_>, changes: &mut [Change]) -> Result<(), Failure> {
    let begin = changes.iter().filter(|change| change.begins).map(|change| (change.variant, change.currency));
    let (variants, currencies): (Vec<_>, Vec<_>) = begin.unzip();
    if variants.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let mut all = HashMap::<_, Vec<Past>>::new();
    for (variant, currency, past) in prices::past(tx.conn(), &variants, &currencies, now - RECENT)? {
        all.entry((variant, currency)).or_default().push(past);
    }
    for change in changes.iter_mut().filter(|change| change.begins) {
        let past = all.get(&(change.variant, change.currency));
        change.lowest = past.and_then(|past| lowest_before(past, now));
    }
    Ok(())
}

fn write(tx: &mut Tx<'_>, changes: &[Change]) -> Result<(), Failure> {
    let actor = tx.caller().in_person().map(|person| Id::from_uuid(person.user));
    let now = tx.now();
    for changes in changes.chunks(ROWS) {
        prices::set(tx, &changes.iter().filter_map(Change::price).collect::<Vec<_>>())?;
        let gone = changes.iter().filter(|change| change.after.is_none());
        let (variants, currencies): (Vec<_>, Vec<_>) = gone.map(|gone| (gone.variant, gone.currency)).unzip();
        if !variants.is_empty() {
            prices::delete(tx, &variants, &currencies)?;
        }
        prices::insert_changes(tx, &changes.iter().map(|change| change.entry(actor, now)).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Writes what new variants cost, each since a moment.
pub fn record_new(tx: &mut Tx<'_>, new: &[(VariantPrice, Time)]) -> Result<(), Failure> {
    let actor = tx.caller().in_person().map(|person| Id::from_uuid(person.user));
    for rows in new.chunks(ROWS) {
        prices::set(tx, &rows.iter().map(|(price, _)| price.clone()).collect::<Vec<_>>())?;
        let entry = |(price, since): &(VariantPrice, Time)| NewPriceChange {
            variant_id: price.variant_id,
            currency: price.currency,
            amount: Some(price.amount),
            compare_at_amount: price.compare_at_amount,
            lowest_recent_amount: price.lowest_recent_amount,
            is_for_sale: price.is_for_sale,
            actor_id: actor,
            created_at: *since,
        };
        prices::insert_changes(tx, &rows.iter().map(entry).collect::<Vec<_>>())?;
    }
    Ok(())
}
