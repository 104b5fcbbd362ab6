//! A province's year, from requests to reports, driven through the API by a seeded script: every day that the service counts
//! is counted again here, from the holiday notice as it was published, by other code.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use jiangxin::db::types::Timestamp;
use jiangxin::http::Role;
use jiangxin::lexicon::uscc::{check_character, organisation_check_character};
use jiangxin::workers;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::people::somebody;
use crate::support::{Answer, App, json_body};

const SEED: u64 = 2026;
/// Employers and graduates of a city.
const WORKSHOPS: usize = 2;
const STUDENTS: usize = 5;
/// One fair of so many is large and open to the public.
const LARGE_OF: usize = 5;
/// One report of so many is handed in late.
const LATE_OF: u32 = 6;

/// A month and a day.
type Date = (u32, u32);
/// A holiday: its name, the first and the last day off, and the days worked in exchange.
type Holiday = (&'static str, Date, Date, &'static [Date]);

/// The notice of the State Council's office on the holidays of 2026, as it says them.
const NOTICE_2026: [Holiday; 7] = [
    ("元旦", (1, 1), (1, 3), &[(1, 4)]),
    ("春节", (2, 15), (2, 23), &[(2, 14), (2, 28)]),
    ("清明节", (4, 4), (4, 6), &[]),
    ("劳动节", (5, 1), (5, 5), &[(5, 9)]),
    ("端午节", (6, 19), (6, 21), &[]),
    ("中秋节", (9, 25), (9, 27), &[]),
    ("国庆节", (10, 1), (10, 7), &[(9, 20), (10, 10)]),
];

fn works(day: NaiveDate) -> bool {
    assert_eq!(day.year(), 2026, "the notice is that of 2026");
    let date = (day.month(), day.day());
    let worked = NOTICE_2026.iter().any(|(.., worked)| worked.contains(&date));
    let off = NOTICE_2026.iter().any(|(_, first, last, _)| (*first..=*last).contains(&date));
    worked || !off && day.weekday().num_days_from_monday() < 5
}

/// Finds the n-th working day after a day by walking on.
fn working_day_after(day: NaiveDate, number: u32) -> NaiveDate {
    let (mut day, mut left) = (day, number);
    while left > 0 {
        day = day.succ_opt().unwrap();
        if works(day) {
            left -= 1;
        }
    }
    day
}

fn day(text: &Value) -> NaiveDate {
    text.as_str().unwrap()[..10].parse().unwrap()
}

fn at(day: NaiveDate, time: &str) -> Timestamp {
    Timestamp::parse(&format!("{day}T{time}:00+08:00")).unwrap()
}

/// One city with its people.
struct City {
    bureau: String,
    school: (String, String),
    hall: String,
    workshops: Vec<(String, String)>,
    students: Vec<String>,
}

/// One fair of the year.
struct Fair {
    city: String,
    path: String,
    visit: bool,
    large: bool,
    late: bool,
    starts: NaiveDate,
    tickets: Vec<Value>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Prepare,
    Hold,
    Close,
    Report,
}

struct Year<'a> {
    app: &'a App,
    random: StdRng,
    cities: BTreeMap<String, City>,
    fairs: Vec<Fair>,
    checked: usize,
}

