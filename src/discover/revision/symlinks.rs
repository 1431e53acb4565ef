//! Symbolic links in a commit: none is followed, and each with a manifest's name is reported as in a working tree.

use git2::Oid;

use super::{LINK, REGULAR, Tree, lock_repository, read_blob};
use crate::discover::problem::{
    BROKEN_LINK, DiscoveryProblem, LINK_LEAVES_ROOT, LINK_TO_UNJUDGED, problem_with_help,
};

/// So many links are followed from one to the next.
const MAX_LINKS: usize = 8;

/// More bytes than any path has.
const MAX_TARGET: u64 = 4096;

/// The problem with a link. `None` if it leads to a file for which `is_judged` holds.
pub(super) fn link_problem(
    tree: &Tree,
    path: &str,
    id: Oid,
    is_judged: &dyn Fn(&str) -> bool,
) -> Option<DiscoveryProblem> {
    let target = |id: Oid| {
        let bytes = read_blob(&lock_repository(&tree.repository), id, MAX_TARGET).ok()?;
        String::from_utf8(bytes).ok()
    };
    let written = target(id).unwrap_or_default();
    let (mut from, mut to) = (path.to_owned(), written.clone());
    let problem = |rule, message| Some(problem_with_help(rule, path.to_owned(), message, false));
    for _ in 0..MAX_LINKS {
        let Some(inside) = resolve(&from, &to) else {
            let message =
                format!("symbolic link to `{written}` leaves the root and is not followed");
            return problem(LINK_LEAVES_ROOT, message);
        };
        if is_judged(&inside) {
            return None;
        }
        match tree.entry(&inside) {
            Some((LINK, next)) => {
                to = target(next).unwrap_or_default();
                from = inside;
            }
            Some((mode, _)) if REGULAR.contains(&mode) => {
                let message = format!("symbolic link to `{inside}`, which is not checked");
                return problem(LINK_TO_UNJUDGED, message);
            }
            // A folder is no manifest.
            Some(_) => return None,
            None => break,
        }
    }
    let message = format!("symbolic link to `{written}`, which does not exist");
    problem(BROKEN_LINK, message)
}

/// Where a link leads, relative to the root. `None` if it leaves the root.
fn resolve(link: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = link.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_resolved_from_their_folder() {
        for (link, target, expected) in [
            ("a/b.yaml", "c.yaml", Some("a/c.yaml")),
            ("a/b.yaml", "../c.yaml", Some("c.yaml")),
            ("a/b.yaml", "./x//y.yaml", Some("a/x/y.yaml")),
            ("b.yaml", "../c.yaml", None),
            ("a/b.yaml", "/etc/passwd", None),
        ] {
            assert_eq!(
                resolve(link, target).as_deref(),
                expected,
                "{link} {target}"
            );
        }
    }
}
