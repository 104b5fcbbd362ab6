//! What is a pair worth? Whole numbers throughout, so that every way to count gives the same to the last bit.
//!
//! `score = factor × (coverage + base + sure × [class is sure] + paid × [paid ≥ wished] + welcome × [same sector])`
//! `      + step × (4 − clamp((wished − paid) / 500, 0, 4)) + major × [same sector]`
//!
//! where `coverage = Σ credit × weight` over the skills asked for (weights sum to at most 128, credits are at most 255) and
//! `factor` (at most 255) says how welcome the district is. A pair counts only when the district is wanted, the class of
//! education is admitted, and a skill is covered, unless one side is open: it need not be covered. The order is score down,
//! id up.

/// The most that the weights of a vacancy, its base and the terms inside the brackets may sum to, in units of a full
/// credit.
pub const WEIGHT_SUM: u32 = 128;
/// One step of pay below the wish, in yuan a month.
const SALARY_STEP_YUAN: i32 = 500;
/// The steps after which pay adds nothing.
pub const SALARY_STEPS: i64 = 4;

/// What the terms beside coverage and place are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms {
    /// One step of pay.
    pub salary_step: i64,
    /// A vacancy in the sector of the major.
    pub major: i64,
    /// An education known to suffice; counts like coverage.
    pub sure: u16,
    /// Pay as wished; counts like coverage.
    pub paid: u16,
    /// A vacancy in the own sector; counts like coverage.
    pub welcome: u16,
    /// What a full credit is where more than skills stands in the brackets; otherwise 0.
    pub whole: u8,
}

/// What a graduate brings to a score beside skills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wish {
    /// The pay wished for, in yuan a month; below 0 when there is no wish.
    pub salary: i32,
    /// The sector of the major.
    pub sector: u16,
    /// The classes of education that are met for sure, a bit each.
    pub sure: u16,
}

impl Terms {
    /// The most that is added outside the brackets.
    pub fn outside(&self) -> i64 {
        self.salary_step * SALARY_STEPS + self.major
    }

    /// The most that is added inside the brackets beside coverage and base.
    pub fn inside(&self) -> u16 {
        self.sure + self.paid + self.welcome
    }

    /// Scores a pair that counts: `counted` is coverage and base.
    #[inline]
    pub fn score(&self, counted: u32, factor: u8, wish: &Wish, (class, paid, sector): (u8, i32, u16)) -> i64 {
        let sure = if wish.sure >> class & 1 == 1 { self.sure } else { 0 };
        let enough = if paid >= wish.salary { self.paid } else { 0 };
        let short = (wish.salary.saturating_sub(paid) / SALARY_STEP_YUAN).clamp(0, 4);
        let (major, welcome) = if wish.sector == sector { (self.major, self.welcome) } else { (0, 0) };
        let inside = (counted + u32::from(sure) + u32::from(enough) + u32::from(welcome)) * u32::from(factor);
        i64::from(inside) + self.salary_step * (SALARY_STEPS - i64::from(short)) + major
    }

    /// Scores any pair; none when it does not count. `district` is where the vacancy is.
    pub fn pair(&self, query: &Query, district: u16, vacancy: &VacancyItem) -> Option<i64> {
        let factor = query.factors.get(usize::from(district)).copied().flatten()?;
        let coverage = query.coverage(&vacancy.skills);
        let named = !query.open && !vacancy.open;
        if query.admits >> vacancy.class & 1 == 0 || (named && coverage == 0) {
            return None;
        }
        let counted = coverage + u32::from(vacancy.base.cast_unsigned());
        Some(self.score(counted, factor, &query.wish, (vacancy.class, vacancy.paid, vacancy.sector)))
    }
}

/// A vacancy as the kernel sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VacancyItem {
    /// Its number; the lower one wins a tie.
    pub id: u32,
    /// The skills asked for and their weights.
    pub skills: Vec<(u16, u8)>,
    /// Whether none of them need be covered.
    pub open: bool,
    /// The class of education, below 16.
    pub class: u8,
    /// What counts for everybody, not below 0.
    pub base: i16,
    /// The most that is paid, in yuan a month; -1 when it is not known.
    pub paid: i32,
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
    /// Whether no skill need be covered.
    pub open: bool,
    /// How welcome each district is; none where one would not work.
    pub factors: Vec<Option<u8>>,
    /// The classes of education that are not out of reach, a bit each.
    pub admits: u16,
    /// The rest.
    pub wish: Wish,
    /// Whom to count beside: those alike share their work. Never changes a result.
    pub kin: (u16, u32),
}

impl Query {
    /// The same graduate without any wish for a place.
    pub fn anywhere(self) -> Query {
        let factors = vec![Some(u8::MAX); self.factors.len()];
        Query { factors, ..self }
    }

    /// Sums the coverage of a vacancy.
    pub fn coverage(&self, skills: &[(u16, u8)]) -> u32 {
        let credit = |skill: u16| {
            let found = self.credits.binary_search_by_key(&skill, |(asked, _)| *asked).ok();
            found.and_then(|at| self.credits.get(at)).map_or(0, |(_, credit)| u32::from(*credit))
        };
        skills.iter().map(|(skill, weight)| credit(*skill) * u32::from(*weight)).sum()
    }

    /// The most that can stand in the brackets.
    pub fn reach(&self, terms: &Terms) -> i64 {
        let most = self.credits.iter().map(|(_, credit)| *credit).max().unwrap_or(0).max(terms.whole);
        i64::from(most) * i64::from(WEIGHT_SUM)
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