impl Year<'_> {
    async fn post(&self, path: &str, token: &str, body: Value) -> Value {
        let request = self.app.request(Method::POST, path, Some(token)).header("If-Match", "*");
        let answer: Answer = self.app.send(json_body(request, &body)).await;
        assert!((200..300).contains(&answer.status), "{path}: {} {}", answer.status, answer.text);
        if answer.text.is_empty() { Value::Null } else { answer.json() }
    }

    async fn step(&self, path: &str, token: &str, to: &str) -> Value {
        self.post(&format!("{path}/transitions"), token, json!({"to": to})).await
    }

    /// Registers school, hall, workshops with one vacancy each, and students of a city.
    async fn settle(&mut self, code: &str, name: &str) {
        let app = self.app;
        let bureau = app.log_in(&format!("bureau{code}"), Role::Bureau, Some(code)).await;
        let school = app.school(&format!("虚构{name}技师学院"), code).await;
        let body = json!({"name": format!("虚构{name}体育馆"), "city": code, "booths": 40, "school": school.0, "capacity": 900});
        let hall = self.post("/v1/venues", &bureau, body).await["id"].as_str().unwrap().to_owned();
        let mut workshops = Vec::new();
        for n in 0..WORKSHOPS {
            let organisation = format!("MA{n:06}");
            let number = format!("91{code}{organisation}{}", organisation_check_character(&organisation).unwrap());
            let uscc = format!("{number}{}", check_character(&number).unwrap());
            let body = json!({"name": format!("虚构{name}手造工坊{n}"), "city": code, "uscc": uscc, "introduction": "虚构的手造工坊",
                "handicraft": true, "contact_phone": "13800000009"});
            let employer = self.post("/v1/employers", &bureau, body).await["id"].as_str().unwrap().to_owned();
            let looked_at = ["business_licence", "agent_identity", "letter_of_authority"];
            let look = json!({"verified": true, "documents": looked_at});
            self.post(&format!("/v1/employers/{employer}/verifications"), &bureau, look).await;
            let wanted = json!({"title": "陶艺学徒", "description": "学习拉坯，配发防护口罩，入职即缴五险。", "employer": employer,
                "place": {"city": code}, "salary": {"text": "3500-4500元/月"}, "headcount": 3, "employment_type": "全职",
                "education": {"text": "中专/技校"}});
            let vacancy = self.post("/v1/vacancies", &bureau, wanted).await["id"].as_str().unwrap().to_owned();
            for to in ["submitted", "live"] {
                self.step(&format!("/v1/vacancies/{vacancy}"), &bureau, to).await;
            }
            workshops.push((employer, vacancy));
        }
        let mut students = Vec::new();
        for n in 0..STUDENTS {
            let made = self.post("/v1/graduates", &school.1, somebody(&format!("{code}{n}"))).await;
            students.push(made["id"].as_str().unwrap().to_owned());
        }
        self.cities.insert(code.to_owned(), City { bureau, school, hall, workshops, students });
    }

    /// Wishes two fairs for each city, plans the year, checks its days and announces the plan as drafts.
    async fn plan(&mut self, province: &str) {
        let first = NaiveDate::from_ymd_opt(2026, 1, 12).unwrap();
        for (code, city) in &self.cities {
            for season in [60, 240] {
                let from = first + Days::new(season + self.random.random_range(0..45));
                let body = json!({"kind": "campus_fair", "title": format!("虚构手造招聘会{season}"), "city": code, "school": city.school.0,
                    "booths": 20, "expected_visitors": 300, "first_day": from, "last_day": from + Days::new(10), "crafts": ["陶艺"]});
                self.post("/v1/fair-requests", &city.school.1, body).await;
            }
        }
        let body = json!({"first_day": first, "last_day": "2026-11-27", "rounds": 1, "seed": SEED});
        let plan = self.post("/v1/fair-plans", province, body).await;
        assert_eq!((plan["unplaced"].as_array().unwrap().len(), plan["schedule"].as_array().unwrap().len()), (0, 48));
        for event in plan["schedule"].as_array().unwrap() {
            let day = day(&event["day"]);
            let saturday = day.weekday() == Weekday::Sat
                && !NOTICE_2026.iter().any(|(_, first, last, _)| (*first..=*last).contains(&(day.month(), day.day())));
            assert!(works(day) || saturday, "{day} is a holiday or a Sunday");
            self.checked += 1;
        }
        self.step(&format!("/v1/fair-plans/{}", plan["id"].as_str().unwrap()), province, "published").await;
        let drafts = self.app.get("/v1/fairs?limit=100&status=draft", Some(province)).await.expect(200).json();
        for (n, fair) in drafts["items"].as_array().unwrap().iter().enumerate() {
            let visit = fair["kind"] == "policy_outreach";
            self.fairs.push(Fair {
                city: fair["city"].as_str().unwrap().to_owned(),
                path: format!("/v1/fairs/{}", fair["id"].as_str().unwrap()),
                visit,
                large: !visit && n % LARGE_OF == 0,
                late: self.random.random_range(0..LATE_OF) == 0,
                starts: day(&fair["starts_at"]),
                tickets: Vec::new(),
            });
        }
    }

    /// Hands a fair in, lets it be approved and announced, and fills it.
    async fn prepare(&mut self, n: usize) {
        let (fair, city) = (&self.fairs[n], &self.cities[&self.fairs[n].city]);
        let plan = "见备案文件";
        let mut body = json!({"contact": "虚构联系人 13800000000", "school": city.school.0, "venue": city.hall, "seats": STUDENTS,
            "expected_visitors": if fair.large { 1_500 } else { 200 }, "open_to_public": fair.large,
            "filing": {"implementation_plan": plan, "emergency_plan": plan, "security_plan": plan}});
        if fair.large {
            body["filing"]["permit"] = json!({"number": format!("虚构公许{n}号"), "applied_on": fair.starts - Days::new(25)});
        }
        self.app.patch(&fair.path, Some(&city.bureau), "*", &body).await.expect(200);
        for to in ["submitted", "approved", "published"] {
            self.step(&fair.path, &city.bureau, to).await;
        }
        if !fair.visit {
            for (employer, vacancy) in &city.workshops {
                let body = json!({"employer": employer, "vacancies": [vacancy]});
                let row = self.post(&format!("{}/exhibitors", fair.path), &city.bureau, body).await;
                let one = format!("{}/exhibitors/{}", fair.path, row["id"].as_str().unwrap());
                assert_eq!(self.step(&one, &city.bureau, "approved").await["status"], "approved");
            }
        }
        let mut tickets = Vec::new();
        for student in &city.students {
            let seat = self.post(&format!("{}/attendances", fair.path), &city.school.1, json!({"graduate": student})).await;
            tickets.push(seat["ticket"].clone());
        }
        self.fairs[n].tickets = tickets;
    }

    /// Lets all but one in.
    async fn hold(&mut self, n: usize) {
        let (fair, city) = (&self.fairs[n], &self.cities[&self.fairs[n].city]);
        for ticket in fair.tickets.iter().skip(1) {
            self.post(&format!("{}/check-ins", fair.path), &city.bureau, json!({"ticket": ticket})).await;
        }
        self.step(&fair.path, &city.bureau, "in_progress").await;
    }

    /// Ends the fair, writes outcomes down and the report.
    async fn close(&mut self, n: usize) {
        let (fair, city) = (&self.fairs[n], &self.cities[&self.fairs[n].city]);
        self.step(&fair.path, &city.bureau, "finished").await;
        let met = if fair.visit { 0 } else { STUDENTS - 1 };
        let mut hired = 0;
        for student in city.students.iter().skip(1).take(met) {
            let stage = ["intent", "second_interview", "offer", "hired", "not_hired"][self.random.random_range(0..5)];
            hired += usize::from(stage == "hired");
            let employer = &city.workshops[self.random.random_range(0..WORKSHOPS)].0;
            let body = json!({"graduate": student, "employer": employer, "outcome": stage});
            self.post(&format!("{}/outcomes", fair.path), &city.bureau, body).await;
        }
        let report = self.post(&format!("{}/report", fair.path), &city.bureau, json!({"complaints": 0})).await;
        let exhibitors = if fair.visit { 0 } else { WORKSHOPS };
        let found = (&report["visitors"], &report["exhibitors"], &report["headcount"], &report["hired"]);
        assert_eq!(found, (&json!(STUDENTS - 1), &json!(exhibitors), &json!(exhibitors * 3), &json!(hired)));
        self.check(n, false).await;
    }

    /// Hands the report in, in time or a day late.
    async fn report(&mut self, n: usize) {
        let (fair, city) = (&self.fairs[n], &self.cities[&self.fairs[n].city]);
        self.step(&fair.path, &city.bureau, "reported").await;
        self.check(n, true).await;
    }

    /// Counts every day of the statutory file again.
    async fn check(&mut self, n: usize, reported: bool) {
        let (fair, city) = (&self.fairs[n], &self.cities[&self.fairs[n].city]);
        let view = self.app.get(&fair.path, Some(&city.bureau)).await.expect(200).json();
        let ends = day(&view["ends_at"]);
        let due = working_day_after(ends, 15);
        assert_eq!(day(&view["report_due_on"]), due, "{ends}");
        let file = self.app.get(&format!("{}/file", fair.path), Some(&city.bureau)).await.expect(200).json();
        let duties: BTreeMap<&str, &Value> =
            file["duties"].as_array().unwrap().iter().map(|duty| (duty["id"].as_str().unwrap(), duty)).collect();
        let today = day(&file["as_of"]);
        for duty in duties.values() {
            let (status, due_on) = (duty["status"].as_str().unwrap(), &duty["due_on"]);
            assert!(duty["certain"] == true && (status != "due" || due_on.is_null() || day(due_on) >= today), "{duty}");
            if let Some(left) = duty["working_days_left"].as_i64() {
                let (from, to) = (today.min(day(due_on)), today.max(day(due_on)));
                let passed = from.iter_days().skip(1).take_while(|day| *day <= to).filter(|day| works(*day)).count();
                assert_eq!(usize::try_from(left.unsigned_abs()).unwrap(), passed, "{duty}");
                self.checked += 1;
            }
        }
        let applies = if fair.visit {
            "not_applicable"
        } else if reported {
            "done"
        } else {
            "due"
        };
        assert_eq!(duties["report"]["status"], applies);
        if !fair.visit {
            assert_eq!(day(&duties["report"]["due_on"]), due);
            assert_eq!(duties["report"]["late"], json!(reported && fair.late));
            assert_eq!(duties["service_ledger"]["keep_until"], json!(format!("2028-{:02}-{:02}", ends.month(), ends.day())));
            for id in ["employers_checked", "notices_complete", "announced"] {
                assert_eq!((&duties[id]["status"], day(&duties[id]["due_on"])), (&json!("done"), fair.starts), "{}", duties[id]);
            }
        }
        let large = if fair.large { "done" } else { "not_applicable" };
        assert_eq!(duties["safety_permit"]["status"], large);
        if fair.large {
            assert_eq!(day(&duties["safety_permit"]["due_on"]), fair.starts - Days::new(20));
            assert_eq!(duties["safety_work_plan"]["status"], "overdue");
        }
        self.checked += duties.values().filter(|duty| !duty["due_on"].is_null()).count();
    }

    /// Takes every step of every fair in the order of the year.
    async fn run(&mut self) {
        let mut steps: Vec<(Timestamp, usize, Step)> = Vec::new();
        for (n, fair) in self.fairs.iter().enumerate() {
            let due = working_day_after(fair.starts, 15);
            let handed_in = if fair.late && !fair.visit { due + Days::new(1) } else { working_day_after(fair.starts, 14) };
            steps.push((at(fair.starts - Days::new(24), "10:00"), n, Step::Prepare));
            steps.push((at(fair.starts, "09:10"), n, Step::Hold));
            steps.push((at(fair.starts, "20:00"), n, Step::Close));
            steps.push((at(handed_in, "15:00"), n, Step::Report));
        }
        steps.sort();
        let mut month = 0;
        for (at, n, step) in steps {
            self.app.clock.set(at);
            if at.day().month() != month {
                month = at.day().month();
                workers::remind_of_duties(&self.app.db, at).await.unwrap();
            }
            match step {
                Step::Prepare => self.prepare(n).await,
                Step::Hold => self.hold(n).await,
                Step::Close => self.close(n).await,
                Step::Report => self.report(n).await,
            }
        }
    }
}

