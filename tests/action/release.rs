//! The binary of a release: taken when it is the one that the action was tested with, and never otherwise.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{GOOD, GOVCHECK, Runner};

/// A copy of the action with a release: its archive, and its list of hashes, with what a test makes of the hash. The archive holds
/// a script that runs the binary: to compress the binary of the tests takes seconds.
fn released(hash: impl Fn(String) -> String) -> (Runner, TempDir) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let action = TempDir::new().unwrap();
    let to = |path: &str| action.path().join(path);
    for folder in [".github/action", ".github/release", "src", "policies"] {
        fs::create_dir_all(to(folder)).unwrap();
    }
    for entry in fs::read_dir(root.join(".github/action")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        fs::copy(entry.path(), to(&format!(".github/action/{name}"))).unwrap();
    }
    for name in ["Cargo.toml", "Cargo.lock", "build.rs"] {
        fs::copy(root.join(name), to(name)).unwrap();
    }
    let version = env!("CARGO_PKG_VERSION");
    let name = format!("govcheck-{version}-x86_64-unknown-linux-musl");
    let shell = |script: &str| {
        let done = Command::new("bash")
            .args(["-euc", script])
            .current_dir(action.path())
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    shell(&format!(
        "mkdir -p out/{name} && printf '#!/bin/bash\\nexec {GOVCHECK} \"$@\"\\n' > out/{name}/govcheck && chmod +x out/{name}/govcheck && tar -czf archive -C out {name} && rm -r out"
    ));
    let listed = hash(shell("sha256sum < archive | cut -d ' ' -f 1"));
    let sources = shell("bash .github/action/sources.sh");
    let list = format!("{listed}  {name}.tar.gz\n{sources}  govcheck-{version}-sources\n");
    fs::write(to(".github/release/checksums.txt"), list).unwrap();
    let mut runner = Runner::new(&[("teams.yaml", GOOD)]);
    fs::remove_file(runner.path("bin/govcheck")).unwrap();
    runner.action = action.path().to_owned();
    let archive = action.path().join("archive");
    let curl = format!(
        "#!/bin/bash\nwhile [ $# -gt 0 ]; do [ \"$1\" = --output ] && to=\"$2\"; shift; done\ncp {} \"$to\"\n",
        archive.display()
    );
    runner.script("curl", &curl);
    (runner, action)
}

#[test]
fn the_release_that_is_listed_runs() {
    let (runner, _action) = released(|hash| hash);
    let outcome = runner.run();
    assert_eq!(outcome.code, 0, "{}", outcome.log);
    assert_eq!(outcome.context["steps.find.outputs.found"], "true");
}

#[test]
fn another_one_is_an_error_and_is_not_unpacked() {
    let (runner, _action) = released(|hash| hash.chars().rev().collect());
    let outcome = runner.run();
    assert_eq!(outcome.code, 2, "{}", outcome.log);
    assert!(
        outcome
            .log
            .contains("it is not the release that this action pins"),
        "{}",
        outcome.log
    );
}

#[test]
fn a_release_of_other_sources_is_not_looked_at() {
    let (runner, action) = released(|hash| hash);
    fs::write(action.path().join("src/changed.rs"), "").unwrap();
    let outcome = runner.run();
    assert_eq!(
        outcome.context["steps.find.outputs.found"], "false",
        "{}",
        outcome.log
    );
}
