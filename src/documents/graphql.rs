//! What the market's staff see of documents, fields, and who uses them.

use std::collections::HashMap;

use async_graphql::{
    Context, InputObject, Object, SimpleObject,
    registry::{MetaType, Registry},
};

use super::{
    model::{ClientUsage, DocumentHash, DocumentWithUsage, FieldClientUsage, p99_milliseconds},
    service,
};
use crate::{
    kernel::{
        money::Decimal,
        page::{Direction, Page, PageArgs, Slice},
    },
    platform::{
        caller::StaffPermission,
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, StaffOnly, Total, WireResult, list_size},
    },
};

/// Clients of one document or field that are told at the most.
const CLIENTS: usize = 50;

/// A GraphQL document that is trusted, or that clients have named by its hash. Its use is written down every few seconds and
/// forgotten 90 days after the last one.
#[derive(SimpleObject)]
#[graphql(name = "Document")]
pub struct DocumentObject {
    /// The SHA-256 of its text, in 64 hexadecimal digits.
    hash: String,
    /// The names of its operations.
    operation_names: Vec<String>,
    /// Its text; null if it is not trusted.
    text: Option<String>,
    /// Whether the operator has added it to the trusted ones.
    is_trusted: bool,
    /// When it was added; null if it is not trusted.
    trusted_at: Option<Time>,
    /// When it was added or first named.
    first_seen_at: Time,
    /// How often it was run: a whole number.
    calls: Decimal,
    /// How often the answer held errors: a whole number.
    errors: Decimal,
    /// What it cost in all, in the points of `QUERY_TOO_COMPLEX`: a whole number.
    cost: Decimal,
    /// What 99 of 100 calls took at the most, up to a quarter too much. Null if it did not run, and for subscriptions.
    p99_milliseconds: Option<i32>,
    /// When it was last run; null if it was not.
    last_used_at: Option<Time>,
    /// By operation and client, the last one first: the 50 that used it last.
    #[graphql(directive = list_size::apply(50))]
    clients: Vec<DocumentClient>,
}

/// The use of one operation of a document by one version of a client.
#[derive(SimpleObject)]
pub struct DocumentClient {
    /// The operation; empty if it has no name.
    operation_name: String,
    /// By the header `apollographql-client-name`; empty if there was none, `(other)` for all that are too many to be told apart.
    client_name: String,
    /// By the header `apollographql-client-version`; empty if there was none.
    client_version: String,
    /// How often it was run: a whole number.
    calls: Decimal,
    /// How often the answer held errors: a whole number.
    errors: Decimal,
    /// What it cost in all, in points: a whole number.
    cost: Decimal,
    /// What 99 of 100 calls took at the most, up to a quarter too much. Null for subscriptions.
    p99_milliseconds: Option<i32>,
    /// From when on it is counted.
    first_used_at: Time,
    /// When it was last run.
    last_used_at: Time,
}

impl From<ClientUsage> for DocumentClient {
    fn from(usage: ClientUsage) -> Self {
        Self {
            operation_name: usage.operation,
            client_name: usage.client_name,
            client_version: usage.client_version,
            calls: usage.calls.into(),
            errors: usage.errors.into(),
            cost: usage.cost.into(),
            p99_milliseconds: p99_milliseconds(&usage.latencies),
            first_used_at: usage.first_used_at,
            last_used_at: usage.last_used_at,
        }
    }
}

impl From<DocumentWithUsage> for DocumentObject {
    fn from(listed: DocumentWithUsage) -> Self {
        let total = listed.total();
        let DocumentWithUsage { document, usage } = listed;
        Self {
            hash: document.hash.to_string(),
            operation_names: document.operations,
            is_trusted: document.trusted_at.is_some(),
            text: document.text,
            trusted_at: document.trusted_at,
            first_seen_at: document.first_seen_at,
            calls: total.calls.into(),
            errors: total.errors.into(),
            cost: total.cost.into(),
            p99_milliseconds: total.p99_milliseconds,
            last_used_at: total.last_used_at,
            clients: usage.into_iter().take(CLIENTS).map(Into::into).collect(),
        }
    }
}

/// Which documents a list has. What is absent does not narrow it.
#[derive(Debug, Default, InputObject)]
pub struct DocumentFilter {
    /// Those that are trusted, or those that are not.
    is_trusted: Option<bool>,
}

