//! The JSON Schemas of the files that users write, assembled from the stages that own them.

use serde_json::Value;

use crate::config::{config_schema, preset_schema};
use crate::judge::{baseline_schema, waivers_schema};
use crate::lift::json_schema::{format_schema, register_schema, shapes_schema};
use crate::model::published::SchemaName;
use crate::model::rule::Rule;
use crate::policy::Pack;
use crate::policy::error::PolicyError;
use crate::policy::examples::examples_schema;
use crate::policy::source::PackSource;

/// The JSON Schema (draft-07) of a file that users write, with the rules and the model of the built-in pack.
///
/// # Errors
/// The built-in pack can't be loaded, which is a bug of govcheck.
pub fn schema_of(name: SchemaName) -> Result<Value, PolicyError> {
    let pack = Pack::load(vec![PackSource::builtin()], &|_| true)?;
    let rules = || -> Vec<Rule> { crate::all_rules(pack.all_rules().cloned()) };
    Ok(match name {
        SchemaName::Config => config_schema(&rules()),
        SchemaName::Preset => preset_schema(&rules()),
        SchemaName::Examples => examples_schema(config_schema(&rules())),
        SchemaName::Waivers => waivers_schema(),
        SchemaName::Baseline => baseline_schema(),
        SchemaName::Format => format_schema(&pack.schema),
        SchemaName::Shapes => shapes_schema(),
        SchemaName::Register => {
            let register = pack
                .formats
                .iter()
                .find(|format| &*format.name == "register");
            register.map_or(Value::Null, |format| register_schema(format, &pack.schema))
        }
    })
}
