//! Which file of `src/` imports from which: read from the syntax tree, so that `super::`, nested `use`, re-exports and paths
//! written inline count like any other import. Code under `#[cfg(test)]` is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// A string literal in the tokens of a macro.
static LITERAL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""(?:[^"\\]|\\.)*""#).unwrap());
/// A string literal that is a single word.
static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""(\w+)""#).unwrap());

/// A module as the names that lead to it from the crate; empty for `lib.rs`.
pub(super) type Module = Vec<String>;

/// The files of `src/` and what each takes from the others.
pub(super) struct Imports {
    files: BTreeMap<Module, ModuleFile>,
}

struct ModuleFile {
    /// From the root of the repository, `/`-separated.
    path: String,
    items: Vec<Item>,
    /// Names that a `use` brings into the module, with the path that it gives.
    used: BTreeMap<String, Vec<String>>,
}

impl Imports {
    /// Reads every file of `src/` that is not a test.
    pub(super) fn of_source() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        list_sources(&root.join("src"), &mut found);
        let mut parsed = BTreeMap::new();
        let mut tests = BTreeSet::new();
        for path in found {
            let relative = path.strip_prefix(root).unwrap();
            let relative = relative.to_string_lossy().replace('\\', "/");
            let module = module_of(&relative);
            let text = fs::read_to_string(&path).unwrap();
            let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{relative}: {error}"));
            let (items, test_modules) = without_tests(file.items);
            tests.extend(test_modules.into_iter().map(|name| joined(&module, &name)));
            parsed.insert(module, (relative, items));
        }
        let is_test = |module: &Module| tests.iter().any(|test| module.starts_with(test));
        let files = parsed
            .into_iter()
            .filter(|(module, _)| !is_test(module))
            .map(|(module, (path, items))| {
                let used = used_names(&items);
                (module, ModuleFile { path, items, used })
            })
            .collect();
        Self { files }
    }

    /// The path of a module's file, from the root of the repository.
    pub(super) fn path(&self, module: &Module) -> &str {
        &self.files[module].path
    }

    /// Each type that is defined in `src/`, with the files that define one of that name. A type inside a function counts;
    /// associated types do not.
    pub(super) fn types(&self) -> BTreeMap<String, Vec<&str>> {
        let mut types: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for file in self.files.values() {
            let mut names = TypeNames::default();
            file.items.iter().for_each(|item| names.visit_item(item));
            for name in names.found {
                types.entry(name).or_default().push(&file.path);
            }
        }
        types
    }

    /// Each free function that other files can call, as `name in file`.
    pub(super) fn shared_functions(&self) -> Vec<(String, &str)> {
        let mut functions = Vec::new();
        for file in self.files.values() {
            for item in &file.items {
                let Item::Fn(item) = item else { continue };
                if !matches!(item.vis, syn::Visibility::Inherited) {
                    functions.push((item.sig.ident.to_string(), &*file.path));
                }
            }
        }
        functions
    }

    /// Each string literal outside of tests that is a single word, with its file.
    pub(super) fn words(&self) -> BTreeSet<(&str, String)> {
        let mut words = BTreeSet::new();
        for file in self.files.values() {
            let mut literals = WordLiterals::default();
            file.items.iter().for_each(|item| literals.visit_item(item));
            words.extend(literals.found.into_iter().map(|word| (&*file.path, word)));
        }
        words
    }

    /// For each module the modules whose items it names; never itself.
    pub(super) fn edges(&self) -> BTreeMap<&Module, BTreeSet<&Module>> {
        let of_file = |(module, file): (&'_ Module, &'_ ModuleFile)| {
            let mut paths = Paths::default();
            file.items.iter().for_each(|item| paths.visit_item(item));
            let targets = paths.found.iter();
            let targets = targets.filter_map(|path| self.resolve(module, path, 0));
            let targets: BTreeSet<&Module> = targets.filter(|target| *target != module).collect();
            targets
        };
        let files = self.files.iter();
        files
            .map(|(module, file)| (module, of_file((module, file))))
            .collect()
    }

    /// The module that defines what a path names. `None` for paths into other crates and for local names.
    fn resolve(&self, from: &Module, path: &[String], depth: usize) -> Option<&Module> {
        // A name that is imported under its own name from another crate would go round for ever.
        if depth > 16 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let (mut at, rest) = match first.as_str() {
            "crate" | "govcheck" => (Module::new(), rest),
            "self" => (from.clone(), rest),
            "super" => {
                let ups = path.iter().take_while(|name| *name == "super").count();
                let up = from.len().checked_sub(ups)?;
                (from.get(..up)?.to_vec(), path.get(ups..)?)
            }
            name if self.files.contains_key(&joined(from, name)) => (from.clone(), path),
            name => {
                let target = self.files.get(from)?.used.get(name)?;
                if target.first().is_some_and(|first| first == name) {
                    return None;
                }
                let whole: Vec<String> = target.iter().chain(rest).cloned().collect();
                return self.resolve(from, &whole, depth + 1);
            }
        };
        for (number, name) in rest.iter().enumerate() {
            let inner = joined(&at, name);
            if self.files.contains_key(&inner) {
                at = inner;
                continue;
            }
            // An item of this module, or one that it brings in from elsewhere.
            if let Some(target) = self.files.get(&at).and_then(|file| file.used.get(name)) {
                let whole: Vec<String> = target
                    .iter()
                    .chain(rest.get(number + 1..)?)
                    .cloned()
                    .collect();
                if let Some(found) = self.resolve(&at, &whole, depth + 1) {
                    return Some(found);
                }
            }
            break;
        }
        self.files.get_key_value(&at).map(|(module, _)| module)
    }

    /// Groups of two and more files that import each other in a circle, in the order of their names.
    pub(super) fn circles(&self) -> Vec<BTreeSet<&Module>> {
        let edges = self.edges();
        let reach: BTreeMap<&Module, BTreeSet<&Module>> = edges
            .keys()
            .map(|module| (*module, reachable(&edges, module)))
            .collect();
        let mut circles: Vec<BTreeSet<&Module>> = Vec::new();
        for (module, reached) in &reach {
            let known = circles.iter().any(|circle| circle.contains(module));
            if known || !reached.contains(module) {
                continue;
            }
            let back = reached
                .iter()
                .filter(|other| reach[*other].contains(module));
            circles.push(back.copied().collect());
        }
        circles
    }
}

fn reachable<'m>(
    edges: &BTreeMap<&'m Module, BTreeSet<&'m Module>>,
    from: &Module,
) -> BTreeSet<&'m Module> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Module> = edges[from].iter().copied().collect();
    while let Some(next) = open.pop() {
        let (next, _) = edges.get_key_value(next).unwrap();
        if found.insert(*next) {
            open.extend(edges[*next].iter().copied());
        }
    }
    found
}

