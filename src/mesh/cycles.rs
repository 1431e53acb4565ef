//! What a rule sees of cycles in place of its facts: members that all reach each other, and the shortest way round. A rule
//! in Rego would search from each member; here each link is looked at a few times, however large and entangled a cycle is.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};

use super::RuleFacts;
use super::components::Graph;
use crate::model::rule::FactCycles;
use crate::model::text::text_offset;
use crate::model::work;
use crate::policy::engine::Datum;
use crate::policy::engine::codec::{SharedTexts, key_of, unpack_datum};

/// What has no number.
const NONE: u32 = u32::MAX;

impl RuleFacts<'_> {
    /// `input.cycles`, in the order of their first members.
    pub fn cycles(&self, cycles: &FactCycles) -> Datum {
        let Some(graph) = LinkGraph::of(self, cycles) else {
            return Datum::array([]);
        };
        let names: Vec<Datum> = graph.names(self, cycles);
        let mut search = WaySearch::new(&graph);
        let groups = graph.cycles();
        let all = groups.iter().map(|members| {
            let name = |member: u32| names[member as usize].clone();
            let steps = search.shortest_way(members).into_iter().map(|step| {
                let fields = [name(step.from), name(step.to), number(step.fact)];
                Datum::fields(
                    ["from", "to", "ref"]
                        .map(Into::into)
                        .into_iter()
                        .zip(fields),
                )
            });
            let fields = [
                Datum::array(members.iter().map(|member| name(*member))),
                Datum::json(&graph.is_ring(members).into()),
                number(graph.first_fact(members)),
                Datum::array(steps),
            ];
            let keys = ["members", "is_ring", "ref", "steps"].map(Into::into);
            Datum::fields(keys.into_iter().zip(fields))
        });
        Datum::array(all)
    }

    /// What tells a node from others.
    fn node_of(&self, number: usize, cycles: &FactCycles) -> Option<Cow<'_, [u8]>> {
        let own = || Some(key_of(self.field(number, &cycles.of)?).into());
        self.said(number, &cycles.of).or_else(own)
    }
}

fn number(value: u32) -> Datum {
    Datum::number(value as usize)
}

/// Nodes that read things, and the things, which lead to the nodes that offer them: a thing that many offer and many read
/// takes as many links as there are of both, not their product. Nodes have the lowest numbers, in the order of their names.
struct LinkGraph {
    graph: Graph,
    /// Of each node the number of its first fact.
    facts: Vec<u32>,
    /// Of each node the first fact that says that it reads a thing, in the order of `graph.next`.
    reads: Vec<Vec<u32>>,
    /// Of each node and thing a number that it shares with its component.
    components: Vec<u32>,
}

/// A link between two members of a cycle, and the first fact that states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CycleStep {
    from: u32,
    to: u32,
    fact: u32,
}

impl LinkGraph {
    /// `None` where nothing is offered that is read.
    fn of(facts: &RuleFacts<'_>, cycles: &FactCycles) -> Option<Self> {
        let mut nodes: BTreeMap<Cow<'_, [u8]>, u32> = BTreeMap::new();
        for number in 0..facts.len() {
            if let Some(node) = facts.node_of(number, cycles) {
                nodes.entry(node).or_insert(text_offset(number));
            }
        }
        let first: Vec<u32> = nodes.values().copied().collect();
        let nodes: HashMap<Cow<'_, [u8]>, u32> = nodes.into_keys().zip(0..).collect();
        let node = |number: usize| nodes.get(&*facts.node_of(number, cycles)?).copied();
        let offers = cycles.offers.as_ref().unwrap_or(&cycles.of);
        let mut things: HashMap<Cow<'_, [u8]>, u32> = HashMap::new();
        let mut offered = Vec::new();
        let mut read = Vec::new();
        for number in 0..facts.len() {
            let Some(node) = node(number) else { continue };
            facts.keys(number, offers, &mut |thing| {
                let next = text_offset(nodes.len() + things.len());
                offered.push((*things.entry(thing).or_insert(next), node));
            });
        }
        for number in 0..facts.len() {
            let Some(node) = node(number) else { continue };
            facts.keys(number, &cycles.reads, &mut |thing| {
                let thing = things.get(&thing);
                read.extend(thing.map(|thing| (node, *thing, text_offset(number))));
            });
        }
        let count = nodes.len() + things.len();
        (!read.is_empty()).then(|| Self::linked(count, first, offered, read))
    }

