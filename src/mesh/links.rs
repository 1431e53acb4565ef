//! Who reads and who offers a contract, by the ports of all products: what change rules look up instead of walking the mesh
//! for every changed entity.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Card, Mesh};
use crate::lift::schema::{Fields, Schema};
use crate::policy::engine::Datum;

/// Ports by the contract that they name.
type Ports = BTreeMap<Arc<str>, Vec<Datum>>;

impl Mesh {
    /// `data.mesh` as change rules see it: [`document`](Mesh::document), with `readers` and `offers`. Both give for the
    /// id of a contract the ports that name it: `{"entity", "at", "version", "status"}`, the last two where stated.
    pub fn document_with_links(&self, schema: &Schema) -> Datum {
        let (mut readers, mut offers) = (Ports::new(), Ports::new());
        let mut last: Option<&Card> = None;
        let mut may_have = false;
        for card in &self.cards {
            let before = last.replace(card).map(|card| &card.key);
            if before.is_none_or(|before| before.kind != card.key.kind) {
                may_have = may_have_ports(schema, &card.key.kind);
            }
            // Of entities with one key the first is the one that counts, as in the document.
            if may_have && before != Some(&card.key) {
                add(card, &mut readers, &mut offers);
            }
        }
        let listed = |ports: Ports| {
            let ports = ports.into_iter();
            Datum::fields(ports.map(|(contract, ports)| (contract, Datum::array(ports))))
        };
        self.document(schema).with([
            (Arc::from("readers"), listed(readers)),
            (Arc::from("offers"), listed(offers)),
        ])
    }
}

/// Whether entities of a kind can have ports: of those that can't there are many.
fn may_have_ports(schema: &Schema, kind: &str) -> bool {
    let ports = |fields: &Fields| {
        ["inputs", "outputs"]
            .iter()
            .any(|name| fields.contains_key(*name))
    };
    let own = schema.kinds.get(kind);
    own.is_none_or(|own| ports(&own.fields) || ports(&schema.common))
}

fn add(card: &Card, readers: &mut Ports, offers: &mut Ports) {
    let list = |of: &Datum, name: &str| {
        let items = of.get(name).and_then(|items| items.items());
        items.unwrap_or_default().into_iter().enumerate()
    };
    let add_to = |ports: &mut Ports, contract: &Datum, at: Vec<Datum>, version: Option<Datum>| {
        if let Some(contract) = contract.as_text() {
            let ports = ports.entry(Arc::from(contract)).or_default();
            ports.push(port(card, at, version));
        }
    };
    let (text, number) = (Datum::text, Datum::number);
    let fields = card.fields.datum();
    for (i, input) in list(&fields, "inputs") {
        if let Some(contract) = input.get("contract") {
            let at = vec![text("inputs"), number(i), text("contract")];
            add_to(readers, &contract, at, input.get("version"));
        }
    }
    for (i, output) in list(&fields, "outputs") {
        if let Some(contract) = output.get("contract") {
            let at = vec![text("outputs"), number(i), text("contract")];
            add_to(offers, &contract, at, output.get("version"));
        }
        // What an output is made from is read too.
        for (j, source) in list(&output, "inputs") {
            let at = vec![text("outputs"), number(i), text("inputs"), number(j)];
            add_to(readers, &source, at, None);
        }
    }
}

fn port(card: &Card, at: Vec<Datum>, version: Option<Datum>) -> Datum {
    let stated = [
        ("entity", Some(Datum::text(&card.key.to_string()))),
        ("at", Some(Datum::array(at))),
        ("version", version),
        ("status", card.fields.datum().get("status")),
    ];
    let stated = stated.into_iter();
    Datum::fields(stated.filter_map(|(name, value)| Some((Arc::from(name), value?))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::Facts;
    use crate::model::entity::EntityKey;
    use crate::model::text::RelPath;
    use crate::policy::engine::codec::Packed;

    #[test]
    fn ports_are_found_by_their_contract() {
        let card = |id: &str, fields: serde_json::Value| Card {
            key: EntityKey {
                kind: "product".into(),
                id: id.into(),
            },
            file: RelPath::new("f.yaml"),
            document: 0,
            ordinal: 0,
            text: 0,
            presence: crate::mesh::Presence::Declared,
            fields: Packed::of(&Datum::json(&fields)),
            facts: Facts::default(),
        };
        let cards = vec![
            card(
                "a",
                serde_json::json!({"status": "active", "outputs": [
                    {"contract": "orders", "version": "1.0.0", "inputs": ["clicks"]},
                    {"name": "bare"},
                ]}),
            ),
            card("b", serde_json::json!({"inputs": [{"contract": "orders"}]})),
            // Declared twice: the first one counts.
            card("b", serde_json::json!({"inputs": [{"contract": "other"}]})),
        ];
        let schema = Schema::parse("types: {}\ncommon: {}\nkinds: {}\n").unwrap();
        let document = Mesh::new(cards).document_with_links(&schema);
        assert_eq!(
            document.to_json(),
            serde_json::json!({
                "offers": {"orders": [
                    {"entity": "product:a", "at": ["outputs", 0, "contract"], "version": "1.0.0", "status": "active"},
                ]},
                "readers": {
                    "clicks": [{"entity": "product:a", "at": ["outputs", 0, "inputs", 0], "status": "active"}],
                    "orders": [{"entity": "product:b", "at": ["inputs", 0, "contract"]}],
                },
            })
        );
    }
}
