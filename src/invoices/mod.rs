//! Documents about money: invoices of what was sold, and credit notes about what goes back of them.
//!
//! - An **invoice** is issued by a shop for its part of an order, once that is paid.
//! - A **credit note** is issued for each refund of an invoiced part, about the invoice.
//! - A **series** numbers the documents of one shop and one kind: 1, 2, 3, without gaps.
//!
//! **Invariants:** everything that stands on a document is kept with it, and nothing of it ever changes but that its recipient is
//! forgotten, which the database sees to; a number is given in the transaction that writes the document, so none is lost and none is
//! given twice; an invoice with credit notes about all of it comes to nothing, and so does its tax, at every rate. This domain does
//! not know what an order is: `orders` says what is due, in the transaction in which money moves.

pub mod graphql;
pub mod model;
mod queries;
pub mod service;
