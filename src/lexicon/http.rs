//! The word lists over HTTP: cities, skills, occupations, education levels.

use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::error::{Error, Result};
use crate::http::{Failures, Query};
use crate::lexicon::{Area, AreaCode, Education, Lexicon, Occupation, Skill, SkillKind};

/// How many occupations one look names.
const OCCUPATIONS_MAX: usize = 100;

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_cities)
        .service(read_city)
        .service(list_skills)
        .service(read_skill)
        .service(list_occupations)
        .service(list_education_levels);
}

/// A city, as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CityView {
    code: String,
    name: String,
    short: String,
    lat: Option<f64>,
    lon: Option<f64>,
}

/// A minimum wage, as served; `verified` says whether the official table was seen.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct WageView {
    effective_from: String,
    monthly: i64,
    verified: bool,
    source: String,
}

/// A city with what lies around and in it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CityDetail {
    #[serde(flatten)]
    city: CityView,
    neighbours: Vec<CityView>,
    districts: Vec<CityView>,
    minimum_wages: Vec<WageView>,
}

/// A skill, as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SkillView {
    id: String,
    name: String,
    name_en: Option<String>,
    kind: String,
    aliases: Vec<String>,
    home_cities: Vec<String>,
    occupations: Vec<String>,
    confidence: String,
}

/// A skill with those around it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SkillDetail {
    #[serde(flatten)]
    skill: SkillView,
    broader: Vec<String>,
    narrower: Vec<String>,
    uses: Vec<String>,
}

/// An occupation of the 2022 edition, as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OccupationView {
    code: String,
    name: String,
    worktypes: Vec<String>,
}

/// A level of education, as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct EducationView {
    id: String,
    name: String,
    name_en: String,
    rank: u8,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SkillQuery {
    /// Words of the name or an alias.
    q: Option<String>,
    /// `category`, `craft`, `process` or `modern`.
    kind: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OccupationQuery {
    /// Words of the name, or the beginning of the code.
    q: Option<String>,
}

fn area(area: &Area) -> CityView {
    CityView {
        code: area.code.as_str().to_owned(),
        name: area.name.clone(),
        short: area.short.clone(),
        lat: area.lat,
        lon: area.lon,
    }
}

fn skill_view(skill: &Skill) -> SkillView {
    SkillView {
        id: skill.id.clone(),
        name: skill.name.clone(),
        name_en: skill.name_en.clone(),
        kind: skill.kind.as_str().to_owned(),
        aliases: skill.aliases.clone(),
        home_cities: skill.homes.iter().map(|code| code.as_str().to_owned()).collect(),
        occupations: skill.occupations.clone(),
        confidence: skill.confidence.as_str().to_owned(),
    }
}

/// Lists the cities of the region served.
#[utoipa::path(tag = "reference", operation_id = "list_cities", responses((status = 200, description = "城市", body = Vec<CityView>), Failures))]
#[get("/cities")]
async fn list_cities(lexicon: Data<Lexicon>, config: Data<crate::config::Config>) -> Json<Vec<CityView>> {
    Json(lexicon.places.cities(&config.region).map(area).collect())
}

/// Reads a city, with its neighbours, districts and minimum wages.
#[utoipa::path(tag = "reference", operation_id = "get_city", params(("code" = String, Path)),
    responses((status = 200, description = "城市", body = CityDetail), Failures))]
#[get("/cities/{code}")]
async fn read_city(lexicon: Data<Lexicon>, code: Path<String>) -> Result<Json<CityDetail>> {
    let code = AreaCode::parse(&code).ok_or(Error::NotFound("city"))?;
    let found = lexicon.places.get(&code).ok_or(Error::NotFound("city"))?;
    let neighbours = lexicon.places.neighbours(&code).iter().filter_map(|code| lexicon.places.get(code)).map(area).collect();
    let districts = lexicon.places.districts(code.prefix()).map(area).collect();
    let wage = |wage: &crate::lexicon::MinimumWage| WageView {
        effective_from: wage.effective_from.to_string(),
        monthly: wage.monthly,
        verified: wage.verified,
        source: wage.source.clone(),
    };
    let minimum_wages = lexicon.wages.of(&code).map(wage).collect();
    Ok(Json(CityDetail { city: area(found), neighbours, districts, minimum_wages }))
}

