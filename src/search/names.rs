//! Which names does the index know, and which of them does somebody begin to type or mean? Titles, skills, employers,
//! cities and the words of titles, with how often each is live and where; by characters, pinyin, initials or a mixture.

use std::collections::{BTreeMap, HashMap};

use pinyin::{Pinyin, ToPinyin, ToPinyinMulti};

use crate::lexicon::fold::key;
use crate::search::analyse::is_han;

/// How many readings of a character are tried.
const READINGS_MAX: usize = 3;
/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 40;
/// The shortest Han word and the shortest run of letters whose edits are tried, in characters.
const EDITED_MIN: (usize, usize) = (3, 5);
/// How many readings of longer words are tried.
const INSIDE_MAX: usize = 8;
/// At how many characters of a name, from its beginning, somebody may begin to type it.
const START_CHARS_MAX: usize = 8;
/// How many names, those of most vacancies, are weighed against each other.
const MATCHES_MAX: usize = 200;
/// How many beginnings are tried, those of the names of most vacancies.
const TRIED_MAX: usize = 8_000;
/// The fewest initials that stand for a name.
const INITIALS_MIN: usize = 3;

/// What a name is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    Skill,
    City,
    Title,
    Employer,
    /// A word of titles: offered to nobody, but meant by typing errors.
    Word,
}

impl NameKind {
    /// Gives the word for it on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            NameKind::Skill => "skill",
            NameKind::City => "city",
            NameKind::Title => "title",
            NameKind::Employer => "employer",
            NameKind::Word => "word",
        }
    }
}

/// How many vacancies: of handicraft, and in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Live {
    pub craft: u32,
    pub all: u32,
}

/// One name.
pub struct Name {
    /// What it names.
    pub kind: NameKind,
    /// The name as written.
    pub text: String,
    /// The id or code of a skill or city.
    pub value: Option<String>,
    chars: Vec<Sounded>,
    sound: String,
    live: Vec<(u64, Live)>,
}

struct Sounded {
    character: char,
    readings: [&'static str; READINGS_MAX],
}

/// Where names begin, or go on, by the first one and two letters or characters that are typed for it.
#[derive(Default)]
struct Starts {
    ones: HashMap<char, Vec<Start>>,
    twos: HashMap<(char, char), Vec<Start>>,
}

/// The place of a name among the names, and of a character in the name.
type Start = (u32, u8);

/// The names, those of most vacancies first.
#[derive(Default)]
pub struct Names {
    names: Vec<Name>,
    heads: Starts,
    inner: Starts,
    sounds: HashMap<String, usize>,
}

/// The vacancies of a name by city (the four leading digits of its code).
pub type Spread = BTreeMap<u64, Live>;

impl Live {
    /// Counts one more.
    pub fn add(&mut self, craft: bool) {
        self.craft += u32::from(craft);
        self.all += 1;
    }
}

impl Name {
    /// Makes a name.
    pub fn new(kind: NameKind, text: String, value: Option<String>, spread: Spread) -> Name {
        let chars = key(&text).chars().take(NAME_CHARS_MAX).map(Sounded::of).collect();
        Name { kind, value, chars, sound: sound(&text), live: spread.into_iter().collect(), text }
    }

    /// Tells whether the name may stand for a mistyped one.
    fn is_offered(&self) -> bool {
        self.kind != NameKind::Employer && !self.live.is_empty()
    }

    /// Counts the vacancies in some cities, or everywhere.
    pub fn live(&self, cities: &[u64], craft: bool) -> u32 {
        let here = self.live.iter().filter(|(city, _)| cities.is_empty() || cities.contains(city));
        here.map(|(_, live)| if craft { live.craft } else { live.all }).sum()
    }
}

impl Sounded {
    fn of(character: char) -> Sounded {
        let mut readings = [""; READINGS_MAX];
        let mut plain: Vec<&'static str> = Vec::new();
        for reading in character.to_pinyin_multi().into_iter().flatten().map(Pinyin::plain) {
            if !plain.contains(&reading) {
                plain.push(reading);
            }
        }
        readings.iter_mut().zip(plain).for_each(|(place, reading)| *place = reading);
        Sounded { character, readings }
    }

