//! What the programs of a pack ask about, and the names of their modules. Compiles nothing.

/// What a program asks: an entity as it is, or as two revisions have it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ProgramInput {
    State,
    Change,
}

impl ProgramInput {
    /// The package of the modules that ask.
    pub(super) fn package(self) -> &'static str {
        match self {
            ProgramInput::State => "govcheck_host",
            ProgramInput::Change => "govcheck_host_change",
        }
    }

    /// What a program of a kind is known by.
    pub(super) fn program(self, kind: &str) -> String {
        format!("{}/{kind}", self.package())
    }
}
