//! `govcheck policy try`: what a pack or a rule would do to the mesh, before it is on. Changes no file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::day;
use crate::cli::exit_code::{CLEAN, FINDINGS, FailOn, NOT_JUDGED, NOTHING};
use crate::config::LevelSetting;
use crate::discover::find_root;
use crate::evaluate::profile::{Profile, Spent, Stage};
use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::{Day, RuleId, State};
use crate::model::text::{RelPath, nearest_name};
use crate::policy::source::PackSource;
use crate::report::escape::terminal_line;
use crate::workbench::attempt;
use crate::workbench::attempt::{Attempt, Times, Tried};
use crate::workspace::failure::Failure;
use crate::workspace::judge::{Manner, judge_with};
use crate::workspace::open::{JudgingParts, Workspace};
use crate::workspace::origin::Origin;
use crate::workspace::revisions::{RevisionArguments, Revisions};
use crate::workspace::{World, exceptions, revisions};

#[derive(Debug, Args)]
#[command(
    after_help = "Runs the tried rules even if they are drafts or turned off. Writes nothing.\n\n\
                  Exit codes: 0, or 1 with `--fail-on`; 2 if the check is incomplete; 3 without manifests."
)]
pub(super) struct TryArguments {
    /// The folder of a pack, the file of a rule (`governance/draft/kpi/missing-grain.rego`), or the id of a rule, such as a draft
    #[arg(value_name = "PACK_OR_RULE")]
    what: String,
    /// Compare with the config and packs of this revision, to see the effect of a change to a rule
    #[arg(long, value_name = "REV")]
    against: Option<String>,
    /// Try it on the changes since this branch left REV, as a pull request would; needed for rules of scope `change`
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Output format
    #[arg(long, short, value_enum, default_value_t = AttemptFormat::Human)]
    format: AttemptFormat,
    /// The lowest level of new findings that fails the run with exit code 1
    #[arg(long, value_name = "LEVEL", default_value = "never")]
    fail_on: FailOn,
    /// Run as of this date
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day::parse_day)]
    today: Option<Day>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AttemptFormat {
    Human,
    Json,
    Markdown,
}

pub(super) fn run(
    arguments: &TryArguments,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let root = find_root(&world.current_dir)?.path;
    let mut would_be = JudgingParts::read(&root, &Origin::Disk, None)?;
    let against = revisions::open_revision(&root, arguments.against.as_deref())?;
    let is = JudgingParts::read(&root, &Origin::of(&against), None)?;
    let mut tried = tried(arguments, world, &root, &would_be)?;
    (would_be.sources, tried.replaced) = attempt::add_tried(&would_be.sources, tried.pack.take());

    let change = RevisionArguments {
        base: arguments.base.clone(),
        ..RevisionArguments::default()
    };
    let change = Revisions::open(&root, &change)?;
    let is = Workspace::assemble(root.clone(), Vec::new(), is, BTreeSet::new())?;
    let would_be = Workspace::assemble(root, Vec::new(), would_be, tried.rules.clone())?;
    let today = arguments.today.unwrap_or(world.today);
    let (before, profile_before) = judge(&is, &change, today, world)?;
    let (after, profile_after) = judge(&would_be, &change, today, world)?;
    let not_judged = not_judged(&before).or_else(|| not_judged(&after));
    let mut attempt = Attempt::new(&arguments.what, &tried.rules, before, after);
    attempt.time = Times {
        all: (of_all(&profile_before), of_all(&profile_after)),
        rules: by_rule(
            &tried.rules,
            (&is, &profile_before),
            (&would_be, &profile_after),
        ),
    };
    attempt
        .notes
        .extend(notes(&would_be, &tried, arguments, &is));
    match arguments.format {
        AttemptFormat::Human => attempt::write_human(&attempt, out)?,
        AttemptFormat::Json => attempt::write_json(&attempt, out)?,
        AttemptFormat::Markdown => attempt::write_markdown(&attempt, out)?,
    }
    Ok(match (not_judged, arguments.fail_on.level()) {
        (Some(why), _) => {
            // If standard error is closed too, there is nowhere to report.
            let _ = why.write(err);
            NOT_JUDGED
        }
        _ if attempt.after.counts.files == 0 => NOTHING,
        (None, Some(least)) if attempt.new_at_least(least) > 0 => FINDINGS,
        (None, _) => CLEAN,
    })
}

/// What the user names: a folder, a file, or a rule of the packs.
fn tried(
    arguments: &TryArguments,
    world: &World,
    root: &Path,
    now: &JudgingParts,
) -> Result<Tried, Failure> {
    let what = arguments.what.as_str();
    let path = world.current_dir.join(what);
    let tried = |pack, rules| Tried {
        pack,
        rules,
        replaced: BTreeSet::new(),
    };
    if path.is_dir() {
        return Ok(match known_pack(&path, root, now) {
            Some(pack) => tried(None, Tried::rules_of(pack)),
            None => {
                let pack = PackSource::folder(what, &path)?;
                let rules = Tried::rules_of(&pack);
                tried(Some(pack), rules)
            }
        });
    }
    if path.is_file() {
        let (folder, rule) = rule_of(&path, what)?;
        if known_pack(&folder, root, now).is_some() {
            return Ok(tried(None, BTreeSet::from([rule])));
        }
        let name = folder.strip_prefix(root).unwrap_or(&folder);
        let pack = PackSource::folder(&name.display().to_string(), &folder)?;
        let pack = Tried::only(pack, &rule);
        return Ok(tried(Some(pack), BTreeSet::from([rule])));
    }
    let ids: Vec<RuleId> = now.sources.iter().flat_map(Tried::rules_of).collect();
    match ids.iter().find(|id| id.as_str() == what) {
        Some(id) => Ok(tried(None, BTreeSet::from([id.clone()]))),
        None => {
            let help = match nearest_name(what, ids.iter().map(RuleId::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "pass the folder of a pack, the file of a rule, or a rule id; run `govcheck rules` to list them"
                        .to_owned()
                }
            };
            let message = format!("`{what}` is neither a folder, a file nor a rule");
            Err(Failure::usage(message, help))
        }
    }
}

