//! Are two postings the same opening, told twice with a letter changed? Shingles of three characters, sketched by MinHash
//! into bands that the database can look up, and a strict comparison of what the bands bring together. Precision comes
//! first: another employer, another city, another figure or another kind of work is never the same. Pure.

use std::collections::HashSet;

use crate::vacancies::content::Content;

/// How many bands a sketch has; two postings meet when one band is equal.
const BANDS: usize = 3;
/// How many minima make a band: two postings of likeness 0.9 meet with 99 %, of likeness 0.3 with 25 %.
const MINIMA_A_BAND: usize = 2;
/// The fewest shingles that can tell two postings apart.
const SHINGLES_MIN: usize = 24;
/// How many characters of a text are looked at.
const CHARS_MAX: usize = 4_000;
/// The least likeness (Jaccard) of two texts under equal titles.
const LIKENESS_MIN: f64 = 0.85;
/// The least likeness of two texts whose titles differ in one letter.
const LIKENESS_MIN_OTHER_TITLE: f64 = 0.95;
/// The shortest title in which one letter may differ, in characters.
const TITLE_CHARS_MIN: usize = 4;
/// Letters that make another opening of a title that is otherwise equal: shift, grade, side, sex, material.
const TELLING: &str = "一二三四五六七八九十甲乙丙丁男女白夜早中晚日初高低特大小东西南北左右前后上下内外正副主助长短新老全兼冷热\
                       木石玉竹柳草藤泥面陶瓷铜银金铁锡布皮革纸蜡骨角贝葫漆绣织染印雕刻塑编画剪扎";

/// What is kept of a text to find others like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sketch([u64; BANDS * MINIMA_A_BAND]);

impl Sketch {
    /// Sketches what a posting says; none for one that says too little.
    pub fn of(content: &Content) -> Option<Sketch> {
        let shingles = shingles(letters(&content.title).chain(letters(&content.description)));
        if shingles.len() < SHINGLES_MIN {
            return None;
        }
        let mut minima = [u64::MAX; BANDS * MINIMA_A_BAND];
        for shingle in shingles {
            let mut seed = 0;
            for least in &mut minima {
                seed += 1;
                *least = (*least).min(mixed(shingle ^ mixed(seed)));
            }
        }
        Some(Sketch(minima))
    }

    /// Gives the bands under which a posting of one employer in one city is kept; those of one employer are neighbours, so
    /// that they stand on few pages of the database.
    pub fn bands(&self, employer: &str, city: &str) -> [i64; BANDS] {
        let hash = |text: &str, seed| text.bytes().fold(seed, |hash, byte| mixed(hash ^ u64::from(byte)));
        let whose = hash(employer, BANDS_SEED);
        let (owner, place_of) = (whose & OWNER_BITS, hash(city, whose));
        let mut bands = [0; BANDS];
        for (place, (band, minima)) in (1..).zip(bands.iter_mut().zip(self.0.chunks(MINIMA_A_BAND))) {
            let inner = minima.iter().fold(mixed(place_of ^ place), |hash, least| mixed(hash ^ least));
            *band = (owner | (inner & !OWNER_BITS)).cast_signed();
        }
        bands
    }
}

/// The bits of a band that name its employer.
const OWNER_BITS: u64 = 0xffff_ffff_0000_0000;
const BANDS_SEED: u64 = 0x6a69_616e_6778_696e;

/// Mixes the bits of a number (SplitMix64); what is kept in the database depends on it.
const fn mixed(number: u64) -> u64 {
    let a = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    c ^ (c >> 31)
}

/// Tells whether two postings of one employer are the same opening.
pub fn same_opening(one: &Content, other: &Content) -> bool {
    let places = match (&one.place, &other.place) {
        (Some(a), Some(b)) => a.city == b.city && agree(a.district.as_ref(), b.district.as_ref()),
        _ => false,
    };
    let pay = |c: &Content| c.salary.min.or(c.salary.max).map(|_| (c.salary.min, c.salary.max));
    let demands = agree(pay(one).as_ref(), pay(other).as_ref())
        && agree(one.education.min.as_ref(), other.education.min.as_ref())
        && agree(one.experience.min_months.as_ref(), other.experience.min_months.as_ref())
        && agree(one.employment_type.as_ref(), other.employment_type.as_ref());
    if !places || !demands || figures(&one.title) != figures(&other.title) {
        return false;
    }
    let Some(least) = likeness_wanted(&one.title, &other.title) else { return false };
    figures(&one.description) == figures(&other.description) && likeness(&one.description, &other.description) >= least
}

/// Tells whether two statements are equal, or one of them is missing.
fn agree<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

fn figures(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| narrow(c).to_digit(10)).collect()
}

