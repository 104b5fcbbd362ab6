//! Education, grades, occupations, employment, benefits, credit codes.

use jiangxin::lexicon::occupation::Edition;
use jiangxin::lexicon::{Certainty, Education, EmployerNumber, EmploymentType, Programme, Uscc, UsccError};

use super::LEXICON;

const CREDIT_CODES: &str = include_str!("../fixtures/uscc.tsv");

#[test]
fn education_wordings_name_the_least_level() {
    for (text, level, full_time) in [
        ("学历不限", "none", false),
        ("不限", "none", false),
        ("初中及以上", "junior_secondary", false),
        ("高中/中专", "senior_secondary", false),
        ("中专/技校", "secondary_vocational", false),
        ("中专及以上学历", "secondary_vocational", false),
        ("大专及以上", "college", false),
        ("高级工班以上", "college", false),
        ("预备技师班", "bachelor", false),
        ("本科或大专", "college", false),
        ("统招本科", "bachelor", true),
        ("全日制大专及以上", "college", true),
        ("非全日制本科", "bachelor", false),
        ("硕士研究生", "master", false),
        ("博士", "doctor", false),
        ("大学专科", "college", false),
        ("以内本科", "none", false),
        ("bachelor", "bachelor", false),
    ] {
        let read = LEXICON.education.parse_wording(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((read.min.as_str(), read.full_time_only), (level, full_time), "{text}");
    }
    assert_eq!(LEXICON.education.parse_wording("身体健康"), None);
}

#[test]
fn a_senior_worker_class_counts_as_college() {
    let levels = &LEXICON.education;
    assert_eq!(levels.treated_as(Programme::SeniorWorker), Education::College);
    assert_eq!(levels.treated_as(Programme::Technician), Education::Bachelor);
    let held = levels.held(Some(Education::JuniorSecondary), Some(Programme::SeniorWorker)).unwrap();
    assert!(levels.meets(held, Education::College));
    assert!(!levels.meets(held, Education::Bachelor));
    assert!(levels.meets(Education::SeniorSecondary, Education::SecondaryVocational));
    assert_eq!(levels.parse_programme("高级工班"), Some(Programme::SeniorWorker));
    assert_eq!(levels.parse_programme("预备技师班"), Some(Programme::Technician));
    assert_eq!(levels.label(Education::College), ("大专", "college"));
}

#[test]
fn codes_of_uncertain_meaning_stay_unknown() {
    let levels = &LEXICON.education;
    assert_eq!(levels.parse_code("62"), Some(Education::College));
    assert_eq!(levels.parse_code("50"), Some(Education::SecondaryVocational));
    assert_eq!(levels.parse_code("90"), None);
    assert_eq!(levels.parse_code(""), None);
}

#[test]
fn the_longest_grade_word_wins() {
    for (text, grade) in [
        ("高级技师", Some(1)),
        ("技师", Some(2)),
        ("高级工", Some(3)),
        ("三级/高级工", Some(3)),
        ("高级工（三级）", Some(3)),
        ("3级", Some(3)),
        ("Ⅲ", Some(3)),
        ("3", Some(3)),
        ("五级", Some(5)),
        ("中级工班", Some(4)),
        ("高级工程师", None),
        ("高级工艺美术师", None),
        ("无", None),
        ("", None),
    ] {
        let read = LEXICON.grades.parse(text).map(|grade| grade.number());
        assert_eq!(read, grade, "{text}");
    }
    assert!(LEXICON.grades.parse("技师") > LEXICON.grades.parse("高级工"));
}

#[test]
fn occupations_are_read_by_code_and_name() {
    let occupations = &LEXICON.occupations;
    assert_eq!(occupations.get("6-09-03-17").unwrap().name, "民间工艺品制作工");
    assert_eq!(occupations.find("风筝工")[0].code, "6-09-03-17");
    assert_eq!(occupations.search("刺绣")[0].code, "6-09-03-11");
    let by_code = occupations.read("6-09-03-17", "民间工艺品制作工").unwrap();
    assert_eq!((by_code.edition, by_code.certainty), (Some(Edition::Third), Certainty::Certain));
    let by_name = occupations.read("", "缝纫工").unwrap();
    assert_eq!((by_name.occupation.code.as_str(), by_name.certainty), ("6-05-01-03", Certainty::Likely));
    let former = occupations.read("6210501", "").unwrap();
    assert_eq!((former.occupation.code.as_str(), former.edition), ("6-09-03-11", Some(Edition::First)));
    assert!(occupations.read("9-99-99-99", "锡雕工").is_none());
    assert!(occupations.iter().count() > 1_500);
}

#[test]
fn employment_types_and_benefits_are_named() {
    for (text, kind) in [
        ("全职", Some(EmploymentType::FullTime)),
        ("非全日制", Some(EmploymentType::PartTime)),
        ("顶岗实习", Some(EmploymentType::Internship)),
        ("企业新型学徒制", Some(EmploymentType::Apprenticeship)),
        ("劳务派遣", Some(EmploymentType::Temporary)),
        ("居家绣工", Some(EmploymentType::HomeBased)),
        ("home_based", Some(EmploymentType::HomeBased)),
        ("", None),
    ] {
        assert_eq!(LEXICON.employment.parse(text), kind, "{text}");
    }
    let ids = |text| LEXICON.benefits.find(text).iter().map(|benefit| benefit.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids("五险一金 包吃住 双休"), ["social_insurance", "housing_fund", "meals", "housing", "two_days_off"]);
    assert_eq!(ids("不包吃住，无社保"), Vec::<String>::new());
}

#[test]
fn credit_codes_are_verified_as_the_table_says() {
    for line in CREDIT_CODES.lines().filter(|line| !line.starts_with('#')) {
        let (code, reading) = line.split_once('\t').unwrap();
        let found = match (Uscc::parse(code), EmployerNumber::parse(code)) {
            (Ok(_), _) => "valid",
            (_, Ok(EmployerNumber::OldRegistration(_))) => "old_registration",
            (Err(UsccError::Empty), _) => "empty",
            (Err(UsccError::Length(_)), _) => "length",
            (Err(UsccError::Character(_)), _) => "character",
            (Err(UsccError::Area), _) => "area",
            (Err(UsccError::Check { .. }), _) => "check",
            (Err(UsccError::OrganisationCheck), _) => "organisation",
        };
        assert_eq!(found, reading, "{code}");
    }
    assert!(matches!(EmployerNumber::parse("MA3FE0010"), Ok(EmployerNumber::Organisation(_))));
}