    /// Each link once, with the first fact that states it.
    fn linked(
        count: usize,
        facts: Vec<u32>,
        mut offered: Vec<(u32, u32)>,
        mut read: Vec<(u32, u32, u32)>,
    ) -> Self {
        let mut graph = Graph::with_nodes(count);
        offered.sort_unstable();
        offered.dedup();
        read.sort_unstable();
        read.dedup_by_key(|(node, thing, _)| (*node, *thing));
        offered
            .iter()
            .for_each(|(thing, node)| graph.link(*thing, *node));
        read.iter()
            .for_each(|(node, thing, _)| graph.link(*node, *thing));
        let components = graph.components();
        graph.divide(&components);
        let mut reads = vec![Vec::new(); facts.len()];
        for (node, thing, fact) in read {
            if components[node as usize] == components[thing as usize] {
                reads[node as usize].push(fact);
            }
        }
        Self {
            graph,
            facts,
            reads,
            components,
        }
    }

    /// The names of all nodes.
    fn names(&self, facts: &RuleFacts<'_>, cycles: &FactCycles) -> Vec<Datum> {
        let mut texts = SharedTexts::default();
        let names = self.facts.iter().map(|number| {
            let number = *number as usize;
            if let Some(said) = facts.said(number, &cycles.of) {
                return Datum::text(&String::from_utf8_lossy(&said));
            }
            let own = facts.field(number, &cycles.of);
            let own = own.and_then(|mut own| unpack_datum(&mut own, &mut texts));
            own.unwrap_or_else(Datum::object)
        });
        names.collect()
    }

    /// The members of each cycle, in order.
    fn cycles(&self) -> Vec<Vec<u32>> {
        let mut places: HashMap<u32, usize> = HashMap::new();
        let mut cycles: Vec<Vec<u32>> = Vec::new();
        // A node that shares its component with a thing reaches itself.
        let members =
            (0..text_offset(self.facts.len())).filter(|node| !self.next(*node).is_empty());
        for node in members {
            let place = places.entry(self.components[node as usize]);
            let place = *place.or_insert(cycles.len());
            match cycles.get_mut(place) {
                Some(cycle) => cycle.push(node),
                None => cycles.push(vec![node]),
            }
        }
        cycles
    }

    /// Whether no member reads more than one other.
    fn is_ring(&self, members: &[u32]) -> bool {
        members.iter().all(|member| {
            let things = self.next(*member).iter();
            let mut others = things.flat_map(|thing| self.next(*thing)).filter(|other| {
                work::count_steps(1);
                *other != member
            });
            let first = others.next();
            others.all(|other| Some(other) == first)
        })
    }

    /// The first fact by which the first member reads a member.
    fn first_fact(&self, members: &[u32]) -> u32 {
        let reads = members.first().map(|first| &self.reads[*first as usize]);
        reads
            .and_then(|facts| facts.iter().min())
            .copied()
            .unwrap_or(NONE)
    }

    fn next(&self, node: u32) -> &[u32] {
        &self.graph.next[node as usize]
    }
}

/// Looks for the shortest ways round.
struct WaySearch<'g> {
    links: &'g LinkGraph,
    /// Of each node and thing, how many links it is away from the first member of its cycle.
    away: Vec<u32>,
    /// Of each thing, how many steps were taken when it was last seen among those that the next member offers.
    offered: Vec<u32>,
    steps: u32,
}

impl<'g> WaySearch<'g> {
    fn new(links: &'g LinkGraph) -> Self {
        let nodes = links.components.len();
        Self {
            links,
            away: vec![NONE; nodes],
            offered: vec![0; nodes],
            steps: 0,
        }
    }

    /// The shortest way from the first member back to it, through other members where there are any; of several, that whose
    /// members come first.
    fn shortest_way(&mut self, members: &[u32]) -> Vec<CycleStep> {
        let Some(first) = members.first().copied() else {
            return Vec::new();
        };
        self.measure(first);
        let mut way = Vec::new();
        let mut from = first;
        loop {
            let Some(to) = self.next_member(from, first, members.len() == 1) else {
                return way;
            };
            let fact = self.first_fact(from, to);
            way.push(CycleStep { from, to, fact });
            if to == first {
                return way;
            }
            from = to;
        }
    }

    /// Measures how far all of a cycle is away from its first member.
    fn measure(&mut self, first: u32) {
        self.away[first as usize] = 0;
        let mut open = VecDeque::from([first]);
        while let Some(node) = open.pop_front() {
            let further = self.away[node as usize] + 1;
            for previous in &self.links.graph.previous[node as usize] {
                work::count_steps(1);
                let away = &mut self.away[*previous as usize];
                if *away == NONE {
                    *away = further;
                    open.push_back(*previous);
                }
            }
        }
    }

    /// The member that is read next on the way; of several, the first.
    fn next_member(&self, from: u32, first: u32, is_alone: bool) -> Option<u32> {
        let nearer = |thing: &&u32| {
            work::count_steps(1);
            from == first || self.away[**thing as usize] + 1 == self.away[from as usize]
        };
        let things = self.links.next(from).iter().filter(nearer);
        let members = things
            .flat_map(|thing| self.links.next(*thing))
            .filter(|to| {
                work::count_steps(1);
                is_alone || **to != from
            });
        let nearest = members.min_by_key(|to| (self.away[**to as usize], **to));
        nearest.copied()
    }

