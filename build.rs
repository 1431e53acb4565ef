//! Embeds the pack: the files of `policies/` that a pack is made of, by a list for `src/policy/source.rs`. Names the build, so
//! that no cache is taken over from another one, and the policies in it, so that nothing is taken for true of them that was
//! worked out of others (`src/policy/prepared`), and makes what was worked out smaller.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::DeflateEncoder;

fn main() -> std::io::Result<()> {
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
    let mut list = String::new();
    embed(Path::new("policies"), "", &mut list);
    let folder = env::var_os("OUT_DIR").unwrap_or_default();
    for name in ["model.json", "pack.json", "calls.json", "programs.bin"] {
        let bytes = fs::read(Path::new("src/policy/prepared").join(name))?;
        let smaller = fs::File::create(Path::new(&folder).join(format!("{name}.deflate")))?;
        let mut smaller = DeflateEncoder::new(smaller, Compression::best());
        smaller.write_all(&bytes)?;
        smaller.finish()?;
    }
    if knows_packed_relocations() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    fs::write(Path::new(&folder).join("pack.rs"), format!("&[\n{list}]\n"))
}

/// Whether the system that is built on, and for, starts a program whose relative relocations are packed: 1 MB less of 20.
/// glibc does so since 2.36 (<https://sourceware.org/glibc/wiki/Release/2.36>).
fn knows_packed_relocations() -> bool {
    let of = |name: &str| env::var(name).unwrap_or_default();
    let is_ours = of("TARGET") == of("HOST") && of("CARGO_CFG_TARGET_OS") == "linux";
    if !is_ours || of("CARGO_CFG_TARGET_ENV") != "gnu" {
        return false;
    }
    let version = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let version = version.map(|output| output.stdout).unwrap_or_default();
    let version = String::from_utf8_lossy(&version);
    let version = version.trim().strip_prefix("glibc ").unwrap_or_default();
    let numbers: Vec<u32> = version
        .split('.')
        .map_while(|number| number.parse().ok())
        .collect();
    numbers >= vec![2, 36]
}

/// `("kpi/bad-name.rego", include_str!("/…/policies/kpi/bad-name.rego")),` for each file of a folder.
fn embed(folder: &Path, around: &str, list: &mut String) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name());
        let name = format!("{around}{}", name.to_string_lossy());
        if path.is_dir() {
            embed(&path, &format!("{name}/"), list);
        } else if [".rego", ".yaml", ".yml"]
            .iter()
            .any(|end| name.ends_with(end))
        {
            let path = fs::canonicalize(&path).unwrap_or(path);
            let _ = writeln!(list, "({name:?}, include_str!({path:?})),");
        }
    }
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