    fn readings(&self) -> impl Iterator<Item = &'static str> {
        self.readings.into_iter().filter(|reading| !reading.is_empty())
    }

    /// Gives what may be typed first for it: the character or the initial of a reading.
    fn typed(&self) -> Vec<char> {
        let mut typed: Vec<char> = self.readings().filter_map(|reading| reading.chars().next()).collect();
        typed.push(self.character);
        typed.sort_unstable();
        typed.dedup();
        typed
    }
}

/// Gives how a text sounds, without tones and without what typists confuse: zh and z, ch and c, sh and s, ng and n.
pub fn sound(text: &str) -> String {
    let mut sound = String::new();
    for character in key(text).chars() {
        let Some(reading) = character.to_pinyin().map(Pinyin::plain) else {
            sound.push(character);
            continue;
        };
        let mut letters = reading.chars();
        let first = letters.next().unwrap_or_default();
        let rest = letters.as_str();
        let rest = if "zcs".contains(first) { rest.strip_prefix('h').unwrap_or(rest) } else { rest };
        let rest = rest.strip_suffix('g').filter(|rest| rest.ends_with('n')).unwrap_or(rest);
        sound.push(first);
        sound.push_str(rest);
        sound.push('\'');
    }
    sound
}

impl Starts {
    fn add(&mut self, name: &Name, start: Start) {
        let mut rest = name.chars.iter().skip(usize::from(start.1));
        let (Some(first), next) = (rest.next(), rest.next()) else { return };
        let nexts: Vec<char> = next.map(Sounded::typed).unwrap_or_default();
        let mut twos: Vec<(char, char)> = Vec::new();
        for reading in first.readings() {
            let mut letters = reading.chars();
            twos.extend(letters.next().zip(letters.next()));
        }
        let ones = first.typed();
        twos.extend(ones.iter().flat_map(|one| nexts.iter().map(move |next| (*one, *next))));
        twos.sort_unstable();
        twos.dedup();
        ones.into_iter().for_each(|one| self.ones.entry(one).or_default().push(start));
        twos.into_iter().for_each(|two| self.twos.entry(two).or_default().push(start));
    }

    fn of(&self, typed: &[char]) -> &[Start] {
        let found = match typed {
            [] => None,
            [one] => self.ones.get(one),
            [one, two, ..] => self.twos.get(&(*one, *two)),
        };
        found.map_or(&[], Vec::as_slice)
    }
}

impl Names {
    /// Puts names in order, those of most vacancies first.
    pub fn of(mut names: Vec<Name>) -> Names {
        names.sort_by(|left, right| right.live(&[], false).cmp(&left.live(&[], false)).then_with(|| left.text.cmp(&right.text)));
        let (mut heads, mut inner) = (Starts::default(), Starts::default());
        for (place, name) in (0..).zip(&names).filter(|(_, name)| name.kind != NameKind::Word) {
            for (at, _) in (0..).zip(name.chars.iter().take(START_CHARS_MAX)) {
                if at == 0 { heads.add(name, (place, at)) } else { inner.add(name, (place, at)) }
            }
        }
        let mut sounds = HashMap::new();
        for (place, name) in names.iter().enumerate().filter(|(_, name)| name.is_offered()) {
            sounds.entry(name.sound.clone()).or_insert(place);
        }
        Names { names, heads, inner, sounds }
    }

