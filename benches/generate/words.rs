//! Words and names that the generated manifests are made of, and the random numbers that choose them.

/// splitmix64: small, and the same everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap_or(0)
    }

    pub(crate) fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

pub(crate) const DOMAINS: [&str; 12] = [
    "sales",
    "fulfillment",
    "customers",
    "finance",
    "marketing",
    "inventory",
    "procurement",
    "stores",
    "pricing",
    "logistics",
    "service",
    "quality",
];
pub(crate) const SUBJECTS: [&str; 16] = [
    "order", "shipment", "invoice", "payment", "return", "visit", "voucher", "price", "stock",
    "supplier", "claim", "booking", "basket", "parcel", "delivery", "contract",
];
pub(crate) const ASPECTS: [&str; 16] = [
    "status", "amount", "quantity", "reason", "source", "target", "weight", "discount", "priority",
    "duration", "score", "channel", "region", "origin", "category", "margin",
];
pub(crate) const KINDS: [&str; 8] = [
    "history", "summary", "events", "snapshot", "plan", "forecast", "review", "balance",
];
pub(crate) const TYPES: [(&str, &str); 5] = [
    ("string", "STRING"),
    ("integer", "INT64"),
    ("number", "NUMERIC"),
    ("boolean", "BOOL"),
    ("timestamp", "TIMESTAMP"),
];
pub(crate) const PERSONAL: [&str; 4] = ["email", "phone", "first_name", "birth_date"];
pub(crate) const CLAUSES: [&str; 8] = [
    "as the source system has it at the time of the load",
    "corrected by the team after the monthly review",
    "empty for records from before the migration of 2021",
    "in the time zone of the country that the record is about",
    "agreed with finance, and the same in all reports",
    "taken over from the partner without a change",
    "checked against the ledger every night",
    "rounded to two digits behind the point",
];

/// Terms of the register.
pub(crate) const TERMS: usize = 240;

pub(crate) fn domain(number: usize) -> &'static str {
    DOMAINS[number % DOMAINS.len()]
}

pub(crate) fn product_name(number: usize) -> String {
    let kind = KINDS[(number / SUBJECTS.len()) % KINDS.len()];
    format!("{}_{kind}_{number}", SUBJECTS[number % SUBJECTS.len()])
}

pub(crate) fn term_name(term: usize) -> String {
    format!(
        "{}_{}",
        SUBJECTS[term % SUBJECTS.len()],
        ASPECTS[term / SUBJECTS.len() % ASPECTS.len()]
    )
}

pub(crate) fn term_type(term: usize) -> (&'static str, &'static str) {
    TYPES[term % TYPES.len()]
}

pub(crate) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

pub(crate) fn sentence(random: &mut Random) -> String {
    let (subject, aspect, kind) = (
        random.pick(&SUBJECTS),
        random.pick(&ASPECTS),
        random.pick(&KINDS),
    );
    format!(
        "{} of the {subject} in the {kind} that the team keeps",
        capital(aspect)
    )
}
