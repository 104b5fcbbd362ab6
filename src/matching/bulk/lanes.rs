//! How are many graduates counted at once? Side by side: lane `l` of every row belongs to graduate `l` of the batch, so that
//! one pass over a vacancy's skills counts it for all of them. Plain arrays and loops of fixed length, which the compiler
//! turns into vector instructions. Everything fits in 16 bits: coverage is at most 128 × 255.

#![expect(clippy::indexing_slicing, reason = "arrays of fixed length, and row numbers that were given out with the rows")]

/// The need that no coverage reaches.
pub const NEVER: i16 = i16::MAX;
/// The row of the skills that nobody in the batch has.
const NOBODY: u16 = 0;

/// What the graduates of a batch earn for each skill.
pub struct Credits<const L: usize> {
    /// For each skill its row.
    row_of: Vec<u16>,
    rows: Vec<[u8; L]>,
    /// The skills that somebody has.
    held: Vec<u16>,
}

impl<const L: usize> Credits<L> {
    /// Makes room for so many skills.
    pub fn new(skills: usize) -> Self {
        Self { row_of: vec![NOBODY; skills], rows: vec![[0; L]], held: Vec::new() }
    }

    /// Sets what a lane earns for a skill.
    pub fn set(&mut self, lane: usize, skill: u16, credit: u8) {
        let row = &mut self.row_of[usize::from(skill)];
        if *row == NOBODY {
            *row = u16::try_from(self.rows.len()).unwrap_or(NOBODY);
            self.rows.push([0; L]);
            self.held.push(skill);
        }
        self.rows[usize::from(*row)][lane] = credit;
    }

    /// Bounds each skill for the whole batch: the most that any lane earns, a lane's credit counting the less the more
    /// coverage it still needs; `shares` are in 1/256 of `need_least / need`, rounded up, 0 for lanes that are out.
    pub fn bounds<'a>(&'a self, shares: &'a [u16; L]) -> impl Iterator<Item = (u16, i16)> + 'a {
        self.held.iter().filter_map(|skill| {
            let row = &self.rows[usize::from(self.row_of[usize::from(*skill)])];
            let mut most = [0_i16; 16];
            if L >= 16 {
                for (row, shares) in row.chunks_exact(16).zip(shares.chunks_exact(16)) {
                    for l in 0..16 {
                        let scaled = ((u16::from(row[l]) * shares[l] + 255) >> 8).cast_signed();
                        most[l] = most[l].max(scaled);
                    }
                }
            } else {
                for l in 0..L {
                    most[l] = most[l].max(((u16::from(row[l]) * shares[l] + 255) >> 8).cast_signed());
                }
            }
            let most = most.iter().copied().max().unwrap_or(0);
            (most > 0).then_some((*skill, most))
        })
    }

    /// Sums the coverage of one vacancy for every lane.
    #[inline]
    pub fn coverage(&self, skills: &[(u16, u8)]) -> [i16; L] {
        let mut sums = [0_i16; L];
        for (skill, weight) in skills {
            let row = &self.rows[usize::from(self.row_of[usize::from(*skill)])];
            let weight = i16::from(*weight);
            for l in 0..L {
                sums[l] = sums[l].wrapping_add(i16::from(row[l]).wrapping_mul(weight));
            }
        }
        sums
    }
}

/// Whether any lane has what it needs.
#[inline]
pub fn any<const L: usize>(sums: &[i16; L], needs: &[i16; L]) -> bool {
    let mut found = 0_i16;
    for l in 0..L {
        found |= i16::from(sums[l] >= needs[l]);
    }
    found != 0
}
