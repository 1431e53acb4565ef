//! Makes cargo look at `policies/` again when a file is added there: the pack is embedded by a macro that can't tell. Names
//! the build, so that no cache is taken over from another one, and the policies in it, so that nothing is taken for true of
//! them that was worked out of others (`src/policy/prepared`).

use std::fs;
use std::path::Path;

fn main() {
    let mut build = Digest::default();
    for part in ["Cargo.lock", "src", "policies"] {
        println!("cargo::rerun-if-changed={part}");
        build.take(Path::new(part), &|_| true);
    }
    println!("cargo::rustc-env=GOVCHECK_BUILD={:016x}", build.0);
    let mut policies = Digest::default();
    policies.take(Path::new("policies"), &|path| {
        let name = path.to_string_lossy();
        let is_rego = name.ends_with(".rego") && !name.ends_with("_test.rego");
        is_rego || name.ends_with("model.yaml") || name.ends_with("pack.yaml")
    });
    println!("cargo::rustc-env=GOVCHECK_POLICIES={:016x}", policies.0);
}

/// FNV-1a: the same on every machine and by every compiler, as a file in the repository holds one.
struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    /// Names and bytes of a file or of all wanted files in a folder, in the order of names.
    fn take(&mut self, path: &Path, wanted: &dyn Fn(&Path) -> bool) {
        if path.is_dir() {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            let mut inner: Vec<_> = entries.map(|entry| entry.path()).collect();
            inner.sort();
            inner.iter().for_each(|path| self.take(path, wanted));
        } else if wanted(path) {
            let name = path.iter().map(|part| part.to_string_lossy());
            self.bytes(name.collect::<Vec<_>>().join("/").as_bytes());
            self.bytes(&fs::read(path).unwrap_or_default());
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let length = (bytes.len() as u64).to_le_bytes();
        for byte in length.iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
