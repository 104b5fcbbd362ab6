//! How good is an order? nDCG@10 on judged queries beside plain BM25 on the words of jieba, with each family of rules
//! switched off in turn; a third of the queries is held out: nothing is tuned on it.
#![expect(clippy::as_conversions, reason = "small counts become shares")]

use std::collections::{BTreeMap, HashMap};

use jiangxin::search::Weights;
use jiangxin::vacancies::RawVacancy;
use sha2::{Digest, Sha256};

use super::{Shelf, ask};

/// How many times plain BM25 the order must be worth.
pub const BETTER: f64 = 1.15;

/// One query with its grades, 0 to 3, by the place of the posting; what is not named is graded 0.
pub struct Query {
    pub id: String,
    pub kind: String,
    pub words: String,
    pub grades: HashMap<usize, u32>,
}

/// Postings and what is wanted of them.
pub struct Judged {
    pub rows: Vec<RawVacancy>,
    pub queries: Vec<Query>,
    pub region: &'static str,
}

/// Averages over the queries that may be tuned on and those that are held out, and by kind.
pub struct Average {
    pub tuned: f64,
    pub held_out: f64,
    pub kinds: BTreeMap<String, f64>,
}

/// What one search is made with.
struct Rules {
    name: &'static str,
    weights: Weights,
    understand: bool,
    correct: bool,
}

fn is_held_out(id: &str) -> bool {
    Sha256::digest(id)[0].is_multiple_of(3)
}

fn ndcg(ranked: &[usize], grades: &HashMap<usize, u32>) -> f64 {
    let gain = |(at, grade): (usize, u32)| (2_f64.powi(grade as i32) - 1.0) / (at as f64 + 2.0).log2();
    let dcg: f64 = ranked.iter().take(10).map(|row| grades.get(row).copied().unwrap_or(0)).enumerate().map(gain).sum();
    let mut ideal: Vec<u32> = grades.values().copied().collect();
    ideal.sort_unstable_by(|left, right| right.cmp(left));
    dcg / ideal.into_iter().take(10).enumerate().map(gain).sum::<f64>()
}

impl Judged {
    /// Prints how every family of rules counts, and gives what all rules and plain BM25 reach.
    pub fn report(&self) -> (Average, Average) {
        eprintln!("{:<28} {:>7} {:>9}  by kind", "nDCG@10", "tuned", "held out");
        let plain = Plain::of(&self.rows);
        let base = self.average(|query| plain.ranked(query));
        told("plain BM25, jieba words", &base);
        let whole = self.tried(&all_rules());
        told("all rules", &whole);
        for rules in families().iter().filter(|_| std::env::var("WEIGHTS").is_err()) {
            told(rules.name, &self.tried(rules));
        }
        (whole, base)
    }

    fn tried(&self, rules: &Rules) -> Average {
        let shelf = Shelf::with(&self.rows, self.region, rules.weights.clone());
        let places: HashMap<_, _> = shelf.ids.iter().enumerate().map(|(at, id)| (id.clone(), at)).collect();
        self.average(|query| {
            let mut asked = ask(query);
            (asked.understand, asked.limit) = (rules.understand, 10);
            let found = shelf.engine.find(&asked, self.region).unwrap();
            if std::env::var("JUDGED").is_ok() && rules.name == "all rules" {
                let ranked: Vec<usize> = found.seen.iter().map(|seen| places[&seen.id]).collect();
                self.shown(query, &ranked, found.total);
            }
            let left_alone = found.understood.corrected_query.is_none();
            if rules.correct || left_alone { found.seen.iter().map(|seen| places[&seen.id]).collect() } else { Vec::new() }
        })
    }

    /// Prints what stands first for a query (`JUDGED=yes`).
    fn shown(&self, words: &str, ranked: &[usize], total: u64) {
        for query in self.queries.iter().filter(|query| query.words == words) {
            let grades: Vec<u32> = ranked.iter().map(|at| query.grades.get(at).copied().unwrap_or(0)).collect();
            let titles: Vec<&str> = ranked.iter().take(5).map(|at| self.rows[*at].title.as_str()).collect();
            eprintln!("{:.3} {} {words} {total} {grades:?} {titles:?}", ndcg(ranked, &query.grades), query.id);
        }
    }

