//! Which texts are names: of teams and domains in manifests, and of products among folders. Looks only at the text.

/// Folders that change from release to release or from one environment to the next.
const CHANGING: &[&str] = &[
    "acc",
    "acceptance",
    "archive",
    "archived",
    "backup",
    "backups",
    "canary",
    "current",
    "demo",
    "deprecated",
    "dev",
    "develop",
    "development",
    "draft",
    "drafts",
    "edge",
    "head",
    "history",
    "int",
    "integration",
    "latest",
    "legacy",
    "live",
    "local",
    "main",
    "master",
    "new",
    "next",
    "nightly",
    "nonprod",
    "non-prod",
    "old",
    "perf",
    "pre-prod",
    "preprod",
    "previous",
    "prd",
    "prod",
    "production",
    "qa",
    "release",
    "releases",
    "retired",
    "sandbox",
    "sbx",
    "sit",
    "snapshot",
    "snapshots",
    "stable",
    "stage",
    "staging",
    "stg",
    "temp",
    "test",
    "testing",
    "tests",
    "tmp",
    "trunk",
    "tst",
    "uat",
    "version",
    "versions",
    "wip",
];

/// Folders that say what kind of file is in them, or that a build tool wants.
const STRUCTURAL: &[&str] = &[
    "airflow",
    "analyses",
    "api",
    "apis",
    "app",
    "apps",
    "asset",
    "assets",
    "avro",
    "base",
    "bin",
    "bronze",
    "build",
    "catalog",
    "catalogs",
    "chart",
    "charts",
    "ci",
    "common",
    "component",
    "components",
    "conf",
    "config",
    "configs",
    "configuration",
    "contract",
    "contracts",
    "core",
    "curated",
    "dags",
    "data",
    "data-contract",
    "data-contracts",
    "data-product",
    "data-products",
    "datacontract",
    "datacontracts",
    "dataproduct",
    "dataproducts",
    "dbt",
    "definition",
    "definitions",
    "deploy",
    "deployment",
    "deployments",
    "descriptor",
    "descriptors",
    "dist",
    "doc",
    "docker",
    "docs",
    "documentation",
    "domain",
    "domains",
    "entities",
    "etc",
    "example",
    "examples",
    "fixtures",
    "generated",
    "gold",
    "governance",
    "helm",
    "infra",
    "infrastructure",
    "input-port",
    "input-ports",
    "inputs",
    "intermediate",
    "java",
    "jobs",
    "json",
    "k8s",
    "landing",
    "lib",
    "libs",
    "macros",
    "manifest",
    "manifests",
    "marts",
    "meta",
    "metadata",
    "mocks",
    "model",
    "models",
    "notebooks",
    "odcs",
    "odps",
    "openapi",
    "out",
    "output",
    "output-port",
    "output-ports",
    "outputs",
    "package",
    "packages",
    "pipeline",
    "pipelines",
    "pkg",
    "policies",
    "port",
    "ports",
    "product",
    "products",
    "protobuf",
    "python",
    "quality",
    "raw",
    "registry",
    "resource",
    "resources",
    "sample",
    "samples",
    "schema",
    "schemas",
    "scripts",
    "seeds",
    "serving",
    "shared",
    "silver",
    "skeleton",
    "skeletons",
    "source",
    "sources",
    "spark",
    "spec",
    "specification",
    "specifications",
    "specs",
    "sql",
    "src",
    "stream",
    "streams",
    "table",
    "tables",
    "target",
    "template",
    "templates",
    "terraform",
    "testdata",
    "tools",
    "topic",
    "topics",
    "transform",
    "transformations",
    "transforms",
    "utils",
    "view",
    "views",
    "yaml",
];

/// Words beside the numbers of a version or a date: `v1`, `1.0-rc2`, `2024-q1`, `jan-2024`.
const BESIDE_NUMBERS: &[&str] = &[
    "alpha", "beta", "cw", "date", "day", "final", "fy", "h", "kw", "month", "pre", "preview", "q",
    "quarter", "r", "rc", "rel", "release", "rev", "revision", "snapshot", "v", "ver", "version",
    "w", "week", "x", "year",
];

