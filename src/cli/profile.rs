//! `--profile`: where the time went, in words. Times differ from run to run; all else is the same.

use std::io::{self, Write};

use crate::evaluate::profile::{Profile, Stage};
use crate::model::report::Report;
use crate::policy::Pack;

/// Where the time went, on standard error: summed over all cores, so that the parts may add up to more than the whole.
pub(super) fn write(
    profile: &Profile,
    pack: &Pack,
    report: &Report,
    err: &mut dyn Write,
) -> io::Result<()> {
    let files = report.counts.files.max(1);
    for stage in Stage::ALL {
        let spent = profile.spent(stage);
        let each = spent / u32::try_from(files).unwrap_or(u32::MAX);
        writeln!(
            err,
            "{:>9}  {:>9.1} ms  {:>8.1} µs per manifest",
            stage.as_str(),
            spent.as_secs_f64() * 1e3,
            each.as_secs_f64() * 1e6
        )?;
    }
    write_rules(profile, pack, err)
}

/// Where the time went by rule, the longest first.
fn write_rules(profile: &Profile, pack: &Pack, err: &mut dyn Write) -> io::Result<()> {
    let rules = profile.rules();
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(
        err,
        "rules, each run separately, which takes longer than a normal run, where rules share work"
    )?;
    for (rule, part, spent) in rules {
        let each = spent.time.as_secs_f64() / spent.asked.max(1) as f64;
        let id = pack
            .rules
            .get(rule)
            .map_or("", |rule| rule.rule.id.as_str());
        writeln!(
            err,
            "{:>9}  {:>9.1} ms  {:>8.1} µs each of {:>7}  {id}",
            part.as_str(),
            spent.time.as_secs_f64() * 1e3,
            each * 1e6,
            spent.asked,
        )?;
    }
    Ok(())
}
