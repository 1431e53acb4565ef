//! Parse the command line, call the library, hand back its exit code.

fn main() {}