/// A field of the schema, and who selects it. Its use is written down every few seconds and forgotten 90 days after the last
/// one.
#[derive(SimpleObject)]
pub struct FieldUsage {
    /// The field's name in the schema: `Type.field`. What a document selects on an interface is counted for the interface.
    coordinate: String,
    /// Whether the schema says that it will go.
    is_deprecated: bool,
    /// What to use instead; null if it is not deprecated.
    deprecation_reason: Option<String>,
    /// How many operations that were run select it: a whole number.
    calls: Decimal,
    /// When the last one was run; null if none was.
    last_used_at: Option<Time>,
    /// By client, the last one first: the 50 that used it last.
    #[graphql(directive = list_size::apply(50))]
    clients: Vec<FieldClient>,
}

impl FieldUsage {
    fn of(field: SchemaField, usage: Vec<FieldClientUsage>) -> Self {
        Self {
            coordinate: field.coordinate,
            is_deprecated: field.is_deprecated,
            deprecation_reason: field.deprecation_reason,
            calls: usage.iter().map(|usage| usage.calls).fold(0, i64::saturating_add).into(),
            last_used_at: usage.iter().map(|usage| usage.last_used_at).max(),
            clients: usage.into_iter().take(CLIENTS).map(Into::into).collect(),
        }
    }
}

/// The use of a field by one version of a client.
#[derive(SimpleObject)]
pub struct FieldClient {
    /// By the header `apollographql-client-name`; empty if there was none, `(other)` for all that are too many to be told apart.
    client_name: String,
    /// By the header `apollographql-client-version`; empty if there was none.
    client_version: String,
    /// How many operations that were run select the field: a whole number.
    calls: Decimal,
    /// From when on it is counted.
    first_used_at: Time,
    /// When the last one was run.
    last_used_at: Time,
}

impl From<FieldClientUsage> for FieldClient {
    fn from(usage: FieldClientUsage) -> Self {
        Self {
            client_name: usage.client_name,
            client_version: usage.client_version,
            calls: usage.calls.into(),
            first_used_at: usage.first_used_at,
            last_used_at: usage.last_used_at,
        }
    }
}

/// Which fields a list has. What is absent does not narrow it.
#[derive(Debug, Default, InputObject)]
pub struct FieldUsageFilter {
    /// Those that are deprecated, or those that are not.
    is_deprecated: Option<bool>,
    /// Those of the type with this name.
    type_name: Option<String>,
}

/// A field as the schema has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SchemaField {
    coordinate: String,
    is_deprecated: bool,
    deprecation_reason: Option<String>,
}

/// The fields of a schema that a filter lets through, by their names; those of introspection are left out.
fn schema_fields(registry: &Registry, filter: &FieldUsageFilter) -> Vec<SchemaField> {
    let types = registry
        .types
        .iter()
        .filter(|(name, _)| !name.starts_with("__") && filter.type_name.as_ref().is_none_or(|wanted| wanted == *name));
    let fields = types.flat_map(|(of, ty)| match ty {
        MetaType::Object { fields, .. } | MetaType::Interface { fields, .. } => {
            fields.values().filter(|field| !field.name.starts_with("__")).map(|field| (of, field)).collect()
        }
        _ => Vec::new(),
    });
    let fields = fields.map(|(of, field)| SchemaField {
        coordinate: format!("{of}.{}", field.name),
        is_deprecated: field.deprecation.is_deprecated(),
        deprecation_reason: field.deprecation.reason().map(str::to_owned),
    });
    let mut fields: Vec<_> =
        fields.filter(|field| filter.is_deprecated.is_none_or(|wanted| wanted == field.is_deprecated)).collect();
    fields.sort_by(|one, other| one.coordinate.cmp(&other.coordinate));
    fields
}

/// Those of a sorted list that are on a page, and one more if there is one.
fn on_page(mut fields: Vec<SchemaField>, page: &Page<String>) -> Vec<SchemaField> {
    let limit = usize::try_from(page.fetch_limit()).unwrap_or(usize::MAX);
    match (page.direction, &page.from) {
        (Direction::Forward, Some(last)) => fields.retain(|field| field.coordinate > *last),
        (Direction::Backward, Some(first)) => fields.retain(|field| field.coordinate < *first),
        (_, None) => {}
    }
    if page.direction == Direction::Backward {
        fields.reverse();
    }
    fields.truncate(limit);
    fields
}

/// The part of the staff's side that is about documents.
#[derive(Default)]
pub struct StaffDocuments;

