//! How many graduates are counted at once? Side by side: lane `l` of group `g` belongs to one graduate of the batch. One pass
//! over a vacancy's skills bounds all groups, eight lanes each; another counts the lanes of one group. Plain arrays and loops
//! of fixed length, which the compiler turns into vector instructions of any width, SSE2 too. Everything fits in 16 bits:
//! what is counted is at most 128 × 255.

#![expect(clippy::indexing_slicing, reason = "arrays of fixed length, and row numbers that were given out with the rows")]

/// The need that no vacancy meets.
pub const NEVER: i16 = i16::MAX;
/// How many lanes make a group: those of one 128-bit register.
pub const GROUP: usize = 8;
/// A whole share: shares are in 1/256.
pub const WHOLE: u16 = 256;
/// The row of the skills that nobody in the batch has.
const NOBODY: u16 = 0;
/// About how many skills the graduates of a batch have: room to begin with.
const ROWS: usize = 512;

/// What the graduates of a batch earn for each skill.
pub struct Credits<const G: usize> {
    /// For each skill its row.
    row_of: Vec<u16>,
    /// What each lane earns, group by group.
    rows: Vec<[[u8; GROUP]; G]>,
    /// The same, the first lane of every group, then the second …
    across: Vec<[[u8; G]; GROUP]>,
    /// The most that a lane of each group earns, as scaled last.
    tops: Vec<[i16; G]>,
    /// The skills that somebody has, in the order of the rows.
    held: Vec<u16>,
}

impl<const G: usize> Credits<G> {
    /// Makes room for so many skills.
    pub fn new(skills: usize) -> Self {
        let (rows, across, tops) = (Vec::with_capacity(ROWS), Vec::with_capacity(ROWS), Vec::with_capacity(ROWS));
        let mut credits = Self { row_of: vec![NOBODY; skills], rows, across, tops, held: Vec::with_capacity(ROWS) };
        credits.add_row();
        credits
    }

    fn add_row(&mut self) {
        self.rows.push([[0; GROUP]; G]);
        self.across.push([[0; G]; GROUP]);
        self.tops.push([0; G]);
    }

    /// Sets what a lane of a group earns for a skill.
    pub fn set(&mut self, (group, lane): (usize, usize), skill: u16, credit: u8) {
        let mut row = usize::from(self.row_of[usize::from(skill)]);
        if row == usize::from(NOBODY) {
            row = self.rows.len();
            self.row_of[usize::from(skill)] = u16::try_from(row).unwrap_or(NOBODY);
            self.add_row();
            self.held.push(skill);
        }
        self.rows[row][group][lane] = credit;
        self.across[row][lane][group] = credit;
    }

    /// Scales what the lanes earn, so that the bounds of groups are sharp: a lane's credit counts the less the more it needs
    /// beside the one of its group that needs least. `shares` are in 1/256, rounded up, 0 for lanes that are out.
    pub fn scale(&mut self, shares: &[[u16; G]; GROUP]) {
        for (row, tops) in self.across.iter().zip(&mut self.tops) {
            let mut most = [0_i16; G];
            for (row, shares) in row.iter().zip(shares) {
                for g in 0..G {
                    most[g] = most[g].max(((u16::from(row[g]) * shares[g] + 255) >> 8).cast_signed());
                }
            }
            *tops = most;
        }
    }

    /// Bounds each skill for the whole batch: the most that a group earns, scaled by the shares of the groups.
    pub fn bounds<'a>(&'a self, shares: &'a [u16; G]) -> impl Iterator<Item = (u16, i16)> + 'a {
        self.held.iter().zip(self.tops.iter().skip(1)).filter_map(|(skill, tops)| {
            let mut most = 0_i16;
            for g in 0..G {
                most = most.max(((tops[g].cast_unsigned() * shares[g] + 255) >> 8).cast_signed());
            }
            (most > 0).then_some((*skill, most))
        })
    }

    /// Bounds what one vacancy counts for every group.
    #[inline]
    pub fn group_bounds(&self, base: i16, skills: impl Iterator<Item = (u16, u8)>) -> [i16; G] {
        let mut sums = [base; G];
        for (skill, weight) in skills {
            let row = &self.tops[usize::from(self.row_of[usize::from(skill)])];
            let weight = i16::from(weight);
            for g in 0..G {
                sums[g] = sums[g].wrapping_add(row[g].wrapping_mul(weight));
            }
        }
        sums
    }

    /// Sums what one vacancy counts for each lane of a group.
    #[inline]
    pub fn sums(&self, group: usize, base: i16, skills: impl Iterator<Item = (u16, u8)>) -> [i16; GROUP] {
        let mut sums = [base; GROUP];
        for (skill, weight) in skills {
            let row = &self.rows[usize::from(self.row_of[usize::from(skill)])][group];
            let weight = i16::from(weight);
            for l in 0..GROUP {
                sums[l] = sums[l].wrapping_add(i16::from(row[l]).wrapping_mul(weight));
            }
        }
        sums
    }
}

/// Whether any has what is needed.
#[inline]
pub fn any<const N: usize>(sums: &[i16; N], need: i16) -> bool {
    let mut found = 0_i16;
    for sum in sums {
        found |= i16::from(*sum >= need);
    }
    found != 0
}

/// Which of at most 16 have what they need: a bit each.
#[inline]
pub fn which<const N: usize>(sums: &[i16; N], needs: &[i16; N]) -> u16 {
    let mut found = 0;
    for l in 0..N {
        found |= if sums[l] >= needs[l] { 1 << l } else { 0 };
    }
    found
}