fn list_sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list_sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// `src/policy/engine/mod.rs` is `policy::engine`, `src/lib.rs` the crate itself.
fn module_of(path: &str) -> Module {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut names: Module = path.split('/').map(ToOwned::to_owned).collect();
    if names.last().is_some_and(|name| name == "mod") || names == ["lib"] {
        names.pop();
    }
    names
}

fn joined(module: &Module, name: &str) -> Module {
    let mut names = module.clone();
    names.push(name.to_owned());
    names
}

/// Items that are compiled outside of tests, and the names of the modules that are tests.
fn without_tests(items: Vec<Item>) -> (Vec<Item>, Vec<String>) {
    let (tests, items): (Vec<Item>, Vec<Item>) = items
        .into_iter()
        .partition(|item| attributes(item).iter().any(is_test));
    let modules = tests.iter().filter_map(|item| match item {
        Item::Mod(module) => Some(module.ident.to_string()),
        _ => None,
    });
    (items, modules.collect())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute
            .parse_args::<syn::Ident>()
            .is_ok_and(|name| name == "test")
}

fn used_names(items: &[Item]) -> BTreeMap<String, Vec<String>> {
    let mut names = BTreeMap::new();
    for item in items {
        if let Item::Use(item) = item {
            let mut leaves = Vec::new();
            use_leaves(&item.tree, &mut Vec::new(), &mut leaves);
            names.extend(
                leaves
                    .into_iter()
                    .filter_map(|(name, path)| Some((name?, path))),
            );
        }
    }
    names
}

/// Each name that a `use` brings in, with its whole path; without a name for `*` and `_`.
fn use_leaves(
    tree: &UseTree,
    before: &mut Vec<String>,
    leaves: &mut Vec<(Option<String>, Vec<String>)>,
) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            use_leaves(&path.tree, before, leaves);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            leaves.push((before.last().cloned(), before.clone()));
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            let path = before.iter().cloned().chain([name.clone()]);
            leaves.push((Some(name), path.collect()));
        }
        UseTree::Rename(rename) => {
            let path = before.iter().cloned().chain([rename.ident.to_string()]);
            let name = rename.rename.to_string();
            leaves.push(((name != "_").then_some(name), path.collect()));
        }
        UseTree::Glob(_) => leaves.push((None, before.clone())),
        UseTree::Group(group) => {
            for tree in &group.items {
                use_leaves(tree, before, leaves);
            }
        }
    }
}

/// Collects every path in code, macros apart, and every `use`.
#[derive(Default)]
struct Paths {
    found: BTreeSet<Vec<String>>,
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut leaves = Vec::new();
        use_leaves(&item.tree, &mut Vec::new(), &mut leaves);
        self.found.extend(leaves.into_iter().map(|(_, path)| path));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // A single name is local, or has been imported.
        if path.segments.len() > 1 {
            let names = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string());
            self.found.insert(names.collect());
        }
        visit::visit_path(self, path);
    }

    /// `pub(super)` names no item.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    /// The arguments of `format!`, `vec!`, `matches!` and the like hold paths, too.
    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.visit_path(&item.path);
        let text = item.tokens.to_string().replace(" :: ", "::");
        let text = LITERAL.replace_all(&text, "");
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        for word in text
            .split(|c: char| !is_name(c))
            .filter(|word| word.contains("::"))
        {
            let names = word.split("::").filter(|name| !name.is_empty());
            self.found.insert(names.map(ToOwned::to_owned).collect());
        }
    }
}

#[derive(Default)]
struct TypeNames {
    found: Vec<String>,
}

impl<'ast> Visit<'ast> for TypeNames {
    fn visit_item(&mut self, item: &'ast Item) {
        let name = match item {
            Item::Struct(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Union(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            _ => None,
        };
        self.found.extend(name.map(ToString::to_string));
        visit::visit_item(self, item);
    }
}

#[derive(Default)]
struct WordLiterals {
    found: BTreeSet<String>,
}

impl WordLiterals {
    fn take_tokens(&mut self, tokens: &str) {
        let words = WORD.captures_iter(tokens).map(|word| word[1].to_owned());
        self.found.extend(words);
    }
}

impl<'ast> Visit<'ast> for WordLiterals {
    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.found.insert(literal.value());
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.take_tokens(&item.tokens.to_string());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.take_tokens(&list.tokens.to_string());
        }
    }
}