    /// The first fact that says that a member reads what another offers.
    fn first_fact(&mut self, from: u32, to: u32) -> u32 {
        self.steps += 1;
        for thing in &self.links.graph.previous[to as usize] {
            work::count_steps(1);
            self.offered[*thing as usize] = self.steps;
        }
        let facts = &self.links.reads[from as usize];
        let facts = self
            .links
            .next(from)
            .iter()
            .zip(facts)
            .filter(|(thing, _)| {
                work::count_steps(1);
                self.offered[**thing as usize] == self.steps
            });
        facts.map(|(_, fact)| *fact).min().unwrap_or(NONE)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value as Json, json};

    use super::*;
    use crate::mesh::{Card, FactsBuilder, Mesh, Presence};
    use crate::model::entity::EntityKey;
    use crate::model::text::RelPath;
    use crate::policy::engine::codec::Packed;

    /// A product by its name, what it reads and what it offers.
    type Product = (String, Vec<String>, Vec<String>);

    /// The mesh of some products: a fact for each that they read and offer.
    fn mesh(products: &[Product]) -> Mesh {
        let cards = products.iter().map(|(name, reads, offers)| {
            let mut facts = FactsBuilder::default();
            for offered in offers {
                facts.push(3, &Datum::json(&json!({"offers": offered})));
            }
            for read in reads {
                facts.push(3, &Datum::json(&json!({"reads": read})));
            }
            Card {
                key: EntityKey {
                    kind: "product".into(),
                    id: name.as_str().into(),
                },
                file: RelPath::new("a.yaml"),
                document: 0,
                ordinal: 0,
                fields: Packed::of(&Datum::object()),
                facts: facts.finish(),
                text: 0,
                presence: Presence::Declared,
            }
        });
        Mesh::new(cards.collect())
    }

    fn cycles(mesh: &Mesh) -> Vec<Json> {
        let spec = FactCycles {
            of: "id".to_owned(),
            reads: "reads".to_owned(),
            offers: Some("offers".to_owned()),
        };
        let cycles = mesh.facts_of(3).cycles(&spec).to_json();
        cycles.as_array().unwrap().clone()
    }

    fn product(name: usize, reads: &[usize]) -> Product {
        let name = format!("p{name:05}");
        let reads = reads.iter().map(|read| format!("p{read:05}")).collect();
        (name.clone(), reads, vec![name])
    }

    #[test]
    fn rings_chains_and_tangles_take_linear_steps() {
        let ring = |n: usize| (0..n).map(|p| product(p, &[(p + 1) % n])).collect();
        let small_rings = |n: usize| {
            let next = |p: usize| p - p % 3 + (p + 1) % 3;
            (0..n / 3 * 3).map(|p| product(p, &[next(p)])).collect()
        };
        let chain = |n: usize| (1..n).map(|p| product(p, &[p - 1])).collect();
        let tangle = |n: usize| {
            let reads = |p: usize| [(p + 1) % n, (p + 7) % n, p * p % n];
            (0..n).map(|p| product(p, &reads(p))).collect()
        };
        let all_of_one = |n: usize| {
            let of = |p: usize| (format!("p{p:05}"), vec!["x".into()], vec!["x".into()]);
            (0..n).map(of).collect()
        };
        let meshes: [&dyn Fn(usize) -> Vec<Product>; 5] =
            [&ring, &small_rings, &chain, &tangle, &all_of_one];
        for (number, products) in meshes.into_iter().enumerate() {
            let steps = |count: usize| {
                let mesh = mesh(&products(count));
                work::steps_of(|| drop(cycles(&mesh)))
            };
            let (one, four) = (steps(500), steps(2_000));
            assert!(
                one > 0 && four * 2 <= one * 9,
                "{number}: {one}, then {four}"
            );
        }
    }

    #[test]
    fn a_ring_of_any_length_is_told_with_each_step() {
        let count = 20_000;
        let ring: Vec<Product> = (0..count).map(|p| product(p, &[(p + 1) % count])).collect();
        let cycles = cycles(&mesh(&ring));
        let steps = cycles[0]["steps"].as_array().unwrap();
        assert_eq!((cycles.len(), steps.len()), (1, count));
        assert_eq!(
            steps[1],
            json!({"from": "p00001", "to": "p00002", "ref": 3}),
            "the second fact of the second product"
        );
        assert_eq!(cycles[0]["is_ring"], json!(true));
    }

