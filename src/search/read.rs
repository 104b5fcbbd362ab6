//! What does a query ask for? Its words are read into groups, of which each must be met in one of several ways: the words
//! themselves, the concept that they name, a narrower one, another word for it. Quoted text is only itself, `-word`
//! excludes; places, pay and education become conditions. Pure: knows the word lists, not the index.

use serde::Serialize;

use crate::db::types::VacancyId;
use crate::lexicon::{AreaCode, Education, Lexicon, Mention};
use crate::search::analyse::{Cutter, is_han};
use crate::search::schema::{Column, education_number, occupation_term, sign_term, skill_term};
use crate::search::weights::Weights;

/// Endings of education wordings that say nothing more.
const EDUCATION_ENDINGS: [&str; 6] = ["及以上", "以上", "学历", "毕业生", "毕业", "可"];
/// Wordings of education that name work more often than what somebody has learnt.
const WORK_MORE_OFTEN: [&str; 6] = ["技工", "大学", "中级工", "高级工", "高级技工", "不限"];
/// Words by which a wording of experience speaks of beginners.
const BEGINNERS: [&str; 3] = ["经验", "零基础", "小白"];
/// The longest wording of a benefit or a form of employment that is taken as a whole, in characters.
const SIGN_CHARS_MAX: usize = 5;
/// The longest name of a place at the head of other words, in characters.
const PLACE_CHARS: std::ops::RangeInclusive<usize> = 2..=6;
/// What pay wordings consist of besides digits.
const PAY_CHARS: &str = "kw千万元以上下内起每月薪年工资待遇日天时小薪酬不低于到至左右一二三四五六七八九十百两零~-—./,+";

/// One thing by which a vacancy shows that it meets a group.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// It holds these words literally.
    Text(String),
    /// It has this term among its words.
    Term(String),
    /// One of its numbers is in one of these ranges.
    Within(Column, Vec<(u64, u64)>),
    /// It is one of these.
    One(Vec<VacancyId>),
}

/// One way of meeting a group: all of its marks.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// The marks.
    pub marks: Vec<Mark>,
    /// How much it counts beside the words themselves, from 0 to 1.
    pub weight: f32,
}

/// A part of the query, met in any of its ways.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The part as typed.
    pub said: String,
    /// The ways.
    pub ways: Vec<Way>,
}

/// How the words were read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Understood {
    /// Skills, by id.
    pub skills: Vec<String>,
    /// Places, by GB/T 2260 code.
    pub places: Vec<String>,
    /// Occupations, by code.
    pub occupations: Vec<String>,
    /// The education that the person has.
    pub education: Option<String>,
    /// The least pay wanted, in yuan a month.
    pub salary_min: Option<i64>,
    /// Benefits, forms of employment and `fresh`.
    pub signs: Vec<String>,
    /// What was looked for instead, because what was typed finds nothing.
    pub corrected_query: Option<String>,
    /// What may have been meant, when what was typed finds little.
    pub suggested_query: Option<String>,
    /// Whether words were looked for apart from each other because together they found nothing.
    pub widened: bool,
}

/// A query, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// What must be met.
    pub wanted: Vec<Group>,
    /// What must not be met.
    pub unwanted: Vec<Group>,
    /// How the words were read.
    pub understood: Understood,
}

/// One part of what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The words.
    pub text: String,
    /// Whether they stood in quotes.
    pub phrase: bool,
    /// Whether they are excluded.
    pub without: bool,
}

/// Splits what was typed into words, quoted phrases and exclusions.
pub fn split(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let minus = rest.strip_prefix(['-', '－', '−']).filter(|after| !after.is_empty());
        let begun = minus.unwrap_or(rest);
        let quoted = begun.strip_prefix(['"', '“', '”', '「', '＂']);
        let (word, after) = match quoted {
            Some(inner) => inner.split_once(['"', '”', '“', '」', '＂']).unwrap_or((inner, "")),
            None => begun.split_once(char::is_whitespace).unwrap_or((begun, "")),
        };
        if !word.trim().is_empty() {
            parts.push(Part { text: word.trim().to_owned(), phrase: quoted.is_some(), without: minus.is_some() });
        }
        rest = after.trim_start();
    }
    joined(parts)
}

