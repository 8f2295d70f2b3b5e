//! The operations that are measured: what a client sends, and which numbers its rows follow from.

mod readings;
mod recommended;

pub use self::readings::{Reading, readings};

use agora::{
    messages::model::Conversation,
    products::model::{Product, Variant},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use super::{
    AnyError,
    carts::{self, Carts},
    market::{
        FIRST_PRODUCT_AT, FIRST_WORD, Kind, LINES_PER_ORDER, MESSAGES_PER_CONVERSATION, ORDER_STEP, ORDERS_PER_BUYER,
        PERSONS, Size, price,
    },
    server::Server,
};

/// What an operation is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Page,
    Row,
    Write,
    /// No statements at all.
    Empty,
}

/// How Postgres is to plan the statements: as in the lane in which the server runs them.
#[derive(Debug, Clone, Copy)]
pub enum Plans {
    Generic,
    Custom,
}

pub struct Operation {
    /// Its name in the document.
    pub name: &'static str,
    pub title: &'static str,
    pub class: Class,
    pub plans: Plans,
    /// What has to be in the buyers' carts before a run, if it orders these: then each buyer comes once in a run.
    pub carts: Option<Carts>,
    document: String,
    /// The numbers that a request is made of, each from one to another, both included.
    pub draws: Vec<(&'static str, i64, i64)>,
    request: FromNumbers<Request>,
    known: FromNumbers<Vec<Known>>,
}

/// What follows from the numbers that were drawn.
type FromNumbers<T> = Box<dyn Fn(&[i64]) -> T>;

/// What differs between requests of one operation. `KEY` in a variable is a text that no other request has.
struct Request {
    person: Option<i64>,
    variables: Value,
}

/// The mark in a request at which each sending puts a text of its own.
pub const KEY: &str = "@@@@@@@@@@@@@@@@@@@@";

/// A value that turns up in a request's statements, and how pgbench makes it of the numbers it drew.
pub struct Known {
    /// As Postgres logs it.
    pub value: String,
    /// pgbench's variable and the integer expression that it is set to; none for what an earlier statement returns.
    pub set: Option<(String, String)>,
    pub sql: String,
}

impl Known {
    fn id(kind: Kind, number: i64, variable: impl Into<String>, expression: &str) -> Self {
        let variable = variable.into();
        let sql = kind.sql_of_digits(&format!(":{variable}"));
        let set = (variable, format!("{} + {expression}", super::market::FIRST));
        Self { value: kind.uuid(number).to_string(), set: Some(set), sql }
    }
}

impl Operation {
    fn drawn(&self, random: &mut StdRng) -> Vec<i64> {
        self.draws.iter().map(|&(_, min, max)| random.random_range(min..=max)).collect()
    }

    /// Requests, each as a line of the form token, tab, body: so many at random, or one for each cart.
    pub fn lines(&self, server: &Server, count: usize, seed: u64) -> Result<Vec<String>, AnyError> {
        let mut random = StdRng::seed_from_u64(seed);
        let drawn: Vec<Vec<i64>> = match self.carts {
            Some(_) => self.draws.iter().flat_map(|&(_, min, max)| min..=max).map(|buyer| vec![buyer]).collect(),
            None => (0..count).map(|_| self.drawn(&mut random)).collect(),
        };
        let lines = drawn.iter().map(|drawn| {
            let (token, body) = self.request(server, drawn)?;
            Ok(format!("{}\t{body}", token.unwrap_or_default()))
        });
        lines.collect()
    }

    /// The token of one person and bodies of their requests, as many as `tries` find.
    pub fn of_one_person(&self, server: &Server, tries: usize) -> Result<(Option<String>, Vec<String>), AnyError> {
        let mut random = StdRng::seed_from_u64(1);
        let drawn: Vec<Vec<i64>> = (0..tries).map(|_| self.drawn(&mut random)).collect();
        let person = drawn.first().and_then(|drawn| (self.request)(drawn).person);
        let mine = drawn.iter().filter(|drawn| (self.request)(drawn).person == person);
        let bodies = mine.map(|drawn| self.body(&(self.request)(drawn).variables).to_string()).collect();
        Ok((person.map(|person| server.token(person)).transpose()?, bodies))
    }

