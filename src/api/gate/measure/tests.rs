use async_graphql::parser::parse_query;
use proptest::prelude::*;

use super::super::{Catalogue, Limits};
use super::*;

mod hostile;

const SDL: &str = r"
schema { query: Query mutation: Mutation }
directive @listSize(assumedSize: Int) on FIELD_DEFINITION
directive @cost(weight: Int!) on FIELD_DEFINITION
scalar Decimal
enum Condition { NEW USED }
interface Node { id: ID! }
union Hit = Product | Shop
type Query {
  viewer: Viewer
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  products(first: Int! = 20, after: String, last: Int): ProductConnection!
  top(first: Int! = 5): [Product!]!
  search(text: String!): [Hit!]!
}
type Mutation {
  rename(input: RenameInput!): Product
  sign(input: RenameInput!): Product @cost(weight: 50)
  free(input: RenameInput!): Boolean @cost(weight: 0)
}
input RenameInput { names: [String!]! }
type Viewer { id: ID! name: String! me: Viewer! }
type Shop implements Node { id: ID! name: String! }
type Product implements Node {
  id: ID!
  price: Decimal!
  condition: Condition!
  tags: [String!]!
  shop: Shop!
  media: [Media!]!
  options: [Option!]! @listSize(assumedSize: 3)
  grid: [[Cell!]!]!
  related(first: Int! = 20, last: Int): ProductConnection!
  stock: Int! @cost(weight: 2)
  all: ProductConnection!
}
type Media { url: String! }
type Option { name: String! }
type Cell { name: String! }
type ProductConnection { edges: [ProductEdge!]! nodes: [Product!]! pageInfo: PageInfo! totalCount: Int! }
type ProductEdge { cursor: String! node: Product! }
type PageInfo { hasNextPage: Boolean! }
";

fn gate(limits: Limits) -> Gate {
    Gate::new(Catalogue::from_sdl(SDL).unwrap(), limits)
}

/// Bounds of the walk as in production, of the operation none.
fn lenient() -> Gate {
    let most = u64::MAX;
    gate(Limits {
        depth: most,
        aliases: most,
        root_fields: most,
        directives: most,
        introspection_depth: most,
        cost: most,
        values: most,
        ..Limits::default()
    })
}

/// The whole way of a request.
fn pass(gate: &Gate, query: &str, variables: serde_json::Value) -> Result<Measured, Refused> {
    gate.scan(query)?;
    let document = parse_query(query).unwrap();
    gate.measure(&document, None, &Variables::from_json(variables))
}

fn measured(query: &str) -> Measured {
    pass(&lenient(), query, serde_json::json!({})).unwrap()
}

fn cost(query: &str) -> u64 {
    measured(query).cost
}

#[test]
fn objects_cost_one_and_scalars_nothing() {
    assert_eq!(cost("{viewer{id name}}"), 1);
    assert_eq!(cost("{viewer{me{me{id}}}}"), 3);
    assert_eq!(cost("{node(id:1){...on Product{price condition tags}}}"), 1);
    assert_eq!(cost("mutation{rename(input:{names:[\"a\"]}){id}}"), 20 + 1);
}

#[test]
fn typename_and_what_is_unknown_cost_too() {
    assert_eq!(cost("{__typename a:__typename}"), 2);
    assert_eq!(cost("{products(first:10){nodes{__typename}}}"), 1 + 10 + 1);
    assert_eq!(cost("{nowhere{to{be}}}"), 3);
    assert_eq!(cost("{...on Nobody{a}}"), 1);
}

