//! Facts about the score of one vacancy for one profile.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use jiangxin::graduates::{CertificateHeld, Profile, ProfileBody, SkillHeld};
use jiangxin::lexicon::{AreaCode, Education, Lexicon, SkillGrade};
use jiangxin::matching::{Asked, CertificateAsked, Facts, Relations, Scale, Scored, Status, Subject, Weights, score};

struct Desk {
    lexicon: Arc<Lexicon>,
    weights: Weights,
    relations: Relations,
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 25).unwrap()
}

impl Desk {
    fn new() -> Desk {
        let lexicon = Lexicon::shared().unwrap();
        Desk { relations: Relations::of(&lexicon), lexicon, weights: Weights::load().unwrap() }
    }

    fn scale(&self) -> Scale<'_> {
        Scale { weights: &self.weights, lexicon: &self.lexicon, relations: &self.relations, day: today() }
    }

    fn score(&self, profile: &Profile, facts: &Facts) -> Option<Scored> {
        score(profile, facts, self.scale())
    }

    fn parse(&self, body: &ProfileBody) -> Profile {
        Profile::parse(body, &self.lexicon, "37", 0.5).unwrap()
    }

    fn profile(&self, programme: &str) -> Profile {
        self.parse(&body(programme))
    }
}

fn body(programme: &str) -> ProfileBody {
    ProfileBody {
        programme: Some(programme.to_owned()),
        skills: vec![SkillHeld { id: None, name: Some("陶艺".to_owned()), grade: None }],
        cities: vec!["淄博".to_owned()],
        ..ProfileBody::default()
    }
}

fn grade(number: u8) -> SkillGrade {
    SkillGrade::parse(number).unwrap()
}

fn pottery() -> Asked {
    Asked { id: "taoci".to_owned(), name: "陶瓷制作".to_owned(), essential: true, grade: None }
}

fn facts(city: &str, education: Option<Education>) -> Facts {
    Facts {
        skills: vec![pottery()],
        city: AreaCode::parse(city),
        education,
        min_months: Some(0),
        salary_max: Some(6000),
        live_since: Some(today()),
        ..Facts::default()
    }
}

fn status(scored: &Scored, which: impl Fn(&Subject) -> bool) -> Status {
    scored.requirements.iter().find(|need| which(&need.subject)).unwrap().status
}

#[test]
fn a_senior_worker_meets_college_and_a_middle_worker_does_not() {
    let desk = Desk::new();
    let asked = facts("370300", Some(Education::College));
    assert!(desk.score(&desk.profile("高级工班"), &asked).is_some());
    assert!(desk.score(&desk.profile("中级工班"), &asked).is_none());
}

#[test]
fn a_grade_stands_in_for_a_degree_only_where_the_vacancy_says_so() {
    let desk = Desk::new();
    let of = |number| {
        let certificates = vec![CertificateHeld { occupation: "6-09-03-03".to_owned(), grade: number }];
        desk.parse(&ProfileBody { certificates, ..body("中级工班") })
    };
    let strict = facts("370300", Some(Education::College));
    let open = Facts { stand_in: Some(grade(3)), ..strict.clone() };
    let education =
        |scored: Option<Scored>| scored.map(|scored| status(&scored, |subject| matches!(subject, Subject::Education(_))));
    assert_eq!(education(desk.score(&of(3), &strict)), None);
    assert_eq!(education(desk.score(&of(3), &open)), Some(Status::Met));
    assert_eq!(education(desk.score(&of(4), &open)), None);
    let unsaid = desk.score(&desk.profile("中级工班"), &open).unwrap();
    assert_eq!(status(&unsaid, |subject| matches!(subject, Subject::Education(_))), Status::Unknown);
    assert!(unsaid.high > unsaid.score);
}

#[test]
fn a_skill_below_the_asked_grade_counts_less_and_one_without_a_grade_may_be_enough() {
    let desk = Desk::new();
    let asked = Facts { skills: vec![Asked { grade: Some(grade(3)), ..pottery() }], ..facts("370300", None) };
    let ends = |held: Option<u8>| {
        let skills = vec![SkillHeld { id: Some("taoci".to_owned()), name: None, grade: held }];
        let scored = desk.score(&desk.parse(&ProfileBody { skills, ..body("高级工班") }), &asked).unwrap();
        (scored.score, scored.high, status(&scored, |subject| matches!(subject, Subject::Skill(_))))
    };
    let (low, high, met) = ends(Some(2));
    assert_eq!((met, ends(Some(3)).0, ends(Some(3)).1), (Status::Met, low, high));
    let (lower, _, partly) = ends(Some(4));
    assert!(lower < low && ends(Some(5)).0 < lower && partly == Status::Partly);
    let (unstated, perhaps, partly) = ends(None);
    assert!(unstated < low && perhaps == high && partly == Status::Partly);
}

