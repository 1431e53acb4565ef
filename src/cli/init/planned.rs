//! A file that is to be written, and how: an existing one stays as it is.

use std::io::Write;
use std::path::Path;
use std::{fs, io};

use crate::workspace::failure::Failure;

/// A file to write.
pub(crate) struct Planned {
    /// Relative to the root, `/`-separated.
    pub(crate) path: String,
    pub(crate) text: String,
    /// Why it is not written. `None` if it is.
    pub(crate) left: Option<String>,
}

/// Whether anything has this path, even a broken link.
pub(crate) fn is_there(root: &Path, path: &str) -> bool {
    fs::symlink_metadata(root.join(path)).is_ok()
}

/// Writes a new file below the root. Fails where it exists, or where a link leads out of the root.
pub(crate) fn write_new(root: &Path, file: &Planned) -> Result<(), Failure> {
    let path = root.join(&file.path);
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(root);
        let nearest = folder.ancestors().find(|folder| folder.exists());
        let inside = |folder: &Path| Ok::<_, io::Error>(folder.canonicalize()?.starts_with(root));
        if !inside(nearest.unwrap_or(root))? {
            return Err(io::Error::other("its folder is a link out of the root"));
        }
        fs::create_dir_all(folder)?;
        fs::File::create_new(&path)?.write_all(file.text.as_bytes())
    };
    write().map_err(|error| {
        Failure::usage(
            format!("can't write `{}`: {error}", file.path),
            "remove the obstacle; `--dry-run` prints the files without writing them",
        )
    })
}
