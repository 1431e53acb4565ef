//! `packs:`: where rules come from, and the key that verifies a bundle's signature. Finds nothing, reads no key.

use std::fmt;

#[cfg(test)]
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

#[cfg(test)]
use super::schema::generate;
use crate::model::written::{Written, read_as_written};
use crate::policy::bundle::Algorithm;

/// How the signature of a bundle is verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackKey {
    /// The file of the public key or secret, relative to the root. `None` if nothing is verified.
    pub key: Option<String>,
    /// How it signs.
    pub algorithm: Algorithm,
    /// The name of the key, if a signature must say it.
    pub key_id: Option<String>,
    /// What a signature must be for.
    pub scope: Option<String>,
    /// Whether a bundle without a signature will do.
    pub unsigned: bool,
}

/// One pack, or a list of them.
#[derive(Debug, Default)]
pub(super) struct RawPacks(pub(super) Vec<RawPack>);

/// A pack: its path, or a mapping that says how the signature of a bundle is verified.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(!remote, rename = "pack", transform = generate::describe_pack))]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct RawPack {
    /// The folder, bundle or `git+file:` address of the pack.
    #[cfg_attr(test, schemars(length(min = 1)))]
    path: String,
    /// The path of the public key or secret that verifies the signature of a bundle.
    #[cfg_attr(test, schemars(length(min = 1), extend("examples" = ["governance/rules.pub"])))]
    key: Option<String>,
    /// The algorithm that signs the bundle.
    #[cfg_attr(test, schemars(extend("enum" = ["RS256", "ES256", "HS256", null], "default" = "RS256")))]
    algorithm: Option<String>,
    /// The name of the key that the signature must state.
    key_id: Option<String>,
    /// The scope that the signature must state.
    scope: Option<String>,
    /// What happens to a bundle without a signature.
    #[cfg_attr(test, schemars(extend("enum" = ["refuse", "allow", null], "default" = "refuse")))]
    unsigned: Option<String>,
}

impl<'de> Written<'de> for RawPack {
    const EXPECTED: &'static str = "the path of a pack, or a mapping with `path` and `key`";

    fn of_text(path: &str) -> Option<Self> {
        Some(Self {
            path: path.to_owned(),
            key: None,
            algorithm: None,
            key_id: None,
            scope: None,
            unsigned: None,
        })
    }

    fn of_mapping<D: Deserializer<'de>>(mapping: D) -> Result<Self, D::Error> {
        Self::deserialize(mapping)
    }
}

read_as_written!(RawPack);

impl<'de> Deserialize<'de> for RawPacks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Packs;
        impl<'de> Visitor<'de> for Packs {
            type Value = RawPacks;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "the path of a pack, a mapping with `path` and `key`, or a list of these",
                )
            }
            fn visit_str<E: Error>(self, path: &str) -> Result<RawPacks, E> {
                Ok(RawPacks(RawPack::of_text(path).into_iter().collect()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mapping: A) -> Result<RawPacks, A::Error> {
                let pack = RawPack::of_mapping(MapAccessDeserializer::new(mapping))?;
                Ok(RawPacks(vec![pack]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<RawPacks, A::Error> {
                let mut all = Vec::new();
                while let Some(pack) = list.next_element()? {
                    all.push(pack);
                }
                Ok(RawPacks(all))
            }
        }
        deserializer.deserialize_any(Packs)
    }
}

impl RawPack {
    /// The pack and its key. An error names the key of the mapping, what is wrong with it, and what to write.
    pub(super) fn read(self) -> Result<(String, Option<PackKey>), PackMistake> {
        let algorithm = match self.algorithm.as_deref() {
            None => Algorithm::default(),
            Some(name) => Algorithm::parse(name).ok_or_else(|| {
                let known = Algorithm::ALL.map(Algorithm::as_str).join("`, `");
                PackMistake {
                    key: "algorithm",
                    message: format!("unknown signature algorithm `{name}`"),
                    help: format!("write one of `{known}`"),
                }
            })?,
        };
        let unsigned = match self.unsigned.as_deref() {
            None | Some("refuse") => false,
            Some("allow") => true,
            Some(other) => {
                return Err(PackMistake {
                    key: "unsigned",
                    message: format!("`unsigned` must be `refuse` or `allow`, not `{other}`"),
                    help: "write `refuse` or `allow`".to_owned(),
                });
            }
        };
        let others = [
            ("algorithm", self.algorithm.is_some()),
            ("key_id", self.key_id.is_some()),
            ("scope", self.scope.is_some()),
            ("unsigned", self.unsigned.is_some()),
        ];
        let other = others.into_iter().find(|(_, is_set)| *is_set);
        if self.key.as_deref() == Some("") {
            return Err(PackMistake {
                key: "key",
                message: "`key` has an empty path".to_owned(),
                help: "name the file of the public key, or remove `key`".to_owned(),
            });
        }
        if let Some((name, _)) = other.filter(|_| self.key.is_none()) {
            return Err(PackMistake {
                key: name,
                message: format!("`{name}` has no effect without a `key`"),
                help: "name the file of the public key, as in `key: governance/rules.pub`"
                    .to_owned(),
            });
        }
        let key = PackKey {
            key: self.key,
            algorithm,
            key_id: self.key_id,
            scope: self.scope,
            unsigned,
        };
        Ok((self.path, key.key.is_some().then_some(key)))
    }
}

/// What is wrong with a pack.
pub(super) struct PackMistake {
    /// The key of the mapping.
    pub(super) key: &'static str,
    pub(super) message: String,
    pub(super) help: String,
}
