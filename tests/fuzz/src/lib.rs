//! What the targets hold of whatever they read: places lie within their text, between characters, and the same bytes give
//! the same answer.

use std::sync::LazyLock;
use std::time::Duration;

use govcheck::config::Config;
use govcheck::evaluate::setting::Setting;
use govcheck::model::document::{Document, NodeId};
use govcheck::model::entity::LayoutPlace;
use govcheck::model::finding::Finding;
use govcheck::model::rule::{Day, Rule};
use govcheck::model::text::{Position, RelPath, SourceText, Span};
use govcheck::parse::{Limits, Parsed, Problem};
use govcheck::policy::Pack;
use govcheck::policy::engine::Bounds;
use govcheck::policy::options::resolve_options;
use govcheck::policy::source::PackSource;

/// The built-in pack.
pub static PACK: LazyLock<Pack> = LazyLock::new(|| builtin(&|_| true));

/// The formats of the built-in pack, without its rules.
pub static FORMATS: LazyLock<Pack> = LazyLock::new(|| builtin(&|_| false));

fn builtin(enabled: &dyn Fn(&Rule) -> bool) -> Pack {
    Pack::load(vec![PackSource::builtin()], enabled).expect("the built-in pack loads")
}

/// What files are judged with. The bound of time is far above what an input of a fuzzer may take: libFuzzer tells.
pub fn setting(pack: &Pack) -> Setting<'_> {
    let config = Config::default();
    let given = resolve_options(&pack.rules, &|rule| config.options(rule)).expect("options are valid");
    let bounds = Bounds {
        time: Duration::from_secs(60),
        memory: 1 << 30,
        instructions: 100_000_000,
    };
    let today = Day("2026-11-29".parse().expect("a day"));
    Setting::new(pack, &given, today, &|_| LayoutPlace::default(), bounds)
        .expect("options make valid expressions")
}

/// The file that a text is read as.
pub fn file() -> RelPath {
    RelPath::new("domains/sales/orders/contract.odcs.yaml")
}

/// Holds that a span lies within a text, between characters.
pub fn hold_span(text: &SourceText, span: Span) {
    let within = text.as_str().get(span.start as usize..span.end as usize);
    assert!(within.is_some(), "{span:?} of {} bytes", text.as_str().len());
}

/// Holds that a location lies within a text, and that lines and columns are those of its bytes.
pub fn hold_location(text: &SourceText, span: Span, [start, end]: [Position; 2]) {
    hold_span(text, span);
    assert_eq!(text.position(span.start), start);
    assert_eq!(text.position(span.end), end);
}

/// Holds that all places of a finding in a file lie within its text.
pub fn hold_finding(text: &SourceText, file: &RelPath, finding: &Finding) {
    let related = finding.related.iter().map(|related| &related.location);
    let places = finding.location.iter().chain(related);
    places
        .filter(|at| at.file == *file)
        .for_each(|at| hold_location(text, at.span, [at.start, at.end]));
}

fn hold_problem(text: &SourceText, problem: &Problem) {
    hold_span(text, problem.span);
    problem
        .related
        .iter()
        .for_each(|(span, _)| hold_span(text, *span));
    assert!(!problem.message.is_empty());
}

/// Reads bytes twice, holds the same of both, and hands out one of them.
pub fn parse(bytes: &[u8]) -> Parsed {
    let limits = Limits::default();
    let parsed = govcheck::parse::parse(bytes, &limits);
    let again = govcheck::parse::parse(bytes, &limits);
    assert_eq!(parsed.text.as_str(), again.text.as_str());
    assert_eq!(parsed.problems, again.problems);
    assert_eq!(parsed.notes, again.notes);
    assert_eq!(parsed.may_be_template, again.may_be_template);
    assert_eq!(parsed.documents.len(), again.documents.len());
    for (one, two) in parsed.documents.iter().zip(&again.documents) {
        hold_document(&parsed.text, one, two);
    }
    let told = parsed.problems.iter().chain(&parsed.notes);
    let told = told.chain(&parsed.may_be_template);
    told.for_each(|problem| hold_problem(&parsed.text, problem));
    let fatal = parsed.problems.iter().position(|problem| problem.fatal);
    assert!(fatal.is_none_or(|at| at + 1 == parsed.problems.len()));
    parsed
}

fn hold_document(text: &SourceText, one: &Document, two: &Document) {
    assert_eq!(one.node_count(), two.node_count());
    assert_eq!(one.root(), two.root());
    let count = u32::try_from(one.node_count()).expect("parsing bounds nodes");
    for id in (0..count).map(NodeId) {
        assert_eq!(format!("{:?}", one.node(id)), format!("{:?}", two.node(id)));
        assert_eq!(one.items(id), two.items(id));
        assert_eq!(one.entries(id), two.entries(id));
        hold_span(text, one.span(id));
    }
}
