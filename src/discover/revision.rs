//! The files of a mesh in a git revision: read from the object database, nothing is checked out. The index and the
//! working tree are not touched.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use git2::{ErrorCode, ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};

use super::problem::{NAME_NOT_UTF8, Problem, ReadError};
use super::walk::Walk;
use super::{FileSource, Listing};
use crate::model::text::RelPath;

/// Git's mode of a regular file is this one or with the bits for execution.
const REGULAR: [i32; 2] = [0o100_644, 0o100_755];

/// Why a revision can't be read. The user's.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// There is no repository around the mesh.
    #[error("`{root}` lies in no git repository")]
    NoRepository {
        /// The root of the mesh.
        root: String,
    },
    /// A name that is no commit.
    #[error("there is no revision `{name}`")]
    Unknown {
        /// As the user wrote it.
        name: String,
        /// Whether the clone is a shallow one, which may be why.
        shallow: bool,
    },
    /// Two revisions without a common ancestor here.
    #[error("`{base}` and `{head}` have no common ancestor")]
    Unrelated {
        /// As the user wrote it.
        base: String,
        /// As the user wrote it.
        head: String,
        /// Whether the clone is a shallow one, which may be why.
        shallow: bool,
    },
    /// Anything else that git says.
    #[error("git: {0}")]
    Git(#[from] git2::Error),
}

impl RevisionError {
    /// What to do next.
    pub fn help(&self) -> String {
        let deepen = "the clone is shallow: fetch the history with `git fetch --unshallow`, in a workflow with \
                      `fetch-depth: 0` under `with:` of actions/checkout";
        match self {
            Self::NoRepository { .. } => "run govcheck in a clone of the repository".to_owned(),
            Self::Unknown { shallow: true, .. } | Self::Unrelated { shallow: true, .. } => {
                deepen.to_owned()
            }
            Self::Unknown { name, .. } => {
                format!(
                    "`git rev-parse {name}` says what git makes of it; a remote branch may have to be fetched first"
                )
            }
            Self::Unrelated { .. } => "name a base that the branch started from".to_owned(),
            Self::Git(_) => "see whether `git status` works in this folder".to_owned(),
        }
    }
}

/// The tree of a commit, as far as the mesh goes.
pub struct Revision {
    /// libgit2 reads from one thread at a time.
    repository: Mutex<Repository>,
    /// The commit.
    id: Oid,
    files: BTreeMap<RelPath, Oid>,
    problems: Vec<Problem>,
    max_bytes: u64,
}

impl Revision {
    /// The mesh at `root`, which lies in a work tree, as it was in the revision `name`; `selection` says which files.
    ///
    /// # Errors
    /// There is no repository, or no such revision in it.
    pub fn open(root: &Path, name: &str, selection: &Walk) -> Result<Self, RevisionError> {
        let repository = repository(root)?;
        let id = commit(&repository, name)?;
        Self::read_tree(root, repository, id, selection)
    }

    /// The same for the merge base of two revisions: where the one branched off the other.
    ///
    /// # Errors
    /// There is no repository, one of the revisions is unknown, or they have nothing in common.
    pub fn merge_base(
        root: &Path,
        base: &str,
        head: &str,
        selection: &Walk,
    ) -> Result<Self, RevisionError> {
        let repository = repository(root)?;
        let (one, two) = (commit(&repository, base)?, commit(&repository, head)?);
        let id = repository.merge_base(one, two).map_err(|error| {
            if error.code() == ErrorCode::NotFound {
                RevisionError::Unrelated {
                    base: base.to_owned(),
                    head: head.to_owned(),
                    shallow: repository.is_shallow(),
                }
            } else {
                error.into()
            }
        })?;
        Self::read_tree(root, repository, id, selection)
    }

    fn read_tree(
        root: &Path,
        repository: Repository,
        id: Oid,
        selection: &Walk,
    ) -> Result<Self, RevisionError> {
        let prefix = prefix(root, &repository);
        let (mut files, mut problems) = (BTreeMap::new(), Vec::new());
        {
            let tree = repository.find_commit(id)?.tree()?;
            let tree = if prefix.is_empty() {
                Some(tree)
            } else {
                // The mesh may not have been there yet.
                let entry = tree.get_path(Path::new(&prefix)).ok();
                entry.and_then(|entry| entry.to_object(&repository).ok()?.peel_to_tree().ok())
            };
            if let Some(tree) = tree {
                tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
                    match (entry.kind(), entry.name()) {
                        (Some(ObjectType::Tree), Ok(name))
                            if !selection.folder_wanted(&format!("{folder}{name}")) =>
                        {
                            return TreeWalkResult::Skip;
                        }
                        (Some(ObjectType::Blob), Ok(name))
                            if REGULAR.contains(&entry.filemode()) =>
                        {
                            let path = format!("{folder}{name}");
                            if selection.wants(&path) {
                                files.insert(RelPath::new(path), entry.id());
                            }
                        }
                        (Some(ObjectType::Blob), Err(_)) => {
                            let path =
                                format!("{folder}{}", String::from_utf8_lossy(entry.name_bytes()));
                            problems.push(Problem {
                                path,
                                rule: NAME_NOT_UTF8,
                                message: "the name is not UTF-8".to_owned(),
                                help: Some("give the file a name in UTF-8".to_owned()),
                                fatal: true,
                            });
                        }
                        _ => {}
                    }
                    TreeWalkResult::Ok
                })?;
            }
        }
        problems.sort();
        Ok(Self {
            repository: Mutex::new(repository),
            id,
            files,
            problems,
            max_bytes: selection.max_bytes(),
        })
    }

    /// The commit's id in hexadecimal, abbreviated to 12 characters.
    pub fn name(&self) -> String {
        self.id.to_string().chars().take(12).collect()
    }

    /// Whether the file had these bytes in this revision.
    pub fn has(&self, path: &RelPath, bytes: &[u8]) -> bool {
        self.files
            .get(path)
            .is_some_and(|id| Oid::hash_object(ObjectType::Blob, bytes).is_ok_and(|own| own == *id))
    }
}

