//! Commands and what they print, as data: each `transcripts/<mesh>.trycmd` runs in a copy of the folder `transcripts/<mesh>`, a
//! git repository. `TRYCMD=overwrite cargo test --test all -- transcripts` writes what the commands print today; replace times
//! and counts that change with the pack by `[..]` afterwards.

use std::fs;
use std::path::Path;

use trycmd::TestCases;

use crate::docs::{ENVIRONMENT, copy, git};

#[test]
fn commands_print_what_the_transcripts_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/transcripts");
    let copies = tempfile::tempdir().unwrap();
    let cases = TestCases::new();
    let mut transcripts = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let mesh = path.with_extension("");
        let name = mesh.file_name().unwrap().to_str().unwrap();
        let input = copies.path().join(format!("{name}.in"));
        copy(&mesh, &input);
        git(&input, &["init", "--quiet"]);
        // With this folder trycmd runs the commands in a copy of the input.
        fs::create_dir(copies.path().join(format!("{name}.out"))).unwrap();
        let transcript = copies.path().join(path.file_name().unwrap());
        fs::copy(&path, &transcript).unwrap();
        cases.case(&transcript);
        transcripts.push((transcript, path));
    }
    assert!(!transcripts.is_empty(), "no transcripts");
    cases.register_bin("govcheck", Path::new(env!("CARGO_BIN_EXE_govcheck")));
    for (key, value) in ENVIRONMENT {
        cases.env(key, value);
    }
    cases.run();
    drop(cases);
    if std::env::var_os("TRYCMD").is_some_and(|value| value == "overwrite") {
        for (transcript, path) in transcripts {
            fs::copy(transcript, path).unwrap();
        }
    }
}
