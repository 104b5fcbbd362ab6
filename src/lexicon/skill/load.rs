//! How does the taxonomy come out of its data files?

use std::collections::{BTreeMap, HashMap, HashSet};

use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};

use super::extract::Pattern;
use super::relation::Relation;
use super::{Skill, SkillKind, Skills, context};
use crate::lexicon::fold::key;
use crate::lexicon::place::AreaCode;
use crate::lexicon::table::{Row, Table};
use crate::lexicon::word::Confidence;
use crate::lexicon::{LexiconError, Source, text};

type Majors = HashMap<String, Vec<(usize, f64)>>;

impl Skills {
    pub(in crate::lexicon) fn load(sources: &[Source]) -> Result<Self, LexiconError> {
        let rows = read_skills(sources)?;
        let by_id: HashMap<String, usize> = positions(rows.iter().map(|skill| skill.id.clone()));
        check_references(&rows, &by_id)?;
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut children: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, skill) in rows.iter().enumerate() {
            for name in skill.aliases.iter().chain([&skill.name]) {
                let named = by_name.entry(key(name)).or_default();
                if !named.contains(&at) {
                    named.push(at);
                }
            }
            if let Some(broader) = &skill.broader {
                children.entry(broader.clone()).or_default().push(at);
            }
        }
        let rules = context::load_rules(sources, |id| by_id.get(id).copied())?;
        if let Some((unknown, _)) = rules.iter().find(|(surface, _)| !by_name.contains_key(surface)) {
            return Err(LexiconError::Data {
                file: "skill_context.tsv",
                line: 0,
                what: format!("{unknown} is no name of a skill"),
            });
        }
        let (surfaces, patterns) = compile(&rows, &by_name, rules);
        Ok(Self {
            automaton: automaton(&surfaces)?,
            patterns,
            negations: context::load_negations(sources)?,
            adjacent: read_adjacent(sources)?,
            credits: read_credits(sources)?,
            majors: read_majors(sources, &by_id)?,
            craft_occupations: read_set(sources, "occupations.tsv", "craft")?,
            craft_industries: read_set(sources, "handicraft_industries.tsv", "")?,
            rows,
            by_id,
            by_name,
            children,
        })
    }
}

fn positions(ids: impl Iterator<Item = String>) -> HashMap<String, usize> {
    ids.enumerate().map(|(at, id)| (id, at)).collect()
}

fn read_skills(sources: &[Source]) -> Result<Vec<Skill>, LexiconError> {
    let table = Table::parse("skills.tsv", text(sources, "skills.tsv")?)?;
    let mut rows = Vec::new();
    for row in table.rows() {
        rows.push(Skill {
            id: row.text("id")?.to_owned(),
            kind: row.word("kind", SkillKind::parse)?,
            name: row.text("name")?.to_owned(),
            name_en: row.optional("name_en")?.map(str::to_owned),
            aliases: row.list("aliases")?,
            broader: row.optional("broader")?.map(str::to_owned),
            categories: row.list("category")?,
            homes: read_homes(&row)?,
            occupations: row.list("occupations")?,
            gbt4754: row.list("gbt4754")?,
            ich: row.optional("ich")?.map(str::to_owned),
            hazards: row.list("hazards")?,
            used_by: row.list("uses")?,
            confusable: row.list("confusable")?,
            food: row.text("food")? == "yes",
            source: row.text("source")?.to_owned(),
            confidence: row.word("confidence", Confidence::parse)?,
        });
    }
    Ok(rows)
}

fn read_homes(row: &Row<'_, '_>) -> Result<Vec<AreaCode>, LexiconError> {
    let homes = row.list("homes")?;
    let codes: Option<Vec<AreaCode>> = homes.iter().map(|code| AreaCode::parse(code)).collect();
    codes.ok_or_else(|| row.refuse("bad homes"))
}

fn check_references(rows: &[Skill], by_id: &HashMap<String, usize>) -> Result<(), LexiconError> {
    for skill in rows {
        let named = skill.broader.iter().chain(&skill.used_by);
        if let Some(unknown) = named.into_iter().find(|id| !by_id.contains_key(*id)) {
            return Err(LexiconError::Data {
                file: "skills.tsv",
                line: 0,
                what: format!("{} names unknown {unknown}", skill.id),
            });
        }
    }
    Ok(())
}

/// Puts names, context rules and decoys together: a confusable name that is no name of ours
/// swallows the names inside it, but means nothing.
fn compile(
    rows: &[Skill],
    by_name: &HashMap<String, Vec<usize>>,
    rules: Vec<(String, context::Rule)>,
) -> (Vec<String>, Vec<Pattern>) {
    let mut patterns: BTreeMap<String, Pattern> = BTreeMap::new();
    for (surface, named) in by_name {
        let mut skills = named.clone();
        skills.retain(|at| rows.get(*at).is_some_and(|skill| context::is_nameable(surface, skill)));
        if !skills.is_empty() {
            patterns.entry(surface.clone()).or_default().skills = skills;
        }
    }
    for decoy in rows.iter().flat_map(|skill| &skill.confusable) {
        patterns.entry(key(decoy)).or_default();
    }
    for (surface, rule) in rules {
        patterns.entry(surface).or_default().rules.push(rule);
    }
    patterns.into_iter().unzip()
}

fn automaton(surfaces: &[String]) -> Result<CharwiseDoubleArrayAhoCorasick<u32>, LexiconError> {
    let mut values = Vec::new();
    for (at, surface) in surfaces.iter().enumerate() {
        values.push((surface.as_str(), u32::try_from(at).unwrap_or(u32::MAX)));
    }
    CharwiseDoubleArrayAhoCorasickBuilder::new()
        .match_kind(MatchKind::LeftmostLongest)
        .build_with_values(values)
        .map_err(|error| LexiconError::Automaton(error.to_string()))
}

fn read_adjacent(sources: &[Source]) -> Result<HashSet<(String, String)>, LexiconError> {
    let table = Table::parse("skill_adjacency.tsv", text(sources, "skill_adjacency.tsv")?)?;
    let pairs = table.rows().map(|row| Ok((row.text("category")?.to_owned(), row.text("group")?.to_owned())));
    pairs.collect()
}

fn read_credits(sources: &[Source]) -> Result<HashMap<Relation, f64>, LexiconError> {
    let table = Table::parse("skill_credits.tsv", text(sources, "skill_credits.tsv")?)?;
    let credits = table.rows().map(|row| Ok((row.word("relation", Relation::parse)?, row.value("credit")?)));
    credits.collect()
}

fn read_majors(sources: &[Source], by_id: &HashMap<String, usize>) -> Result<Majors, LexiconError> {
    let table = Table::parse("major_skills.tsv", text(sources, "major_skills.tsv")?)?;
    let mut majors = Majors::new();
    for row in table.rows() {
        let weight: f64 = row.value("weight")?;
        let mut skills = Vec::new();
        for id in row.list("skills")? {
            let at = by_id.get(&id).ok_or_else(|| row.refuse("unknown skill"))?;
            skills.push((*at, weight));
        }
        majors.insert(key(row.text("major")?), skills);
    }
    Ok(majors)
}

/// Reads the codes of a file, only those marked `yes` in a column when one is given.
fn read_set(sources: &[Source], file: &'static str, marked: &str) -> Result<HashSet<String>, LexiconError> {
    let table = Table::parse(file, text(sources, file)?)?;
    let mut codes = HashSet::new();
    for row in table.rows() {
        if marked.is_empty() || row.text(marked)? == "yes" {
            codes.insert(row.text("code")?.to_owned());
        }
    }
    Ok(codes)
}
