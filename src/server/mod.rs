//! The HTTP server: actix-web and nothing else of it elsewhere.

pub mod graphiql;
