//! What the demo market is called in German.

use super::{HEARTS, LIGHTS, TRAY};

/// The language.
pub const GERMAN: &str = "de";

/// All categories, by name.
pub static GERMAN_CATEGORIES: [(&str, &str); 12] = [
    ("Home and Living", "Haus und Wohnen"),
    ("Candles and Lights", "Kerzen und Lichter"),
    ("Home and Decoration", "Heim und Dekoration"),
    ("Keeping Warm", "Warm bleiben"),
    ("Signs and Doormats", "Schilder und Fußmatten"),
    ("Kitchen and Table", "Küche und Tisch"),
    ("Baking and Kitchen", "Backen und Kochen"),
    ("Tableware", "Geschirr"),
    ("Play and Write", "Spielen und Schreiben"),
    ("Bags and Umbrellas", "Taschen und Schirme"),
    ("Stationery and Cards", "Papier und Karten"),
    ("Toys and Games", "Spielzeug und Spiele"),
];

/// A product in German.
pub struct GermanProduct {
    /// The handle of its shop.
    pub shop: &'static str,
    pub sku: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    /// What its option and some of its values are called.
    pub option: Option<GermanOption>,
}

/// By what the product calls it.
pub struct GermanOption {
    pub name: (&'static str, &'static str),
    pub values: &'static [(&'static str, &'static str)],
}

/// Some products.
pub static GERMAN_PRODUCTS: [GermanProduct; 6] = [
    GermanProduct {
        shop: LIGHTS,
        sku: "85123A",
        title: "Hängendes Herz für Teelichter",
        description: "Ein Herz aus Metall mit einem Glas, in das auch eine hohe Kerze passt.",
        option: Some(GermanOption { name: ("Colour", "Farbe"), values: &[("White", "Weiß"), ("Red", "Rot")] }),
    },
    GermanProduct {
        shop: LIGHTS,
        sku: "71053",
        title: "Weiße Laterne aus Metall",
        description: "Für Garten und Fensterbrett.",
        option: None,
    },
    GermanProduct {
        shop: LIGHTS,
        sku: "22111",
        title: "Wärmflasche Scottie",
        description: "Mit einem gestrickten Hund darauf.",
        option: None,
    },
    GermanProduct {
        shop: TRAY,
        sku: "22423",
        title: "Etagere Regency mit 3 Etagen",
        description: "Drei Teller auf einer Stange, die sich zum Abwaschen herausschrauben lässt.",
        option: None,
    },
    GermanProduct { shop: TRAY, sku: "22960", title: "Marmeladen-Set mit Gläsern", description: "", option: None },
    GermanProduct {
        shop: HEARTS,
        sku: "22469",
        title: "Herz aus Weide",
        description: "",
        option: Some(GermanOption { name: ("Size", "Größe"), values: &[("Small", "Klein"), ("Large", "Groß")] }),
    },
];
