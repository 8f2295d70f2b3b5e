//! What recommendations are worth: things of later baskets are hidden, and looked for among what is recommended for the rest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    hash::Hash,
};

use super::{
    association::{Basket, real},
    trained::{Method, Trained},
};

/// Things of one basket that are hidden, one at a time.
const HIDDEN: usize = 5;
/// Baskets that are looked at.
const TRIED: usize = 2_000;

/// How good recommendations are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// How often what was hidden is among what is recommended.
    pub recall: f64,
    /// One by the place at which it is, in the mean; nothing where it is not.
    pub mrr: f64,
    /// The share of all products that is recommended to anybody.
    pub coverage: f64,
    /// How many bits it tells that somebody has ordered what is recommended, in the mean: the more, the less it is what everybody has.
    pub novelty: f64,
}

/// How good each method is, on the same baskets.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// How many are recommended.
    pub at: usize,
    /// Baskets that were learned from, and products in them.
    pub learned: usize,
    pub products: usize,
    /// Later baskets that were looked at, and how often something was hidden.
    pub tried: usize,
    pub hidden: usize,
    pub measures: Vec<(Method, Measures)>,
}

impl Evaluation {
    /// Learns from the first `share` of baskets, which are in the order of time, and tries what was learned on the others. None if there are too few.
    pub fn of<P: Copy + Ord, T: Copy + Ord + Hash>(baskets: &[Basket<P, T>], share: f64, at: usize) -> Option<Self> {
        let limit = share * real(i64::try_from(baskets.len()).ok()?);
        let learned = baskets.iter().zip(1..).take_while(|(_, number)| real(*number) <= limit).count();
        let (past, future) = baskets.split_at_checked(learned)?;
        let future: Vec<&Basket<P, T>> = future.iter().filter(|basket| basket.products.len() > 1).collect();
        // Evenly through time, where there are many.
        let tried: Vec<&[T]> =
            future.iter().step_by(future.len().div_ceil(TRIED).max(1)).map(|basket| &*basket.products).collect();
        if past.is_empty() || tried.is_empty() {
            return None;
        }
        let trained = Trained::of(past);
        let measures = Method::ALL.map(|method| (method, measure(&trained, method, past.len(), &tried, at)));
        Some(Self {
            at,
            learned,
            products: trained.popular().len(),
            tried: tried.len(),
            hidden: tried.iter().map(|products| hidden(products).count()).sum(),
            measures: measures.to_vec(),
        })
    }
}

/// The places that are hidden: all of a small basket, else some of them, evenly.
fn hidden<T>(products: &[T]) -> impl Iterator<Item = usize> {
    let (all, some) = (products.len(), products.len().min(HIDDEN));
    (0..some).map(move |number| (2 * number + 1) * all / (2 * some))
}

fn measure<T: Copy + Ord + Hash>(
    trained: &Trained<T>,
    method: Method,
    baskets: usize,
    tried: &[&[T]],
    at: usize,
) -> Measures {
    let bits: BTreeMap<T, f64> =
        trained.popular().iter().map(|(product, orders)| (*product, (count(baskets) / real(*orders)).log2())).collect();
    let (mut trials, mut found, mut reciprocal) = (0, 0, 0.0);
    let (mut recommended, mut novelty, mut seen) = (0, 0.0, BTreeSet::new());
    for products in tried {
        for place in hidden(products) {
            let Some(wanted) = products.get(place) else { continue };
            let rest: Vec<T> = products.iter().copied().filter(|product| product != wanted).collect();
            let list = trained.recommended(method, &rest, at);
            trials += 1;
            if let Some((_, rank)) = list.iter().zip(1_u32..).find(|(product, _)| *product == wanted) {
                found += 1;
                reciprocal += 1.0 / f64::from(rank);
            }
            recommended += list.len();
            novelty += list.iter().filter_map(|product| bits.get(product)).sum::<f64>();
            seen.extend(list);
        }
    }
    let share = |part: f64, whole: usize| if whole == 0 { 0.0 } else { part / count(whole) };
    Measures {
        recall: share(count(found), trials),
        mrr: share(reciprocal, trials),
        coverage: share(count(seen.len()), trained.popular().len()),
        novelty: share(novelty, recommended),
    }
}

fn count(number: usize) -> f64 {
    real(i64::try_from(number).unwrap_or(i64::MAX))
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, learned, products, tried, hidden, measures } = self;
        writeln!(
            f,
            "learned from {learned} orders with {products} products; {hidden} things hidden in {tried} later ones"
        )?;
        let (recall, mrr) = (format!("recall@{at}"), format!("MRR@{at}"));
        writeln!(f, "{:<12}{recall:>12}{mrr:>12}{:>12}{:>12}", "", "coverage", "novelty")?;
        for (method, Measures { recall, mrr, coverage, novelty }) in measures {
            writeln!(f, "{:<12}{recall:>12.3}{mrr:>12.3}{coverage:>12.3}{novelty:>12.3}", method.name())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baskets(products: &[&[u32]]) -> Vec<Basket<u32, u32>> {
        let basket = |(products, person): (&&[u32], u32)| Basket { person: Some(person), products: products.to_vec() };
        products.iter().zip(0..).map(basket).collect()
    }

    #[test]
    fn what_is_hidden_is_spread_over_the_basket() {
        let places = |length: usize| hidden(&vec![0; length]).collect::<Vec<_>>();
        assert_eq!((places(1), places(3), places(5)), (vec![0], vec![0, 1, 2], vec![0, 1, 2, 3, 4]));
        assert_eq!((places(6), places(10)), (vec![0, 1, 3, 4, 5], vec![1, 3, 5, 7, 9]));
        assert!(places(37).iter().all(|place| *place < 37));
    }

    #[test]
    fn figures_are_what_they_say() {
        let pairs: [&[u32]; 10] =
            [&[1, 2], &[3, 4], &[1, 2], &[3, 4], &[1, 2], &[3, 4], &[1, 2], &[3, 4], &[1, 2], &[3, 4]];
        let mut all = baskets(&pairs);
        all.extend(baskets(&[&[3, 4], &[3], &[3, 5]]));
        // 10 of 13 are learned.
        let evaluation = Evaluation::of(&all, 0.8, 1).unwrap();
        assert_eq!((evaluation.learned, evaluation.products, evaluation.tried, evaluation.hidden), (10, 4, 2, 4));
        let of = |method| evaluation.measures.iter().find(|(other, _)| *other == method).unwrap().1;
        // Of 3 and 4 each is found by the other. With 3 nothing but 4 goes, and nobody knows 5.
        let model = of(Method::Model);
        assert!((model.recall - 0.5).abs() < 1e-9 && (model.mrr - 0.5).abs() < 1e-9, "{model:?}");
        assert!((model.novelty - 1.0).abs() < 1e-9, "{model:?}");
        assert!(of(Method::Popularity).recall.abs() < 1e-9);
        assert!(evaluation.to_string().contains("recall@1"));
    }

    #[test]
    fn too_few_are_too_few() {
        assert_eq!(Evaluation::of(&baskets(&[]), 0.8, 20), None);
        assert_eq!(Evaluation::of(&baskets(&[&[1, 2]]), 0.8, 20), None);
        assert_eq!(Evaluation::of(&baskets(&[&[1, 2], &[1], &[2]]), 0.5, 20), None);
    }
}
