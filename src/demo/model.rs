//! Who and what is in the demo market.

mod crowd;
mod reviews;
mod translations;

pub use self::{
    crowd::{BASKETS, CROWD},
    reviews::{REVIEWS, WISH_LIST},
    translations::{GERMAN, GERMAN_CATEGORIES, GERMAN_PRODUCTS, GermanOption, GermanProduct},
};

use serde::Deserialize;

use crate::{
    kernel::{
        money::{CurrencyCode, Decimal, Money},
        text,
    },
    shops::model::ShopRole,
    users::model::Role,
};

/// Whose market a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum People {
    Nobody,
    /// Among them are those of the demo market.
    Demo,
    Others,
}

/// What became of a wish for a demo market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    Now,
    /// It was there before; nothing has changed.
    Before,
}

/// The password of everybody in the demo market.
pub const PASSWORD: &str = "demo-market-2026";

/// [`PASSWORD`], hashed beforehand so that a start does not wait for it.
pub const PASSWORD_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$dGhlIGRlbW8gbWFya2V0Lg$P6mm/xmtXjWpR7xDsIL3NJxbXzs53FSVSEhRDjOgWEE";

/// Somebody in the demo market. Their address is `name@demo.example`.
pub struct DemoPerson {
    pub name: &'static str,
    pub display_name: &'static str,
    pub role: Role,
    /// The shops that they work for, by handle; as the first owner where they opened it.
    pub works_for: &'static [(&'static str, ShopRole)],
}

impl DemoPerson {
    pub fn email(&self) -> String {
        format!("{}@demo.example", self.name)
    }
}

const fn person(
    name: &'static str,
    display_name: &'static str,
    works_for: &'static [(&'static str, ShopRole)],
) -> DemoPerson {
    DemoPerson { name, display_name, role: Role::Member, works_for }
}

/// The sign-ins to begin with: somebody who buys, and somebody who sells.
pub const SHOPPER: &str = "ada@demo.example";
pub const SHOPKEEPER: &str = "grace@demo.example";

/// Everybody but the crowd. Owners stand before the other members of their shops.
pub static PEOPLE: [DemoPerson; 12] = [
    person("ada", "Ada Whitfield", &[]),
    person("grace", "Grace Okafor", &[(HEARTS, ShopRole::Owner)]),
    person("tomas", "Tomas Lind", &[(TRAY, ShopRole::Owner)]),
    person("nora", "Nora Berg", &[(LIGHTS, ShopRole::Owner)]),
    person("marta", "Marta Ruiz", &[(HEARTS, ShopRole::Manager)]),
    person("felix", "Felix Brandt", &[(HEARTS, ShopRole::Fulfillment)]),
    person("sam", "Sam Patel", &[(HEARTS, ShopRole::Support), (TRAY, ShopRole::Support)]),
    person("ines", "Inês Costa", &[(TRAY, ShopRole::Fulfillment)]),
    person("jonas", "Jonas Vik", &[(LIGHTS, ShopRole::Manager)]),
    person("ben", "Ben Carter", &[]),
    person("chloe", "Chloé Martin", &[]),
    DemoPerson { name: "olive", display_name: "Olive Stone", role: Role::Admin, works_for: &[] },
];

/// The handle of the shop in which there is most to do.
pub const HEARTS: &str = "hearts-and-hooks";
const TRAY: &str = "the-tin-tray";
pub const LIGHTS: &str = "northern-lights";

/// A shop of the demo market.
pub struct DemoShop {
    pub handle: &'static str,
    pub name: &'static str,
    pub description: &'static str,
}

pub static SHOPS: [DemoShop; 3] = [
    DemoShop {
        handle: HEARTS,
        name: "Hearts & Hooks",
        description: "Signs, bags, paper and small things that make a house a home.",
    },
    DemoShop {
        handle: TRAY,
        name: "The Tin Tray",
        description: "For the kitchen, the table, and the children under the table.",
    },
    DemoShop {
        handle: LIGHTS,
        name: "Northern Lights",
        description: "Candles, hand warmers and everything for Christmas, from the dark end of the year.",
    },
];

/// An order of the demo market.
pub struct DemoOrder {
    pub buyer: &'static str,
    /// SKUs and pieces.
    pub lines: &'static [(&'static str, i32)],
    pub is_paid: IsPaid,
}

/// Whether the buyer has paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsPaid {
    Yes,
    No,
}

/// All orders, oldest first, one a few days after the other.
pub static ORDERS: [DemoOrder; 6] = [
    DemoOrder { buyer: "chloe", lines: &[("22834", 4), ("22111", 1), ("21175", 1)], is_paid: IsPaid::Yes },
    DemoOrder { buyer: "ada", lines: &[("85123A", 6), ("21730", 2)], is_paid: IsPaid::Yes },
    DemoOrder { buyer: "ben", lines: &[("22423", 1), ("22699", 2), ("22697", 2)], is_paid: IsPaid::Yes },
    DemoOrder { buyer: "ada", lines: &[("22726", 1), ("22469", 3), ("22960", 1)], is_paid: IsPaid::Yes },
    DemoOrder { buyer: "ben", lines: &[("22086", 2), ("22910", 2)], is_paid: IsPaid::No },
    DemoOrder { buyer: "ada", lines: &[("85099B", 2), ("20725", 1), ("22197", 4)], is_paid: IsPaid::No },
];

