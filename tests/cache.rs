//! The cache: a run with it gives the same bytes as one without it, whatever happened in between; obstacles cost only time.

use std::fs;
use std::path::{Path, PathBuf};

use crate::chance::Chance;
use crate::cli::{Mesh, REGISTER, Ran, contract, orphan};

/// Contracts with and without a finding, a register, and a dbt project that others inherit from.
fn mesh() -> Mesh {
    let mesh = Mesh::git();
    mesh.file("governance/register.yaml", REGISTER)
        .file("govcheck.yaml", "version: 1\n")
        .file("a.odcs.yaml", contract("a"))
        .file("domains/b.odcs.yaml", orphan("b"))
        .file("domains/c.odcs.yaml", orphan("c"))
        .file("dbt/dbt_project.yml", PROJECT)
        .file(
            "dbt/models/m.yml",
            "version: 2\nmodels:\n  - name: m\n    columns: [{name: x}]\n",
        );
    commit(&mesh);
    mesh
}

const PROJECT: &str = "name: shop\nversion: 1.0.0\nmodels:\n  shop:\n    +group: sales-data\n";

fn commit(mesh: &Mesh) {
    mesh.git_command(&["add", "-A"]);
    mesh.git_command(&["commit", "-qm", "x", "--allow-empty"]);
}

