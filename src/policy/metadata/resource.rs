//! `related_resources` of METADATA: an address, with or without a description.

use serde::Deserialize;

use crate::model::rule::Link;

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Resource {
    Address(String),
    Link {
        #[serde(rename = "ref")]
        address: String,
        description: Option<String>,
    },
}

impl From<Resource> for Link {
    fn from(resource: Resource) -> Self {
        let (address, description) = match resource {
            Resource::Address(address) => (address, None),
            Resource::Link {
                address,
                description,
            } => (address, description),
        };
        Self {
            address,
            description,
        }
    }
}
