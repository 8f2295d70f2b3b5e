//! Taking files in, keeping them as long as somebody refers to them, and giving them out.

mod avatar;
mod files;
mod privacy;
mod references;
mod renditions;
mod sweep;
mod uploads;

pub use self::{
    avatar::*,
    files::{drop_files, has_file, keep_file, kept_file, sent_file},
    privacy::*,
    references::*,
    renditions::*,
    sweep::*,
    uploads::*,
};
