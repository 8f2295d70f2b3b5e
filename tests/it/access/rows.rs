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

use Gets::{Forbidden, Hidden, NotPermitted, Nothing, Something, Unauthenticated};

/// A field, how to ask for it, and what comes of that for a guest, a stranger, support, an admin, a machine
/// with a key for a storefront, and support in the name of the stranger.
///
/// The document uses the variables of [`super::world`]; the path leads through the data to what is looked at.
pub(super) struct Row(pub(super) &'static str, pub(super) &'static str, pub(super) &'static str, pub(super) [Gets; 6]);

const EVERYBODY: [Gets; 6] = [Something; 6];
/// Everybody, but nobody in another's name.
const NOT_FOR_OTHERS: [Gets; 6] = [Something, Something, Something, Something, Something, Forbidden];
const NOBODY: [Gets; 6] = [Nothing; 6];
/// Null for a guest and a machine, since the way there is.
const OWN: [Gets; 6] = [Nothing, Something, Something, Something, Nothing, Something];
/// As [`OWN`], and for nobody in another's name.
const OWN_ALONE: [Gets; 6] = [Nothing, Something, Something, Something, Nothing, Forbidden];
const SIGNED_IN: [Gets; 6] = [Unauthenticated, Something, Something, Something, Forbidden, Something];
/// As [`SIGNED_IN`], and by nobody in another's name.
const ONESELF: [Gets; 6] = [Unauthenticated, Something, Something, Something, Forbidden, Forbidden];
const STAFF: [Gets; 6] = [Nothing, Nothing, Something, Something, Nothing, Nothing];
const ADMIN: [Gets; 6] = [Unauthenticated, Forbidden, Forbidden, Something, Forbidden, Forbidden];
const STAFF_ONLY: [Gets; 6] = [Unauthenticated, Forbidden, Something, Something, Forbidden, Forbidden];
/// Only for those whom it belongs to, who are none of the callers.
const THEIRS: [Gets; 6] = [Unauthenticated, Hidden, Hidden, Hidden, Forbidden, Hidden];
/// As [`THEIRS`], and by nobody in another's name.
const THEIRS_ALONE: [Gets; 6] = [Unauthenticated, Hidden, Hidden, Hidden, Forbidden, Forbidden];

/// As [`THEIRS_ALONE`], but admins may for the market.
const ADMINS: [Gets; 6] = [Unauthenticated, Hidden, Hidden, Something, Forbidden, Forbidden];

/// As [`THEIRS`], but admins may for the market.
const SENDING: [Gets; 6] = [Unauthenticated, Hidden, Hidden, Something, Forbidden, Hidden];

/// As what does not exist, for everybody.
const HIDDEN: [Gets; 6] = [Hidden; 6];
/// As [`HIDDEN`], and for nobody in another's name.
const HIDDEN_ALONE: [Gets; 6] = [Hidden, Hidden, Hidden, Hidden, Hidden, Forbidden];

/// Types of which each field has a row; all other types hold what everybody may see, or are reached through these.
pub(super) const PRIVATE_TYPES: &[&str] = &["Viewer", "Staff"];

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
    Row("Query.searchSuggestions", "{ searchSuggestions(query: \"f\") { query } }", "searchSuggestions", EVERYBODY),
    Row("Query.signInProviders", "{ signInProviders { key } }", "signInProviders", EVERYBODY),
    Row("Query.shop", "query($shop: ID!) { shop(by: {id: $shop}) { id } }", "shop", EVERYBODY),
    Row("Query.staff", "{ staff { __typename } }", "staff", STAFF),
    Row("Query.taxClasses", "{ taxClasses { id } }", "taxClasses.0", EVERYBODY),
    Row("Query.user", "query($user: ID!) { user(by: {id: $user}) { displayName } }", "user", EVERYBODY),
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
    Row("Node.Order", "query($order: ID!) { node(id: $order) { ... on Order { id } } }", "node.id", STAFF),
    Row("Node.OrderPart", "query($part: ID!) { node(id: $part) { ... on OrderPart { id } } }", "node.id", STAFF),
    Row("Node.Shipment", "query($shipment: ID!) { node(id: $shipment) { ... on Shipment { id } } }", "node.id", STAFF),
    Row("Node.OrderReturn", "query($return: ID!) { node(id: $return) { ... on OrderReturn { id } } }", "node.id", STAFF),
    Row("Node.Claim", "query($claim: ID!) { node(id: $claim) { ... on Claim { id } } }", "node.id", STAFF),
    Row("Node.PaymentDispute", "query($dispute: ID!) { node(id: $dispute) { ... on PaymentDispute { id } } }", "node.id", STAFF),
    Row("Node.Refund", "query($refund: ID!) { node(id: $refund) { ... on Refund { id } } }", "node.id", STAFF),
    Row("Node.Invoice", "query($invoice: ID!) { node(id: $invoice) { ... on Invoice { id } } }", "node.id", STAFF),
    Row("Node.CreditNote", "query($creditNote: ID!) { node(id: $creditNote) { ... on CreditNote { id } } }", "node.id", STAFF),
    Row("Node.Payment", "query($payment: ID!) { node(id: $payment) { ... on Payment { id } } }", "node.id", STAFF),
    Row("Node.Session", "query($session: ID!) { node(id: $session) { ... on Session { id } } }", "node.id", NOBODY),
    Row("Node.SavedAddress", "query($address: ID!) { node(id: $address) { ... on SavedAddress { id } } }", "node.id", NOBODY),
    Row("Node.ShopDesk", "query($desk: ID!) { node(id: $desk) { ... on ShopDesk { id } } }", "node.id", NOBODY),
    Row("Node.Viewer", "query($viewer: ID!) { node(id: $viewer) { ... on Viewer { email } } }", "node", NOBODY),

    Row("Viewer.accountDeletion", "{ viewer { accountDeletion { dueAt } } }", "viewer.accountDeletion", [Nothing, Nothing, Nothing, Nothing, Nothing, Forbidden]),
    Row("Viewer.addresses", "{ viewer { addresses { id } } }", "viewer.addresses", OWN),
    Row("Viewer.auditLog", "{ viewer { auditLog { nodes { action } } } }", "viewer.auditLog.nodes", OWN_ALONE),
    Row("Viewer.availabilityNotices", "{ viewer { availabilityNotices { nodes { id } } } }", "viewer.availabilityNotices.nodes", OWN),
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
    Row("Viewer.hasPassword", "{ viewer { hasPassword } }", "viewer.hasPassword", OWN),
    Row("Viewer.identities", "{ viewer { identities { id } } }", "viewer.identities", OWN_ALONE),
    Row("Viewer.id", "{ viewer { id } }", "viewer.id", OWN),
    Row("Viewer.orders", "{ viewer { orders { nodes { id } } } }", "viewer.orders.nodes", OWN),
    Row("Viewer.passkeys", "{ viewer { passkeys { id } } }", "viewer.passkeys", OWN_ALONE),
    Row("Viewer.preferences", "{ viewer { preferences { theme } } }", "viewer.preferences", OWN),
    Row("Viewer.reviews", "{ viewer { reviews { nodes { id } } } }", "viewer.reviews.nodes", OWN),
    Row("Viewer.favorites", "{ viewer { favorites { nodes { productId } } } }", "viewer.favorites.nodes", OWN),
    Row("Viewer.wishLists", "{ viewer { wishLists { id } } }", "viewer.wishLists", OWN),
    Row("Viewer.role", "{ viewer { role } }", "viewer.role", OWN),
    Row("Viewer.securityEvents", "{ viewer { securityEvents { nodes { kind } } } }", "viewer.securityEvents.nodes", OWN_ALONE),
    Row("Viewer.sessions", "{ viewer { sessions { id } } }", "viewer.sessions.0", OWN_ALONE),
    Row("Viewer.secondFactor", "{ viewer { secondFactor { recoveryCodesLeft } } }", "viewer.secondFactor", [Nothing, Nothing, Nothing, Nothing, Nothing, Forbidden]),
    Row("Viewer.shops", "{ viewer { shops { id } } }", "viewer.shops", OWN),
    Row("Viewer.user", "{ viewer { user { id } } }", "viewer.user", OWN),

    Row("Staff.apiKeys", "{ staff { apiKeys { nodes { id } } } }", "staff.apiKeys.nodes.0", STAFF),
    Row("Staff.claims", "{ staff { claims { nodes { id } } } }", "staff.claims.nodes.0", STAFF),
    Row("Staff.deadJobs", "{ staff { deadJobs { nodes { id } } } }", "staff.deadJobs.nodes", STAFF),
    Row("Staff.documents", "{ staff { documents { nodes { hash } } } }", "staff.documents.nodes", STAFF),
    Row("Staff.fieldUsage", "{ staff { fieldUsage { nodes { coordinate } } } }", "staff.fieldUsage.nodes.0", STAFF),

    Row("Staff.reportedReviews", "{ staff { reportedReviews { nodes { id } } } }", "staff.reportedReviews.nodes", STAFF),
    Row("Staff.salesReport", "{ staff { salesReport(from: \"2026-11-01\", until: \"2026-11-30\", by: SHOP) { totals { orders } } } }", "staff.salesReport", [Nothing, Nothing, Forbidden, Something, Nothing, Nothing]),
    Row("Staff.permissions", "{ staff { permissions } }", "staff.permissions.0", STAFF),

    Row("Mutation.actOnBehalf", "mutation($user: ID!) { actOnBehalf(input: {userId: $user, reason: \"They asked\"}) { grant { id } } }", "actOnBehalf.grant", STAFF_ONLY),
    Row("Mutation.endActing", "mutation { endActing(input: {grantId: \"grant_00000000000000000000000000\"}) { userErrors { code } } }", "endActing", STAFF_ONLY),
    Row("Mutation.revokeUserSessions", "mutation { revokeUserSessions(input: {userId: \"user_00000000000000000000000000\", reason: \"They asked\"}) { userErrors { code } } }", "revokeUserSessions", STAFF_ONLY),
    Row("Mutation.setUserRole", "mutation($user: ID!) { setUserRole(input: {userId: $user, role: MEMBER, reason: \"As before\"}) { role } }", "setUserRole.role", ADMIN),
    Row("Mutation.createApiKey", "mutation { createApiKey(input: {name: \"Web shop\", scopes: [STOREFRONT]}) { apiKey { id } userErrors { code } } }", "createApiKey.apiKey", ADMIN),
    Row("Mutation.revokeApiKey", "mutation { revokeApiKey(input: {apiKeyId: \"apikey_00000000000000000000000000\"}) { userErrors { code } } }", "revokeApiKey", ADMIN),
    Row("Mutation.beginTotpSetup", "mutation { beginTotpSetup { setup { secret } userErrors { code } } }", "beginTotpSetup.setup", ONESELF),
    Row("Mutation.addPasskey", "mutation { addPasskey(input: {name: \"Phone\", credential: \"\"}) { userErrors { code } } }", "addPasskey", ONESELF),
    Row("Mutation.beginPasskeyAuthentication", "mutation { beginPasskeyAuthentication { options } }", "beginPasskeyAuthentication.options", EVERYBODY),
    Row("Mutation.beginPasskeyRegistration", "mutation { beginPasskeyRegistration { options } }", "beginPasskeyRegistration.options", ONESELF),
    Row("Mutation.removePasskey", "mutation { removePasskey(input: {passkeyId: \"passkey_00000000000000000000000000\"}) { passkey { id } userErrors { code } } }", "removePasskey.passkey", THEIRS_ALONE),
    Row("Mutation.renamePasskey", "mutation { renamePasskey(input: {passkeyId: \"passkey_00000000000000000000000000\", name: \"Phone\"}) { passkey { id } userErrors { code } } }", "renamePasskey.passkey", THEIRS_ALONE),
    Row("Mutation.signInWithPasskey", "mutation { signInWithPasskey(input: {credential: \"\"}) { userErrors { code } } }", "signInWithPasskey", EVERYBODY),
    Row("Mutation.completeSignIn", "mutation { completeSignIn(input: {challengeToken: \"\", proof: {totpCode: \"\"}}) { userErrors { code } } }", "completeSignIn", EVERYBODY),
    Row("Mutation.confirmTotpSetup", "mutation { confirmTotpSetup(input: {code: \"\"}) { userErrors { code } } }", "confirmTotpSetup", ONESELF),
    Row("Mutation.disableTotp", "mutation { disableTotp { userErrors { code } } }", "disableTotp", ONESELF),
    Row("Mutation.regenerateRecoveryCodes", "mutation { regenerateRecoveryCodes { userErrors { code } } }", "regenerateRecoveryCodes", ONESELF),
    Row("Mutation.stepUp", "mutation { stepUp(input: {proof: {password: \"\"}}) { userErrors { code } } }", "stepUp", ONESELF),
    Row("Mutation.confirmEmailByLink", "mutation { confirmEmailByLink(input: {token: \"\", password: \"\"}) { userErrors { code } } }",
        "confirmEmailByLink", EVERYBODY),
    Row("Mutation.requestPasswordReset", "mutation { requestPasswordReset(input: {email: \"\"}) { userErrors { code } } }",
        "requestPasswordReset", EVERYBODY),
    Row("Mutation.resetPassword", "mutation { resetPassword(input: {token: \"\", newPassword: \"\"}) { userErrors { code } } }",
        "resetPassword", EVERYBODY),
    Row("Mutation.beginProviderSignIn", "mutation { beginProviderSignIn(input: {provider: \"\", returnTo: \"\"}) { userErrors { code } } }",
        "beginProviderSignIn", EVERYBODY),
    Row("Mutation.completeProviderSignIn", "mutation { completeProviderSignIn(input: {state: \"\", code: \"\"}) { userErrors { code } } }",
        "completeProviderSignIn", EVERYBODY),
    Row("Mutation.beginProviderLink", "mutation { beginProviderLink(input: {provider: \"\", returnTo: \"\"}) { userErrors { code } } }",
        "beginProviderLink", ONESELF),
    Row("Mutation.completeProviderLink", "mutation { completeProviderLink(input: {state: \"\", code: \"\"}) { userErrors { code } } }",
        "completeProviderLink", ONESELF),
    Row("Mutation.unlinkProvider", "mutation { unlinkProvider(input: {identityId: \"identity_01jd0000000000000000000000\"}) { identity { id } userErrors { code } } }",
        "unlinkProvider.identity", THEIRS_ALONE),
    Row("Mutation.confirmEmail", "mutation($verification: ID!) { confirmEmail(input: {verificationId: $verification, code: \"0\"}) { userErrors { code } } }", "confirmEmail", EVERYBODY),
    Row("Mutation.refreshSession", "mutation { refreshSession(input: {refreshToken: \"\"}) { userErrors { code } } }", "refreshSession", EVERYBODY),
    Row("Mutation.replayJob", "mutation($job: ID!) { replayJob(input: {jobId: $job}) { userErrors { code } } }", "replayJob", ADMIN),
    Row("Mutation.resendVerification", "mutation($verification: ID!) { resendVerification(input: {verificationId: $verification}) { userErrors { code } } }", "resendVerification", EVERYBODY),
    Row("Mutation.revokeOtherSessions", "mutation { revokeOtherSessions { sessions { id } } }", "revokeOtherSessions.sessions", ONESELF),
    Row("Mutation.revokeSession", "mutation($session: ID!) { revokeSession(input: {sessionId: $session}) { session { id } userErrors { code } } }", "revokeSession.session", THEIRS_ALONE),
    Row("Mutation.signIn", "mutation { signIn(input: {email: \"\", password: \"\"}) { userErrors { code } } }", "signIn", EVERYBODY),
    Row("Mutation.signUp", "mutation($password: String!) { signUp(input: {email: \"new@example.com\", password: $password, displayName: \"New\"}) { verification { id } } }", "signUp.verification", EVERYBODY),
    Row("Mutation.createSavedAddress", "mutation { createSavedAddress(input: {address: {name: \"N\", lines: [\"1\"], postalCode: \"N1 9AG\", city: \"C\", country: \"GB\"}}) { savedAddress { id } userErrors { code } } }", "createSavedAddress.savedAddress", SIGNED_IN),
    Row("Mutation.deleteSavedAddress", "mutation($address: ID!) { deleteSavedAddress(input: {savedAddressId: $address}) { deletedSavedAddressId userErrors { code } } }", "deleteSavedAddress.deletedSavedAddressId", THEIRS),
    Row("Mutation.setClientSettings", "mutation { setClientSettings(input: {namespace: \"web\", value: {dark: true}}) { clientSettings { version } } }", "setClientSettings.clientSettings", SIGNED_IN),
    Row("Mutation.updateSavedAddress", "mutation($address: ID!) { updateSavedAddress(input: {savedAddressId: $address}) { savedAddress { id } userErrors { code } } }", "updateSavedAddress.savedAddress", THEIRS),
    Row("Mutation.updatePreferences", "mutation { updatePreferences(input: {}) { preferences { theme } } }", "updatePreferences.preferences", SIGNED_IN),
    Row("Mutation.updateProfile", "mutation { updateProfile(input: {}) { user { id } } }", "updateProfile.user", SIGNED_IN),

    Row("Mutation.addShopMember", "mutation($shop: ID!, $user: ID!) { addShopMember(input: {shopId: $shop, userId: $user, role: SUPPORT}) { member { __typename } userErrors { code } } }", "addShopMember.member", THEIRS_ALONE),
    Row("Mutation.createUpload", "mutation { createUpload(input: {purpose: AVATAR, byteSize: 100}) { upload { __typename } userErrors { code } } }", "createUpload.upload", SIGNED_IN),
    Row("Mutation.removeAvatar", "mutation { removeAvatar { user { __typename } userErrors { code } } }", "removeAvatar.user", SIGNED_IN),
    Row("Mutation.setAvatar", "mutation($upload: ID!) { setAvatar(input: {uploadId: $upload}) { user { __typename } userErrors { code } } }", "setAvatar.user", THEIRS),
    Row("Mutation.importProducts", "mutation($shop: ID!, $upload: ID!) { importProducts(input: {shopId: $shop, uploadId: $upload}) { productImport { __typename } userErrors { code } } }", "importProducts.productImport", THEIRS),
    Row("Mutation.cancelProductImport", "mutation($productImport: ID!) { cancelProductImport(input: {productImportId: $productImport}) { productImport { __typename } userErrors { code } } }", "cancelProductImport.productImport", THEIRS),
    Row("Mutation.adjustStock", "mutation($variant: ID!) { adjustStock(input: {variantId: $variant, change: {by: 1}}) { stockLevel { __typename } userErrors { code } } }", "adjustStock.stockLevel", THEIRS),
    Row("Mutation.createLocation", "mutation($shop: ID!) { createLocation(input: {shopId: $shop, name: \"Barn\"}) { location { __typename } userErrors { code } } }", "createLocation.location", THEIRS),
    Row("Mutation.moveStock", "mutation($variant: ID!, $location: ID!) { moveStock(input: {variantId: $variant, fromLocationId: $location, toLocationId: \"location_00000000000000000000000000\", quantity: 1}) { from { __typename } userErrors { code } } }", "moveStock.from", THEIRS),
    Row("Mutation.setStockRule", "mutation($variant: ID!) { setStockRule(input: {variantId: $variant, backorderLimit: 5}) { variant { __typename } userErrors { code } } }", "setStockRule.variant", THEIRS),
    Row("Mutation.updateLocation", "mutation($location: ID!) { updateLocation(input: {locationId: $location, name: \"Barn\"}) { location { __typename } userErrors { code } } }", "updateLocation.location", THEIRS),
    Row("Mutation.createShippingZone", "mutation($shop: ID!) { createShippingZone(input: {shopId: $shop, name: \"Home\", countries: []}) { shippingZone { __typename } userErrors { code } } }", "createShippingZone.shippingZone", THEIRS),
    Row("Mutation.updateShippingZone", "mutation($shippingZone: ID!) { updateShippingZone(input: {shippingZoneId: $shippingZone, expectedVersion: 1}) { shippingZone { __typename } userErrors { code } } }", "updateShippingZone.shippingZone", THEIRS),
    Row("Mutation.deleteShippingZone", "mutation($shippingZone: ID!) { deleteShippingZone(input: {shippingZoneId: $shippingZone, expectedVersion: 1}) { deletedShippingZoneId userErrors { code } } }", "deleteShippingZone.deletedShippingZoneId", THEIRS),
    Row("Mutation.createShippingMethod", "mutation($shippingZone: ID!) { createShippingMethod(input: {shippingZoneId: $shippingZone, name: \"Post\", rates: []}) { shippingMethod { __typename } userErrors { code } } }", "createShippingMethod.shippingMethod", THEIRS),
    Row("Mutation.updateShippingMethod", "mutation($shippingMethod: ID!) { updateShippingMethod(input: {shippingMethodId: $shippingMethod, expectedVersion: 1}) { shippingMethod { __typename } userErrors { code } } }", "updateShippingMethod.shippingMethod", THEIRS),
    Row("Mutation.deleteShippingMethod", "mutation($shippingMethod: ID!) { deleteShippingMethod(input: {shippingMethodId: $shippingMethod, expectedVersion: 1}) { deletedShippingMethodId userErrors { code } } }", "deleteShippingMethod.deletedShippingMethodId", THEIRS),
    Row("Mutation.blockUser", "mutation($user: ID!) { blockUser(input: {userId: $user}) { user { id } } }", "blockUser.user", ONESELF),
    Row("Mutation.unblockUser", "mutation($user: ID!) { unblockUser(input: {userId: $user}) { user { id } } }", "unblockUser.user", ONESELF),
    Row("Mutation.cancelOrder", "mutation($order: ID!) { cancelOrder(input: {orderId: $order}) { order { __typename } userErrors { code } } }", "cancelOrder.order", THEIRS),
    Row("Mutation.contactShop", "mutation($product: ID!) { contactShop(input: {productId: $product, text: \"Hello\", idempotencyKey: \"1\"}) { conversation { __typename } userErrors { code } } }", "contactShop.conversation", ONESELF),
    Row("Mutation.createAttribute", "mutation { createAttribute(input: {name: \"Depth\", kind: NUMBER}) { attribute { __typename } userErrors { code } } }", "createAttribute.attribute", ADMIN),
    Row("Mutation.createProductKind", "mutation { createProductKind(input: {name: \"Lamp\"}) { productKind { __typename } userErrors { code } } }", "createProductKind.productKind", ADMIN),
    Row("Mutation.updateAttribute", "mutation($attribute: ID!) { updateAttribute(input: {attributeId: $attribute, expectedVersion: 1}) { attribute { __typename } userErrors { code } } }", "updateAttribute.attribute", ADMIN),
    Row("Mutation.updateProductKind", "mutation($productKind: ID!) { updateProductKind(input: {productKindId: $productKind, expectedVersion: 1}) { productKind { __typename } userErrors { code } } }", "updateProductKind.productKind", ADMIN),
    Row("Mutation.createTaxClass", "mutation { createTaxClass(input: {name: \"Zero\"}) { taxClass { __typename } userErrors { code } } }", "createTaxClass.taxClass", ADMIN),
    Row("Mutation.updateTaxClass", "mutation($taxClass: ID!) { updateTaxClass(input: {taxClassId: $taxClass, expectedVersion: 1}) { taxClass { __typename } userErrors { code } } }", "updateTaxClass.taxClass", ADMIN),
    Row("Mutation.setCountryTaxes", "mutation { setCountryTaxes(input: {country: \"FR\", isIncludedInPrices: true, remittedBy: MARKET, name: \"TVA\", standardRate: \"20\"}) { countryTaxes { __typename } userErrors { code } } }", "setCountryTaxes.countryTaxes", ADMIN),
    // Of what the one before laid down.
    Row("Mutation.removeCountryTaxes", "mutation { removeCountryTaxes(input: {country: \"FR\", expectedVersion: 1}) { countryTaxes { __typename } userErrors { code } } }", "removeCountryTaxes.countryTaxes", ADMIN),
    Row("Mutation.updateCategory", "mutation($category: ID!) { updateCategory(input: {categoryId: $category, expectedVersion: 1}) { category { __typename } userErrors { code } } }", "updateCategory.category", ADMIN),
    Row("Mutation.moveCategory", "mutation($category: ID!) { moveCategory(input: {categoryId: $category, expectedVersion: 2, parentId: null}) { category { __typename } userErrors { code } } }", "moveCategory.category", ADMIN),
    Row("Mutation.deleteCategory", "mutation { deleteCategory(input: {categoryId: \"category_00000000000000000000000000\", expectedVersion: 1}) { category { __typename } userErrors { code } } }", "deleteCategory", ADMIN),
    Row("Mutation.setShopCommission", "mutation($shop: ID!) { setShopCommission(input: {shopId: $shop, percent: \"5\", reason: \"Agreed\"}) { shop { id } userErrors { code } } }", "setShopCommission.shop", ADMIN),
    Row("Mutation.createCategory", "mutation { createCategory(input: {name: \"Lamps\"}) { category { __typename } userErrors { code } } }", "createCategory.category", ADMIN),
    Row("Mutation.createProduct", "mutation($shop: ID!) { createProduct(input: {shopId: $shop, title: \"Lamp\", price: {amount: \"1.00\", currency: \"GBP\"}}) { product { __typename } userErrors { code } } }", "createProduct.product", THEIRS),
    Row("Mutation.createProductVariant", "mutation($product: ID!) { createProductVariant(input: {productId: $product, price: {amount: \"1.00\", currency: \"GBP\"}}) { variant { __typename } userErrors { code } } }", "createProductVariant.variant", THEIRS),
    Row("Mutation.cancelAccountDeletion", "mutation { cancelAccountDeletion { userErrors { code } } }", "cancelAccountDeletion", ONESELF),
    Row("Mutation.deleteAccount", "mutation { deleteAccount { accountDeletion { __typename } userErrors { code } } }", "deleteAccount.accountDeletion", [Unauthenticated, Something, NotPermitted, NotPermitted, Forbidden, Forbidden]),
    Row("Mutation.requestDataExport", "mutation { requestDataExport { dataExport { state } userErrors { code } } }", "requestDataExport.dataExport", ONESELF),
    Row("Mutation.notifyWhenAvailable", "mutation { notifyWhenAvailable(input: {variantId: \"variant_00000000000000000000000000\"}) { variant { __typename } userErrors { code } } }", "notifyWhenAvailable.variant", THEIRS),
    Row("Mutation.forgetAvailabilityNotice", "mutation($variant: ID!) { forgetAvailabilityNotice(input: {variantId: $variant}) { variant { __typename } userErrors { code } } }", "forgetAvailabilityNotice.variant", SIGNED_IN),
    Row("Mutation.followShop", "mutation($shop: ID!) { followShop(input: {shopId: $shop}) { shop { id } } }", "followShop.shop", SIGNED_IN),
    Row("Mutation.markRead", "mutation($conversation: ID!) { markRead(input: {conversationId: $conversation, upTo: 1}) { conversation { __typename } userErrors { code } } }", "markRead.conversation", THEIRS_ALONE),
    Row("Mutation.openShop", "mutation { openShop(input: {name: \"Mine\", currency: \"GBP\", country: \"GB\"}) { desk { __typename } userErrors { code } } }", "openShop.desk", SIGNED_IN),
    Row("Mutation.payOrder", "mutation($order: ID!) { payOrder(input: {orderId: $order, method: {token: \"test_succeeds\"}, idempotencyKey: \"1\"}) { order { __typename } userErrors { code } } }", "payOrder.order", THEIRS_ALONE),
    Row("Mutation.claimOrder", "mutation { claimOrder(input: {token: \"none\", idempotencyKey: \"1\"}) { order { __typename } userErrors { code } } }", "claimOrder.order", THEIRS_ALONE),
    Row("Mutation.placeGuestOrder", "mutation { placeGuestOrder(input: {cart: {token: \"none\", expectedVersion: 1}, email: \"n@example.com\", expectedTotal: {amount: \"5.00\", currency: \"GBP\"}, shippingAddress: {name: \"N\", lines: [\"1\"], postalCode: \"N1 9AG\", city: \"C\", country: \"GB\"}, idempotencyKey: \"1\"}) { order { __typename } userErrors { code } } }", "placeGuestOrder.order", HIDDEN_ALONE),
    Row("Mutation.placeOrder", "mutation($variant: ID!) { placeOrder(input: {lines: [{variantId: $variant, quantity: 1}], expectedTotal: {amount: \"5.00\", currency: \"GBP\"}, shippingAddress: {name: \"N\", lines: [\"1\"], postalCode: \"N1 9AG\", city: \"C\", country: \"GB\"}, idempotencyKey: \"1\"}) { order { __typename } userErrors { code } } }", "placeOrder.order", SIGNED_IN),
    Row("Mutation.refundOrderPart", "mutation($paidPart: ID!) { refundOrderPart(input: {orderPartId: $paidPart, amount: {amount: \"1.00\", currency: \"GBP\"}, reason: \"R\", idempotencyKey: \"1\"}) { orderPart { __typename } userErrors { code } } }", "refundOrderPart.orderPart", ADMINS),
    Row("Mutation.createShipment", "mutation($paidPart: ID!, $paidLine: ID!) { createShipment(input: {orderPartId: $paidPart, lines: [{orderLineId: $paidLine, quantity: 1}], reason: \"R\", idempotencyKey: \"1\"}) { shipment { __typename } userErrors { code } } }", "createShipment.shipment", SENDING),
    Row("Mutation.updateShipment", "mutation($shipment: ID!) { updateShipment(input: {shipmentId: $shipment, status: SHIPPED, reason: \"R\"}) { shipment { __typename } userErrors { code } } }", "updateShipment.shipment", SENDING),
    Row("Mutation.confirmDelivery", "mutation($shipment: ID!) { confirmDelivery(input: {shipmentId: $shipment}) { shipment { __typename } userErrors { code } } }", "confirmDelivery.shipment", THEIRS),
    Row("Mutation.requestReturn", "mutation($paidPart: ID!) { requestReturn(input: {orderPartId: $paidPart, reason: OTHER, idempotencyKey: \"1\"}) { orderReturn { __typename } userErrors { code } } }", "requestReturn.orderReturn", THEIRS),
    Row("Mutation.withdrawReturn", "mutation($return: ID!) { withdrawReturn(input: {returnId: $return}) { orderReturn { __typename } userErrors { code } } }", "withdrawReturn.orderReturn", THEIRS),
    Row("Mutation.approveReturn", "mutation($return: ID!) { approveReturn(input: {returnId: $return, message: \"M\"}) { orderReturn { __typename } userErrors { code } } }", "approveReturn.orderReturn", ADMINS),
    Row("Mutation.receiveReturn", "mutation($return: ID!) { receiveReturn(input: {returnId: $return, message: \"M\", idempotencyKey: \"1\"}) { orderReturn { __typename } userErrors { code } } }", "receiveReturn.orderReturn", ADMINS),
    Row("Mutation.declineReturn", "mutation($otherReturn: ID!) { declineReturn(input: {returnId: $otherReturn, message: \"M\"}) { orderReturn { __typename } userErrors { code } } }", "declineReturn.orderReturn", ADMINS),
    Row("Mutation.openClaim", "mutation($paidPart: ID!) { openClaim(input: {orderPartId: $paidPart, kind: NOT_RECEIVED, message: \"M\", idempotencyKey: \"1\"}) { claim { __typename } userErrors { code } } }", "openClaim.claim", THEIRS_ALONE),
    Row("Mutation.answerClaim", "mutation($claim: ID!) { answerClaim(input: {claimId: $claim, message: \"M\", idempotencyKey: \"1\"}) { claim { __typename } userErrors { code } } }", "answerClaim.claim", THEIRS_ALONE),
    Row("Mutation.escalateClaim", "mutation($claim: ID!) { escalateClaim(input: {claimId: $claim}) { claim { __typename } userErrors { code } } }", "escalateClaim.claim", THEIRS_ALONE),
    Row("Mutation.withdrawClaim", "mutation($claim: ID!) { withdrawClaim(input: {claimId: $claim}) { claim { __typename } userErrors { code } } }", "withdrawClaim.claim", THEIRS_ALONE),
    Row("Mutation.decideClaim", "mutation($claim: ID!) { decideClaim(input: {claimId: $claim, decision: FOR_SHOP, reason: \"R\", idempotencyKey: \"1\"}) { claim { __typename } userErrors { code } } }", "decideClaim.claim", ADMIN),
    Row("Mutation.addOrderPartNote", "mutation($paidPart: ID!) { addOrderPartNote(input: {orderPartId: $paidPart, text: \"N\", idempotencyKey: \"1\"}) { note { __typename } userErrors { code } } }", "addOrderPartNote.note", THEIRS_ALONE),
    Row("Mutation.removeOrderPartNote", "mutation { removeOrderPartNote(input: {noteId: \"note_00000000000000000000000000\"}) { removedNoteId userErrors { code } } }", "removeOrderPartNote.removedNoteId", THEIRS_ALONE),
    Row("Mutation.cancelOrderPart", "mutation($paidPart: ID!) { cancelOrderPart(input: {orderPartId: $paidPart, reason: \"R\", idempotencyKey: \"1\"}) { orderPart { __typename } userErrors { code } } }", "cancelOrderPart.orderPart", ADMINS),
    Row("Mutation.editOrderPart", "mutation($paidPart: ID!) { editOrderPart(input: {orderPartId: $paidPart, expectedVersion: 1, expectedDifference: {amount: \"0.00\", currency: \"GBP\"}, idempotencyKey: \"1\"}) { orderPart { __typename } userErrors { code } } }", "editOrderPart.orderPart", THEIRS),
    Row("Mutation.retryRefund", "mutation($refund: ID!) { retryRefund(input: {refundId: $refund}) { refund { __typename } userErrors { code } } }", "retryRefund.refund", ADMINS),
    Row("Mutation.removeShopMember", "mutation($shop: ID!, $user: ID!) { removeShopMember(input: {shopId: $shop, userId: $user}) { desk { __typename } userErrors { code } } }", "removeShopMember.desk", THEIRS_ALONE),
    Row("Mutation.sendMessage", "mutation($conversation: ID!) { sendMessage(input: {conversationId: $conversation, text: \"Hello\", idempotencyKey: \"2\"}) { message { __typename } userErrors { code } } }", "sendMessage.message", THEIRS_ALONE),
    Row("Mutation.setShopMemberRole", "mutation($shop: ID!, $user: ID!) { setShopMemberRole(input: {shopId: $shop, userId: $user, role: SUPPORT}) { member { __typename } userErrors { code } } }", "setShopMemberRole.member", THEIRS_ALONE),
    Row("Mutation.startConversation", "mutation($user: ID!) { startConversation(input: {userId: $user}) { conversation { __typename } userErrors { code } } }", "startConversation.conversation", ONESELF),
    Row("Mutation.unfollowShop", "mutation($shop: ID!) { unfollowShop(input: {shopId: $shop}) { shop { id } } }", "unfollowShop.shop", SIGNED_IN),
    Row("Mutation.favoriteProduct", "mutation($product: ID!) { favoriteProduct(input: {productId: $product}) { product { id } } }", "favoriteProduct.product", SIGNED_IN),
    Row("Mutation.unfavoriteProduct", "mutation($product: ID!) { unfavoriteProduct(input: {productId: $product}) { product { id } } }", "unfavoriteProduct.product", SIGNED_IN),
    Row("Mutation.createWishList", "mutation { createWishList(input: {name: \"Mine\"}) { wishList { id } } }", "createWishList.wishList", SIGNED_IN),
    Row("Mutation.updateWishList", "mutation($wishList: ID!) { updateWishList(input: {wishListId: $wishList, expectedVersion: 1}) { wishList { __typename } userErrors { code } } }", "updateWishList.wishList", THEIRS),
    Row("Mutation.renewWishListLink", "mutation($wishList: ID!) { renewWishListLink(input: {wishListId: $wishList}) { wishList { __typename } userErrors { code } } }", "renewWishListLink.wishList", THEIRS),
    Row("Mutation.deleteWishList", "mutation($wishList: ID!) { deleteWishList(input: {wishListId: $wishList}) { deletedWishListId userErrors { code } } }", "deleteWishList.deletedWishListId", THEIRS),
    Row("Mutation.addToWishList", "mutation($wishList: ID!, $product: ID!) { addToWishList(input: {wishListId: $wishList, productId: $product}) { wishList { __typename } userErrors { code } } }", "addToWishList.wishList", THEIRS),
    Row("Mutation.removeFromWishList", "mutation { removeFromWishList(input: {itemId: \"wish_00000000000000000000000000\"}) { wishList { __typename } userErrors { code } } }", "removeFromWishList.wishList", THEIRS),
    Row("Mutation.createPromotion", "mutation($shop: ID!) { createPromotion(input: {shopId: $shop, name: \"Free\", kind: FREE_SHIPPING}) { promotion { __typename } userErrors { code } } }", "createPromotion.promotion", THEIRS),
    Row("Mutation.updatePromotion", "mutation($promotion: ID!) { updatePromotion(input: {promotionId: $promotion, expectedVersion: 1}) { promotion { __typename } userErrors { code } } }", "updatePromotion.promotion", THEIRS),
    Row("Mutation.deletePromotion", "mutation($promotion: ID!) { deletePromotion(input: {promotionId: $promotion, expectedVersion: 1}) { deletedPromotionId userErrors { code } } }", "deletePromotion.deletedPromotionId", THEIRS),
    Row("Mutation.createPayoutOnboardingLink", "mutation($shop: ID!) { createPayoutOnboardingLink(input: {shopId: $shop, returnUrl: \"https://shop.example/\"}) { url userErrors { code } } }", "createPayoutOnboardingLink.url", THEIRS_ALONE),
    Row("Mutation.addToCart", "mutation($variant: ID!) { addToCart(input: {variantId: $variant}) { cart { id } userErrors { code } } }", "addToCart.cart", [Hidden, Something, Something, Something, Hidden, Something]),
    Row("Mutation.setCartLine", "mutation($variant: ID!) { setCartLine(input: {token: \"none\", expectedVersion: 1, variantId: $variant, quantity: 1}) { cart { id } userErrors { code } } }", "setCartLine.cart", HIDDEN),
    Row("Mutation.acceptCartPrices", "mutation { acceptCartPrices(input: {token: \"none\", expectedVersion: 1}) { cart { id } userErrors { code } } }", "acceptCartPrices.cart", HIDDEN),
    Row("Mutation.reserveCart", "mutation { reserveCart(input: {token: \"none\", expectedVersion: 1}) { cart { id } userErrors { code } } }", "reserveCart.cart", HIDDEN),
    Row("Mutation.clearCart", "mutation { clearCart(input: {token: \"none\", expectedVersion: 1}) { cart { id } userErrors { code } } }", "clearCart.cart", HIDDEN),
    Row("Mutation.setCartCurrency", "mutation { setCartCurrency(input: {token: \"none\", expectedVersion: 1, currency: \"EUR\"}) { cart { id } userErrors { code } } }", "setCartCurrency.cart", HIDDEN),
    Row("Mutation.mergeCart", "mutation { mergeCart(input: {token: \"none\"}) { cart { id } userErrors { code } } }", "mergeCart.cart", THEIRS),
    Row("Mutation.createReview", "mutation($product: ID!) { createReview(input: {productId: $product, rating: 5}) { review { __typename } userErrors { code } } }", "createReview.review", [Unauthenticated, NotPermitted, NotPermitted, NotPermitted, Forbidden, Forbidden]),
    Row("Mutation.updateReview", "mutation($review: ID!) { updateReview(input: {reviewId: $review, expectedVersion: 1}) { review { __typename } userErrors { code } } }", "updateReview.review", THEIRS_ALONE),
    Row("Mutation.deleteReview", "mutation($review: ID!) { deleteReview(input: {reviewId: $review}) { deletedReviewId userErrors { code } } }", "deleteReview.deletedReviewId", THEIRS_ALONE),
    Row("Mutation.replyToReview", "mutation($review: ID!) { replyToReview(input: {reviewId: $review, text: \"Thanks\"}) { review { __typename } userErrors { code } } }", "replyToReview.review", [Unauthenticated, NotPermitted, NotPermitted, NotPermitted, Forbidden, Forbidden]),
    Row("Mutation.deleteReviewReply", "mutation($review: ID!) { deleteReviewReply(input: {reviewId: $review}) { review { __typename } userErrors { code } } }", "deleteReviewReply.review", [Unauthenticated, NotPermitted, NotPermitted, NotPermitted, Forbidden, Forbidden]),
    Row("Mutation.reportReview", "mutation($review: ID!) { reportReview(input: {reviewId: $review, reason: SPAM}) { review { __typename } userErrors { code } } }", "reportReview.review", ONESELF),
    Row("Mutation.hideReview", "mutation { hideReview(input: {reviewId: \"review_00000000000000000000000000\", reason: \"Spam\"}) { userErrors { code } } }", "hideReview", STAFF_ONLY),
    Row("Mutation.showReview", "mutation { showReview(input: {reviewId: \"review_00000000000000000000000000\", reason: \"Fine\"}) { userErrors { code } } }", "showReview", STAFF_ONLY),
    Row("Mutation.updateProduct", "mutation($product: ID!) { updateProduct(input: {productId: $product, expectedVersion: 1}) { product { __typename } userErrors { code } } }", "updateProduct.product", THEIRS),
    Row("Mutation.updateProductVariant", "mutation($variant: ID!) { updateProductVariant(input: {variantId: $variant, expectedVersion: 1}) { variant { __typename } userErrors { code } } }", "updateProductVariant.variant", THEIRS),
    Row("Mutation.updateProductPrices", "mutation($product: ID!) { updateProductPrices(input: {productId: $product, variants: []}) { product { __typename } userErrors { code } } }", "updateProductPrices.product", THEIRS),
    Row("Mutation.updateProductOptions", "mutation($product: ID!) { updateProductOptions(input: {productId: $product, expectedVersion: 1, options: []}) { product { __typename } userErrors { code } } }", "updateProductOptions.product", THEIRS),
    Row("Mutation.setProductTranslation", "mutation($product: ID!) { setProductTranslation(input: {productId: $product, locale: \"de\", title: \"Lampe\"}) { product { __typename } userErrors { code } } }", "setProductTranslation.product", THEIRS),
    Row("Mutation.removeProductTranslation", "mutation($product: ID!) { removeProductTranslation(input: {productId: $product, locale: \"de\"}) { product { __typename } userErrors { code } } }", "removeProductTranslation.product", THEIRS),
    Row("Mutation.setCategoryTranslation", "mutation($category: ID!) { setCategoryTranslation(input: {categoryId: $category, locale: \"de\", name: \"Lampen\"}) { category { __typename } userErrors { code } } }", "setCategoryTranslation.category", ADMIN),
    Row("Mutation.removeCategoryTranslation", "mutation($category: ID!) { removeCategoryTranslation(input: {categoryId: $category, locale: \"de\"}) { category { __typename } userErrors { code } } }", "removeCategoryTranslation.category", ADMIN),
    Row("Mutation.setAttributeTranslation", "mutation($attribute: ID!) { setAttributeTranslation(input: {attributeId: $attribute, locale: \"de\", name: \"Höhe\"}) { attribute { __typename } userErrors { code } } }", "setAttributeTranslation.attribute", ADMIN),
    Row("Mutation.removeAttributeTranslation", "mutation($attribute: ID!) { removeAttributeTranslation(input: {attributeId: $attribute, locale: \"de\"}) { attribute { __typename } userErrors { code } } }", "removeAttributeTranslation.attribute", ADMIN),
    Row("Mutation.setProductMedia", "mutation($product: ID!) { setProductMedia(input: {productId: $product, expectedVersion: 1, media: []}) { product { __typename } userErrors { code } } }", "setProductMedia.product", THEIRS),
    Row("Mutation.reorderProductVariants", "mutation($product: ID!) { reorderProductVariants(input: {productId: $product, expectedVersion: 1, variantIds: []}) { product { __typename } userErrors { code } } }", "reorderProductVariants.product", THEIRS),
    Row("Mutation.updateShop", "mutation($shop: ID!) { updateShop(input: {shopId: $shop, expectedVersion: 1}) { shop { __typename } userErrors { code } } }", "updateShop.shop", THEIRS),

    Row("Subscription.events", "subscription { events { __typename } }", "events", ONESELF),
    Row("Subscription.cartEvents", "subscription($cartToken: String!) { cartEvents(token: $cartToken) { __typename } }", "cartEvents", NOT_FOR_OTHERS),
    Row("Subscription.productEvents", "subscription($product: ID!) { productEvents(ids: [$product]) { __typename } }", "productEvents", NOT_FOR_OTHERS),

    // The last one, for it does.
    Row("Mutation.changePassword", "mutation { changePassword(input: {currentPassword: \"\", newPassword: \"\"}) { userErrors { code } } }",
        "changePassword", ONESELF),
    Row("Mutation.requestEmailChange", "mutation { requestEmailChange(input: {email: \"\", currentPassword: \"\"}) { userErrors { code } } }",
        "requestEmailChange", ONESELF),
    Row("Mutation.confirmEmailChange", "mutation { confirmEmailChange(input: {emailChangeId: \"emailchange_01jd0000000000000000000000\", code: \"\"}) { userErrors { code } } }",
        "confirmEmailChange", ONESELF),
    Row("Mutation.signOut", "mutation { signOut { userErrors { code } } }", "signOut", ONESELF),
];
