//! Revisions of small repositories, odd ones among them.

use std::fs;
use std::path::Path;

use super::*;
use crate::discover::{WalkOptions, find_renames};

fn commit_all(repository: &Repository, message: &str) -> Oid {
    let mut index = repository.index().unwrap();
    index
        .add_all(["*"], git2::IndexAddOption::DEFAULT, None)
        .unwrap();
    index.update_all(["*"], None).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let author = git2::Signature::new("t", "t@example.org", &git2::Time::new(0, 0)).unwrap();
    let parent = repository
        .head()
        .ok()
        .and_then(|head| head.peel_to_commit().ok());
    let parents: Vec<_> = parent.iter().collect();
    repository
        .commit(Some("HEAD"), &author, &author, message, &tree, &parents)
        .unwrap()
}

fn mesh() -> (tempfile::TempDir, Repository, Walk) {
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::init(folder.path()).unwrap();
    fs::create_dir_all(folder.path().join("a/ü b")).unwrap();
    fs::write(folder.path().join("a/ü b/x.yaml"), "one: 1\n").unwrap();
    fs::write(folder.path().join("a/notes.txt"), "no\n").unwrap();
    fs::write(folder.path().join(".hidden.yaml"), "no\n").unwrap();
    let walk = Walk::new(folder.path(), &WalkOptions::default()).unwrap();
    (folder, repository, walk)
}

#[test]
fn a_revision_has_the_files_of_its_commit_not_of_the_work_tree() {
    let (folder, repository, walk) = mesh();
    commit_all(&repository, "one");
    fs::write(folder.path().join("a/ü b/x.yaml"), "two: 2\n").unwrap();
    fs::write(folder.path().join("a/new.yaml"), "new: 1\n").unwrap();
    let tree = Tree::open(folder.path(), "HEAD").unwrap();
    let revision = Revision::of(&tree, &walk).unwrap();
    let path = RelPath::new("a/ü b/x.yaml");
    assert_eq!(revision.list().files, std::slice::from_ref(&path));
    assert_eq!(revision.read(&path).unwrap(), b"one: 1\n");
    assert_eq!(revision.content(&path), ContentId::of(b"one: 1\n"));
    assert_ne!(revision.content(&path), ContentId::of(b"two: 2\n"));
}

#[test]
fn a_mesh_in_a_folder_of_the_repository_has_paths_of_its_own() {
    let (folder, repository, walk) = mesh();
    commit_all(&repository, "one");
    let tree = Tree::open(&folder.path().join("a"), "HEAD").unwrap();
    let revision = Revision::of(&tree, &walk).unwrap();
    assert_eq!(revision.list().files, [RelPath::new("ü b/x.yaml")]);
}

#[test]
fn the_merge_base_is_where_the_branch_began() {
    let (folder, repository, walk) = mesh();
    let first = commit_all(&repository, "one");
    repository
        .branch("topic", &repository.find_commit(first).unwrap(), false)
        .unwrap();
    fs::write(folder.path().join("a/later.yaml"), "later: 1\n").unwrap();
    commit_all(&repository, "two");
    let tree = Tree::merge_base(folder.path(), "HEAD", "topic").unwrap();
    assert_eq!(Revision::of(&tree, &walk).unwrap().list().files.len(), 1);
    assert!(first.to_string().starts_with(&tree.name()));
}

#[test]
fn unreadable_revisions_are_reported_with_the_next_step() {
    let (folder, repository, _) = mesh();
    let open = |name: &str| Tree::open(folder.path(), name).map(|_| ()).unwrap_err();
    assert!(
        matches!(open("HEAD"), RevisionError::Unborn { .. }),
        "unborn branch"
    );
    commit_all(&repository, "one");
    let error = open("origin/nope");
    assert_eq!(error.to_string(), "unknown revision `origin/nope`");
    assert!(error.help().contains("git rev-parse origin/nope"));
    let outside = tempfile::tempdir().unwrap();
    let error = Tree::open(outside.path(), "HEAD").map(|_| ()).unwrap_err();
    assert!(matches!(error, RevisionError::NoRepository { .. }));
}

#[test]
fn a_file_renamed_and_changed_at_once_is_found_in_the_work_tree_and_in_a_commit() {
    let (folder, repository, _) = mesh();
    let text: String = (0..40).map(|n| format!("line{n}: {n}\n")).collect();
    fs::write(folder.path().join("a/old name.yaml"), &text).unwrap();
    commit_all(&repository, "one");
    let base = Tree::open(folder.path(), "HEAD").unwrap();
    fs::remove_file(folder.path().join("a/old name.yaml")).unwrap();
    fs::create_dir(folder.path().join("a/sub")).unwrap();
    let changed = text.replace("line3: 3", "line3: three");
    fs::write(folder.path().join("a/sub/näme.yaml"), changed).unwrap();
    fs::write(folder.path().join("a/other.yaml"), "nothing: like it\n").unwrap();
    let old = RelPath::new("old name.yaml");
    let (new, other) = (RelPath::new("sub/näme.yaml"), RelPath::new("other.yaml"));
    let root = folder.path().join("a");
    let found =
        |head: Option<&Tree>| find_renames(&root, &base, head, &[&old], &[&other, &new]).unwrap();
    let expected = BTreeMap::from([(old.clone(), new.clone())]);
    assert_eq!(found(None), expected);
    commit_all(&repository, "two");
    let head = Tree::open(folder.path(), "HEAD").unwrap();
    assert_eq!(found(Some(&head)), expected);
}

