//! In how few rounds can everybody meet everybody they wish to meet? Edge colouring of a bipartite multigraph in exactly as
//! many colours as the busiest party has edges (König 1916), by flipping alternating paths (Kempe chains).
#![expect(clippy::indexing_slicing, reason = "parties and rounds are counted before the tables are made")]

/// Who meets whom: a graduate and an employer.
pub type Meeting = (usize, usize);

/// No meeting.
const NOBODY: usize = usize::MAX;

/// Gives every meeting a round so that nobody is in two places: employers hold `interviewers` meetings in a round. Uses as
/// many rounds as the busiest party needs, the least possible, and says how many.
pub fn rounds(meetings: &[Meeting], graduates: usize, interviewers: &[usize]) -> (Vec<usize>, usize) {
    // Every interviewer is a node of its own; an employer's meetings are dealt out to them in turn.
    let mut first = Vec::new();
    let mut nodes = graduates;
    for count in interviewers {
        first.push(nodes);
        nodes += count.max(&1);
    }
    let mut dealt = vec![0; interviewers.len()];
    let mut degree = vec![0; nodes];
    let mut edges = Vec::new();
    for &(graduate, employer) in meetings {
        let desk = first[employer] + dealt[employer] % interviewers[employer].max(1);
        dealt[employer] += 1;
        (degree[graduate], degree[desk]) = (degree[graduate] + 1, degree[desk] + 1);
        edges.push((graduate, desk));
    }
    let most = degree.into_iter().max().unwrap_or(0);
    let mut colouring = Colouring { edges, rounds: most, at: vec![NOBODY; nodes * most], round: vec![0; meetings.len()] };
    for edge in 0..meetings.len() {
        colouring.insert(edge);
    }
    (colouring.round, most)
}

struct Colouring {
    edges: Vec<(usize, usize)>,
    rounds: usize,
    /// The edge of a node in a round, at `node · rounds + round`.
    at: Vec<usize>,
    round: Vec<usize>,
}

impl Colouring {
    fn insert(&mut self, edge: usize) {
        let (one, other) = self.edges[edge];
        let (free, wanted) = (self.free(one), self.free(other));
        if self.at[other * self.rounds + free] != NOBODY {
            self.flip(other, free, wanted);
        }
        self.put(edge, free);
    }

    /// Gives the first round in which a node is free; there is one as long as it has an edge without a round.
    fn free(&self, node: usize) -> usize {
        let row = &self.at[node * self.rounds..(node + 1) * self.rounds];
        row.iter().position(|edge| *edge == NOBODY).unwrap_or(0)
    }

    /// Exchanges two rounds along the path that leaves a node in the first of them. In a bipartite graph the path cannot end
    /// at the other side's node that is free in the first round.
    fn flip(&mut self, node: usize, first: usize, second: usize) {
        let mut path = Vec::new();
        let (mut node, mut round) = (node, first);
        loop {
            let edge = self.at[node * self.rounds + round];
            if edge == NOBODY {
                break;
            }
            path.push(edge);
            let (one, other) = self.edges[edge];
            (node, round) = (if node == one { other } else { one }, first + second - round);
        }
        for &edge in &path {
            let (one, other) = self.edges[edge];
            let round = self.round[edge];
            self.at[one * self.rounds + round] = NOBODY;
            self.at[other * self.rounds + round] = NOBODY;
        }
        for edge in path {
            self.put(edge, first + second - self.round[edge]);
        }
    }

    fn put(&mut self, edge: usize, round: usize) {
        let (one, other) = self.edges[edge];
        self.round[edge] = round;
        self.at[one * self.rounds + round] = edge;
        self.at[other * self.rounds + round] = edge;
    }
}
