//! The pack in the binary: that it can be judged is tested where the binary is made, so that a run need not find out.

use super::source::PackSource;

/// Whether the tests of the built-in pack are valid for this run too: no other pack adds to one of its packages.
pub(crate) fn is_tested(sources: &[PackSource]) -> bool {
    let (tested, foreign): (Vec<&PackSource>, Vec<&PackSource>) =
        sources.iter().partition(|source| source.is_builtin());
    let files = |sources: &[&PackSource]| -> Option<Vec<String>> {
        let files = sources.iter().flat_map(|source| &source.files);
        files
            .filter(|file| file.is_rego())
            .map(|file| package(&file.text))
            .collect()
    };
    let Some(foreign) = files(&foreign) else {
        return false;
    };
    if foreign.is_empty() {
        return true;
    }
    let Some(tested) = files(&tested) else {
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

/// The package of a module that opens with it, plainly written. `None` if the text does not show it.
fn package(text: &str) -> Option<String> {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let name = first.strip_prefix("package ")?.split('#').next()?.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::pack::Pack;
    use super::super::source::PackFile;
    use super::*;

    #[test]
    fn every_rule_of_the_pack_in_the_binary_can_be_judged() {
        let pack = Pack::load(vec![PackSource::builtin()], &|_| true).unwrap();
        pack.keep_promises(&|_| true).unwrap();
        assert!(pack.active() + pack.active_on_changes() == pack.rules.len());
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
        assert!(is_tested(&pack("# METADATA\npackage govcheck.lib.own\n")));
        for adds in [
            "package govcheck.lib.names\n",
            "package  govcheck.lib.names # ours\n",
            "package govcheck.lib\n",
            "package govcheck.lib.names.deeper\n",
            "package govcheck[\"lib\"].names\n",
            "import data.x\n",
        ] {
            assert!(!is_tested(&pack(adds)), "{adds}");
        }
        let mut changed = PackSource::builtin();
        changed.files.pop();
        assert!(is_tested(&[PackSource::builtin()]) && !changed.is_builtin());
    }
}