#[test]
fn a_submodule_has_the_files_of_the_commit_that_the_revision_names() {
    let (folder, repository, walk) = mesh();
    let inner = Repository::init(folder.path().join("sub")).unwrap();
    fs::write(folder.path().join("sub/one.yaml"), "one: 1\n").unwrap();
    let first = commit_all(&inner, "one");
    let mut index = repository.index().unwrap();
    let mut entry = index_entry(b"sub");
    entry.id = first;
    index.add(&entry).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let author = git2::Signature::new("t", "t@example.org", &git2::Time::new(0, 0)).unwrap();
    repository
        .commit(Some("HEAD"), &author, &author, "m", &tree, &[])
        .unwrap();
    fs::write(folder.path().join("sub/one.yaml"), "one: 2\n").unwrap();
    let tree = Tree::open(folder.path(), "HEAD").unwrap();
    let revision = Revision::of(&tree, &walk).unwrap();
    let path = RelPath::new("sub/one.yaml");
    assert_eq!(revision.list().files, std::slice::from_ref(&path));
    assert_eq!(revision.read(&path).unwrap(), b"one: 1\n");
    // Checked out anew, without the commit.
    fs::remove_dir_all(folder.path().join("sub")).unwrap();
    Repository::init(folder.path().join("sub")).unwrap();
    let problems = Revision::of(&tree, &walk).unwrap().list().problems;
    assert!(problems[0].fatal && problems[0].message.contains("is missing from this clone"));
}

fn index_entry(path: &[u8]) -> git2::IndexEntry {
    let zero = git2::IndexTime::new(0, 0);
    git2::IndexEntry {
        ctime: zero,
        mtime: zero,
        dev: 0,
        ino: 0,
        mode: 0o160_000,
        uid: 0,
        gid: 0,
        file_size: 0,
        id: Oid::ZERO_SHA1,
        flags: 0,
        flags_extended: 0,
        path: path.to_vec(),
    }
}

/// The files of a tree.
type Files = Vec<(String, ContentId)>;

/// Listings in memory.
#[derive(Default)]
struct Listings {
    kept: Mutex<BTreeMap<Vec<Vec<u8>>, Files>>,
    asked: Mutex<usize>,
}

impl Listings {
    fn key(tree: &[&[u8]]) -> Vec<Vec<u8>> {
        tree.iter().map(|part| part.to_vec()).collect()
    }
}

impl KnownTrees for Listings {
    fn recall(&self, tree: &[&[u8]]) -> Option<Files> {
        *self.asked.lock().unwrap() += 1;
        self.kept.lock().unwrap().get(&Self::key(tree)).cloned()
    }

    fn keep(&self, tree: &[&[u8]], files: &[(String, ContentId)]) {
        let mut kept = self.kept.lock().unwrap();
        assert!(kept.insert(Self::key(tree), files.to_vec()).is_none());
    }
}

/// What is listed of the last commit with and without what is known, and how many listings were asked for and are kept.
fn listed(
    folder: &Path,
    walk: &Walk,
    known: &Listings,
) -> (Vec<(RelPath, ContentId)>, usize, usize) {
    let tree = Tree::open(folder, "HEAD").unwrap();
    let files = |revision: Revision<'_>| -> Vec<(RelPath, ContentId)> {
        let files = revision.list().files.into_iter();
        files
            .map(|file| (file.clone(), revision.content(&file).unwrap()))
            .collect()
    };
    *known.asked.lock().unwrap() = 0;
    let with = files(Revision::with(&tree, walk, Some(known)).unwrap());
    assert_eq!(with, files(Revision::of(&tree, walk).unwrap()));
    let asked = *known.asked.lock().unwrap();
    (with, asked, known.kept.lock().unwrap().len())
}

#[test]
fn folders_that_are_known_are_not_listed_again_and_one_that_changed_is() {
    let (folder, repository, walk) = mesh();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for path in [
        "top.yaml",
        "a/x.yaml",
        "a/b/x.yaml",
        "a/b/c/d/x.yaml",
        "e/f/x.yaml",
    ] {
        write(path, "one: 1\n");
    }
    commit_all(&repository, "one");
    let known = Listings::default();
    // `a/b`, `a/ü b`, `e/f`.
    let (before, asked, kept) = listed(folder.path(), &walk, &known);
    assert_eq!((before.len(), asked, kept), (6, 3, 3));
    write("a/b/c/d/x.yaml", "two: 2\n");
    write("top.yaml", "two: 2\n");
    commit_all(&repository, "two");
    let (after, asked, kept) = listed(folder.path(), &walk, &known);
    assert_eq!((after.len(), asked, kept), (6, 3, 4));
    assert_eq!(
        before.iter().filter(|file| !after.contains(file)).count(),
        2
    );
    // What is wanted is another question.
    let options = WalkOptions {
        exclude: vec!["a/b/c".to_owned()],
        ..WalkOptions::default()
    };
    let less = Walk::new(folder.path(), &options).unwrap();
    assert_eq!(listed(folder.path(), &less, &known).0.len(), 5);
}

#[test]
fn a_folder_of_very_many_is_listed_as_one() {
    let (folder, repository, walk) = mesh();
    for number in 0..600 {
        let at = folder.path().join(format!("many/{number}"));
        fs::create_dir_all(&at).unwrap();
        fs::write(at.join("x.yaml"), "one: 1\n").unwrap();
    }
    commit_all(&repository, "one");
    let (files, asked, kept) = listed(folder.path(), &walk, &Listings::default());
    assert_eq!((files.len(), asked, kept), (601, 2, 2));
}
