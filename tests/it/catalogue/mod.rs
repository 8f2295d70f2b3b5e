//! What shops say of their products.

mod attributes;
mod categories;
mod live;
mod media;
mod options;
mod price_history;
mod prices;
mod publishing;
mod taxes;
mod together;
mod translations;
