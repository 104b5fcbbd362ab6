//! How do the rules come out of their data files? Slots are put into patterns, patterns are compiled.

use std::collections::HashMap;

use regex::{Regex, RegexSetBuilder};

use super::{Check, Family, Limit, Rule, Screening, Severity};
use crate::lexicon::table::{Row, Table};
use crate::lexicon::word::Confidence;
use crate::lexicon::{LexiconError, Source, text};

const FAMILIES: &str = "screening_families.tsv";
const SLOTS: &str = "screening_slots.tsv";
const RULES: &str = "screening_rules.tsv";
const CHECKS: &str = "screening_checks.tsv";
const ALLOWED: &str = "screening_allowed.tsv";
/// The slot that names what takes a wording back when it stands before it.
const NEGATOR: &str = "negator";
/// The slot that names what takes a wording back when it stands behind it.
const DISCLAIMER: &str = "disclaimer";

/// How much memory the search for suspects may use for each family and thread; with much less it starts over and over.
const SUSPECTS_BYTES: usize = 8 << 20;

type Slots = HashMap<String, String>;

impl Screening {
    pub(in crate::lexicon) fn load(sources: &[Source]) -> Result<Screening, LexiconError> {
        let slots = read_slots(sources)?;
        let table = Table::parse(FAMILIES, text(sources, FAMILIES)?)?;
        let families = table.rows().map(|row| read_family(&row, sources, &slots)).collect::<Result<_, _>>()?;
        let slot =
            |name| slots.get(name).ok_or_else(|| LexiconError::Data { file: SLOTS, line: 0, what: format!("no slot {name}") });
        let negated = compile(&format!("{}$", slot(NEGATOR)?), SLOTS, NEGATOR)?;
        let disclaimed = compile(&format!("^{}", slot(DISCLAIMER)?), SLOTS, DISCLAIMER)?;
        Ok(Screening { families, checks: read_checks(sources)?, negated, disclaimed })
    }
}

fn read_checks(sources: &[Source]) -> Result<Vec<Check>, LexiconError> {
    let table = Table::parse(CHECKS, text(sources, CHECKS)?)?;
    let mut checks = Vec::new();
    for row in table.rows() {
        row.word("confidence", Confidence::parse)?;
        checks.push(Check {
            id: row.text("id")?.to_owned(),
            severity: row.word("severity", Severity::parse)?,
            statute: row.text("statute")?.to_owned(),
            article: row.text("article")?.to_owned(),
            advice_zh: row.text("advice_zh")?.to_owned(),
            advice_en: row.text("advice_en")?.to_owned(),
        });
    }
    Ok(checks)
}

/// Reads the slots; one may use those above it.
fn read_slots(sources: &[Source]) -> Result<Slots, LexiconError> {
    let table = Table::parse(SLOTS, text(sources, SLOTS)?)?;
    let mut slots = Slots::new();
    for row in table.rows() {
        let words = fill(&row, row.text("words")?, &slots)?;
        slots.insert(row.text("slot")?.to_owned(), format!("(?:{words})"));
    }
    Ok(slots)
}

/// Puts the slots into a pattern; what stands in braces and does not begin with a digit is one.
fn fill(row: &Row<'_, '_>, pattern: &str, slots: &Slots) -> Result<String, LexiconError> {
    let mut filled = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, tail) = after.split_once('}').ok_or_else(|| row.refuse("an open brace"))?;
        match slots.get(name) {
            Some(words) => filled.push_str(words),
            None if name.starts_with(|c: char| c.is_ascii_digit()) => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
            None => return Err(row.refuse(&format!("no slot {name}"))),
        }
        rest = tail;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn compile(pattern: &str, file: &'static str, name: &str) -> Result<Regex, LexiconError> {
    let refused = |error: regex::Error| LexiconError::Data { file, line: 0, what: format!("{name}: {error}") };
    Regex::new(pattern).map_err(refused)
}

fn read_family(family: &Row<'_, '_>, sources: &[Source], slots: &Slots) -> Result<Family, LexiconError> {
    let id = family.text("family")?;
    family.word("confidence", Confidence::parse)?;
    let mut allowed = Vec::new();
    for row in Table::parse(ALLOWED, text(sources, ALLOWED)?)?.rows() {
        if row.list("families")?.iter().any(|named| named == id || named == "*") {
            allowed.push(fill(&row, row.text("pattern")?, slots)?);
        }
    }
    let mut rules = Vec::new();
    for row in Table::parse(RULES, text(sources, RULES)?)?.rows() {
        if row.text("family")? == id {
            rules.push(read_rule(&row, family, slots)?);
        }
    }
    let suspects = RegexSetBuilder::new(rules.iter().map(|rule| rule.pattern.as_str())).dfa_size_limit(SUSPECTS_BYTES).build();
    let suspects = suspects.map_err(|error| family.refuse(&error.to_string()))?;
    Ok(Family {
        id: id.to_owned(),
        advice_zh: family.text("advice_zh")?.to_owned(),
        advice_en: family.text("advice_en")?.to_owned(),
        allowed: if allowed.is_empty() { None } else { Some(compile(&allowed.join("|"), ALLOWED, id)?) },
        rules,
        suspects,
    })
}

/// Reads a rule; what it leaves empty is as its family has it.
fn read_rule(row: &Row<'_, '_>, family: &Row<'_, '_>, slots: &Slots) -> Result<Rule, LexiconError> {
    let id = row.text("id")?;
    let severity = row.optional("severity")?.unwrap_or(family.text("severity")?);
    let limit = match row.optional("limit")? {
        Some(text) => {
            Some(Limit::parse(text).ok_or_else(|| row.refuse("a limit is n>8, n<16, span>10, share<80, ratio<80 or term>0"))?)
        }
        None => None,
    };
    Ok(Rule {
        id: id.to_owned(),
        severity: Severity::parse(severity).ok_or_else(|| row.refuse("a severity is block or flag"))?,
        statute: row.optional("statute")?.unwrap_or(family.text("statute")?).to_owned(),
        article: row.optional("article")?.unwrap_or(family.text("article")?).to_owned(),
        pattern: compile(&fill(row, row.text("pattern")?, slots)?, RULES, id)?,
        limit,
    })
}
