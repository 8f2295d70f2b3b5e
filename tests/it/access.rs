//! Who may see and do what: a row for each root field, for each field of a type that is not public, and for each type
//! behind `node`. The list of fields comes from introspection, so a new one fails until somebody decides.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{
    Client, TestApp,
    app::PASSWORD,
    events::{EventStream, Heard},
};

/// What a caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gets {
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
/// The document uses the variables of [`world`]; the path leads through the data to what is looked at.
struct Row(&'static str, &'static str, &'static str, [Gets; 6]);

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

/// Types of which each field has a row; all other types hold what everybody may see, or are reached through these.
const PRIVATE_TYPES: &[&str] = &["Viewer", "Staff"];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("Query.addressRules", "{ addressRules(country: \"DE\") { postalCodePattern } }", "addressRules.postalCodePattern", EVERYBODY),
    Row("Query.attribute", "query($attribute: ID!) { attribute(by: {id: $attribute}) { id } }", "attribute", EVERYBODY),
    Row("Query.attributes", "{ attributes { nodes { id } } }", "attributes.nodes.0", EVERYBODY),
    Row("Query.productKind", "query($productKind: ID!) { productKind(by: {id: $productKind}) { id } }", "productKind", EVERYBODY),
    Row("Query.productKinds", "{ productKinds { nodes { id } } }", "productKinds.nodes.0", EVERYBODY),
    Row("Query.categories", "{ categories { nodes { id } } }", "categories.nodes.0", EVERYBODY),
    Row("Query.category", "query($category: ID!) { category(by: {id: $category}) { id } }", "category", EVERYBODY),
    Row("Query.node", "query($user: ID!) { node(id: $user) { id } }", "node", EVERYBODY),
    Row("Query.nodes", "query($user: ID!) { nodes(ids: [$user]) { id } }", "nodes.0", EVERYBODY),
    Row("Query.order", "{ order(token: \"none\") { id } }", "order", NOBODY),
    Row("Query.product", "query($product: ID!) { product(by: {id: $product}) { id } }", "product", EVERYBODY),
    Row("Query.productFacets", "{ productFacets { totalCount } }", "productFacets.totalCount", EVERYBODY),
    Row("Query.products", "{ products { nodes { id } } }", "products.nodes.0", EVERYBODY),
    Row("Query.searchSuggestions", "{ searchSuggestions(query: \"f\") { query } }", "searchSuggestions", EVERYBODY),
    Row("Query.signInProviders", "{ signInProviders { key } }", "signInProviders", EVERYBODY),
    Row("Query.shop", "query($shop: ID!) { shop(by: {id: $shop}) { id } }", "shop", EVERYBODY),
    Row("Query.staff", "{ staff { __typename } }", "staff", STAFF),
    Row("Query.taxClasses", "{ taxClasses { id } }", "taxClasses.0", EVERYBODY),
    Row("Query.user", "query($user: ID!) { user(by: {id: $user}) { displayName } }", "user", EVERYBODY),
    Row("Query.viewer", "{ viewer { id } }", "viewer", OWN),

    Row("Node.Attribute", "query($attribute: ID!) { node(id: $attribute) { ... on Attribute { id } } }", "node.id", EVERYBODY),
    Row("Node.ProductKind", "query($productKind: ID!) { node(id: $productKind) { ... on ProductKind { id } } }", "node.id", EVERYBODY),
    Row("Node.TaxClass", "query($taxClass: ID!) { node(id: $taxClass) { ... on TaxClass { id } } }", "node.id", EVERYBODY),
    Row("Node.Category", "query($category: ID!) { node(id: $category) { ... on Category { id } } }", "node.id", EVERYBODY),
    Row("Node.Product", "query($product: ID!) { node(id: $product) { ... on Product { id } } }", "node.id", EVERYBODY),
    Row("Node.ProductVariant", "query($variant: ID!) { node(id: $variant) { ... on ProductVariant { id } } }", "node.id", EVERYBODY),
    Row("Node.Shop", "query($shop: ID!) { node(id: $shop) { ... on Shop { id } } }", "node.id", EVERYBODY),
    Row("Node.Image", "query($image: ID!) { node(id: $image) { ... on Image { width } } }", "node.width", EVERYBODY),
    Row("Node.User", "query($user: ID!) { node(id: $user) { ... on User { displayName } } }", "node.displayName", EVERYBODY),
    // What belongs to others is not there.
    Row("Node.Conversation", "query($conversation: ID!) { node(id: $conversation) { ... on Conversation { id } } }", "node.id", NOBODY),
    Row("Node.Message", "query($message: ID!) { node(id: $message) { ... on Message { id } } }", "node.id", NOBODY),
    Row("Node.Order", "query($order: ID!) { node(id: $order) { ... on Order { id } } }", "node.id", STAFF),
    Row("Node.OrderPart", "query($part: ID!) { node(id: $part) { ... on OrderPart { id } } }", "node.id", STAFF),
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
    Row("Viewer.role", "{ viewer { role } }", "viewer.role", OWN),
    Row("Viewer.securityEvents", "{ viewer { securityEvents { nodes { kind } } } }", "viewer.securityEvents.nodes", OWN_ALONE),
    Row("Viewer.sessions", "{ viewer { sessions { id } } }", "viewer.sessions.0", OWN_ALONE),
    Row("Viewer.secondFactor", "{ viewer { secondFactor { recoveryCodesLeft } } }", "viewer.secondFactor", [Nothing, Nothing, Nothing, Nothing, Nothing, Forbidden]),
    Row("Viewer.shops", "{ viewer { shops { id } } }", "viewer.shops", OWN),
    Row("Viewer.user", "{ viewer { user { id } } }", "viewer.user", OWN),

    Row("Staff.apiKeys", "{ staff { apiKeys { nodes { id } } } }", "staff.apiKeys.nodes.0", STAFF),
    Row("Staff.deadJobs", "{ staff { deadJobs { nodes { id } } } }", "staff.deadJobs.nodes", STAFF),
    Row("Staff.documents", "{ staff { documents { nodes { hash } } } }", "staff.documents.nodes", STAFF),
    Row("Staff.fieldUsage", "{ staff { fieldUsage { nodes { coordinate } } } }", "staff.fieldUsage.nodes.0", STAFF),

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
    Row("Mutation.adjustStock", "mutation($variant: ID!) { adjustStock(input: {variantId: $variant, change: {by: 1}}) { stockLevel { __typename } userErrors { code } } }", "adjustStock.stockLevel", THEIRS),
    Row("Mutation.createLocation", "mutation($shop: ID!) { createLocation(input: {shopId: $shop, name: \"Barn\"}) { location { __typename } userErrors { code } } }", "createLocation.location", THEIRS),
    Row("Mutation.moveStock", "mutation($variant: ID!, $location: ID!) { moveStock(input: {variantId: $variant, fromLocationId: $location, toLocationId: \"location_00000000000000000000000000\", quantity: 1}) { from { __typename } userErrors { code } } }", "moveStock.from", THEIRS),
    Row("Mutation.setStockRule", "mutation($variant: ID!) { setStockRule(input: {variantId: $variant, backorderLimit: 5}) { variant { __typename } userErrors { code } } }", "setStockRule.variant", THEIRS),
    Row("Mutation.updateLocation", "mutation($location: ID!) { updateLocation(input: {locationId: $location, name: \"Barn\"}) { location { __typename } userErrors { code } } }", "updateLocation.location", THEIRS),
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
    Row("Mutation.updateCategory", "mutation($category: ID!) { updateCategory(input: {categoryId: $category, expectedVersion: 1}) { category { __typename } userErrors { code } } }", "updateCategory.category", ADMIN),
    Row("Mutation.moveCategory", "mutation($category: ID!) { moveCategory(input: {categoryId: $category, expectedVersion: 2, parentId: null}) { category { __typename } userErrors { code } } }", "moveCategory.category", ADMIN),
    Row("Mutation.deleteCategory", "mutation { deleteCategory(input: {categoryId: \"category_00000000000000000000000000\", expectedVersion: 1}) { category { __typename } userErrors { code } } }", "deleteCategory", ADMIN),
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
    Row("Mutation.placeOrder", "mutation($variant: ID!) { placeOrder(input: {lines: [{variantId: $variant, quantity: 1}], expectedTotal: {amount: \"5.00\", currency: \"GBP\"}, shippingAddress: {name: \"N\", lines: [\"1\"], postalCode: \"N1 9AG\", city: \"C\", country: \"GB\"}, idempotencyKey: \"1\"}) { order { __typename } userErrors { code } } }", "placeOrder.order", SIGNED_IN),
    Row("Mutation.removeShopMember", "mutation($shop: ID!, $user: ID!) { removeShopMember(input: {shopId: $shop, userId: $user}) { desk { __typename } userErrors { code } } }", "removeShopMember.desk", THEIRS_ALONE),
    Row("Mutation.sendMessage", "mutation($conversation: ID!) { sendMessage(input: {conversationId: $conversation, text: \"Hello\", idempotencyKey: \"2\"}) { message { __typename } userErrors { code } } }", "sendMessage.message", THEIRS_ALONE),
    Row("Mutation.setShopMemberRole", "mutation($shop: ID!, $user: ID!) { setShopMemberRole(input: {shopId: $shop, userId: $user, role: SUPPORT}) { member { __typename } userErrors { code } } }", "setShopMemberRole.member", THEIRS_ALONE),
    Row("Mutation.startConversation", "mutation($user: ID!) { startConversation(input: {userId: $user}) { conversation { __typename } userErrors { code } } }", "startConversation.conversation", ONESELF),
    Row("Mutation.unfollowShop", "mutation($shop: ID!) { unfollowShop(input: {shopId: $shop}) { shop { id } } }", "unfollowShop.shop", SIGNED_IN),
    Row("Mutation.updateProduct", "mutation($product: ID!) { updateProduct(input: {productId: $product, expectedVersion: 1}) { product { __typename } userErrors { code } } }", "updateProduct.product", THEIRS),
    Row("Mutation.updateProductVariant", "mutation($variant: ID!) { updateProductVariant(input: {variantId: $variant, expectedVersion: 1}) { variant { __typename } userErrors { code } } }", "updateProductVariant.variant", THEIRS),
    Row("Mutation.updateProductPrices", "mutation($product: ID!) { updateProductPrices(input: {productId: $product, variants: []}) { product { __typename } userErrors { code } } }", "updateProductPrices.product", THEIRS),
    Row("Mutation.updateProductOptions", "mutation($product: ID!) { updateProductOptions(input: {productId: $product, expectedVersion: 1, options: []}) { product { __typename } userErrors { code } } }", "updateProductOptions.product", THEIRS),
    Row("Mutation.setProductMedia", "mutation($product: ID!) { setProductMedia(input: {productId: $product, expectedVersion: 1, media: []}) { product { __typename } userErrors { code } } }", "setProductMedia.product", THEIRS),
    Row("Mutation.reorderProductVariants", "mutation($product: ID!) { reorderProductVariants(input: {productId: $product, expectedVersion: 1, variantIds: []}) { product { __typename } userErrors { code } } }", "reorderProductVariants.product", THEIRS),
    Row("Mutation.updateShop", "mutation($shop: ID!) { updateShop(input: {shopId: $shop, expectedVersion: 1}) { shop { __typename } userErrors { code } } }", "updateShop.shop", THEIRS),

    Row("Subscription.events", "subscription { events { __typename } }", "events", ONESELF),
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

/// What rows name: it belongs to an owner of a shop and to a buyer, who are none of the callers.
async fn world(app: &TestApp) -> Value {
    let clerk = app.sign_up("Clerk").await;
    app.given_role(&clerk, "ADMIN");
    let category = clerk.mutate("createCategory", json!({"name": "Things"}), "category { id }").await.ok();
    let attribute = json!({"name": "Height", "kind": "NUMBER", "unit": "cm"});
    let attribute = clerk.mutate("createAttribute", attribute, "attribute { id }").await.ok();
    let product_kind = clerk.mutate("createProductKind", json!({"name": "Thing"}), "productKind { id }").await.ok();
    let tax_class = clerk.mutate("createTaxClass", json!({"name": "Reduced"}), "taxClass { id }").await.ok();
    let owner = app.sign_up("Owner").await;
    let shop = json!({"name": "Corner", "currency": "GBP", "country": "GB"});
    let desk = owner.mutate("openShop", shop, "desk { id shop { id } }").await.ok()["desk"].clone();
    let five = json!({"amount": "5.00", "currency": "GBP"});
    let variants = json!([{"price": five, "quantity": 100}]);
    let product = json!({"shopId": desk["shop"]["id"], "title": "T-light holder", "variants": variants});
    let product =
        owner.mutate("createProduct", product, "product { id variants { id } }").await.ok()["product"].clone();

    let buyer = app.sign_up("Buyer").await;
    let order = json!({
        "lines": [{"variantId": product["variants"][0]["id"], "quantity": 1}],
        "expectedTotal": five,
        "shippingAddress": {"name": "Buyer", "lines": ["1 High Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
        "idempotencyKey": "order",
    });
    let order = buyer.mutate("placeOrder", order, "order { id parts { id } }").await.ok()["order"].clone();
    let payment = json!({"orderId": order["id"], "method": {"token": "test_requires_action"}, "idempotencyKey": "pay"});
    let payment = buyer.mutate("payOrder", payment, "payment { id }").await.ok();
    let contact = json!({"productId": product["id"], "text": "Is it green?", "idempotencyKey": "ask"});
    let contact = buyer.mutate("contactShop", contact, "conversation { id } message { id }").await.ok();
    let address = json!({"name": "O", "lines": ["1"], "postalCode": "N1 9AG", "city": "London", "country": "GB"});
    let address = owner.mutate("createSavedAddress", json!({"address": address}), "savedAddress { id }").await.ok();
    let upload =
        buyer.mutate("createUpload", json!({"purpose": "AVATAR", "byteSize": 100}), "upload { id }").await.ok();
    let viewer = owner.query("{ viewer { id sessions { id } } }").await.ok()["viewer"].clone();
    let location =
        owner.query("{ viewer { shops { locations { id } } } }").await.ok()["viewer"]["shops"][0]["locations"][0]["id"]
            .clone();
    let avatar = crate::media::show(&owner, &crate::media::files::photo(8, 8)).await;
    json!({
        "address": address["savedAddress"]["id"],
        "attribute": attribute["attribute"]["id"],
        "productKind": product_kind["productKind"]["id"],
        "category": category["category"]["id"],
        "conversation": contact["conversation"]["id"],
        "desk": desk["id"],
        "image": avatar["id"],
        "location": location,
        "job": "job_00000000000000000000000000",
        "message": contact["message"]["id"],
        "order": order["id"],
        "part": order["parts"][0]["id"],
        "password": PASSWORD,
        "payment": payment["payment"]["id"],
        "product": product["id"],
        "shop": desk["shop"]["id"],
        "taxClass": tax_class["taxClass"]["id"],
        "upload": upload["upload"]["id"],
        "user": owner.id,
        "variant": product["variants"][0]["id"],
        "verification": "verification_00000000000000000000000000",
        "session": viewer["sessions"][0]["id"],
        "viewer": viewer["id"],
    })
}

#[actix_web::test]
async fn everybody_gets_what_the_table_says() {
    let app = TestApp::start().await;
    let world = world(&app).await;
    let support = app.sign_up("Support").await;
    app.given_role(&support, "SUPPORT");
    let admin = app.sign_up("Admin").await;
    app.given_role(&admin, "ADMIN");
    let stranger = app.sign_up("Stranger").await;
    let helper = app.sign_up("Helper").await;
    app.given_role(&helper, "SUPPORT");
    let leave = app.leave(&helper, &stranger).await;
    let callers = [
        ("guest", app.guest()),
        ("stranger", stranger.client),
        ("support", support.client),
        ("admin", admin.client),
        ("key", app.guest().with_token(&app.given_key().await.1)),
        ("helper", helper.with_header("agora-on-behalf-of", &leave)),
    ];
    let mut wrong = Vec::new();
    for Row(field, document, path, expected) in ROWS {
        let mut variables = world.clone();
        variables.as_object_mut().unwrap().retain(|name, _| document.contains(&format!("${name}:")));
        for ((name, caller), expected) in callers.iter().zip(expected) {
            let (found, said) = ask(caller, field, document, variables.clone(), path).await;
            if found != Some(*expected) {
                wrong.push(format!("{field} for a {name}: expected {expected:?}, got {found:?}: {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

async fn ask(caller: &Client, field: &str, document: &str, variables: Value, path: &str) -> (Option<Gets>, String) {
    let (data, errors) = if field.starts_with("Subscription.") {
        let request = caller.post(&json!({"query": document, "variables": variables}));
        let mut said = match EventStream::try_open(request).await {
            Err(refusal) => refusal,
            Ok(mut stream) => match stream.hear().await {
                Heard::Next { data, .. } => data,
                other => panic!("{field}: {other:?}"),
            },
        };
        (said["data"].take(), said["errors"].as_array().cloned().unwrap_or_default())
    } else {
        let answer = caller.send(document, variables).await;
        (answer.data, answer.errors)
    };
    let said = format!("{data} {errors:?}");
    let codes: Vec<&str> = errors.iter().filter_map(|error| error["extensions"]["code"].as_str()).collect();
    let found = match codes.as_slice() {
        ["UNAUTHENTICATED"] => Some(Unauthenticated),
        ["FORBIDDEN"] => Some(Forbidden),
        [] if errors.is_empty() => {
            let pointer = format!("/{}", path.replace('.', "/"));
            let refusal = format!("/{}/userErrors/0/code", path.split('.').next().unwrap_or_default());
            match data.pointer(&refusal).and_then(Value::as_str).filter(|_| path.contains('.')) {
                Some("NOT_FOUND") => Some(Hidden),
                Some("NOT_PERMITTED") => Some(NotPermitted),
                Some(_) => None,
                None if data.pointer(&pointer).is_none_or(Value::is_null) => Some(Nothing),
                None => Some(Something),
            }
        }
        _ => None,
    };
    (found, said)
}

#[actix_web::test]
async fn every_field_that_needs_a_decision_has_one() {
    let app = TestApp::start().await;
    let document = "{ __schema { types { name fields { name } possibleTypes { name } } } }";
    let types = app.guest().query(document).await.ok()["__schema"]["types"].clone();
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_array().cloned().unwrap_or_default();
        list.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    let mut wanted = BTreeSet::new();
    for ty in types.as_array().unwrap() {
        let name = ty["name"].as_str().unwrap();
        let members = match name {
            "Query" | "Mutation" | "Subscription" => names(&ty["fields"]),
            "Node" => names(&ty["possibleTypes"]),
            _ if PRIVATE_TYPES.contains(&name) => names(&ty["fields"]),
            _ => Vec::new(),
        };
        wanted.extend(members.into_iter().map(|member| format!("{name}.{member}")));
    }
    let decided: BTreeSet<String> = ROWS.iter().map(|Row(field, ..)| (*field).to_owned()).collect();
    let undecided: Vec<_> = wanted.difference(&decided).collect();
    assert!(undecided.is_empty(), "decide who may have {undecided:?}: add rows to tests/it/access.rs");
    let gone: Vec<_> = decided.difference(&wanted).collect();
    assert!(gone.is_empty(), "{gone:?} is no longer in the schema: remove the rows");
}
