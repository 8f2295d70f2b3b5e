//! What the market of the benchmark is made of: how much of everything, and which row has which id.
//!
//! Ids end in ten million plus the number of their row, in decimal digits. So the fill, this program and pgbench's scripts,
//! which know numbers alone, each make them from a number.

use agora::kernel::id::{Entity, Id};
use uuid::Uuid;

/// The number that row 0 ends in: all ids have eight digits.
pub const FIRST: i64 = 10_000_000;
/// People with access tokens, each of whom has orders and takes part in conversations.
pub const PERSONS: i64 = 1_000;
/// Carts that can be ordered in one run at the most.
const MOST_CARTS: i64 = 10_000;
pub const ORDERS_PER_BUYER: i64 = 10;
pub const LINES_PER_ORDER: i64 = 3;
pub const MESSAGES_PER_CONVERSATION: i64 = 50;
/// How far apart are the products of a buyer's orders, so that each order is about others.
pub const ORDER_STEP: i64 = 7_919;
/// The moment at which product 0 was made; the others follow, one a second.
pub const FIRST_PRODUCT_AT: i64 = 1_735_689_600;
/// What product 0 costs, in minor units. Prices rise by one a product and begin again after `PRICES`.
pub const FIRST_PRICE: i64 = 500;
pub const PRICES: i64 = 4_500;
/// Search words are `tone1000` and on. There are as many as it takes for each to find about 1,400 products.
pub const FIRST_WORD: i64 = 1_000;

/// How many rows there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    pub scale: f64,
    pub products: i64,
    pub shops: i64,
    pub people: i64,
    pub buyers: i64,
    pub conversations: i64,
    pub words: i64,
    pub categories: i64,
    /// Products of which it is known what goes with them: the first ones, and of each as much as can be known.
    pub learned: i64,
    /// People who have a cart.
    pub carts: i64,
}

impl Size {
    /// Scale 1 is 100,000 products, 50,000 people, 200,000 orders and 1,000,000 messages.
    pub fn new(scale: f64) -> Self {
        let times = |count: f64| (count * scale).round() as i64;
        // Two products that follow each other are one shop's, so there is an even number of them.
        let products = times(50_000.0) * 2;
        let people = times(50_000.0).max(2 * PERSONS);
        Self {
            scale,
            products,
            shops: times(200.0).max(4),
            people,
            buyers: times(20_000.0).max(PERSONS),
            conversations: times(20_000.0).max(PERSONS),
            words: (products / 1_408).max(1),
            categories: 40,
            learned: (products / 10).max(100).min(products),
            carts: people.min(MOST_CARTS),
        }
    }

    pub const fn orders(&self) -> i64 {
        self.buyers * ORDERS_PER_BUYER
    }

    /// What the first line of an order is about; the others follow. An expression of SQL and of pgbench alike.
    pub fn first_product(&self, order: &str) -> String {
        format!("({LINES_PER_ORDER} * {order} + {ORDER_STEP} * ({order} / {}))", self.buyers)
    }
}

/// Tables whose rows are numbered.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Person = 1,
    Shop,
    Product,
    Variant,
    Location,
    Order,
    Part,
    Line,
    Conversation,
    Message,
    Account,
    Intent,
    Transfer,
    Session,
    Movement,
    Cart,
    Category,
}

impl Kind {
    fn prefix(self) -> String {
        format!("01900000-0000-7000-8{:03}-0000", self as u16)
    }

    /// The id of a row.
    pub fn uuid(self, number: i64) -> Uuid {
        format!("{}{}", self.prefix(), FIRST + number).parse().unwrap_or_default()
    }

    /// The id of a row as the API has it.
    pub fn id<E: Entity>(self, number: i64) -> String {
        Id::<E>::from_uuid(self.uuid(number)).to_string()
    }

    /// The SQL of the id of the row whose number is an SQL expression.
    pub fn sql(self, number: &str) -> String {
        self.sql_of_digits(&format!("({FIRST} + {number})"))
    }

    /// The SQL of the id whose eight digits are an SQL expression.
    pub fn sql_of_digits(self, digits: &str) -> String {
        format!("('{}' || {digits}::text)::uuid", self.prefix())
    }
}

/// What a product costs, in minor units of GBP.
pub const fn price(product: i64) -> i64 {
    FIRST_PRICE + product % PRICES
}
