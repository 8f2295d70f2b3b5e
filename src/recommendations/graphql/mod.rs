//! Recommendations on the wire.

mod history;
mod related;

pub use self::{
    history::{HistoryMutation, HistoryViewer},
    related::{Recommendation, RecommendationReason, beside_cart, related},
};
