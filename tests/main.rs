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
mod architecture;
mod cases;
mod cli;
mod examples;
mod init;
mod mesh;
mod refusals;
mod retail;
