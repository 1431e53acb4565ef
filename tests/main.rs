//! All tests from outside: the library's pipeline and the command line as users meet them. One binary, a file per topic.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking, and that it skips itself by printing"
)]

#[cfg(unix)]
mod action;
mod ambiguous;
mod architecture;
mod baseline;
mod cache;
mod cases;
mod chance;
mod change;
mod cli;
mod comment_waivers;
mod corpus;
mod docs;
mod engines;
mod english;
mod equal_names;
mod examples;
mod formats;
mod gate;
#[cfg(unix)]
mod hostile;
mod init;
mod install;
mod list_order;
mod mesh;
mod mutation;
mod parts;
mod personal_names;
mod plain;
mod prepared;
mod reduce;
mod refusals;
mod renamed_ids;
mod retail;
mod schemas;
mod shapes;
mod shards;
mod validity;
mod waivers;
mod walk;
mod wheel;
mod workbench;
