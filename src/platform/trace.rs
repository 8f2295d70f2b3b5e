//! The trace that a request belongs to, by [W3C Trace Context](https://www.w3.org/TR/trace-context/).

/// A `traceparent` header that is well-formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceParent {
    header: String,
    trace_id: String,
}

impl TraceParent {
    /// None if it is malformed: then the specification has it ignored.
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let (version, trace_id, parent_id, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_hex = |text: &str, length: usize| {
            text.len() == length && text.bytes().all(|letter| matches!(letter, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_zero = |text: &str| text.bytes().all(|letter| letter == b'0');
        let is_well_formed = is_hex(version, 2)
            && version != "ff"
            // A later version may say more; this one may not.
            && (version != "00" || parts.next().is_none())
            && is_hex(trace_id, 32)
            && !is_zero(trace_id)
            && is_hex(parent_id, 16)
            && !is_zero(parent_id)
            && is_hex(flags, 2);
        let header = format!("00-{trace_id}-{parent_id}-{flags}");
        is_well_formed.then(|| Self { header, trace_id: trace_id.to_owned() })
    }

    /// 32 hexadecimal digits.
    pub fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// As a header of version 00.
    pub fn header(&self) -> &str {
        &self.header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_well_formed_header_names_its_trace() {
        let header = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let parsed = TraceParent::parse(&header).unwrap();
        assert_eq!((parsed.trace_id(), parsed.header()), (TRACE, header.as_str()));
        let later = TraceParent::parse(&format!("cc-{TRACE}-00f067aa0ba902b7-01-what-comes-later")).unwrap();
        assert_eq!((later.trace_id(), later.header()), (TRACE, header.as_str()));
    }

    #[test]
    fn a_malformed_header_is_ignored() {
        let zeros = "0".repeat(32);
        for header in [
            String::new(),
            TRACE.into(),
            format!("00-{TRACE}-00f067aa0ba902b7"),
            format!("00-{TRACE}-00f067aa0ba902b7-1"),
            format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            format!("00-{zeros}-00f067aa0ba902b7-01"),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00-{TRACE}0-00f067aa0ba902b7-01"),
        ] {
            assert_eq!(TraceParent::parse(&header), None, "{header}");
        }
    }
}
