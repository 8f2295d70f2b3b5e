use std::fmt;

/// What was exceeded. The limits themselves are described at [`Limits`](super::Limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is a field of `Limits`, and described there")]
pub enum Limit {
    Bytes,
    Tokens,
    Nesting,
    Fragments,
    /// A fragment that spreads itself, directly or through others.
    FragmentCycles,
    Size,
    Depth,
    Aliases,
    RootFields,
    Directives,
    IntrospectionDepth,
    Cost,
    Values,
}

impl Limit {
    /// The limit's name in `extensions.limit` of the error.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bytes => "BYTES",
            Self::Tokens => "TOKENS",
            Self::Nesting => "NESTING",
            Self::Fragments => "FRAGMENTS",
            Self::FragmentCycles => "FRAGMENT_CYCLES",
            Self::Size => "SIZE",
            Self::Depth => "DEPTH",
            Self::Aliases => "ALIASES",
            Self::RootFields => "ROOT_FIELDS",
            Self::Directives => "DIRECTIVES",
            Self::IntrospectionDepth => "INTROSPECTION_DEPTH",
            Self::Cost => "COST",
            Self::Values => "VALUES",
        }
    }

    fn subject(self) -> &'static str {
        match self {
            Self::Bytes => "bytes of query text",
            Self::Tokens => "tokens",
            Self::Nesting => "levels of brackets or selection sets",
            Self::Fragments => "fragment definitions",
            Self::FragmentCycles => "fragment cycles",
            Self::Size => "steps to validate it",
            Self::Depth => "levels of fields",
            Self::Aliases => "aliases",
            Self::RootFields => "root fields",
            Self::Directives => "directives",
            Self::IntrospectionDepth => "levels of introspection lists",
            Self::Cost => "points of cost",
            Self::Values => "values to read and answer",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Bytes | Self::Tokens => "Move literals into variables, or split the document.",
            Self::Nesting | Self::Depth => "Ask for the inner objects by id in a second request.",
            Self::Fragments => "Send only the fragments that the operation uses.",
            Self::FragmentCycles => "No fragment may spread itself, directly or through others.",
            Self::Size => "Spread fragments fewer times, send less data, or split the request.",
            Self::Aliases => "Use a field that takes a list, or split the request.",
            Self::RootFields | Self::Directives => "Split the request.",
            Self::IntrospectionDepth => "Use the standard introspection query.",
            Self::Cost | Self::Values => "Ask for smaller pages (`first`), or for fewer of them.",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The request is not executed: code `QUERY_TOO_COMPLEX`. The message is for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Too complex: {value} {}, at most {maximum}. {}", limit.subject(), limit.advice())]
pub struct Refused {
    /// What was exceeded.
    pub limit: Limit,
    /// What the request asks for. For nesting and size, where counting ends at the first excess,
    /// the request may ask for more.
    pub value: u64,
    /// What is allowed.
    pub maximum: u64,
}
