//! The people of the demo: for every city schools with their majors and graduates, venues, and fairs with exhibitors and
//! reservations; seeded and plainly fictional.

use chrono::Days;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde::Deserialize;

use crate::accounts::{self, AccountBody, NewAccount};
use crate::db::DbConn;
use crate::db::types::{EmployerId, GraduateId, SchoolId, Timestamp};
use crate::employers::{self, EmployerBody, NewEmployer, VerificationBody};
use crate::error::{Error, Result};
use crate::fairs::{self, ExhibitorBody, FairBody, FairStatus, Filing, Outcome, VenueBody};
use crate::graduates::{self, GraduateBody, JobIntent, NewGraduate, ProfileBody, SkillHeld};
use crate::http::{Caller, Role};
use crate::lexicon::uscc::{check_character, organisation_check_character};
use crate::lexicon::{Area, Lexicon, Programme, Skill, SkillKind};
use crate::schools::{self, Kind as SchoolKind, MajorBody, NewSchool, SchoolBody};

const WORDS: &str = include_str!("../../../index/demo.json");
/// The password of the accounts of the demo.
pub const PASSWORD: &str = "jiangxin-demo";
/// How many graduates each school has.
const GRADUATES: usize = 20;
/// How many checked employers exhibit at each fair.
const EXHIBITORS: usize = 6;
/// How many graduates of a school reserve a seat.
const RESERVATIONS: usize = 8;
/// How many booths and seats a fair has; fewer than wanted, so that somebody waits.
const BOOTHS: i32 = 5;
/// The same, of seats.
const SEATS: i32 = 12;
/// The minute of the day at which fairs begin.
const BEGINS_MINUTE: i64 = 9 * 60;
/// How long a fair takes, in seconds.
const FAIR_S: i64 = 3 * 3600;

#[derive(Deserialize)]
struct Words {
    schools: Vec<SchoolWords>,
    programmes: Vec<String>,
    majors: Vec<String>,
    modern_skills: Vec<String>,
    fairs: Vec<FairWords>,
}

#[derive(Deserialize)]
struct SchoolWords {
    name: String,
    kind: SchoolKind,
}

#[derive(Deserialize)]
struct FairWords {
    title: String,
    kind: fairs::Kind,
}

/// What was made.
#[derive(Debug, Default)]
pub struct Made {
    /// How many schools.
    pub schools: usize,
    /// How many graduates.
    pub graduates: usize,
    /// How many checked employers.
    pub employers: usize,
    /// How many fairs.
    pub fairs: usize,
}

/// The world of one seed.
pub struct World<'a> {
    words: Words,
    lexicon: &'a Lexicon,
    now: Timestamp,
    rng: StdRng,
    caller: Caller,
    made: Made,
}

