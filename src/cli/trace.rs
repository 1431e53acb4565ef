//! `govcheck check --trace RULE`: what the rule saw and how far it got, on standard error, so that standard output stays
//! what `--format` makes it.

use std::io::{self, Write};

use crate::discover::{FileSource, covers_file};
use crate::evaluate::change::diff::Base;
use crate::evaluate::setting::Setting;
use crate::evaluate::trace::{BodyTrace, RuleTrace, StatementResult, trace_rule};
use crate::model::rule::Scope;
use crate::model::text::{RelPath, nearest_name};
use crate::policy::trace::Tracer;
use crate::report::escape::terminal_line;
use crate::workspace::failure::Failure;
use crate::workspace::judge::MESH_BOUNDS;
use crate::workspace::open::Workspace;
use crate::workspace::revisions::Revisions;

/// What traces a rule, or why nothing can.
pub(super) fn find_tracer(
    workspace: &Workspace,
    revisions: &Revisions,
    id: &str,
) -> Result<Tracer, Failure> {
    let rule = workspace
        .pack
        .all_rules()
        .find(|rule| rule.id.as_str() == id);
    if rule.is_some_and(|rule| rule.scope == Scope::Change) && revisions.base.is_none() {
        return Err(Failure::usage(
            format!("rule `{id}` checks changes, but there is no base to compare with"),
            format!("pass a base: `govcheck --base main --trace {id}`"),
        ));
    }
    if let Some(tracer) = workspace.pack.tracer(id) {
        return Ok(tracer);
    }
    let known = crate::all_rules(workspace.pack.all_rules().cloned());
    if known.iter().any(|rule| rule.id.as_str() == id) {
        return Err(Failure::usage(
            format!("rule `{id}` is built into govcheck and not written in Rego"),
            format!("run `govcheck explain {id}` to read what it checks"),
        ));
    }
    let near = nearest_name(id, known.iter().map(|rule| rule.id.as_str()));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `govcheck rules` to list all rules".to_owned(),
    };
    Err(Failure::usage(format!("unknown rule `{id}`"), help))
}

/// Traces on the files in scope.
pub(super) fn write_traces(
    workspace: &Workspace,
    setting: &Setting<'_>,
    source: &dyn FileSource,
    base: Option<&Base<'_>>,
    id: &str,
    tracer: &Tracer,
    err: &mut dyn Write,
) -> io::Result<()> {
    let scope = &workspace.scope;
    let wanted =
        |file: &RelPath| scope.is_empty() || scope.iter().any(|folder| covers_file(folder, file));
    let traces = trace_rule(setting, source, base, MESH_BOUNDS, &wanted, id, tracer);
    writeln!(err, "trace {id}")?;
    if traces.is_empty() {
        let rule = workspace
            .pack
            .all_rules()
            .find(|rule| rule.id.as_str() == id);
        let kinds: Vec<&str> = rule
            .iter()
            .flat_map(|rule| rule.entities.iter().map(|kind| &**kind))
            .collect();
        let kinds = kinds.join(", ");
        let judges = match rule.map(|rule| rule.scope) {
            Some(Scope::Change) => format!("changes to {kinds}"),
            _ => kinds,
        };
        return writeln!(err, "  nothing to trace: the rule checks {judges}");
    }
    for trace in &traces {
        write_one(trace, err)?;
    }
    Ok(())
}

fn write_one(trace: &RuleTrace, err: &mut dyn Write) -> io::Result<()> {
    let file = trace
        .file
        .as_ref()
        .map_or_else(String::new, |file| format!("  {}", file.as_str()));
    writeln!(
        err,
        "\n{}{}",
        terminal_line(&trace.what),
        terminal_line(&file)
    )?;
    if trace.gated {
        return writeln!(err, "  skipped: the text does not match its `text_matches`");
    }
    for body in &trace.bodies {
        write_body(body, err)?;
    }
    Ok(())
}

fn write_body(body: &BodyTrace, err: &mut dyn Write) -> io::Result<()> {
    let line = body
        .steps
        .first()
        .map_or_else(String::new, |step| format!(":{}", step.line));
    writeln!(
        err,
        "  {} at {}{line}",
        body.name,
        terminal_line(&body.file)
    )?;
    for (path, value) in &body.reads {
        writeln!(
            err,
            "    reads {} {}",
            terminal_line(path),
            terminal_line(value)
        )?;
    }
    if body.steps.is_empty() {
        writeln!(err, "    always true")?;
    }
    for step in &body.steps {
        let (mark, said) = match &step.held {
            StatementResult::Yes(..) => ("held", String::new()),
            StatementResult::No => ("ended", "  <- true for nothing here".to_owned()),
            StatementResult::NotReached => ("-", String::new()),
            StatementResult::Unknown(why) => ("?", format!("  <- {why}")),
        };
        writeln!(
            err,
            "    {mark:>5}  {:>4} | {}{}",
            step.line,
            terminal_line(&step.text),
            terminal_line(&said)
        )?;
        if let StatementResult::Yes(values, more) = &step.held {
            for value in values {
                writeln!(err, "                 {}", terminal_line(value))?;
            }
            if *more > 0 {
                writeln!(err, "                 and {more} more")?;
            }
        }
    }
    Ok(())
}
