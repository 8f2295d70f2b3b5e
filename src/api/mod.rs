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
pub use self::{
    execute::{Api, ApiOptions, Incoming, Outcome, Prepared, ResumeAfter},
    subscription::Told,
};
use crate::{
    carts, inventory, media, messages, moderation, notifications, orders, payments, payouts,
    platform::{app::App, jobs::Handlers},
    porting, privacy, products, promotions, recommendations, reviews, searches, shipping, shops, taxes, users,
    wishlists,
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

/// What changes something. Each mutation takes one `input` and answers a payload of its own, with `userErrors` for what the
/// client can act on.
#[derive(MergedObject, Default)]
pub struct Mutation(
    users::graphql::UsersMutation,
    media::graphql::MediaMutation,
    notifications::graphql::NotificationsMutation,
    notifications::graphql::DevicesMutation,
    shops::graphql::ShopsMutation,
    shops::graphql::MembersMutation,
    shops::graphql::FollowingMutation,
    shops::graphql::CommissionMutation,
    products::graphql::ProductsMutation,
    products::graphql::VariantsMutation,
    products::graphql::ProductMediaMutation,
    products::graphql::CategoriesMutation,
    products::graphql::AttributesMutation,
    products::graphql::PricesMutation,
    products::graphql::TaxesMutation,
    products::graphql::TranslationsMutation,
    inventory::graphql::MakingMutation,
    inventory::graphql::KeepingMutation,
    inventory::graphql::LocationsMutation,
    inventory::graphql::NoticesMutation,
    porting::graphql::PortingMutation,
    messages::graphql::MessagesMutation,
    messages::graphql::EditingMutation,
    messages::graphql::ReactionsMutation,
    messages::graphql::QuickRepliesMutation,
    messages::graphql::MessageFiltersMutation,
    messages::graphql::BlockingMutation,
    messages::graphql::LiveMutation,
    messages::graphql::StateMutation,
    messages::graphql::SupportMutation,
    messages::graphql::GroupsMutation,
    taxes::graphql::CountryTaxesMutation,
    shipping::graphql::ShippingZonesMutation,
    shipping::graphql::ShippingMethodsMutation,
    promotions::graphql::PromotionsMutation,
    payments::graphql::PaymentMethodsMutation,
    carts::graphql::CartsMutation,
    orders::graphql::OrdersMutation,
    orders::graphql::GuestsMutation,
    orders::graphql::RefundsMutation,
    orders::graphql::ShipmentsMutation,
    orders::graphql::ReturnsMutation,
    orders::graphql::ClaimsMutation,
    orders::graphql::NotesMutation,
    orders::graphql::BuyAgainMutation,
    payouts::graphql::PayoutsMutation,
    reviews::graphql::ReviewsMutation,
    reviews::graphql::ModerationMutation,
    moderation::graphql::ReportsMutation,
    moderation::graphql::DecisionsMutation,
    moderation::graphql::HeldMessagesMutation,
    moderation::graphql::AppealsMutation,
    wishlists::graphql::FavoritesMutation,
    wishlists::graphql::WishListsMutation,
    searches::graphql::RecentSearchesMutation,
    searches::graphql::SavedSearchesMutation,
    recommendations::graphql::HistoryMutation,
    privacy::graphql::PrivacyMutation,
    staff::StaffMutation,
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
