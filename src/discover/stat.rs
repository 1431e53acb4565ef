//! The file system's metadata of a file: while all of it stays the same, so do the bytes.

use std::fs::Metadata;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// Size, times and identity of a regular file on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stat {
    size: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
    /// When anything about it was changed, which no program sets as it likes.
    changed: (i64, i64),
    device: u64,
    inode: u64,
}

impl Stat {
    /// That of a regular file. `None` where the system has no time of change, so that an edit could hide.
    #[cfg(unix)]
    pub fn of(meta: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        meta.is_file().then(|| Self {
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
            device: meta.dev(),
            inode: meta.ino(),
        })
    }

    /// That of a regular file. `None` where the system has no time of change, so that an edit could hide.
    #[cfg(not(unix))]
    pub fn of(_: &Metadata) -> Option<Self> {
        None
    }

    /// Whether the last change was before a moment on the same clock, so that one after it shows. File systems that count
    /// whole seconds can't order changes within one second.
    pub fn is_before(&self, moment: SystemTime) -> bool {
        let Ok(moment) = moment.duration_since(SystemTime::UNIX_EPOCH) else {
            return false;
        };
        let (seconds, nanoseconds) = self.changed;
        let now = i64::try_from(moment.as_secs()).unwrap_or(i64::MIN);
        seconds < now
            || (seconds == now
                && nanoseconds != 0
                && nanoseconds < i64::from(moment.subsec_nanos()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_changed_in_the_same_instant_or_second_may_change_again_unseen() {
        let stat = |seconds, nanoseconds| Stat {
            size: 1,
            modified: (0, 0),
            changed: (seconds, nanoseconds),
            device: 0,
            inode: 0,
        };
        let moment = SystemTime::UNIX_EPOCH + Duration::new(100, 500);
        for (changed, before) in [
            ((99, 999), true),
            ((100, 499), true),
            ((100, 500), false),
            ((100, 501), false),
            ((100, 0), false),
            ((99, 0), true),
            ((101, 0), false),
        ] {
            assert_eq!(
                stat(changed.0, changed.1).is_before(moment),
                before,
                "{changed:?}"
            );
        }
    }
}
