//! The JSON Schemas of the files that users write: their names, where a release publishes them, and the comment by which a file
//! points an editor to its schema.

use serde_json::{Map, Value};

/// The repository whose releases carry the schemas: the release workflow names its own, other builds take `repository` of
/// Cargo.toml.
const REPOSITORY: &str = match option_env!("GOVCHECK_REPOSITORY") {
    Some(own) => own,
    None => env!("CARGO_PKG_REPOSITORY"),
};

/// A date, `2027-03-31`, as a regular expression of JSON Schema. It takes a 31st of every month.
pub const DATE: &str = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

/// A kind of file that users write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SchemaName {
    /// `govcheck.yaml`.
    Config,
    /// A register of central definitions.
    Register,
    /// The file of waivers.
    Waivers,
    /// The baseline.
    Baseline,
    /// `formats/NAME.yaml` of a pack.
    Format,
    /// `formats/shapes/NAME.yaml` of a pack.
    Shapes,
    /// `presets/NAME.yaml` of a pack, or a file that a config extends.
    Preset,
    /// The `.yaml` beside a rule.
    Examples,
}

impl SchemaName {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Config,
        Self::Register,
        Self::Waivers,
        Self::Baseline,
        Self::Format,
        Self::Shapes,
        Self::Preset,
        Self::Examples,
    ];

    /// As the command line has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Register => "register",
            Self::Waivers => "waivers",
            Self::Baseline => "baseline",
            Self::Format => "format",
            Self::Shapes => "shapes",
            Self::Preset => "preset",
            Self::Examples => "examples",
        }
    }

    /// The name of the published file.
    pub fn file_name(self) -> String {
        format!("{}.schema.json", self.as_str())
    }

    /// Where the release of this version publishes it.
    pub fn address(self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "{REPOSITORY}/releases/download/v{version}/{}",
            self.file_name()
        )
    }

    /// The first line of a file, which points an editor to the schema.
    ///
    /// ```
    /// use govcheck::model::published::SchemaName;
    ///
    /// let line = SchemaName::Waivers.editor_line();
    /// assert!(line.starts_with("# yaml-language-server: $schema=https://"));
    /// assert!(line.ends_with("/waivers.schema.json\n"));
    /// ```
    pub fn editor_line(self) -> String {
        format!("# yaml-language-server: $schema={}\n", self.address())
    }
}

/// A schema of this version: its text, with the address at which it is published.
pub fn publish_schema(text: &str, name: SchemaName) -> Value {
    // Tests read every schema, so the default is never seen.
    let keys: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    let mut schema = Map::new();
    let address = Value::from(name.address());
    for key in ["$schema", "$id", "title", "description"] {
        let value = keys.get(key).unwrap_or(&address);
        schema.insert(key.to_owned(), value.clone());
    }
    schema.extend(keys.into_iter().filter(|(key, _)| key != "$id"));
    Value::Object(schema)
}

/// The JSON Schema of a type, in the draft that editors read best.
#[cfg(test)]
pub(crate) fn generate_schema<T: schemars::JsonSchema>() -> Value {
    let settings = schemars::generate::SchemaSettings::draft07();
    let schema = settings.into_generator().into_root_schema_for::<T>();
    schema.to_value()
}

/// Holds a file against the schema that it was generated from; writes it with `GOVCHECK_SCHEMAS=1`.
#[cfg(test)]
pub(crate) fn assert_schema(file: &str, schema: &Value) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = format!("{schema:#}\n");
    if std::env::var_os("GOVCHECK_SCHEMAS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == text,
        "`{file}` is stale; write it again with `GOVCHECK_SCHEMAS=1 cargo test --lib schema`"
    );
}
