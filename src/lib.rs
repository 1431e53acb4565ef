pub mod config;
pub mod discover;
pub mod model;