#[test]
fn certificates_compare_within_an_occupation_and_a_little_within_its_small_class() {
    let desk = Desk::new();
    let certificate = |occupation: Option<&str>| {
        let asked = CertificateAsked { occupation: occupation.map(str::to_owned), grade: grade(4), essential: true };
        Facts { certificate: Some(asked), ..facts("370300", None) }
    };
    let of = |facts: &Facts, held: Option<(&str, u8)>| {
        let held = held.map(|(occupation, grade)| CertificateHeld { occupation: occupation.to_owned(), grade });
        let scored = desk
            .score(&desk.parse(&ProfileBody { certificates: held.into_iter().collect(), ..body("高级工班") }), facts)
            .unwrap();
        (scored.score, scored.high, status(&scored, |subject| matches!(subject, Subject::Certificate(_))))
    };
    let potter = certificate(Some("6-09-03-03"));
    let (full, top, met) = of(&potter, Some(("陶瓷工艺品制作师", 3)));
    assert_eq!(met, Status::Met);
    let (kindred, _, partly) = of(&potter, Some(("6-09-03-17", 3)));
    let (lower, _, _) = of(&potter, Some(("6-09-03-03", 5)));
    let (foreign, most, unmet) = of(&potter, Some(("4-02-02-01", 1)));
    assert!(full > lower && lower > kindred && kindred > foreign && top > most);
    assert_eq!((partly, unmet), (Status::Partly, Status::Unmet));
    let (unsaid, perhaps, unknown) = of(&potter, None);
    assert_eq!((unsaid, perhaps, unknown), (foreign, top, Status::Unknown));
    assert_eq!(of(&certificate(None), Some(("4-02-02-01", 3))).2, Status::Unknown);
    assert_eq!(of(&certificate(None), Some(("4-02-02-01", 5))).2, Status::Unmet);
}

#[test]
fn a_certificate_tells_the_grade_of_the_skills_of_its_occupation() {
    let desk = Desk::new();
    let certificates = vec![CertificateHeld { occupation: "6-09-03-03".to_owned(), grade: 3 }];
    let skills = ["陶瓷制作", "风筝"].map(|name| SkillHeld { id: None, name: Some(name.to_owned()), grade: Some(5) });
    let profile = desk.parse(&ProfileBody { certificates, skills: skills.into(), ..body("高级工班") });
    let grades: Vec<Option<u8>> = profile.skills.iter().map(|held| held.grade.map(SkillGrade::number)).collect();
    assert_eq!((grades.first(), grades.last()), (Some(&Some(3)), Some(&Some(5))), "{:?}", profile.skills);
}

#[test]
fn experience_is_waived_for_people_fresh_from_school_where_it_is_said_and_no_law_forbids_it() {
    let desk = Desk::new();
    let of = |facts: &Facts, left: Option<NaiveDate>| {
        let scored = desk.score(&Profile { graduates_on: left, ..desk.profile("高级工班") }, facts).unwrap();
        status(&scored, |subject| matches!(subject, Subject::Experience(_)))
    };
    let asked = Facts { min_months: Some(12), ..facts("370300", None) };
    let welcome = Facts { fresh_welcome: true, ..asked.clone() };
    let by_law = Facts { occupation: Some("4-02-02-01".to_owned()), ..welcome.clone() };
    let (soon, long_ago) = (Some(today() + Days::new(200)), Some(today() - Days::new(731)));
    assert_eq!([of(&asked, soon), of(&welcome, soon), of(&welcome, long_ago)], [Status::Unmet, Status::Met, Status::Unmet]);
    assert_eq!([of(&welcome, None), of(&by_law, soon)], [Status::Unknown, Status::Unmet]);
    assert_eq!(of(&Facts { min_months: None, ..asked }, soon), Status::Unknown);
}

#[test]
fn a_fresh_vacancy_counts_more_and_one_of_unknown_age_no_more_than_it_is_sure_of() {
    let desk = Desk::new();
    let me = desk.profile("高级工班");
    let of = |live_since| desk.score(&me, &Facts { live_since, ..facts("370300", None) }).unwrap();
    let (new, old, unknown) = (of(Some(today())), of(Some(today() - Days::new(100))), of(None));
    assert!(new.score > old.score && old.score == unknown.score && unknown.high == new.high);
    assert_eq!((new.freshness, old.freshness, unknown.freshness), (Some(1.0), Some(0.0), None));
}

#[test]
fn what_is_not_known_widens_the_range_and_never_counts_as_met() {
    let desk = Desk::new();
    let me = desk.profile("高级工班");
    let known = desk.score(&me, &facts("370300", Some(Education::College))).unwrap();
    let unknown = desk.score(&me, &facts("370300", None)).unwrap();
    assert!(unknown.score < known.score && unknown.high == known.high);
    assert_eq!(status(&unknown, |subject| matches!(subject, Subject::Education(_))), Status::Unknown);
}

#[test]
fn a_city_fits_less_the_further_it_is_and_not_at_all_beyond_the_next_without_the_wish_to_move() {
    let desk = Desk::new();
    let me = desk.profile("高级工班");
    let at = |profile: &Profile, city: &str| desk.score(profile, &facts(city, None)).map(|scored| scored.city_fit);
    assert_eq!(at(&me, "370300"), Some(1.0));
    let (next, across) = (at(&me, "370700").unwrap(), at(&me, "371300").unwrap());
    assert!((0.55..0.65).contains(&next) && across < next, "{next} {across}");
    assert_eq!(at(&me, "371000"), None);
    let mover = Profile { relocate: true, ..me };
    let (far, beyond) = (at(&mover, "371000").unwrap(), at(&mover, "650100").unwrap());
    assert!(far < across && beyond < far && beyond >= 0.1, "{far} {beyond}");
    let nowhere = desk.score(&mover, &Facts { city: None, ..facts("370300", None) }).unwrap();
    assert_eq!(nowhere.city_fit, beyond, "an unknown place fits as little as the furthest");
}

#[test]
fn nothing_about_the_person_can_be_said_in_a_profile() {
    for said in
        ["age", "sex", "gender", "birth_date", "origin", "hukou", "nation", "married", "name", "school", "political_status"]
    {
        let profile: Result<ProfileBody, _> = serde_json::from_value(serde_json::json!({said: "1"}));
        assert!(profile.unwrap_err().to_string().contains("unknown field"), "{said} is taken");
    }
}