const MONTHS: &[&str] = &[
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// What people write where a name is still to come.
const NO_NAMES: &[&str] = &[
    "changeme",
    "change-me",
    "domain",
    "domain-name",
    "dummy",
    "fill-in",
    "fillme",
    "fixme",
    "foo",
    "foobar",
    "missing",
    "my-company",
    "my-domain",
    "my-org",
    "my-owner",
    "my-team",
    "n-a",
    "na",
    "name",
    "nil",
    "none",
    "null",
    "owner",
    "owner-name",
    "owner-team",
    "placeholder",
    "replaceme",
    "string",
    "tba",
    "tbc",
    "tbd",
    "team",
    "team-id",
    "team-name",
    "text",
    "todo",
    "unassigned",
    "undefined",
    "unknown",
    "unset",
    "unspecified",
    "value",
    "xxx",
];

/// Beginnings of such texts: `TODO: ask Ann`, `your-team`, `<insert owner>`.
const NO_NAME_STARTS: &[&str] = &[
    "change-this",
    "enter-",
    "example-domain",
    "example-team",
    "fixme-",
    "insert-",
    "placeholder-",
    "replace-",
    "tbd-",
    "todo-",
    "your-",
];

/// Whether a text waits for a template engine, a script or a person to put a name in its place.
pub(super) fn is_placeholder(name: &str) -> bool {
    let name = name.trim();
    let has = |marks: [&str; 2]| marks.iter().all(|mark| name.contains(mark));
    let is_within = |start: &str, end: &str| {
        let inner = name
            .strip_prefix(start)
            .and_then(|rest| rest.strip_suffix(end));
        inner.is_some_and(|inner| !inner.is_empty())
    };
    let is_template = name.contains(['{', '}'])
        || name.starts_with('$')
        || has(["<", ">"])
        || ["$(", "#("].iter().any(|mark| name.contains(mark))
        || [
            ("%", "%"),
            ("__", "__"),
            ("@", "@"),
            ("[", "]"),
            ("((", "))"),
        ]
        .iter()
        .any(|(start, end)| is_within(start, end));
    is_template || !name.contains(char::is_alphanumeric)
}

/// Whether a text names a team or a domain: neither a placeholder nor a word that stands for a missing name.
pub(super) fn is_name(name: &str) -> bool {
    let plain = plain_name(name);
    !is_placeholder(name)
        && !NO_NAMES.contains(&plain.as_str())
        && !NO_NAME_STARTS.iter().any(|start| plain.starts_with(start))
}

/// Whether an owner is a person or a mailbox: `user:jane`, `@jane`, `jane@example.org`.
pub(super) fn is_person(owner: &str) -> bool {
    let owner = owner.trim();
    let is_user = owner
        .split_once(':')
        .is_some_and(|(kind, _)| kind.eq_ignore_ascii_case("user"));
    let is_handle = owner.starts_with('@') && !owner.contains('/');
    let is_address = owner.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && !local.contains('/') && host.contains('.') && !host.contains(' ')
    });
    is_user || is_handle || is_address
}

/// Whether a folder can be named after a product or a domain.
pub(super) fn is_folder_name(folder: &str) -> bool {
    let known = plain_name(folder);
    !is_changing(folder)
        && !STRUCTURAL.contains(&known.trim_start_matches(['-', '.']))
        && is_name(folder)
}

/// Whether a folder is a version, a date, an environment or an id, so that siblings will follow sooner or later.
pub(super) fn is_changing(folder: &str) -> bool {
    let known = plain_name(folder);
    let known = known.trim_start_matches(['-', '.']);
    CHANGING.contains(&known) || is_numbered(known) || is_hash(known) || folder.contains('=')
}

/// Whether every part is a number, a month, or a word that goes with one.
fn is_numbered(folder: &str) -> bool {
    let parts = parts(folder);
    let is_number = |part: &&str| part.starts_with(|c: char| c.is_ascii_digit());
    let is_month = |part: &&str| MONTHS.contains(part);
    let goes_with_one = |part: &&str| {
        is_number(part)
            || is_month(part)
            || BESIDE_NUMBERS.contains(part)
            || CHANGING.contains(part)
    };
    let mut stated = parts
        .iter()
        .filter(|part| is_number(part) || is_month(part));
    stated.next().is_some() && parts.iter().all(goes_with_one)
}

