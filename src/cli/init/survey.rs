//! Collects what a repository holds: its formats, the teams, domains, tiers and tags that manifests name, and those that
//! registers declare. Writes nothing; [`super::texts`] makes files of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;

use serde_json::Value;

use super::layout;
use super::names::{is_name, is_person, is_placeholder};
use crate::discover::FileSource;
use crate::evaluate::view::view_file;
use crate::lift::Contexts;
use crate::model::kinds;
use crate::model::rule::Day;
use crate::model::text::RelPath;
use crate::parse::Limits;
use crate::workspace::failure::Failure;
use crate::workspace::judge::ENTITY_BOUNDS;
use crate::workspace::open::Workspace;

/// Where GitHub and GitLab look for code owners.
const CODEOWNERS: [&str; 4] = [
    "CODEOWNERS",
    ".github/CODEOWNERS",
    ".gitlab/CODEOWNERS",
    "docs/CODEOWNERS",
];
/// GitHub reads no larger one.
const CODEOWNERS_BYTES: u64 = 3 * 1024 * 1024;

/// What a repository holds.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Files by the name of their format.
    pub(super) formats: BTreeMap<String, BTreeSet<RelPath>>,
    pub(super) teams: SurveyedNames,
    pub(super) domains: SurveyedNames,
    pub(super) classifications: SurveyedNames,
    pub(super) tags: SurveyedNames,
    /// Products and contracts: their files, and the domain that they name.
    pub(super) manifests: Vec<(RelPath, Option<String>)>,
    pub(super) layout: Option<String>,
}

/// Names of one kind.
#[derive(Debug, Default)]
pub(super) struct SurveyedNames {
    /// Used by manifests or code owners, declared or not.
    pub(super) used: BTreeMap<String, Use>,
    /// Declared by a register, or by another manifest that declares such entities.
    pub(super) declared: BTreeSet<String>,
    /// Texts in the place of a name that no register should hold: why, and the first file that has each.
    pub(super) refused: BTreeMap<String, (NameRefusal, RelPath)>,
}

/// Why a text is not registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameRefusal {
    /// A template's variable, or a word that stands for a missing name.
    Placeholder,
    /// An owner that is a user or a mailbox.
    Person,
}

/// Where a name is used.
#[derive(Debug, Default)]
pub(super) struct Use {
    pub(super) files: BTreeSet<RelPath>,
    /// Of teams: the domains of what they own.
    pub(super) domains: BTreeSet<String>,
    /// Of domains: the teams that own something in them.
    pub(super) teams: BTreeSet<String>,
    pub(super) code_owner: bool,
}

impl SurveyedNames {
    /// The names that no register declares yet.
    pub(super) fn missing(&self) -> impl Iterator<Item = (&String, &Use)> {
        self.used
            .iter()
            .filter(|(name, _)| !self.declared.contains(*name))
    }

    /// Records a use of a name. `None` if the text is empty or refused.
    fn record_use(
        &mut self,
        name: &str,
        refusal: Option<NameRefusal>,
        file: &RelPath,
    ) -> Option<&mut Use> {
        let name = name.trim();
        if name.is_empty() {
            return None;
        }
        if let Some(refusal) = refusal {
            let first = || (refusal, file.clone());
            self.refused.entry(name.to_owned()).or_insert_with(first);
            return None;
        }
        let found = self.used.entry(name.to_owned()).or_default();
        found.files.insert(file.clone());
        Some(found)
    }
}

/// Why a team or a domain is not registered. `None` for a name.
fn refuse_owner(name: &str) -> Option<NameRefusal> {
    match name {
        _ if is_person(name) => Some(NameRefusal::Person),
        _ if !is_name(name) => Some(NameRefusal::Placeholder),
        _ => None,
    }
}

/// Why a tier or a tag is not registered, which may be called `none` or `unknown`. `None` for a name.
fn refuse_label(name: &str) -> Option<NameRefusal> {
    is_placeholder(name).then_some(NameRefusal::Placeholder)
}

