//! Loads the formats of all packs with their shapes, and reports those that can't be used.

use std::sync::Arc;

use rayon::prelude::*;

use super::error::{PolicyError, PolicyFile};
use super::loaded::module_name;
use super::rules;
use super::source::{BUILTIN_PACK, Misplaced, PackFile, PackSource};
use crate::lift::schema::Schema;
use crate::lift::shape::Promised;
use crate::lift::{self, Format, FormatError, shape};
use crate::model::text::SourceText;

/// Loads all formats that can be used. `errors` receives what is wrong with the others.
pub(super) fn load_formats(
    sources: &[PackSource],
    schema: &Schema,
    errors: &mut Vec<PolicyError>,
) -> Vec<Format> {
    errors.extend(misplaced(sources));
    let mut formats: Vec<Format> = Vec::new();
    let compiled = side_by_side(
        sources,
        PackFile::is_format,
        &|name, file, known| match known {
            true => lift::compile_known(name, &file.text, schema),
            false => lift::compile_format(name, &file.text, schema),
        },
    );
    for (source, file, format) in compiled {
        let format = match format {
            Ok(format) => format,
            Err(error) => {
                errors.push(error.into());
                continue;
            }
        };
        if let Some(first) = formats.iter().find(|known| known.name == format.name) {
            let message = format!(
                "format `{}` is already defined in `{}`",
                format.name, first.file
            );
            let help = "rename one of the two formats";
            errors.push(at_format(source, file, message, help));
            continue;
        }
        formats.push(format);
    }
    let compiled =
        side_by_side(
            sources,
            PackFile::is_shape,
            &|name, file, known| match Promised::known(name, &file.text).filter(|_| known) {
                Some(known) => Ok(known),
                None => shape::compile_shapes(name, &file.text).map(Promised::from),
            },
        );
    for (source, file, shapes) in compiled {
        let shapes = match shapes {
            Ok(shapes) => shapes,
            Err(error) => {
                errors.push(error.into());
                continue;
            }
        };
        let format = formats
            .iter_mut()
            .find(|format| format.name == shapes.format);
        match format {
            Some(Format {
                shapes: Some(first),
                ..
            }) => {
                let message = format!(
                    "the shapes of format `{}` are already defined in `{}`",
                    first.format, first.file
                );
                let help = "remove one of the two; a format has one shapes file";
                errors.push(at_format(source, file, message, help));
            }
            Some(format) => format.shapes = Some(Arc::new(shapes)),
            None => {
                let message = format!("unknown format `{}`", shapes.format);
                let known = formats.iter().map(|format| &*format.name);
                let help = match crate::model::text::nearest_name(&shapes.format, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "describe the format under `formats/` first".to_owned(),
                };
                errors.push(at_format(source, file, message, &help));
            }
        }
    }
    formats
}

/// Formats and shapes outside their folders, which would be missed in silence.
fn misplaced(sources: &[PackSource]) -> impl Iterator<Item = PolicyError> {
    let own = sources.iter().filter(|source| source.name != BUILTIN_PACK);
    let files = own.flat_map(|source| source.files.iter().map(move |file| (source, file)));
    files.filter_map(|(source, file)| {
        let Misplaced {
            what,
            folder,
            meant,
        } = file.misplaced()?;
        let message = format!(
            "`{}` is {what} outside `{folder}`, so no run loads it",
            file.path
        );
        Some(at_format(
            source,
            file,
            message,
            &format!("move it to `{meant}`"),
        ))
    })
}

/// Files of packs, with what becomes of each; `compile` learns whether the file is the same as in the built-in pack, whose
/// formats a test compiles.
fn side_by_side<'s, T: Send>(
    sources: &'s [PackSource],
    are_meant: impl Fn(&PackFile) -> bool + Copy,
    compile: &(dyn Fn(&str, &PackFile, bool) -> Result<T, FormatError> + Sync),
) -> Vec<(&'s PackSource, &'s PackFile, Result<T, FormatError>)> {
    let files = sources.iter().flat_map(|source| {
        let files = source.files.iter().filter(move |file| are_meant(file));
        files.map(move |file| (source, file, file.is_builtin()))
    });
    let files: Vec<_> = files.collect();
    let compiled = files.into_par_iter().map(|(source, file, known)| {
        let name = module_name(&source.name, &file.path);
        (source, file, compile(&name, file, known))
    });
    compiled.collect()
}

/// A mistake at the name of the format.
fn at_format(source: &PackSource, file: &PackFile, message: String, help: &str) -> PolicyError {
    let policy_file = PolicyFile {
        pack: source.name.clone(),
        file: file.path.clone(),
        text: Arc::new(SourceText::new(file.text.clone())),
    };
    let mistake = policy_file.mistake(policy_file.find("format:"), message, help);
    PolicyError::Mistakes(vec![mistake.of(rules::FORMAT)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formats_in_the_binary_compile_with_all_their_patterns() {
        let schema = Schema::parse(crate::policy::pack::MODEL).unwrap();
        let builtin = PackSource::builtin();
        let mut own = builtin.clone();
        for file in &mut own.files {
            file.text.push_str("# ours\n");
        }
        let mut errors = Vec::new();
        let read = load_formats(&[own], &schema, &mut errors);
        assert!(errors.is_empty(), "{errors:?}");
        let known = load_formats(&[builtin], &schema, &mut errors);
        let shapes = |formats: &[Format]| -> Vec<String> {
            let named =
                |format: &Format| Some(format!("{} {}", format.name, format.shapes()?.format));
            formats.iter().filter_map(named).collect()
        };
        assert_eq!(read.len(), known.len());
        assert_eq!(
            shapes(&read),
            ["odcs odcs", "odps odps", "register register"]
        );
        assert_eq!(shapes(&read), shapes(&known));
    }
}
