//! How much can a timetable be worth at most? The heaviest b-matching of wishes, times of day aside, by the network simplex
//! method (Dantzig 1951) with strongly feasible trees (Cunningham 1976). Without absences it is the answer itself, because
//! any b-matching can be coloured (König).
//!
//! Graduates send units along wishes to employers; what they do not send goes to a root, which sends employers what they
//! lack. The first tree is the star of the root: nobody meets anybody.
#![expect(clippy::indexing_slicing, reason = "nodes and arcs are numbered here")]

use super::model::Interviews;

/// More than any flow.
const PLENTY: i64 = i64::MAX / 4;
/// How many arcs are looked at before the most promising of them is taken.
const BLOCK: usize = 64;
/// No node.
const NOBODY: usize = usize::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Empty,
    Tree,
    Full,
}

#[derive(Debug, Clone, Copy)]
struct Arc {
    from: usize,
    to: usize,
    cost: i64,
    room: i64,
    flow: i64,
    place: Place,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    parent: usize,
    /// The arc to the parent.
    arc: usize,
    depth: usize,
    potential: i64,
    first_child: usize,
    next: usize,
    previous: usize,
}

struct Network {
    arcs: Vec<Arc>,
    nodes: Vec<Node>,
    look: usize,
}

/// Gives the heaviest set of wishes that fits everybody's number of interviews, and its weight.
pub fn heaviest(world: &Interviews) -> (Vec<bool>, i64) {
    let mut network = Network::star(world);
    while let Some(arc) = network.entering() {
        network.pivot(arc);
    }
    let chosen: Vec<bool> = network.arcs.iter().take(world.wishes.len()).map(|arc| arc.flow > 0).collect();
    let weight = world.wishes.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|(wish, _)| wish.weight).sum();
    (chosen, weight)
}

impl Network {
    fn star(world: &Interviews) -> Network {
        let graduates = world.graduates.len();
        let root = graduates + world.employers.len();
        let mut arcs: Vec<Arc> = Vec::with_capacity(world.wishes.len() + root);
        for (at, wish) in world.wishes.iter().enumerate() {
            let room = i64::from(world.common(at) != 0);
            let (from, to) = (wish.graduate, graduates + wish.employer);
            arcs.push(Arc { from, to, cost: -wish.weight, room, flow: 0, place: Place::Empty });
        }
        let blank =
            Node { parent: NOBODY, arc: NOBODY, depth: 0, potential: 0, first_child: NOBODY, next: NOBODY, previous: NOBODY };
        let mut network = Network { arcs, nodes: vec![blank; root + 1], look: 0 };
        for node in 0..root {
            let (from, to, most) = match node.checked_sub(graduates) {
                None => (node, root, world.graduate_most(node)),
                Some(employer) => (root, node, world.employer_most(employer)),
            };
            let flow = i64::try_from(most).unwrap_or(PLENTY);
            network.arcs.push(Arc { from, to, cost: 0, room: PLENTY, flow, place: Place::Tree });
            network.hang(node, root, network.arcs.len() - 1);
        }
        network
    }

    /// Gives how much a unit more (or, on a full arc, less) on an arc would save, if anything.
    fn saving(&self, arc: &Arc) -> i64 {
        let reduced = arc.cost + self.nodes[arc.from].potential - self.nodes[arc.to].potential;
        match arc.place {
            Place::Empty => -reduced,
            Place::Tree => 0,
            Place::Full => reduced,
        }
    }

    /// Finds an arc that saves something: the best of a block, block after block.
    fn entering(&mut self) -> Option<usize> {
        let mut best = (0, NOBODY);
        for looked in 0..self.arcs.len() {
            let saving = self.saving(&self.arcs[self.look]);
            if saving > best.0 {
                best = (saving, self.look);
            }
            self.look = (self.look + 1) % self.arcs.len();
            if looked % BLOCK == BLOCK - 1 && best.1 != NOBODY {
                break;
            }
        }
        (best.1 != NOBODY).then_some(best.1)
    }

