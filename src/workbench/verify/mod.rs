//! Compares the register VM's answers with those of other engines, on examples and on meshes. The VM runs the programs of
//! production. Judges nothing.

mod ask;
mod interpreter;
mod opa;
mod question;
mod report;
mod verdict;
mod verification;

pub use ask::{AskError, ask_examples, ask_mesh};
pub use interpreter::Other as Interpreter;
pub use opa::{Opa, OpaError};
pub use question::{Engine, Question, QuestionSet, Reply};
pub use report::{verdicts_json, write_human};
pub use verdict::{EngineDifference, EngineVerdict, Verdicts};
pub use verification::Verification;
