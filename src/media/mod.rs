//! Files that people upload, and the images that are made of them.
//!
//! - An **upload** is the right to send one file, for one purpose, by a URL that is good until a file was taken. Nobody but
//!   who asked for it can use what came of it.
//! - A **medium** is a file as it is kept: of an image, pixels that were encoded here. It never changes. Its **renditions**,
//!   in other widths and encodings, are made when they are first asked for and kept beside it, so there are as many as
//!   [`model::WIDTHS`] and encodings allow; without loss only of what was kept so.
//! - A medium of a message is **private**: only a URL that is good for a while leads to it, and nothing that everybody may ask for.
//! - A file that is no image is kept as it was sent, under its upload, as long as a message shows it.
//!
//! **Who refers to a medium** has a foreign key to it and moves its count of references in the same transaction, by
//! [`service::attach`] and [`service::release`]. What nobody has referred to for a day is doomed, then its files are deleted,
//! and then its row.
//!
//! **Invariants:** a medium that is referred to is READY, and its file is there for good; a file without a row is never
//! looked for, because a row comes first and goes last; no URL of an upload is stored, or in any log.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
pub mod model;
mod queries;
pub mod service;
