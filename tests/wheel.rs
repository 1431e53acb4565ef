//! That a wheel installs and runs on a machine without Rust. Skipped, with a line that says so, where maturin or Python is not
//! installed (`pip install maturin`).

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

/// Runs a program in the folder of the crate.
fn run(program: impl AsRef<OsStr>, arguments: &[&OsStr]) -> Output {
    let program = program.as_ref();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    // Reuses what Cargo built for the tests.
    let built = Path::new(env!("CARGO_BIN_EXE_govcheck")).ancestors().nth(2);
    let done = command
        .env("CARGO_TARGET_DIR", built.unwrap())
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success(),
        "{program:?} {arguments:?}: {problem}"
    );
    done
}

fn is_installed(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|done| done.status.success())
}

#[cfg(unix)]
#[test]
fn a_wheel_runs_on_a_machine_without_rust() {
    if let Some(missing) = ["maturin", "python3"]
        .into_iter()
        .find(|it| !is_installed(it))
    {
        eprintln!("skipped: `{missing}` is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (wheels, environment) = (folder.path().join("wheels"), folder.path().join("venv"));
    let words = |text: &'static str| text.split(' ').map(OsStr::new);
    let build: Vec<&OsStr> = words("build --offline --profile dev --out").collect();
    run("maturin", &[&build[..], &[wheels.as_os_str()]].concat());
    run(
        "python3",
        &["-m".as_ref(), "venv".as_ref(), environment.as_os_str()],
    );
    let install: Vec<&OsStr> = words("install --quiet --no-index govcheck --find-links").collect();
    run(
        environment.join("bin/pip"),
        &[&install[..], &[wheels.as_os_str()]].concat(),
    );

    // The folder has no other program, so nothing finds a compiler.
    let govcheck = environment.join("bin/govcheck");
    let mut command = Command::new(&govcheck);
    command.env_clear().env("PATH", environment.join("bin"));
    let mesh = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/retail");
    let done = command
        .args(["--no-cache", "--quiet"])
        .current_dir(mesh)
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&done.stdout);
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    assert!(report.contains("43 errors"), "{report}");
}
