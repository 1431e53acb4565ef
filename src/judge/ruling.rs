//! What config and METADATA make of a rule on a day: its level, and the day from which it is an error.

use crate::model::rule::{Day, Level, RuleId};
use crate::model::text::RelPath;

/// What config makes of a rule's findings in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ruling {
    /// The level that config gives. `None` if it gives none, `Some(None)` for `off`.
    pub level: Option<Option<Level>>,
    /// The day that config gives for `enforced_from`.
    pub enforced_from: Option<Day>,
}

/// Config as this stage needs it: the ruling for a rule in a file (none for findings without a file).
pub type Rulings<'r> = dyn Fn(&RuleId, Option<&RelPath>) -> Ruling + Sync + 'r;

/// The level of findings on a day, and the day on which they become errors: from severity and day in METADATA, and from
/// config. The level is `None` if the rule is off; the day is `None` if the level does not change.
pub fn effective_level(
    severity: Level,
    own: Option<Day>,
    ruling: Ruling,
    today: Day,
) -> (Option<Level>, Option<Day>) {
    let day = match ruling.level {
        Some(_) => ruling.enforced_from,
        None => ruling.enforced_from.or(own),
    };
    match (ruling.level.unwrap_or(Some(severity)), day) {
        (Some(Level::Error), Some(day)) if today < day => (Some(Level::Warning), Some(day)),
        (level, _) => (level, None),
    }
}
