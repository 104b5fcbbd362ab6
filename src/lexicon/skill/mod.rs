//! Which crafts, processes and modern skills does a text name, and how near are two of them?
//!
//! One word may mean several concepts (`錾刻` is a craft and a process), so every look-up answers
//! with a list. Place names are no skills; confusable crafts (`苏绣` and `鲁绣`) never merge.

mod context;
mod extract;
mod handicraft;
mod load;
mod relation;

use std::collections::{HashMap, HashSet};

use daachorse::CharwiseDoubleArrayAhoCorasick;
pub use extract::Mention;
pub use handicraft::HandicraftRule;
pub use relation::Relation;
use serde::{Deserialize, Serialize};

use super::fold::key;
use super::place::AreaCode;
use super::word::{Confidence, words};

const SEARCH_RESULTS_MAX: usize = 100;

/// The kind of a concept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkillKind {
    /// A family of crafts.
    Category,
    /// A craft.
    Craft,
    /// A step that crafts use.
    Process,
    /// A skill of design, trade or teaching asked for beside crafts.
    Modern,
}

words!(SkillKind {
    Category => "category",
    Craft => "craft",
    Process => "process",
    Modern => "modern",
});

/// One concept of the taxonomy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    /// Its identifier, `weifang-fengzheng`.
    pub id: String,
    /// Its kind.
    pub kind: SkillKind,
    /// Its Chinese name.
    pub name: String,
    /// Its English name.
    pub name_en: Option<String>,
    /// Other names.
    pub aliases: Vec<String>,
    /// The concept above it.
    pub broader: Option<String>,
    /// The category of a craft, those of a process, or the group of a modern skill.
    pub categories: Vec<String>,
    /// The areas a craft is at home in.
    pub homes: Vec<AreaCode>,
    /// Occupations of the national classification.
    pub occupations: Vec<String>,
    /// Industry classes of GB/T 4754; `x` stands for any digit.
    pub gbt4754: Vec<String>,
    /// The entry in a list of intangible heritage, where known.
    pub ich: Option<String>,
    /// Hazards of the work: dust, heat, noise, solvent.
    pub hazards: Vec<String>,
    /// The crafts that use a process.
    pub used_by: Vec<String>,
    /// Names never to be merged with this one.
    pub confusable: Vec<String>,
    /// Whether it is hand-made food.
    pub food: bool,
    /// Where the row comes from.
    pub source: String,
    /// How far it was checked.
    pub confidence: Confidence,
}

/// The taxonomy with its rules.
pub struct Skills {
    rows: Vec<Skill>,
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    children: HashMap<String, Vec<usize>>,
    adjacent: HashSet<(String, String)>,
    credits: HashMap<Relation, f64>,
    majors: HashMap<String, Vec<(usize, f64)>>,
    craft_occupations: HashSet<String>,
    craft_industries: HashSet<String>,
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    /// By pattern: the concepts it names and the rules it must pass; none for a decoy.
    patterns: Vec<extract::Pattern>,
    negations: Vec<context::Negation>,
}

impl Skills {
    /// Returns a concept by its identifier.
    pub fn get(&self, id: &str) -> Option<&Skill> {
        self.rows.get(*self.by_id.get(id)?)
    }

    /// Iterates over all concepts.
    pub fn iter(&self) -> impl Iterator<Item = &Skill> {
        self.rows.iter()
    }

    /// Returns the concepts of exactly this identifier, name or alias after folding.
    pub fn find(&self, name: &str) -> Vec<&Skill> {
        if let Some(skill) = self.get(name.trim()) {
            return vec![skill];
        }
        let found = self.by_name.get(&key(name)).into_iter().flatten();
        found.filter_map(|at| self.rows.get(*at)).collect()
    }

