pub mod discover;
pub mod model;
