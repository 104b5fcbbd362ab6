//! How good is search on craft postings? They are made from a seed, since hardly any real posting is of a craft, and each
//! remembers what it was made of. A grade compares that with what the writer of a query wants, never words with words:
//!
//! 0 when place, pay, education, benefit or welcome miss what is wanted, or the posting is of something else; then by craft
//! and work: of the craft or a narrower one 3 (2 in trade and online work, when no work is asked for), of the broader one
//! or only naming the craft beside its own 1; the work asked for keeps the grade, its family takes 1 off, other work leaves 1.
//! Of a step that is asked for, 3 when it is stated and 1 when the craft has it.

use std::collections::{BTreeSet, HashMap};

use jiangxin::lexicon::AreaCode;
use jiangxin::vacancies::RawVacancy;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::LEXICON;
use super::judged::{BETTER, Judged, Query};

const SEED: u64 = 7;
const MADE: usize = 1_200;
const PAY: [i64; 8] = [2500, 3000, 3500, 4500, 5000, 6000, 7500, 9000];
/// Wordings of education, with how much it is.
const EDUCATION: [(&str, u32); 6] =
    [("学历不限", 0), ("初中及以上", 1), ("高中", 2), ("中专/技校", 3), ("大专及以上", 4), ("本科", 5)];
const BENEFITS: [(&str, &str); 8] = [
    ("housing", "包住"),
    ("housing", "提供住宿"),
    ("meals", "包吃"),
    ("meals", "免费工作餐"),
    ("insurance", "五险一金"),
    ("weekend", "双休"),
    ("gifts", "节日福利"),
    ("bonus", "年终奖"),
];
const EMPLOYERS: [&str; 12] = [
    "虚构鸢飞文化有限公司",
    "虚构窑火陶艺工作室",
    "虚构锦机坊手造有限公司",
    "虚构沂河工艺品厂",
    "虚构般阳琉璃有限公司",
    "虚构红叶非遗工坊",
    "虚构海岱文创有限公司",
    "虚构大明湖礼品有限公司",
    "虚构齐鲁手造展示中心",
    "虚构运河人家工艺有限公司",
    "虚构岱下研学服务有限公司",
    "虚构青未了电子商务有限公司",
];

/// One line of a table.
struct Row(Vec<&'static str>);

impl Row {
    fn all(table: &'static str) -> Vec<Row> {
        table.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| Row(line.split('\t').collect())).collect()
    }

    fn list(&self, at: usize) -> Vec<&'static str> {
        self.0[at].split('|').collect()
    }
}

/// What a posting was made of.
#[derive(Default)]
struct Made {
    craft: &'static str,
    beside: &'static str,
    role: &'static str,
    family: &'static str,
    city: &'static str,
    key: &'static str,
    pay: i64,
    education: u32,
    beginner: bool,
    employer: &'static str,
    benefits: BTreeSet<&'static str>,
    title: String,
    steps: Vec<&'static str>,
    possible: Vec<&'static str>,
}

struct World {
    crafts: Vec<Row>,
    roles: Vec<Row>,
    rng: StdRng,
}

impl World {
    fn new() -> World {
        let crafts = Row::all(include_str!("../fixtures/search/crafts.tsv"));
        let roles = Row::all(include_str!("../fixtures/search/roles.tsv"));
        World { crafts, roles, rng: StdRng::seed_from_u64(SEED) }
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        *from.choose(&mut self.rng).unwrap()
    }

    /// Makes a posting of a craft. Three in ten name the craft in the text alone, one in ten nothing but its steps.
    fn posting(&mut self) -> (RawVacancy, Made) {
        let craft = self.rng.random_range(0..self.crafts.len());
        let role = self.rng.random_range(0..self.roles.len());
        let [id, home] = [0, 1].map(|at| self.crafts[craft].0[at]);
        let (names, steps, makers) = (self.crafts[craft].list(2), self.crafts[craft].list(3), self.crafts[craft].list(4));
        let (titles, sentences) = (self.roles[role].list(2), self.roles[role].list(3));
        let mut made = Made { craft: id, role: self.roles[role].0[0], family: self.roles[role].0[1], ..Made::default() };
        made.possible = steps.clone();
        let (name, named) = (self.pick(&names), self.rng.random_range(0..10));
        let bare = ["手工", "手造", "工艺", "非遗"];
        let in_title = if named < 6 { self.pick(&names) } else { self.pick(&bare) };
        let title = match self.pick(&titles) {
            "*" if named < 6 => self.pick(&makers).to_owned(),
            "*" => "手工艺人".to_owned(),
            title => title.replace("{}", in_title),
        };
        let in_text = if named < 9 { name } else { "手造作品" };
        let mut text: Vec<String> = sentences.iter().map(|sentence| sentence.replace("{}", in_text)).collect();
        if made.family == "making" || named == 9 {
            made.steps = steps.choose_multiple(&mut self.rng, 2).copied().collect();
            text.push(format!("工序：{}", made.steps.join("、")));
        }
        if self.rng.random_bool(0.2) {
            let other = self.rng.random_range(0..self.crafts.len());
            made.beside = self.crafts[other].0[0];
            text.push(format!("园区里另有{}车间", self.crafts[other].list(2)[0]));
        }
        made.title = title.clone();
        let homes: Vec<&'static str> = self.crafts.iter().map(|craft| craft.0[1]).collect();
        made.city = if self.rng.random_bool(0.6) { home } else { self.pick(&homes) };
        (self.offered(&title, &text.join("，"), &mut made), made)
    }