    fn average(&self, ranked: impl Fn(&str) -> Vec<usize>) -> Average {
        let mut kinds: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        let (mut tuned, mut held_out) = (Vec::new(), Vec::new());
        for query in &self.queries {
            let value = ndcg(&ranked(&query.words), &query.grades);
            assert!(value.is_finite(), "nothing fits {} {}", query.id, query.words);
            kinds.entry(query.kind.clone()).or_default().push(value);
            if is_held_out(&query.id) { held_out.push(value) } else { tuned.push(value) }
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let kinds = kinds.iter().map(|(kind, values)| (kind.clone(), mean(values))).collect();
        Average { tuned: mean(&tuned), held_out: mean(&held_out), kinds }
    }
}

fn told(name: &str, average: &Average) {
    let kinds: Vec<String> = average.kinds.iter().map(|(kind, value)| format!("{kind} {value:.3}")).collect();
    eprintln!("{name:<28} {:>7.4} {:>9.4}  {}", average.tuned, average.held_out, kinds.join("  "));
}

/// The weights that are compiled in, or those of the file that `WEIGHTS` names, for tuning.
fn weights() -> Weights {
    match std::env::var("WEIGHTS") {
        Ok(file) => serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap(),
        Err(_) => Weights::load().unwrap(),
    }
}

fn all_rules() -> Rules {
    Rules { name: "all rules", weights: weights(), understand: true, correct: true }
}

/// All rules but one family each.
fn families() -> Vec<Rules> {
    let all = weights();
    let without = |name, weights| Rules { name, weights, ..all_rules() };
    let flat = Weights { title: 1, title_pair: 0, skill: 1, trade: 1, employer: 1, employer_pair: 0, ..all.clone() };
    let unnamed = Weights { concept: 0.0, narrower: 0.0, occupation: 0.0, sign: 0.0, ..all.clone() };
    let still = Weights { recency: 0.0, completeness: 0.0, handicraft: 0.0, nearness: 0.0, ..all.clone() };
    vec![
        without("without field weights", flat),
        without("without concepts", unnamed),
        without("without narrower crafts", Weights { narrower: 0.0, ..all.clone() }),
        without("without other words", Weights { synonym: 0.0, ..all.clone() }),
        without("without pairs", Weights { pair: 0.0, ..all.clone() }),
        without("whole words as their parts", Weights { apart: 1.0, ..all }),
        without("without gentle factors", still),
        Rules { correct: false, ..without("without corrections", all_rules().weights) },
        Rules { understand: false, ..without("without understanding", all_rules().weights) },
    ]
}

/// Plain BM25 over all text, on the words of jieba with its own dictionary.
struct Plain {
    jieba: jieba_rs::Jieba,
    documents: Vec<HashMap<String, f64>>,
    lengths: Vec<f64>,
}

impl Plain {
    fn of(rows: &[RawVacancy]) -> Plain {
        let jieba = jieba_rs::Jieba::new();
        let mut documents = Vec::new();
        let mut lengths = Vec::new();
        for raw in rows.iter().cloned() {
            let text =
                [raw.title, raw.employer_name, raw.place, raw.education, raw.experience, raw.salary, raw.description].join(" ");
            let mut counts: HashMap<String, f64> = HashMap::new();
            words(&jieba, &text).into_iter().for_each(|word| *counts.entry(word).or_default() += 1.0);
            lengths.push(counts.values().sum());
            documents.push(counts);
        }
        Plain { jieba, documents, lengths }
    }

    fn ranked(&self, query: &str) -> Vec<usize> {
        let average = self.lengths.iter().sum::<f64>() / self.lengths.len() as f64;
        let mut scores = vec![0.0; self.documents.len()];
        for word in words(&self.jieba, query) {
            let holding = self.documents.iter().filter(|counts| counts.contains_key(&word)).count() as f64;
            let idf = (1.0 + (self.documents.len() as f64 - holding + 0.5) / (holding + 0.5)).ln();
            for (at, counts) in self.documents.iter().enumerate() {
                let count = counts.get(&word).copied().unwrap_or(0.0);
                scores[at] += idf * 2.2 * count / (count + 1.2 * (0.25 + 0.75 * self.lengths[at] / average));
            }
        }
        let mut order: Vec<usize> = (0..scores.len()).filter(|at| scores[*at] > 0.0).collect();
        order.sort_by(|left, right| scores[*right].total_cmp(&scores[*left]));
        order
    }
}

fn words(jieba: &jieba_rs::Jieba, text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let cut = jieba.cut(&lower, true).into_iter().map(|token| token.word.trim().to_owned());
    cut.filter(|word| word.chars().any(char::is_alphanumeric)).collect()
}
