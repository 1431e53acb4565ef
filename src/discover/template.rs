//! Folders whose files are templates by the custom of the tools that fill them in.

/// Folders of Helm, cookiecutter, copier, Backstage and other scaffolders.
const FOLDERS: [&str; 5] = [
    "templates",
    "template",
    "skeleton",
    "skeletons",
    "scaffolds",
];

/// The glob that leaves a template out of a run: its folder where the name says that all files in it are templates, else
/// the file.
///
/// ```
/// use govcheck::discover::template_pattern;
///
/// assert_eq!(template_pattern("charts/app/templates/deploy.yaml"), "charts/app/templates/**");
/// assert_eq!(template_pattern("{{cookiecutter.name}}/a.yaml"), "[{][{]cookiecutter.name[}][}]/**");
/// assert_eq!(template_pattern("base/contract.yaml"), "base/contract.yaml");
/// ```
pub fn template_pattern(path: &str) -> String {
    let is_template = |part: &str| FOLDERS.contains(&part) || part.contains("{{");
    let parts: Vec<&str> = path.split('/').collect();
    let folders = parts.split_last().map_or(0, |(_, folders)| folders.len());
    let folder = parts
        .iter()
        .take(folders)
        .position(|part| is_template(part));
    let end = folder.map_or(parts.len(), |folder| folder + 1);
    let literal = escape_glob(&parts.get(..end).unwrap_or_default().join("/"));
    match folder {
        Some(_) => format!("{literal}/**"),
        None => literal,
    }
}

/// A glob that matches only this path.
fn escape_glob(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' => escaped.extend(['[', c, ']']),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::Patterns;

    #[test]
    fn the_pattern_leaves_out_its_file_and_no_file_elsewhere() {
        for path in [
            "a/templates/b/c.yaml",
            "[x]/{{ y }}*?.yaml",
            "a/{{cookiecutter.slug}}/c.yaml",
            "skeleton/catalog-info.yaml",
            "templates.yaml",
        ] {
            let patterns = Patterns::new(&[template_pattern(path)]).unwrap();
            assert!(patterns.is_match(path), "{path}");
            assert!(!patterns.is_match("a/other.yaml"), "{path}");
        }
    }
}