#[Object]
impl StaffDocuments {
    /// Documents that are trusted or that clients have named by their hash, newest first, with their use.
    #[graphql(guard = "StaffOnly(StaffPermission::ViewOperations)")]
    async fn documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.", default)] filter: DocumentFilter,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<DocumentObject>> {
        let is_trusted = filter.is_trusted;
        let args = PageArgs { first, after, last, before };
        let listing = Listing::<(Time, DocumentHash)>::new(("documents", is_trusted), &args)?;
        let app = ctx.app().clone();
        let rows = service::list(&app, listing.page.clone(), is_trusted).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count(&app, is_trusted, COUNT_LIMIT + 1).await }
        });
        let key = |row: &DocumentWithUsage| (row.document.first_seen_at, row.document.hash);
        Ok(listing.connection(rows, key, DocumentObject::from, total))
    }

    /// Fields of the schema by name, with their use: a deprecated field that no client uses any more can go.
    #[graphql(guard = "StaffOnly(StaffPermission::ViewOperations)")]
    async fn field_usage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.", default)] filter: FieldUsageFilter,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<FieldUsage>> {
        let args = PageArgs { first, after, last, before };
        let list = ("field_usage", filter.is_deprecated, &filter.type_name);
        let listing = Listing::<String>::new(list, &args)?;
        let fields = schema_fields(&ctx.schema_env.registry, &filter);
        let count = i64::try_from(fields.len()).unwrap_or(i64::MAX);
        let slice = listing.page.slice(on_page(fields, &listing.page));
        let names = slice.items.iter().map(|field| field.coordinate.clone()).collect();
        let mut usage: HashMap<String, Vec<FieldClientUsage>> = HashMap::new();
        for used in service::field_usage(ctx.app(), names).await? {
            usage.entry(used.field.clone()).or_default().push(used);
        }
        let used = slice.items.into_iter().map(|field| {
            let usage = usage.remove(&field.coordinate).unwrap_or_default();
            FieldUsage::of(field, usage)
        });
        let rows = Slice { items: used.collect(), has_next: slice.has_next, has_previous: slice.has_previous };
        let total = Total::new(move || async move { Ok(count) });
        Ok(listing.connection(rows, |field| field.coordinate.clone(), |field: FieldUsage| field, total))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Schema, value};

    use super::*;

    struct Query;

    #[Object]
    impl Query {
        async fn found(&self, ctx: &Context<'_>, filter: FieldUsageFilter) -> Vec<String> {
            let reason = |field: &SchemaField| field.deprecation_reason.clone().unwrap_or_default();
            let fields = schema_fields(&ctx.schema_env.registry, &filter);
            fields.iter().map(|field| format!("{} {}", field.coordinate, reason(field))).collect()
        }

        #[graphql(deprecation = "Use `found`.")]
        async fn stale(&self) -> i32 {
            2
        }
    }

    #[tokio::test]
    async fn deprecated_fields_are_found_with_their_reason() {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let document = "{ all: found(filter: {}) gone: found(filter: {isDeprecated: true}) \
                        fine: found(filter: {isDeprecated: false, typeName: \"Query\"}) none: found(filter: {typeName: \"Int\"}) }";
        let found = schema.execute(document).await;
        assert_eq!(found.errors, []);
        let (fine, gone) = ("Query.found ", "Query.stale Use `found`.");
        assert_eq!(found.data, value!({"all": [fine, gone], "gone": [gone], "fine": [fine], "none": []}));
    }

    #[test]
    fn a_page_of_fields_is_cut_at_its_cursor() {
        let fields = |names: &str| -> Vec<SchemaField> {
            let field = |name: char| SchemaField {
                coordinate: name.to_string(),
                is_deprecated: false,
                deprecation_reason: None,
            };
            names.chars().map(field).collect()
        };
        let page = |direction, from: Option<&str>| Page { limit: 2, from: from.map(str::to_owned), direction };
        for (page, wanted) in [
            (page(Direction::Forward, None), "abc"),
            (page(Direction::Forward, Some("b")), "cde"),
            (page(Direction::Forward, Some("e")), ""),
            (page(Direction::Backward, None), "edc"),
            (page(Direction::Backward, Some("c")), "ba"),
        ] {
            assert_eq!(on_page(fields("abcde"), &page), fields(wanted), "{page:?}");
        }
    }
}