    /// Of each product those that it reads, and by which fact first.
    fn edges(products: &[Product]) -> BTreeMap<&str, BTreeMap<&str, usize>> {
        let mut edges: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        let mut number = 0;
        for (name, reads, offers) in products {
            number += offers.len();
            for read in reads {
                for (source, _, _) in products
                    .iter()
                    .filter(|(_, _, offers)| offers.contains(read))
                {
                    let own = edges.entry(name).or_default();
                    own.entry(source).or_insert(number);
                }
                number += 1;
            }
        }
        edges
    }

    /// All that a product reads, also through others.
    fn upstream<'p>(
        edges: &BTreeMap<&'p str, BTreeMap<&'p str, usize>>,
        of: &str,
    ) -> BTreeSet<&'p str> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = edges
            .get(of)
            .into_iter()
            .flat_map(BTreeMap::keys)
            .copied()
            .collect();
        while let Some(name) = open.pop() {
            if seen.insert(name) {
                open.extend(edges.get(name).into_iter().flat_map(BTreeMap::keys));
            }
        }
        seen
    }

    /// The shortest way on from the end of a path back to its start, and of several the least.
    fn shortest<'p>(
        edges: &BTreeMap<&'p str, BTreeMap<&'p str, usize>>,
        path: &mut Vec<&'p str>,
    ) -> Option<(usize, Vec<&'p str>)> {
        let (first, last) = (*path.first()?, *path.last()?);
        let next = edges.get(last)?;
        let is_round =
            next.contains_key(first) && (path.len() > 1 || upstream_is_own(edges, first));
        let mut best = is_round.then(|| (path.len(), path.clone()));
        for name in next
            .keys()
            .filter(|name| !path.contains(name))
            .copied()
            .collect::<Vec<_>>()
        {
            path.push(name);
            let way = shortest(edges, path);
            path.pop();
            best = best.into_iter().chain(way).min();
        }
        best
    }

    /// Whether a product is in a cycle with itself alone.
    fn upstream_is_own(edges: &BTreeMap<&str, BTreeMap<&str, usize>>, name: &str) -> bool {
        let others = upstream(edges, name)
            .into_iter()
            .filter(|other| *other != name);
        !others
            .into_iter()
            .any(|other| upstream(edges, other).contains(name))
    }

    #[test]
    fn members_reach_each_other_and_the_way_round_is_the_shortest() {
        let mut state = 11_u64;
        let mut dice = |bound: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            usize::try_from(state >> 33).unwrap() % bound
        };
        let (mut rings, mut tangles) = (0, 0);
        for _ in 0..300 {
            let count = dice(8) + 1;
            let mut texts = |most: usize| -> Vec<String> {
                let some: BTreeSet<usize> = (0..dice(most)).map(|_| dice(count + 2)).collect();
                some.into_iter().map(|thing| format!("t{thing}")).collect()
            };
            let products: Vec<Product> = (0..count)
                .map(|number| (format!("p{number}"), texts(7), texts(4)))
                .collect();
            let edges = edges(&products);
            let behind: BTreeMap<&str, BTreeSet<&str>> = edges
                .keys()
                .map(|name| (*name, upstream(&edges, name)))
                .collect();
            let expected: BTreeSet<Vec<&str>> = behind
                .iter()
                .filter(|(name, upstream)| upstream.contains(*name))
                .map(|(name, upstream)| {
                    let is_member =
                        |other: &&&str| behind.get(**other).is_some_and(|up| up.contains(name));
                    upstream.iter().filter(is_member).copied().collect()
                })
                .collect();
            let expected: Vec<Json> = expected
                .into_iter()
                .map(|members| {
                    let inside = |from: &str| -> Vec<(&str, usize)> {
                        let to = edges[from].iter().filter(|(to, _)| members.contains(to));
                        to.map(|(to, fact)| (*to, *fact)).collect()
                    };
                    let others = |from: &&str| inside(from).iter().filter(|(to, _)| to != from).count();
                    let is_ring = members.iter().all(|from| others(from) < 2);
                    rings += usize::from(is_ring);
                    tangles += usize::from(!is_ring);
                    let first = inside(members[0]).into_iter().map(|(_, fact)| fact).min();
                    let (_, mut way) = shortest(&edges, &mut vec![members[0]]).unwrap();
                    way.push(members[0]);
                    let steps: Vec<Json> = way
                        .windows(2)
                        .map(|step| json!({"from": step[0], "to": step[1], "ref": edges[step[0]][step[1]]}))
                        .collect();
                    json!({"members": members, "is_ring": is_ring, "ref": first, "steps": steps})
                })
                .collect();
            assert_eq!(cycles(&mesh(&products)), expected, "{products:?}");
        }
        assert!(
            rings > 50 && tangles > 50,
            "{rings} rings, {tangles} tangles"
        );
    }
}
