//! `govcheck completions`: for a shell, with the ids of the rules in the binary. A script is written once, so that rules of
//! one repository's own are not in it.

use std::collections::BTreeSet;
use std::io::Write;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Args, Command};
use clap_complete::Shell;

use super::exit_code::CLEAN;
use crate::model::rule::Rule;
use crate::policy::Pack;
use crate::policy::source::PackSource;
use crate::workspace::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

pub(super) fn run(
    arguments: &CompletionsArguments,
    command: Command,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    // clap_complete panics when the reader has gone, so it writes to memory.
    let mut script = Vec::new();
    let mut command = with_rules(command)?;
    clap_complete::generate(arguments.shell, &mut command, "govcheck", &mut script);
    out.write_all(&script)?;
    Ok(CLEAN)
}

/// The same command line, in which whatever is the id of a rule can be one of those in the binary.
fn with_rules(command: Command) -> Result<Command, Failure> {
    let pack = Pack::load(vec![PackSource::builtin()], &|_| false)?;
    let of_packs = one_of(pack.all_rules());
    let all = crate::all_rules(pack.all_rules().cloned());
    let any = one_of(all.iter());
    let command = command
        .mut_arg("trace", |trace| trace.value_parser(of_packs.clone()))
        .mut_subcommand("check", |check| {
            check.mut_arg("trace", |trace| trace.value_parser(of_packs))
        });
    let rule = |command: Command| command.mut_arg("rule", |rule| rule.value_parser(any.clone()));
    let selectors = rules_and_categories(&all);
    let selection = |command: Command| {
        let name = |arg: Arg| arg.value_parser(selectors.clone());
        command.mut_arg("select", name).mut_arg("ignore", name)
    };
    let command = selection(command)
        .mut_subcommand("check", selection)
        .mut_subcommand("diff", selection)
        .mut_subcommand("merge", selection);
    Ok(command
        .mut_subcommand("explain", rule)
        .mut_subcommand("waive", rule))
}

/// What `--select` takes.
fn rules_and_categories(rules: &[Rule]) -> PossibleValuesParser {
    let categories: BTreeSet<&str> = rules.iter().map(|rule| rule.id.category()).collect();
    let categories = categories.into_iter().map(|category| {
        let help = format!("All rules of the category `{category}`");
        PossibleValue::new(category.to_owned()).help(help)
    });
    PossibleValuesParser::new(
        categories
            .chain(rules.iter().map(possible))
            .collect::<Vec<_>>(),
    )
}

fn possible(rule: &Rule) -> PossibleValue {
    PossibleValue::new(rule.id.to_string()).help(rule.title.clone())
}

fn one_of<'r>(rules: impl Iterator<Item = &'r Rule>) -> PossibleValuesParser {
    PossibleValuesParser::new(rules.map(possible).collect::<Vec<_>>())
}