/// What something costs in the demo market in the end.
pub struct DemoPrice {
    /// Who sets it: the owner of its shop.
    pub person: &'static str,
    pub sku: &'static str,
    pub pounds: &'static str,
    /// What the shop compares these with.
    pub compare_at_pounds: &'static str,
    pub euros: &'static str,
    pub compare_at_euros: Option<&'static str>,
}

/// Some goods have prices in euros, too. The first two cost less than before; the others are compared with the maker's price.
pub static PRICES: [DemoPrice; 4] = [
    price("nora", "79321", ("3.95", "4.95"), ("4.75", Some("5.95"))),
    price("nora", "71053", ("2.75", "3.39"), ("3.25", None)),
    price("tomas", "21843", ("10.95", "12.95"), ("12.95", Some("15.50"))),
    price("grace", "20685", ("7.95", "8.50"), ("9.50", None)),
];

const fn price(
    person: &'static str,
    sku: &'static str,
    (pounds, compare_at_pounds): (&'static str, &'static str),
    (euros, compare_at_euros): (&'static str, Option<&'static str>),
) -> DemoPrice {
    DemoPrice { person, sku, pounds, compare_at_pounds, euros, compare_at_euros }
}

/// Tax classes, beside taxing as usual.
pub const TAX_CLASSES: [&str; 2] = ["Reduced", "Zero"];

/// A conversation of a person and a shop, begun about a product.
pub struct DemoTalk {
    pub person: &'static str,
    /// The SKU of what it is about.
    pub about: &'static str,
    /// Who says what; the person begins.
    pub texts: &'static [(&'static str, &'static str)],
}

pub static TALKS: [DemoTalk; 3] = [
    DemoTalk {
        person: "ada",
        about: "85123A",
        texts: &[
            ("ada", "Hello! Are the hanging hearts open at the top, so that a tall candle fits?"),
            ("nora", "Hello Ada, they are: the glass is 7 cm wide and the heart leaves 10 cm above it."),
            ("ada", "Perfect, thank you. I will take two more, then."),
            ("nora", "You are welcome! They go out in bubble wrap, all the way to York."),
        ],
    },
    DemoTalk {
        person: "ben",
        about: "22423",
        texts: &[
            ("ben", "Does the cakestand come apart for washing?"),
            ("sam", "It does: three plates on one rod, and the rod unscrews."),
        ],
    },
    DemoTalk {
        person: "chloe",
        about: "22726",
        texts: &[("chloe", "Is the green of the alarm clock more of a mint or more of a racing green?")],
    },
];

/// What the shops sell, a row a variant; `assets/demo/README.md` says where it comes from.
const GOODS: &str = include_str!("../../assets/demo/products.csv");

/// A variant, with what it says of its product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Goods {
    /// The handle of its shop.
    pub shop: String,
    /// The name of its category.
    pub category: String,
    pub title: String,
    /// Empty for the only variant of a product.
    pub variant: String,
    pub sku: String,
    price: String,
    pub stock: i32,
    /// How many pieces were sold elsewhere.
    pub sold: i64,
}

impl Goods {
    /// The price; none if the file is damaged.
    pub fn price(&self) -> Option<Money> {
        Money::from_decimal(self.price.parse::<Decimal>().ok()?, CurrencyCode::GBP).ok()
    }

    /// Whether both are variants of one product.
    pub fn is_sibling(&self, other: &Self) -> bool {
        self.shop == other.shop && self.title == other.title
    }
}

/// The tree of categories: what is at the top, and what is right below it.
pub static CATEGORIES: [(&str, &[&str]); 4] = [
    ("Home and Living", &["Candles and Lights", "Home and Decoration", "Keeping Warm", "Signs and Doormats"]),
    ("Kitchen and Table", &["Baking and Kitchen", "Tableware"]),
    ("Play and Write", &["Bags and Umbrellas", "Stationery and Cards", "Toys and Games"]),
    ("Christmas", &[]),
];

/// What the titles say that goods are made of, and by which words.
pub static MATERIALS: [(&str, &[&str]); 8] = [
    ("Felt", &["felt", "feltcraft"]),
    ("Glass", &["glass"]),
    ("Metal", &["metal"]),
    ("Paper", &["paper"]),
    ("Slate", &["slate"]),
    ("Tin", &["tin", "tins"]),
    ("Wicker", &["wicker"]),
    ("Wood", &["wood", "wooden"]),
];

/// What the titles say that goods show, and by which words.
pub static MOTIFS: [(&str, &[&str]); 10] = [
    ("Babushka", &["babushka"]),
    ("Bird", &["bird", "birds"]),
    ("Fairy", &["fairy"]),
    ("Heart", &["heart", "hearts"]),
    ("Owl", &["owl", "owls"]),
    ("Retrospot", &["retrospot"]),
    ("Skull", &["skull", "skulls"]),
    ("Spaceboy", &["spaceboy"]),
    ("Star", &["star", "stars"]),
    ("Strawberry", &["strawberry"]),
];

