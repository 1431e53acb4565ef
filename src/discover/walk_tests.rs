//! The walk on real folders and real repositories.

use std::fs;
use std::path::{Path, PathBuf};

use git2::Repository;

use super::{FileSource, Listing, ReadError, Walk, WalkOptions};
use crate::model::text::RelPath;

/// A temporary folder.
struct Tree {
    _keep: tempfile::TempDir,
    root: PathBuf,
}

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let keep = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(keep.path()).unwrap();
        let tree = Self { _keep: keep, root };
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    /// The same, with a repository in it.
    fn git(files: &[(&str, &str)]) -> Self {
        let tree = Self::new(files);
        tree.init("");
        tree
    }

    fn init(&self, folder: &str) -> Repository {
        let repository = Repository::init(self.root.join(folder)).unwrap();
        // The git settings of the machine must not apply.
        let none = self.root.join(".git/none");
        repository
            .config()
            .unwrap()
            .set_str("core.excludesfile", none.to_str().unwrap())
            .unwrap();
        repository
    }

    fn track(&self, repository: &Repository, paths: &[&str]) {
        let mut index = repository.index().unwrap();
        for path in paths {
            index.add_path(Path::new(path)).unwrap();
        }
        index.write().unwrap();
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn walk(&self, options: &WalkOptions) -> Walk {
        Walk::new(&self.root, options).unwrap()
    }

    fn list(&self) -> Listing {
        self.walk(&WalkOptions::default()).list()
    }

    fn names(&self) -> Vec<String> {
        names(&self.list())
    }

    fn names_with(&self, include: &[&str], exclude: &[&str]) -> Vec<String> {
        let list = |patterns: &[&str]| patterns.iter().map(ToString::to_string).collect();
        names(
            &self
                .walk(&WalkOptions {
                    include: list(include),
                    exclude: list(exclude),
                    ..WalkOptions::default()
                })
                .list(),
        )
    }
}

fn names(listing: &Listing) -> Vec<String> {
    listing.files.iter().map(ToString::to_string).collect()
}

fn problems(listing: &Listing) -> Vec<(&str, &str, bool)> {
    listing
        .problems
        .iter()
        .map(|problem| (problem.rule, problem.path.as_str(), problem.fatal))
        .collect()
}

#[test]
fn what_was_listed_ahead_is_for_the_first_that_asks() {
    let tree = Tree::new(&[("a.yaml", "")]);
    let walk = tree.walk(&WalkOptions::default());
    walk.list_ahead();
    fs::write(tree.root.join("b.yaml"), "").unwrap();
    assert_eq!(names(&walk.list()), ["a.yaml"]);
    assert_eq!(names(&walk.list()), ["a.yaml", "b.yaml"]);
}

#[test]
fn candidates_are_found_by_extension_in_any_case_and_sorted() {
    let tree = Tree::new(&[
        ("b/x.YML", ""),
        ("a.yaml", ""),
        ("b.json", ""),
        ("b-c.yaml", ""),
        ("readme.md", ""),
        ("yaml", ""),
        ("x.yaml/y.yaml", ""),
    ]);
    assert_eq!(
        tree.names(),
        ["a.yaml", "b-c.yaml", "b.json", "b/x.YML", "x.yaml/y.yaml"]
    );
    assert_eq!(tree.list().problems, []);
}

#[test]
fn extra_patterns_add_candidates_within_include_and_exclude() {
    let tree = Tree::new(&[
        ("a/x.contract", ""),
        ("b/x.contract", ""),
        ("c/x.contract", ""),
    ]);
    let options = WalkOptions {
        extra: vec!["**/*.contract".to_owned()],
        include: vec!["a/**".to_owned(), "b/**".to_owned()],
        exclude: vec!["b".to_owned()],
        ..WalkOptions::default()
    };
    assert_eq!(names(&tree.walk(&options).list()), ["a/x.contract"]);
}

