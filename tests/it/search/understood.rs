//! How queries are read, and what is done when little is found.

use jiangxin::search::Found;

use super::{Shelf, ask, raw};
use jiangxin::vacancies::{FilterQuery, RawVacancy};

fn paid(title: &str, place: &str, salary: &str, education: &str, benefits: &str) -> RawVacancy {
    RawVacancy {
        salary: salary.to_owned(),
        education: education.to_owned(),
        benefits: benefits.to_owned(),
        ..raw(title, place, "虚构岗位，写给检索试验用的说明")
    }
}

fn town() -> Shelf {
    let rows = [
        paid("陶艺学徒", "淄博", "4000-6000元/月", "不限", "包住"),
        paid("陶艺学徒", "淄博", "2500元/月", "不限", "包住"),
        paid("陶艺拉坯师", "潍坊", "5000-8000元/月", "大专", "包吃"),
        paid("琉璃热塑工", "淄博", "4000-7000元/月", "中专", ""),
        paid("琉璃吹制学徒", "淄博", "3000元/月", "中专", "包吃包住"),
        paid("剪纸画设计师", "滨州", "5000元/月", "大专", ""),
        paid("风筝扎制工", "潍坊", "4500元/月", "不限", ""),
        paid("高密剪纸传习员", "潍坊", "面议", "不限", ""),
        paid("店员", "济南", "3000元/月", "高中", ""),
        paid("会计", "青岛", "6000元/月", "本科", "五险一金"),
        paid("包装设计员", "临沂", "5000元/月", "本科", ""),
    ];
    Shelf::of(&rows, "37")
}

#[test]
fn place_skill_work_pay_and_lodging_are_read_from_one_query() {
    let shelf = town();
    let found = shelf.find("淄博 陶艺 学徒 4000以上 包住");
    assert_eq!(found.total, 1, "{:?}", found.understood);
    let understood = &found.understood;
    assert_eq!(understood.places, ["370300"]);
    assert_eq!((understood.salary_min, understood.skills.is_empty()), (Some(4000), false));
    assert_eq!(understood.signs, ["kind:apprenticeship", "benefit:housing"]);
    let glued = shelf.find("淄博陶艺学徒");
    assert_eq!((glued.total, glued.understood.places), (2, vec!["370300".to_owned()]));
}

#[test]
fn education_is_what_the_person_has() {
    let shelf = town();
    let found = shelf.find("大专 设计");
    assert_eq!(found.understood.education.as_deref(), Some("college"));
    assert_eq!(shelf.titles_of(&found), ["剪纸画设计师"]);
    assert_eq!(shelf.find("本科 设计").total, 2);
    assert_eq!(shelf.find("高级工班 设计").understood.education.as_deref(), Some("college"));
}

#[test]
fn understanding_can_be_switched_off() {
    let shelf = town();
    let mut plain = ask("淄博 陶艺");
    plain.understand = false;
    let found = shelf.engine.find(&plain, "37").unwrap();
    assert!(found.understood.places.is_empty() && found.understood.skills.is_empty());
    let mut widened = ask("营业员");
    assert_eq!(shelf.titles_of(&shelf.engine.find(&widened, "37").unwrap()), ["店员"]);
    widened.understand = false;
    assert_eq!(shelf.engine.find(&widened, "37").unwrap().total, 0);
}

#[test]
fn a_broader_craft_finds_the_narrower_with_less_weight() {
    let shelf = town();
    let titles = shelf.titles("剪纸");
    assert!(titles.contains(&"高密剪纸传习员") && titles.contains(&"剪纸画设计师"), "{titles:?}");
}

#[test]
fn typing_errors_homophones_and_pinyin_are_corrected_and_said() {
    let shelf = town();
    for (typed, meant) in [("琉理", "琉璃"), ("剪子画", "剪纸画"), ("fengzheng", "风筝"), ("陶义", "陶艺")] {
        let found: Found = shelf.find(typed);
        assert!(found.total > 0, "{typed}");
        assert_eq!(found.understood.corrected_query.as_deref(), Some(meant), "{typed}");
    }
    assert_eq!(shelf.find("淄博 琉理").understood.corrected_query.as_deref(), Some("淄博 琉璃"));
    assert_eq!(shelf.find("会计").understood.corrected_query, None);
    let mut plain = ask("琉理");
    plain.understand = false;
    assert_eq!(shelf.engine.find(&plain, "37").unwrap().total, 0);
}

#[test]
fn words_that_stand_nowhere_together_are_looked_for_apart_and_that_is_said() {
    let shelf = town();
    let found = shelf.find("设计包装");
    assert!(found.understood.widened && found.total == 1, "{found:?}");
    let found = shelf.find("剪纸设计");
    assert_eq!(shelf.titles_of(&found), ["剪纸画设计师"]);
}

#[test]
fn quotes_hold_together_and_a_hyphen_excludes() {
    let shelf = town();
    assert_eq!(shelf.find("\"陶艺学徒\"").total, 2);
    assert_eq!(shelf.titles("陶艺 -学徒"), ["陶艺拉坯师"]);
    assert_eq!(shelf.find("-陶艺").total, 8);
    assert_eq!(shelf.find("").total, 11);
    assert_eq!(shelf.find("，。！").total, 11);
}

#[test]
fn an_empty_answer_names_each_filter_and_word_that_stands_in_the_way() {
    let shelf = town();
    let mut asked = ask("风筝 会计");
    asked.filter = FilterQuery { city: vec!["潍坊".to_owned()], ..FilterQuery::default() };
    let found = shelf.engine.find(&asked, "37").unwrap();
    let told: Vec<(&str, Option<&str>, u64)> =
        found.relaxed.iter().map(|relaxed| (relaxed.filter.as_str(), relaxed.words.as_deref(), relaxed.total)).collect();
    assert_eq!(told, [("q", Some("会计"), 1)]);
}

#[test]
fn hostile_queries_are_refused() {
    let shelf = town();
    let many = "陶 ".repeat(60);
    for words in ["长".repeat(201), "a".repeat(10_000), many, "\"a\" ".repeat(25)] {
        assert!(shelf.engine.find(&ask(&words), "37").is_err(), "{}", words.len());
    }
    for words in ["*", "陶*", "?", "((((", "a:b", "\\", "AND OR NOT", "-", "--", "\"", "陶 OR -", "%", "'; DROP TABLE"] {
        assert!(shelf.engine.find(&ask(words), "37").is_ok(), "{words}");
    }
}
