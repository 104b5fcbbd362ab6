//! Pay wordings and minimum wages.

use jiangxin::lexicon::{AreaCode, Certainty, PayUnit, SalaryFlag, SalaryParsed};

use super::LEXICON;

const WORDINGS: &str = include_str!("../fixtures/salary.tsv");

fn number(value: &str) -> Option<i64> {
    (value != "none").then(|| value.parse().unwrap())
}

fn check(wording: &str, read: &SalaryParsed, fact: &str) {
    let (name, value) = fact.split_once('=').unwrap_or((fact, ""));
    let holds = match name {
        "min" => read.min == number(value),
        "max" => read.max == number(value),
        "basic" => read.basic_min == number(value),
        "probation" => read.probation == number(value),
        "probation_percent" => read.probation_percent.map(i64::from) == number(value),
        "months" => read.months.map(i64::from) == number(value),
        "unit" => read.unit == PayUnit::parse(value),
        "flag" => read.flags.contains(&SalaryFlag::parse(value).unwrap()),
        "piece" => read.piece,
        "commission" => read.commission,
        "negotiable" => read.negotiable,
        "approximate" => read.approximate,
        "net" => read.net == Some(true),
        "gross" => read.net == Some(false),
        "internship" => read.internship,
        "likely" => read.certainty == Certainty::Likely,
        "below_minimum" => {
            let date = "2026-11-23".parse().unwrap();
            let wage = LEXICON.wages.at(&AreaCode::parse("370700").unwrap(), date);
            read.is_below(wage.unwrap())
        }
        "benefits" => {
            let found = LEXICON.benefits.find(wording);
            found.iter().map(|benefit| benefit.id.as_str()).eq(value.split(','))
        }
        other => panic!("no such fact: {other}"),
    };
    assert!(holds, "{wording}: {fact}, read {read:?}");
}

#[test]
fn pay_wordings_are_read_as_the_table_says() {
    for line in WORDINGS.lines() {
        let (wording, facts) = line.split_once('\t').unwrap();
        let read = LEXICON.salary.parse(wording);
        for fact in facts.split(' ') {
            check(wording, &read, fact);
        }
    }
}

#[test]
fn a_reversed_range_keeps_no_numbers() {
    let read = LEXICON.salary.parse("6000-4000");
    assert_eq!((read.min, read.max, read.negotiable), (None, None, false));
    assert_eq!(read.flags, [SalaryFlag::MinGtMax]);
}

#[test]
fn a_wording_without_pay_is_unknown() {
    for wording in ["", "待遇优厚", "五险一金"] {
        assert_eq!(LEXICON.salary.parse(wording).certainty, Certainty::Unknown, "{wording}");
    }
    assert_eq!(LEXICON.salary.parse("面议").certainty, Certainty::Certain);
}

#[test]
fn the_minimum_wage_goes_by_date_and_falls_back_to_the_city() {
    let at = |area: &str, date: &str| {
        let area = AreaCode::parse(area).unwrap();
        LEXICON.wages.at(&area, date.parse().unwrap()).map(|wage| (wage.monthly, wage.verified))
    };
    assert_eq!(at("370703", "2026-11-23"), Some((2_200, false)));
    assert_eq!(at("371700", "2023-09-30"), Some((1_700, false)));
    assert_eq!(at("371700", "2023-10-01"), Some((1_820, false)));
    assert_eq!(at("370700", "2020-01-01"), None);
    assert_eq!(at("110100", "2026-11-23"), None);
}
