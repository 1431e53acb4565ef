//! The options that limit a report to some rules, domains and owners.

use clap::Args;

use crate::judge::select_rules;
use crate::model::report::Report;
use crate::model::selection::{NameKind, Selection};
use crate::workspace::failure::Failure;
use crate::workspace::open::Workspace;

/// Which findings to report.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct SelectionArguments {
    /// Report only these rules or categories, such as `security` or `kpi/bad-name`
    #[arg(
        long,
        value_name = "RULE|CATEGORY",
        value_delimiter = ',',
        help_heading = "Selection"
    )]
    select: Vec<String>,
    /// Leave out these rules or categories; a rule wins over its category
    #[arg(
        long,
        value_name = "RULE|CATEGORY",
        value_delimiter = ',',
        help_heading = "Selection"
    )]
    ignore: Vec<String>,
    /// Report only on entities of this domain
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        help_heading = "Selection"
    )]
    domain: Vec<String>,
    /// Report only on entities that this team owns
    #[arg(
        long,
        value_name = "TEAM",
        value_delimiter = ',',
        help_heading = "Selection"
    )]
    owner: Vec<String>,
}

impl SelectionArguments {
    /// The first of the options that is given.
    pub(super) fn first(&self) -> Option<&'static str> {
        let options = [
            ("--select", &self.select),
            ("--ignore", &self.ignore),
            ("--domain", &self.domain),
            ("--owner", &self.owner),
        ];
        let mut given = options.into_iter().filter(|(_, names)| !names.is_empty());
        given.next().map(|(option, _)| option)
    }

    /// The selection, by the rules of a workspace.
    pub(super) fn resolve(&self, workspace: &Workspace) -> Result<Selection, Failure> {
        if self.first().is_none() {
            return Ok(Selection::ALL);
        }
        let rules = crate::all_rules(workspace.pack.all_rules().cloned());
        let selection = select_rules(&self.select, &self.ignore, &rules)
            .map_err(|error| Failure::usage(error.to_string(), error.help()))?;
        Ok(Selection {
            domains: self.domain.clone(),
            owners: self.owner.clone(),
            ..selection
        })
    }
}

/// Refuses a report on a domain or an owner that the mesh does not know.
pub(super) fn check_names(report: &Report) -> Result<(), Failure> {
    let mut unknown = report.selected.iter().flat_map(|it| &it.unknown);
    let Some(unknown) = unknown.next() else {
        return Ok(());
    };
    let name = &unknown.name;
    let (message, help) = match unknown.kind {
        NameKind::Domain => (
            format!("the mesh has no domain `{name}`: no register, manifest or path names it"),
            "`--domain` takes the name as the register or the manifests write it",
        ),
        NameKind::Owner => (
            format!(
                "the mesh has no team `{name}`: no register names it, and no entity is owned by it"
            ),
            "`--owner` takes the name as the register or the manifests write it",
        ),
    };
    let help = match &unknown.nearest {
        Some(near) => format!("did you mean `{near}`?"),
        None => help.to_owned(),
    };
    Err(Failure::usage(message, help))
}
