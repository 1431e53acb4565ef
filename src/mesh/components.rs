//! Strongly connected components of a graph: nodes each of which reaches all others of its component. By Kosaraju's
//! algorithm, in steps linear in links and without recursion: petgraph's `tarjan_scc` recurses as deep as a chain is long,
//! and its `kosaraju_scc` would bring another release of `hashbrown`.

use crate::model::work;

/// A graph: of each node, by number, the nodes that it leads to and those that lead to it.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) next: Vec<Vec<u32>>,
    pub(super) previous: Vec<Vec<u32>>,
}

/// Of a node that belongs to no component yet.
const OPEN: u32 = u32::MAX;

impl Graph {
    /// A graph of so many nodes without links.
    pub(super) fn with_nodes(count: usize) -> Self {
        Self {
            next: vec![Vec::new(); count],
            previous: vec![Vec::new(); count],
        }
    }

    /// Links a node to another.
    pub(super) fn link(&mut self, from: u32, to: u32) {
        self.next[from as usize].push(to);
        self.previous[to as usize].push(from);
    }

    /// Of each node a number that it shares with its component alone.
    pub(super) fn components(&self) -> Vec<u32> {
        let mut components = vec![OPEN; self.next.len()];
        let mut open = Vec::new();
        for root in self.finished().into_iter().rev() {
            if components[root as usize] != OPEN {
                continue;
            }
            components[root as usize] = root;
            open.push(root);
            while let Some(node) = open.pop() {
                for previous in &self.previous[node as usize] {
                    work::count_steps(1);
                    let component = &mut components[*previous as usize];
                    if *component == OPEN {
                        *component = root;
                        open.push(*previous);
                    }
                }
            }
        }
        components
    }

    /// Drops links between components.
    pub(super) fn divide(&mut self, components: &[u32]) {
        for links in [&mut self.next, &mut self.previous] {
            for (links, component) in links.iter_mut().zip(components) {
                links.retain(|other| components[*other as usize] == *component);
            }
        }
    }

    /// All nodes, each after those that were found from it first.
    fn finished(&self) -> Vec<u32> {
        let mut finished = Vec::with_capacity(self.next.len());
        let mut seen = vec![false; self.next.len()];
        // Nodes on the way, each with the index of the link that is followed next.
        let mut way: Vec<(u32, usize)> = Vec::new();
        for root in (0..).take(self.next.len()) {
            if !std::mem::replace(&mut seen[root as usize], true) {
                way.push((root, 0));
            }
            while let Some((node, index)) = way.last_mut() {
                work::count_steps(1);
                match self.next[*node as usize].get(*index) {
                    Some(next) => {
                        *index += 1;
                        if !std::mem::replace(&mut seen[*next as usize], true) {
                            way.push((*next, 0));
                        }
                    }
                    None => {
                        finished.push(*node);
                        way.pop();
                    }
                }
            }
        }
        finished
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A node and all that it reaches.
    fn reached(graph: &Graph, from: u32) -> Vec<bool> {
        let mut seen = vec![false; graph.next.len()];
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut seen[node as usize], true) {
                open.extend(&graph.next[node as usize]);
            }
        }
        seen
    }

    #[test]
    fn nodes_are_of_one_component_where_each_reaches_the_other() {
        let mut state = 9_u64;
        let mut dice = |bound: u32| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            u32::try_from((state >> 33) % u64::from(bound)).unwrap()
        };
        for nodes in 1..40_u32 {
            let mut graph = Graph::with_nodes(nodes as usize);
            for _ in 0..dice(nodes * 2 + 1) {
                graph.link(dice(nodes), dice(nodes));
            }
            let components = graph.components();
            let reached: Vec<Vec<bool>> = (0..nodes).map(|node| reached(&graph, node)).collect();
            for one in 0..nodes as usize {
                for two in 0..nodes as usize {
                    let expected = reached[one][two] && reached[two][one];
                    assert_eq!(components[one] == components[two], expected);
                }
            }
        }
    }
}