    /// Returns the concepts whose names contain the words, exact names first; all concepts of
    /// the kind when the words are empty.
    pub fn search(&self, words: &str, kind: Option<SkillKind>) -> Vec<&Skill> {
        let wanted = key(words);
        let mut ranked: Vec<(u8, &Skill)> = Vec::new();
        let rows = self.rows.iter().filter(|skill| kind.is_none_or(|kind| skill.kind == kind));
        for skill in rows {
            let aliases = skill.aliases.iter().map(|alias| key(alias));
            let aliases: Vec<String> = aliases.collect();
            let name = key(&skill.name);
            let english = skill.name_en.as_deref().map(key).unwrap_or_default();
            let rank = if name == wanted || skill.id == wanted {
                0
            } else if aliases.contains(&wanted) {
                1
            } else if name.contains(&wanted) {
                2
            } else if aliases.iter().any(|alias| alias.contains(&wanted)) || english.contains(&wanted) {
                3
            } else {
                continue;
            };
            ranked.push((rank, skill));
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        if !wanted.is_empty() {
            ranked.truncate(SEARCH_RESULTS_MAX);
        }
        ranked.into_iter().map(|(_, skill)| skill).collect()
    }

    /// Returns every concept below one, at any depth.
    pub fn narrower(&self, id: &str) -> Vec<&Skill> {
        let mut below: Vec<&Skill> = Vec::new();
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            let children = self.children.get(id).into_iter().flatten();
            for child in children.filter_map(|at| self.rows.get(*at)) {
                waiting.push(&child.id);
                below.push(child);
            }
        }
        below
    }

    /// Returns the concepts above one, the nearest first, the category last.
    pub fn broader_chain(&self, id: &str) -> Vec<&Skill> {
        let above = |skill: &&Skill| skill.broader.as_deref().and_then(|id| self.get(id));
        let first = self.get(id).and_then(|skill| above(&skill));
        std::iter::successors(first, above).collect()
    }

    /// Returns the processes a craft uses, those of the crafts above it included.
    pub fn uses(&self, craft: &str) -> Vec<&Skill> {
        let mut crafts: Vec<&str> = vec![craft];
        crafts.extend(self.broader_chain(craft).iter().map(|skill| skill.id.as_str()));
        let used = |skill: &&Skill| skill.used_by.iter().any(|user| crafts.contains(&user.as_str()));
        self.rows.iter().filter(used).collect()
    }

    /// Returns the modern skills most asked for beside a craft or category.
    pub fn adjacent(&self, id: &str) -> Vec<&Skill> {
        let Some(skill) = self.get(id) else {
            return Vec::new();
        };
        let modern = self.rows.iter().filter(|other| other.kind == SkillKind::Modern);
        modern.filter(|other| self.is_adjacent(skill, other)).collect()
    }

    /// Tells whether two concepts or names must never be merged.
    pub fn confusable(&self, left: &str, right: &str) -> bool {
        let names = |word: &str| -> (Vec<&Skill>, Vec<String>) {
            let skills = self.find(word);
            let own = skills.iter().flat_map(|skill| {
                let aliases = skill.aliases.iter();
                aliases.chain([&skill.name, &skill.id]).map(|name| key(name))
            });
            let own: Vec<String> = own.chain([key(word)]).collect();
            (skills, own)
        };
        let (left_skills, left_names) = names(left);
        let (right_skills, right_names) = names(right);
        let warns = |skills: &[&Skill], names: &[String]| {
            let warned = skills.iter().flat_map(|skill| &skill.confusable);
            warned.map(|name| key(name)).any(|name| names.contains(&name))
        };
        warns(&left_skills, &right_names) || warns(&right_skills, &left_names)
    }

    /// Returns the default skills of a school's major with their weight below certainty.
    pub fn major_skills(&self, major: &str) -> Vec<(&Skill, f64)> {
        let found = self.majors.get(&key(major)).into_iter().flatten();
        found.filter_map(|(at, weight)| Some((self.rows.get(*at)?, *weight))).collect()
    }

    /// Iterates over every name and alias, for a segmenter's user dictionary.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let names = |skill: &'_ Skill| skill.kind != SkillKind::Category;
        self.rows
            .iter()
            .filter(move |skill| names(skill))
            .flat_map(|skill| skill.aliases.iter().chain([&skill.name]))
            .map(String::as_str)
    }

    /// Returns the credit of a held skill towards an asked one.
    pub fn credit(&self, relation: Relation) -> f64 {
        self.credits.get(&relation).copied().unwrap_or(0.0)
    }

    fn is_adjacent(&self, craft: &Skill, modern: &Skill) -> bool {
        let own = [craft.id.clone()];
        let categories = match craft.kind {
            SkillKind::Category => own.as_slice(),
            SkillKind::Craft | SkillKind::Process => craft.categories.as_slice(),
            SkillKind::Modern => return false,
        };
        modern.kind == SkillKind::Modern
            && categories.iter().any(|category| {
                let groups = modern.categories.iter();
                groups.into_iter().any(|group| self.adjacent.contains(&(category.clone(), group.clone())))
            })
    }
}