    /// Adds what every posting tells: employer, place, pay, education and benefits.
    fn offered(&mut self, title: &str, text: &str, made: &mut Made) -> RawVacancy {
        made.pay = self.pick(&PAY);
        made.employer = self.pick(&EMPLOYERS);
        made.beginner = made.role == "apprentice" || self.rng.random_bool(0.3);
        let (education, level) = self.pick(&EDUCATION);
        made.education = level;
        let count = self.rng.random_range(0..4);
        let offered: Vec<(&'static str, &'static str)> = BENEFITS.choose_multiple(&mut self.rng, count).copied().collect();
        made.benefits = offered.iter().map(|(benefit, _)| *benefit).collect();
        let place = LEXICON.places.get(&AreaCode::parse(made.city).unwrap()).unwrap().name.clone();
        RawVacancy {
            title: title.to_owned(),
            description: format!("{text}。"),
            employer_name: made.employer.to_owned(),
            place,
            salary: format!("{}-{}元/月", made.pay * 2 / 3, made.pay),
            education: education.to_owned(),
            experience: if made.beginner { "经验不限，欢迎应届生" } else { "1-3年" }.to_owned(),
            benefits: offered.iter().map(|(_, wording)| *wording).collect::<Vec<_>>().join("，"),
            ..RawVacancy::default()
        }
    }

    fn all(mut self) -> Vec<(RawVacancy, Made)> {
        let mut all: Vec<(RawVacancy, Made)> = (0..MADE).map(|_| self.posting()).collect();
        for other in Row::all(include_str!("../fixtures/search/others.tsv")) {
            let [key, title, city, text] = [0, 1, 2, 3].map(|at| other.0[at]);
            let mut made = Made { key, city, ..Made::default() };
            all.push((self.offered(title, text, &mut made), made));
        }
        all
    }
}

/// What the writer of a query wants.
type Wish = HashMap<&'static str, &'static str>;

/// Tells whether a craft is another one or a narrower one.
fn is_of(craft: &str, wanted: &str) -> bool {
    let broader = || LEXICON.skills.get(craft).and_then(|skill| skill.broader.as_deref());
    !craft.is_empty() && (craft == wanted || broader().is_some_and(|broader| is_of(broader, wanted)))
}

fn grade(wish: &Wish, made: &Made) -> u32 {
    let wanted = |name: &str| wish.get(name).copied();
    let number = |name: &str| wanted(name).map(|number| number.parse::<i64>().unwrap());
    let missed = wanted("city").is_some_and(|city| city != made.city)
        || number("pay").is_some_and(|pay| pay > made.pay)
        || number("education").is_some_and(|held| i64::from(made.education) > held)
        || wanted("beginner").is_some() && !made.beginner
        || wanted("benefit").is_some_and(|benefits| benefits.split(',').any(|benefit| !made.benefits.contains(benefit)));
    if missed || wanted("key").is_some_and(|key| key != made.key) {
        return 0;
    }
    let away = matches!(made.family, "trade" | "online" | "plant");
    let of_craft = match wanted("craft") {
        None => 3,
        Some(craft) if is_of(made.craft, craft) => 3 - u32::from(away && wanted("role").is_none()),
        Some(craft) => u32::from(is_of(craft, made.craft) || is_of(made.beside, craft)),
    };
    let family = |role: &str| {
        Row::all(include_str!("../fixtures/search/roles.tsv")).iter().any(|row| row.0[0] == role && row.0[1] == made.family)
    };
    let of_role = match wanted("role") {
        Some(role) if role != made.role && family(role) => of_craft.saturating_sub(1),
        Some(role) if role != made.role => u32::from(of_craft == 3 && wanted("craft").is_some()),
        _ => of_craft,
    };
    let stated = |step: &str| made.title.contains(step) || made.steps.iter().any(|own| own.contains(step));
    let of_step = wanted("process").map_or(3, |step| match stated(step) {
        true => 3,
        false => u32::from(made.possible.iter().any(|own| own.contains(step))),
    });
    let of_employer = wanted("employer").map_or(3, |name| if made.employer.starts_with(name) { 3 } else { 0 });
    of_role.min(of_step).min(of_employer)
}

fn judged() -> Judged {
    let (rows, made): (Vec<RawVacancy>, Vec<Made>) = World::new().all().into_iter().unzip();
    let query = |row: &Row| {
        let wish: Wish = row.0[3].split(';').filter_map(|part| part.split_once('=')).collect();
        let grades = made.iter().enumerate().map(|(at, made)| (at, grade(&wish, made))).filter(|(_, grade)| *grade > 0).collect();
        Query { id: row.0[0].to_owned(), kind: row.0[1].to_owned(), words: row.0[2].to_owned(), grades }
    };
    let queries = Row::all(include_str!("../fixtures/search/craft_queries.tsv")).iter().map(query).collect();
    Judged { rows, queries, region: "37" }
}

#[test]
fn the_order_of_craft_postings_is_better_than_plain_bm25_on_the_words_of_jieba() {
    let (whole, base) = judged().report();
    assert!(whole.tuned >= BETTER * base.tuned, "{} against {}", whole.tuned, base.tuned);
    assert!(whole.held_out >= BETTER * base.held_out, "held out: {} against {}", whole.held_out, base.held_out);
}
