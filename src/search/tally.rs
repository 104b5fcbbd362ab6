//! Which names stand in the index, and how often is each live where? Counts one view; no name is kept from the one before.

use std::collections::HashMap;

use tantivy::columnar::StrColumn;

use crate::error::Result;
use crate::lexicon::{AreaCode, Lexicon, SkillKind};
use crate::search::analyse::Cutter;
use crate::search::columns::Columns;
use crate::search::names::{Live, Name, NameKind, Names, Spread};
use crate::search::schema::Column;
use crate::search::view::View;

/// What is cut off an area code to have its city.
const BELOW_CITY: u64 = 100;

/// The counts of one or all segments.
#[derive(Default)]
struct Tally {
    texts: HashMap<(NameKind, String), Spread>,
    skills: HashMap<u64, Spread>,
    cities: Spread,
}

/// Collects the names of a view.
pub fn collect(view: &View, lexicon: &Lexicon, cutter: &Cutter) -> Result<Names> {
    let mut tally = Tally::default();
    for ground in &view.grounds {
        tally.count(&ground.columns, ground.reader.doc_ids_alive())?;
    }
    let words = tally.words(cutter);
    let mut names: Vec<Name> = Vec::new();
    for (number, skill) in lexicon.skills.iter().enumerate() {
        let spread = u64::try_from(number).ok().and_then(|number| tally.skills.remove(&number)).unwrap_or_default();
        let named = [&skill.name].into_iter().chain(&skill.aliases).filter(|_| skill.kind != SkillKind::Category);
        names.extend(named.map(|name| Name::new(NameKind::Skill, name.clone(), Some(skill.id.clone()), spread.clone())));
    }
    for (city, live) in tally.cities {
        let area = AreaCode::parse(&format!("{city:04}00")).and_then(|code| lexicon.places.get(&code));
        let name = area.map(|area| (area.short.clone(), area.code.as_str().to_owned()));
        names.extend(name.map(|(text, code)| Name::new(NameKind::City, text, Some(code), Spread::from([(city, live)]))));
    }
    let texts = tally.texts.into_iter().map(|((kind, text), spread)| Name::new(kind, text, None, spread));
    names.extend(texts.chain(words.into_iter().map(|(word, spread)| Name::new(NameKind::Word, word, None, spread))));
    Ok(Names::of(names))
}

impl Tally {
    fn count(&mut self, columns: &Columns, docs: impl Iterator<Item = u32>) -> Result<()> {
        let (areas, crafts) = (columns.get(Column::Area), columns.get(Column::Handicraft));
        let strings = [(NameKind::Title, &columns.titles), (NameKind::Employer, &columns.employers)];
        let mut ordinals: HashMap<(NameKind, u64), Spread> = HashMap::new();
        for doc in docs {
            let city = areas.first(doc).unwrap_or(0) / BELOW_CITY;
            let craft = crafts.first(doc) == Some(1);
            for (kind, column) in &strings {
                if let Some(ordinal) = column.as_ref().and_then(|column| column.ords().first(doc)) {
                    ordinals.entry((*kind, ordinal)).or_default().entry(city).or_default().add(craft);
                }
            }
            columns.get(Column::Skill).each(doc, |skill| {
                self.skills.entry(skill).or_default().entry(city).or_default().add(craft);
            });
            self.cities.entry(city).or_default().add(craft);
        }
        for ((kind, ordinal), spread) in ordinals {
            let column = strings.iter().find(|(own, _)| *own == kind).and_then(|(_, column)| column.as_ref());
            if let Some(text) = column.map(|column| text_of(column, ordinal)).transpose()?.filter(|text| !text.is_empty()) {
                merge(self.texts.entry((kind, text)).or_default(), &spread);
            }
        }
        Ok(())
    }

    /// Cuts the titles into words.
    fn words(&self, cutter: &Cutter) -> HashMap<String, Spread> {
        let mut words: HashMap<String, Spread> = HashMap::new();
        for ((_, title), spread) in self.texts.iter().filter(|((kind, _), _)| *kind == NameKind::Title) {
            for word in cutter.words(title) {
                merge(words.entry(word).or_default(), spread);
            }
        }
        words
    }
}

fn merge(into: &mut Spread, from: &Spread) {
    for (city, live) in from {
        let sum: &mut Live = into.entry(*city).or_default();
        (sum.craft, sum.all) = (sum.craft + live.craft, sum.all + live.all);
    }
}

fn text_of(column: &StrColumn, ordinal: u64) -> Result<String> {
    let mut text = String::new();
    column.ord_to_str(ordinal, &mut text)?;
    Ok(text)
}