impl FileSource for Revision {
    fn list(&self) -> Listing {
        Listing {
            files: self.files.keys().cloned().collect(),
            problems: self.problems.clone(),
            visited: self.files.len(),
        }
    }

    fn read(&self, path: &RelPath) -> Result<Vec<u8>, ReadError> {
        let id = self.files.get(path).ok_or(ReadError::NotAFile)?;
        let repository = self
            .repository
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let git = |error: git2::Error| ReadError::Io(std::io::Error::other(error));
        let (size, _) = repository
            .odb()
            .and_then(|odb| odb.read_header(*id))
            .map_err(git)?;
        let blob = repository.find_blob(*id).map_err(git)?;
        let size = size as u64;
        if size > self.max_bytes {
            let head = blob
                .content()
                .iter()
                .take(super::walk::HEAD_BYTES)
                .copied()
                .collect();
            return Err(ReadError::TooLarge {
                size,
                limit: self.max_bytes,
                head,
            });
        }
        Ok(blob.content().to_vec())
    }
}

fn repository(root: &Path) -> Result<Repository, RevisionError> {
    Repository::discover(root).map_err(|error| {
        if error.code() == ErrorCode::NotFound {
            RevisionError::NoRepository {
                root: root.display().to_string(),
            }
        } else {
            error.into()
        }
    })
}

fn commit(repository: &Repository, name: &str) -> Result<Oid, RevisionError> {
    let found = repository
        .revparse_single(name)
        .and_then(|object| object.peel_to_commit());
    found
        .map(|commit| commit.id())
        .map_err(|error| match error.code() {
            ErrorCode::NotFound
            | ErrorCode::InvalidSpec
            | ErrorCode::Ambiguous
            | ErrorCode::UnbornBranch
            | ErrorCode::Peel => RevisionError::Unknown {
                name: name.to_owned(),
                shallow: repository.is_shallow(),
            },
            _ => error.into(),
        })
}

/// The way from the work tree's root to the mesh's, `/`-separated.
fn prefix(root: &Path, repository: &Repository) -> String {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let top = repository
        .workdir()
        .and_then(|folder| folder.canonicalize().ok());
    let way = top
        .and_then(|top| root.strip_prefix(top).ok().map(Path::to_path_buf))
        .unwrap_or_default();
    way.iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::WalkOptions;
    use std::fs;

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
        let revision = Revision::open(folder.path(), "HEAD", &walk).unwrap();
        let path = RelPath::new("a/ü b/x.yaml");
        assert_eq!(revision.list().files, std::slice::from_ref(&path));
        assert_eq!(revision.read(&path).unwrap(), b"one: 1\n");
        assert!(revision.has(&path, b"one: 1\n") && !revision.has(&path, b"two: 2\n"));
    }

    #[test]
    fn a_mesh_in_a_folder_of_the_repository_has_paths_of_its_own() {
        let (folder, repository, walk) = mesh();
        commit_all(&repository, "one");
        let revision = Revision::open(&folder.path().join("a"), "HEAD", &walk).unwrap();
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
        let revision = Revision::merge_base(folder.path(), "HEAD", "topic", &walk).unwrap();
        assert_eq!(revision.list().files.len(), 1);
        assert!(first.to_string().starts_with(&revision.name()));
    }

    #[test]
    fn what_can_not_be_read_is_said_with_the_next_step() {
        let (folder, repository, walk) = mesh();
        let open = |name: &str| {
            Revision::open(folder.path(), name, &walk)
                .map(|_| ())
                .unwrap_err()
        };
        assert!(
            matches!(open("HEAD"), RevisionError::Unknown { shallow: false, .. }),
            "unborn branch"
        );
        commit_all(&repository, "one");
        let error = open("origin/nope");
        assert_eq!(error.to_string(), "there is no revision `origin/nope`");
        assert!(error.help().contains("git rev-parse origin/nope"));
        let outside = tempfile::tempdir().unwrap();
        let error = Revision::open(outside.path(), "HEAD", &walk)
            .map(|_| ())
            .unwrap_err();
        assert!(matches!(error, RevisionError::NoRepository { .. }));
    }
}
