//! What an operation costs: points for what it may answer, and afterwards for what it has answered.

use async_graphql::{Response, Value};

use super::gate::Measured;
use crate::{kernel::error::ErrorCode, platform::gql::count_objects};

/// What an operation costs.
#[derive(Debug, Clone, Copy)]
pub struct Price {
    /// What it asks for: charged before it runs, and never nothing.
    pub requested: u64,
    /// What of it no answer lowers.
    fixed: u64,
}

impl Price {
    pub fn of(measured: &Measured) -> Self {
        Self { requested: measured.cost.max(1), fixed: measured.fixed_cost }
    }

    /// The points of what was really answered, never none. What took too long was worked on all the same.
    pub fn of_answer(self, response: &Response) -> u64 {
        let is_timeout = response.errors.iter().any(|error| {
            let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
            matches!(code, Some(Value::String(code)) if code == ErrorCode::Timeout.as_str())
        });
        // The data themselves are no object of the schema's cost.
        let objects = count_objects(&response.data).saturating_sub(1);
        if is_timeout { self.requested } else { self.fixed.saturating_add(objects).max(1) }
    }
}

/// The points of a document that is refused: one, and one for each whole KiB of its text that had to be looked at.
pub fn of_refusal(query: Option<&str>) -> u64 {
    let bytes = query.map_or(0, str::len);
    u64::try_from(bytes / 1024).unwrap_or(u64::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn an_answer_costs_its_objects_and_what_is_fixed() {
        let price = Price { requested: 500, fixed: 100 };
        let cost = |data| price.of_answer(&Response::new(data));
        assert_eq!(cost(value!({})), 100);
        assert_eq!(cost(value!({"a": {"b": [{"c": 1}, {"c": null}, null], "d": ["x", "y"]}, "e": null})), 103);
        let cheap = Price { requested: 500, fixed: 0 };
        assert_eq!(cheap.of_answer(&Response::new(value!({"a": null}))), 1);
        let failed = |code: &str| {
            let mut error = async_graphql::ServerError::new("", None);
            error.extensions.get_or_insert_default().set("code", code);
            price.of_answer(&Response::from_errors(vec![error]))
        };
        assert_eq!((failed("UNAVAILABLE"), failed("TIMEOUT")), (100, 500));
    }

    #[test]
    fn a_refusal_costs_a_point_and_one_for_each_whole_kib() {
        let cost = |bytes: usize| of_refusal(Some(&"x".repeat(bytes)));
        assert_eq!((of_refusal(None), cost(0), cost(1_023), cost(1_024), cost(65_536)), (1, 1, 1, 2, 65));
    }
}
