//! The map step: one file to its outcome. A pure function of the file's bytes, its path, the pack, and the bytes of
//! the context file that it inherits from, if there is one.

use std::sync::Arc;

use super::findings::{EntityResults, take_results};
use super::input::{DocumentInput, build_input, expressible_fields};
use super::locate::Site;
use super::outcome::{Findings, Outcome};
use super::plain;
use super::profile::Stage;
use super::read::{read_file, read_lean};
use super::setting::{INSTRUCTIONS, Setting};
use super::single_rules::single_workers;
use super::workers::{KindWorkers, Workers};
use crate::lift::Contexts;
use crate::mesh::{FactsBuilder, make_card};
use crate::model::entity::{EntityKey, LayoutPlace};
use crate::model::text::RelPath;
use crate::model::wanted::Projection;
use crate::policy::engine::{Datum, Maker};
use crate::policy::pack::{EntryPoint, RuleReads};

/// Parses, lifts and judges one file.
pub fn judge_file(
    setting: &Setting<'_>,
    contexts: &Contexts,
    file: &RelPath,
    bytes: &[u8],
) -> Outcome {
    // Plain policies may read all of it.
    let plain = setting.pack.plain.as_ref();
    let lean = (!plain.is_some_and(|plain| plain.covers(file))).then_some(&setting.lean);
    let mut read = read_lean(setting, contexts, (file, bytes), lean);
    let mut outcome = Outcome {
        manifest: read.manifest,
        plain_only: read.plain_only,
        inline: std::mem::take(&mut read.inline),
        ..Outcome::default()
    };
    let mut findings = std::mem::take(&mut read.findings);
    let place = (setting.place)(file);
    let mut workers = setting.take_workers();
    workers.spent.clear();
    let mut shared = DocumentInput::default();
    let documents = read.documents.iter();
    let sites =
        documents.flat_map(|lifted| lifted.sites(&read.text).map(move |site| (lifted, site)));
    for (lifted, site) in sites {
        let (schema, text) = (&setting.pack.schema, site.text);
        outcome
            .cards
            .push(make_card(schema, site.entity, site.document, text));
        let mut facts = FactsBuilder::default();
        let mut told = EntityResults {
            findings: &mut findings,
            facts: &mut facts,
            with: &|paths| {
                let leads = |path| setting.lean.leads(&site.entity.key.kind, path);
                match paths.iter().copied().all(leads) {
                    true => site,
                    false => lifted.whole(site, contexts),
                }
            },
        };
        let with = (&mut workers, &mut shared);
        judge_entity(setting, with, site, &place, &mut told);
        if let Some(card) = outcome.cards.last_mut() {
            card.facts = facts.finish();
        }
    }
    setting.give_back(workers);
    if let Some(policies) = setting.pack.plain.as_ref().filter(|all| all.covers(file)) {
        setting.time(Stage::Evaluate, || {
            plain::judge_file(setting, policies, file, &read, &mut findings);
        });
    }
    // A list that was pushed to has room for four: most files have one entity.
    outcome.cards.shrink_to_fit();
    outcome.findings = Findings::keep(findings, file, &setting.common);
    if !outcome.findings.is_empty() || !outcome.inline.is_empty() {
        outcome.text = Some(read.text.id());
    }
    outcome
}

