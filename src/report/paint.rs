//! Colours and clickable text for what the terminal report writes beside excerpts. Text must be escaped before it comes here.

/// How text can stand out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Style {
    Bold,
    Dim,
    Red,
    RedBold,
    Yellow,
    Cyan,
    Green,
}

/// What the terminal can do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    pub(super) color: bool,
    pub(super) hyperlinks: bool,
}

impl Paint {
    /// Text in a style, or as it is.
    pub(super) fn style(self, style: Style, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Red => "31",
            Style::RedBold => "1;31",
            Style::Yellow => "33",
            Style::Cyan => "36",
            Style::Green => "32",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// Text that opens `address`, if the terminal can; `address` must be a plain web address.
    pub(super) fn link(self, address: &str, text: &str) -> String {
        if !self.hyperlinks {
            return text.to_owned();
        }
        format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_added_for_a_plain_terminal() {
        let plain = Paint {
            color: false,
            hyperlinks: false,
        };
        assert_eq!(plain.link("https://x", &plain.style(Style::Red, "a")), "a");
    }
}
