//! Carts that are full when a run begins. Each is ordered once, so they are filled anew before every run, outside the time that is
//! measured.

use super::{
    AnyError,
    ground::Ground,
    market::{FIRST_PRICE, Kind, PRICES, Size},
};

/// The version of a cart that was filled just now.
pub const VERSION: i32 = 1;
/// How far apart are the products of buyers that follow each other.
const STEP: i64 = 7_919;

/// Things in a cart that is looked at.
const SEVERAL: i64 = 5;

/// What is in the buyers' carts: one piece of each product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carts {
    /// All have the same one.
    Hot,
    /// Each has another one, all over the market.
    Spread,
    /// Each has several of those of which it is known what goes with them.
    Several,
}

impl Carts {
    /// Products in each.
    pub const fn lines(self) -> i64 {
        match self {
            Self::Hot | Self::Spread => 1,
            Self::Several => SEVERAL,
        }
    }

    /// The first product in a buyer's cart; the others follow.
    pub const fn product(self, size: &Size, buyer: i64) -> i64 {
        match self {
            Self::Hot => 0,
            Self::Spread => buyer * STEP % size.products,
            Self::Several => buyer * STEP % (size.learned - SEVERAL),
        }
    }

    /// The same of the buyer whose number is an expression. It is one of SQL and of pgbench alike.
    pub fn product_of(self, size: &Size, buyer: &str) -> String {
        match self {
            Self::Hot => "0".into(),
            Self::Spread => format!("({buyer} * {STEP} % {})", size.products),
            Self::Several => format!("({buyer} * {STEP} % {})", size.learned - SEVERAL),
        }
    }

    /// Has all carts full.
    pub fn fill(self, ground: &Ground) -> Result<(), AnyError> {
        ground.execute(&self.statements(&ground.size))
    }

    fn statements(self, size: &Size) -> String {
        let (cart, owner) = (Kind::Cart.sql("n"), Kind::Person.sql("n"));
        let product = format!("({} + k)", self.product_of(size, "n"));
        let variant = Kind::Variant.sql(&format!("2 * {product}"));
        let buyers = format!("generate_series(0::bigint, {} - 1) n", size.carts);
        // Carts are locked before their lines, as everywhere.
        format!(
            "TRUNCATE carts, cart_lines;
             INSERT INTO carts (id, owner_id, currency, version, created_at, updated_at, expires_at)
             SELECT {cart}, {owner}, 'GBP', {VERSION}, now(), now(), now() + interval '180 days' FROM {buyers};
             INSERT INTO cart_lines (cart_id, variant_id, ordinal, quantity, unit_price, added_at)
             SELECT {cart}, {variant}, k + 1, 1, {FIRST_PRICE} + {product} % {PRICES}, now()
             FROM {buyers}, generate_series(0, {} - 1) k;
             ANALYZE carts, cart_lines",
            self.lines()
        )
    }
}