/// Where the cache of a mesh is.
fn cache(mesh: &Mesh) -> PathBuf {
    mesh.path().join(".git/govcheck")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Fails unless a run with the cache says what one without it says.
#[track_caller]
fn same(mesh: &Mesh, arguments: &[&str], after: &str) -> Ran {
    let anew = mesh.run(&[arguments, &["--no-cache"]].concat());
    let cached = mesh.run(arguments);
    assert_eq!(cached, anew, "{arguments:?} after: {after}");
    cached
}

/// One edit of a mesh, and what it was.
fn edit(mesh: &Mesh, chance: &mut Chance, number: usize) -> String {
    let path = |name: &str| mesh.path().join(name);
    let mut present: Vec<PathBuf> = files(&path("domains"));
    present.retain(|file| fs::symlink_metadata(file).unwrap().is_file());
    let one = |chance: &mut Chance| present.get(chance.below(present.len().max(1))).cloned();
    let tracked = |arguments: &[&str], file: &Path| {
        // A file that is not tracked stays.
        let mut git = std::process::Command::new("git");
        let git = git.args(arguments).arg(file).current_dir(mesh.path());
        git.output().unwrap();
        format!("git {arguments:?} {}", file.display())
    };
    match (chance.below(14), one(chance)) {
        (0, Some(file)) => {
            fs::remove_file(&file).unwrap();
            format!("removing {}", file.display())
        }
        (1, Some(file)) => {
            let to = file.with_file_name(format!("moved-{number}.odcs.yaml"));
            fs::rename(&file, &to).unwrap();
            format!("moving {} to {}", file.display(), to.display())
        }
        (2, Some(file)) => {
            // The same size and modification time: only the change time differs.
            let text = fs::read_to_string(&file).unwrap();
            let old = fs::metadata(&file).unwrap().modified().unwrap();
            let text = match text.contains("nobody-here") {
                true => text.replace("nobody-here", "nobody-else"),
                false => text.replace("sales-data}", "sales-dato}"),
            };
            fs::write(&file, text).unwrap();
            let opened = fs::File::options().write(true).open(&file).unwrap();
            opened.set_modified(old).unwrap();
            format!("hiding an edit of {}", file.display())
        }
        (3, Some(file)) => {
            let opened = fs::File::options().write(true).open(&file).unwrap();
            opened.set_modified(std::time::SystemTime::now()).unwrap();
            format!("touching {}", file.display())
        }
        (4, _) => {
            let level = ["error", "warning", "note", "off"][chance.below(4)];
            let text = format!("version: 1\nrules: {{ownership/unknown-team: {level}}}\n");
            mesh.file("govcheck.yaml", &text);
            format!("the config {text:?}")
        }
        (5, _) => {
            let layout = ["domains/**", "{domain}/**"][chance.below(2)];
            let text = format!(
                "version: 1\nlayout: \"{layout}\"\nrules: {{kpi/bad-name: {{options: {{pattern: \"^{number}$\"}}}}}}\n"
            );
            mesh.file("govcheck.yaml", &text);
            format!("the config {text:?}")
        }
        (6, _) => {
            let team = ["nobody-here", "sales-data", "others"][chance.below(3)];
            mesh.file(
                "governance/register.yaml",
                REGISTER.replace("- name: sales-data", &format!("- name: {team}")),
            );
            mesh.file("dbt/dbt_project.yml", PROJECT.replace("sales-data", team));
            format!("the team {team} in the register and the project")
        }
        (7, _) => {
            commit(mesh);
            "a commit".to_owned()
        }
        (8, _) => {
            let folder = ["", "domains/"][chance.below(2)];
            let lines = [
                "*.odcs.yaml\n!b.odcs.yaml\n",
                "domains/\n",
                "new-*\n",
                "!b.*\n",
                "",
            ];
            let text = lines[chance.below(lines.len())];
            mesh.file(&format!("{folder}.gitignore"), text);
            format!("{folder}.gitignore {text:?}")
        }
        (9, Some(file)) => {
            let flags = ["--assume-unchanged", "--skip-worktree", "--force-remove"];
            tracked(&["update-index", flags[chance.below(flags.len())]], &file)
        }
        (10, Some(file)) => tracked(&["add", "-f"], &file),
        (11, _) => {
            let formats: [&[&str]; 3] = [
                &["--index-version", "4"],
                &["--split-index"],
                &["--no-split-index"],
            ];
            let format = formats[chance.below(3)];
            mesh.git_command(&[&["update-index"], format].concat());
            format!("an index with {format:?}")
        }
        #[cfg(unix)]
        (12, Some(file)) => {
            // What was a file is a link to another one.
            fs::remove_file(&file).unwrap();
            std::os::unix::fs::symlink("../a.odcs.yaml", &file).unwrap();
            format!("a link for {}", file.display())
        }
        _ => {
            let text = [
                contract("new"),
                orphan("new"),
                "kind: [".to_owned(),
                orphan("b"),
            ];
            let text = &text[chance.below(4)];
            mesh.file(&format!("domains/new-{number}.odcs.yaml"), text);
            format!("adding {text:?}")
        }
    }
}

#[test]
fn after_any_edits_a_run_with_the_cache_says_what_one_without_it_says() {
    let mesh = mesh();
    let mut chance = Chance(20_261_124);
    let mut done = String::new();
    same(&mesh, &["--format", "json"], "nothing");
    for number in 0..18 {
        done.push_str(&format!("{}; ", edit(&mesh, &mut chance, number)));
        same(&mesh, &["--format", "sarif-audit"], &done);
        same(&mesh, &["--base", "HEAD", "--verbose"], &done);
        // And once more, when all of it is known.
        same(&mesh, &["--base", "HEAD", "--format", "json"], &done);
    }
}

#[test]
fn a_mesh_in_many_batches_is_the_same_mesh_whatever_changes_in_one_of_them() {
    let mesh = mesh();
    let file = |number: usize| format!("many/{number}/c.odcs.yaml");
    for number in 0..200 {
        mesh.file(&file(number), orphan(&format!("many-{number}")));
    }
    commit(&mesh);
    same(&mesh, &["--format", "json"], "nothing");
    let project = PROJECT.replace("data", "x");
    let register = REGISTER.replace("sales-data", "nobody-here");
    let edits: [(&str, String, String); 4] = [
        ("a file more", file(200), orphan("many-7")),
        ("another text", file(50), contract("many-50")),
        ("another project", "dbt/dbt_project.yml".to_owned(), project),
        (
            "another register",
            "governance/register.yaml".to_owned(),
            register,
        ),
    ];
    fs::remove_file(mesh.path().join(file(11))).unwrap();
    for (what, file, text) in edits {
        mesh.file(&file, text);
        same(&mesh, &["--base", "HEAD", "--format", "json"], what);
        commit(&mesh);
        same(
            &mesh,
            &["--base", "HEAD~1", "--format", "sarif-audit"],
            what,
        );
    }
}

#[test]
fn a_fresh_clone_takes_over_what_another_one_left() {
    let mesh = mesh();
    for number in 0..250 {
        mesh.file(
            &format!("many/{number}.odcs.yaml"),
            orphan(&format!("many-{number}")),
        );
    }
    commit(&mesh);
    mesh.run(&["-q"]);
    let before = files(&cache(&mesh)).len();
    let clone = tempfile::tempdir().unwrap();
    let to = clone.path().join("clone");
    mesh.git_command(&["clone", "-q", ".", to.to_str().unwrap()]);
    let at = cache(&mesh);
    let run = |arguments: &[&str]| {
        let mut command = crate::cli::command(&to, arguments);
        crate::cli::ran(&command.output().unwrap(), &to)
    };
    let anew = run(&["--no-cache", "--format", "json"]);
    let cached = run(&["--cache-dir", at.to_str().unwrap(), "--format", "json"]);
    assert_eq!(cached, anew);
    // All of it was known: a table of its own is what the clone adds.
    assert_eq!(files(&at).len(), before + 1);
}

/// Fails unless the cache holds the outcomes of the mesh.
#[track_caller]
fn holds_records(mesh: &Mesh) {
    let shown = mesh.run(&["cache", "show"]);
    shown.says(0, &["[ROOT]/.git/govcheck", "limit 1024.0 MiB"]);
    assert!(!shown.out.contains("\n0 records"), "{}", shown.out);
}

#[test]
fn a_cache_is_shown_without_use_and_cleared_without_foreign_files() {
    let mesh = mesh();
    mesh.run(&["--no-cache"]);
    assert!(!cache(&mesh).exists());
    mesh.run(&[]);
    holds_records(&mesh);
    mesh.file(".git/govcheck/mine.txt", "not of govcheck");
    mesh.run(&["cache", "clear"]).says(0, &["removed"]);
    mesh.run(&["cache", "show"])
        .says(0, &["\n0 records in 0 files"]);
    assert_eq!(files(&cache(&mesh)), [cache(&mesh).join("mine.txt")]);
}

#[test]
fn work_trees_share_the_cache_of_their_repository() {
    let mesh = mesh();
    mesh.git_command(&["worktree", "add", "-q", "../tree"]);
    let tree = mesh.path().parent().unwrap().join("tree");
    let shown = mesh.finish(mesh.command(&["cache", "show"]).current_dir(&tree));
    fs::remove_dir_all(tree).unwrap();
    shown.says(0, &["[ROOT]/.git/govcheck"]);
}

#[test]
fn without_git_there_is_no_cache_unless_a_folder_is_named() {
    let mesh = Mesh::plain();
    mesh.file("a.odcs.yaml", orphan("a"));
    mesh.run(&["cache", "show"])
        .refuses(2, &["no cache folder", "--cache-dir"]);
    let folder = tempfile::tempdir().unwrap();
    let named = folder.path().join("deep/cache");
    let anew = mesh.run(&[]);
    for _ in 0..2 {
        let mut command = mesh.command(&[]);
        let cached = mesh.finish(command.env("GOVCHECK_CACHE_DIR", &named));
        assert_eq!(cached, anew);
    }
    assert!(!files(&named).is_empty());
}

#[test]
fn a_cache_where_a_change_could_write_is_refused() {
    let mesh = mesh();
    mesh.file("sub/govcheck.yaml", "version: 1\n")
        .file("sub/a.odcs.yaml", contract("a"));
    for (folder, at) in [
        (".", ".cache"),
        (".", "domains/../x/y"),
        ("sub", "../cache"),
    ] {
        let ran = mesh.run_in(folder, &["--cache-dir", at]);
        ran.refuses(
            2,
            &[
                "the cache cannot be inside the mesh",
                "name a folder outside",
            ],
        );
    }
    mesh.run(&["--cache-dir", ".git/other"]).says(1, &[]);
    // What looks like a git folder, but could have been committed, is none.
    let bare = Mesh::plain();
    bare.file("HEAD", "ref: refs/heads/main\n")
        .file("objects/info/x", "")
        .file("refs/heads/x", "")
        .file("govcheck.yaml", "version: 1\n")
        .file("a.odcs.yaml", contract("a"));
    bare.run(&["cache", "show"])
        .refuses(2, &["no cache folder"]);
}

/// Runs once to fill the cache, harms it, and runs twice: both say what a run without it says.
fn harmed(harm: &dyn Fn(&Path)) -> (Mesh, Ran) {
    let mesh = mesh();
    let anew = mesh.run(&["--no-cache", "--format", "json"]);
    mesh.run(&["-q"]);
    files(&cache(&mesh)).iter().for_each(|file| harm(file));
    for _ in 0..2 {
        assert_eq!(mesh.run(&["--format", "json"]), anew);
    }
    (mesh, anew)
}

#[test]
fn a_damaged_cache_costs_only_time() {
    harmed(&|file| fs::write(file, "not of this world").unwrap());
    harmed(&|file| fs::write(file, "").unwrap());
    // Cut off, as by a full disk or a killed process without the rename.
    harmed(&|file| {
        let bytes = fs::read(file).unwrap();
        fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
    });
    // One byte in every record.
    harmed(&|file| {
        let mut bytes = fs::read(file).unwrap();
        let end = bytes.len().saturating_sub(2_000);
        bytes
            .iter_mut()
            .take(end)
            .step_by(50)
            .for_each(|byte| *byte ^= 0x20);
        fs::write(file, bytes).unwrap();
    });
}

#[test]
fn a_damaged_file_is_reported_on_request_and_deleted() {
    let mesh = mesh();
    mesh.run(&[]);
    let segment = files(&cache(&mesh))
        .into_iter()
        .find(|file| file.to_string_lossy().contains("segment"))
        .unwrap();
    fs::write(&segment, "not of this world").unwrap();
    let told = mesh.run(&["--verbose"]);
    assert!(told.err.contains("discarded `"), "{}", told.err);
    assert!(!segment.exists());
    fs::write(&segment, "not of this world").unwrap();
    assert_eq!(mesh.run(&[]).err, "");
}

#[test]
fn files_of_another_version_are_not_read() {
    let (mesh, _) = harmed(&|file| {
        let name = file.file_name().unwrap().to_string_lossy();
        fs::rename(
            file,
            file.with_file_name(name.replace("govcheck-", "govcheck-9")),
        )
        .unwrap();
    });
    mesh.run(&["cache", "clear"]);
    assert!(files(&cache(&mesh)).is_empty());
}

#[test]
fn an_unusable_folder_costs_only_time() {
    let mesh = mesh();
    let anew = mesh.run(&["--no-cache", "--format", "json"]);
    mesh.file(".git/govcheck", "a file");
    assert_eq!(mesh.run(&["--format", "json"]), anew);
    let told = mesh.run(&["--verbose"]);
    assert!(
        told.err.contains("cache: cannot be written"),
        "{}",
        told.err
    );
}

#[cfg(unix)]
#[test]
fn a_full_disk_or_a_read_only_folder_costs_only_time() {
    let mesh = mesh();
    let anew = mesh.run(&["--no-cache", "--format", "json"]);
    // Files can't grow beyond a block of 512 bytes: a write fails as on a full disk.
    let govcheck = env!("CARGO_BIN_EXE_govcheck");
    let script = format!("trap '' XFSZ; ulimit -f 1; exec {govcheck} --format json");
    let mut shell = std::process::Command::new("sh");
    let shell = shell.args(["-c", &script]).current_dir(mesh.path());
    for _ in 0..2 {
        assert_eq!(mesh.finish(shell), anew);
    }
    mesh.run(&[]);
    let read_only = |yes: bool| {
        let mut permissions = fs::metadata(cache(&mesh)).unwrap().permissions();
        permissions.set_readonly(yes);
        fs::set_permissions(cache(&mesh), permissions).unwrap();
    };
    read_only(true);
    mesh.file("domains/d.odcs.yaml", orphan("d"));
    same(&mesh, &["--format", "json"], "a read-only folder");
    read_only(false);
}

#[test]
fn runs_at_one_time_do_not_disturb_each_other() {
    let mesh = mesh();
    let anew = mesh.run(&["--no-cache", "--format", "json"]);
    for _ in 0..2 {
        let mut children: Vec<std::process::Child> = (0..3)
            .map(|_| {
                let mut command = mesh.command(&["--format", "json"]);
                command
                    .stdout(std::process::Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for child in children.drain(..) {
            let output = child.wait_with_output().unwrap();
            let ran = crate::cli::ran(&output, &mesh.path());
            assert_eq!((ran.code, ran.out), (anew.code, anew.out.clone()));
        }
    }
    holds_records(&mesh);
}

#[test]
fn leftovers_of_a_killed_run_are_ignored_and_deleted_when_old() {
    let mesh = mesh();
    mesh.run(&[]);
    let left = mesh.path().join(".git/govcheck/new-killed.tmp");
    let bytes = fs::read(&files(&cache(&mesh))[0]).unwrap();
    fs::write(&left, &bytes[..bytes.len() / 2]).unwrap();
    mesh.file("domains/d.odcs.yaml", orphan("d"));
    same(&mesh, &["--format", "json"], "a killed run");
    assert!(left.exists(), "another run may be at it");
    let opened = fs::File::options().write(true).open(&left).unwrap();
    opened
        .set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(7200))
        .unwrap();
    mesh.file("domains/e.odcs.yaml", orphan("e"));
    same(&mesh, &["--format", "json"], "a killed run, long ago");
    assert!(!left.exists());
}

#[test]
fn many_runs_leave_few_files() {
    let mesh = mesh();
    for number in 0..16 {
        mesh.file("domains/b.odcs.yaml", orphan(&format!("b{number}")));
        mesh.run(&["-q"]);
    }
    let segments = files(&cache(&mesh)).len();
    assert!(segments <= 14, "{segments} files");
    same(&mesh, &["--format", "json"], "many runs");
}
