//! Placements over HTTP: of a cohort on live vacancies, solved off the async threads and kept; or by scores of one's own, of
//! which nothing is kept.

use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Serialize;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use super::answer::{Answer, detail};
use super::asked::{Asked, PlacementBody};
use super::cohort::Fitting;
use super::ground::{self, Wanted};
use super::kept::{self, PlacementRow};
use super::outcome::{Objective, place};
use super::own::Own;
use crate::config::Config;
use crate::db::Db;
use crate::db::types::{PlacementId, SchoolId, Timestamp};
use crate::error::{Error, Result};
use crate::http::{Body, Caller, Failures, Id, Language, Now, Turn, created, tagged};
use crate::matching::pool::Pool;

/// A placement is never changed.
const REVISION: i64 = 1;

/// Mounts the routes of placements.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(read);
}

/// A placement as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PlacementView {
    id: PlacementId,
    objective: Objective,
    /// The school whose cohort it is.
    school: Option<SchoolId>,
    /// The first digits of the GB/T 2260 area that it is of.
    area: String,
    /// What was asked for; numbers in place of the names of graduates.
    #[schema(value_type = Object)]
    asked: Value,
    #[serde(flatten)]
    answer: Answer,
    created_at: Timestamp,
}

impl PlacementView {
    fn of(row: PlacementRow, answer: Answer, language: Language) -> Result<PlacementView> {
        let PlacementRow { id, school_id, area, objective, asked, created_at, certificate: _, took_ms: _ } = row;
        let (asked, answer) = (serde_json::from_str(&asked)?, told(answer, language));
        Ok(PlacementView { id, objective, school: school_id, area, asked, answer, created_at })
    }
}

/// Words the reasons in a language.
fn told(mut answer: Answer, language: Language) -> Answer {
    for one in &mut answer.unmatched {
        language.choose(&detail(one.reason, &one.lost)).clone_into(&mut one.detail);
    }
    answer
}

/// What placing needs beside the question.
struct Means {
    db: Data<Db>,
    pool: Data<Pool>,
    region: String,
}

impl Means {
    /// Places by scores of one's own. The turn ends with the work, also where nobody waits for the answer any more.
    async fn own(turn: Turn, objective: Objective, own: Own) -> Result<Answer> {
        turn.run(move || {
            let begun = Instant::now();
            let (posed, names) = own.pose()?;
            let outcome = place(&posed.market, objective);
            let outcome = outcome.ok_or_else(|| Error::internal("the placement does not stand its check"))?;
            let (assignment, unmatched) =
                (names.assignment(&posed, &outcome), names.unmatched(&posed, &outcome, |_, _, _| Vec::new()));
            let took_ms = u64::try_from(begun.elapsed().as_millis())?;
            Ok(Answer { assignment, unmatched, certificate: names.proof(outcome.certificate), took_ms })
        })
        .await
    }

    /// Reads the ground, places the cohort outside of any transaction, and keeps what came of it.
    async fn cohort(
        &self,
        turn: Turn,
        now: Timestamp,
        caller: Caller,
        asked: PlacementBody,
        length: usize,
    ) -> Result<(PlacementRow, Answer)> {
        let begun = Instant::now();
        let wanted = Wanted::parse(&asked, &caller, self.pool.lexicon(), &self.region)?;
        let (asks, question, region) = (caller.clone(), asked.clone(), self.region.clone());
        let ground = self.db.read(move |conn| ground::load(conn, &asks, &question, &wanted, &region)).await?;
        let (pool, region, question) = (self.pool.clone(), self.region.clone(), asked.kept()?);
        let (school_id, area, objective) = (ground.school.clone(), ground.area.clone(), asked.objective);
        let answer = turn.run(move || Fitting::of(&pool, &ground, &region, now.day())?.answer(&asked, length, &region)).await?;
        let answer = Answer { took_ms: u64::try_from(begun.elapsed().as_millis())?, ..answer };
        let row = PlacementRow {
            id: PlacementId::new(now),
            school_id,
            area,
            objective,
            asked: question,
            certificate: serde_json::to_string(&answer.certificate)?,
            took_ms: i64::try_from(answer.took_ms)?,
            created_at: now,
        };
        let (kept, told) = (row.clone(), answer.clone());
        self.db.write(move |conn| kept::keep(conn, now, &caller, &kept, told)).await?;
        Ok((row, answer))
    }
}

/// Places a cohort on live vacancies, or by scores of one's own, with a certificate and a reason for everybody left over.
///
/// Lists come from the score of `/v1/matches`. Equal scores: a graduate's list has the older vacancy first, a vacancy takes the
/// graduate who was registered first. With quotas or reserved places a place ranks applications by the vacancy score, those of
/// the class first; the innermost full limit decides. Employers learn nothing of a placement.
#[utoipa::path(tag = "matching", operation_id = "create_placement", request_body = PlacementBody,
    responses(
        (status = 200, description = "按自带评分安排的结果，不保存", body = Answer),
        (status = 201, description = "毕业生安排方案", body = PlacementView),
        Failures,
    ))]
#[post("/placements")]
async fn create(
    db: Data<Db>,
    pool: Data<Pool>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    request: HttpRequest,
    body: Body<PlacementBody>,
) -> Result<HttpResponse> {
    let (asked, language) = (body.0.parse()?, Language::of(&request));
    let turn = pool.placements.turn().await?;
    let means = Means { db, pool, region: config.region.clone() };
    match asked {
        Asked::Own(objective, own) => Ok(HttpResponse::Ok().json(told(Means::own(turn, objective, own).await?, language))),
        Asked::Cohort(asked, length) => {
            let (row, answer) = means.cohort(turn, *now, caller, *asked, length).await?;
            let at = format!("/v1/placements/{}", row.id);
            Ok(created(&at, REVISION, &PlacementView::of(row, answer, language)?))
        }
    }
}

/// Reads a placement.
#[utoipa::path(tag = "matching", operation_id = "get_placement", params(("id" = PlacementId, Path)),
    responses((status = 200, description = "毕业生安排方案", body = PlacementView), Failures))]
#[get("/placements/{id}")]
async fn read(db: Data<Db>, caller: Caller, id: Id<PlacementId>, request: HttpRequest) -> Result<HttpResponse> {
    let (row, answer) = db.read(move |conn| kept::load(conn, &caller, &id.0)).await?;
    Ok(tagged(StatusCode::OK, REVISION, &PlacementView::of(row, answer, Language::of(&request))?))
}
