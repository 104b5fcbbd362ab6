//! Which vacancies are like this one? `GET /v1/vacancies/{id}/similar`: the same skills, occupation and words of the
//! title, nearer ones first.

use actix_web::get;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};

use crate::db::Db;
use crate::db::types::VacancyId;
use crate::error::{Error, Refusal, Result};
use crate::http::{Failures, Id, Now, Query};
use crate::search::find::{Asked, Seen};
use crate::search::http::{HitView, shown};
use crate::search::index::Search;
use crate::search::read::{Group, Mark, Reading, Way};
use crate::search::scan::Order;
use crate::search::schema::{occupation_term, skill_term};
use crate::vacancies::{self, Content, FilterQuery, Status};

/// How many similar vacancies are named when nothing is said, and at most.
const SIMILAR: (usize, usize) = (10, 50);

/// What can be asked.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SimilarQuery {
    /// How many, 1 to 50; 10 when not said.
    pub limit: Option<usize>,
}

/// The vacancies that are like one.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SimilarAnswer {
    items: Vec<HitView>,
}

/// Reads what a vacancy is about: any of its skills, its occupation or the words of its title.
fn about(content: &Content, engine: &Search) -> Reading {
    let way = |mark, weight| Way { marks: vec![mark], weight };
    let mut groups: Vec<Group> = Vec::new();
    let skills = content.skills.iter().map(|need| {
        let weight = if need.need == "essential" { 1.0 } else { engine.weights.narrower };
        way(Mark::Term(skill_term(&need.id)), weight)
    });
    groups.extend(skills.map(|way| Group { said: String::new(), ways: vec![way] }));
    let occupation = content.occupation.iter().map(|o| way(Mark::Term(occupation_term(&o.code)), engine.weights.occupation));
    groups.extend(occupation.map(|way| Group { said: String::new(), ways: vec![way] }));
    let mut words = engine.cutter.words(&content.title);
    words.dedup();
    groups.extend(words.into_iter().map(|word| Group { said: word.clone(), ways: vec![way(Mark::Text(word), 1.0)] }));
    Reading { wanted: groups, ..Reading::default() }
}

impl Search {
    fn similar(&self, id: &VacancyId, content: &Content, limit: usize, now_ms: u64) -> Result<Vec<Seen>> {
        let point = content.place.as_ref().and_then(|place| Some((place.lat?, place.lon?)));
        let asked = Asked {
            words: String::new(),
            understand: false,
            filter: FilterQuery::default(),
            brought: None,
            nearby: false,
            near: point,
            radius_km: None,
            order: Order::Relevance,
            facets: Vec::new(),
            limit: limit + 1,
            from: None,
            explain: false,
            now_ms,
        };
        let mut seen = self.find_any(&asked, about(content, self))?;
        seen.retain(|seen| seen.id != *id);
        seen.truncate(limit);
        Ok(seen)
    }
}

/// Finds the live vacancies that are most like one.
#[utoipa::path(tag = "vacancies", operation_id = "similar_vacancies", params(("id" = String, Path), SimilarQuery),
    responses((status = 200, description = "相似岗位", body = SimilarAnswer), Failures))]
#[get("/vacancies/{id}/similar")]
pub async fn similar(
    db: Data<Db>,
    engine: Data<Search>,
    now: Now,
    id: Id<VacancyId>,
    query: Query<SimilarQuery>,
) -> Result<Json<SimilarAnswer>> {
    let limit = query.0.limit.unwrap_or(SIMILAR.0);
    if !(1..=SIMILAR.1).contains(&limit) {
        let refusal = Refusal::new("/limit", "bad_limit", "limit 须在 1 至 50 之间", "limit is not within 1 to 50");
        return Err(Error::Malformed(refusal));
    }
    let (id, now_ms) = (id.0, u64::try_from(now.millis())?);
    let wanted = id.clone();
    let row = db.read(move |conn| vacancies::load(conn, &wanted)).await?;
    let content = if row.status == Status::Live { row.content()? } else { return Err(Error::NotFound("vacancy")) };
    let seen = engine.into_inner().run(move |engine| engine.similar(&id, &content, limit, now_ms)).await?;
    let items = db.read(move |conn| shown(conn, seen, &[], false)).await?;
    Ok(Json(SimilarAnswer { items }))
}
