//! Makes cargo look at `policies/` again when a file is added there: the pack is embedded by a macro that can't tell. And
//! names the build, so that no cache is taken over from another one.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

fn main() {
    let mut build = DefaultHasher::new();
    for part in ["Cargo.lock", "src", "policies"] {
        println!("cargo::rerun-if-changed={part}");
        take(Path::new(part), &mut build);
    }
    println!("cargo::rustc-env=GOVCHECK_BUILD={:016x}", build.finish());
}

/// Names and bytes of a file or of all files in a folder, in the order of names.
fn take(path: &Path, build: &mut DefaultHasher) {
    if path.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let mut inner: Vec<_> = entries.map(|entry| entry.path()).collect();
        inner.sort();
        inner.iter().for_each(|path| take(path, build));
    } else {
        path.hash(build);
        fs::read(path).unwrap_or_default().hash(build);
    }
}