fn judge_entity<'s>(
    setting: &'s Setting<'_>,
    (workers, shared): (&mut Workers, &mut DocumentInput<'s>),
    site: Site<'_>,
    place: &LayoutPlace,
    told: &mut EntityResults<'_>,
) {
    let kind = &site.entity.key.kind;
    let Some(program) = setting.pack.kind(kind) else {
        return;
    };
    let asked: Vec<&EntryPoint> = program
        .entry_points
        .iter()
        .filter(|entry| is_asked(setting, shared, entry, site))
        .collect();
    if asked.is_empty() {
        return;
    }
    let reads = asked
        .iter()
        .fold(RuleReads::default(), |reads, entry| reads.and(entry.reads));
    let Workers {
        kinds,
        expressed,
        maker,
        spent,
    } = workers;
    let expressed = expressed
        .entry((Arc::clone(&site.format.name), Arc::clone(kind)))
        .or_insert_with(|| expressible_fields(site));
    let wanted = program.wanted(setting.given);
    let input = setting.time(Stage::Input, || {
        let with = (maker, shared);
        build_input(with, site, place, (reads, wanted), expressed.clone())
    });
    let machines = kinds
        .entry(Arc::clone(kind))
        .or_insert_with(|| KindWorkers {
            together: program.judge().settled(&setting.data, setting.bounds),
            alone: None,
            timed: None,
        });
    let more = INSTRUCTIONS.saturating_mul(site.text.as_str().len());
    if let Some(profile) = setting.profile {
        let timed = machines
            .timed
            .get_or_insert_with(|| single_workers(setting, program));
        let asked_alone = |rule: usize| asked.iter().any(|entry| entry.rules.contains(&rule));
        for single in timed.iter_mut().filter(|single| asked_alone(single.rule)) {
            single.time(setting, profile, (&input, more));
        }
    }
    if machines.alone.is_none() {
        machines.together.allow(more);
        let results: Result<Vec<Datum>, _> = asked
            .iter()
            .map(|entry| {
                setting.time(Stage::Evaluate, || {
                    machines.together.evaluate(&entry.name, &input)
                })
            })
            .collect();
        if let Ok(results) = results {
            for result in &results {
                setting.time(Stage::Locate, || {
                    take_results(setting, site, place, result, told)
                });
            }
            return;
        }
    }
    let alone = machines
        .alone
        .get_or_insert_with(|| single_workers(setting, program));
    let asked_alone = |rule: usize| asked.iter().any(|entry| entry.rules.contains(&rule));
    for single in alone.iter_mut().filter(|single| asked_alone(single.rule)) {
        single.judge(setting, site, place, (&input, more), spent, told);
    }
}

fn is_asked(
    setting: &Setting<'_>,
    shared: &mut DocumentInput<'_>,
    entry: &EntryPoint,
    site: Site<'_>,
) -> bool {
    let rule = entry.rules.first().filter(|_| entry.gated);
    let gate = rule.and_then(|rule| Some((*rule, setting.gates.get(rule)?)));
    gate.is_none_or(|(rule, gate)| {
        shared.passes(site, rule, || gate.is_match(site.text.slice(site.extent)))
    })
}

/// Whether the text of an entity's document is such that a rule is asked.
pub(super) fn passes_gate(setting: &Setting<'_>, id: &str, site: Site<'_>) -> bool {
    let rule = setting.pack.rule_index(id);
    let gate = rule.and_then(|rule| setting.gates.get(&rule));
    gate.is_none_or(|gate| gate.is_match(site.text.slice(site.extent)))
}

/// What the rules of its kind see of each entity of a file: for tests that ask another engine the same.
pub fn entity_inputs(
    setting: &Setting<'_>,
    file: &RelPath,
    bytes: &[u8],
) -> Vec<(EntityKey, Datum)> {
    let read = read_file(setting, &Contexts::default(), file, bytes);
    let place = (setting.place)(file);
    let (mut shared, whole) = (DocumentInput::default(), Projection::all());
    let mut inputs = Vec::new();
    for site in read.sites() {
        let key = &site.entity.key;
        if let Some(program) = setting.pack.kind(&key.kind) {
            let entries = program.entry_points.iter();
            let reads = entries.fold(RuleReads::default(), |reads, entry| reads.and(entry.reads));
            let with = (&mut Maker::default(), &mut shared);
            let input = build_input(
                with,
                site,
                &place,
                (reads, &whole),
                expressible_fields(site),
            );
            inputs.push((key.clone(), input));
        }
    }
    inputs
}
