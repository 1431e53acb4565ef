//! What the host must know of a module of the pack in the binary. Its checks at load are made where the binary is made,
//! so that here its text alone is asked, which costs a hundredth of its syntax tree. A test holds both against each other.

use super::check::Reads;
use super::engine::Module;
use super::source::PackSource;

/// Whether the checks of the pack in the binary hold for this run too: of all packs, none adds to a package of it.
pub(crate) fn holds(sources: &[PackSource]) -> bool {
    let (tested, foreign): (Vec<&PackSource>, Vec<&PackSource>) =
        sources.iter().partition(|source| source.is_builtin());
    let files = |sources: &[&PackSource]| -> Option<Vec<String>> {
        let files = sources.iter().flat_map(|source| &source.files);
        files
            .filter(|file| file.is_rego())
            .map(|file| package(&file.text))
            .collect()
    };
    let Some((tested, foreign)) = files(&tested).zip(files(&foreign)) else {
        return false;
    };
    let within = |inner: &str, outer: &str| {
        let rest = inner.strip_prefix(outer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let apart = |foreign: &String| {
        let meets = |own: &String| within(foreign, own) || within(own, foreign);
        !tested.iter().any(meets)
    };
    foreign.iter().all(apart)
}

/// The package of a module that opens with it, plainly written; nothing where that can't be told from the text.
fn package(text: &str) -> Option<String> {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let name = first.strip_prefix("package ")?.split('#').next()?.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
}

/// What a module reads of `input` that is costly to build.
pub(crate) fn reads(module: &Module) -> Reads {
    let all = code(module).any(|line| line.contains("input["));
    let reads = |field: &str| {
        let of = |input: &str| mentions(module, &format!("{input}.{field}"));
        all || ["input", "input.base", "input.head"].into_iter().any(of)
    };
    Reads {
        document: reads("document"),
        text: reads("text"),
        violations: all || mentions(module, "input.violations"),
    }
}

/// Whether a module has a set of this name.
pub(crate) fn defines(module: &Module, name: &str) -> bool {
    let head = format!("{name} contains ");
    code(module).any(|line| line.starts_with(&head))
}

fn mentions(module: &Module, path: &str) -> bool {
    code(module).any(|line| {
        line.match_indices(path).any(|(at, _)| {
            let rest = line.get(at + path.len()..).unwrap_or_default();
            !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    })
}

/// Lines that are no comments.
fn code(module: &Module) -> impl Iterator<Item = &str> {
    let lines = module.text.lines();
    lines.filter(|line| !line.trim_start().starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::super::engine::parse;
    use super::super::error::PolicyFile;
    use super::super::source::PackFile;
    use super::*;

    fn module(file: &PackFile) -> Module {
        Module {
            name: file.path.clone(),
            text: file.text.clone(),
        }
    }

    #[test]
    fn the_text_of_the_pack_in_the_binary_says_what_its_syntax_tree_says() {
        let builtin = PackSource::builtin();
        for file in builtin.files.iter().filter(|file| file.is_rego()) {
            let module = module(file);
            let tree = parse(&module).unwrap();
            let policy_file = PolicyFile {
                pack: builtin.name.clone(),
                file: file.path.clone(),
                text: std::sync::Arc::new(crate::model::text::SourceText::new(file.text.clone())),
            };
            let mut mistakes = Vec::new();
            let read = check::check_constructs(&policy_file, &tree, &mut mistakes);
            assert!(mistakes.is_empty(), "{}: {mistakes:?}", file.path);
            assert_eq!(reads(&module), read, "{}", file.path);
            for name in ["advice", "deny", "facts"] {
                let defined = check::defines(&tree, name);
                assert_eq!(defines(&module, name), defined, "{} {name}", file.path);
            }
        }
    }

    #[test]
    fn a_pack_that_adds_to_a_package_of_another_has_it_checked_again() {
        let pack = |text: &str| {
            let file = PackFile {
                path: "lib/own.rego".to_owned(),
                text: text.to_owned(),
            };
            vec![
                PackSource::builtin(),
                PackSource {
                    name: "own".to_owned(),
                    files: vec![file],
                    ..PackSource::builtin()
                },
            ]
        };
        assert!(holds(&pack("# METADATA\npackage govcheck.lib.own\n")));
        for adds in [
            "package govcheck.lib.names\n",
            "package  govcheck.lib.names # ours\n",
            "package govcheck.lib\n",
            "package govcheck.lib.names.deeper\n",
            "package govcheck[\"lib\"].names\n",
            "import data.x\n",
        ] {
            assert!(!holds(&pack(adds)), "{adds}");
        }
        let mut changed = PackSource::builtin();
        changed.files.pop();
        assert!(holds(&[PackSource::builtin()]) && !changed.is_builtin());
    }
}