#[test]
fn a_weight_is_paid_each_time_and_no_answer_lowers_it() {
    let costs = |query: &str| {
        let measured = measured(query);
        (measured.cost, measured.fixed_cost)
    };
    assert_eq!(costs("mutation{sign(input:{names:[]}){id}}"), (51, 50));
    assert_eq!(costs("mutation{sign(input:{names:[]}){id} b:sign(input:{names:[]}){__typename}}"), (103, 101));
    assert_eq!(costs("mutation{...F ...F} fragment F on Mutation{sign(input:{names:[]}){id}}"), (102, 100));
    assert_eq!(costs("{products(first:3){nodes{stock}}}"), (1 + 3 + 3 * 2, 3 * 2));
    // A mutation of which the schema says nothing has one, too; what it does say stands, be it nothing.
    assert_eq!(costs("mutation{rename(input:{names:[]}){id shop{id}}}"), (20 + 2, 20));
    assert_eq!(costs("mutation{a:rename(input:{names:[]}){id} b:rename(input:{names:[]}){id}}"), (42, 40));
    assert_eq!(costs("mutation{free(input:{names:[]})}"), (0, 0));
    assert_eq!(costs("mutation{__typename}"), (1, 1));
    assert_eq!(costs("mutation{nowhere}"), (1, 0));
}

#[test]
fn a_connection_multiplies_its_rows_by_its_page() {
    assert_eq!(cost("{products{totalCount pageInfo{hasNextPage}}}"), 2);
    assert_eq!(cost("{products{nodes{id}}}"), 1 + 20);
    assert_eq!(cost("{products(first:3){edges{node{shop{id}}}}}"), 1 + 3 + 3 + 3);
    assert_eq!(cost("{products(last:7){nodes{id}}}"), 1 + 7);
    assert_eq!(cost("{products(first:3,last:7){nodes{id}}}"), 1 + 7);
    assert_eq!(cost("{products(first:null){nodes{id}}}"), 1 + 20);
    assert_eq!(cost("{products(first:-1){nodes{id}}}"), 1 + 20);
    assert_eq!(cost("{products(first:0){nodes{id}}}"), 1 + 1);
    assert_eq!(cost("{products(first:4){nodes{related(first:5){nodes{id}}}}}"), 1 + 4 + 4 + 4 * 5);
    assert_eq!(cost("{products(first:4){...F}} fragment F on ProductConnection{nodes{id}}"), 5);
}

#[test]
fn a_page_may_come_from_a_variable() {
    let query = "query($n:Int=6){products(first:$n){nodes{id}}}";
    let cost = |variables| pass(&lenient(), query, variables).unwrap().cost;
    assert_eq!(cost(serde_json::json!({"n": 9})), 1 + 9);
    assert_eq!(cost(serde_json::json!({"n": null})), 1 + 20);
    assert_eq!(cost(serde_json::json!({})), 1 + 6);
}

#[test]
fn lists_multiply_by_their_bound() {
    assert_eq!(cost("{node(id:1){...on Product{media{url}}}}"), 1 + 10);
    assert_eq!(cost("{node(id:1){...on Product{options{name}}}}"), 1 + 3);
    assert_eq!(cost("{node(id:1){...on Product{grid{name}}}}"), 1 + 100);
    assert_eq!(cost("{node(id:1){...on Product{all{nodes{id}}}}}"), 1 + 1 + 10);
    assert_eq!(cost("{top{id}}"), 5);
    assert_eq!(cost("{top(first:2){media{url}}}"), 2 + 20);
    assert_eq!(cost("{nodes(ids:[1,2,3]){id}}"), 3);
    let query = "query($ids:[ID!]!){nodes(ids:$ids){id}}";
    let by_variable = pass(&lenient(), query, serde_json::json!({"ids": ["a", "b"]}));
    assert_eq!(by_variable.unwrap().cost, 2);
}

#[test]
fn fragments_count_wherever_they_are_spread() {
    let measured = measured("{viewer{...F me{...F}}} fragment F on Viewer{a:name me{id @skip(if:false)}}");
    assert_eq!((measured.depth, measured.aliases, measured.directives), (4, 2, 2));
    assert_eq!(measured.cost, 1 + 1 + 1 + 1);
    assert_eq!(measured.root_fields, 1);
}

#[test]
fn values_are_fields_and_arguments_times_rows() {
    assert_eq!(measured("{top(first:4){id price}}").values, 1 + 1 + 4 * 2);
    let query = "query($v:[Int]){top(first:2){related(after:$v){totalCount}}}";
    let measured = pass(&lenient(), query, serde_json::json!({"v": [1, 2, 3]})).unwrap();
    assert_eq!(measured.values, 2 + 2 * (1 + 4 + 1));
}

