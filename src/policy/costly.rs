//! Calls that one builtin can't be stopped in: a bound of the register VM is looked at between instructions, and a
//! builtin is one. What a manifest can make arbitrarily large there is refused at load.

use serde_json::Value;

/// Elements that a range may have.
const RANGE: f64 = 1_000_000.0;

/// Why a call to a builtin has no bound, and what to write instead.
pub(super) fn unbounded(name: &str, call: &Value) -> Option<(String, &'static str)> {
    match name {
        "numbers.range" | "numbers.range_step" => {
            let (from, to) = (number(call, 0), number(call, 1));
            let small = from
                .zip(to)
                .is_some_and(|(from, to)| (from - to).abs() < RANGE);
            (!small).then(|| {
                (
                    format!("`{name}` has bounds that are not written out, or more than 1,000,000 elements"),
                    "go through the collection itself: `some i, x in xs`; or write both bounds as numbers",
                )
            })
        }
        "units.parse" | "units.parse_bytes" => Some((
            format!("`{name}` has no bound: it computes `1e9999999` to its last digit"),
            "take number and unit apart with `regex.find_all_string_submatch_n`, then `to_number`",
        )),
        "sprintf" => {
            let format = text(call, 0);
            match format.map(widths_are_small) {
                None => Some((
                    "the format of `sprintf` is not written out, so it could be anything"
                        .to_owned(),
                    "write the format as text in the call: `sprintf(\"%s …\", [x])`",
                )),
                Some(false) => Some((
                    "the format of `sprintf` asks for a width that has no bound".to_owned(),
                    "write a width of at most three digits",
                )),
                Some(true) => None,
            }
        }
        _ => None,
    }
}

fn widths_are_small(format: &str) -> bool {
    format.split('%').skip(1).all(|verb| {
        let end = verb
            .find(|c: char| !(c.is_ascii_digit() || "+-# .*".contains(c)))
            .unwrap_or(verb.len());
        let width = verb.get(..end).unwrap_or_default();
        let longest = width
            .split(|c: char| !c.is_ascii_digit())
            .map(str::len)
            .max();
        !width.contains('*') && longest.unwrap_or_default() <= 3
    })
}

fn text(call: &Value, index: usize) -> Option<&str> {
    let argument = call.get("params")?.get(index)?;
    let literal = argument.get("String").or(argument.get("RawString"))?;
    literal.get("value")?.as_str()
}

fn number(call: &Value, index: usize) -> Option<f64> {
    let argument = call.get("params")?.get(index)?;
    let (sign, literal) = match argument.pointer("/UnaryExpr/expr") {
        Some(negated) => (-1.0, negated),
        None => (1.0, argument),
    };
    Some(sign * literal.pointer("/Number/value")?.as_f64()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_formats_with_small_widths_pass() {
        for format in ["%s is %5d", "100%% of %v", "%-10s|%.2f", "no verb"] {
            assert!(widths_are_small(format), "{format}");
        }
        for format in ["%1000000000d", "%*d", "%.99999f"] {
            assert!(!widths_are_small(format), "{format}");
        }
    }
}
