//! Writes the schemas from the types, and holds what is written against them:
//! `GOVCHECK_SCHEMAS=1 cargo test --lib schema` writes them anew.

use super::super::raw::{RawConfig, RawExtended};
use super::*;
use crate::model::published::assert_schema;

#[test]
fn the_schema_of_configs_is_that_of_their_type() {
    assert_schema(
        "src/config/schema/config.schema.json",
        &generate::type_schema::<RawConfig>(),
    );
}

#[test]
fn the_schema_of_presets_is_that_of_their_type() {
    assert_schema(
        "src/config/schema/preset.schema.json",
        &generate::type_schema::<RawExtended>(),
    );
}
