//! Which grade of skill does a vacancy ask for: of the work, on a certificate, or in place of a degree?
//!
//! Read sentence by sentence. Of several grades named the lowest is asked for. `技师` alone is a title of many trades and
//! counts only beside a certificate; schools, programmes and titles of engineers are no grades.

use super::fold::key;
use super::grade::SkillGrade;
use super::wording::Wordings;
use super::{LexiconError, Source};

/// What ends a sentence.
const ENDS: &[char] = &['。', ';', '\n', '!', '?', '；', '！', '？'];

/// What a grade is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GradeOf {
    /// The work: skills shall be of this grade.
    Work,
    /// A certificate.
    Certificate,
    /// Whoever holds a certificate of this grade needs no degree.
    Degree,
}

/// A grade that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GradeDemand {
    /// The least grade.
    pub grade: SkillGrade,
    /// What it is asked of.
    pub of: GradeOf,
    /// Whether it is needed, or would only be welcome.
    pub essential: bool,
}

/// The wordings of grades that are asked for.
pub struct GradeDemands {
    wordings: Wordings,
}

#[derive(Default)]
struct Sentence {
    grade: Option<SkillGrade>,
    titled: Option<SkillGrade>,
    certificate: bool,
    instead: bool,
    wished: bool,
    denied: bool,
}

impl Sentence {
    fn demand(self) -> Option<GradeDemand> {
        let titled = self.titled.filter(|_| self.certificate);
        let grade = self.grade.into_iter().chain(titled).min().filter(|_| !self.denied)?;
        let of = match (self.instead, self.certificate) {
            (true, _) => GradeOf::Degree,
            (false, true) => GradeOf::Certificate,
            (false, false) => GradeOf::Work,
        };
        Some(GradeDemand { grade, of, essential: !self.wished })
    }
}

impl GradeDemands {
    pub(super) fn load(sources: &[Source]) -> Result<Self, LexiconError> {
        Ok(Self { wordings: Wordings::load(sources, "grade_demand")? })
    }

    /// Reads every sentence of a text that asks for a grade.
    pub fn read(&self, text: &str) -> Vec<GradeDemand> {
        match text.contains(['级', '技', '級']) {
            true => key(text).split(ENDS).filter_map(|sentence| self.sentence(sentence).demand()).collect(),
            false => Vec::new(),
        }
    }

    /// Reads the grade that a wording of education accepts beside a degree: `大专或高级工`.
    pub fn beside_degree(&self, wording: &str) -> Option<SkillGrade> {
        self.sentence(&key(wording)).grade
    }

    fn sentence(&self, folded: &str) -> Sentence {
        let mut read = Sentence::default();
        let lower = |known: Option<SkillGrade>, grade: Option<SkillGrade>| match (known, grade) {
            (Some(known), Some(grade)) => Some(known.min(grade)),
            (known, grade) => grade.or(known),
        };
        for found in self.wordings.find(folded) {
            match found.value {
                "certificate" => read.certificate = true,
                "instead" => read.instead = true,
                "wished" => read.wished = true,
                "not" => read.denied = true,
                value => {
                    let certified = value.ends_with('c')
                        || folded.get(found.start..found.end).is_some_and(|w| w.contains("职业资格") || w.contains("技能等级"));
                    let number = value.trim_start_matches("certified:").trim_end_matches('c');
                    let grade = number.parse().ok().and_then(|number| SkillGrade::parse(number).ok());
                    read.certificate |= certified;
                    match value.starts_with("certified:") {
                        true => read.titled = lower(read.titled, grade),
                        false => read.grade = lower(read.grade, grade),
                    }
                }
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Lexicon;

    fn read(text: &str) -> Vec<(u8, GradeOf, bool)> {
        let lexicon = Lexicon::shared().unwrap();
        lexicon.demands.read(text).into_iter().map(|asked| (asked.grade.number(), asked.of, asked.essential)).collect()
    }

    #[test]
    fn a_grade_is_asked_of_the_work_of_a_certificate_or_in_place_of_a_degree() {
        for (text, expected) in [
            ("须达到高级工水平", vec![(3, GradeOf::Work, true)]),
            ("持高级工及以上职业资格证书者优先", vec![(3, GradeOf::Certificate, false)]),
            ("须有三级以上职业资格", vec![(3, GradeOf::Certificate, true)]),
            ("持技师证者，学历可放宽。会拉坯", vec![(2, GradeOf::Degree, true)]),
            ("高级工或技师均可，须持证", vec![(3, GradeOf::Certificate, true)]),
            ("持初级工证\n能独立操作", vec![(5, GradeOf::Certificate, true)]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_only_sounds_like_a_grade_is_none() {
        for text in [
            "美容技师两名",
            "招收高级工班毕业生",
            "高级工程师",
            "英语四级证书",
            "计算机二级",
            "无需高级工证书",
            "技师学院合作单位",
            "二级建造师证",
        ] {
            assert_eq!(read(text), [], "{text}");
        }
    }

    #[test]
    fn a_wording_of_education_may_accept_a_grade() {
        let lexicon = Lexicon::shared().unwrap();
        let beside = |wording: &str| lexicon.demands.beside_degree(wording).map(SkillGrade::number);
        assert_eq!(["大专或高级工", "中专/中级工以上", "大专及以上", "高级工班"].map(beside), [Some(3), Some(4), None, None]);
    }
}