#[test]
fn include_and_exclude_are_relative_to_the_root_and_exclude_wins() {
    let tree = Tree::new(&[
        ("d/a/x.yaml", ""),
        ("d/legacy/x.yaml", ""),
        ("p/x.yaml", ""),
        ("p/node_modules/m/x.yaml", ""),
        ("q/d/x.yaml", ""),
    ]);
    assert_eq!(
        tree.names_with(&["d/**", "p"], &["**/node_modules/**", "d/legacy"]),
        ["d/a/x.yaml", "p/x.yaml"]
    );
    assert_eq!(tree.names_with(&["*/*.yaml"], &[]), ["p/x.yaml"]);
}

#[test]
fn hidden_names_are_left_out_unless_an_include_names_them_and_git_always() {
    let tree = Tree::git(&[
        (".github/x.yaml", ""),
        (".github/.cache/x.yaml", ""),
        ("a/.x.yaml", ""),
        ("a/y.yaml", ""),
        (".git/x.yaml", ""),
    ]);
    assert_eq!(tree.names(), ["a/y.yaml"]);
    assert_eq!(tree.names_with(&["**"], &[]), ["a/y.yaml"]);
    assert_eq!(
        tree.names_with(&["**", ".github/**", ".git/**"], &[]),
        [".github/x.yaml", "a/y.yaml"]
    );
    assert_eq!(tree.names_with(&["a/.x.yaml"], &[]), ["a/.x.yaml"]);
}

#[test]
fn what_git_ignores_is_left_out_with_nested_files_and_negation() {
    let tree = Tree::git(&[
        (
            ".gitignore",
            "build/\n*.tmp.yaml\n!keep.tmp.yaml\n/top.yaml\n",
        ),
        ("build/x.yaml", ""),
        ("a/build/x.yaml", ""),
        ("a/x.tmp.yaml", ""),
        ("a/keep.tmp.yaml", ""),
        ("top.yaml", ""),
        ("a/top.yaml", ""),
        ("a/.gitignore", "gen/*\n!gen/kept.yaml\n"),
        ("a/gen/x.yaml", ""),
        ("a/gen/kept.yaml", ""),
        ("gen/x.yaml", ""),
    ]);
    assert_eq!(
        tree.names(),
        [
            "a/gen/kept.yaml",
            "a/keep.tmp.yaml",
            "a/top.yaml",
            "gen/x.yaml"
        ]
    );
}

#[test]
fn a_nested_file_negates_what_a_file_above_ignores_without_a_wildcard() {
    let tree = Tree::git(&[
        (".gitignore", "*.gen.yaml\nout/\n"),
        ("x.gen.yaml", ""),
        ("a/.gitignore", "!x.gen.yaml\n!out/\n"),
        ("a/x.gen.yaml", ""),
        ("a/y.gen.yaml", ""),
        ("a/out/z.yaml", ""),
        ("a/b/x.gen.yaml", ""),
        ("a/b/.gitignore", "x.gen.*\n"),
        ("out/z.yaml", ""),
    ]);
    assert_eq!(tree.names(), ["a/out/z.yaml", "a/x.gen.yaml"]);
}

#[test]
fn a_file_in_an_ignored_folder_cannot_be_included_again() {
    let tree = Tree::git(&[
        (".gitignore", "build/\n!build/x.yaml\n"),
        ("build/x.yaml", ""),
        ("build/.gitignore", "!*\n"),
        ("y.yaml", ""),
    ]);
    assert_eq!(tree.names(), ["y.yaml"]);
}

#[test]
fn the_repositorys_own_exclude_file_and_the_users_count() {
    let tree = Tree::git(&[
        ("a.yaml", ""),
        ("b.yaml", ""),
        ("c.yaml", ""),
        (".git/info/exclude", "a.yaml\n"),
        (".git/mine", "b.yaml\n"),
    ]);
    let mine = tree.root.join(".git/mine");
    Repository::open(&tree.root)
        .unwrap()
        .config()
        .unwrap()
        .set_str("core.excludesfile", mine.to_str().unwrap())
        .unwrap();
    assert_eq!(tree.names(), ["c.yaml"]);
    // The same where libgit2 is not trusted.
    tree.write(".gitignore", "!b.yaml\n");
    assert_eq!(tree.names(), ["b.yaml", "c.yaml"]);
}

