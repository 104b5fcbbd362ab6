//! How do the rules come out of their data files? Slots are put into patterns, patterns are compiled.

use std::collections::HashMap;

use regex::Regex;

use super::sieve::Sieve;
use super::{Check, Family, Limit, Pattern, Rule, Screening, Severity};
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

type Slots = HashMap<String, String>;

impl Screening {
    pub(in crate::lexicon) fn load(sources: &[Source]) -> Result<Screening, LexiconError> {
        let slots = read_slots(sources)?;
        let table = Table::parse(FAMILIES, text(sources, FAMILIES)?)?;
        let (mut families, mut rules) = (Vec::new(), Vec::new());
        for (row, place) in table.rows().zip(0..) {
            families.push(read_family(&row, sources, &slots)?);
            rules.extend(read_rules(&row, sources, &slots)?.into_iter().map(|rule| (place, rule)));
        }
        let refused = |what: String| LexiconError::Data { file: RULES, line: 0, what };
        let wordings = rules.iter().map(|(_, rule): &(usize, Rule)| &rule.pattern);
        let allowances = families.iter().enumerate();
        let allowances = allowances.filter_map(|(place, family): (usize, &Family)| Some((place, family.allowed.as_ref()?)));
        let sieve = Sieve::build(wordings, allowances).map_err(refused)?;
        let slot =
            |name| slots.get(name).ok_or_else(|| LexiconError::Data { file: SLOTS, line: 0, what: format!("no slot {name}") });
        let negator = format!("{}$", slot(NEGATOR)?);
        let negated = compile(&negator, SLOTS, NEGATOR)?;
        let negated_reach = regex_syntax::parse(&negator).ok().and_then(|parsed| parsed.properties().maximum_len());
        let disclaimed = compile(&format!("^{}", slot(DISCLAIMER)?), SLOTS, DISCLAIMER)?;
        Ok(Screening { families, rules, sieve, checks: read_checks(sources)?, negated, negated_reach, disclaimed })
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

fn pattern(text: String, file: &'static str, name: &str) -> Result<Pattern, LexiconError> {
    Pattern::parse(text).map_err(|error| LexiconError::Data { file, line: 0, what: format!("{name}: {error}") })
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
    Ok(Family {
        id: id.to_owned(),
        advice_zh: family.text("advice_zh")?.to_owned(),
        advice_en: family.text("advice_en")?.to_owned(),
        allowed: if allowed.is_empty() { None } else { Some(pattern(allowed.join("|"), ALLOWED, id)?) },
    })
}

fn read_rules(family: &Row<'_, '_>, sources: &[Source], slots: &Slots) -> Result<Vec<Rule>, LexiconError> {
    let id = family.text("family")?;
    let mut rules = Vec::new();
    for row in Table::parse(RULES, text(sources, RULES)?)?.rows() {
        if row.text("family")? == id {
            rules.push(read_rule(&row, family, slots)?);
        }
    }
    Ok(rules)
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
        pattern: pattern(fill(row, row.text("pattern")?, slots)?, RULES, id)?,
        limit,
    })
}