/// Reads every manifest of the mesh, and the code owners.
pub(super) fn survey_repository(workspace: &Workspace, today: Day) -> Result<Survey, Failure> {
    let place = |file: &RelPath| workspace.config.place(file);
    let setting = workspace.setting(today, &place, ENTITY_BOUNDS)?;
    let walk = workspace.walk()?;
    let titles: BTreeMap<&str, &str> = workspace
        .pack
        .formats
        .iter()
        .map(|format| (&*format.name, format.title.as_str()))
        .collect();
    let files = walk.list().files;
    let formats = &workspace.pack.formats;
    let mut contexts = Contexts::default();
    for file in files.iter().filter(|file| Contexts::is_one(formats, file)) {
        if let Ok(bytes) = walk.read(file) {
            contexts.add(file, &bytes, &Limits::default());
        }
    }
    let mut survey = Survey::default();
    for file in files {
        // `govcheck check` reports a file that can't be read.
        let Ok(bytes) = walk.read(&file) else {
            continue;
        };
        let viewed = view_file(&setting, &contexts, &file, &bytes);
        for entity in &viewed.entities {
            let title = titles.get(entity.format.as_str());
            let title = title.map_or(entity.format.as_str(), |title| title);
            survey
                .formats
                .entry(title.to_owned())
                .or_default()
                .insert(file.clone());
            survey.take(&file, &entity.key, &entity.input);
        }
    }
    for team in code_owners(workspace)
        .into_iter()
        .filter(|team| is_name(team))
    {
        survey.teams.used.entry(team).or_default().code_owner = true;
    }
    survey.layout = layout::guess_layout(&survey.manifests);
    Ok(survey)
}

impl Survey {
    fn take(&mut self, file: &RelPath, key: &str, input: &Value) {
        let (kind, id) = key.split_once(':').unwrap_or((key, ""));
        let declared = match kind {
            kinds::TEAM => Some(&mut self.teams),
            kinds::DOMAIN => Some(&mut self.domains),
            kinds::CLASSIFICATION => Some(&mut self.classifications),
            kinds::TAG => Some(&mut self.tags),
            _ => None,
        };
        if let Some(names) = declared.filter(|_| !is_placeholder(id)) {
            names.declared.insert(id.to_owned());
        }
        let domain = text(input, "/domain");
        let team = text(input, "/owner/team");
        let registrable = |name: &str| refuse_owner(name).is_none().then(|| name.to_owned());
        let used = team.map(|team| self.teams.record_use(team, refuse_owner(team), file));
        if let Some(found) = used.flatten() {
            found.domains.extend(domain.and_then(registrable));
        }
        let refuse_domain = |name: &str| (!is_name(name)).then_some(NameRefusal::Placeholder);
        let used = domain.map(|name| self.domains.record_use(name, refuse_domain(name), file));
        if let Some(found) = used.flatten() {
            found.teams.extend(team.and_then(registrable));
        }
        let columns = input.get("columns").and_then(Value::as_array);
        for part in std::iter::once(input).chain(columns.into_iter().flatten()) {
            if let Some(tier) = text(part, "/classification") {
                self.classifications
                    .record_use(tier, refuse_label(tier), file);
            }
            let tags = part.get("tags").and_then(Value::as_array);
            for tag in tags.into_iter().flatten().filter_map(Value::as_str) {
                self.tags.record_use(tag, refuse_label(tag), file);
            }
        }
        if matches!(kind, kinds::PRODUCT | kinds::CONTRACT) {
            self.manifests
                .push((file.clone(), domain.map(str::to_owned)));
        }
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// The teams that code owners name: `@acme/sales-platform` is `sales-platform`. Users and mail addresses are people.
fn code_owners(workspace: &Workspace) -> BTreeSet<String> {
    let folders = [Some(workspace.root.as_path()), workspace.repository()];
    let mut teams = BTreeSet::new();
    for folder in folders.into_iter().flatten() {
        let Some(text) = CODEOWNERS.iter().find_map(|name| {
            let path = folder.join(name).canonicalize().ok()?;
            let inside = path.starts_with(folder) && path.is_file();
            let mut bytes = Vec::new();
            let file = inside.then(|| fs::File::open(path).ok()).flatten()?;
            file.take(CODEOWNERS_BYTES).read_to_end(&mut bytes).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }) else {
            continue;
        };
        teams.extend(text.lines().flat_map(owners_of_line));
    }
    teams
}

fn owners_of_line(line: &str) -> impl Iterator<Item = String> {
    let rule = line.split('#').next().unwrap_or_default();
    // The first word is the pattern, or `[Section]`.
    rule.split_whitespace().skip(1).filter_map(|owner| {
        let (_, team) = owner.strip_prefix('@')?.rsplit_once('/')?;
        (!team.is_empty()).then(|| team.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_teams_of_code_owners_count() {
        let of = |line| owners_of_line(line).collect::<Vec<_>>();
        assert_eq!(
            of("/domains/sales/ @acme/sales-platform @anna ben@acme.example @g/sub/crm # @acme/no"),
            ["sales-platform", "crm"]
        );
        assert_eq!(of("# @acme/none"), [""; 0]);
        assert_eq!(of("@acme/is-a-pattern"), [""; 0]);
    }
}
