//! The common model as `policies/model.yaml` describes it: kinds, fields, types.
//! The one place that reads it; format files are compiled against it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use crate::model::entity::DOCUMENT_KIND;

/// The type of a model field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// Text; numbers and dates as they are written.
    String,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// Taken over as it is in the document.
    Any,
    /// Keys to anything.
    Map,
    /// A record of the type under `of`.
    Record,
    /// A list of the type under `of`.
    List,
}

/// A field of a kind or of a record type.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSpec {
    /// Its type.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// For `record`, `list` and `map`: a record type, or for `list` also `string` and `any`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The field of the same record that fills it where a format does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// Whether it is part of the entity's card.
    #[serde(default)]
    pub card: bool,
    /// What it means.
    pub doc: String,
}

/// A kind of entity.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindSpec {
    /// The name of its index in `data.mesh`.
    pub plural: Arc<str>,
    /// What it is.
    pub doc: String,
    /// Which of them are entries of a register. `None` if the kind has no registers.
    #[serde(default)]
    pub governed: Option<Governed>,
    /// Its own fields, beside the common ones.
    pub fields: Fields,
}

/// Which entities of a kind are entries of a register: the revision that judges says which count, so that a change can't weaken
/// them for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Governed {
    /// All but those with `registered: false`.
    All,
    /// Those with `registered: true`.
    Registered,
}

/// Fields by name.
pub type Fields = BTreeMap<String, FieldSpec>;

/// What the host adds to what rules see, and to what of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// `input` of a rule of scope `entity`, beside the entity's own fields.
    pub entity: Fields,
    /// `input` of the `deny` of a rule of scope `mesh`.
    pub mesh: Fields,
    /// Of each fact, beside what the rule wrote.
    pub fact: Fields,
    /// `input` of a rule of scope `change`.
    pub change: Fields,
    /// Of each entity in `data.mesh`, beside the fields of its card.
    pub card: Fields,
    /// `data.mesh` of a rule of scope `change`, beside the entities by kind.
    pub links: Fields,
    /// `data`.
    pub data: Fields,
    /// `data.run`.
    pub run: Fields,
}

/// The whole model.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// Record types by name.
    pub types: BTreeMap<String, Fields>,
    /// What the host adds.
    #[serde(default)]
    pub host: Host,
    /// Fields of every kind.
    pub common: Fields,
    /// Kinds by name.
    pub kinds: BTreeMap<Arc<str>, KindSpec>,
}

impl Schema {
    /// Whether an entity of a kind is an entry of a register; `registered` is its field of that name.
    pub fn governs(&self, kind: &str, registered: Option<bool>) -> bool {
        match self.kinds.get(kind).and_then(|kind| kind.governed) {
            None => false,
            Some(Governed::All) => registered != Some(false),
            Some(Governed::Registered) => registered == Some(true),
        }
    }

    /// Reads `policies/model.yaml`.
    ///
    /// # Errors
    /// The text is not a model description. That is a bug of govcheck: the text comes with the binary.
    pub fn parse(text: &str) -> Result<Self, serde_yaml::Error> {
        serde_yaml::from_str(text)
    }

    /// All fields of a kind, common ones included.
    pub fn fields_of(&self, kind: &str) -> Option<Fields> {
        let spec = self.kinds.get(kind)?;
        let mut fields = self.common.clone();
        fields.extend(spec.fields.clone());
        Some(fields)
    }

    /// The fields of a record type.
    pub fn record(&self, name: &str) -> Option<&Fields> {
        self.types.get(name)
    }
}
