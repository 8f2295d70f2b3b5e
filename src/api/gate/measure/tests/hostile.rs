//! Requests that stop or stall the stock stack. Each is refused after a bounded number of steps,
//! which the refusal's value shows, since counting ends at the first excess.

use super::*;

fn refused(query: &str) -> Refused {
    pass(&gate(Limits::default()), query, serde_json::json!({})).unwrap_err()
}

/// Each of `fragments` spreads the next one twice.
fn bomb(fragments: u64) -> String {
    times(fragments, |i| format!("fragment F{i} on Viewer{{...F{0} ...F{0}}}", i + 1))
        + &format!("fragment F{fragments} on Viewer{{id}}")
}

#[test]
fn a_literal_nested_2000_deep() {
    let query = format!("{{a(b:{}{})}}", "[".repeat(2_000), "]".repeat(2_000));
    assert_eq!(refused(&query), Refused { limit: Limit::Nesting, value: 2_002, maximum: 50 });
    let query = format!("{{a(b:{}1{})}}", "{c:".repeat(2_000), "}".repeat(2_000));
    assert_eq!(refused(&query).limit, Limit::Nesting);
    let query = format!("query($v:{}Int{}){{a}}", "[".repeat(2_000), "]".repeat(2_000));
    assert_eq!(refused(&query).limit, Limit::Nesting);
}

