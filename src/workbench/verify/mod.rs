//! One answer: what the register VM says of a pack's rules, held against other engines on examples and on meshes. It judges
//! nothing; the VM's answers are those of production, by the same programs.

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
