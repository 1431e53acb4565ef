//! Judges files by a pack and a config without a command line, for examples and tests. Uses the pipeline of `govcheck check`.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::discover::FileSource;
use crate::evaluate::change::diff::Base;
use crate::evaluate::setting::Setting;
use crate::judge::Exceptions;
use crate::model::comparison::RevisionName;
use crate::model::report::Report;
use crate::model::rule::Day;
use crate::model::selection::Selection;
use crate::model::text::RelPath;
use crate::policy::Pack;
use crate::policy::engine::Bounds;
use crate::policy::options::OptionMistake;
use crate::{Request, check, rule_options};

/// What files are judged by.
#[derive(Clone, Copy)]
pub struct Bench<'p> {
    /// Formats and rules.
    pub pack: &'p Pack,
    /// Bounds of all rules of a kind on one entity.
    pub bounds: Bounds,
    /// Bounds of one mesh rule.
    pub mesh_bounds: Bounds,
}

/// A config that its pack can't take. The user's.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// Options that rules have not, or have otherwise.
    #[error("{}", .0.iter().map(|mistake| format!("{} ({})", mistake.message, mistake.help)).collect::<Vec<_>>().join("; "))]
    Options(Vec<OptionMistake>),
    /// An option that makes an expression of its rule that does not compile.
    #[error("{0}")]
    Expression(String),
}

impl Bench<'_> {
    /// Judges files, and their base beside them if there is one.
    ///
    /// # Errors
    /// The config gives rules options that they can't take.
    pub fn judge(
        &self,
        base: Option<&dyn FileSource>,
        source: &dyn FileSource,
        config: &Config,
        today: Day,
    ) -> Result<Report, BenchError> {
        let given = rule_options(&self.pack.rules, config);
        let given = given.map_err(BenchError::Options)?;
        let place = |file: &RelPath| config.place(file);
        let setting = Setting::new(self.pack, &given, today, &place, self.bounds);
        Ok(check(&Request {
            source,
            setting: setting.map_err(BenchError::Expression)?,
            mesh_bounds: self.mesh_bounds,
            rulings: &|rule, file| config.ruling(rule, file),
            exceptions: &Exceptions::default(),
            base_exceptions: &Exceptions::default(),
            today,
            scope: &[],
            selection: &Selection::ALL,
            progress: &|_| {},
            base: base.map(|source| Base {
                source,
                name: RevisionName {
                    given: "base".to_owned(),
                    commit: "0".repeat(12),
                },
                renames: &|_, _| BTreeMap::new(),
                changed_only: false,
                needs_change: false,
            }),
            head: None,
            registers: None,
            policies: None,
            notes: &[],
            config: None,
        }))
    }
}
