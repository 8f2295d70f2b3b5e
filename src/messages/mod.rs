//! What people write to each other and to shops.
//!
//! - A **conversation** is between two people, between a person and a shop, about a shop's part of an order, or of a group. There is
//!   one for each pair of people, and one for each person and shop: asking about another product goes on in it.
//! - A **participant** takes part as a person. A shop takes part as a whole, through whichever members may answer.
//! - A **group** is up to 100 people who were asked in. It has one owner, and what happens in it is a message.
//! - A **message** is what somebody wrote, or a step of the order or group that the conversation is about. It may answer another one, and
//!   speak of people who take part. Its author may edit it for a day, and take it back at any time, as who moderates a group may;
//!   people answer it with an emoji.
//! - An **attachment** is sent along with a message: a picture, a file, a card of a product or of an order's part, or a place.
//! - A **quick reply** is a text that a shop saves to answer with.
//! - A message is **held** if only its author sees it: whoever would read it has blocked them, or the staff look at it first. It has no number, and
//!   where numbers are told its author is told places: see [`model::held`].
//! - **Support** is one of the market's staff who was called into the thread of an order, for as long as the call is open.
//! - A **filter** is a word or a domain that nobody sends, or that is looked at first. The staff may **hide** a message, and what is older than the operator keeps it
//!   **expires**: both leave a tombstone, and what was hidden can be shown again as it was.
//!
//! **Invariants:** what is held is for nobody but its author and the staff, and its author is told of it nothing else than if it were not;
//! the numbers of a conversation's messages are dense and in the order of commits, for they are taken
//! under the conversation's lock; unread is always the last number less the number read, never a counter of its own; what
//! others are told that somebody has read never becomes less, and only who marks messages unread moves their own marker back; nobody's marker
//! moves by what others and jobs do;
//! a message never goes, and of one that was taken back its number and author stay; whatever becomes of a message happens under
//! the lock of its row, and is one event; for whoever takes no part, a conversation does not exist, and of a group nothing does
//! that is older than one's joining, neither to answer nor to hear of; telling people who are not looking costs nothing where a message
//! is sent; members and open invitations of a group are at most 100
//! together, so whoever was asked finds a place.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
mod mail;
pub mod model;
mod policy;
mod queries;
pub mod service;
