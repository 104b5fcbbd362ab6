//! Which numbers make a wording a breach? `n>8`, `n<16`, `span>10` (from `a` in the morning to `b` in the evening).

use regex::Captures;

use super::numeral;

/// How many hours noon lies after midnight.
const NOON: u32 = 12;
/// A working day that seems shorter, in hours, ends in the evening: `8` to `8`.
const SPAN_HOURS_MIN: u32 = 5;

/// A condition on the numbers that a wording names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    span: bool,
    above: bool,
    bound: u32,
}

impl Limit {
    /// Reads `n>8`, `n<16` or `span>10`.
    pub(super) fn parse(text: &str) -> Option<Limit> {
        let at = text.find(['<', '>'])?;
        let (subject, bound) = (text.get(..at)?, text.get(at + 1..)?);
        let span = match subject {
            "n" => false,
            "span" => true,
            _ => return None,
        };
        Some(Limit { span, above: text.get(at..=at) == Some(">"), bound: bound.parse().ok()? })
    }

    /// Tells whether the numbers of a match are beyond the limit; numbers that cannot be read are not.
    pub fn is_crossed(&self, found: &Captures<'_>) -> bool {
        let number = |name| found.name(name).and_then(|written| numeral::read(written.as_str()));
        let value = match self.span {
            true => number("a").zip(number("b")).map(|(from, to)| {
                let evening = to <= NOON && to < from + SPAN_HOURS_MIN;
                (if evening { to + NOON } else { to }).saturating_sub(from)
            }),
            false => number("n"),
        };
        value.is_some_and(|value| if self.above { value > self.bound } else { value < self.bound })
    }
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
}
