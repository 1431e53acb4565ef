//! Makes cargo look at `policies/` again when a file is added there: the pack is embedded by a macro that can't tell.

fn main() {
    println!("cargo::rerun-if-changed=policies");
}
