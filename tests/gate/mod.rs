//! What a pull request may not influence: every test builds a base and a head as commits, and judges the head by the base. Each
//! has a control that fails for the same change without the trick.

use crate::cli::{Mesh, REGISTER, Ran, contract, orphan};

mod clones;
mod departures;
#[cfg(unix)]
mod hooks;
mod registers;
mod repositories;
mod roots;

/// A mesh with a base commit, of which the work tree becomes the head.
pub(super) struct Pull {
    pub(super) mesh: Mesh,
}

impl Pull {
    /// A base with these files.
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let mesh = Mesh::git();
        for (path, text) in files {
            mesh.file(path, text);
        }
        let pull = Self { mesh };
        pull.commit("base");
        pull.mesh.git_command(&["branch", "base"]);
        pull
    }

    /// A base with a register and one contract in order.
    pub(super) fn sound() -> Self {
        let good = contract("a");
        Self::new(&[
            ("register.yaml", REGISTER),
            ("domains/s/a.odcs.yaml", &good),
        ])
    }

    pub(super) fn file(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        self.mesh.file(path, text);
        self
    }

    pub(super) fn remove(&self, path: &str) -> &Self {
        let path = self.mesh.path().join(path);
        match path.is_dir() {
            true => std::fs::remove_dir_all(path).unwrap(),
            false => std::fs::remove_file(path).unwrap(),
        }
        self
    }

    pub(super) fn commit(&self, message: &str) -> &Self {
        self.mesh.git_command(&["add", "--all", "--force"]);
        self.mesh
            .git_command(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self
    }

    /// Judges the work tree by the base, as the Action does for `pull_request`.
    pub(super) fn judge(&self, arguments: &[&str]) -> Ran {
        self.judge_in(".", arguments)
    }

    pub(super) fn judge_in(&self, folder: &str, arguments: &[&str]) -> Ran {
        let by_base = ["--base", "base", "--policies-from", "base", "--no-cache"];
        self.mesh.run_in(folder, &[&by_base, arguments].concat())
    }

    /// Judges the commit of the head from a work tree of the base, as the Action does for `pull_request_target`.
    pub(super) fn judge_commit(&self, folder: &str, arguments: &[&str]) -> Ran {
        self.commit("head");
        self.mesh.git_command(&["tag", "--force", "pr"]);
        self.mesh.git_command(&["checkout", "--quiet", "base"]);
        let ran = self.judge_in(folder, &[&["--head", "pr"], arguments].concat());
        self.mesh
            .git_command(&["checkout", "--quiet", "--detach", "pr"]);
        ran
    }
}

#[test]
fn a_new_finding_fails_and_a_sound_change_does_not() {
    let pull = Pull::sound();
    pull.file("domains/s/b.odcs.yaml", contract("b"));
    pull.judge(&[]).says(0, &[]);
    pull.judge_commit(".", &[]).says(0, &[]);
    pull.file("domains/s/b.odcs.yaml", orphan("b"));
    pull.judge(&[]).says(1, &["nobody-here"]);
    pull.judge_commit(".", &[]).says(1, &["nobody-here"]);
}

#[test]
fn each_row_of_the_page_names_a_test_that_exists() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/pull-requests.md")).unwrap();
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.ends_with("` |"));
    let mut count = 0;
    for row in rows {
        let named = row.trim_end_matches("` |").rsplit('`').next().unwrap();
        let parts: Vec<&str> = named.split("::").collect();
        let is_beside = |module: &str| root.join(format!("tests/{module}.rs")).exists();
        let (modules, test) = match parts.as_slice() {
            [module] => (format!("gate/{module}"), None),
            [module, test] if is_beside(module) => ((*module).to_owned(), Some(test)),
            [module, test] => (format!("gate/{module}"), Some(test)),
            ["cli", module, test] => (format!("cli/{module}"), Some(test)),
            _ => panic!("{row}"),
        };
        let text = std::fs::read_to_string(root.join(format!("tests/{modules}.rs"))).unwrap();
        assert!(
            test.is_none_or(|test| text.contains(&format!("fn {test}("))),
            "{row}"
        );
        count += 1;
    }
    assert!(count > 15, "{count} rows");
}