fn narrow(c: char) -> char {
    match u32::from(c) {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(narrow).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// Gives how alike two texts must be under two titles; none when the titles already tell them apart.
fn likeness_wanted(one: &str, other: &str) -> Option<f64> {
    let (one, other): (Vec<char>, Vec<char>) = (letters(one).collect(), letters(other).collect());
    if one == other {
        return Some(LIKENESS_MIN);
    }
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let ahead = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    let behind = short.iter().rev().zip(long.iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (short.len().saturating_sub(ahead + behind), long.len().saturating_sub(ahead + behind));
    let changed = short.iter().skip(ahead).take(left).chain(long.iter().skip(ahead).take(right));
    let telling = |c: &char| c.is_ascii_alphanumeric() || TELLING.contains(*c);
    let one_letter = left <= 1 && right <= 1 && short.len() >= TITLE_CHARS_MIN;
    (one_letter && !changed.into_iter().any(telling)).then_some(LIKENESS_MIN_OTHER_TITLE)
}

fn likeness(one: &str, other: &str) -> f64 {
    let (one, other) = (shingles(letters(one)), shingles(letters(other)));
    if one.len().min(other.len()) < SHINGLES_MIN {
        return 0.0;
    }
    let both = count(one.intersection(&other).count());
    both / (count(one.len()) + count(other.len()) - both)
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

fn shingles(letters: impl Iterator<Item = char>) -> HashSet<u64> {
    let text: Vec<u64> = letters.take(CHARS_MAX).map(|c| u64::from(u32::from(c))).collect();
    let three = text.windows(3).map(|three| three.iter().fold(0, |hash, letter| (hash << 21) | letter));
    three.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Lexicon;
    use crate::vacancies::content::{RawVacancy, Talk};

    const TEXT: &str =
        "负责风筝骨架的扎制、糊面与彩绘，师徒制，包吃住，缴纳社会保险；有美术基础者优先，工作时间为早八点至晚五点，周末双休。";

    fn content(lexicon: &Lexicon, title: &str, place: &str, salary: &str, text: &str) -> Content {
        let raw = RawVacancy {
            title: title.to_owned(),
            place: place.to_owned(),
            salary: salary.to_owned(),
            description: text.to_owned(),
            employer_name: "虚构风筝坊".to_owned(),
            ..RawVacancy::default()
        };
        Content::read(&raw, Talk { lexicon, region: "37" })
    }

    #[test]
    fn one_letter_does_not_make_another_opening_but_a_telling_one_does() {
        let lexicon = Lexicon::shared().unwrap();
        let of = |title: &str, place: &str, salary: &str, text: &str| content(&lexicon, title, place, salary, text);
        let one = of("风筝扎制学徒", "潍坊", "4000-6000元/月", TEXT);
        assert!(same_opening(&one, &of("风筝扎制学徒", "潍坊", "4000-6000元/月", &TEXT.replace("有美术", "具美术"))));
        assert!(same_opening(&one, &of("风筝扎制学徙", "潍坊", "4-6千/月", TEXT)), "a typing error in the title");
        for (title, place, salary, text, why) in [
            ("风筝扎制学徒", "淄博", "4000-6000元/月", TEXT, "another city"),
            ("风筝扎制学徒", "潍坊", "5000-8000元/月", TEXT, "another pay"),
            ("风筝绘制学徒", "潍坊", "4000-6000元/月", &TEXT.replace("扎制", "绘制"), "another work"),
            ("风筝扎制学徒2", "潍坊", "4000-6000元/月", TEXT, "another number"),
            ("风筝扎制师傅", "潍坊", "4000-6000元/月", TEXT, "another grade"),
            (
                "风筝扎制学徒",
                "潍坊",
                "4000-6000元/月",
                "在展厅接待参观的学生和游客，讲解风筝的历史，布置展品，记录来访人数，做好卫生。",
                "another text",
            ),
        ] {
            assert!(!same_opening(&one, &of(title, place, salary, text)), "{why}");
        }
        assert!(!same_opening(&of("操作工（白班）", "潍坊", "", TEXT), &of("操作工（夜班）", "潍坊", "", TEXT)));
    }

    #[test]
    fn like_postings_meet_in_a_band_and_only_of_one_employer_and_city() {
        let lexicon = Lexicon::shared().unwrap();
        let one = Sketch::of(&content(&lexicon, "风筝扎制学徒", "潍坊", "", TEXT)).unwrap();
        let other = Sketch::of(&content(&lexicon, "风筝扎制学徒", "潍坊", "", &TEXT.replace("有美术", "具美术"))).unwrap();
        let meet = |a: [i64; BANDS], b: [i64; BANDS]| a.iter().any(|band| b.contains(band));
        assert!(meet(one.bands("e1", "370700"), other.bands("e1", "370700")));
        assert!(!meet(one.bands("e1", "370700"), other.bands("e2", "370700")));
        assert!(!meet(one.bands("e1", "370700"), other.bands("e1", "370300")));
        assert!(Sketch::of(&content(&lexicon, "绣工", "潍坊", "", "刺绣")).is_none());
    }
}
