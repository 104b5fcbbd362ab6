//! A small employment service on loopback: seeded, plainly fictional vacancies for every city that is home to a craft,
//! in the shape of the public labour-market system.

use std::net::TcpListener;

use actix_web::web::{Data, Query};
use actix_web::{App, HttpResponse, HttpServer};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::lexicon::{AreaCode, Lexicon, Skill, SkillKind};

const WORDS: &str = include_str!("../../../index/demo.json");
/// The province of the demo.
pub const PROVINCE: &str = "37";
/// How many vacancies each city has.
const ROWS_PER_CITY: usize = 200;
/// How many employers a city has for each craft.
const EMPLOYERS: usize = 12;
/// The largest page.
const PAGE_ROWS_MAX: usize = 100;

#[derive(Deserialize)]
struct Words {
    roles: Vec<Role>,
}

#[derive(Deserialize)]
struct Role {
    title: String,
    salary: String,
    education: String,
    experience: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageOf {
    page_no: usize,
    page_size: usize,
}

/// Starts the service and gives its address.
pub fn start(lexicon: &Lexicon, seed: u64) -> Result<String> {
    let rows = Data::new(rows(lexicon, seed)?);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/lemis/vacancies", listener.local_addr()?);
    let server =
        HttpServer::new(move || App::new().app_data(rows.clone()).route("/lemis/vacancies", actix_web::web::get().to(page)));
    actix_web::rt::spawn(server.workers(1).disable_signals().listen(listener)?.run());
    Ok(url)
}

async fn page(rows: Data<Vec<Value>>, query: Query<PageOf>) -> HttpResponse {
    let PageOf { page_no, page_size } = query.into_inner();
    let size = page_size.clamp(1, PAGE_ROWS_MAX);
    let part: Vec<&Value> = rows.iter().skip(page_no.saturating_sub(1).saturating_mul(size)).take(size).collect();
    HttpResponse::Ok().json(json!({"code": "0", "msg": "成功", "data": {"total": rows.len(), "pageNo": page_no, "rows": part}}))
}

fn rows(lexicon: &Lexicon, seed: u64) -> Result<Vec<Value>> {
    let words: Words = serde_json::from_str(WORDS)?;
    let mut rng = StdRng::seed_from_u64(seed);
    let mut rows = Vec::new();
    for city in lexicon.places.cities(PROVINCE) {
        let at_home = |skill: &&Skill| skill.kind == SkillKind::Craft && skill.homes.iter().any(|home| home.city() == city.code);
        let crafts: Vec<&Skill> = lexicon.skills.iter().filter(at_home).collect();
        for _ in 0..ROWS_PER_CITY {
            let (Some(craft), Some(role)) = (crafts.choose(&mut rng), words.roles.choose(&mut rng)) else {
                return Err(Error::internal(format!("no craft is at home in {}", city.name)));
            };
            let homes: Vec<&AreaCode> = craft.homes.iter().filter(|home| home.city() == city.code).collect();
            let area = homes.choose(&mut rng).map_or(&city.code, |home| *home);
            let reference = format!("{}{:06}", area.as_str(), rows.len());
            let employer = format!("虚构{}{}工坊{}号", city.short, craft.name, rng.random_range(1..=EMPLOYERS));
            rows.push(row(&reference, &employer, area, craft, role, &mut rng));
        }
    }
    Ok(rows)
}

fn row(reference: &str, employer: &str, area: &AreaCode, craft: &Skill, role: &Role, rng: &mut StdRng) -> Value {
    let fill = |text: &str| text.replace("{craft}", &craft.name);
    json!({
        "acb210": reference, "op": "I", "aab004": employer, "aab301": area.as_str(), "acb204": "示例路1号",
        "acb216": fill(&role.title), "aae013": fill(&role.text), "acb21i": role.salary, "aac011_text": role.education,
        "acb22a": role.experience, "acb21d": rng.random_range(1..=9).to_string(), "aac048": "1",
        "aac004": if rng.random_range(0..20) == 0 { "2" } else { "0" },
        "aae030": "2026-11-01", "aae031": "2099-12-31", "aae036": "20261101080000"
    })
}