    /// Gives the names that somebody begins to type, with their vacancies in the cities: those that begin so first, then
    /// those of most vacancies.
    pub fn begun(&self, typed: &str, cities: &[u64], craft: bool, limit: usize) -> Vec<(&Name, u32)> {
        let typed: Vec<char> = key(typed).chars().collect();
        let mut offered: Vec<(&Name, u32)> = Vec::new();
        for starts in [&self.heads, &self.inner] {
            let live = starts.of(&typed).iter().take(TRIED_MAX).filter_map(|(place, at)| {
                let name = self.names.get(usize::try_from(*place).ok()?)?;
                let begun = follows(&typed, name.chars.get(usize::from(*at)..)?, false);
                begun.then(|| (name, name.live(cities, craft))).filter(|(_, live)| *live > 0)
            });
            let mut found: Vec<(&Name, u32)> = live.take(MATCHES_MAX).collect();
            found.sort_by_key(|(name, live)| (u32::MAX - live, name.kind));
            for (name, live) in found {
                let known = offered.iter().any(|(other, _)| other.text == name.text && other.kind == name.kind);
                if offered.len() < limit && !known {
                    offered.push((name, live));
                }
            }
        }
        offered
    }

    /// Gives the name that was probably meant by one that is not known: of the same sound, in pinyin or initials, or one
    /// character off; the nearest, and of these the one of most vacancies.
    pub fn meant(&self, typed: &str) -> Option<&str> {
        let folded = key(typed);
        let chars: Vec<char> = folded.chars().collect();
        if chars.len() < 2 || self.names.iter().any(|name| is_spelled(name, &chars)) {
            return None;
        }
        let typed = Typed { han: chars.iter().copied().any(is_han), sound: sound(&folded), chars };
        let near = self.names.iter().filter(|name| name.is_offered());
        let near = near.filter_map(|name| Some((typed.distance(name)?, name)));
        near.min_by_key(|(distance, name)| (*distance, u32::MAX - name.live(&[], false))).map(|(_, name)| name.text.as_str())
    }

    /// Gives what may have been meant by longer words of which a part sounds like a name.
    pub fn meant_inside(&self, typed: &str) -> Vec<String> {
        let chars: Vec<char> = key(typed).chars().collect();
        let mut meant = Vec::new();
        for (from, to) in (0..chars.len()).flat_map(|from| (from + 2..=chars.len()).map(move |to| (from, to))) {
            let part: String = chars.iter().skip(from).take(to - from).collect();
            let name = self.sounds.get(&sound(&part)).and_then(|place| self.names.get(*place));
            if let Some(name) = name.filter(|name| part.chars().all(is_han) && name.text != part && to - from < chars.len()) {
                let (before, after) = (chars.iter().take(from), chars.iter().skip(to));
                meant.push(before.copied().chain(name.text.chars()).chain(after.copied()).collect());
            }
        }
        meant.truncate(INSIDE_MAX);
        meant
    }
}

/// What was typed, taken apart.
struct Typed {
    chars: Vec<char>,
    sound: String,
    han: bool,
}

impl Typed {
    /// Tells how far a name is from what was typed; none for too far.
    fn distance(&self, name: &Name) -> Option<u8> {
        let letters = self.chars.iter().all(char::is_ascii_alphabetic);
        if self.han && self.sound == name.sound {
            return Some(0);
        }
        if name.chars.iter().any(|sounded| is_han(sounded.character)) && self.chars.iter().any(char::is_ascii_alphabetic) {
            let whole = follows(&self.chars, &name.chars, true);
            let initials = letters && self.chars.len() == name.chars.len();
            return (whole && (!initials || self.chars.len() >= INITIALS_MIN)).then_some(if initials { 3 } else { 1 });
        }
        let least = if self.han { EDITED_MIN.0 } else { EDITED_MIN.1 };
        let long = self.chars.len() >= least && name.chars.len() + usize::from(!self.han) >= least;
        (long && is_one_edit(&self.chars, &name.chars)).then_some(2)
    }
}

fn is_spelled(name: &Name, chars: &[char]) -> bool {
    name.chars.len() == chars.len() && name.chars.iter().zip(chars).all(|(sounded, other)| sounded.character == *other)
}

/// Tells whether what was typed goes along a name: by characters, their pinyin, its beginning, or their initials.
fn follows(typed: &[char], name: &[Sounded], whole: bool) -> bool {
    let Some((first, rest)) = typed.split_first() else { return !whole || name.is_empty() };
    let Some((sounded, after)) = name.split_first() else { return false };
    if sounded.character == *first {
        return follows(rest, after, whole) || sounded.readings().any(|reading| spelled(typed, reading, after, whole));
    }
    first.is_ascii_lowercase() && sounded.readings().any(|reading| spelled(typed, reading, after, whole))
}

