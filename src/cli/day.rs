//! Days on the command line.

use crate::model::rule::Day;

pub(crate) fn parse_day(text: &str) -> Result<Day, String> {
    text.parse()
        .map(Day)
        .map_err(|_| "write a day as YYYY-MM-DD".to_owned())
}