    /// Sends as much as possible around the cycle that an arc closes with the tree, and lets the arc that stops it leave.
    fn pivot(&mut self, entering: usize) {
        let arc = self.arcs[entering];
        let (first, second) = if arc.place == Place::Empty { (arc.from, arc.to) } else { (arc.to, arc.from) };
        let apex = self.apex(first, second);
        let mut amount = if arc.place == Place::Empty { arc.room - arc.flow } else { arc.flow };
        let mut leaving = (NOBODY, first, second);
        let mut node = first;
        while node != apex {
            let room = self.room_up(node, false);
            if room < amount {
                (amount, leaving) = (room, (node, first, second));
            }
            node = self.nodes[node].parent;
        }
        node = second;
        while node != apex {
            let room = self.room_up(node, true);
            if room <= amount {
                (amount, leaving) = (room, (node, second, first));
            }
            node = self.nodes[node].parent;
        }
        let own = if arc.place == Place::Empty { amount } else { -amount };
        self.arcs[entering].flow += own;
        self.send(first, apex, amount, false);
        self.send(second, apex, amount, true);
        let (cut, inner, outer) = leaving;
        if cut == NOBODY {
            self.arcs[entering].place = if arc.place == Place::Empty { Place::Full } else { Place::Empty };
            return;
        }
        let out = &mut self.arcs[self.nodes[cut].arc];
        out.place = if out.flow == 0 { Place::Empty } else { Place::Full };
        self.arcs[entering].place = Place::Tree;
        self.rehang(cut, inner, outer, entering);
    }

    fn apex(&self, mut one: usize, mut other: usize) -> usize {
        while one != other {
            let (a, b) = (&self.nodes[one], &self.nodes[other]);
            if a.depth >= b.depth {
                one = a.parent;
            } else {
                other = b.parent;
            }
        }
        one
    }

    /// Gives how much more can flow from a node to its parent, or down from the parent.
    fn room_up(&self, node: usize, up: bool) -> i64 {
        let arc = &self.arcs[self.nodes[node].arc];
        if (arc.from == node) == up { arc.room - arc.flow } else { arc.flow }
    }

    fn send(&mut self, mut node: usize, apex: usize, amount: i64, up: bool) {
        while node != apex {
            let Node { parent, arc, .. } = self.nodes[node];
            let arc = &mut self.arcs[arc];
            arc.flow += if (arc.from == node) == up { amount } else { -amount };
            node = parent;
        }
    }

    /// Hangs the part of the tree below `cut` to `outer` by its node `inner`, and sets its potentials and depths anew.
    fn rehang(&mut self, cut: usize, inner: usize, outer: usize, entering: usize) {
        let (mut node, mut parent, mut arc) = (inner, outer, entering);
        loop {
            let Node { parent: old_parent, arc: old_arc, .. } = self.nodes[node];
            self.unhang(node);
            self.hang(node, parent, arc);
            if node == cut {
                break;
            }
            (parent, arc) = (node, old_arc);
            node = old_parent;
        }
        let mut below = vec![inner];
        while let Some(node) = below.pop() {
            let Node { parent, arc, mut first_child, .. } = self.nodes[node];
            let Arc { from, cost, .. } = self.arcs[arc];
            let Node { potential, depth, .. } = self.nodes[parent];
            self.nodes[node].potential = if from == node { potential - cost } else { potential + cost };
            self.nodes[node].depth = depth + 1;
            while first_child != NOBODY {
                below.push(first_child);
                first_child = self.nodes[first_child].next;
            }
        }
    }

    fn unhang(&mut self, node: usize) {
        let Node { parent, next, previous, .. } = self.nodes[node];
        if previous == NOBODY {
            self.nodes[parent].first_child = next;
        } else {
            self.nodes[previous].next = next;
        }
        if next != NOBODY {
            self.nodes[next].previous = previous;
        }
    }

    fn hang(&mut self, node: usize, parent: usize, arc: usize) {
        let first = std::mem::replace(&mut self.nodes[parent].first_child, node);
        if first != NOBODY {
            self.nodes[first].previous = node;
        }
        let depth = self.nodes[parent].depth + 1;
        let own = &mut self.nodes[node];
        (own.parent, own.arc, own.depth, own.next, own.previous) = (parent, arc, depth, first, NOBODY);
    }
}
