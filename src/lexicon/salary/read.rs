//! Which pay do the tokens of a wording add up to?

use super::scan::{Label, PayWord, Token};
use super::{Certainty, PayUnit, Rules, SalaryFlag, SalaryParsed};
use crate::lexicon::number::Written;

const MONTHS_A_YEAR: std::ops::RangeInclusive<i64> = 12..=24;

const THOUSAND: i64 = 1_000;
const WAN: i64 = 10_000;

/// One amount or range with what the words around it say.
#[derive(Debug, Clone, Copy)]
struct Offer {
    label: Option<Label>,
    min: Option<i64>,
    max: Option<i64>,
    unit: Option<PayUnit>,
    scale: i64,
    range: bool,
    dropped: bool,
}

/// What has been said but not yet attached to an amount.
#[derive(Default)]
struct Pending {
    label: Option<Label>,
    unit: Option<PayUnit>,
    bound: Option<PayWord>,
}

/// Collects offers and marks from left to right.
struct Reader {
    offers: Vec<Offer>,
    pending: Pending,
    /// Whether the last offer may still take a unit or a bound.
    open: bool,
    parsed: SalaryParsed,
}

/// Reads the tokens of one wording.
pub(super) fn read(rules: &Rules, tokens: &[Token]) -> SalaryParsed {
    let mut reader = Reader { offers: Vec::new(), pending: Pending::default(), open: false, parsed: nothing() };
    let mut rest = tokens;
    while let [token, after @ ..] = rest {
        rest = match (token, after) {
            (Token::Amount(low), [Token::Dash, Token::Amount(high), after @ ..]) => {
                reader.range(*low, *high);
                after
            }
            (Token::Amount(_) | Token::Other, [Token::Dash, Token::Other, after @ ..]) => after,
            (Token::Other, [Token::Dash, Token::Amount(_), after @ ..]) => after,
            (Token::Amount(low), [Token::Dash, Token::Months(months), after @ ..]) => {
                reader.months(low.milli / 1_000);
                reader.months(*months);
                after
            }
            (Token::Amount(only), after) => {
                reader.amount(*only);
                after
            }
            (token, after) => {
                reader.word(*token);
                after
            }
        };
    }
    reader.finish(rules)
}

fn nothing() -> SalaryParsed {
    SalaryParsed {
        min: None,
        max: None,
        unit: None,
        months: None,
        negotiable: false,
        basic_min: None,
        piece: false,
        commission: false,
        net: None,
        approximate: false,
        internship: false,
        probation: None,
        probation_percent: None,
        flags: Vec::new(),
        certainty: Certainty::Unknown,
    }
}

impl Reader {
    fn amount(&mut self, written: Written) {
        self.offer(Some(written.milli), Some(written.milli), written.scale, false);
    }

    /// A scale said once holds for both ends: `4-6千`, `1-2万`.
    fn range(&mut self, low: Written, high: Written) {
        let small = |end: Written| end.scale == 1 && end.milli < 1_000_000;
        let low_milli = match small(low) && high.scale > 1 {
            true => low.milli.saturating_mul(high.scale),
            false => low.milli,
        };
        let high_milli = match small(high) && low.scale > 1 && high.milli < 100_000 {
            true => high.milli.saturating_mul(low.scale),
            false => high.milli,
        };
        let scale = low.scale.max(high.scale);
        self.offer(Some(low_milli), Some(high_milli), scale, true);
    }

    fn offer(&mut self, min: Option<i64>, max: Option<i64>, scale: i64, range: bool) {
        let pending = std::mem::take(&mut self.pending);
        self.offers.push(Offer {
            label: pending.label,
            min: min.filter(|_| pending.bound != Some(PayWord::AtMost)),
            max: max.filter(|_| range || pending.bound != Some(PayWord::AtLeast)),
            unit: pending.unit,
            scale,
            range,
            dropped: false,
        });
        self.open = true;
    }

    fn months(&mut self, months: i64) {
        if MONTHS_A_YEAR.contains(&months) && self.parsed.months.is_none() {
            self.parsed.months = u8::try_from(months).ok();
        }
    }

    fn word(&mut self, token: Token) {
        match token {
            Token::Word(word) => self.pay_word(word),
            Token::Months(months) => self.months(months),
            Token::Percent(percent) => {
                if self.pending.label == Some(Label::Probation) {
                    self.parsed.probation_percent = u8::try_from(percent).ok();
                }
            }
            Token::Plus => self.bound(PayWord::OrMore),
            Token::Break => {
                self.pending = Pending::default();
                self.open = false;
            }
            Token::Text | Token::Other => self.open = false,
            Token::Dash | Token::Amount(_) => {}
        }
    }

    fn pay_word(&mut self, word: PayWord) {
        match word {
            PayWord::Per(unit) => self.unit(unit),
            PayWord::PerPiece => {
                self.parsed.piece = true;
                if let Some(last) = self.offers.last_mut().filter(|_| self.open) {
                    last.dropped = true;
                }
            }
            PayWord::Label(label) => {
                self.parsed.internship |= label == Label::Internship;
                self.pending.label = Some(label);
                self.open = false;
            }
            PayWord::Negotiable => self.parsed.negotiable = true,
            PayWord::Piece => self.parsed.piece = true,
            PayWord::Commission => {
                self.parsed.commission = true;
                self.pending.label = Some(Label::Extra);
            }
            PayWord::Net => self.parsed.net = Some(true),
            PayWord::Gross => self.parsed.net = Some(false),
            PayWord::Approximate => self.parsed.approximate = true,
            PayWord::AtLeast | PayWord::AtMost => self.pending.bound = Some(word),
            PayWord::OrMore | PayWord::OrLess => self.bound(word),
        }
    }

