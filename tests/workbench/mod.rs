//! What authors of rules do with them: `govcheck policy …`, from outside.

mod check;
mod config;
mod docs;
mod life;
