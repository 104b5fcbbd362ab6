//! Which profile do the files of `match-batch` have? `match-a/1`: one JSON object with the taxonomy, the districts, the
//! vacancies and the graduates, everything in whole numbers. [`Instance::parse`] refuses what the kernel could not count
//! with; afterwards every id is a place in its list.
//!
//! `credit[s]` is the best that an own skill earns for an asked skill `s`: its level where it is the same, `narrower/256`
//! of it where `s` is broader, `broader/256` where `s` is narrower, `sibling/256` where both have one parent.
//! `factor` is the best over the wished districts of the table's factor, the second and third wish discounted.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::score::{Query, Terms, VacancyItem, WEIGHT_SUM, Wish};

/// What a file must call itself.
const FORMAT: &str = "match-a/1";
/// The most skills, districts and sectors that the packed lists can tell apart.
const NAMES_MAX: usize = 60_000;
/// The highest id of a vacancy or graduate.
const ID_MAX: u32 = (1 << 24) - 1;
/// The highest rank of education.
const EDUCATION_MAX: u8 = 7;
/// The most that is paid, in yuan a month, and the most that the two terms may add.
const AMOUNT_MAX: i32 = 1 << 22;

/// What makes a file unusable, and where.
#[derive(Debug, thiserror::Error)]
pub enum BadInstance {
    /// It is not such a JSON object.
    #[error("not a match-a/1 object: {0}")]
    Json(#[from] serde_json::Error),
    /// A value is out of its bounds.
    #[error("{0}: {1}")]
    Value(String, &'static str),
}

/// The factors of the score.
#[derive(Debug, Clone, Deserialize)]
pub struct Constants {
    /// What a narrower own skill earns, in 1/256.
    pub narrower: u32,
    /// What a broader one earns.
    pub broader: u32,
    /// What a sibling earns.
    pub sibling: u32,
    /// What the first, second … wished district keeps of its factor, in 1/256.
    pub pref: Vec<u32>,
    /// The score of pay as wished or better.
    pub salary_bonus: i64,
    /// The score of a vacancy of the major's sector.
    pub major_bonus: i64,
    /// How many vacancies each graduate gets.
    pub k: usize,
}

#[derive(Debug, Clone, Deserialize)]
struct Skill {
    broader: i32,
}

#[derive(Debug, Clone, Deserialize)]
struct Vacancy {
    id: u32,
    skills: Vec<(u16, u8)>,
    district: u16,
    min_edu: u8,
    sal_max: i32,
    days_left: i32,
    sector: u16,
}

#[derive(Debug, Clone, Deserialize)]
struct Graduate {
    id: u32,
    skills: Vec<(u16, u8)>,
    districts: Vec<u16>,
    edu: u8,
    salary: i32,
    major: usize,
}

#[derive(Debug, Deserialize)]
struct File {
    format: String,
    constants: Constants,
    skills: Vec<Skill>,
    districts: Vec<District>,
    factor: Vec<Vec<u8>>,
    major_sector: Vec<u16>,
    vacancies: Vec<Vacancy>,
    graduates: Vec<Graduate>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct District {
    city: u16,
}

/// A file as read: what the kernel needs, nothing else.
#[derive(Debug)]
pub struct Instance {
    /// The terms of the score.
    pub terms: Terms,
    /// How many skills there are.
    pub skills: usize,
    /// The region of each district: its city.
    pub regions: Vec<u16>,
    /// How many each graduate gets.
    pub k: usize,
    /// The live vacancies with their districts.
    pub vacancies: Vec<(u16, VacancyItem)>,
    /// The graduates.
    pub graduates: Vec<Query>,
}

impl Instance {
    /// Reads a file and checks every number that the kernel counts with.
    pub fn parse(bytes: &[u8]) -> Result<Instance, BadInstance> {
        let file: File = serde_json::from_slice(bytes)?;
        check(file.format == FORMAT, "/format", "not match-a/1")?;
        let world = World::new(&file)?;
        let mut vacancies = Vec::with_capacity(file.vacancies.len());
        for vacancy in file.vacancies {
            world.check_vacancy(&vacancy)?;
            let Vacancy { id, skills, district, min_edu, sal_max, days_left, sector } = vacancy;
            if days_left >= 0 {
                vacancies.push((
                    district,
                    VacancyItem { id, open: skills.is_empty(), skills, class: min_edu, base: 0, paid: sal_max, sector },
                ));
            }
        }
        let graduates = file.graduates.into_iter().map(|graduate| world.query(graduate)).collect::<Result<_, _>>()?;
        let Constants { salary_bonus, major_bonus, k, .. } = world.constants;
        let terms = Terms { salary_step: salary_bonus / 4, major: major_bonus, ..Terms::default() };
        Ok(Instance {
            terms,
            skills: world.broader.len(),
            regions: world.districts.iter().map(|district| district.city).collect(),
            k,
            vacancies,
            graduates,
        })
    }
}

fn check(fine: bool, at: impl Into<String>, why: &'static str) -> Result<(), BadInstance> {
    if fine { Ok(()) } else { Err(BadInstance::Value(at.into(), why)) }
}

/// What all vacancies and graduates of a file share.
struct World {
    constants: Constants,
    broader: Vec<Option<u16>>,
    narrower: Vec<Vec<u16>>,
    districts: Vec<District>,
    factor: Vec<Vec<u8>>,
    major_sector: Vec<u16>,
}

impl World {
    fn new(file: &File) -> Result<World, BadInstance> {
        let (skills, districts) = (file.skills.len(), file.districts.len());
        check(skills <= NAMES_MAX && districts <= NAMES_MAX, "/skills", "too many skills or districts")?;
        let square = file.factor.len() == districts && file.factor.iter().all(|row| row.len() == districts);
        check(square, "/factor", "not a square of the districts")?;
        let Constants { narrower, broader, sibling, pref, salary_bonus, major_bonus, k } = &file.constants;
        let parts = [narrower, broader, sibling].into_iter().chain(pref).all(|part| *part <= 256);
        check(parts, "/constants", "a share is over 256/256")?;
        let bonuses = [salary_bonus, major_bonus].into_iter().all(|bonus| (0..i64::from(AMOUNT_MAX)).contains(bonus));
        check(bonuses && *k > 0, "/constants", "a bonus or k is out of bounds")?;
        let mut children = vec![Vec::new(); skills];
        let mut parents = Vec::with_capacity(skills);
        for (id, skill) in file.skills.iter().enumerate() {
            let parent = u16::try_from(skill.broader).ok();
            check(
                skill.broader == -1 || parent.is_some_and(|p| usize::from(p) < skills),
                format!("/skills/{id}"),
                "no such parent",
            )?;
            if let Some(siblings) = parent.and_then(|p| children.get_mut(usize::from(p))) {
                siblings.push(u16::try_from(id).unwrap_or(u16::MAX));
            }
            parents.push(parent);
        }
        Ok(World {
            constants: file.constants.clone(),
            broader: parents,
            narrower: children,
            districts: file.districts.clone(),
            factor: file.factor.clone(),
            major_sector: file.major_sector.clone(),
        })
    }

    fn check_vacancy(&self, vacancy: &Vacancy) -> Result<(), BadInstance> {
        let Vacancy { id, skills, district, min_edu, sal_max, sector, .. } = vacancy;
        let at = || format!("/vacancies/{id}");
        check(*id <= ID_MAX, at(), "the id is too high")?;
        check(skills.iter().all(|(skill, _)| usize::from(*skill) < self.broader.len()), at(), "no such skill")?;
        let sum: u32 = skills.iter().map(|(_, weight)| u32::from(*weight)).sum();
        check(sum <= WEIGHT_SUM, at(), "the weights exceed 128")?;
        check(usize::from(*district) < self.districts.len(), at(), "no such district")?;
        check(*min_edu <= EDUCATION_MAX && usize::from(*sector) < NAMES_MAX, at(), "no such education or sector")?;
        check((0..AMOUNT_MAX).contains(sal_max), at(), "the pay is out of bounds")
    }

    /// Folds the taxonomy and the wished districts into the query.
    fn query(&self, graduate: Graduate) -> Result<Query, BadInstance> {
        let Graduate { id, skills, districts, edu, salary, major } = graduate;
        let at = || format!("/graduates/{id}");
        check(id <= ID_MAX && edu <= EDUCATION_MAX && (0..AMOUNT_MAX).contains(&salary), at(), "a number is out of bounds")?;
        let sector = self.major_sector.get(major).copied().filter(|sector| usize::from(*sector) < NAMES_MAX);
        let sector = sector.ok_or_else(|| BadInstance::Value(at(), "no such major"))?;
        let (mut credits, mut families) = (BTreeMap::new(), BTreeMap::new());
        for (skill, level) in skills {
            check(usize::from(skill) < self.broader.len(), at(), "no such skill")?;
            let family = self.broader.get(usize::from(skill)).copied().flatten().unwrap_or(skill);
            *families.entry(family).or_insert(0) += u32::from(level);
            for (asked, share) in self.relatives(skill) {
                let credit = u8::try_from(u32::from(level) * share / 256).unwrap_or(u8::MAX);
                let best: &mut u8 = credits.entry(asked).or_default();
                *best = credit.max(*best);
            }
        }
        let mut factors = vec![Some(0_u8); self.districts.len()];
        for (district, share) in districts.iter().zip(&self.constants.pref) {
            let row = self.factor.get(usize::from(*district)).ok_or_else(|| BadInstance::Value(at(), "no such district"))?;
            for (best, factor) in factors.iter_mut().zip(row) {
                *best = Some(u8::try_from(u32::from(*factor) * share / 256).unwrap_or(u8::MAX)).max(*best);
            }
        }
        let credits: Vec<(u16, u8)> = credits.into_iter().filter(|(_, credit)| *credit > 0).collect();
        let wish = Wish { salary, sector, sure: 0 };
        Ok(Query {
            id,
            open: credits.is_empty(),
            credits,
            factors,
            admits: (2 << edu) - 1,
            wish,
            kin: (sector, strongest_two(families)),
        })
    }

    /// The skills that an own skill speaks for, each with its share in 1/256.
    fn relatives(&self, own: u16) -> Vec<(u16, u32)> {
        let Constants { narrower, broader, sibling, .. } = self.constants;
        let children = |of: u16| self.narrower.get(usize::from(of)).map_or(&[][..], Vec::as_slice);
        let mut found = vec![(own, 256)];
        if let Some(parent) = self.broader.get(usize::from(own)).copied().flatten() {
            found.push((parent, narrower));
            found.extend(children(parent).iter().filter(|other| **other != own).map(|other| (*other, sibling)));
        }
        found.extend(children(own).iter().map(|child| (*child, broader)));
        found
    }
}

/// The two families of skills with the highest sums of levels: who shares them looks for the same vacancies.
fn strongest_two(families: BTreeMap<u16, u32>) -> u32 {
    let mut families: Vec<(u16, u32)> = families.into_iter().collect();
    families.sort_by_key(|(family, sum)| Reverse((*sum, *family)));
    let family = |at: usize| families.get(at).map_or(0, |(family, _)| u32::from(*family));
    family(0) << 16 | family(1)
}
