//! `govcheck policy verify`: one answer from every engine.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::cli::exit_code::{CLEAN, FINDINGS};
use crate::cli::rules::RuleListFormat;
use crate::model::rule::RuleId;
use crate::policy::examples;
use crate::workbench::judge::Bench;
use crate::workbench::verify::{self, AskError, Interpreter, Opa, OpaError, Verification};
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::judge::{ENTITY_BOUNDS, MESH_BOUNDS};
use crate::workspace::open::Workspace;

#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// A folder of the mesh. Default: the current folder
    path: Option<PathBuf>,
    /// Path of an `opa` to compare with; it is never searched for
    #[arg(long, value_name = "PATH")]
    opa: Option<PathBuf>,
    /// Compare only on the examples of the rules, not on the mesh
    #[arg(long)]
    examples: bool,
    /// Output format
    #[arg(long, short, value_enum, default_value_t = RuleListFormat::Human)]
    format: RuleListFormat,
}

pub(super) fn run(
    arguments: &VerifyArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let paths: Vec<PathBuf> = arguments.path.iter().cloned().collect();
    let workspace = Workspace::open(&paths, world)?;
    let pack = &workspace.pack;
    let mut verification = Verification::default();
    let interpreter = Interpreter::new(pack)
        .map_err(AskError::from)
        .map_err(failure)?;
    verification.add(Box::new(interpreter));
    if let Some(program) = &arguments.opa {
        let opa = Opa::new(program, pack)
            .map_err(AskError::from)
            .map_err(failure)?;
        verification.add(Box::new(opa));
    }
    let bench = Bench {
        pack,
        bounds: ENTITY_BOUNDS,
        mesh_bounds: MESH_BOUNDS,
    };
    let is_on = |rule: &RuleId| workspace.ruling(rule, None).level != Some(None);
    let rules = pack.rules.iter().enumerate();
    for (index, rule) in rules.filter(|(_, rule)| is_on(&rule.rule.id)) {
        // `policy check` and `policy test` report mistakes in files of examples.
        for example in examples::read_examples(pack, &rule.rule).unwrap_or_default() {
            verify::ask_examples(&bench, index, &example, &mut verification).map_err(failure)?;
        }
    }
    if !arguments.examples {
        let walk = workspace.walk()?;
        verify::ask_mesh(
            &bench,
            &walk,
            &workspace.config,
            world.today,
            &mut verification,
        )
        .map_err(failure)?;
    }
    let verdicts = verification.verdicts().map_err(AskError::from);
    let verdicts = verdicts.map_err(failure)?;
    match arguments.format {
        RuleListFormat::Human => verify::write_human(&verdicts, out)?,
        RuleListFormat::Json => writeln!(out, "{:#}", verify::verdicts_json(&verdicts))?,
    }
    match verdicts
        .iter()
        .any(|(_, verdict)| !verdict.differences.is_empty())
    {
        true => Ok(FINDINGS),
        false => Ok(CLEAN),
    }
}

fn failure(error: AskError) -> Failure {
    let help = match &error {
        AskError::Config(_) => "correct the option in `govcheck.yaml`",
        AskError::Engine(OpaError::Module { .. }) => {
            "rewrite the rule so that OPA accepts it, or run without `--opa`"
        }
        AskError::Engine(_) => "pass an `opa` of version 1.0 or later with `--opa`",
        AskError::Module(_) => {
            "rewrite the expression in a simpler form, which both engines accept"
        }
        AskError::NotJudged { .. } => "run `govcheck policy test` to find the cause",
    };
    Failure::usage(error.to_string(), help)
}
