//! What a suggested waiver says.

use crate::model::rule::Day;

/// The settings of the mesh that a new waiver follows.
#[derive(Debug, Clone)]
pub struct WaiveTerms {
    /// The day of the run.
    pub today: Day,
    /// Days that a waiver may last.
    pub max_days: u32,
    /// Whether a waiver must name who approved it.
    pub approval: bool,
    /// The folder to run the command in, as a shell needs it; `None` for the folder that govcheck was called in.
    pub folder: Option<String>,
}
