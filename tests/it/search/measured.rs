//! How good is search on real postings? Recall and precision against literal truth, and the order on judged queries.
//! Skipped where the postings are not.
#![expect(clippy::as_conversions, reason = "small counts become shares")]

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jiangxin::lexicon::fold::{Spaces, fold_text};
use jiangxin::search::Weights;
use jiangxin::vacancies::RawVacancy;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::judged::{BETTER, Judged, Query};
use super::{Shelf, ask};

const SAMPLE: usize = 3_000;

#[derive(Debug, Clone, Deserialize)]
struct Posting {
    title: String,
    company: Option<String>,
    city: Option<String>,
    district: Option<String>,
    description: Option<String>,
    salary_text: Option<String>,
    education: Option<String>,
    experience: Option<String>,
    #[serde(skip)]
    line: usize,
}

/// The sample: of all lines those that a hash puts first; none where the file is not.
static POSTINGS: LazyLock<Option<Vec<Posting>>> = LazyLock::new(|| {
    let shared = std::env::var("JIANGXIN_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let file = shared.join("data/vacancies/postings.ndjson.gz");
    if !file.exists() {
        eprintln!("skipped: {} is not there", file.display());
        return None;
    }
    let text = std::process::Command::new("gzip").arg("-dc").arg(&file).output().unwrap().stdout;
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_cached_key(|line| Sha256::digest(format!("jiangxin {line}")));
    let posting = |line: &usize| Posting { line: *line, ..serde_json::from_str(lines[*line]).unwrap() };
    Some(order.iter().take(SAMPLE).map(posting).collect())
});

fn raw(posting: &Posting) -> RawVacancy {
    let Posting { title, company, city, district, description, salary_text, education, experience, line: _ } = posting.clone();
    RawVacancy {
        title,
        employer_name: company.unwrap_or_default(),
        place: format!("{}{}", city.clone().unwrap_or_default(), district.unwrap_or_default()),
        address: city.unwrap_or_default(),
        description: description.unwrap_or_default(),
        salary: salary_text.unwrap_or_default(),
        education: education.unwrap_or_default(),
        experience: experience.unwrap_or_default(),
        ..RawVacancy::default()
    }
}

fn shelf(postings: &[Posting], weights: Weights) -> Shelf {
    let rows: Vec<RawVacancy> = postings.iter().map(raw).collect();
    Shelf::with(&rows, "", weights)
}

/// Folds a text and leaves out its spaces.
fn flat(text: &str) -> String {
    fold_text(text, Spaces::Drop)
}

fn is_han(text: &str) -> bool {
    text.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Words that people type, titles with their fragments, and any few characters in a row.
fn literal_queries(postings: &[Posting]) -> [(&'static str, Vec<String>); 3] {
    let natural = "教师资格 软件工程 数据分析 前端 后端 测试 运维 产品经理 项目经理 会计 出纳 财务 销售 客服 行政 人事 招聘 培训 运营 \
        新媒体 直播 美工 平面设计 设计师 剪辑 文案 编辑 翻译 英语 日语 采购 仓库 物流 司机 质量 检验 机械 电气 自动化 嵌入式 单片机 硬件 \
        算法 机器学习 人工智能 大数据 数据库 网络 安全 架构师 游戏 五险一金 带薪年假 双休 周末双休 年终奖 包住 餐补 应届生 本科 大专 \
        沟通能力 团队合作 工作经验 责任心 金融 互联网 电商 医疗 教育 汽车 手工 工艺 陶瓷 家具 珠宝 艺术";
    let mut curated = HashSet::new();
    let mut random = HashSet::new();
    for (at, posting) in postings.iter().enumerate() {
        let title: Vec<char> = flat(&posting.title).chars().collect();
        if at % 20 == 0 && (2..=14).contains(&title.len()) {
            let text: String = title.iter().collect();
            if is_han(&text) {
                curated.insert(text.clone());
                curated.extend((2..title.len()).step_by(2).map(|end| title[..end].iter().collect::<String>()));
                curated.extend((1..title.len() - 1).map(|from| title[from..].iter().collect::<String>()));
            }
        }
        let description: Vec<char> = posting.description.as_deref().unwrap_or_default().chars().collect();
        let (from, length) = (at * 7 % 61, 2 + at % 5);
        if at % 3 == 0 && description.len() > from + length {
            let text: String = description[from..from + length].iter().collect();
            if is_han(&text) {
                random.insert(text);
            }
        }
    }
    let natural = natural.split_whitespace().map(str::to_owned).collect();
    [("natural", natural), ("curated", curated.into_iter().collect()), ("random", random.into_iter().collect())]
}

#[test]
fn literal_words_are_found_wherever_they_stand_and_nowhere_else() {
    let Some(postings) = POSTINGS.as_ref() else { return };
    let shelf = shelf(postings, Weights::load().unwrap());
    let text = |p: &Posting| {
        flat(&format!("{}\n{}\n{}", p.title, p.company.clone().unwrap_or_default(), p.description.clone().unwrap_or_default()))
    };
    let texts: Vec<String> = postings.iter().map(text).collect();
    for (kind, queries) in literal_queries(postings) {
        for understand in [false, true] {
            let (mut recall, mut precision, mut whole, mut count) = (0.0, 0.0, 0, 0);
            for query in &queries {
                let truth: HashSet<usize> = (0..texts.len()).filter(|at| texts[*at].contains(query.as_str())).collect();
                if truth.is_empty() {
                    continue;
                }
                let mut asked = ask(query);
                (asked.understand, asked.limit) = (understand, SAMPLE);
                let seen = shelf.engine.find(&asked, "").unwrap().seen;
                let at: HashMap<_, _> = shelf.ids.iter().enumerate().map(|(at, id)| (id, at)).collect();
                let found: HashSet<usize> = seen.iter().map(|seen| at[&seen.id]).collect();
                let right = found.intersection(&truth).count() as f64;
                recall += right / truth.len() as f64;
                precision += if found.is_empty() { 1.0 } else { right / found.len() as f64 };
                whole += usize::from(found.is_superset(&truth));
                count += 1;
            }
            let (recall, precision) = (recall / f64::from(count), precision / f64::from(count));
            eprintln!(
                "{kind:<8} understand={understand:<5} {count} queries: recall {recall:.4} ({whole} whole), precision {precision:.4}"
            );
            if !understand {
                assert!(recall >= 0.99 && precision >= 0.99, "{kind}: {recall} {precision}");
            }
        }
    }
}

/// Reads the judged queries; the grades speak of postings by their line.
fn judged(postings: &[Posting]) -> Judged {
    let rows = |text: &str| -> Vec<[String; 3]> {
        let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
        rows.map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap()).collect()
    };
    let places: HashMap<usize, usize> = postings.iter().enumerate().map(|(at, posting)| (posting.line, at)).collect();
    let mut grades: HashMap<String, HashMap<usize, u32>> = HashMap::new();
    for [id, grade, lines] in rows(include_str!("../fixtures/search/grades.tsv")) {
        let grade: u32 = grade.parse().unwrap();
        grades.entry(id).or_default().extend(lines.split(' ').map(|line| (places[&line.parse().unwrap()], grade)));
    }
    let queries = rows(include_str!("../fixtures/search/queries.tsv")).into_iter();
    let queries = queries.map(|[id, kind, words]| Query { grades: grades.remove(&id).unwrap(), id, kind, words }).collect();
    Judged { rows: postings.iter().map(raw).collect(), queries, region: "" }
}

#[test]
fn the_order_of_real_postings_is_better_than_plain_bm25_on_the_words_of_jieba() {
    let Some(postings) = POSTINGS.as_ref() else { return };
    let (whole, base) = judged(postings).report();
    assert!(whole.tuned >= BETTER * base.tuned, "{} against {}", whole.tuned, base.tuned);
    assert!(whole.held_out >= BETTER * base.held_out, "held out: {} against {}", whole.held_out, base.held_out);
}
