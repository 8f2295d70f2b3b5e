//! Who buys a lot in the demo market, and what: enough people for something to be learned of them.

use super::{DemoPerson, person};

/// Shoppers of whom nothing else is told. They sign in as the others do.
pub static CROWD: [DemoPerson; 6] = [
    person("amara", "Amara Obi", &[]),
    person("dev", "Dev Rao", &[]),
    person("elsa", "Elsa Holm", &[]),
    person("luca", "Luca Ferri", &[]),
    person("mina", "Mina Sato", &[]),
    person("piotr", "Piotr Nowak", &[]),
];

/// What each of them orders: SKUs and pieces, an order each. The first goes with what the shopper has, the second with what she has
/// from another shop, and the last with nothing that she has. Nothing is of the shop whose desk the examples look at.
pub static BASKETS: [&[(&str, i32)]; 3] = [
    &[("85123A", 2), ("84970S", 4), ("22178", 2), ("22791", 3), ("71477", 1), ("22423", 1)],
    &[("22960", 1), ("22961", 1), ("22962", 6), ("22969", 2), ("22666", 1), ("22720", 1)],
    &[("22834", 2), ("22111", 1), ("22112", 1), ("22629", 1), ("84029E", 1), ("70006", 2)],
];