#[test]
fn tracked_files_are_judged_though_a_pattern_matches_them() {
    let tree = Tree::git(&[
        ("a.gen.yaml", ""),
        ("b.gen.yaml", ""),
        ("build/deep/x.yaml", ""),
        ("build/deep/y.yaml", ""),
        ("build-x.yaml", ""),
        ("build/gone.yaml", ""),
    ]);
    let repository = Repository::open(&tree.root).unwrap();
    tree.track(
        &repository,
        &["a.gen.yaml", "build/deep/x.yaml", "build/gone.yaml"],
    );
    fs::remove_file(tree.root.join("build/gone.yaml")).unwrap();
    tree.write(".gitignore", "*.gen.yaml\nbuild/\n");
    assert_eq!(
        tree.names(),
        ["a.gen.yaml", "build-x.yaml", "build/deep/x.yaml"]
    );
    assert_eq!(
        tree.names_with(&[], &["build/deep"]),
        ["a.gen.yaml", "build-x.yaml"]
    );
}

#[test]
fn an_ignored_folder_is_not_visited() {
    let tree = Tree::git(&[(".gitignore", "huge/\n"), ("a.yaml", "")]);
    fs::create_dir(tree.root.join("huge")).unwrap();
    for at in 0..10_000 {
        fs::write(tree.root.join(format!("huge/{at}.yaml")), "").unwrap();
    }
    let listing = tree.list();
    assert_eq!(names(&listing), ["a.yaml"]);
    // `.git`, `.gitignore`, `a.yaml`, `huge`.
    assert_eq!(listing.visited, 4);
}

#[test]
fn a_root_below_the_top_of_its_repository_keeps_the_rules_from_above() {
    let tree = Tree::git(&[
        (".gitignore", "*.gen.yaml\n/mesh/out/\n"),
        ("mesh/a.gen.yaml", ""),
        ("mesh/b.yaml", ""),
        ("mesh/out/c.yaml", ""),
        ("other.yaml", ""),
    ]);
    let walk = Walk::new(&tree.root.join("mesh"), &WalkOptions::default()).unwrap();
    assert_eq!(names(&walk.list()), ["b.yaml"]);
}

#[test]
fn a_root_that_its_repository_ignores_is_still_judged() {
    let tree = Tree::git(&[(".gitignore", "out/\n"), ("out/mesh/a.yaml", "")]);
    let walk = Walk::new(&tree.root.join("out/mesh"), &WalkOptions::default()).unwrap();
    assert_eq!(names(&walk.list()), ["a.yaml"]);
}

#[test]
fn without_a_repository_nothing_is_ignored() {
    let tree = Tree::new(&[(".gitignore", "*\n"), ("a.yaml", "")]);
    assert_eq!(tree.names(), ["a.yaml"]);
}

#[test]
fn a_repository_within_has_rules_of_its_own() {
    let tree = Tree::git(&[
        (".gitignore", "*.gen.yaml\n"),
        ("sub/a.gen.yaml", ""),
        ("sub/b.yaml", ""),
        ("sub/c.yaml", ""),
        ("sub/.gitignore", "b.yaml\nc.yaml\n"),
    ]);
    let sub = tree.init("sub");
    tree.track(&sub, &["c.yaml"]);
    assert_eq!(tree.names(), ["sub/a.gen.yaml", "sub/c.yaml"]);
}

#[test]
fn a_work_tree_whose_git_is_a_file_works() {
    let tree = Tree::git(&[(".gitignore", "x.yaml\n"), ("a.yaml", "")]);
    let repository = Repository::open(&tree.root).unwrap();
    tree.track(&repository, &[".gitignore", "a.yaml"]);
    let written = repository
        .find_tree(repository.index().unwrap().write_tree().unwrap())
        .unwrap();
    let who = git2::Signature::now("a", "a@example.org").unwrap();
    repository
        .commit(Some("HEAD"), &who, &who, "first", &written, &[])
        .unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("other");
    repository.worktree("other", &path, None).unwrap();
    fs::write(path.join("x.yaml"), "").unwrap();
    assert!(path.join(".git").is_file());
    let listing = Walk::new(&path, &WalkOptions::default()).unwrap().list();
    assert_eq!(names(&listing), ["a.yaml"]);
    assert_eq!(listing.problems, []);
}

