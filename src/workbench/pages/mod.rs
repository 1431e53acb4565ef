//! Pages of rules, in Markdown: one for each category, and an index. Everything on them comes from METADATA, examples and `pack.yaml`;
//! the same pack is the same bytes.

mod category;
mod example;
mod explained;
mod folder;
mod generate;
mod index;
mod options;
mod rule;
mod text;

pub use folder::{NotGenerated, PageFolder, PageState};
pub use generate::generate_pages;

use explained::{Explained, MARK, MARK_START};