/// The pack of the config that lies in a folder.
fn known_pack<'p>(folder: &Path, root: &Path, now: &'p JudgingParts) -> Option<&'p PackSource> {
    let folder = folder.canonicalize().ok()?;
    let mut packs = now.sources.iter();
    packs.find(|source| {
        let there = root.join(&source.name).canonicalize();
        there.is_ok_and(|there| there == folder)
    })
}

/// The folder of its pack, and its id: `<pack>/<category>/<rule>.rego`.
fn rule_of(path: &Path, what: &str) -> Result<(PathBuf, RuleId), Failure> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = |part: Option<&std::ffi::OsStr>| Some(part?.to_str()?.to_owned());
    let is_rego = path
        .extension()
        .is_some_and(|extension| extension == "rego");
    let category = path.parent();
    let parts = (
        category.and_then(Path::parent),
        category.and_then(|category| name(category.file_name())),
        name(path.file_stem()).filter(|_| is_rego),
    );
    match parts {
        (Some(pack), Some(category), Some(rule)) => {
            Ok((pack.to_owned(), RuleId::new(format!("{category}/{rule}"))))
        }
        _ => Err(Failure::usage(
            format!("`{what}` is not the file of a rule"),
            "pass a file such as `<pack>/<category>/<rule>.rego`",
        )),
    }
}

/// The report, and where the time went.
fn judge(
    workspace: &Workspace,
    change: &Revisions,
    today: Day,
    world: &World,
) -> Result<(Report, Profile), Failure> {
    let profile = Profile::default();
    let exceptions = exceptions::read_or_start(workspace)?;
    let manner = Manner {
        bar: world.progress,
        profile: Some(&profile),
        ..Manner::plain(today)
    };
    let report = judge_with(workspace, change, &exceptions, &manner)?;
    Ok((report, profile))
}

/// The time of all rules over all cores.
fn of_all(profile: &Profile) -> Duration {
    profile.spent(Stage::Evaluate) + profile.spent(Stage::Mesh)
}

/// The time of each rule that is tried, with what it collects.
fn by_rule(
    tried: &BTreeSet<RuleId>,
    before: (&Workspace, &Profile),
    after: (&Workspace, &Profile),
) -> BTreeMap<RuleId, (Spent, Spent)> {
    let mut times: BTreeMap<RuleId, (Spent, Spent)> = BTreeMap::new();
    for (is_after, (workspace, profile)) in [(false, before), (true, after)] {
        for (rule, _, spent) in profile.rules() {
            let rule = workspace.pack.rules.get(rule).map(|rule| &rule.rule.id);
            let Some(id) = rule.filter(|id| tried.contains(*id)) else {
                continue;
            };
            let (was, is) = times.entry(id.clone()).or_default();
            let own = if is_after { is } else { was };
            own.time += spent.time;
            own.asked += spent.asked;
        }
    }
    times
}

/// What stood in the way, if something did.
fn not_judged(report: &Report) -> Option<Failure> {
    let mut all = report.findings.iter().filter(|finding| finding.incomplete);
    let first: &Finding = all.next()?;
    let at = first.location.as_ref().map_or(String::new(), |at| {
        format!("{}:{}:{}: ", at.file, at.start.line, at.start.column)
    });
    let more = match all.count() {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let message = format!(
        "the check is incomplete: {at}{} ({}){more}",
        first.message, first.rule
    );
    let help = first.help.as_deref().unwrap_or_default();
    Some(Failure::usage(message, help))
}

/// What the user may not expect.
fn notes(
    would_be: &Workspace,
    tried: &Tried,
    arguments: &TryArguments,
    is: &Workspace,
) -> Vec<String> {
    let nowhere = RelPath::new("");
    let mut notes = Vec::new();
    for rule in &tried.rules {
        let set = would_be.config.setting(rule, &nowhere);
        if let (Some(LevelSetting::Off), Some(by)) = (set.level, &set.level_by) {
            notes.push(format!("{by} turns `{rule}` off; it runs here anyway"));
        }
    }
    let replaced: Vec<String> = tried.replaced.iter().map(|id| format!("`{id}`")).collect();
    if !replaced.is_empty() {
        let replaced = replaced.join(", ");
        notes.push(format!(
            "replaces the existing rule of the same name: {replaced}"
        ));
    }
    let runs = |id: &RuleId| {
        let rule = is.pack.rules.iter().find(|rule| rule.rule.id == *id);
        rule.is_some_and(|rule| rule.rule.state != State::Draft && !is.config.off_everywhere(id))
    };
    let all_on = replaced.is_empty() && tried.rules.iter().all(runs);
    if all_on && arguments.against.is_none() && !tried.rules.is_empty() {
        let what = terminal_line(&arguments.what);
        notes.push(format!(
            "these rules are already enabled, so nothing is new; run `govcheck policy try {what} --against HEAD` to compare with the committed version"
        ));
    }
    notes
}