#[test]
fn a_repository_that_cannot_be_opened_is_reported() {
    let tree = Tree::new(&[
        (".git", "gitdir: nowhere"),
        ("a.yaml", ""),
        ("sub/.git", "gitdir: nowhere"),
        ("sub/b.yaml", ""),
    ]);
    let listing = tree.list();
    assert_eq!(names(&listing), ["a.yaml", "sub/b.yaml"]);
    assert_eq!(
        problems(&listing),
        [
            ("discover/unreadable-repository", ".", false),
            ("discover/unreadable-repository", "sub", false)
        ]
    );
}

#[test]
fn a_root_that_is_not_there_is_a_fatal_problem() {
    let tree = Tree::new(&[]);
    let listing = Walk::new(&tree.root.join("nope"), &WalkOptions::default())
        .unwrap()
        .list();
    assert_eq!(
        problems(&listing),
        [("discover/unreadable-folder", ".", true)]
    );
}

#[test]
fn reading_is_bounded_and_stays_within_the_root() {
    let tree = Tree::new(&[
        ("a.yaml", "12345678"),
        ("b.yaml", "123456789"),
        ("d.yaml/x", ""),
    ]);
    let walk = tree.walk(&WalkOptions {
        max_bytes: 8,
        ..WalkOptions::default()
    });
    assert_eq!(names(&walk.list()), ["a.yaml", "b.yaml"]);
    assert_eq!(walk.read(&RelPath::new("a.yaml")).unwrap(), b"12345678");
    assert!(matches!(
        walk.read(&RelPath::new("b.yaml")),
        Err(ReadError::TooLarge {
            size: Some(9),
            limit: 8,
            ..
        })
    ));
    assert!(matches!(
        walk.read(&RelPath::new("d.yaml")),
        Err(ReadError::NotAFile)
    ));
    assert!(matches!(
        walk.read(&RelPath::new("gone.yaml")),
        Err(ReadError::Io(_))
    ));
    for path in ["../x.yaml", "/etc/hostname", "a/../b.yaml", ""] {
        assert!(
            matches!(walk.read(&RelPath::new(path)), Err(ReadError::OutsideRoot)),
            "{path}"
        );
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn links_are_not_followed() {
        let outside = Tree::new(&[("o.yaml", ""), ("note.txt", "")]);
        let tree = Tree::new(&[("a/x.yaml", ""), ("a/data.txt", ""), (".hidden/y.yaml", "")]);
        let link = |target: &Path, name: &str| symlink(target, tree.root.join(name)).unwrap();
        link(Path::new("a"), "inner-folder");
        link(Path::new("a/x.yaml"), "inner.yaml");
        link(Path::new(".hidden/y.yaml"), "to-hidden.yaml");
        link(Path::new("a/data.txt"), "to-text.yaml");
        link(Path::new("."), "loop");
        link(Path::new("self.yaml"), "self.yaml");
        link(Path::new("gone"), "broken.yaml");
        link(Path::new("gone"), "broken.txt");
        link(&outside.root, "out-folder");
        link(&outside.root.join("o.yaml"), "out.yaml");
        link(&outside.root.join("note.txt"), "out.txt");
        let listing = tree.list();
        assert_eq!(names(&listing), ["a/x.yaml"]);
        assert_eq!(
            problems(&listing),
            [
                ("discover/broken-link", "broken.yaml", false),
                ("discover/link-leaves-root", "out-folder", false),
                ("discover/link-leaves-root", "out.yaml", false),
                ("discover/broken-link", "self.yaml", false),
                ("discover/link-to-unjudged", "to-hidden.yaml", false),
                ("discover/link-to-unjudged", "to-text.yaml", false),
            ]
        );
        let walk = tree.walk(&WalkOptions::default());
        assert!(matches!(
            walk.read(&RelPath::new("out.yaml")),
            Err(ReadError::NotAFile)
        ));
        assert!(matches!(
            walk.read(&RelPath::new("out-folder/o.yaml")),
            Err(ReadError::OutsideRoot)
        ));
    }

    #[test]
    fn an_ignored_link_is_not_reported() {
        let tree = Tree::git(&[(".gitignore", "out\n")]);
        symlink("/", tree.root.join("out")).unwrap();
        assert_eq!(tree.list().problems, []);
    }

    #[test]
    fn a_tracked_file_behind_a_folder_that_became_a_link_is_not_read() {
        let outside = Tree::new(&[("x.yaml", "")]);
        let tree = Tree::git(&[("build/d/x.yaml", "")]);
        tree.track(&Repository::open(&tree.root).unwrap(), &["build/d/x.yaml"]);
        tree.write(".gitignore", "build/\n");
        assert_eq!(tree.names(), ["build/d/x.yaml"]);
        fs::remove_dir_all(tree.root.join("build/d")).unwrap();
        symlink(&outside.root, tree.root.join("build/d")).unwrap();
        assert_eq!(tree.names(), [""; 0]);
    }

    #[test]
    fn a_name_that_is_not_utf8_is_a_fatal_problem_only_for_manifests() {
        let tree = Tree::new(&[]);
        let folder = tree.root.join(OsStr::from_bytes(b"f\xff"));
        if fs::create_dir(&folder).is_err() {
            eprintln!("skipped: this file system refuses names that are not UTF-8");
            return;
        }
        fs::write(folder.join("x.yaml"), "").unwrap();
        fs::write(folder.join("x.png"), "").unwrap();
        fs::write(tree.root.join(OsStr::from_bytes(b"\xfe.yaml")), "").unwrap();
        let listing = tree.list();
        assert_eq!(names(&listing), [""; 0]);
        assert_eq!(
            problems(&listing),
            [
                ("discover/name-not-utf8", "f\u{fffd}/x.yaml", true),
                ("discover/name-not-utf8", "\u{fffd}.yaml", true)
            ]
        );
    }

    #[test]
    fn a_socket_is_never_opened() {
        let tree = Tree::new(&[("a.yaml", "")]);
        let _socket = std::os::unix::net::UnixListener::bind(tree.root.join("s.yaml")).unwrap();
        let _other = std::os::unix::net::UnixListener::bind(tree.root.join("s.sock")).unwrap();
        let listing = tree.list();
        assert_eq!(names(&listing), ["a.yaml"]);
        assert_eq!(
            problems(&listing),
            [("discover/special-file", "s.yaml", false)]
        );
        assert!(matches!(
            tree.walk(&WalkOptions::default())
                .read(&RelPath::new("s.yaml")),
            Err(ReadError::NotAFile)
        ));
    }

    #[test]
    fn missing_permission_is_reported_and_the_walk_goes_on() {
        let tree = Tree::new(&[("a/x.yaml", ""), ("b/x.yaml", ""), ("c.yaml", "")]);
        let deny = |path: &str| {
            fs::set_permissions(tree.root.join(path), fs::Permissions::from_mode(0o000)).unwrap()
        };
        deny("c.yaml");
        if fs::read(tree.root.join("c.yaml")).is_ok() {
            eprintln!("skipped: this user (root?) may read everything");
            return;
        }
        deny("a");
        let listing = tree.list();
        let read = tree
            .walk(&WalkOptions::default())
            .read(&RelPath::new("c.yaml"));
        fs::set_permissions(tree.root.join("a"), fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(names(&listing), ["b/x.yaml", "c.yaml"]);
        assert_eq!(
            problems(&listing),
            [("discover/unreadable-folder", "a", true)]
        );
        let error = read.unwrap_err();
        assert!(error.to_string().contains("cannot be read"), "{error}");
        assert!(error.help().contains("chmod"), "{}", error.help());
    }
}
