//! Places: codes, names, former names, addresses.

use jiangxin::lexicon::{AreaCode, AreaLevel, Certainty, PlaceError};

use super::LEXICON;

fn resolved(text: &str) -> (String, String) {
    let place = LEXICON.places.resolve(text, "37").unwrap_or_else(|error| panic!("{text}: {error:?}"));
    (place.city.to_string(), place.district.map(|code| code.to_string()).unwrap_or_default())
}

fn located(text: &str) -> (String, String) {
    let place = LEXICON.places.locate(text, "37");
    place.map_or_else(Default::default, |place| {
        (place.city.to_string(), place.district.map(|code| code.to_string()).unwrap_or_default())
    })
}

#[test]
fn codes_prefixes_and_names_resolve() {
    for (text, city, district) in [
        ("370700", "370700", ""),
        ("3707", "370700", ""),
        ("37", "370000", ""),
        ("370703", "370700", "370703"),
        ("潍坊", "370700", ""),
        ("潍坊市", "370700", ""),
        ("濰坊市", "370700", ""),
        ("寒亭区", "370700", "370703"),
        ("博山", "370300", "370304"),
        ("济南 历下区", "370100", "370102"),
        ("山东省济南市历下区", "370100", "370102"),
        ("山东-济南-历下区", "370100", "370102"),
        ("淄博博山", "370300", "370304"),
        ("青岛市南区", "370200", "370202"),
        ("山东省青岛市南区", "370200", "370202"),
        ("济南市中区", "370100", "370103"),
        ("枣庄市市中区", "370400", "370402"),
        ("莱芜", "370100", "370116"),
        ("莱芜市", "370100", ""),
        ("371202", "370100", "370116"),
        ("371200", "370100", ""),
        ("3712", "370100", ""),
        ("山东省莱芜市莱城区", "370100", "370116"),
        ("文登市", "371000", "371003"),
        ("苍山县", "371300", "371324"),
        ("东营", "370500", ""),
        ("东营市东营区", "370500", "370502"),
        ("曹县", "371700", "371721"),
        ("北京", "110100", ""),
        ("北京市朝阳区", "110100", ""),
        ("110105", "110100", ""),
        ("苏州", "320500", ""),
        ("济源市", "419001", ""),
        ("370772", "370700", "370772"),
    ] {
        assert_eq!(resolved(text), (city.to_owned(), district.to_owned()), "{text}");
    }
}

#[test]
fn a_former_name_says_what_became_of_it() {
    for text in ["莱芜", "371202", "即墨市", "山东省莱芜市莱城区"] {
        assert!(LEXICON.places.resolve(text, "37").unwrap().note.is_some(), "{text}");
    }
    assert_eq!(LEXICON.places.resolve("济南市", "37").unwrap().note, None);
}

#[test]
fn an_ambiguous_name_offers_the_choices() {
    let Err(PlaceError::Ambiguous { choices, .. }) = LEXICON.places.resolve("市中区", "37") else {
        panic!("市中区 resolved");
    };
    let names: Vec<&str> = choices.iter().map(|choice| choice.name.as_str()).collect();
    assert_eq!(names, ["山东省济南市市中区", "山东省枣庄市市中区"]);
    let place = LEXICON.places.resolve("市中区", "3704").unwrap();
    assert_eq!(place.district.unwrap().as_str(), "370402");
}

#[test]
fn an_unknown_name_offers_near_ones() {
    for (text, near) in [("维坊", "370700"), ("淄博博山县", ""), ("火星", ""), ("济南历夏区", ""), ("", ""), ("999999", "")]
    {
        let Err(PlaceError::Unknown { candidates, .. }) = LEXICON.places.resolve(text, "37") else {
            panic!("{text} resolved");
        };
        let first = candidates.first().map(|candidate| candidate.code.to_string());
        if !near.is_empty() {
            assert_eq!(first.as_deref(), Some(near), "{text}");
        }
    }
}

#[test]
fn addresses_are_located() {
    for (text, city, district) in [
        ("潍坊市寒亭区杨家埠民间艺术大观园旁", "370700", "370703"),
        ("博山区", "370300", "370304"),
        ("曹县大集镇", "371700", "371721"),
        ("山东省青岛市南区香港中路1号", "370200", "370202"),
        ("山东济南高新区新泺大街", "370100", ""),
        ("济南路12号", "", ""),
        ("青岛市市南区中山路", "370200", "370202"),
        ("市中区解放路", "", ""),
        ("淄博某某琉璃艺术有限公司", "370300", ""),
        ("北京-朝阳区", "110100", ""),
        ("杨家埠民间艺术大观园旁", "", ""),
        ("莱芜区凤城街道", "370100", "370116"),
        ("", "", ""),
    ] {
        assert_eq!(located(text), (city.to_owned(), district.to_owned()), "{text}");
    }
    let sure = LEXICON.places.locate("潍坊市寒亭区", "37").unwrap();
    assert_eq!(sure.certainty, Certainty::Certain);
    let likely = LEXICON.places.locate("潍坊某公司", "37").unwrap();
    assert_eq!(likely.certainty, Certainty::Likely);
}

#[test]
fn neighbourhood_is_mutual_and_distances_are_sane() {
    let places = &LEXICON.places;
    for city in places.cities("37") {
        let neighbours = places.neighbours(&city.code);
        assert!(!neighbours.is_empty(), "{}", city.name);
        for neighbour in neighbours {
            assert!(places.neighbours(neighbour).contains(&city.code), "{}", city.name);
            let km = places.distance_km(&city.code, neighbour).unwrap();
            assert!((30.0..230.0).contains(&km), "{} {neighbour} {km}", city.name);
        }
    }
    assert_eq!(places.cities("37").count(), 16);
    assert_eq!(places.districts("37").count(), 136);
    assert_eq!(places.cities("").count(), 370);
}

#[test]
fn every_area_lies_in_its_parent() {
    let places = &LEXICON.places;
    for city in places.cities("").chain(places.districts("")) {
        let parent = places.get(&city.parent.unwrap()).unwrap();
        assert!(city.code.is_in(parent.code.prefix()), "{}", city.name);
        assert!(parent.level < city.level, "{}", city.name);
    }
    let seat = places.get(&AreaCode::parse("370703").unwrap()).unwrap();
    let km = places.distance_km(&seat.code, &seat.code.city()).unwrap();
    assert!(km < 40.0, "{km}");
    assert_eq!(seat.level, AreaLevel::District);
}