fn spelled(typed: &[char], reading: &str, after: &[Sounded], whole: bool) -> bool {
    let same = reading.chars().zip(typed).take_while(|(letter, typed)| letter == *typed).count();
    let full = same == reading.len() && follows(typed.get(same..).unwrap_or_default(), after, whole);
    let begun = !whole && same > 0 && same == typed.len();
    let initial = same > 0 && follows(typed.get(1..).unwrap_or_default(), after, whole);
    let double = same > 1 && reading.chars().nth(1) == Some('h') && follows(typed.get(2..).unwrap_or_default(), after, whole);
    full || begun || initial || double
}

/// Tells whether one insertion, deletion, replacement or exchange of neighbours leads from one to the other.
fn is_one_edit(left: &[char], right: &[Sounded]) -> bool {
    let right: Vec<char> = right.iter().map(|sounded| sounded.character).collect();
    let head = left.iter().zip(&right).take_while(|(left, right)| left == right).count();
    let tail = left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count();
    let longer = left.len().max(right.len());
    if left.len().abs_diff(right.len()) == 1 {
        return head + tail >= longer - 1;
    }
    let exchanged = || left.get(head) == right.get(head + 1) && left.get(head + 1) == right.get(head);
    left.len() == right.len() && (head + tail + 1 >= longer || (head + tail + 2 == longer && exchanged()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(texts: &[&str]) -> Names {
        let spread = |count| Spread::from([(3707, Live { craft: count, all: count })]);
        let name = |(at, text): (usize, &&str)| {
            Name::new(NameKind::Skill, (*text).to_owned(), None, spread(u32::try_from(100 - at).unwrap()))
        };
        Names::of(texts.iter().enumerate().map(name).collect())
    }

    #[test]
    fn a_name_is_begun_by_characters_pinyin_initials_and_mixtures() {
        let names = names(&["潍坊风筝", "博山琉璃", "剪纸", "重庆漆器", "长清木雕"]);
        let first = |typed| names.begun(typed, &[], true, 5).first().map(|(name, _)| name.text.clone());
        for typed in ["潍坊", "weifang", "wffz", "wf风筝", "weif", "wffengz", "风筝", "fengz", "fz"] {
            assert_eq!(first(typed).as_deref(), Some("潍坊风筝"), "{typed}");
        }
        assert_eq!(first("chongqing").as_deref(), Some("重庆漆器"));
        assert_eq!(first("changqing").as_deref(), Some("长清木雕"));
        assert_eq!(first("bsll").as_deref(), Some("博山琉璃"));
        assert_eq!(first("xyz"), None);
        assert!(names.begun("jz", &[3701], true, 5).is_empty());
    }

    #[test]
    fn whole_names_are_meant_by_their_pinyin() {
        let names = names(&["产品经理", "前端", "数据分析"]);
        assert_eq!(names.meant("chanpinjingli"), Some("产品经理"));
        assert_eq!(names.meant("shujufenxi"), Some("数据分析"));
    }

    #[test]
    fn homophones_pinyin_and_one_edit_lead_to_the_name_that_was_meant() {
        let names = names(&["琉璃", "剪纸画", "风筝", "陶艺", "photoshop", "杨家埠木版年画"]);
        for (typed, meant) in [
            ("琉理", "琉璃"),
            ("剪子画", "剪纸画"),
            ("fengzheng", "风筝"),
            ("风争", "风筝"),
            ("陶义", "陶艺"),
            ("photoshp", "photoshop"),
            ("杨家阜木版年画", "杨家埠木版年画"),
        ] {
            assert_eq!(names.meant(typed), Some(meant), "{typed}");
        }
        assert_eq!(names.meant("风筝"), None);
        assert_eq!(names.meant("木工"), None);
    }
}
