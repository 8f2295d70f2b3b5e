//! A row for each field: who sees it.

/// Who asks, in the order of a row's columns.
pub(super) const CALLERS: [&str; 9] =
    ["buyer", "owner", "manager", "fulfillment", "shop support", "stranger", "guest", "market support", "market admin"];

/// A field, the thing of the world to look for it in, what to select of it, and who gets something.
pub(super) struct Row(pub(super) &'static str, pub(super) &'static str, pub(super) &'static str, pub(super) [bool; 9]);

const BUYER_AND_STAFF: [bool; 9] = [true, false, false, false, false, false, false, true, true];
const NOBODY: [bool; 9] = [false; 9];
const BUYER: [bool; 9] = [true, false, false, false, false, false, false, false, false];
const PARTIES_AND_STAFF: [bool; 9] = [true, true, true, true, true, false, false, true, true];
/// Who reads what members write down for each other.
const SHOP_AND_STAFF: [bool; 9] = [false, true, true, true, true, false, false, true, true];
/// Who sees what the shop has of it.
const MONEY: [bool; 9] = [false, true, true, false, false, false, false, true, true];
const MONEY_AND_STAFF: [bool; 9] = [true, true, true, false, false, false, false, true, true];
const STAFF: [bool; 9] = [false, false, false, false, false, false, false, true, true];
/// Who answers a buyer: not those who only pack.
const TALKING: [bool; 9] = [true, true, true, false, true, false, false, false, false];

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    // Whoever sees it is told what they may do with it: nothing, perhaps.
    Row("Order.allowedActions", "order", "", BUYER_AND_STAFF),
    Row("Order.amountAdded", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.amountAuthorized", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.amountCancelled", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.amountCapturePending", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.amountOwed", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.amountPaid", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.amountProcessing", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.amountRefundPending", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.amountRefunded", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.buyer", "order", "{ displayName }", BUYER_AND_STAFF),
    Row("Order.cancellationReason", "cancelled", "", BUYER_AND_STAFF),
    Row("Order.cancelledAt", "cancelled", "", BUYER_AND_STAFF),
    Row("Order.code", "order", "", BUYER_AND_STAFF),
    Row("Order.discount", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.explanation", "order", "{ step amount { amount } text orderPart { id } orderLine { id } payment { id } refund { id } }", BUYER_AND_STAFF),
    Row("Order.id", "order", "", BUYER_AND_STAFF),
    Row("Order.isTaxIncluded", "order", "", BUYER_AND_STAFF),
    Row("Order.lifecycle", "order", "", BUYER_AND_STAFF),
    Row("Order.note", "order", "", BUYER_AND_STAFF),
    Row("Order.number", "order", "", BUYER_AND_STAFF),
    Row("Order.parts", "order", "{ id }", BUYER_AND_STAFF),
    Row("Order.paymentDueAt", "order", "", BUYER_AND_STAFF),
    Row("Order.paymentState", "order", "", BUYER_AND_STAFF),
    Row("Order.payments", "order", "{ id }", BUYER_AND_STAFF),
    Row("Order.placedAt", "order", "", BUYER_AND_STAFF),
    Row("Order.refunds", "order", "{ id }", BUYER_AND_STAFF),
    Row("Order.shipping", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.shippingAddress", "order", "{ lines }", BUYER_AND_STAFF),
    Row("Order.subtotal", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.tax", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.taxName", "order", "", BUYER_AND_STAFF),
    Row("Order.timeline", "order", "{ id step createdAt reason actor { displayName } orderPart { id } refund { id } shipment { id } orderReturn { id } claim { id } }", BUYER_AND_STAFF),
    Row("Order.total", "order", "{ amount }", BUYER_AND_STAFF),
    Row("Order.version", "order", "", BUYER_AND_STAFF),

    Row("OrderPart.addedLines", "part", "{ id }", PARTIES_AND_STAFF),
    Row("OrderPart.allowedActions", "part", "", PARTIES_AND_STAFF),
    Row("OrderPart.amountAdded", "part", "{ amount }", PARTIES_AND_STAFF),
    Row("OrderPart.amountCancelled", "part", "{ amount }", PARTIES_AND_STAFF),
    Row("OrderPart.amountRefunded", "part", "{ amount }", PARTIES_AND_STAFF),
    Row("OrderPart.authorizedUntil", "promised", "", PARTIES_AND_STAFF),
    Row("OrderPart.buyer", "part", "{ displayName }", PARTIES_AND_STAFF),
    Row("OrderPart.claims", "arrived", "{ id }", PARTIES_AND_STAFF),
    Row("OrderPart.conversation", "part", "{ id }", TALKING),
    // For members who do not see money the list is empty.
    Row("OrderPart.creditNotes", "arrived", "{ id }", PARTIES_AND_STAFF),
    Row("OrderPart.discount", "part", "{ amount }", PARTIES_AND_STAFF),
    Row("OrderPart.explanation", "part", "{ step }", MONEY),
    Row("OrderPart.fulfillmentState", "part", "", PARTIES_AND_STAFF),
    Row("OrderPart.id", "part", "", PARTIES_AND_STAFF),
    Row("OrderPart.invoice", "arrived", "{ id number issuedAt orderNumber placedAt currency htmlUrl isTaxIncluded taxes { rate } tax { amount } total { amount } \
        issuer { name country } recipient { name } lines { title } orderPart { id } }", MONEY_AND_STAFF),
    Row("OrderPart.isTaxIncluded", "part", "", PARTIES_AND_STAFF),
    Row("OrderPart.lines", "part", "{ id kind product { id } quantity sku title total { amount } unitPrice { amount } variant { id } }", PARTIES_AND_STAFF),
    Row("OrderPart.notes", "part", "{ id author { displayName } createdAt text }", SHOP_AND_STAFF),
    // Members see their part, not what was bought elsewhere.
    Row("OrderPart.order", "part", "{ id }", BUYER_AND_STAFF),
    Row("OrderPart.orderLifecycle", "part", "", PARTIES_AND_STAFF),
    Row("OrderPart.orderNote", "part", "", PARTIES_AND_STAFF),
    Row("OrderPart.orderNumber", "part", "", PARTIES_AND_STAFF),
    Row("OrderPart.orderPaymentState", "part", "", PARTIES_AND_STAFF),
    Row("OrderPart.placedAt", "part", "", PARTIES_AND_STAFF),
    Row("OrderPart.promotion", "part", "", PARTIES_AND_STAFF),
    Row("OrderPart.refunds", "part", "{ id }", PARTIES_AND_STAFF),
    Row("OrderPart.returns", "arrived", "{ id }", PARTIES_AND_STAFF),
    Row("OrderPart.shipments", "part", "{ id }", PARTIES_AND_STAFF),
    Row("OrderPart.shipping", "part", "{ amount }", PARTIES_AND_STAFF),
    Row("OrderPart.shippingAddress", "part", "{ lines }", PARTIES_AND_STAFF),
    Row("OrderPart.shippingMethod", "part", "", PARTIES_AND_STAFF),
    Row("OrderPart.shop", "part", "{ id }", PARTIES_AND_STAFF),
    Row("OrderPart.subtotal", "part", "{ amount }", PARTIES_AND_STAFF),
    Row("OrderPart.supplementaryInvoices", "arrived", "{ id }", PARTIES_AND_STAFF),
    Row("OrderPart.tax", "part", "{ amount }", PARTIES_AND_STAFF),
    Row("OrderPart.timeline", "part", "{ id }", PARTIES_AND_STAFF),
    Row("OrderPart.total", "part", "{ amount }", PARTIES_AND_STAFF),

    Row("Payment.amount", "payment", "{ amount }", BUYER_AND_STAFF),
    Row("Payment.amountAuthorized", "payment", "{ amount }", BUYER_AND_STAFF),
    Row("Payment.amountCapturePending", "payment", "{ amount }", BUYER_AND_STAFF),
    Row("Payment.amountCaptured", "payment", "{ amount }", BUYER_AND_STAFF),
    Row("Payment.amountRefundPending", "payment", "{ amount }", BUYER_AND_STAFF),
    Row("Payment.amountRefunded", "payment", "{ amount }", BUYER_AND_STAFF),
    Row("Payment.authorizedUntil", "payment", "", BUYER_AND_STAFF),
    Row("Payment.createdAt", "payment", "", BUYER_AND_STAFF),
    Row("Payment.disputes", "payment", "{ id status amount { amount } isMoneyTaken reason dueAt createdAt }", STAFF),
    Row("Payment.failureReason", "failed", "", BUYER_AND_STAFF),
    Row("Payment.id", "payment", "", BUYER_AND_STAFF),
    Row("Payment.nextAction", "payment", "{ ... on RedirectAction { url } }", BUYER),
    Row("Payment.provider", "payment", "", BUYER_AND_STAFF),
    Row("Payment.providerFee", "settled", "{ amount }", STAFF),
    Row("Payment.providerReference", "payment", "", STAFF),
    Row("Payment.status", "payment", "", BUYER_AND_STAFF),

    Row("Refund.amount", "refund", "{ amount }", PARTIES_AND_STAFF),
    Row("Refund.createdAt", "refund", "", PARTIES_AND_STAFF),
    Row("Refund.id", "refund", "", PARTIES_AND_STAFF),
    Row("Refund.orderPart", "refund", "{ id }", PARTIES_AND_STAFF),
    Row("Refund.reason", "refund", "", PARTIES_AND_STAFF),
    Row("Refund.status", "refund", "", PARTIES_AND_STAFF),

    Row("Shipment.carrier", "shipment", "", PARTIES_AND_STAFF),
    Row("Shipment.createdAt", "shipment", "", PARTIES_AND_STAFF),
    Row("Shipment.deliveredAt", "shipment", "", PARTIES_AND_STAFF),
    Row("Shipment.id", "shipment", "", PARTIES_AND_STAFF),
    Row("Shipment.lines", "shipment", "{ quantity orderLine { id } }", PARTIES_AND_STAFF),
    Row("Shipment.nextStatuses", "shipment", "", PARTIES_AND_STAFF),
    Row("Shipment.orderPart", "shipment", "{ id }", PARTIES_AND_STAFF),
    Row("Shipment.shippedAt", "shipment", "", PARTIES_AND_STAFF),
    Row("Shipment.status", "shipment", "", PARTIES_AND_STAFF),
    Row("Shipment.trackingNumber", "shipment", "", PARTIES_AND_STAFF),
    Row("Shipment.trackingUrl", "shipment", "", PARTIES_AND_STAFF),

    Row("OrderReturn.amountRefunded", "return", "{ amount }", PARTIES_AND_STAFF),
    Row("OrderReturn.createdAt", "return", "", PARTIES_AND_STAFF),
    Row("OrderReturn.id", "return", "", PARTIES_AND_STAFF),
    Row("OrderReturn.lines", "return", "{ quantity quantityReceived quantityRestocked orderLine { id } }", PARTIES_AND_STAFF),
    Row("OrderReturn.nextStatuses", "return", "", PARTIES_AND_STAFF),
    Row("OrderReturn.orderPart", "return", "{ id }", PARTIES_AND_STAFF),
    Row("OrderReturn.reason", "return", "", PARTIES_AND_STAFF),
    Row("OrderReturn.status", "return", "", PARTIES_AND_STAFF),
    Row("OrderReturn.timeline", "return", "{ id }", PARTIES_AND_STAFF),

    Row("Claim.amount", "claim", "{ amount }", PARTIES_AND_STAFF),
    Row("Claim.amountRefunded", "claim", "{ amount }", PARTIES_AND_STAFF),
    Row("Claim.createdAt", "claim", "", PARTIES_AND_STAFF),
    Row("Claim.decision", "decidedClaim", "", PARTIES_AND_STAFF),
    Row("Claim.dueAt", "claim", "", PARTIES_AND_STAFF),
    Row("Claim.id", "claim", "", PARTIES_AND_STAFF),
    Row("Claim.kind", "claim", "", PARTIES_AND_STAFF),
    Row("Claim.nextStatuses", "claim", "", PARTIES_AND_STAFF),
    Row("Claim.orderPart", "claim", "{ id }", PARTIES_AND_STAFF),
    Row("Claim.status", "claim", "", PARTIES_AND_STAFF),
    Row("Claim.timeline", "claim", "{ id }", PARTIES_AND_STAFF),

    Row("Conversation.createdAt", "conversation", "", TALKING),
    Row("Conversation.id", "conversation", "", TALKING),
    Row("Conversation.invitations", "conversation", "{ title }", TALKING),
    Row("Conversation.isArchived", "conversation", "", TALKING),
    Row("Conversation.isMuted", "conversation", "", TALKING),
    Row("Conversation.isPinned", "conversation", "", TALKING),
    Row("Conversation.kind", "conversation", "", TALKING),
    Row("Conversation.lastMessage", "conversation", "{ id }", TALKING),
    Row("Conversation.lastNumber", "conversation", "", TALKING),
    Row("Conversation.lastReadNumber", "conversation", "", TALKING),
    Row("Conversation.messages", "conversation", "{ nodes { id } }", TALKING),
    // Only the buyer has muted it.
    Row("Conversation.mutedUntil", "conversation", "", BUYER),
    Row("Conversation.orderPart", "talk", "{ id orderNumber }", TALKING),
    Row("Conversation.participants", "conversation", "{ user { id } }", TALKING),
    Row("Conversation.product", "conversation", "{ id }", TALKING),
    // It is no group.
    Row("Conversation.role", "conversation", "", NOBODY),
    Row("Conversation.shop", "conversation", "{ id }", TALKING),
    Row("Conversation.title", "conversation", "", NOBODY),
    Row("Conversation.unreadCount", "conversation", "", TALKING),
    Row("Conversation.version", "conversation", "", TALKING),

    Row("Message.attachments", "message", "{ __typename }", TALKING),
    Row("Message.author", "message", "{ displayName }", TALKING),
    // The buyer wrote it.
    Row("Message.clientKey", "message", "", BUYER),
    Row("Message.content", "message", "{ ... on TextContent { text } }", TALKING),
    Row("Message.conversation", "message", "{ id }", TALKING),
    Row("Message.createdAt", "message", "", TALKING),
    Row("Message.editedAt", "message", "", TALKING),
    Row("Message.id", "message", "", TALKING),
    Row("Message.isBySupport", "message", "", TALKING),
    Row("Message.mentions", "message", "{ range { start } user { id } }", TALKING),
    Row("Message.number", "message", "", TALKING),
    Row("Message.reactions", "message", "{ emoji count isMine }", TALKING),
    Row("Message.replyTo", "message", "{ id }", TALKING),
    Row("Message.revisions", "message", "{ version text writtenAt }", TALKING),
    Row("Message.version", "message", "", TALKING),
];
