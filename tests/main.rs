//! All tests from outside: the library's pipeline and the command line as users meet them. One binary, a file per topic.

mod architecture;
mod cases;
mod examples;
mod mesh;
mod refusals;
mod retail;
