//! What does a vacancy ask for, as far as matching looks? Read once from its content when it goes live.

use chrono::NaiveDate;
use serde::Serialize;

use crate::lexicon::{AreaCode, Education, GradeDemand, GradeOf, Lexicon, SkillGrade};
use crate::matching::weights::Weights;
use crate::vacancies::{Content, SkillNeed};

/// Which grades may stand in for which degrees: of any other pair the wording is not understood.
const STAND_INS: &[(Education, [u8; 3])] = &[
    (Education::SeniorSecondary, [4, 3, 3]),
    (Education::SecondaryVocational, [4, 3, 3]),
    (Education::College, [4, 3, 2]),
    (Education::Bachelor, [3, 2, 1]),
];

/// A skill that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The id of the concept.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is needed, or would be welcome.
    pub essential: bool,
    /// The least grade of it.
    pub grade: Option<SkillGrade>,
}

/// A certificate that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CertificateAsked {
    /// The occupation; none where the vacancy does not say which.
    pub occupation: Option<String>,
    /// The least grade, 5 (初级工) to 1 (高级技师).
    #[schema(value_type = u8)]
    pub grade: SkillGrade,
    /// Whether it is needed, or would be welcome.
    #[serde(skip)]
    pub essential: bool,
}

/// What a vacancy asks for.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The skills.
    pub skills: Vec<Asked>,
    /// A certificate.
    pub certificate: Option<CertificateAsked>,
    /// The city.
    pub city: Option<AreaCode>,
    /// The occupation.
    pub occupation: Option<String>,
    /// The least education.
    pub education: Option<Education>,
    /// The grade on a certificate that is accepted in its place.
    pub stand_in: Option<SkillGrade>,
    /// The least experience, in months.
    pub min_months: Option<u32>,
    /// Whether people fresh from school are welcome without it.
    pub fresh_welcome: bool,
    /// The most that is paid, in yuan a month.
    pub salary_max: Option<i64>,
    /// The day on which it went live.
    pub live_since: Option<NaiveDate>,
}

impl Facts {
    /// Reads a content; what it does not say stays empty.
    pub fn read(content: &Content, live_since: Option<NaiveDate>, lexicon: &Lexicon) -> Facts {
        let demands: Vec<GradeDemand> =
            [&content.title, &content.description].into_iter().flat_map(|text| lexicon.demands.read(text)).collect();
        let first = |of: GradeOf| demands.iter().find(|demand| demand.of == of);
        let (work, certificate) = (first(GradeOf::Work).filter(|demand| demand.essential), first(GradeOf::Certificate));
        let education = content.education.min.as_deref().and_then(Education::parse);
        let beside = lexicon.demands.beside_degree(&content.education.text);
        let in_place = beside.or_else(|| first(GradeOf::Degree).map(|demand| demand.grade));
        let occupation = content.occupation.as_ref().map(|occupation| occupation.code.clone());
        let asked = |need: &SkillNeed| {
            let essential = need.need == "essential";
            let grade = work.map(|demand| demand.grade).filter(|_| essential);
            Asked { id: need.id.clone(), name: need.name.clone(), essential, grade }
        };
        Facts {
            skills: content.skills.iter().map(asked).collect(),
            certificate: certificate.map(|demand| {
                let GradeDemand { grade, essential, .. } = *demand;
                CertificateAsked { occupation: occupation.clone(), grade, essential }
            }),
            city: content.place.as_ref().and_then(|place| AreaCode::parse(&place.city)),
            occupation,
            education,
            stand_in: in_place.filter(|grade| education.is_some_and(|asked| may_stand_in(asked, *grade))),
            min_months: content.experience.min_months,
            fresh_welcome: content.fresh_graduates_welcome == Some(true),
            salary_max: content.salary.max.or(content.salary.min),
            live_since,
        }
    }
}

impl Facts {
    /// Whether people fresh from school need no experience although some is asked for, or nothing is said.
    pub fn waives(&self, weights: &Weights) -> bool {
        self.fresh_welcome && self.min_months != Some(0) && !weights.is_barred(self.occupation.as_deref())
    }
}

/// Lists the degrees and the grades that may stand in for them.
pub fn stand_ins() -> impl Iterator<Item = (Education, SkillGrade)> {
    STAND_INS
        .iter()
        .flat_map(|(asked, grades)| grades.iter().filter_map(|number| Some((*asked, SkillGrade::parse(*number).ok()?))))
}

fn may_stand_in(asked: Education, grade: SkillGrade) -> bool {
    stand_ins().any(|known| known == (asked, grade))
}