#[test]
fn a_literal_behind_an_unclosed_block_string() {
    let literal = format!("{}1{}", "[".repeat(2_000), "]".repeat(2_000));
    assert_eq!(refused(&format!(r#"{{a(b:["""x" {literal}])}}"#)).limit, Limit::Nesting);
}

#[test]
fn a_fragment_bomb() {
    let query = format!("{{viewer{{...F0}}}}{}", bomb(20));
    assert!(query.len() < 900);
    assert_eq!(refused(&query), Refused { limit: Limit::Size, value: 10_001, maximum: 10_000 });
}

#[test]
fn a_fragment_bomb_in_an_operation_that_is_not_executed() {
    let query = format!("query A{{viewer{{id}}}} query B{{viewer{{...F0}}}}{}", bomb(20));
    let document = parse_query(&query).unwrap();
    let refused = gate(Limits::default()).measure(&document, Some("A"), &Variables::default());
    assert_eq!(refused.unwrap_err().limit, Limit::Size);
}

#[test]
fn a_fragment_bomb_that_no_operation_uses() {
    assert_eq!(refused(&format!("{{viewer{{id}}}}{}", bomb(20))).limit, Limit::Size);
}

#[test]
fn many_operations_that_share_one_large_fragment() {
    let operations = times(700, |i| format!("query A{i}{{...F}}"));
    let query = format!("{operations} fragment F on Query{{{}}}", "a ".repeat(3_000));
    let refused = refused(&query);
    assert_eq!((refused.limit, refused.value), (Limit::Size, 10_002));
}

#[test]
fn fragments_that_spread_themselves() {
    let cycle = Refused { limit: Limit::FragmentCycles, value: 1, maximum: 0 };
    assert_eq!(refused("{...A} fragment A on Query{...A}"), cycle);
    assert_eq!(refused("{...A} fragment A on Query{viewer{...B}} fragment B on Query{viewer{...A}}"), cycle);
    assert_eq!(refused("{a} fragment A on Query{...B} fragment B on Query{...A}"), cycle);
}

#[test]
fn a_chain_of_10000_fragments() {
    let chain = |n| format!("{{...F0}}{}", times(n, |i| format!("fragment F{i} on Query{{...F{}}}", i + 1)));
    assert_eq!(refused(&chain(10_000)).limit, Limit::Bytes);
    let wide = gate(Limits { bytes: u64::MAX, tokens: u64::MAX, ..Limits::default() });
    assert_eq!(
        pass(&wide, &chain(10_000), serde_json::json!({})).unwrap_err(),
        Refused { limit: Limit::Fragments, value: 10_000, maximum: 100 }
    );
    assert_eq!(refused(&chain(100)), Refused { limit: Limit::Nesting, value: 51, maximum: 50 });
}

#[test]
fn a_thousand_aliases_of_typename() {
    let aliases = times(1_000, |i| format!("a{i}:__typename "));
    assert_eq!(refused(&format!("{{{aliases}}}")), Refused { limit: Limit::Aliases, value: 1_000, maximum: 30 });
    assert_eq!(cost(&format!("{{{aliases}}}")), 1_000);
}

#[test]
fn deep_introspection() {
    let types = format!("{}{{name}}{}", repeat(12, "{fields{type"), repeat(12, "}}"));
    assert_eq!(
        refused(&format!("{{__schema{{types{types}}}}}")),
        Refused { limit: Limit::IntrospectionDepth, value: 13, maximum: 3 }
    );
}

#[test]
fn one_scalar_repeated_over_many_rows() {
    let query = format!("{{products(first:100){{nodes{{{}}}}}}}", "id ".repeat(4_900));
    assert_eq!(cost(&query), 101);
    assert_eq!(refused(&query).limit, Limit::Values);
}

#[test]
fn a_large_variable_used_over_and_over() {
    let query = format!("query($v:ID!){{viewer{{{}}}}}", repeat(500, "node(id:$v){id}"));
    let list = serde_json::json!({ "v": vec![1; 100_000] });
    let refused = pass(&gate(Limits::default()), &query, list).unwrap_err();
    assert_eq!((refused.limit, refused.value), (Limit::Size, 100_003));
    let text = serde_json::json!({ "v": "x".repeat(256 * 1_000) });
    let refused = pass(&gate(Limits::default()), &query, text).unwrap_err();
    assert_eq!((refused.limit, refused.value), (Limit::Size, 10_029));
}

/// The rule that compares fields of one name makes an error for each argument of the first and
/// each of the others, again in each fragment around them.
#[test]
fn one_wide_field_among_many_of_its_name() {
    let arguments = times(100, |i| format!("x{i}:1 "));
    let fields = |n| format!("{{id({arguments}){}}}", repeat(n, "id "));
    assert!(pass(&lenient(), &format!("{{viewer{}}}", fields(90)), serde_json::json!({})).is_ok());
    assert_eq!(refused(&format!("{{viewer{}}}", fields(100))).limit, Limit::Size);
    let nested = nested(10, "{...", &fields(10));
    assert_eq!(refused(&format!("{{viewer{nested}}}")).limit, Limit::Size);
}

/// The gate is as good as its model of validation: what passes may be wrong in as many ways as the
/// limit has steps, and for each field in one more.
#[tokio::test]
async fn what_passes_makes_a_bounded_number_of_errors() {
    struct Query;
    #[async_graphql::Object]
    impl Query {
        async fn viewer(&self) -> Viewer {
            Viewer { id: 1 }
        }
    }
    #[derive(async_graphql::SimpleObject)]
    struct Viewer {
        id: i32,
    }
    let (mutation, subscription) = (async_graphql::EmptyMutation, async_graphql::EmptySubscription);
    let schema = async_graphql::Schema::new(Query, mutation, subscription);
    let gate = Gate::new(Catalogue::from_sdl(&schema.sdl()).unwrap(), Limits::default());
    let size = gate.limits.size;

    for (arguments, layers) in [(1, 1), (20, 1), (95, 1), (20, 9), (3, 25)] {
        let others = repeat((size - 200) / layers / (arguments + 1), "id ");
        let arguments = times(arguments, |i| format!("x{i}:1 "));
        let fields = format!("{{id({arguments}){others}}}");
        let query = format!("{{viewer{}}}", nested(layers - 1, "{...", &fields));
        pass(&gate, &query, serde_json::json!({})).unwrap();
        let errors = schema.execute(&query).await.errors.len();
        let errors = u64::try_from(errors).unwrap();
        assert!((size / 2..2 * size).contains(&errors), "{errors}");
    }
}