/// Splits at signs, and between letters and digits: `v1.0-rc2` is `v`, `1`, `0`, `rc`, `2`.
fn parts(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let split = words.flat_map(|word| {
        let mut parts = Vec::new();
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let is_digit = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != is_digit);
            let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
            parts.push(part);
            rest = after;
        }
        parts
    });
    split.collect()
}

/// A commit or a UUID.
fn is_hash(folder: &str) -> bool {
    let digits = folder.replace('-', "");
    digits.len() >= 7
        && digits.chars().all(|c| c.is_ascii_hexdigit())
        && digits.contains(|c: char| c.is_ascii_digit())
}

/// `Customer Care` and `customer_care` are `customer-care`.
pub(super) fn plain_name(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    lower.replace(['_', ' ', ':', '/'], "-").replace("--", "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_of_every_template_language_are_no_names() {
        let placeholders = [
            "${{ values.owner }}",
            "{{ owner }}",
            "{{TEAM_NAME}}",
            "{% owner %}",
            "{info.owner.id}",
            "${OWNER}",
            "$OWNER",
            "$(owner)",
            "#{owner}",
            "%OWNER%",
            "<owner>",
            "<%= owner %>",
            "[OWNER]",
            "[[ owner ]]",
            "((owner))",
            "__OWNER__",
            "@owner@",
            "TODO",
            "todo: ask Ann",
            "TBD",
            "N/A",
            "?",
            "-",
            "...",
            "your-team",
            "YOUR_TEAM_NAME",
            "My Team",
            "unknown",
            "null",
            "CHANGE_ME",
            "Replace with your team",
            "team",
            "owner",
        ];
        for text in placeholders {
            assert!(!is_name(text), "{text}");
        }
        for text in [
            "sales",
            "Customer Care",
            "team-todoist",
            "acme/data",
            "@acme/data",
            "données",
            "1.0",
            "owners-club",
            "Unknown Pleasures",
            "my-teams",
            "#sales",
            "R&D",
            "group:sales",
            "a-b",
            "null-island",
        ] {
            assert!(is_name(text), "{text}");
        }
    }

    #[test]
    fn users_handles_and_addresses_are_people() {
        for owner in [
            "user:jane",
            "User:default/jane",
            "@jane",
            "jane@example.org",
            "first.last@x.co",
        ] {
            assert!(is_person(owner), "{owner}");
        }
        for owner in [
            "jane",
            "@acme/sales",
            "group:sales",
            "sales @ noon",
            "a/b@c.d",
            "superuser:x",
        ] {
            assert!(!is_person(owner), "{owner}");
        }
    }

    #[test]
    fn versions_dates_environments_and_kinds_of_file_name_no_product() {
        let others = [
            "v1",
            "V2",
            "1",
            "1.0.0",
            "v1.2-rc3",
            "1.x",
            "version-1",
            "version_2",
            "rev3",
            "release-2024",
            "2024",
            "2024-01",
            "2024_01_31",
            "20240131",
            "2024-q1",
            "q3",
            "2024-jan",
            "January",
            "fy24",
            "2024-W05",
            "year=2024",
            "date=x",
            "latest",
            "current",
            "main",
            "prod",
            "PROD",
            "dev",
            "pre-prod",
            "dev2",
            "src",
            "resources",
            "contracts",
            "data-contracts",
            "Data Products",
            "schemas",
            "_archive",
            ".config",
            "3f2a9c1",
            "{{cookiecutter.name}}",
            "<product>",
            "TODO",
            "0b0c2a36-93ae-4b8c-8a26-6f6b2f7b5a10",
        ];
        for folder in others {
            assert!(!is_folder_name(folder), "{folder}");
        }
        for folder in [
            "orders",
            "customer-360",
            "sales_v1",
            "may-sales",
            "prod-catalogue",
            "versioning",
            "main-street",
            "h3-index",
            "facade",
            "2024-budget",
            "deadbeef",
            "sources-of-funds",
        ] {
            assert!(is_folder_name(folder), "{folder}");
        }
    }
}
