//! What goes with a product, and with what is in a cart, and what somebody is shown first.

use agora::products::model::Product;
use serde_json::json;

use super::{Class, Known, Operation, Plans, Request};
use crate::{
    carts::Carts,
    market::{Kind, LINES_PER_ORDER, ORDER_STEP, ORDERS_PER_BUYER, PERSONS, Size},
};

const FIELDS: &str = "product { id slug title priceRange { min { amount currency } max { amount currency } } createdAt } \
                      reason { kind text }";

/// Beside a product of which all is known that can be: what goes with the same things, for somebody who is signed in.
pub fn related(size: Size) -> Operation {
    Operation {
        name: "Related",
        title: "what goes with a product, 10",
        class: Class::Page,
        plans: Plans::Generic,
        carts: None,
        document: format!(
            "query Related($id: ID!) {{ product(by: {{id: $id}}) {{ id related(intent: SIMILAR, first: 10) {{ {FIELDS} }} }} }}"
        ),
        draws: vec![("p", 0, size.learned - 1), ("b", 0, PERSONS - 1)],
        request: Box::new(|drawn| Request {
            person: Some(drawn[1]),
            variables: json!({"id": Kind::Product.id::<Product>(drawn[0])}),
        }),
        known: Box::new(|drawn| {
            vec![Known::id(Kind::Product, drawn[0], "product", ":p"), Known::id(Kind::Person, drawn[1], "viewer", ":b")]
        }),
    }
}

/// Beside a cart with several such things in it.
pub fn beside_cart(size: Size) -> Operation {
    Operation {
        name: "BesideCart",
        title: "what goes with a cart, 10",
        class: Class::Page,
        plans: Plans::Generic,
        carts: Some(Carts::Several),
        document: format!(
            "query BesideCart {{ viewer {{ cart {{ id recommendations(first: 10) {{ {FIELDS} }} }} }} }}"
        ),
        draws: vec![("b", 0, size.carts - 1)],
        request: Box::new(|drawn| Request { person: Some(drawn[0]), variables: json!({}) }),
        known: Box::new(|drawn| {
            vec![Known::id(Kind::Person, drawn[0], "viewer", ":b"), Known::id(Kind::Cart, drawn[0], "cart", ":b")]
        }),
    }
}

/// The home feed of somebody who has ordered thirty things, and has several in the cart of which it is known what goes with them.
pub fn home(size: Size) -> Operation {
    let carts = Carts::Several;
    Operation {
        name: "Home",
        title: "home feed, 10 of each section",
        class: Class::Page,
        plans: Plans::Generic,
        carts: Some(carts),
        document: format!(
            "query Home {{ viewer {{ home {{ kind title reason {{ kind text }} recommendations(first: 10) {{ \
             nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }} }} }}"
        ),
        draws: vec![("b", 0, size.carts - 1)],
        request: Box::new(|drawn| Request { person: Some(drawn[0]), variables: json!({}) }),
        known: Box::new(move |drawn| {
            let mut known = vec![Known::id(Kind::Person, drawn[0], "viewer", ":b")];
            for line in 0..carts.lines() {
                let written = format!("({} + {line})", carts.product_of(&size, ":b"));
                let product = carts.product(&size, drawn[0]) + line;
                known.push(Known::id(Kind::Product, product, format!("inside{line}"), &written));
            }
            for number in 0..ORDERS_PER_BUYER {
                let order = drawn[0] + number * size.buyers;
                let first = size.first_product(&format!("(:b + {})", number * size.buyers));
                for line in 0..LINES_PER_ORDER {
                    let product = (LINES_PER_ORDER * order + ORDER_STEP * number + line) % size.products;
                    let written = format!("(({first} + {line}) % {})", size.products);
                    known.push(Known::id(Kind::Product, product, format!("ordered{number}_{line}"), &written));
                }
            }
            known
        }),
    }
}
