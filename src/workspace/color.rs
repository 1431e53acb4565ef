//! Whether output is coloured, by the conventions that terminal programs share: <https://no-color.org>,
//! <https://force-color.org> and <https://bixense.com/clicolors>.

use clap::ValueEnum;

/// `--color`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// Where standard output is a terminal, unless the environment says otherwise
    #[default]
    Auto,
    /// In files and pipes, too
    Always,
    /// Nowhere
    Never,
}

/// Whether the environment and the terminal ask for colours. The stronger come first: `NO_COLOR`, `FORCE_COLOR` and
/// `CLICOLOR_FORCE`, `CLICOLOR=0`, then the terminal. An empty variable counts as unset.
pub(crate) fn wants_color(
    variable: &dyn Fn(&str) -> Option<String>,
    is_capable_terminal: bool,
) -> bool {
    let value = |name: &str| variable(name).filter(|value| !value.is_empty());
    let is_zero = |name: &str| value(name).map(|value| value == "0");
    if value("NO_COLOR").is_some() {
        return false;
    }
    if value("FORCE_COLOR").is_some() || is_zero("CLICOLOR_FORCE") == Some(false) {
        return true;
    }
    is_capable_terminal && is_zero("CLICOLOR") != Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variables, and whether output is coloured on a terminal and in a pipe.
    type ColorCase<'c> = (&'c [(&'c str, &'c str)], [bool; 2]);

    #[test]
    fn the_environment_is_read_as_everybody_reads_it() {
        let on_terminal_and_pipe = |variables: &[(&str, &str)]| {
            let variable = |name: &str| {
                let set = variables.iter().find(|(known, _)| *known == name);
                set.map(|(_, value)| (*value).to_owned())
            };
            [true, false].map(|terminal| wants_color(&variable, terminal))
        };
        let cases: [ColorCase<'_>; 14] = [
            (&[], [true, false]),
            (&[("NO_COLOR", "1")], [false, false]),
            (&[("NO_COLOR", "0")], [false, false]),
            (&[("NO_COLOR", "")], [true, false]),
            (&[("FORCE_COLOR", "1")], [true, true]),
            (&[("FORCE_COLOR", "0")], [true, true]),
            (&[("FORCE_COLOR", "")], [true, false]),
            (&[("CLICOLOR_FORCE", "1")], [true, true]),
            (&[("CLICOLOR_FORCE", "0")], [true, false]),
            (&[("CLICOLOR", "0")], [false, false]),
            (&[("CLICOLOR", "1")], [true, false]),
            (&[("CLICOLOR", "0"), ("CLICOLOR_FORCE", "1")], [true, true]),
            (&[("NO_COLOR", "1"), ("FORCE_COLOR", "1")], [false, false]),
            (
                &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")],
                [false, false],
            ),
        ];
        for (variables, expected) in cases {
            assert_eq!(on_terminal_and_pipe(variables), expected, "{variables:?}");
        }
    }
}
