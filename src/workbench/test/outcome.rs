//! What is tested, and what came of it: cases, their states, and how many of each. Runs nothing.

use std::time::Duration;

use regex::Regex;

use crate::policy::engine::Trace;
use crate::policy::examples::Expected;
use crate::workbench::examples::RewriteError;

/// What kind of test it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestKind {
    /// An example in `<rule>.yaml`.
    Example,
    /// An example in `formats/examples/<format>.yaml`.
    Format,
    /// A rule in a `_test.rego` file.
    Rego,
}

/// Which engine ran a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RanBy {
    /// The one that judges.
    Vm,
    /// The tree-walking interpreter, and why.
    Interpreter(String),
    /// None: the test is to be written, or is none.
    Nothing,
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// As expected.
    Passed,
    /// Otherwise.
    Failed(Vec<TestDifference>),
    /// It could not test its rule.
    Error {
        /// Why.
        message: String,
        /// What to do next.
        help: Option<String>,
    },
    /// Named `todo_test_…`: not run.
    Todo,
}

/// Where what was expected and what was got are not the same.
#[derive(Debug, Clone, PartialEq)]
pub enum TestDifference {
    /// Expected, and not found.
    Missing(Expected),
    /// Found, and not expected.
    Unexpected(Expected),
    /// All of it was found, in another order; in the order of the report.
    Order(Vec<Expected>),
    /// The versions that were suggested, as `entity: version`.
    Versions {
        /// By the example.
        expected: Vec<String>,
        /// By the rule.
        found: Vec<String>,
    },
    /// A field of an example of a format, or an entity in it.
    Field {
        /// The key of the entity: `contract:orders`.
        entity: String,
        /// `owner.team`. `None` where the entity itself is missing or unexpected.
        field: Option<String>,
        /// By the example, as JSON.
        expected: Option<String>,
        /// By the format, as JSON.
        found: Option<String>,
    },
    /// An expression of a Rego test that does not hold.
    Expression(Expression),
    /// There is nothing to compare.
    Missed {
        /// The missing thing.
        message: String,
        /// What to do next.
        help: String,
    },
}

/// An expression that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// Its line, 1-based.
    pub line: u32,
    /// Its text.
    pub text: String,
    /// The values of its parts and variables, as the engine that judges gives them; `undefined` where one has none.
    pub values: Vec<(String, String)>,
    /// Bindings of the variables for which it does not hold, of as many as were tried; more than one behind `some`.
    pub bindings: usize,
}

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub struct TestCase {
    /// Example or Rego.
    pub kind: TestKind,
    /// The id of the rule, or the package of a Rego test.
    pub subject: String,
    /// The example's or the test's name.
    pub name: String,
    /// The pack, as the user named it.
    pub pack: String,
    /// The file, relative to its pack.
    pub file: String,
    /// Its line, 1-based.
    pub line: u32,
    /// Who ran it.
    pub ran_by: RanBy,
    /// What came of it.
    pub status: Status,
    /// How long it took.
    pub took: Duration,
}

/// A file of examples that differs from the findings.
#[derive(Debug)]
pub struct Rewritten {
    /// The pack.
    pub pack: String,
    /// The file, relative to its pack.
    pub file: String,
    /// Its new text. `None` where nothing can be updated.
    pub text: Result<Option<String>, RewriteError>,
    /// The examples that only their author may change.
    pub reversed: Vec<Reversed>,
}

/// An example that expects no findings and has some, or expects some and has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversed {
    /// The name of the example.
    pub example: String,
    /// How many findings it expects.
    pub expected: usize,
    /// How many findings the rule reports.
    pub found: usize,
}

/// What to test.
pub struct TestSelection<'s> {
    /// The packs whose tests run, by name.
    pub packs: &'s [String],
    /// Only tests whose `<subject> <name>` matches.
    pub run: Option<&'s Regex>,
    /// Where the lines that are evaluated are kept, if somebody asks for coverage.
    pub trace: Option<&'s Trace>,
}

/// What came of all tests.
#[derive(Debug, Default)]
pub struct TestOutcome {
    /// By pack, file and line.
    pub cases: Vec<TestCase>,
    /// The files of examples that differ from the findings.
    pub rewritten: Vec<Rewritten>,
}

impl TestSelection<'_> {
    pub(super) fn selects(&self, subject: &str, name: &str) -> bool {
        self.run
            .is_none_or(|run| run.is_match(&format!("{subject} {name}")))
    }

    pub(super) fn tests(&self, pack: &str) -> bool {
        self.packs.iter().any(|tested| tested == pack)
    }
}

impl TestCase {
    /// `governance/policies/kpi/bad-name.yaml:3`
    pub fn place(&self) -> String {
        format!("{}/{}:{}", self.pack, self.file, self.line)
    }
}

/// How many tests came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TestTally {
    /// All of them.
    pub tests: usize,
    /// As expected.
    pub passed: usize,
    /// Otherwise.
    pub failed: usize,
    /// Without a word on their rule.
    pub errors: usize,
    /// To be written.
    pub todo: usize,
}

impl TestOutcome {
    /// Counts the tests of one kind, or all.
    pub fn tally(&self, kind: Option<TestKind>) -> TestTally {
        let mut tally = TestTally::default();
        let counted = |case: &&TestCase| kind.is_none_or(|kind| case.kind == kind);
        for case in self.cases.iter().filter(counted) {
            tally.tests += 1;
            match case.status {
                Status::Passed => tally.passed += 1,
                Status::Failed(_) => tally.failed += 1,
                Status::Error { .. } => tally.errors += 1,
                Status::Todo => tally.todo += 1,
            }
        }
        tally
    }

    /// The tests that the interpreter ran, and why.
    pub fn interpreted(&self) -> impl Iterator<Item = (&TestCase, &str)> {
        self.cases.iter().filter_map(|case| match &case.ran_by {
            RanBy::Interpreter(why) => Some((case, why.as_str())),
            _ => None,
        })
    }
}
