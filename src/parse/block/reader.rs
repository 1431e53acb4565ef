//! The position of the reader in the text. Knows no grammar.

use super::words::Words;
use crate::parse::tree::Builder;

/// Not so simple: the scanner reads this file.
pub(super) struct NotSimple;

/// What reading gives, or that it is for the scanner.
pub(super) type Simple<T> = Result<T, NotSimple>;

/// What may end a word.
pub(super) const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    stops[b' ' as usize] = true;
    stops[b'\n' as usize] = true;
    stops[b'#' as usize] = true;
    stops[b':' as usize] = true;
    stops
};

/// A longer key may lie beyond what the scanner looks ahead.
pub(super) const MAX_KEY: usize = 512;

/// A mapping or list of lines that are indented alike.
#[derive(Clone, Copy)]
pub(super) struct BlockLevel {
    /// Bytes before its lines' first key or dash, all of them ASCII.
    pub(super) indent: usize,
    pub(super) is_mapping: bool,
}

pub(super) struct BlockReader<'a, 'b> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    /// The next byte.
    pub(super) at: usize,
    /// Where its line starts.
    pub(super) line: usize,
    /// The collections that are open, from the root on.
    pub(super) levels: Vec<BlockLevel>,
    /// A key or a dash whose value has not come yet: where it would be if it is nothing.
    pub(super) awaited: Option<usize>,
    /// The names of the anchors so far; the first has number 1.
    pub(super) anchors: Vec<String>,
    /// The number of the anchor whose node has not come yet, or 0.
    pub(super) anchor: usize,
    pub(super) words: Words,
    pub(super) builder: &'b mut Builder<'a>,
}
