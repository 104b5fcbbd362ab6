//! How is a place asked for read, and how is one refused? With what may have been meant instead.

use crate::error::{Error, Refusal, Result};
use crate::lexicon::place::{AreaCode, Candidate, PlaceError, Places};

/// Refuses a place that cannot be resolved, with what may have been meant.
pub fn place_refusal(pointer: &str, error: &PlaceError) -> Refusal {
    let (code, zh, near) = match error {
        PlaceError::Unknown { candidates, .. } => ("unknown_place", "没有这个地方", candidates),
        PlaceError::Ambiguous { choices, .. } => ("ambiguous_place", "有多个同名的地方", choices),
    };
    let named = |c: &Candidate| format!("{}（{}）", c.name, AreaCode::as_str(&c.code));
    let choices = near.iter().map(named).collect::<Vec<_>>().join("、");
    let zh = if choices.is_empty() { zh.to_owned() } else { format!("{zh}，您是指：{choices}？") };
    Refusal::new(pointer, code, zh, format!("{error}; near: {choices}"))
}

/// Reads a city and a district as written in a body into their codes; what cannot be told is refused at `pointer`.
pub fn located(
    places: &Places,
    region: &str,
    city: &str,
    district: Option<&str>,
    pointer: &str,
) -> std::result::Result<(String, Option<String>), Refusal> {
    let wording = district.map_or_else(|| city.to_owned(), |district| format!("{city} {district}"));
    match places.resolve(&wording, region) {
        Ok(place) => Ok((place.city.as_str().to_owned(), place.district.map(|district| district.as_str().to_owned()))),
        Err(error) => Err(place_refusal(pointer, &error)),
    }
}

/// Reads the place that a list is narrowed to; one that cannot be told is refused, never ignored.
pub fn asked_area(places: &Places, region: &str, words: Option<&str>) -> Result<Option<AreaCode>> {
    let place = words.map(|words| places.resolve(words, region)).transpose();
    let place = place.map_err(|error| Error::Invalid(vec![place_refusal("/city", &error)]))?;
    Ok(place.map(|place| place.area()))
}
