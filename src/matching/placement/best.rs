//! Which placement is worth most? Network simplex (Dantzig 1951) with strongly feasible trees (Cunningham 1976) on the
//! network graduate → place → what it stands within → root; a graduate who is not placed hangs on the root.
//!
//! Made for what is always so here. A graduate is one unit, so no arc of a list is ever full, and what flows on an arc of
//! the tree is kept with its lower node. A graduate's value is that of any tree arc, so only places have prices. Graduates
//! with a single tree arc (most of them) are in nobody's list of children, so a change of prices walks past them. Pricing
//! looks at blocks of whole lists. The first tree is the star: nobody is placed.
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "numbers given out by `Market::parse`, below 2^32")]

use super::market::{Market, NONE, SCORE_END};

/// The arc of a graduate who is not placed, to the root.
const UNPLACED: u32 = u32::MAX - 1;
/// The arc of a place to what it stands within. Every other number is that of an application.
const LIMIT: u32 = u32::MAX - 2;
/// How many lists are looked at before the most promising arc of them is taken.
const BLOCK_LISTS: usize = 10;

/// The placement worth most, and what proves it.
#[derive(Debug)]
pub struct Best {
    /// The application by which each graduate is placed, or `NONE`.
    pub placed: Vec<u32>,
    /// The price of each limit, never negative.
    pub prices: Vec<i64>,
    /// What a graduate in a reserved place is worth beside the scores: more than all scores together.
    pub band: i64,
}

/// Finds the placement that fills most reserved places and, of those, has the greatest sum of both scores.
pub fn best(market: &Market) -> Best {
    let mut tree = Tree::star(market);
    while let Some(entering) = tree.entering() {
        tree.pivot(entering);
    }
    Best {
        placed: (0..market.graduates()).map(|graduate| tree.placed(graduate)).collect(),
        prices: tree.prices(),
        band: tree.band,
    }
}

/// An application: what it is worth beside the bonus of its place, and where to; nowhere (the root) where nobody is taken.
#[derive(Clone, Copy)]
struct Wish {
    place: u32,
    weight: u32,
}

/// Places come first, then the root, then graduates.
#[derive(Clone, Copy)]
struct Node {
    parent: u32,
    /// The arc to the parent.
    arc: u32,
    /// What flows on it.
    flow: u32,
    depth: u32,
    first_child: u32,
    next: u32,
    previous: u32,
}

/// An arc that would save something if more flowed on it (or less, where it is full).
#[derive(Clone, Copy)]
struct Entering {
    from: u32,
    to: u32,
    arc: u32,
    saving: i64,
    full: bool,
}

struct Tree<'a> {
    market: &'a Market,
    root: u32,
    band: i64,
    wishes: Vec<Wish>,
    nodes: Vec<Node>,
    /// What it costs to be placed in each place, all that it stands within and its bonus counted; the root costs nothing.
    price: Vec<i64>,
    /// Whether the limit of a place is outside the tree and full.
    full: Vec<bool>,
    look: usize,
}

