//! Who gets what: the table.

/// What a caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gets {
    /// A value at the row's path.
    Something,
    /// Null, without an error.
    Nothing,
    /// Refused with `NOT_FOUND`: who may not see a thing is not told that it is there.
    Hidden,
    /// Refused with `NOT_PERMITTED`.
    NotPermitted,
    Unauthenticated,
    Forbidden,
}

use Gets::{Forbidden, Hidden, Nothing, Something, Unauthenticated};

/// A field, how to ask for it, and what comes of that for a guest, a stranger, support, an admin, a machine
/// with a key for a storefront, and support in the name of the stranger.
///
/// The document uses the variables of [`super::world`]; the path leads through the data to what is looked at.
pub(super) struct Row(pub(super) &'static str, pub(super) &'static str, pub(super) &'static str, pub(super) [Gets; 6]);

pub(super) const EVERYBODY: [Gets; 6] = [Something; 6];
/// Everybody, but nobody in another's name.
pub(super) const NOT_FOR_OTHERS: [Gets; 6] = [Something, Something, Something, Something, Something, Forbidden];
const NOBODY: [Gets; 6] = [Nothing; 6];
/// Null for a guest and a machine, since the way there is.
const OWN: [Gets; 6] = [Nothing, Something, Something, Something, Nothing, Something];
/// As [`OWN`], and for nobody in another's name.
const OWN_ALONE: [Gets; 6] = [Nothing, Something, Something, Something, Nothing, Forbidden];
pub(super) const SIGNED_IN: [Gets; 6] = [Unauthenticated, Something, Something, Something, Forbidden, Something];
/// As [`SIGNED_IN`], and by nobody in another's name.
pub(super) const ONESELF: [Gets; 6] = [Unauthenticated, Something, Something, Something, Forbidden, Forbidden];
const STAFF: [Gets; 6] = [Nothing, Nothing, Something, Something, Nothing, Nothing];
pub(super) const ADMIN: [Gets; 6] = [Unauthenticated, Forbidden, Forbidden, Something, Forbidden, Forbidden];
pub(super) const STAFF_ONLY: [Gets; 6] = [Unauthenticated, Forbidden, Something, Something, Forbidden, Forbidden];
/// Only for those whom it belongs to, who are none of the callers.
pub(super) const THEIRS: [Gets; 6] = [Unauthenticated, Hidden, Hidden, Hidden, Forbidden, Hidden];
/// As [`THEIRS`], and by nobody in another's name.
pub(super) const THEIRS_ALONE: [Gets; 6] = [Unauthenticated, Hidden, Hidden, Hidden, Forbidden, Forbidden];

/// As [`THEIRS_ALONE`], but admins may for the market.
pub(super) const ADMINS: [Gets; 6] = [Unauthenticated, Hidden, Hidden, Something, Forbidden, Forbidden];

/// As [`THEIRS`], but admins may for the market.
pub(super) const SENDING: [Gets; 6] = [Unauthenticated, Hidden, Hidden, Something, Forbidden, Hidden];

/// As what does not exist, for everybody.
pub(super) const HIDDEN: [Gets; 6] = [Hidden; 6];
/// As [`HIDDEN`], and for nobody in another's name.
pub(super) const HIDDEN_ALONE: [Gets; 6] = [Hidden, Hidden, Hidden, Hidden, Hidden, Forbidden];

/// A guest's own side, and a machine's in a guest's name: who is signed in has their own.
const GUESTS: [Gets; 6] = [Something, Nothing, Nothing, Nothing, Something, Nothing];

/// Types of which each field has a row; all other types hold what everybody may see, or are reached through these.
pub(super) const PRIVATE_TYPES: &[&str] = &["Viewer", "Visitor", "Staff"];

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    Row("Query.addressRules", "{ addressRules(country: \"DE\") { postalCodePattern } }", "addressRules.postalCodePattern", EVERYBODY),
    Row("Query.attribute", "query($attribute: ID!) { attribute(by: {id: $attribute}) { id } }", "attribute", EVERYBODY),
    Row("Query.attributes", "{ attributes { nodes { id } } }", "attributes.nodes.0", EVERYBODY),
    Row("Query.productKind", "query($productKind: ID!) { productKind(by: {id: $productKind}) { id } }", "productKind", EVERYBODY),
    Row("Query.productKinds", "{ productKinds { nodes { id } } }", "productKinds.nodes.0", EVERYBODY),
    Row("Query.cart", "query($cartToken: String!) { cart(token: $cartToken) { id } }", "cart", EVERYBODY),
    Row("Query.categories", "{ categories { nodes { id } } }", "categories.nodes.0", EVERYBODY),
    Row("Query.category", "query($category: ID!) { category(by: {id: $category}) { id } }", "category", EVERYBODY),
    Row("Query.countryTaxes", "{ countryTaxes { country } }", "countryTaxes", EVERYBODY),
    Row("Query.node", "query($user: ID!) { node(id: $user) { id } }", "node", EVERYBODY),
    Row("Query.nodes", "query($user: ID!) { nodes(ids: [$user]) { id } }", "nodes.0", EVERYBODY),
    Row("Query.order", "{ order(token: \"none\") { id } }", "order", NOBODY),
    Row("Query.product", "query($product: ID!) { product(by: {id: $product}) { id } }", "product", EVERYBODY),
    Row("Query.productFacets", "{ productFacets { totalCount } }", "productFacets.totalCount", EVERYBODY),
    Row("Query.products", "{ products { nodes { id } } }", "products.nodes.0", EVERYBODY),
    Row("Query.quote", "query($variant: ID!) { quote(input: {lines: [{variantId: $variant, quantity: 1}], country: \"DE\"}) { userErrors { code } } }", "quote.userErrors", EVERYBODY),
    Row("Query.trendingSearches", "{ trendingSearches { query } }", "trendingSearches", EVERYBODY),
    Row("Query.searchSuggestions", "{ searchSuggestions(query: \"f\") { query } }", "searchSuggestions", EVERYBODY),
    Row("Query.signInProviders", "{ signInProviders { key } }", "signInProviders", EVERYBODY),
    Row("Query.shop", "query($shop: ID!) { shop(by: {id: $shop}) { id } }", "shop", EVERYBODY),
    Row("Query.staff", "{ staff { __typename } }", "staff", STAFF),
    Row("Query.taxClasses", "{ taxClasses { id } }", "taxClasses.0", EVERYBODY),
    Row("Query.user", "query($user: ID!) { user(by: {id: $user}) { displayName } }", "user", EVERYBODY),
    Row("Query.trendingProducts", "{ trendingProducts { product { id } } }", "trendingProducts", EVERYBODY),
    Row("Query.visitor", "{ visitor { __typename } }", "visitor", GUESTS),
    Row("Visitor.home", "{ visitor { home { kind } } }", "visitor.home", GUESTS),
    Row("Visitor.recentlyViewed", "{ visitor { recentlyViewed { nodes { id } } } }", "visitor.recentlyViewed.nodes", GUESTS),
    Row("Query.wishList", "query($wishList: ID!) { wishList(by: {id: $wishList}) { id } }", "wishList", NOBODY),
    Row("Query.viewer", "{ viewer { id } }", "viewer", OWN),

    Row("Node.Attribute", "query($attribute: ID!) { node(id: $attribute) { ... on Attribute { id } } }", "node.id", EVERYBODY),
    Row("Node.ProductKind", "query($productKind: ID!) { node(id: $productKind) { ... on ProductKind { id } } }", "node.id", EVERYBODY),
    Row("Node.ProductImport", "query($productImport: ID!) { node(id: $productImport) { ... on ProductImport { id } } }", "node.id", NOBODY),
    Row("Node.TaxClass", "query($taxClass: ID!) { node(id: $taxClass) { ... on TaxClass { id } } }", "node.id", EVERYBODY),
    Row("Node.Category", "query($category: ID!) { node(id: $category) { ... on Category { id } } }", "node.id", EVERYBODY),
    Row("Node.Product", "query($product: ID!) { node(id: $product) { ... on Product { id } } }", "node.id", EVERYBODY),
    Row("Node.ProductVariant", "query($variant: ID!) { node(id: $variant) { ... on ProductVariant { id } } }", "node.id", EVERYBODY),
    Row("Node.Promotion", "query($promotion: ID!) { node(id: $promotion) { ... on Promotion { id } } }", "node.id", NOBODY),
    Row("Node.Payout", "query($payout: ID!) { node(id: $payout) { ... on Payout { id } } }", "node.id", NOBODY),
    Row("Node.Review", "query($review: ID!) { node(id: $review) { ... on Review { id } } }", "node.id", EVERYBODY),
    Row("Node.WishList", "query($wishList: ID!) { node(id: $wishList) { ... on WishList { id } } }", "node.id", NOBODY),
    Row("Node.Shop", "query($shop: ID!) { node(id: $shop) { ... on Shop { id } } }", "node.id", EVERYBODY),
    Row("Node.Image", "query($image: ID!) { node(id: $image) { ... on Image { width } } }", "node.width", EVERYBODY),
    Row("Node.User", "query($user: ID!) { node(id: $user) { ... on User { displayName } } }", "node.displayName", EVERYBODY),
    // What belongs to others is not there.
    Row("Node.Cart", "query($cart: ID!) { node(id: $cart) { ... on Cart { id } } }", "node.id", NOBODY),
    Row("Node.Conversation", "query($conversation: ID!) { node(id: $conversation) { ... on Conversation { id } } }", "node.id", NOBODY),
    Row("Node.Message", "query($message: ID!) { node(id: $message) { ... on Message { id } } }", "node.id", NOBODY),
    Row("Node.SavedSearch", "query($savedSearch: ID!) { node(id: $savedSearch) { ... on SavedSearch { id } } }", "node.id", NOBODY),
    Row("Node.Notification", "query($notification: ID!) { node(id: $notification) { ... on Notification { id } } }", "node.id", NOBODY),
    Row("Node.Order", "query($order: ID!) { node(id: $order) { ... on Order { id } } }", "node.id", STAFF),
    Row("Node.OrderPart", "query($part: ID!) { node(id: $part) { ... on OrderPart { id } } }", "node.id", STAFF),
    Row("Node.Shipment", "query($shipment: ID!) { node(id: $shipment) { ... on Shipment { id } } }", "node.id", STAFF),
    Row("Node.OrderReturn", "query($return: ID!) { node(id: $return) { ... on OrderReturn { id } } }", "node.id", STAFF),
    Row("Node.Claim", "query($claim: ID!) { node(id: $claim) { ... on Claim { id } } }", "node.id", STAFF),
    Row("Node.PaymentDispute", "query($dispute: ID!) { node(id: $dispute) { ... on PaymentDispute { id } } }", "node.id", STAFF),
    Row("Node.Refund", "query($refund: ID!) { node(id: $refund) { ... on Refund { id } } }", "node.id", STAFF),
    Row("Node.Invoice", "query($invoice: ID!) { node(id: $invoice) { ... on Invoice { id } } }", "node.id", STAFF),
    Row("Node.CreditNote", "query($creditNote: ID!) { node(id: $creditNote) { ... on CreditNote { id } } }", "node.id", STAFF),
    Row("Node.StoredPaymentMethod", "query($paymentMethod: ID!) { node(id: $paymentMethod) { ... on StoredPaymentMethod { id } } }", "node.id", NOBODY),
    Row("Node.Payment", "query($payment: ID!) { node(id: $payment) { ... on Payment { id } } }", "node.id", STAFF),
    Row("Node.Session", "query($session: ID!) { node(id: $session) { ... on Session { id } } }", "node.id", NOBODY),
    Row("Node.SavedAddress", "query($address: ID!) { node(id: $address) { ... on SavedAddress { id } } }", "node.id", NOBODY),
    Row("Node.ShopDesk", "query($desk: ID!) { node(id: $desk) { ... on ShopDesk { id } } }", "node.id", NOBODY),
    Row("Node.Viewer", "query($viewer: ID!) { node(id: $viewer) { ... on Viewer { email } } }", "node", NOBODY),

    Row("Viewer.accountDeletion", "{ viewer { accountDeletion { dueAt } } }", "viewer.accountDeletion", [Nothing, Nothing, Nothing, Nothing, Nothing, Forbidden]),
    Row("Viewer.addresses", "{ viewer { addresses { id } } }", "viewer.addresses", OWN),
    Row("Viewer.auditLog", "{ viewer { auditLog { nodes { action } } } }", "viewer.auditLog.nodes", OWN_ALONE),
    Row("Viewer.moderationNotices", "{ viewer { moderationNotices { nodes { id } } } }", "viewer.moderationNotices.nodes", OWN_ALONE),
    Row("Viewer.availabilityNotices", "{ viewer { availabilityNotices { nodes { id } } } }", "viewer.availabilityNotices.nodes", OWN),
    Row("Viewer.badges", "{ viewer { badges { unreadMessages } } }", "viewer.badges", OWN_ALONE),
    Row("Viewer.blockedUsers", "{ viewer { blockedUsers { nodes { id } } } }", "viewer.blockedUsers.nodes", OWN_ALONE),
    // Opens the cart that the next one reads.
    Row("Mutation.createCart", "mutation { createCart(input: {}) { cart { id } userErrors { code } } }", "createCart.cart", EVERYBODY),
    Row("Viewer.cart", "{ viewer { cart { id } } }", "viewer.cart", OWN),
    Row("Viewer.clientSettings", "{ viewer { clientSettings { namespace } } }", "viewer.clientSettings", OWN),
    Row("Viewer.conversation", "query($conversation: ID!) { viewer { conversation(id: $conversation) { id } } }", "viewer.conversation", NOBODY),
    Row("Viewer.conversations", "{ viewer { conversations { nodes { id } } } }", "viewer.conversations.nodes", OWN_ALONE),
    Row("Viewer.dataExport", "{ viewer { dataExport { state } } }", "viewer.dataExport", [Nothing, Nothing, Nothing, Nothing, Nothing, Forbidden]),
    Row("Viewer.email", "{ viewer { email } }", "viewer.email", OWN),
    Row("Viewer.eventCursor", "{ viewer { eventCursor } }", "viewer.eventCursor", OWN),
    Row("Viewer.events", "{ viewer { events { nodes { __typename } } } }", "viewer.events.nodes", OWN_ALONE),
    Row("Viewer.followedShops", "{ viewer { followedShops { nodes { id } } } }", "viewer.followedShops.nodes", OWN),
    Row("Viewer.groupInvitations", "{ viewer { groupInvitations { nodes { title } } } }", "viewer.groupInvitations.nodes", OWN_ALONE),
    Row("Viewer.hasPassword", "{ viewer { hasPassword } }", "viewer.hasPassword", OWN),
    Row("Viewer.identities", "{ viewer { identities { id } } }", "viewer.identities", OWN_ALONE),
    Row("Viewer.id", "{ viewer { id } }", "viewer.id", OWN),
    Row("Viewer.notifications", "{ viewer { notifications { nodes { id } } } }", "viewer.notifications.nodes", OWN_ALONE),
    Row("Viewer.pushDevices", "{ viewer { pushDevices { id } } }", "viewer.pushDevices", OWN_ALONE),
    // This market does not push to browsers.
    Row("Viewer.webPushKey", "{ viewer { webPushKey } }", "viewer.webPushKey", NOBODY),
    Row("Viewer.orders", "{ viewer { orders { nodes { id } } } }", "viewer.orders.nodes", OWN),
    Row("Viewer.passkeys", "{ viewer { passkeys { id } } }", "viewer.passkeys", OWN_ALONE),
    Row("Viewer.pinnedConversations", "{ viewer { pinnedConversations { id } } }", "viewer.pinnedConversations", OWN_ALONE),
    Row("Viewer.home", "{ viewer { home { kind title } } }", "viewer.home", OWN_ALONE),
    Row("Viewer.paymentMethods", "{ viewer { paymentMethods { id } } }", "viewer.paymentMethods", OWN_ALONE),
    Row("Viewer.preferences", "{ viewer { preferences { theme } } }", "viewer.preferences", OWN),
    Row("Viewer.buyAgain", "{ viewer { buyAgain { lastQuantity } } }", "viewer.buyAgain", OWN),
    Row("Viewer.personalData", "{ viewer { personalData { kind } } }", "viewer.personalData", OWN_ALONE),
    Row("Viewer.recentSearches", "{ viewer { recentSearches { query } } }", "viewer.recentSearches", OWN_ALONE),
    Row("Viewer.savedSearches", "{ viewer { savedSearches { id } } }", "viewer.savedSearches", OWN_ALONE),
    Row("Viewer.recentlyViewed", "{ viewer { recentlyViewed { nodes { id } } } }", "viewer.recentlyViewed.nodes", OWN_ALONE),
    Row("Viewer.reviews", "{ viewer { reviews { nodes { id } } } }", "viewer.reviews.nodes", OWN),
    Row("Viewer.favorites", "{ viewer { favorites { nodes { productId } } } }", "viewer.favorites.nodes", OWN),
    Row("Viewer.wishLists", "{ viewer { wishLists { id } } }", "viewer.wishLists", OWN),
    Row("Viewer.role", "{ viewer { role } }", "viewer.role", OWN),
    Row("Viewer.searchMessages", "{ viewer { searchMessages(query: \"hello\") { nodes { message { id } } } } }", "viewer.searchMessages.nodes", OWN_ALONE),
    Row("Viewer.securityEvents", "{ viewer { securityEvents { nodes { kind } } } }", "viewer.securityEvents.nodes", OWN_ALONE),
    Row("Viewer.sessions", "{ viewer { sessions { id } } }", "viewer.sessions.0", OWN_ALONE),
    Row("Viewer.secondFactor", "{ viewer { secondFactor { recoveryCodesLeft } } }", "viewer.secondFactor", [Nothing, Nothing, Nothing, Nothing, Nothing, Forbidden]),
    Row("Viewer.shops", "{ viewer { shops { id } } }", "viewer.shops", OWN),
    Row("Viewer.user", "{ viewer { user { id } } }", "viewer.user", OWN),

    Row("Staff.apiKeys", "{ staff { apiKeys { nodes { id } } } }", "staff.apiKeys.nodes.0", STAFF),
    Row("Staff.claims", "{ staff { claims { nodes { id } } } }", "staff.claims.nodes.0", STAFF),
    Row("Staff.disputes", "{ staff { disputes(status: WON) { nodes { id order { id } payment { id } } } } }", "staff.disputes.nodes.0.order", STAFF),
    Row("Staff.orders", "{ staff { orders { nodes { id } } } }", "staff.orders.nodes.0", STAFF),
    Row("Staff.deadJobs", "{ staff { deadJobs { nodes { id } } } }", "staff.deadJobs.nodes", STAFF),
    Row("Staff.documents", "{ staff { documents { nodes { hash } } } }", "staff.documents.nodes", STAFF),
    Row("Staff.fieldUsage", "{ staff { fieldUsage { nodes { coordinate } } } }", "staff.fieldUsage.nodes.0", STAFF),

    Row("Staff.reportedReviews", "{ staff { reportedReviews { nodes { id } } } }", "staff.reportedReviews.nodes", STAFF),
    Row("Staff.reports", "{ staff { reports { nodes { id } } } }", "staff.reports.nodes", STAFF),
    Row("Staff.heldMessages", "{ staff { heldMessages { nodes { id } } } }", "staff.heldMessages.nodes", STAFF),
    Row("Staff.supportCalls", "{ staff { supportCalls { nodes { id } } } }", "staff.supportCalls.nodes", STAFF),
    Row("Staff.messageFilters", "{ staff { messageFilters { id } } }", "staff.messageFilters", STAFF),
    Row("Staff.salesReport", "{ staff { salesReport(from: \"2026-11-01\", until: \"2026-11-30\", by: SHOP) { totals { orders } } } }", "staff.salesReport", [Nothing, Nothing, Forbidden, Something, Nothing, Nothing]),
    Row("Staff.permissions", "{ staff { permissions } }", "staff.permissions.0", STAFF),

];
