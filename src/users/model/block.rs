//! Who does not want to hear of whom.

use super::User;
use crate::{kernel::id::Id, platform::clock::Time};

/// People whom one person has blocked at the most.
pub const MAXIMUM_BLOCKED: i64 = 5_000;

/// Where a page of blocked people goes on: the last one first.
pub type BlockKey = (Time, Id<User>);
