//! How do the vacancies spread over a thing? Facets are columns of small numbers; each number has its bucket.

use serde::Serialize;

use crate::error::{Error, Refusal, Result};
use crate::lexicon::{AreaCode, Education, EmploymentType, Lexicon, Skill};
use crate::search::schema::Column;

/// How many values a facet names.
const VALUES_MAX: usize = 50;
/// How many cities the four leading digits of GB/T 2260 can name.
const CITIES: usize = 10_000;
/// What is cut off an area code to have its city.
const BELOW_CITY: u64 = 100;
/// Where the steps of the pay begin, in yuan a month.
const PAY_STEPS: [u64; 11] = [0, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000, 15_000, 20_000, 30_000];
/// More concepts than the taxonomy will have.
const CONCEPTS_MAX: usize = 4_096;

/// One value of a facet.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FacetValue {
    value: String,
    label: String,
    count: u64,
}

/// A thing over which vacancies spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// The city.
    City,
    /// The skill.
    Skill,
    /// The category of the craft.
    Craft,
    /// The education asked for.
    Education,
    /// The form of employment.
    Kind,
    /// The most that is paid, in steps; adding up all steps from one on gives what `salary_min` finds.
    Salary,
}

impl Facet {
    /// Reads the name of a facet.
    pub fn parse(name: &str) -> Option<Facet> {
        match name {
            "city" => Some(Facet::City),
            "skill" => Some(Facet::Skill),
            "craft" => Some(Facet::Craft),
            "education" => Some(Facet::Education),
            "employment_type" => Some(Facet::Kind),
            "salary" => Some(Facet::Salary),
            _ => None,
        }
    }

    /// Reads names with commas between them; one that is not known is refused.
    pub fn read_list(names: &str) -> Result<Vec<Facet>> {
        let mut facets: Vec<Facet> = Vec::new();
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let unknown = || Refusal::new("/facets", "bad_facet", "没有这个分面", format!("no such facet: {name}"));
            let facet = Facet::parse(name).ok_or_else(|| Error::Malformed(unknown()))?;
            if !facets.contains(&facet) {
                facets.push(facet);
            }
        }
        Ok(facets)
    }

    /// Gives the name, which is also that of its filter.
    pub fn name(self) -> &'static str {
        match self {
            Facet::City => "city",
            Facet::Skill => "skill",
            Facet::Craft => "craft",
            Facet::Education => "education",
            Facet::Kind => "employment_type",
            Facet::Salary => "salary",
        }
    }

    /// Gives the column that it counts.
    pub fn column(self) -> Column {
        match self {
            Facet::City => Column::Area,
            Facet::Skill => Column::Skill,
            Facet::Craft => Column::Craft,
            Facet::Education => Column::Education,
            Facet::Kind => Column::Kind,
            Facet::Salary => Column::PayMax,
        }
    }

    /// Gives the number of buckets.
    pub fn buckets(self) -> usize {
        match self {
            Facet::City => CITIES,
            Facet::Skill | Facet::Craft => CONCEPTS_MAX,
            Facet::Education => Education::ALL.len(),
            Facet::Kind => EmploymentType::ALL.len(),
            Facet::Salary => PAY_STEPS.len(),
        }
    }

    /// Gives the bucket of a value.
    pub fn bucket(self, value: u64) -> Option<usize> {
        match self {
            Facet::City => usize::try_from(value / BELOW_CITY).ok(),
            Facet::Salary => PAY_STEPS.partition_point(|step| *step <= value).checked_sub(1),
            _ => usize::try_from(value).ok(),
        }
    }

    /// Names the buckets that hold something, the fullest first; pay in its own order.
    pub fn values(self, spread: &[u64], lexicon: &Lexicon) -> Vec<FacetValue> {
        let concepts: Vec<&Skill> = lexicon.skills.iter().collect();
        let counted = spread.iter().enumerate().filter(|(_, count)| **count > 0);
        let mut values: Vec<FacetValue> = counted
            .filter_map(|(bucket, count)| {
                let (value, label) = self.label(bucket, lexicon, &concepts)?;
                Some(FacetValue { value, label, count: *count })
            })
            .collect();
        if self != Facet::Salary {
            values.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.value.cmp(&right.value)));
        }
        values.truncate(VALUES_MAX);
        values
    }

    fn label(self, bucket: usize, lexicon: &Lexicon, concepts: &[&Skill]) -> Option<(String, String)> {
        Some(match self {
            Facet::City => {
                let code = format!("{bucket:04}00");
                let name = AreaCode::parse(&code).and_then(|code| lexicon.places.get(&code)).map(|area| area.name.clone());
                (code.clone(), name.unwrap_or(code))
            }
            Facet::Skill | Facet::Craft => concepts.get(bucket).map(|skill| (skill.id.clone(), skill.name.clone()))?,
            Facet::Education => {
                let level = *Education::ALL.get(bucket)?;
                (level.as_str().to_owned(), lexicon.education.label(level).0.to_owned())
            }
            Facet::Kind => EmploymentType::ALL.get(bucket).map(|kind| (kind.as_str().to_owned(), kind.as_str().to_owned()))?,
            Facet::Salary => {
                let from = PAY_STEPS.get(bucket)?;
                let label = PAY_STEPS.get(bucket + 1).map_or(format!("{from}以上"), |next| format!("{from}—{}", next - 1));
                (from.to_string(), label)
            }
        })
    }
}