    fn unit(&mut self, unit: PayUnit) {
        match self.offers.last_mut().filter(|_| self.open) {
            Some(last) => last.unit = Some(unit),
            None => self.pending.unit = Some(unit),
        }
    }

    fn bound(&mut self, word: PayWord) {
        let Some(last) = self.offers.last_mut().filter(|last| self.open && !last.range) else {
            return;
        };
        match word {
            PayWord::OrLess => last.min = None,
            _ => last.max = None,
        }
    }

    fn finish(self, rules: &Rules) -> SalaryParsed {
        let mut parsed = self.parsed;
        let mut offers = self.offers;
        offers.retain(|offer| !offer.dropped && offer.label != Some(Label::Extra));
        if offers.iter().any(Offer::is_zero) {
            parsed.negotiable = true;
            offers.retain(|offer| !offer.is_zero());
        }
        let offers: Vec<Monthly> = offers.iter().filter_map(|offer| monthly(rules, offer)).collect();
        let labelled = |label| offers.iter().find(|offer| offer.label == Some(label));
        parsed.basic_min = labelled(Label::Basic).and_then(|offer| offer.min.or(offer.max));
        parsed.probation = labelled(Label::Probation).and_then(|offer| offer.min);
        let regular = |offer: &&Monthly| matches!(offer.label, None | Some(Label::Regular));
        let main = offers.iter().find(regular);
        let main = main.or_else(|| labelled(Label::Internship));
        let basic = labelled(Label::Basic).map(|offer| Monthly { max: offer.max.filter(|_| offer.range), ..*offer });
        if let Some(offer) = main.copied().or(basic) {
            take(rules, &mut parsed, offer);
        } else if parsed.negotiable || parsed.piece || parsed.probation.is_some() {
            parsed.certainty = Certainty::Certain;
        }
        if parsed.min.is_none()
            && parsed.basic_min.is_none()
            && parsed.max.is_none()
            && !parsed.flags.contains(&SalaryFlag::MinGtMax)
        {
            parsed.flags.push(SalaryFlag::NoBasicPay);
        }
        parsed
    }
}

/// An offer in yuan a month.
#[derive(Debug, Clone, Copy)]
struct Monthly {
    label: Option<Label>,
    min: Option<i64>,
    max: Option<i64>,
    unit: PayUnit,
    range: bool,
    assumed: bool,
}

impl Offer {
    fn is_zero(&self) -> bool {
        self.min.unwrap_or(0) == 0 && self.max.unwrap_or(0) == 0
    }
}

/// Puts an offer in months, or drops a number that is no pay.
fn monthly(rules: &Rules, offer: &Offer) -> Option<Monthly> {
    let yuan = |milli: Option<i64>| milli.map(|milli| milli / 1_000);
    let largest = yuan(offer.max).or(yuan(offer.min))?;
    let bare = offer.unit.is_none() && offer.scale == 1 && offer.range && largest < rules.bare_thousands_below;
    let factor = if bare { 1_000 } else { 1 };
    let lowest = yuan(offer.min).or(yuan(offer.max))?;
    let in_wan = offer.scale == WAN;
    let guessed_year = offer.unit.is_none() && in_wan && lowest >= rules.year_guess_from;
    let unsure_month = offer.unit.is_none() && offer.scale != THOUSAND && largest > rules.month_sure_below;
    let unit = match offer.unit {
        Some(unit) => unit,
        None if guessed_year => PayUnit::Year,
        None => PayUnit::Month,
    };
    let convert = |milli: Option<i64>| {
        let milli = milli?.saturating_mul(factor);
        Some(rules.monthly(milli, unit))
    };
    let (min, max) = (convert(offer.min), convert(offer.max));
    let largest = max.or(min)?;
    let plausible = largest >= rules.month_least && largest <= rules.month_most;
    plausible.then_some(Monthly {
        label: offer.label,
        min,
        max,
        unit,
        range: offer.range,
        assumed: bare || guessed_year || unsure_month,
    })
}

fn take(rules: &Rules, parsed: &mut SalaryParsed, offer: Monthly) {
    parsed.unit = Some(offer.unit);
    parsed.certainty = if offer.assumed { Certainty::Likely } else { Certainty::Certain };
    match (offer.min, offer.max) {
        (Some(min), Some(max)) if min > max => parsed.flags.push(SalaryFlag::MinGtMax),
        (min, max) => {
            (parsed.min, parsed.max) = (min, max);
            let (low, high) = (min.unwrap_or(0), max.unwrap_or(0));
            if low > 0 && high > low.saturating_mul(rules.range_ratio_max) {
                parsed.flags.push(SalaryFlag::RangeTooWide);
            }
        }
    }
}