#[test]
fn the_executors_operation_is_measured() {
    let document = parse_query("query A{viewer{id}} query B{viewer{me{id}}}").unwrap();
    let cost = |name| lenient().measure(&document, name, &Variables::default()).unwrap().cost;
    assert_eq!(cost(Some("A")), 1);
    assert_eq!(cost(Some("B")), 2);
    assert_eq!(cost(Some("C")), 0, "the executor will refuse it");
    assert_eq!(cost(None), 0, "the executor will refuse it");
    let document = parse_query("query A{viewer{id}}").unwrap();
    assert_eq!(lenient().measure(&document, None, &Variables::default()).unwrap().cost, 1);
}

#[test]
fn the_standard_introspection_passes_once() {
    let query = include_str!("standard_introspection.graphql");
    let defaults = gate(Limits::default());
    let measured = pass(&defaults, query, serde_json::json!({})).unwrap();
    assert_eq!((measured.depth, measured.introspection_depth), (1, 3));
    let twice = query.replace("  __schema {", "  __schema { types { ...FullType } } __schema {");
    assert_eq!(pass(&defaults, &twice, serde_json::json!({})).unwrap_err().limit, Limit::Cost);
}

#[test]
fn a_schema_printed_by_async_graphql_is_read() {
    struct Query;
    #[async_graphql::Object]
    impl Query {
        async fn page(&self, #[graphql(default = 20)] first: i32) -> Vec<Row> {
            vec![Row { id: first }]
        }
    }
    #[derive(async_graphql::SimpleObject)]
    struct Row {
        id: i32,
    }
    let schema = async_graphql::Schema::new(Query, async_graphql::EmptyMutation, async_graphql::EmptySubscription);
    let gate = Gate::new(Catalogue::from_sdl(&schema.sdl()).unwrap(), Limits::default());
    let measured = pass(&gate, "{page{id}}", serde_json::json!({})).unwrap();
    assert_eq!(measured.cost, 20);
}

#[test]
fn a_refusal_says_what_to_do() {
    let refused = Refused { limit: Limit::Aliases, value: 31, maximum: 30 };
    insta::assert_snapshot!(refused, @"Too complex: 31 aliases, at most 30. Use a field that takes a list, or split the request.");
    assert_eq!(refused.limit.as_str(), "ALIASES");
}

fn times(n: u64, part: impl Fn(u64) -> String) -> String {
    (0..n).map(part).collect()
}

fn repeat(n: u64, part: &str) -> String {
    times(n, |_| part.to_owned())
}

fn nested(n: u64, open: &str, innermost: &str) -> String {
    format!("{}{innermost}{}", repeat(n, open), repeat(n, "}"))
}

/// `request(n)` measures exactly `n` of `limit`: the maximum passes, one more does not.
fn assert_bound(limit: Limit, request: impl Fn(u64) -> (String, serde_json::Value)) {
    let gate = gate(Limits::default());
    let maximum = gate.limits.maximum(limit);
    let (query, variables) = request(maximum);
    pass(&gate, &query, variables).unwrap();
    let (query, variables) = request(maximum + 1);
    let refused = pass(&gate, &query, variables).unwrap_err();
    assert_eq!(refused, Refused { limit, value: maximum + 1, maximum });
}

fn assert_query_bound(limit: Limit, query: impl Fn(u64) -> String) {
    assert_bound(limit, |n| (query(n), serde_json::json!({})));
}

#[test]
fn each_limit_of_the_text_is_exact() {
    assert_query_bound(Limit::Bytes, |n| "{viewer{id}}".to_owned() + &repeat(n - 12, " "));
    assert_query_bound(Limit::Nesting, |n| nested(n - 1, "{...", "{a}"));
    let literal = |n| format!("{{a(b:{}{})}}", repeat(n - 2, "["), repeat(n - 2, "]"));
    assert_query_bound(Limit::Nesting, literal);

    let gate = gate(Limits::default());
    let maximum = gate.limits.tokens;
    gate.scan(&repeat(maximum, "a ")).unwrap();
    let refused = gate.scan(&repeat(maximum + 1, "a ")).unwrap_err();
    assert_eq!((refused.limit, refused.value), (Limit::Tokens, maximum + 1));
}