    fn body(&self, variables: &Value) -> Value {
        json!({"query": self.document, "operationName": self.name, "variables": variables})
    }

    /// The access token, if one is needed, and the body of the request that follows from some numbers.
    pub fn request(&self, server: &Server, drawn: &[i64]) -> Result<(Option<String>, Value), AnyError> {
        let Request { person, variables } = (self.request)(drawn);
        let token = person.map(|person| server.token(person)).transpose()?;
        Ok((token, self.body(&variables)))
    }

    pub fn known(&self, drawn: &[i64]) -> Vec<Known> {
        (self.known)(drawn)
    }
}

const CARD: &str = "fragment Card on Product { id slug title priceRange { min { amount currency } max { amount currency } } \
                    createdAt shop { id handle name } }";

/// Cursors of the newest products, from the one on that has `first` newer ones.
pub struct Depths {
    pub first: i64,
    pub cursors: Vec<String>,
}

/// All operations, in the order of the table.
pub fn all(size: Size, depths: Depths) -> Vec<Operation> {
    let Size { products, shops, buyers, conversations, words, .. } = size;
    let guest = |variables: Value| Request { person: None, variables };
    let page = "nodes { ...Card } pageInfo { hasNextPage endCursor }";
    let last_depth = depths.first + depths.cursors.len() as i64 - 1;
    vec![
        Operation {
            name: "Product",
            title: "product with shop",
            class: Class::Row,
            plans: Plans::Generic,
            carts: None,
            document: format!("query Product($id: ID!) {{ product(by: {{id: $id}}) {{ ...Card description }} }} {CARD}"),
            draws: vec![("p", 0, products - 1)],
            request: Box::new(move |drawn| guest(json!({"id": Kind::Product.id::<Product>(drawn[0])}))),
            known: Box::new(|drawn| vec![Known::id(Kind::Product, drawn[0], "product", ":p")]),
        },
        Operation {
            name: "Newest",
            title: "newest 20 with shops",
            class: Class::Page,
            plans: Plans::Generic,
            carts: None,
            document: format!("query Newest {{ products(first: 20) {{ {page} }} }} {CARD}"),
            draws: vec![],
            request: Box::new(move |_| guest(json!({}))),
            known: Box::new(|_| vec![]),
        },
        Operation {
            name: "Search",
            title: "text search, 20 and total",
            class: Class::Page,
            plans: Plans::Custom,
            carts: None,
            document: format!(
                "query Search($words: String!) {{ products(first: 20, filter: {{query: $words}}) {{ totalCount {page} }} }} {CARD}"
            ),
            draws: vec![("w", FIRST_WORD, FIRST_WORD + words - 1)],
            request: Box::new(move |drawn| guest(json!({"words": format!("tone{}", drawn[0])}))),
            known: Box::new(|drawn| {
                vec![Known {
                    value: format!("tone{}:*", drawn[0]),
                    set: Some(("word".into(), ":w".into())),
                    sql: "('tone' || :word::text || ':*')".into(),
                }]
            }),
        },
        Operation {
            name: "Orders",
            title: "last 10 orders with lines and products",
            class: Class::Page,
            plans: Plans::Generic,
            carts: None,
            document: "query Orders { viewer { orders(first: 10) { nodes { id number lifecycle paymentState \
                       total { amount currency } placedAt parts { id fulfillmentState lines { id title sku quantity \
                       total { amount currency } product { id slug title } } } } } } }".into(),
            draws: vec![("b", 0, PERSONS - 1)],
            request: Box::new(|drawn| Request { person: Some(drawn[0]), variables: json!({}) }),
            known: Box::new(move |drawn| {
                let mut known = vec![Known::id(Kind::Person, drawn[0], "buyer", ":b")];
                for number in 0..ORDERS_PER_BUYER {
                    let order = drawn[0] + number * buyers;
                    let written = format!("(:b + {})", number * buyers);
                    known.push(Known::id(Kind::Order, order, format!("order{number}"), &written));
                    let first = LINES_PER_ORDER * order + ORDER_STEP * number;
                    for line in 0..LINES_PER_ORDER {
                        let product = (first + line) % products;
                        let written = format!("({} + {line}) % {products}", size.first_product(&written));
                        known.push(Known::id(Kind::Product, product, format!("product{number}_{line}"), &written));
                    }
                }
                known
            }),
        },
        Operation {
            name: "Messages",
            title: "last 50 messages with authors",
            class: Class::Page,
            plans: Plans::Generic,
            carts: None,
            document: "query Messages($id: ID!) { viewer { conversation(id: $id) { id lastNumber messages(last: 50) { nodes { \
                       id number createdAt author { id displayName } content { __typename ... on TextContent { text } \
                       ... on OrderStepContent { step } } } pageInfo { hasPreviousPage startCursor } } } } }".into(),
            draws: vec![("c", 0, conversations - 1)],
            request: Box::new(|drawn| Request {
                person: Some(drawn[0] % PERSONS),
                variables: json!({"id": Kind::Conversation.id::<Conversation>(drawn[0])}),
            }),
            known: Box::new(|drawn| talk(drawn[0])),
        },
        Operation {
            name: "Depth",
            title: "page after 5,000 and more products",
            class: Class::Page,
            plans: Plans::Generic,
            carts: None,
            document: format!(
                "query Depth($after: String!) {{ products(first: 20, after: $after) {{ {page} }} }} {CARD}"
            ),
            draws: vec![("d", depths.first, last_depth)],
            request: Box::new(move |drawn| {
                guest(json!({"after": depths.cursors[(drawn[0] - depths.first) as usize]}))
            }),
            known: Box::new(move |drawn| {
                let product = products - 1 - drawn[0];
                let at = chrono::DateTime::from_timestamp(FIRST_PRODUCT_AT + product, 0).unwrap_or_default();
                vec![
                    Known::id(Kind::Product, product, "product", &format!("({products} - 1 - :d)")),
                    Known {
                        value: at.format("%Y-%m-%d %H:%M:%S+00").to_string(),
                        set: Some(("made".into(), format!("{FIRST_PRODUCT_AT} + {products} - 1 - :d"))),
                        sql: "to_timestamp(:made)".into(),
                    },
                ]
            }),
        },
        Operation {
            name: "PlaceOrder",
            title: "place an order of two lines",
            class: Class::Write,
            plans: Plans::Generic,
            carts: None,
            document: place_order("PlaceOrder"),
            draws: vec![("a", 0, products - 3), ("b", 0, PERSONS - 1)],
            request: Box::new(|drawn| {
                let (first, second) = (drawn[0], drawn[0] + 2);
                let line = |product: i64| json!({"variantId": Kind::Variant.id::<Variant>(2 * product), "quantity": 1});
                let input = json!({
                    "lines": [line(first), line(second)],
                    "shippingAddress": address(),
                    "expectedTotal": amount(price(first) + price(second)),
                    "idempotencyKey": KEY,
                });
                Request { person: Some(drawn[1]), variables: json!({"input": input}) }
            }),
            known: Box::new(move |drawn| {
                let mut known = vec![Known::id(Kind::Person, drawn[1], "buyer", ":b")];
                for (name, plus) in [("first", 0), ("second", 2)] {
                    known.extend(goods(name, shops, drawn[0] + plus, &format!("(:a + {plus})")));
                }
                known
            }),
        },
        recommended::related(size),
        recommended::beside_cart(size),
        recommended::home(size),
        place_cart("PlaceHot", "order a cart: one hot product", Carts::Hot, size),
        place_cart("PlaceSpread", "order a cart: spread products", Carts::Spread, size),
        Operation {
            name: "SendMessage",
            title: "send a message",
            class: Class::Write,
            plans: Plans::Generic,
            carts: None,
            document: "mutation SendMessage($input: SendMessageInput!) { sendMessage(input: $input) { \
                       message { id number createdAt } userErrors { __typename code message } } }".into(),
            draws: vec![("c", 0, conversations - 1)],
            request: Box::new(|drawn| {
                let conversation = Kind::Conversation.id::<Conversation>(drawn[0]);
                let text = "Is it still to be had, and would it fit into the corner by the window?";
                let input = json!({"conversationId": conversation, "text": text, "idempotencyKey": KEY});
                Request { person: Some(drawn[0] % PERSONS), variables: json!({"input": input}) }
            }),
            known: Box::new(|drawn| {
                let mut known = talk(drawn[0]);
                // The second message that is sent there after the fill.
                let value = (MESSAGES_PER_CONVERSATION + 2).to_string();
                known.push(Known { value, set: None, sql: ":returned_last_number".into() });
                known
            }),
        },
        Operation {
            name: "Nothing",
            title: "{ __typename }",
            class: Class::Empty,
            plans: Plans::Generic,
            carts: None,
            document: "query Nothing { __typename }".into(),
            draws: vec![],
            request: Box::new(move |_| guest(json!({}))),
            known: Box::new(|_| vec![]),
        },
    ]
}

/// A conversation and its two people.
fn talk(conversation: i64) -> Vec<Known> {
    vec![
        Known::id(Kind::Conversation, conversation, "conversation", ":c"),
        Known::id(Kind::Person, conversation % PERSONS, "one", &format!(":c % {PERSONS}")),
        Known::id(Kind::Person, PERSONS + conversation, "other", &format!("{PERSONS} + :c")),
    ]
}

pub fn place_order(name: &str) -> String {
    format!(
        "mutation {name}($input: PlaceOrderInput!) {{ placeOrder(input: $input) {{ \
         order {{ id number total {{ amount currency }} lifecycle }} userErrors {{ __typename code message }} }} }}"
    )
}

/// Each buyer orders their cart.
fn place_cart(name: &'static str, title: &'static str, carts: Carts, size: Size) -> Operation {
    Operation {
        name,
        title,
        class: Class::Write,
        plans: Plans::Generic,
        carts: Some(carts),
        document: place_order(name),
        draws: vec![("b", 0, size.carts - 1)],
        request: Box::new(move |drawn| {
            let input = json!({
                "cart": {"expectedVersion": carts::VERSION},
                "shippingAddress": address(),
                "expectedTotal": amount(price(carts.product(&size, drawn[0]))),
                "idempotencyKey": KEY,
            });
            Request { person: Some(drawn[0]), variables: json!({"input": input}) }
        }),
        known: Box::new(move |drawn| {
            let mut known =
                vec![Known::id(Kind::Person, drawn[0], "buyer", ":b"), Known::id(Kind::Cart, drawn[0], "cart", ":b")];
            let product = carts.product(&size, drawn[0]);
            known.extend(goods("ordered", size.shops, product, &carts.product_of(&size, ":b")));
            known
        }),
    }
}

pub fn address() -> Value {
    json!({"name": "Ada", "lines": ["1 Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"})
}

pub fn amount(minor: i64) -> Value {
    json!({"amount": format!("{}.{:02}", minor / 100, minor % 100), "currency": "GBP"})
}

/// A product and its first variant, its shop, and where that one keeps it.
fn goods(name: &str, shops: i64, product: i64, written: &str) -> [Known; 4] {
    let (shop, shop_written) = (product / 2 % shops, format!("({written} / 2 % {shops})"));
    [
        Known::id(Kind::Product, product, format!("{name}_product"), written),
        Known::id(Kind::Variant, 2 * product, format!("{name}_variant"), &format!("2 * {written}")),
        Known::id(Kind::Shop, shop, format!("{name}_shop"), &shop_written),
        Known::id(Kind::Location, shop, format!("{name}_location"), &shop_written),
    ]
}