/// Lists skills.
#[utoipa::path(tag = "reference", operation_id = "list_skills", params(SkillQuery),
    responses((status = 200, description = "技能", body = Vec<SkillView>), Failures))]
#[get("/skills")]
async fn list_skills(lexicon: Data<Lexicon>, query: Query<SkillQuery>) -> Result<Json<Vec<SkillView>>> {
    let kind = match query.0.kind.as_deref().map(SkillKind::parse) {
        Some(None) => return Err(Error::invalid("/kind", "bad_kind", "没有这类技能", "no such kind of skill")),
        kind => kind.flatten(),
    };
    let found = match query.0.q.as_deref() {
        Some(words) if !words.trim().is_empty() => lexicon.skills.search(words, kind),
        _ => lexicon.skills.iter().filter(|skill| kind.is_none_or(|kind| skill.kind == kind)).collect(),
    };
    Ok(Json(found.into_iter().map(skill_view).collect()))
}

/// Reads a skill, with those around it.
#[utoipa::path(tag = "reference", operation_id = "get_skill", params(("id" = String, Path)),
    responses((status = 200, description = "技能", body = SkillDetail), Failures))]
#[get("/skills/{id}")]
async fn read_skill(lexicon: Data<Lexicon>, id: Path<String>) -> Result<Json<SkillDetail>> {
    let found = lexicon.skills.get(&id).ok_or(Error::NotFound("skill"))?;
    let ids = |skills: Vec<&Skill>| skills.into_iter().map(|skill| skill.id.clone()).collect();
    Ok(Json(SkillDetail {
        skill: skill_view(found),
        broader: ids(lexicon.skills.broader_chain(&id)),
        narrower: ids(lexicon.skills.narrower(&id)),
        uses: ids(lexicon.skills.uses(&id)),
    }))
}

/// Looks occupations up.
#[utoipa::path(tag = "reference", operation_id = "list_occupations", params(OccupationQuery),
    responses((status = 200, description = "职业", body = Vec<OccupationView>), Failures))]
#[get("/occupations")]
async fn list_occupations(lexicon: Data<Lexicon>, query: Query<OccupationQuery>) -> Json<Vec<OccupationView>> {
    let view = |o: &Occupation| OccupationView { code: o.code.clone(), name: o.name.clone(), worktypes: o.worktypes.clone() };
    let found: Vec<&Occupation> = match query.0.q.as_deref() {
        Some(words) if words.starts_with(|c: char| c.is_ascii_digit()) => {
            lexicon.occupations.iter().filter(|o| o.code.starts_with(words)).collect()
        }
        Some(words) if !words.trim().is_empty() => lexicon.occupations.search(words),
        _ => lexicon.occupations.iter().collect(),
    };
    Json(found.into_iter().take(OCCUPATIONS_MAX).map(view).collect())
}

/// Lists the levels of education.
#[utoipa::path(tag = "reference", operation_id = "list_education_levels",
    responses((status = 200, description = "学历层次", body = Vec<EducationView>), Failures))]
#[get("/education-levels")]
async fn list_education_levels(lexicon: Data<Lexicon>) -> Json<Vec<EducationView>> {
    let view = |level: &Education| {
        let (zh, en) = lexicon.education.label(*level);
        EducationView {
            id: level.as_str().to_owned(),
            name: zh.to_owned(),
            name_en: en.to_owned(),
            rank: lexicon.education.rank(*level),
        }
    };
    Json(Education::ALL.iter().map(view).collect())
}