#[test]
fn nesting_holds_in_place_and_in_variables() {
    assert_query_bound(Limit::Nesting, |n| {
        let inner = nested(n - 13, "{...", "{a}");
        format!("{} fragment F on Query{inner}", nested(11, "{...", "{...F}"))
    });
    assert_bound(Limit::Nesting, |n| {
        let list = (1..n).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
        ("{viewer{id}}".to_owned(), serde_json::json!({ "unused": list }))
    });
}

#[test]
fn each_limit_of_the_document_is_exact() {
    assert_query_bound(Limit::Fragments, |n| {
        let spreads = times(n, |i| format!("...F{i} "));
        let fragments = times(n, |i| format!("fragment F{i} on Viewer{{id}}"));
        format!("{{viewer{{{spreads}}}}}{fragments}")
    });
    assert_bound(Limit::Size, |n| {
        let list = serde_json::json!({ "v": vec![1; usize::try_from(n - 3).unwrap()] });
        ("query($v:[Int!]){viewer(a:$v){id}}".to_owned(), list)
    });
}

#[test]
fn each_limit_of_the_operation_is_exact() {
    assert_query_bound(Limit::Depth, |n| nested(n - 1, "{me", "{id}"));
    assert_query_bound(Limit::Aliases, |n| format!("{{viewer{{{}}}}}", times(n, |i| format!("a{i}:id "))));
    assert_query_bound(Limit::RootFields, |n| format!("{{{}}}", times(n, |_| "viewer{id}".to_owned())));
    assert_query_bound(Limit::Directives, |n| {
        format!("{{viewer{{{}}}}}", times(n, |_| "id @skip(if:false) ".to_owned()))
    });
    assert_query_bound(Limit::IntrospectionDepth, |n| {
        format!("{{__type(name:\"A\"){}}}", nested(n, "{interfaces", "{name}"))
    });
    assert_query_bound(Limit::Cost, |n| format!("{{top(first:{n}){{id}}}}"));
    assert_query_bound(Limit::Values, |n| {
        format!("{{viewer{{{}}}top(first:1000){{{}}}}}", repeat(n - 99_003, "id "), repeat(99, "id "))
    });
}

proptest! {
    /// Compared with the same sum in twice the width.
    #[test]
    fn cost_saturates(pages in prop::collection::vec(any::<u64>(), 1..12)) {
        let (mut rows, mut expected) = (1_u128, 0_u128);
        let mut query = String::new();
        for (i, page) in pages.iter().enumerate() {
            let name = if i == 0 { "products" } else { "related" };
            query += &format!("{{{name}(first:{page}){{nodes");
            expected = expected.saturating_add(rows);
            rows = rows.saturating_mul(u128::from(*page).max(1));
            expected = expected.saturating_add(rows);
        }
        query.push_str("{id}");
        query.push_str(&"}}".repeat(pages.len()));
        let expected = u64::try_from(expected).unwrap_or(u64::MAX);
        prop_assert_eq!(cost(&query), expected);
    }

    /// Within the limits, the gate stands in nobody's way: whatever the parser accepts passes.
    #[test]
    fn small_documents_pass(text in prop::collection::vec(
        prop::sample::select(vec!["{", "}", "{", "}", "a", "...", "...F", "on Query", "a:", "(a:[1])", "@d"]),
        0..14,
    )) {
        let query = format!("{{{}}}", text.join(" "));
        if let Ok(document) = parse_query(&query) {
            let gate = gate(Limits::default());
            prop_assert!(gate.scan(&query).is_ok());
            prop_assert!(gate.measure(&document, None, &Variables::default()).is_ok());
        }
    }
}