impl<'a> World<'a> {
    /// Prepares the world of a seed.
    pub fn new(lexicon: &'a Lexicon, seed: u64, now: Timestamp) -> Result<World<'a>> {
        let (words, rng) = (serde_json::from_str(WORDS)?, StdRng::seed_from_u64(seed));
        Ok(World { words, lexicon, now, rng, caller: Caller::service(), made: Made::default() })
    }

    /// Writes down everything for the cities of a province, with one account of each role in its first city.
    pub fn make(mut self, conn: &mut DbConn, province: &str) -> Result<Made> {
        let cities: Vec<Area> = self.lexicon.places.cities(province).cloned().collect();
        for (at, city) in cities.iter().enumerate() {
            let hosts = self.schools(conn, city)?;
            let workshops = self.workshops(conn, city, at)?;
            let host = hosts.first().ok_or_else(|| Error::internal("the demo names no school"))?;
            self.fairs(conn, city, host, &hosts, &workshops)?;
            if at == 0 {
                let (school, people) = host;
                self.accounts(conn, city, school, workshops.first(), people.first())?;
            }
        }
        Ok(self.made)
    }

    fn schools(&mut self, conn: &mut DbConn, city: &Area) -> Result<Vec<(SchoolId, Vec<GraduateId>)>> {
        let mut made = Vec::new();
        for at in 0..self.words.schools.len() {
            let Some(words) = self.words.schools.get(at) else { continue };
            let body = SchoolBody {
                name: words.name.replace("{city}", &city.short),
                uscc: None,
                kind: words.kind,
                city: city.code.as_str().to_owned(),
                district: None,
                address: Some("示例路2号".to_owned()),
                introduction: None,
            };
            let school = schools::insert(conn, self.now, &self.caller, NewSchool::parse(body, self.lexicon, "")?)?.id;
            for name in &self.words.majors {
                let programme = Programme::SeniorWorker;
                let (name, skills) = (name.clone(), Vec::new());
                let body = MajorBody { name, programme, catalogue: None, code: None, skills, graduates_yearly: Some(40) };
                schools::add_major(conn, self.now, &self.caller, &school, body, self.lexicon)?;
            }
            let people = self.graduates(conn, city, &school)?;
            made.push((school, people));
            self.made.schools += 1;
        }
        Ok(made)
    }

    fn graduates(&mut self, conn: &mut DbConn, city: &Area, school: &SchoolId) -> Result<Vec<GraduateId>> {
        let at_home = |skill: &&Skill| skill.kind == SkillKind::Craft && skill.homes.iter().any(|home| home.city() == city.code);
        let crafts: Vec<&Skill> = self.lexicon.skills.iter().filter(at_home).collect();
        let mut people = Vec::with_capacity(GRADUATES);
        for _ in 0..GRADUATES {
            self.made.graduates += 1;
            let number = self.made.graduates;
            let craft = crafts.choose(&mut self.rng).map(|skill| skill.name.clone());
            let modern = self.words.modern_skills.choose(&mut self.rng).cloned();
            let held = |name: String| SkillHeld { id: None, name: Some(name), grade: None };
            let profile = ProfileBody {
                programme: self.words.programmes.choose(&mut self.rng).cloned(),
                major: self.words.majors.choose(&mut self.rng).cloned(),
                skills: [craft, modern].into_iter().flatten().map(held).collect(),
                cities: vec![city.name.clone()],
                relocate: self.rng.random_range(0..3) == 0,
                ..ProfileBody::default()
            };
            let body = GraduateBody {
                school: Some(school.clone()),
                student_number: Some(format!("D{number:05}")),
                name: format!("演示学生{number}"),
                birth_date: None,
                phone: None,
                email: Some(format!("student{number}@example.com")),
                job_intent: if self.rng.random_range(0..5) == 0 { JobIntent::FurtherStudy } else { JobIntent::Seeking },
                profile,
            };
            let new = NewGraduate::parse(body, self.lexicon, "", self.now.day())?;
            people.push(graduates::insert(conn, self.now, &self.caller, new)?.id);
        }
        Ok(people)
    }

    fn workshops(&mut self, conn: &mut DbConn, city: &Area, at: usize) -> Result<Vec<EmployerId>> {
        let mut made = Vec::new();
        for number in 0..EXHIBITORS {
            let body = EmployerBody {
                name: format!("虚构{}手造合作社{}号", city.short, number + 1),
                uscc: fictional_uscc(city.code.as_str(), at * EXHIBITORS + number),
                city: Some(city.code.as_str().to_owned()),
                handicraft: Some(true),
                ..EmployerBody::default()
            };
            let row = employers::insert(conn, self.now, &self.caller, NewEmployer::parse(body, self.lexicon, "")?)?;
            let look = VerificationBody { verified: true, documents: vec!["business_licence".to_owned()], note: None };
            made.push(employers::verify(conn, self.now, &self.caller, row, &look)?.id);
            self.made.employers += 1;
        }
        Ok(made)
    }

    fn fairs(
        &mut self,
        conn: &mut DbConn,
        city: &Area,
        (school, _): &(SchoolId, Vec<GraduateId>),
        hosts: &[(SchoolId, Vec<GraduateId>)],
        workshops: &[EmployerId],
    ) -> Result<()> {
        let hall = VenueBody {
            school: Some(school.clone()),
            name: "示例体育馆".to_owned(),
            city: city.code.as_str().to_owned(),
            district: None,
            address: Some("示例路2号".to_owned()),
            booths: 40,
            capacity: Some(600),
            opens_at: Some("08:00".to_owned()),
            closes_at: Some("20:00".to_owned()),
        };
        let venue = fairs::add_venue(conn, self.now, &self.caller, hall)?;
        for at in 0..self.words.fairs.len() {
            let Some(words) = self.words.fairs.get(at) else { continue };
            let day = fairs::next_working_day(self.now.day() + Days::new(self.rng.random_range(30..120)))?;
            let starts_at = Timestamp::on(day, BEGINS_MINUTE);
            let body = FairBody {
                kind: words.kind,
                title: words.title.replace("{city}", &city.short),
                description: Some("演示数据，单位与人员均为虚构。".to_owned()),
                city: city.code.as_str().to_owned(),
                school: Some(school.clone()),
                venue: Some(venue.clone()),
                organiser: format!("虚构{}人社局", city.short),
                contact: Some("演示联系人".to_owned()),
                starts_at,
                ends_at: starts_at.plus_seconds(FAIR_S),
                registration_closes_at: None,
                booths: BOOTHS,
                seats: Some(SEATS),
                expected_visitors: Some(300),
                open_to_public: false,
                filing: filing(),
            };
            self.fair(conn, body.parse(self.lexicon, "")?, hosts, workshops)?;
        }
        Ok(())
    }

    fn fair(
        &mut self,
        conn: &mut DbConn,
        body: FairBody,
        hosts: &[(SchoolId, Vec<GraduateId>)],
        workshops: &[EmployerId],
    ) -> Result<()> {
        let mut row = fairs::create_fair(conn, self.now, &self.caller, body)?;
        for to in [FairStatus::Submitted, FairStatus::Approved, FairStatus::Published] {
            row = match fairs::transit(conn, self.now, &self.caller, row.clone(), to, None) {
                Err(Error::Conflict { code: "venue_taken", .. }) => return Ok(()),
                other => other?,
            };
        }
        self.made.fairs += 1;
        for employer in workshops {
            let wish = ExhibitorBody { employer: Some(employer.clone()), ..ExhibitorBody::default() };
            let exhibitor = fairs::apply(conn, self.now, &self.caller, &row.id, wish)?;
            fairs::decide(conn, self.now, &self.caller, (&row.id, &exhibitor), Outcome::Approved, None, |_| Ok(()))?;
        }
        for graduate in hosts.iter().flat_map(|(_, people)| people.iter().take(RESERVATIONS)) {
            fairs::reserve(conn, self.now, &self.caller, &row.id, graduate)?;
        }
        Ok(())
    }

    fn accounts(
        &self,
        conn: &mut DbConn,
        city: &Area,
        school: &SchoolId,
        employer: Option<&EmployerId>,
        graduate: Option<&GraduateId>,
    ) -> Result<()> {
        let plain = |role: Role| AccountBody {
            name: format!("demo-{role}"),
            role,
            password: PASSWORD.to_owned(),
            city: None,
            school: None,
            employer: None,
            graduate: None,
        };
        let bodies = [
            plain(Role::Province),
            AccountBody { city: Some(city.code.as_str().to_owned()), ..plain(Role::Bureau) },
            AccountBody { school: Some(school.clone()), ..plain(Role::School) },
            AccountBody { employer: employer.cloned(), ..plain(Role::Employer) },
            AccountBody { graduate: graduate.cloned(), ..plain(Role::Graduate) },
        ];
        for body in bodies {
            accounts::create(conn, self.now, &self.caller, NewAccount::parse(body)?)?;
        }
        Ok(())
    }
}

/// Makes a credit code that verifies and belongs to nobody.
fn fictional_uscc(city: &str, number: usize) -> Option<String> {
    let organisation = format!("MA{number:06}");
    let body = format!("91{city}{organisation}{}", organisation_check_character(&organisation)?);
    let check = check_character(&body)?;
    Some(format!("{body}{check}"))
}

fn filing() -> Filing {
    let plan = |name: &str| Some(format!("演示{name}"));
    Filing {
        implementation_plan: plan("组织实施办法"),
        emergency_plan: plan("应急预案"),
        security_plan: plan("安全保卫工作方案"),
        ..Filing::default()
    }
}
