//! What authors of rules do with them: `govcheck policy …`, from outside.

mod attempt;
mod bundle;
mod check;
mod config;
mod docs;
mod life;
mod new;
mod new_format;
mod test;
mod verify;
