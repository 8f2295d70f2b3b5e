//! Learning from orders little by little, each exactly once, and forgetting them again.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use crate::{
    kernel::{error::Failure, id::Id},
    orders::{
        self,
        model::{Chosen, Order},
    },
    platform::{app::App, caller::Caller, db::Tx},
    products::model::Product,
    recommendations::{
        model::{Basket, Counts, level, nearest, pairs_at_most},
        queries::{self, Learned, Way},
    },
    users::model::User,
};

/// Under this name what is learned changes: two that move the same counts, and see one person's baskets without each other's, would count wrong.
const TURN: &str = "recommendations";
/// Orders of one transaction.
const ORDERS: i64 = 100;
/// Pairs of one transaction. One order may have a few more.
const PAIRS: usize = 5_000;
/// Products of one transaction whose neighbours are found anew.
const PRODUCTS: i64 = 20;
/// Turns of one run, and for how long it begins another one: a job that takes a minute is given up.
const TURNS: u32 = 100;
const LONGEST: Duration = Duration::from_secs(30);

/// Brings what is recommended in line with the orders. What is left of very many is for the next time.
///
/// # Errors
/// If the database fails; what was learned before stays learned.
pub async fn learn(app: &App, caller: &Caller) -> Result<(), Failure> {
    let begun = Instant::now();
    // In turns, so that neighbours are found also while there is more to learn than one run does.
    for _ in 0..TURNS {
        let learned = app.db.write(caller, learn_some).await?;
        let renewed = app.db.write(caller, refresh_some).await?;
        if (learned == 0 && renewed == 0) || begun.elapsed() > LONGEST {
            break;
        }
    }
    Ok(())
}

/// Forgets who somebody was who ordered: what they ordered together is a stranger's from now on.
///
/// # Errors
/// If the database fails; it is done again then.
pub async fn forget(app: &App, caller: &Caller, person: Id<User>) -> Result<(), Failure> {
    app.db.write_in_batches(caller, move |tx: &mut Tx<'_>| forget_some(tx, person)).await
}

/// A step: learns from some orders, or forgets them. Returns how many.
fn learn_some(tx: &mut Tx<'_>) -> Result<usize, Failure> {
    tx.lock_name(TURN)?;
    let mut room = PAIRS;
    let fits = |order: &Chosen| {
        let fits = room > 0;
        room = room.saturating_sub(pairs_at_most(order.products.len()));
        fits
    };
    let orders: Vec<Chosen> = orders::service::lock_unlearned(tx, ORDERS)?.into_iter().take_while(fits).collect();
    if orders.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Id<Order>> = orders.iter().map(|order| order.order).collect();
    // What somebody has claimed, or added to, is learned already, as it was.
    let before = queries::baskets(tx.conn(), &ids)?;
    take(tx, &ids, &before)?;
    let agreed = orders.into_iter().filter(|order| order.is_agreed);
    let after: Vec<(Id<Order>, Learned)> = agreed
        .map(|order| (order.order, Basket::new(order.buyer, order.products)))
        .filter(|(_, basket)| !basket.products.is_empty())
        .collect();
    add(tx, &ids, &after)?;
    orders::service::note_learned(tx, &ids)?;
    Ok(ids.len())
}

/// A step: has some of somebody's baskets be a stranger's. Returns how many.
fn forget_some(tx: &mut Tx<'_>, person: Id<User>) -> Result<usize, Failure> {
    tx.lock_name(TURN)?;
    let own = queries::baskets_of(tx.conn(), person, ORDERS)?;
    let ids: Vec<Id<Order>> = own.iter().map(|(order, _)| *order).collect();
    take(tx, &ids, &own)?;
    let strangers: Vec<(Id<Order>, Learned)> =
        own.into_iter().map(|(order, basket)| (order, Basket { person: None, ..basket })).collect();
    add(tx, &ids, &strangers)?;
    Ok(ids.len())
}

fn take(tx: &mut Tx<'_>, ids: &[Id<Order>], baskets: &[(Id<Order>, Learned)]) -> Result<(), Failure> {
    queries::delete_baskets(tx, ids)?;
    count(tx, Way::Down, ids, baskets)
}

fn add(tx: &mut Tx<'_>, ids: &[Id<Order>], baskets: &[(Id<Order>, Learned)]) -> Result<(), Failure> {
    queries::insert_baskets(tx, baskets)?;
    count(tx, Way::Up, ids, baskets)
}

/// A step: moves the counts by what the baskets of some orders come to.
fn count(tx: &mut Tx<'_>, way: Way, ids: &[Id<Order>], baskets: &[(Id<Order>, Learned)]) -> Result<(), Failure> {
    if baskets.is_empty() {
        return Ok(());
    }
    let baskets = || baskets.iter().map(|(_, basket)| basket);
    let people: BTreeSet<Id<User>> = baskets().filter_map(|basket| basket.person).collect();
    let people: Vec<Id<User>> = people.into_iter().collect();
    let touched: BTreeSet<Id<Product>> = baskets().flat_map(|basket| basket.products.iter().copied()).collect();
    let touched: Vec<Id<Product>> = touched.into_iter().collect();
    let others = queries::other_baskets(tx.conn(), &people, &touched, ids)?;
    let counts = Counts::of(baskets(), &others);
    let masses = queries::move_counts(tx, way, &counts)?;
    let has_made_a_step = |(product, mass): &(Id<Product>, i64)| {
        let moved = counts.products.get(product).map_or(0, |count| count.mass);
        let before = match way {
            Way::Up => mass - moved,
            Way::Down => mass + moved,
        };
        level(before) != level(*mass)
    };
    let moved: Vec<Id<Product>> = masses.into_iter().filter(has_made_a_step).map(|(product, _)| product).collect();
    if moved.is_empty() { Ok(()) } else { queries::set_partners_stale(tx, &moved) }
}

/// A step: finds the neighbours of some products anew. Returns of how many.
fn refresh_some(tx: &mut Tx<'_>) -> Result<usize, Failure> {
    tx.lock_name(TURN)?;
    let stale = queries::stale(tx.conn(), PRODUCTS)?;
    for (product, mass) in &stale {
        let candidates = queries::candidates(tx.conn(), *product)?;
        queries::set_neighbors(tx, *product, &nearest(*mass, candidates))?;
    }
    Ok(stale.len())
}
