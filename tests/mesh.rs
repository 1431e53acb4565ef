//! A mesh judged in this process, from a folder or from memory: the pipeline without the command line.

use std::path::Path;
use std::time::Duration;

use govcheck::config::Config;
use govcheck::discover::{FileSource, Memory, Walk, WalkOptions};
use govcheck::evaluate::setting::Setting;
use govcheck::evaluate::view::{FileView, view_file};
use govcheck::lift::Contexts;
use govcheck::model::entity::LayoutPlace;
use govcheck::model::finding::Finding;
use govcheck::model::report::Report;
use govcheck::model::rule::Day;
use govcheck::model::text::RelPath;
use govcheck::policy::Pack;
use govcheck::policy::engine::Bounds;
use govcheck::policy::options::resolve_options;
use govcheck::policy::source::PackSource;
pub(crate) use govcheck::workbench::examples::write_place;
use govcheck::workbench::judge::Bench;

pub(crate) const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(60),
    memory: 1 << 30,
    instructions: 50_000_000,
};

pub(crate) const TODAY: &str = "2026-01-15";

/// Judges files by a pack and a config.
pub(crate) fn judge(source: &dyn FileSource, pack: &Pack, config: &Config, today: &str) -> Report {
    judge_change(None, source, pack, config, today)
}

/// Judges files, and their base beside them.
pub(crate) fn judge_change(
    base: Option<&dyn FileSource>,
    source: &dyn FileSource,
    pack: &Pack,
    config: &Config,
    today: &str,
) -> Report {
    let today = Day(today.parse().unwrap());
    bench(pack).judge(base, source, config, today).unwrap()
}

/// A pack with the bounds of tests.
pub(crate) fn bench(pack: &Pack) -> Bench<'_> {
    Bench {
        pack,
        bounds: BOUNDS,
        mesh_bounds: BOUNDS,
    }
}

/// Judges a folder with its own config and packs.
pub(crate) fn judge_folder(folder: &Path) -> Report {
    let config = Config::load(folder).unwrap().unwrap_or_default();
    let mut sources = vec![PackSource::builtin()];
    sources.extend(
        config
            .packs
            .iter()
            .map(|pack| PackSource::folder(pack, &folder.join(pack)).unwrap()),
    );
    let pack = Pack::load(sources, &|_| true).unwrap_or_else(|error| panic!("{error}"));
    let options = WalkOptions {
        include: config.include.clone(),
        exclude: config.exclude.clone(),
        ..WalkOptions::default()
    };
    judge(&Walk::new(folder, &options).unwrap(), &pack, &config, TODAY)
}

/// The built-in pack.
pub(crate) fn builtin() -> Pack {
    Pack::load(vec![PackSource::builtin()], &|_| true).unwrap_or_else(|error| panic!("{error}"))
}

/// What policies see of a file.
pub(crate) fn viewed(pack: &Pack, file: &RelPath, bytes: &[u8]) -> FileView {
    let given = resolve_options(&pack.rules, &|_| serde_json::Map::new()).unwrap();
    let today = Day(TODAY.parse().unwrap());
    let setting = Setting::new(pack, &given, today, &|_| LayoutPlace::default(), BOUNDS).unwrap();
    view_file(&setting, &Contexts::default(), file, bytes)
}

/// A mesh of texts.
pub(crate) fn memory<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Memory {
    Memory::new(
        files
            .into_iter()
            .map(|(path, text)| (RelPath::new(path), text.as_bytes().to_vec())),
    )
}

/// The text that a finding's place covers.
pub(crate) fn covered(report: &Report, finding: &Finding) -> String {
    govcheck::workbench::examples::covered_text(report, finding)
}