/// The first of these that a title names.
pub fn named_by(title: &str, names: &[(&'static str, &[&str])]) -> Option<&'static str> {
    let words: Vec<String> = text::words(title).collect();
    let is_named = |word: &&str| words.iter().any(|known| known == word);
    names.iter().find(|(_, words)| words.iter().any(is_named)).map(|(name, _)| *name)
}

/// How many pieces there are in a set or a pack, if the title says so.
pub fn pieces(title: &str) -> Option<i64> {
    let words: Vec<String> = text::words(title).collect();
    words.windows(3).find_map(|words| match words {
        [set, of, count] if of == "of" && (set == "set" || set == "pack") => count.parse().ok(),
        _ => None,
    })
}

/// What the variants differ in that are called so.
pub fn option_of(variants: &[&str]) -> &'static str {
    const SIZES: [&str; 3] = ["Small", "Medium", "Large"];
    const COLOURS: [&str; 13] = [
        "Black",
        "Blue",
        "Chocolate",
        "Green",
        "Grey",
        "Ivory",
        "Natural",
        "Orange",
        "Pink",
        "Purple",
        "Red",
        "White",
        "Yellow",
    ];
    let all_of = |names: &[&str]| variants.iter().all(|variant| names.contains(variant));
    if all_of(&SIZES) {
        "Size"
    } else if all_of(&COLOURS) {
        "Colour"
    } else {
        "Design"
    }
}

/// All goods, variants of one product one after the other.
///
/// # Errors
/// If the file that was built in is damaged.
pub fn goods() -> Result<Vec<Goods>, String> {
    let rows = csv::Reader::from_reader(GOODS.as_bytes()).into_deserialize();
    rows.collect::<Result<_, _>>().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::platform::crypto::{PasswordCost, PasswordHasher};

    #[test]
    fn goods_are_complete_and_everything_names_what_is_there() {
        let goods = goods().unwrap();
        let skus: BTreeSet<&str> = goods.iter().map(|goods| goods.sku.as_str()).collect();
        assert_eq!((goods.len(), skus.len()), (350, 350));
        assert_eq!(goods.chunk_by(Goods::is_sibling).count(), 300);
        for row in &goods {
            assert!(SHOPS.iter().any(|shop| shop.handle == row.shop), "{row:?}");
            assert!(row.price().is_some_and(|price| price.minor > 0) && row.stock > 0 && row.sold > 0, "{row:?}");
            assert!(!row.title.is_empty() && row.title.trim() == row.title, "{row:?}");
        }
        let named = ORDERS.iter().map(|order| order.lines).chain(BASKETS).flatten().map(|(sku, _)| *sku);
        let talked = TALKS.iter().map(|talk| talk.about).chain(REVIEWS.iter().map(|review| review.about));
        let wished = WISH_LIST.wishes.iter().map(|(sku, _)| *sku).chain(PRICES.iter().map(|price| price.sku));
        for sku in named.chain(talked).chain(wished) {
            assert!(skus.contains(sku), "{sku}");
        }
        for row in &goods {
            let below = CATEGORIES.iter().flat_map(|(top, below)| below.iter().chain([top]));
            assert!(below.into_iter().any(|name| *name == row.category), "{row:?}");
        }
        let holders = goods.chunk_by(Goods::is_sibling).filter(|rows| rows[0].title.contains("T-Light Holder")).count();
        assert!(holders >= 5, "{holders}");
    }

    #[test]
    fn titles_say_what_goods_are() {
        assert_eq!(named_by("Wooden Heart Christmas Scandinavian", &MATERIALS), Some("Wood"));
        assert_eq!(named_by("White Hanging Heart T-Light Holder", &MOTIFS), Some("Heart"));
        assert_eq!(named_by("Regency Cakestand 3 Tier", &MATERIALS), None);
        assert_eq!(
            (pieces("Set of 6 Spice Tins"), pieces("Pack of 12 Tissues"), pieces("Set Square")),
            (Some(6), Some(12), None)
        );
        assert_eq!(
            (option_of(&["Small", "Large"]), option_of(&["Red", "Pink"]), option_of(&["Red", "Owl"])),
            ("Size", "Colour", "Design")
        );
    }

    #[test]
    fn those_who_sign_in_are_among_the_people() {
        for email in [SHOPPER, SHOPKEEPER] {
            assert!(PEOPLE.iter().any(|person| person.email() == email), "{email}");
        }
    }

    #[tokio::test]
    async fn the_hash_is_that_of_the_password_at_the_cost_of_production() {
        let hasher = PasswordHasher::new(PasswordCost::PRODUCTION, 1).unwrap();
        assert_eq!(hasher.hash(PASSWORD.into(), *b"the demo market.").await.unwrap(), PASSWORD_HASH);
    }
}
