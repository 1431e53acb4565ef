//! Who reads from whom: products by the contracts that their ports name.

use std::collections::{BTreeMap, BTreeSet};

use super::{Card, Mesh};
use crate::model::comparison::Affected;
use crate::model::entity::EntityKey;
use crate::policy::engine::Datum;

/// The products that depend on one of the changed entities, at once or over others, in the two meshes together: what was
/// read before the change is touched by it, too. Sorted, each once, changed ones themselves left out.
pub fn affected(meshes: &[&Mesh], changed: &BTreeSet<EntityKey>) -> Vec<Affected> {
    let mut readers: BTreeMap<String, BTreeSet<&EntityKey>> = BTreeMap::new();
    let mut products: BTreeMap<&EntityKey, &Card> = BTreeMap::new();
    let mut makes: BTreeMap<&EntityKey, BTreeSet<String>> = BTreeMap::new();
    for card in meshes.iter().flat_map(|mesh| &mesh.cards) {
        if &*card.key.kind != "product" {
            continue;
        }
        products.entry(&card.key).or_insert(card);
        for contract in contracts(card, "inputs") {
            readers.entry(contract).or_default().insert(&card.key);
        }
        let made = makes.entry(&card.key).or_default();
        made.extend(contracts(card, "outputs"));
    }
    let mut through: BTreeMap<&EntityKey, BTreeSet<&EntityKey>> = BTreeMap::new();
    for cause in changed {
        let mut open: Vec<String> = match &*cause.kind {
            "contract" => vec![cause.id.to_string()],
            _ => makes.get(cause).into_iter().flatten().cloned().collect(),
        };
        let mut seen: BTreeSet<&EntityKey> = BTreeSet::new();
        while let Some(contract) = open.pop() {
            for reader in readers.get(&contract).into_iter().flatten() {
                if seen.insert(reader) {
                    open.extend(makes.get(*reader).into_iter().flatten().cloned());
                }
            }
        }
        for reader in seen {
            through.entry(reader).or_default().insert(cause);
        }
    }
    through
        .into_iter()
        .filter(|(reader, _)| !changed.contains(*reader))
        .filter_map(|(reader, causes)| {
            let card = products.get(reader)?;
            let fields = card.fields.datum();
            let owner = fields.get("owner").and_then(|owner| owner.get("team"));
            Some(Affected {
                entity: reader.clone(),
                owner: owner
                    .as_ref()
                    .and_then(Datum::as_text)
                    .map(ToOwned::to_owned),
                domain: card.text("domain"),
                file: card.file.clone(),
                through: causes.into_iter().cloned().collect(),
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
    use crate::policy::engine::packed::Packed;

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
    fn who_reads_over_others_is_touched_too_and_a_ring_ends() {
        let before = Mesh::new(vec![product("old", &["c1"], &[])]);
        let mesh = Mesh::new(vec![
            product("a", &["c3"], &["c1"]),
            product("b", &["c1"], &["c2"]),
            product("c", &["c2"], &["c3"]),
            product("d", &["c9"], &[]),
        ]);
        let found = |changed: EntityKey| -> Vec<String> {
            let affected = affected(&[&mesh, &before], &BTreeSet::from([changed]));
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
