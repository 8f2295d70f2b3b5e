//! The GraphQL schema as a whole, and what every request passes on its way to it.
//!
//! **Invariant:** the parts of a merged object share no field name; a merge would shadow one of them silently, so a test
//! compares them.

mod cost;
mod documents;
mod errors;
mod events;
mod execute;
pub mod gate;
mod includes;
mod mutation;
mod node;
mod nulls;
mod ordered;
mod staff;
mod subscription;
mod usage;
mod viewer;

use std::sync::Arc;

use async_graphql::{MergedObject, Schema, SchemaBuilder};

pub use self::documents::Checker;
pub use self::errors::{code_of, server_error};
pub use self::mutation::Mutation;
pub use self::{
    execute::{Api, ApiOptions, Incoming, Outcome, Prepared, ResumeAfter},
    subscription::Told,
};
use crate::{
    carts, inventory, media, messages, moderation, notifications, orders, payments, payouts,
    platform::{app::App, jobs::Handlers},
    porting, privacy, products, recommendations, searches, shops, taxes, users, wishlists,
};

/// Where reading begins.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    viewer::ViewerQuery,
    staff::StaffQuery,
    users::graphql::UsersQuery,
    users::graphql::AddressQuery,
    users::graphql::ProvidersQuery,
    shops::graphql::ShopsQuery,
    products::graphql::ProductsQuery,
    products::graphql::FacetsQuery,
    products::graphql::CategoriesQuery,
    products::graphql::AttributesQuery,
    products::graphql::TaxesQuery,
    taxes::graphql::CountryTaxesQuery,
    carts::graphql::CartsQuery,
    orders::graphql::OrdersQuery,
    orders::graphql::QuotesQuery,
    wishlists::graphql::WishListsQuery,
    searches::graphql::SearchesQuery,
    recommendations::graphql::HomeQuery,
);

/// What is told as it happens.
pub use events::Subscription;

/// The schema with its resolvers.
pub type AgoraSchema = Schema<Query, Mutation, Subscription>;

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription)
}

/// The schema in the schema definition language, sorted, as `schema.graphql` has it.
pub fn sdl() -> String {
    print(&builder().finish())
}

fn print(schema: &AgoraSchema) -> String {
    let options = async_graphql::SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    let sdl = schema.sdl_with_options(options);
    format!("{}\n", sdl.trim_end())
}

/// What all domains do in the background.
pub fn job_handlers() -> Arc<Handlers<App>> {
    let handlers = shops::jobs::handlers(users::jobs::handlers(staff::handlers(Handlers::default())));
    let handlers = products::jobs::handlers(notifications::jobs::handlers(media::jobs::handlers(handlers)));
    let handlers = porting::jobs::handlers(inventory::jobs::handlers(handlers));
    let handlers = searches::jobs::handlers(wishlists::jobs::handlers(handlers));
    let handlers = payments::jobs::handlers(carts::jobs::handlers(handlers));
    let handlers = payouts::jobs::handlers(orders::jobs::handlers(messages::jobs::handlers(handlers)));
    let handlers = recommendations::jobs::handlers(moderation::jobs::handlers(handlers));
    Arc::new(crate::documents::jobs::handlers(privacy::jobs::handlers(handlers)))
}