impl Tree<'_> {
    fn star(market: &Market) -> Tree<'_> {
        let root = market.places.len() as u32;
        let open: Vec<bool> = (0..root).map(|place| market.chain(place).all(|at| market.places[at].most > 0)).collect();
        let wish = |at: usize| match market.place_of(at) {
            place if open[place as usize] => Wish { place, weight: market.graduate_scores[at] + market.scores(at).1 },
            _ => Wish { place: root, weight: 0 },
        };
        let wishes: Vec<Wish> = (0..market.bids.len()).map(wish).collect();
        let heaviest = wishes.iter().map(|wish| i64::from(wish.weight)).max().unwrap_or(0);
        let band = (heaviest + 1) * market.graduates() as i64;
        let unplaced = Node { parent: root, arc: UNPLACED, flow: 1, depth: 1, first_child: NONE, next: NONE, previous: NONE };
        let nodes = vec![unplaced; market.places.len() + 1 + market.graduates()];
        let (price, full) = (vec![0; market.places.len() + 1], vec![false; market.places.len()]);
        let mut tree = Tree { market, root, band, wishes, nodes, price, full, look: 0 };
        tree.nodes[root as usize] = Node { parent: NONE, arc: NONE, flow: 0, depth: 0, ..unplaced };
        (0..root).for_each(|place| tree.hang(place, tree.within(place), LIMIT, 0));
        tree.reprice(root, 0);
        for place in 0..root {
            tree.price[place as usize] = -market.chain(place).map(|at| tree.bonus(at)).sum::<i64>();
        }
        tree
    }

    fn within(&self, place: u32) -> u32 {
        self.root.min(self.market.places[place as usize].within)
    }

    fn bonus(&self, place: usize) -> i64 {
        if self.market.places[place].reserved { self.band } else { 0 }
    }

    fn node_of(&self, graduate: usize) -> u32 {
        self.root + 1 + graduate as u32
    }

    /// Gives the application that carries a graduate, or `NONE`.
    fn placed(&self, graduate: usize) -> u32 {
        let own = self.nodes[self.node_of(graduate) as usize];
        let mut carrier = own;
        let mut child = own.first_child;
        while carrier.flow == 0 && child != NONE {
            carrier = self.nodes[child as usize];
            child = carrier.next;
        }
        match carrier.arc {
            UNPLACED => NONE,
            application if self.wishes[application as usize].place == self.root => NONE,
            application => application,
        }
    }

    /// Gives the price of each limit alone; where an empty place is cheaper than what it stands within, nobody is drawn to it
    /// by being asked for no less. What takes nobody costs more than anybody is worth.
    fn prices(&self) -> Vec<i64> {
        let mut prices = vec![0; self.full.len()];
        for place in 0..self.root {
            let chain: Vec<usize> = self.market.chain(place).collect();
            let mut above = 0;
            for at in chain.into_iter().rev() {
                let least = above - self.bonus(at);
                above = match self.market.places[at].most {
                    0 => least + 2 * i64::from(SCORE_END) + self.band,
                    _ => self.price[at].max(least),
                };
                prices[at] = above - least;
            }
        }
        prices
    }

    /// Finds an arc that saves something: the best of a block of lists, block after block; limits come after the last list.
    fn entering(&mut self) -> Option<Entering> {
        let graduates = self.market.graduates();
        let total = graduates + self.full.len();
        let (mut left, mut best, mut found) = (total, 0, (0, NONE));
        while left > 0 && best == 0 {
            let end = total.min(self.look + BLOCK_LISTS.min(left));
            for graduate in self.look..end.min(graduates) {
                let (saving, arc) = self.list_saving(graduate);
                if saving > best {
                    (best, found) = (saving, (graduate, arc));
                }
            }
            for place in self.look.max(graduates)..end {
                let saving = self.limit_saving(place - graduates);
                if saving > best {
                    (best, found) = (saving, (place - graduates, LIMIT));
                }
            }
            left -= end - self.look;
            self.look = if end == total { 0 } else { end };
        }
        let (at, arc) = found;
        let (from, to, full) = match arc {
            NONE => return None,
            LIMIT => (at as u32, self.within(at as u32), self.full[at]),
            UNPLACED => (self.node_of(at), self.root, false),
            application => (self.node_of(at), self.wishes[application as usize].place, false),
        };
        Some(Entering { from, to, arc, saving: best, full })
    }

    /// Gives the arc of a graduate that saves most, and how much.
    fn list_saving(&self, graduate: usize) -> (i64, u32) {
        let list = self.market.list(graduate);
        let (mut most, mut arc) = (0, UNPLACED);
        for (wish, at) in self.wishes[list.clone()].iter().zip(list.start as u32..) {
            let worth = self.worth(*wish);
            if worth > most {
                (most, arc) = (worth, at);
            }
        }
        let value = match self.nodes[self.node_of(graduate) as usize].arc {
            UNPLACED => 0,
            application => self.worth(self.wishes[application as usize]),
        };
        (most - value, arc)
    }

    fn worth(&self, wish: Wish) -> i64 {
        i64::from(wish.weight) - self.price[wish.place as usize]
    }

    fn limit_saving(&self, place: usize) -> i64 {
        let saving = self.price[place] - self.price[self.within(place as u32) as usize] + self.bonus(place);
        if self.full[place] { -saving } else { saving }
    }

    /// Sends as much as possible around the cycle that an arc closes with the tree, and lets the arc that stops it leave.
    fn pivot(&mut self, entering: Entering) {
        let Entering { from, to, arc, saving, full } = entering;
        if from > self.root && self.nodes[from as usize].first_child == NONE {
            let Node { parent, arc, flow, .. } = self.nodes[from as usize];
            self.hang(from, parent, arc, flow);
        }
        let (first, second) = if full { (to, from) } else { (from, to) };
        let apex = self.apex(first, second);
        let most = if arc == LIMIT { self.market.places[from as usize].most } else { u32::MAX };
        let (mut amount, mut leaving) = (most, (NONE, first, second));
        let mut node = first;
        while node != apex {
            let room = self.room(node, false);
            if room < amount {
                (amount, leaving) = (room, (node, first, second));
            }
            node = self.nodes[node as usize].parent;
        }
        node = second;
        while node != apex {
            let room = self.room(node, true);
            if room <= amount {
                (amount, leaving) = (room, (node, second, first));
            }
            node = self.nodes[node as usize].parent;
        }
        if amount > 0 {
            self.send(first, apex, amount, false);
            self.send(second, apex, amount, true);
        }
        let (cut, inner, outer) = leaving;
        if cut == NONE {
            self.full[from as usize] = !full;
            return;
        }
        let gone = self.nodes[cut as usize];
        if gone.arc == LIMIT {
            let lower = if self.is_upward(cut) { cut } else { gone.parent } as usize;
            self.full[lower] = gone.flow == self.market.places[lower].most;
        }
        self.rehang(cut, inner, outer, (arc, if full { most - amount } else { amount }));
        let dearer = if arc == LIMIT { (inner == from) == full } else { inner == to };
        self.reprice(inner, if dearer { saving } else { -saving });
        for end in [cut, gone.parent] {
            if end > self.root && self.nodes[end as usize].first_child == NONE {
                self.unhang(end);
            }
        }
    }

    fn apex(&self, mut one: u32, mut other: u32) -> u32 {
        while one != other {
            let (a, b) = (&self.nodes[one as usize], &self.nodes[other as usize]);
            if a.depth >= b.depth {
                one = a.parent;
            } else {
                other = b.parent;
            }
        }
        one
    }

    /// Tells whether the arc of a node leads to its parent, not from it.
    fn is_upward(&self, node: u32) -> bool {
        let Node { parent, arc, .. } = self.nodes[node as usize];
        node > self.root || (arc == LIMIT && self.within(node) == parent)
    }

    /// Gives how much more can flow from a node to its parent, or down from the parent.
    fn room(&self, node: u32, up: bool) -> u32 {
        let Node { parent, arc, flow, .. } = self.nodes[node as usize];
        let upward = self.is_upward(node);
        match arc {
            _ if upward != up => flow,
            LIMIT => self.market.places[if upward { node } else { parent } as usize].most - flow,
            _ => u32::MAX,
        }
    }

    fn send(&mut self, mut node: u32, apex: u32, amount: u32, up: bool) {
        while node != apex {
            let along = self.is_upward(node) == up;
            let own = &mut self.nodes[node as usize];
            own.flow = if along { own.flow + amount } else { own.flow - amount };
            node = own.parent;
        }
    }

    /// Hangs the part of the tree below `cut` to `outer` by its node `inner`; `new` is the arc there and what flows on it.
    fn rehang(&mut self, cut: u32, inner: u32, outer: u32, new: (u32, u32)) {
        let (mut node, mut parent, (mut arc, mut flow)) = (inner, outer, new);
        loop {
            let old = self.nodes[node as usize];
            self.unhang(node);
            self.hang(node, parent, arc, flow);
            if node == cut {
                return;
            }
            (parent, arc, flow) = (node, old.arc, old.flow);
            node = old.parent;
        }
    }

    /// Moves the prices below and at a node, and counts depths anew.
    fn reprice(&mut self, top: u32, shift: i64) {
        let mut node = top;
        loop {
            if node <= self.root {
                self.price[node as usize] += shift;
            }
            let Node { first_child, depth, .. } = self.nodes[node as usize];
            if first_child != NONE {
                node = first_child;
                self.nodes[node as usize].depth = depth + 1;
                continue;
            }
            while node != top && self.nodes[node as usize].next == NONE {
                node = self.nodes[node as usize].parent;
            }
            if node == top {
                return;
            }
            let Node { next, depth, .. } = self.nodes[node as usize];
            node = next;
            self.nodes[node as usize].depth = depth;
        }
    }

    fn unhang(&mut self, node: u32) {
        let Node { parent, next, previous, .. } = self.nodes[node as usize];
        match previous {
            NONE => self.nodes[parent as usize].first_child = next,
            _ => self.nodes[previous as usize].next = next,
        }
        if next != NONE {
            self.nodes[next as usize].previous = previous;
        }
    }

    fn hang(&mut self, node: u32, parent: u32, arc: u32, flow: u32) {
        let above = &mut self.nodes[parent as usize];
        let (depth, first) = (above.depth + 1, std::mem::replace(&mut above.first_child, node));
        if first != NONE {
            self.nodes[first as usize].previous = node;
        }
        let own = &mut self.nodes[node as usize];
        (own.parent, own.arc, own.flow, own.depth, own.next, own.previous) = (parent, arc, flow, depth, first, NONE);
    }
}