/// Joins characters that were typed apart one by one (`陶 艺`).
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let alone = |part: &Part| !part.phrase && !part.without && part.text.chars().all(is_han);
    let mut joined: Vec<(Part, bool)> = Vec::new();
    for part in parts {
        let single = alone(&part) && part.text.chars().nth(1).is_none();
        match joined.last_mut() {
            Some((last, true)) if single => last.text.push_str(&part.text),
            _ => joined.push((part, single)),
        }
    }
    joined.into_iter().map(|(part, _)| part).collect()
}

/// How much of a query is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The words as they are.
    Literal,
    /// With what they mean.
    Meaning,
    /// With what they mean, and each word apart from its neighbours.
    Apart,
}

/// What a query is read with.
#[derive(Clone, Copy)]
pub struct Reader<'r> {
    /// The word lists.
    pub lexicon: &'r Lexicon,
    /// The segmenter.
    pub cutter: &'r Cutter,
    /// The weights.
    pub weights: &'r Weights,
    /// The GB/T 2260 prefix that is served.
    pub region: &'r str,
    /// How much is read.
    pub depth: Depth,
}

impl Reader<'_> {
    /// Reads the parts of a query.
    pub fn read(&self, parts: &[Part]) -> Reading {
        let mut reading = Reading::default();
        for part in parts {
            let literal = part.phrase || part.without || self.depth == Depth::Literal;
            let mut understood = std::mem::take(&mut reading.understood);
            let groups = if literal { vec![words(&part.text)] } else { self.part(&part.text, &mut understood) };
            reading.understood = understood;
            let mut groups = groups;
            groups.iter_mut().for_each(|group| group.ways.retain(|way| way.weight > 0.0));
            if part.without { reading.unwanted.extend(groups) } else { reading.wanted.extend(groups) }
        }
        reading.understood.widened = self.depth == Depth::Apart;
        reading
    }

    fn part(&self, text: &str, understood: &mut Understood) -> Vec<Group> {
        if let Some(group) = self.pay(text, understood).or_else(|| self.education(text, understood)) {
            return vec![group];
        }
        let mentions: Vec<Mention<'_, '_>> =
            self.lexicon.skills.extract(text).into_iter().filter(|mention| !mention.negated).collect();
        if mentions.is_empty()
            && let Some(group) = self.place(text, understood)
        {
            return vec![group];
        }
        let groups = self.pieces(text, &mentions, understood);
        match groups.is_empty() {
            true => vec![words(text)],
            false => groups,
        }
    }

    /// Reads a part in pieces; the whole part, literally, meets each of them too.
    fn pieces(&self, text: &str, mentions: &[Mention<'_, '_>], understood: &mut Understood) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut from = 0;
        let head = if mentions.first().is_some_and(|first| first.start == 0) { None } else { self.head_place(text, mentions) };
        if let Some((length, group)) = head.and_then(|length| Some((length, self.place(text.get(..length)?, understood)?))) {
            groups.push(group);
            from = length;
        }
        for mention in mentions {
            groups.extend(self.plain(text.get(from..mention.start).unwrap_or_default(), understood));
            groups.push(self.concept(mention, understood));
            from = mention.end;
        }
        groups.extend(self.plain(text.get(from..).unwrap_or_default(), understood));
        let whole = groups.len() == 1 && groups.first().is_some_and(|group| group.said == text);
        if !whole {
            for group in &mut groups {
                group.ways.iter_mut().for_each(|way| way.weight *= self.weights.apart);
                group.ways.insert(0, Way { marks: vec![Mark::Text(text.to_owned())], weight: 1.0 });
            }
        }
        groups
    }

    /// Reads words that name no skill; single characters beside a skill (`陶艺师`) say nothing.
    fn plain(&self, text: &str, understood: &mut Understood) -> Vec<Group> {
        let text = text.trim_matches(|c: char| !c.is_alphanumeric());
        if text.chars().nth(1).is_none() {
            return Vec::new();
        }
        let known = self.sign(text, understood).or_else(|| self.occupation(text, understood));
        match (known, self.depth) {
            (Some(group), _) => vec![group],
            (None, Depth::Apart) => self.apart(text, understood),
            (None, _) => vec![self.with_others(words(text))],
        }
    }

    fn apart(&self, text: &str, understood: &mut Understood) -> Vec<Group> {
        let words_of = self.cutter.sequence(text).into_iter();
        let several = words_of.filter(|word| word.chars().nth(1).is_some() || word.is_ascii());
        several.map(|word| self.sign(&word, understood).unwrap_or_else(|| self.with_others(words(&word)))).collect()
    }

    /// Adds the other words for a thing.
    fn with_others(&self, mut group: Group) -> Group {
        for (other, weight) in self.lexicon.synonyms.of(&group.said) {
            group.ways.push(Way { marks: vec![Mark::Text(other.clone())], weight: weight * self.weights.synonym });
        }
        group
    }

    fn concept(&self, mention: &Mention<'_, '_>, understood: &mut Understood) -> Group {
        let skills = &self.lexicon.skills;
        let mut group = self.with_others(words(mention.surface));
        for skill in &mention.skills {
            let term = |id: &str, weight| Way { marks: vec![Mark::Term(skill_term(id))], weight };
            group.ways.push(term(&skill.id, self.weights.concept));
            let below = skills.narrower(&skill.id).into_iter().filter(|below| !skills.confusable(&skill.id, &below.id));
            group.ways.extend(below.map(|below| term(&below.id, self.weights.narrower)));
            if !understood.skills.contains(&skill.id) {
                understood.skills.push(skill.id.clone());
            }
        }
        group
    }

    fn pay(&self, text: &str, understood: &mut Understood) -> Option<Group> {
        let folded = crate::lexicon::fold::key(text);
        let digits = folded.chars().filter(|c| c.is_ascii_digit()).count();
        let worded = folded.chars().any(|c| "千万k".contains(c)) && folded.chars().nth(1).is_some();
        let all_pay = folded.chars().all(|c| c.is_ascii_digit() || PAY_CHARS.contains(c));
        if !all_pay || !(digits >= 4 || worded) {
            return None;
        }
        let least = self.lexicon.salary.parse(text).min?;
        understood.salary_min = Some(least);
        let mark = Mark::Within(Column::PayMax, vec![(u64::try_from(least).ok()?, u64::MAX)]);
        Some(Group { said: text.to_owned(), ways: vec![Way { marks: vec![mark], weight: 1.0 }] })
    }

    /// Reads the education that a person has; it finds what accepts it.
    fn education(&self, text: &str, understood: &mut Understood) -> Option<Group> {
        let mut bare = text;
        while let Some(shorter) = EDUCATION_ENDINGS.iter().find_map(|ending| bare.strip_suffix(ending)) {
            bare = shorter;
        }
        let levels = &self.lexicon.education;
        let level = levels.named(bare).filter(|_| !WORK_MORE_OFTEN.contains(&text))?;
        understood.education = Some(level.as_str().to_owned());
        let accepted = Education::ALL.iter().filter(|asked| levels.meets(level, **asked));
        let ranges = accepted.filter_map(|level| education_number(level.as_str())).map(|number| (number, number)).collect();
        let mark = Mark::Within(Column::Education, ranges);
        Some(Group { said: text.to_owned(), ways: vec![Way { marks: vec![mark], weight: 1.0 }] })
    }

    /// Reads a place: what is known to be elsewhere is not meant, what is nowhere is when it names the place.
    fn place(&self, text: &str, understood: &mut Understood) -> Option<Group> {
        let place = self.lexicon.places.resolve(text, self.region).ok()?;
        let area: AreaCode = place.area();
        if !area.is_in(self.region) || text.chars().all(|c| c.is_ascii_digit()) || text.chars().nth(1).is_none() {
            return None;
        }
        understood.places.push(area.as_str().to_owned());
        let here = Mark::Term(sign_term(&format!("area:{}", area.prefix())));
        let named = |mark| vec![Mark::Text(text.to_owned()), mark];
        let mut ways = vec![Way { marks: vec![here], weight: 1.0 }];
        ways.push(Way { marks: named(Mark::Term(sign_term("nowhere"))), weight: self.weights.sign });
        if place.district.is_some() {
            let city = crate::search::schema::code_number(place.city.as_str());
            ways.push(Way { marks: named(Mark::Within(Column::Area, vec![(city, city)])), weight: self.weights.sign });
        }
        Some(Group { said: text.to_owned(), ways })
    }

    /// Measures the name of a place at the head of other words that mean something by themselves.
    fn head_place(&self, text: &str, mentions: &[Mention<'_, '_>]) -> Option<usize> {
        let until = mentions.first().map_or(text.len(), |first| first.start);
        let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
        let longest_first = PLACE_CHARS.rev().filter_map(|chars| ends.get(chars - 1).copied());
        longest_first.into_iter().find(|end| {
            let (head, rest) = text.split_at(*end);
            let means = *end == until && !mentions.is_empty() || self.means_something(rest);
            let resolved = || self.lexicon.places.resolve(head, self.region).is_ok_and(|place| place.area().is_in(self.region));
            *end <= until && means && resolved()
        })
    }

    fn means_something(&self, text: &str) -> bool {
        let two = text.chars().nth(1).is_some();
        let known = !self.lexicon.synonyms.of(text).is_empty() || !self.lexicon.occupations.find(text).is_empty();
        two && (known || self.cutter.knows(text) || !self.lexicon.skills.extract(text).is_empty())
    }

    /// Reads a benefit, a form of employment, or a welcome to beginners.
    fn sign(&self, text: &str, understood: &mut Understood) -> Option<Group> {
        if text.chars().nth(SIGN_CHARS_MAX).is_some() {
            return None;
        }
        let benefits: Vec<String> =
            self.lexicon.benefits.named(text).into_iter().map(|benefit| format!("benefit:{}", benefit.id)).collect();
        let kind = self.lexicon.employment.named(text).map(|kind| format!("kind:{kind}"));
        let beginners = BEGINNERS.iter().any(|word| text.contains(word));
        let asked = crate::lexicon::experience::parse(text);
        let fresh = asked.filter(|asked| asked.fresh_graduates || (asked.min_months == 0 && beginners));
        let ways = [benefits, kind.into_iter().collect(), fresh.map(|_| "fresh".to_owned()).into_iter().collect()];
        let ways: Vec<Vec<String>> = ways.into_iter().filter(|signs| !signs.is_empty()).collect();
        if ways.is_empty() {
            return None;
        }
        let mut group = self.with_others(words(text));
        for signs in ways {
            let marks = signs.iter().map(|sign| Mark::Term(sign_term(sign))).collect();
            group.ways.push(Way { marks, weight: self.weights.sign });
            understood.signs.extend(signs);
        }
        Some(group)
    }

    fn occupation(&self, text: &str, understood: &mut Understood) -> Option<Group> {
        let found = self.lexicon.occupations.find(text);
        let only = found.first()?;
        let mut group = self.with_others(words(text));
        for occupation in &found {
            let marks = vec![Mark::Term(occupation_term(&occupation.code))];
            group.ways.push(Way { marks, weight: self.weights.occupation });
        }
        understood.occupations.push(only.code.clone());
        Some(group)
    }
}

/// Looks for words as they are.
fn words(text: &str) -> Group {
    Group { said: text.to_owned(), ways: vec![Way { marks: vec![Mark::Text(text.to_owned())], weight: 1.0 }] }
}
