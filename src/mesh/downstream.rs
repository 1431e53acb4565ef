//! Who reads from whom: products by the contracts that their ports name.

use std::collections::{BTreeMap, BTreeSet};

use super::{Card, Mesh};
use crate::model::comparison::Affected;
use crate::model::entity::EntityKey;
use crate::model::kinds;
use crate::policy::engine::Datum;

/// What a consumer reads of changed entities.
#[derive(Default)]
struct ConsumerReads<'m> {
    through: BTreeSet<&'m EntityKey>,
    direct: BTreeSet<&'m EntityKey>,
    via: BTreeSet<&'m EntityKey>,
}

/// The products that depend on a changed entity, directly or through other products, in the two meshes together: a
/// product that stops reading with the change is affected too. Sorted, each once, without the changed entities themselves.
pub fn find_affected(meshes: &[&Mesh], changed: &BTreeSet<EntityKey>) -> Vec<Affected> {
    let mut readers: BTreeMap<String, BTreeSet<&EntityKey>> = BTreeMap::new();
    let mut products: BTreeMap<&EntityKey, &Card> = BTreeMap::new();
    let mut makes: BTreeMap<&EntityKey, BTreeSet<String>> = BTreeMap::new();
    for card in meshes.iter().flat_map(|mesh| &mesh.cards) {
        if &*card.key.kind != kinds::PRODUCT {
            continue;
        }
        products.entry(&card.key).or_insert(card);
        for contract in contracts(card, "inputs") {
            readers.entry(contract).or_default().insert(&card.key);
        }
        let made = makes.entry(&card.key).or_default();
        made.extend(contracts(card, "outputs"));
    }
    let mut consumers: BTreeMap<&EntityKey, ConsumerReads<'_>> = BTreeMap::new();
    for cause in changed {
        let first: Vec<String> = match &*cause.kind {
            kinds::CONTRACT => vec![cause.id.to_string()],
            _ => makes.get(cause).into_iter().flatten().cloned().collect(),
        };
        // A contract to follow, with the product that makes it: none for what the changed entity itself offers.
        let mut open: Vec<(String, Option<&EntityKey>)> =
            first.into_iter().map(|contract| (contract, None)).collect();
        let mut seen: BTreeSet<&EntityKey> = BTreeSet::new();
        while let Some((contract, maker)) = open.pop() {
            for reader in readers.get(&contract).into_iter().flatten() {
                let reads = consumers.entry(reader).or_default();
                reads.through.insert(cause);
                let (kind, key) = match maker {
                    None => (&mut reads.direct, cause),
                    Some(maker) => (&mut reads.via, maker),
                };
                kind.insert(key);
                if seen.insert(reader) {
                    let made = makes.get(*reader).into_iter().flatten();
                    open.extend(made.map(|contract| (contract.clone(), Some(*reader))));
                }
            }
        }
    }
    consumers
        .into_iter()
        .filter(|(consumer, _)| !changed.contains(*consumer))
        .filter_map(|(consumer, reads)| {
            let card = products.get(consumer)?;
            Some(Affected {
                entity: consumer.clone(),
                owner: card.owner(),
                domain: card.text("domain"),
                file: card.file.clone(),
                through: reads.through.into_iter().cloned().collect(),
                direct: reads.direct.into_iter().cloned().collect(),
                via: reads.via.into_iter().cloned().collect(),
            })
        })
        .collect()
}

/// The contracts that ports of a product name.
fn contracts(card: &Card, ports: &str) -> Vec<String> {
    let ports = card
        .fields
        .datum()
        .get(ports)
        .and_then(|ports| ports.items());
    let contract = |port: Datum| {
        let contract = port.get("contract")?;
        contract.as_text().map(ToOwned::to_owned)
    };
    ports.into_iter().flatten().filter_map(contract).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::mesh::Facts;
    use crate::model::text::RelPath;
    use crate::policy::engine::codec::Packed;

    fn product(id: &str, inputs: &[&str], outputs: &[&str]) -> Card {
        let ports = |contracts: &[&str]| -> Vec<_> {
            contracts.iter().map(|id| json!({"contract": id})).collect()
        };
        Card {
            key: key("product", id),
            file: RelPath::new(format!("{id}.yaml")),
            document: 0,
            ordinal: 0,
            text: 0,
            presence: crate::mesh::Presence::Declared,
            facts: Facts::default(),
            fields: Packed::of(&Datum::json(&json!({
                "owner": {"team": format!("team-{id}")},
                "inputs": ports(inputs),
                "outputs": ports(outputs),
            }))),
        }
    }

    fn key(kind: &str, id: &str) -> EntityKey {
        EntityKey {
            kind: Arc::from(kind),
            id: Arc::from(id),
        }
    }

    #[test]
    fn direct_and_indirect_consumers_are_distinguished() {
        let mesh = Mesh::new(vec![
            product("a", &["c1"], &["c2"]),
            product("b", &["c2"], &[]),
            product("both", &["c1", "c2"], &[]),
        ]);
        let changed = BTreeSet::from([key("contract", "c1")]);
        let shown: Vec<String> = find_affected(&[&mesh], &changed)
            .iter()
            .map(|one| {
                let keys = |keys: &[EntityKey]| {
                    let keys: Vec<&str> = keys.iter().map(|key| &*key.id).collect();
                    keys.join(",")
                };
                format!(
                    "{} {} via {}",
                    one.entity.id,
                    keys(&one.direct),
                    keys(&one.via)
                )
            })
            .collect();
        assert_eq!(shown, ["a c1 via ", "b  via a", "both c1 via a"]);
    }

    #[test]
    fn indirect_consumers_are_affected_too_and_a_ring_ends() {
        let before = Mesh::new(vec![product("old", &["c1"], &[])]);
        let mesh = Mesh::new(vec![
            product("a", &["c3"], &["c1"]),
            product("b", &["c1"], &["c2"]),
            product("c", &["c2"], &["c3"]),
            product("d", &["c9"], &[]),
        ]);
        let found = |changed: EntityKey| -> Vec<String> {
            let affected = find_affected(&[&mesh, &before], &BTreeSet::from([changed]));
            affected.iter().map(|one| one.entity.to_string()).collect()
        };
        assert_eq!(
            found(key("contract", "c1")),
            ["product:a", "product:b", "product:c", "product:old"]
        );
        assert_eq!(
            found(key("product", "a")),
            ["product:b", "product:c", "product:old"]
        );
        assert_eq!(found(key("contract", "c9")), ["product:d"]);
        assert_eq!(found(key("team", "x")), Vec::<String>::new());
    }
}
