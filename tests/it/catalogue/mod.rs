//! What shops say of their products.

mod options;
