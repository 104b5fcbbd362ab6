//! Does what vacancies ask for together tell which skills go together? Of each vacancy of a held-out third (by employer) that
//! names two skills or more one is hidden, and all skills are ranked by how near they are to the others: by the taxonomy, with
//! what was learnt from the other two thirds, and by how common they are. `BENCH_POSTINGS` names postings, one JSON object a
//! line, with `title`, `company`, `description` and `skills`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly and tells figures"
)]

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{Hash, Hasher};
use std::io::BufRead;

use jiangxin::lexicon::Lexicon;
use jiangxin::matching::{Affinity, Relations};
use serde_json::Value;

/// What a learnt relation counts at most, where it is tried.
const MOST: f64 = 0.5;

/// A skill that is hidden, and those beside it.
type Hidden<'p> = (&'p str, Vec<&'p str>);

fn postings(lexicon: &Lexicon) -> Vec<(u64, BTreeSet<String>)> {
    let file = std::fs::File::open(std::env::var("BENCH_POSTINGS").unwrap()).unwrap();
    let (mut read, mut seen) = (Vec::new(), HashSet::new());
    for line in std::io::BufReader::new(file).lines() {
        let posting: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = |name: &str| posting[name].as_str().unwrap_or_default().to_owned();
        let listed: Vec<&str> = posting["skills"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let text_of = [text("title"), text("description"), listed.join("，")].join("。");
        let mentions = lexicon.skills.extract(&text_of).into_iter().filter(|mention| !mention.negated);
        let skills: BTreeSet<String> = mentions.flat_map(|mention| mention.skills).map(|skill| skill.id.clone()).collect();
        let mut hash = DefaultHasher::new();
        text("company").hash(&mut hash);
        if !skills.is_empty() && seen.insert((text("title"), text("company"), skills.clone())) {
            read.push((hash.finish(), skills));
        }
    }
    read
}

/// Tells how often the hidden skill is among the first, and the mean of one over its rank; ties count half.
fn tell(name: &str, all: &[&str], hidden: &[Hidden<'_>], near: impl Fn(&str, &[&str]) -> f64) {
    let (mut first, mut inverse) = ([0_usize; 3], 0.0);
    for (wanted, beside) in hidden {
        let own = near(wanted, beside);
        let others = all.iter().filter(|other| *other != wanted && !beside.contains(other)).map(|other| near(other, beside));
        let (better, equal) =
            others.fold((0, 0), |(better, equal), near| (better + usize::from(near > own), equal + usize::from(near == own)));
        let rank = 1.0 + better as f64 + equal as f64 / 2.0;
        inverse += 1.0 / rank;
        for (count, within) in first.iter_mut().zip([1.0, 3.0, 5.0]) {
            *count += usize::from(rank <= within);
        }
    }
    let share = |count: usize| count as f64 / hidden.len() as f64;
    let [one, three, five] = first.map(share);
    println!(
        "{name:<44} first {one:.3}, of 3 {three:.3}, of 5 {five:.3}, mean inverse rank {:.3}",
        inverse / hidden.len() as f64
    );
}

fn main() {
    let lexicon = Lexicon::shared().unwrap();
    let read = postings(&lexicon);
    let ids = |skills: &'static BTreeSet<String>| skills.iter().map(String::as_str).collect::<BTreeSet<&str>>();
    let read: &'static [(u64, BTreeSet<String>)] = read.leak();
    let known: Vec<BTreeSet<&str>> =
        read.iter().filter(|(employer, _)| employer % 3 != 0).map(|(_, skills)| ids(skills)).collect();
    let held_out: Vec<BTreeSet<&str>> =
        read.iter().filter(|(employer, skills)| employer % 3 == 0 && skills.len() > 1).map(|(_, skills)| ids(skills)).collect();
    let mut common: BTreeMap<&str, f64> = BTreeMap::new();
    known.iter().flatten().for_each(|skill| *common.entry(*skill).or_default() += 1.0);
    let all: Vec<&str> = common.keys().copied().collect();
    let hide = |skills: &BTreeSet<&'static str>| {
        let one = |wanted: &&'static str| (*wanted, skills.iter().copied().filter(|other| other != wanted).collect::<Vec<_>>());
        skills.iter().filter(|skill| common.contains_key(*skill)).map(one).collect::<Vec<_>>()
    };
    let hidden: Vec<Hidden<'_>> = held_out.iter().flat_map(hide).collect();
    println!(
        "{} postings name skills, {} learnt from, {} held out with two or more, {} skills hidden of {}",
        read.len(),
        known.len(),
        held_out.len(),
        hidden.len(),
        all.len()
    );
    let affinity = Affinity::learn(known.iter().cloned(), &lexicon);
    let (plain, learnt) = (Relations::of(&lexicon), Relations::of(&lexicon));
    learnt.learn(|| affinity.clone(), MOST);
    let best = |of: &Relations, wanted: &str, beside: &[&str]| {
        beside.iter().map(|held| of.credit(&lexicon, wanted, held)).fold(0.0, f64::max)
    };
    let often = |wanted: &str| common.get(wanted).copied().unwrap_or(0.0) / known.len() as f64;
    tell("how common", &all, &hidden, |wanted, _| often(wanted));
    tell("taxonomy", &all, &hidden, |wanted, beside| best(&plain, wanted, beside));
    tell("taxonomy, equal ones by how common", &all, &hidden, |wanted, beside| {
        best(&plain, wanted, beside) + often(wanted) / 1e3
    });
    tell("learnt alone", &all, &hidden, |wanted, beside| beside.iter().map(|held| affinity.of(wanted, held)).fold(0.0, f64::max));
    tell("taxonomy and learnt", &all, &hidden, |wanted, beside| best(&learnt, wanted, beside));
    tell("taxonomy and learnt, equal ones by how common", &all, &hidden, |wanted, beside| {
        best(&learnt, wanted, beside) + often(wanted) / 1e3
    });
}
