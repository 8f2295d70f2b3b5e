//! What changes something, as a whole.
//!
//! In groups: the library asks the parts of a merged object one inside the other, so that in one row each of sixty would lie on the stack of
//! whichever comes last.

use async_graphql::MergedObject;

use super::staff;
use crate::{
    carts, inventory, media, messages, moderation, notifications, orders, payments, payouts, porting, privacy,
    products, promotions, recommendations, reviews, searches, shipping, shops, taxes, users, wishlists,
};

/// What changes something. Each mutation takes one `input` and answers a payload of its own, with `userErrors` for what the
/// client can act on.
#[derive(MergedObject, Default)]
pub struct Mutation(PeopleMutation, SellingMutation, CatalogueMutation, TalkMutation, TradeMutation, OpinionsMutation);

/// Accounts, and what is theirs alone.
#[derive(MergedObject, Default)]
pub struct PeopleMutation(
    users::graphql::UsersMutation,
    media::graphql::MediaMutation,
    notifications::graphql::NotificationsMutation,
    notifications::graphql::DevicesMutation,
    privacy::graphql::PrivacyMutation,
    staff::StaffMutation,
);

/// Shops, and on which terms they sell.
#[derive(MergedObject, Default)]
pub struct SellingMutation(
    shops::graphql::ShopsMutation,
    shops::graphql::MembersMutation,
    shops::graphql::FollowingMutation,
    shops::graphql::CommissionMutation,
    taxes::graphql::CountryTaxesMutation,
    shipping::graphql::ShippingZonesMutation,
    shipping::graphql::ShippingMethodsMutation,
    promotions::graphql::PromotionsMutation,
    payouts::graphql::PayoutsMutation,
);

/// What there is, and how much of it.
#[derive(MergedObject, Default)]
pub struct CatalogueMutation(
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
);

/// What people say to each other.
#[derive(MergedObject, Default)]
pub struct TalkMutation(
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
);

/// What is bought, paid and sent.
#[derive(MergedObject, Default)]
pub struct TradeMutation(
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
);

/// What people think of things and of each other, and what follows from it.
#[derive(MergedObject, Default)]
pub struct OpinionsMutation(
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
);
