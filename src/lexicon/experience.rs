//! How much experience does a wording ask for, in months?

use super::fold::key;
use super::headcount::small_number;
use super::word::Certainty;

const MONTHS_PER_YEAR: u32 = 12;
const YEARS_MAX: u32 = 50;
const OPEN: &[&str] = &["不限", "无需", "不需要", "无经验", "不要求", "无限制", "零基础", "小白", "学徒", "无要求"];
const FRESH: &[&str] = &["应届", "在校", "毕业生"];
const OR_LESS: &[&str] = &["以下", "以内", "之内", "不到"];
const OR_MORE: &[&str] = &["以上", "起", "+", "及以上"];

/// The experience a vacancy asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExperienceRequirement {
    /// Least experience in months.
    pub min_months: u32,
    /// Most experience in months, when capped.
    pub max_months: Option<u32>,
    /// Whether people fresh from school are named as welcome.
    pub fresh_graduates: bool,
    /// The wording.
    pub text: String,
    /// How sure the reading is.
    pub certainty: Certainty,
}

/// Reads `不限`, `应届生`, `1-3年`, `3年以上`, `半年`, `6个月`; `None` when nothing is said.
pub fn parse(wording: &str) -> Option<ExperienceRequirement> {
    let folded = key(wording);
    let says = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    let fresh_graduates = says(FRESH);
    let requirement = |min_months, max_months, certainty| ExperienceRequirement {
        min_months,
        max_months,
        fresh_graduates,
        text: wording.trim().to_owned(),
        certainty,
    };
    if let Some((low, high, after)) = months_in(&folded) {
        let less = OR_LESS.iter().any(|word| after.starts_with(word));
        let more = OR_MORE.iter().any(|word| after.starts_with(word));
        return Some(match high {
            Some(high) if high < low => requirement(high, Some(low), Certainty::Likely),
            Some(high) => requirement(low, Some(high), Certainty::Certain),
            None if less => requirement(0, Some(low), Certainty::Certain),
            None if more => requirement(low, None, Certainty::Certain),
            None => requirement(low, None, Certainty::Likely),
        });
    }
    if fresh_graduates || says(OPEN) {
        return Some(requirement(0, None, Certainty::Certain));
    }
    let preferred = folded.contains("优先") && folded.contains("经验");
    preferred.then(|| requirement(0, None, Certainty::Likely))
}

/// Finds the first span of years or months and the text after it.
fn months_in(folded: &str) -> Option<(u32, Option<u32>, &str)> {
    for (at, _) in folded.char_indices() {
        let rest = folded.get(at..)?;
        if let Some(after) = rest.strip_prefix("半年") {
            return Some((MONTHS_PER_YEAR / 2, None, after));
        }
        let Some((low, length)) = small_number(rest) else {
            continue;
        };
        let after = rest.get(length..)?;
        if let Some((factor, after)) = unit(after) {
            let (high, after) = match dash(after).and_then(|after| span_end(after)) {
                Some((high, after)) => (Some(high), after),
                None => (None, after),
            };
            return (low <= YEARS_MAX).then(|| (low * factor, high, after));
        }
        let second = dash(after).and_then(|after| {
            let (high, length) = small_number(after)?;
            let (factor, after) = unit(after.get(length..)?)?;
            Some((high, factor, after))
        });
        if let Some((high, factor, after)) = second
            && low.max(high) <= YEARS_MAX
        {
            return Some((low * factor, Some(high * factor), after));
        }
    }
    None
}

fn span_end(text: &str) -> Option<(u32, &str)> {
    let (high, length) = small_number(text)?;
    let (factor, after) = unit(text.get(length..)?)?;
    (high <= YEARS_MAX).then(|| (high * factor, after))
}

fn unit(text: &str) -> Option<(u32, &str)> {
    if let Some(after) = text.strip_prefix("个月") {
        return Some((1, after));
    }
    text.strip_prefix('年').map(|after| (MONTHS_PER_YEAR, after))
}

fn dash(text: &str) -> Option<&str> {
    text.strip_prefix(['-', '~', '至', '到', '–', '—'])
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn wordings_become_months() {
        for (text, min, max) in [
            ("不限", 0, None),
            ("经验不限", 0, None),
            ("应届生", 0, None),
            ("１－３年", 12, Some(36)),
            ("1年-3年", 12, Some(36)),
            ("3年以上", 36, None),
            ("三年以上工作经验", 36, None),
            ("1年以下", 0, Some(12)),
            ("半年以上", 6, None),
            ("6个月以上", 6, None),
            ("10年以上", 120, None),
            ("无需经验", 0, None),
            ("有经验者优先", 0, None),
            ("无限制", 0, None),
            ("可接受学徒/小白", 0, None),
            ("5-7年经验", 60, Some(84)),
        ] {
            let read = parse(text).unwrap();
            assert_eq!((read.min_months, read.max_months), (min, max), "{text}");
        }
        assert!(parse("应届毕业生").unwrap().fresh_graduates);
        assert_eq!(parse("面谈"), None);
        assert_eq!(parse("4000000000年"), None);
        assert_eq!(parse("1-4000000000个月"), None);
        assert_eq!(parse(""), None);
    }
}