facts! {
    /// From the first request to the last report; more than five hundred days are counted again.
    async fn a_province_goes_through_its_year_and_every_day_is_counted_twice(app) {
        let province = app.log_in("province", Role::Province, None).await;
        let mut year = Year { app: &app, random: StdRng::seed_from_u64(SEED), cities: BTreeMap::new(), fairs: Vec::new(), checked: 0 };
        let cities = app.get("/v1/cities", None).await.expect(200).json();
        for city in cities.as_array().unwrap() {
            year.settle(city["code"].as_str().unwrap(), city["name"].as_str().unwrap()).await;
        }
        assert_eq!(year.cities.len(), 16);
        app.clock.set(at(NaiveDate::from_ymd_opt(2025, 12, 1).unwrap(), "09:00"));
        year.plan(&province).await;
        year.run().await;
        let (checked, fairs) = (year.checked, year.fairs.len());
        assert!(fairs == 48 && checked > 500, "{checked} days of {fairs} fairs");
        let reported = app.get("/v1/fairs?limit=100&status=reported", None).await.expect(200).json();
        assert_eq!(reported["total"], 48);
        for code in year.cities.keys() {
            let held = reported["items"].as_array().unwrap().iter().filter(|fair| fair["city"] == code.as_str()).count();
            assert_eq!(held, 3, "{code} has its two fairs and its visit");
        }
        assert_eq!(app.get("/v1/fair-duties?due_before=2026-12-31", Some(&province)).await.expect(200).json()["total"], 0);
        let reminders = app.get("/v1/fair-reminders?limit=100", Some(&province)).await.expect(200).json();
        for reminder in reminders["items"].as_array().unwrap() {
            let (written, due) = (day(&reminder["created_at"]), day(&reminder["due_on"]));
            let left = written.iter_days().skip(1).take_while(|day| *day <= due).filter(|day| works(*day)).count();
            let reached = if due < written { -1 } else { [0, 2, 5, 10].into_iter().find(|most| left <= usize::try_from(*most).unwrap()).unwrap() };
            assert_eq!(reminder["days_left"], reached, "{reminder}");
        }
        assert!(reminders["total"].as_u64().unwrap() > 0);
        app.get("/v1/audit-events/verify", Some(&province)).await.expect(200);
    }
}
