//! What is counted? A score in whole numbers, so that every route to it gives the same bits:
//!
//! `score = coverage × factor + salary_step × (4 − clamp((wished − paid) / 500, 0, 4)) + major × [same sector]`
//!
//! where `coverage = Σ credit × weight` over the skills asked for (weights sum to at most 128, credits are at most 255) and
//! `factor` (at most 255) says how welcome the district is. A pair counts only when the coverage is above 0 and the
//! education suffices. The order is score down, id up.

/// The most that the weights of a vacancy may sum to.
pub const WEIGHT_SUM: u32 = 128;
/// One step of pay below the wish, in yuan a month.
const SALARY_STEP_YUAN: i64 = 500;
/// The steps after which pay adds nothing.
pub const SALARY_STEPS: i64 = 4;

/// What the terms beside coverage and place are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// One step of pay.
    pub salary_step: i64,
    /// A vacancy in the sector of the major.
    pub major: i64,
}

impl Terms {
    /// The most that pay can add.
    pub fn salary_most(&self) -> i64 {
        self.salary_step * SALARY_STEPS
    }

    /// Scores a pair whose coverage and factor are known.
    pub fn score(&self, coverage: u32, factor: u8, query: &Query, paid: i64, sector: u16) -> i64 {
        let short = ((query.salary - paid) / SALARY_STEP_YUAN).clamp(0, SALARY_STEPS);
        let major = if query.sector == sector { self.major } else { 0 };
        i64::from(coverage) * i64::from(factor) + self.salary_step * (SALARY_STEPS - short) + major
    }
}

/// A vacancy as the kernel sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VacancyItem {
    /// Its number; the lower one wins a tie.
    pub id: u32,
    /// The skills asked for and their weights.
    pub skills: Vec<(u16, u8)>,
    /// The least rank of education.
    pub min_education: u8,
    /// The most that is paid, in yuan a month.
    pub salary_max: i64,
    /// The sector.
    pub sector: u16,
}

/// A graduate as the kernel sees one: the taxonomy and the wished districts are folded in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Its number.
    pub id: u32,
    /// What is earned for each asked skill, ascending by skill, none 0.
    pub credits: Vec<(u16, u8)>,
    /// How welcome each district is.
    pub factors: Vec<u8>,
    /// The rank of education.
    pub education: u8,
    /// The pay wished for, in yuan a month.
    pub salary: i64,
    /// The sector of the major.
    pub sector: u16,
    /// Whom to count beside: those alike share their work. Never changes a result.
    pub kin: (u16, u32),
}

impl Query {
    /// Sums the coverage of a vacancy.
    pub fn coverage(&self, skills: &[(u16, u8)]) -> u32 {
        let credit = |skill: u16| {
            let found = self.credits.binary_search_by_key(&skill, |(asked, _)| *asked).ok();
            found.and_then(|at| self.credits.get(at)).map_or(0, |(_, credit)| u32::from(*credit))
        };
        skills.iter().map(|(skill, weight)| credit(*skill) * u32::from(*weight)).sum()
    }
}

/// One pair that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The number of the other side.
    pub id: u32,
    /// The score.
    pub score: i64,
}
