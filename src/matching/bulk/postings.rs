//! Who has a skill? Inverted lists of one partition: for each skill the places of those who have it, with the impact.

#![expect(clippy::indexing_slicing, reason = "starts has skills + 2 entries and is filled by counting the same rows")]

/// How many bits of an entry hold the impact.
const IMPACT_BITS: u32 = 8;

/// Inverted lists.
#[derive(Debug, Clone, Default)]
pub struct Postings {
    starts: Vec<u32>,
    /// `place << 8 | impact`, by place ascending.
    entries: Vec<u32>,
}

impl Postings {
    /// Inverts rows of (skill, impact); every skill is below `skills`.
    pub fn new<'a>(skills: usize, rows: impl Iterator<Item = &'a [(u16, u8)]> + Clone) -> Postings {
        let mut starts = vec![0_u32; skills + 2];
        for (skill, _) in rows.clone().flatten() {
            starts[usize::from(*skill) + 2] += 1;
        }
        for skill in 2..starts.len() {
            starts[skill] += starts[skill - 1];
        }
        let mut entries = vec![0; starts.last().map_or(0, |end| *end).try_into().unwrap_or(0)];
        for (place, row) in (0_u32..).zip(rows) {
            for (skill, impact) in row {
                let next = &mut starts[usize::from(*skill) + 1];
                entries[usize::try_from(*next).unwrap_or(usize::MAX)] = place << IMPACT_BITS | u32::from(*impact);
                *next += 1;
            }
        }
        Postings { starts, entries }
    }

    /// Gives the places of a skill and its impact there.
    pub fn list(&self, skill: u16) -> impl Iterator<Item = (usize, u8)> {
        let at = |skill: usize| usize::try_from(self.starts[skill]).unwrap_or(usize::MAX);
        self.entries[at(usize::from(skill))..at(usize::from(skill) + 1)].iter().map(|entry| {
            let [impact, ..] = entry.to_le_bytes();
            (usize::try_from(entry >> IMPACT_BITS).unwrap_or(usize::MAX), impact)
        })
    }

    /// How many bytes it takes.
    pub fn bytes(&self) -> usize {
        (self.starts.len() + self.entries.len()) * size_of::<u32>()
    }
}
