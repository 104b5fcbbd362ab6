//! Which numbers make a wording a breach? `n>8`, `n<16`, `span>10` (hours from `a` to `b`), `share<80` (percent, also
//! `六成`), `ratio<80` (pay `a` as percent of pay `b`), `term>0` (months of probation beyond what the contract allows).

use regex::Captures;

use super::numeral;

/// How many hours noon lies after midnight.
const NOON: u32 = 12;
/// A working day that seems shorter, in hours, ends in the evening: `8` to `8`.
const SPAN_HOURS_MIN: u32 = 5;
/// Up to here a share is written in tenths.
const TENTHS_MAX: u32 = 9;
/// How many months a year has.
const YEAR: u32 = 12;
/// Months of contract from which so many months of probation are lawful (劳动合同法 第十九条).
const PROBATION_MONTHS: [(u32, u32); 4] = [(36, 6), (12, 2), (3, 1), (0, 0)];

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Number,
    Span,
    Share,
    Ratio,
    Term,
}

/// A condition on the numbers that a wording names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    measure: Measure,
    above: bool,
    bound: u32,
}

impl Limit {
    /// Reads a measure, `<` or `>`, and a bound.
    pub(super) fn parse(text: &str) -> Option<Limit> {
        let at = text.find(['<', '>'])?;
        let measure = match text.get(..at)? {
            "n" => Measure::Number,
            "span" => Measure::Span,
            "share" => Measure::Share,
            "ratio" => Measure::Ratio,
            "term" => Measure::Term,
            _ => return None,
        };
        Some(Limit { measure, above: text.get(at..=at) == Some(">"), bound: text.get(at + 1..)?.parse().ok()? })
    }

    /// Tells whether the numbers of a match are beyond the limit; numbers that cannot be read are not.
    pub fn is_crossed(&self, found: &Captures<'_>) -> bool {
        let number = |name| found.name(name).and_then(|written| numeral::read(written.as_str()));
        let sum = |name| found.name(name).and_then(|written| numeral::read_sum(written.as_str()));
        let months = |count, unit| found.name(count).zip(found.name(unit)).and_then(|(n, u)| months(n.as_str(), u.as_str()));
        let value = match self.measure {
            Measure::Number => number("n"),
            Measure::Span => number("a").zip(number("b")).map(|(from, to)| span(from, to)),
            Measure::Share => number("n").map(|share| if share <= TENTHS_MAX { share * 10 } else { share }),
            Measure::Ratio => sum("a").zip(sum("b")).filter(|(_, whole)| *whole > 0).map(|(part, whole)| part * 100 / whole),
            Measure::Term => months("n", "u").zip(months("c", "v")).map(|(n, c)| n.saturating_sub(probation_months(c))),
        };
        value.is_some_and(|value| if self.above { value > self.bound } else { value < self.bound })
    }
}

/// Counts the hours between two clock times, of which the second may be an evening hour.
fn span(from: u32, to: u32) -> u32 {
    let evening = to <= NOON && to < from + SPAN_HOURS_MIN;
    (if evening { to + NOON } else { to }).saturating_sub(from)
}

/// Counts months: `半` `年` is six.
fn months(count: &str, unit: &str) -> Option<u32> {
    match (count, unit.contains('年')) {
        ("半", true) => Some(YEAR / 2),
        ("半", false) => Some(0),
        (count, year) => numeral::read(count).map(|n| if year { n * YEAR } else { n }),
    }
}

fn probation_months(contract: u32) -> u32 {
    PROBATION_MONTHS.iter().find(|(from, _)| contract >= *from).map_or(0, |(_, allowed)| *allowed)
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::Limit;

    fn crossed(limit: &str, pattern: &str, text: &str) -> bool {
        Limit::parse(limit).unwrap().is_crossed(&Regex::new(pattern).unwrap().captures(text).unwrap())
    }

    #[test]
    fn a_number_beyond_the_limit_counts_and_one_at_it_does_not() {
        assert!(crossed("n>8", "(?P<n>.+)小时", "九小时"));
        assert!(!crossed("n>8", "(?P<n>.+)小时", "8小时"));
        assert!(crossed("n<16", "(?P<n>.+)岁", "十五岁"));
        assert!(!crossed("n<16", "(?P<n>.+)岁", "16岁"));
        assert!(Limit::parse("m>3").is_none() && Limit::parse("n=3").is_none());
    }

    #[test]
    fn an_evening_hour_is_counted_from_noon() {
        for (text, long) in [("早8晚8", true), ("早八晚十", true), ("早9晚5", false), ("早8晚20", true)] {
            assert_eq!(crossed("span>10", "早(?P<a>.+)晚(?P<b>.+)", text), long, "{text}");
        }
    }

    #[test]
    fn probation_pay_is_compared_with_the_pay_that_follows() {
        for (text, low) in [("试3000转4500", true), ("试4000转5000", false), ("试三千转四千五", true), ("试2.5k转4k", true)]
        {
            assert_eq!(crossed("ratio<80", "试(?P<a>.+)转(?P<b>.+)", text), low, "{text}");
        }
        for (text, low) in [("六成", true), ("八成", false), ("75成", true), ("八五成", false)] {
            assert_eq!(crossed("share<80", "(?P<n>.+)成", text), low, "{text}");
        }
    }

    #[test]
    fn probation_may_be_as_long_as_the_contract_allows() {
        let pattern = "试(?P<n>半|.+)(?P<u>月|年)签(?P<c>.+)(?P<v>月|年)";
        for (text, long) in [
            ("试2月签1年", false),
            ("试3月签1年", true),
            ("试1月签10月", false),
            ("试2月签10月", true),
            ("试半年签3年", false),
            ("试半年签2年", true),
            ("试1月签2月", true),
        ] {
            assert_eq!(crossed("term>0", pattern, text), long, "{text}");
        }
    }
}
