//! Where does everybody stand? The booths of a session as a plan in SVG, to scale, with words for those who do not see it.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use diesel::prelude::*;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::Db;
use crate::db::schema::{employers, fair_exhibitors as table};
use crate::db::types::FairId;
use crate::error::Result;
use crate::fairs::arrangement::{self, Booth, Entrance};
use crate::fairs::exhibitor::Outcome;
use crate::fairs::interviews::escaped;
use crate::fairs::store;
use crate::http::{Caller, Failures, Id, Query};

/// The margin around the booths, in centimetres.
const MARGIN_CM: i32 = 150;
/// The height of letters, in centimetres.
const LETTER_CM: i32 = 42;
/// How many lines a name takes at most.
const LINES_MAX: usize = 3;

/// Mounts the route of floor plans.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read);
}

/// Which session is drawn.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PlanQuery {
    /// The session, from 1; the first when nothing is said.
    session: Option<i32>,
}

/// Draws where everybody stands.
#[utoipa::path(tag = "fairs", operation_id = "get_floor_plan", params(("id" = FairId, Path), PlanQuery),
    responses((status = 200, description = "展位平面图", body = String, content_type = "image/svg+xml"), Failures))]
#[get("/fairs/{id}/floor-plan.svg")]
async fn read(db: Data<Db>, caller: Caller, id: Id<FairId>, query: Query<PlanQuery>) -> Result<HttpResponse> {
    let plan = db
        .read(move |conn| {
            let fair = store::visible(conn, &caller, &id.0)?;
            let arrangement = arrangement::of(conn, &fair)?;
            let session = arrangement.session(query.0.session)?;
            let own = table::table.inner_join(employers::table).filter(table::fair_id.eq(&fair.id));
            let own = own.filter(table::session.eq(session.number)).filter(table::status.eq(Outcome::Approved));
            let names: Vec<(Option<i32>, String)> = own.select((table::booth, employers::name)).load(conn)?;
            let names = names.into_iter().filter_map(|(booth, name)| Some((booth?, name))).collect();
            let title = format!("{}（{}）展位平面图", fair.title, session.title);
            Ok(svg(&title, &arrangement.booths, &arrangement.body.entrances, &names))
        })
        .await?;
    Ok(HttpResponse::Ok().content_type("image/svg+xml").body(plan))
}

/// Draws booths with the names of those who stand there.
fn svg(title: &str, booths: &[Booth], entrances: &[Entrance], names: &BTreeMap<i32, String>) -> String {
    let right = booths.iter().map(|booth| booth.x_cm.saturating_add(booth.width_cm));
    let right = right.chain(entrances.iter().map(|door| door.x_cm)).max().unwrap_or(0).saturating_add(MARGIN_CM);
    let bottom = booths.iter().map(|booth| booth.y_cm.saturating_add(booth.depth_cm));
    let bottom = bottom.chain(entrances.iter().map(|door| door.y_cm)).max().unwrap_or(0).saturating_add(MARGIN_CM);
    let (width, height) = (right.saturating_add(MARGIN_CM), bottom.saturating_add(MARGIN_CM));
    let given = booths.iter().filter(|booth| names.contains_key(&booth.number)).count();
    let doors: Vec<&str> = entrances.iter().map(|door| door.name.as_str()).collect();
    let doors = if doors.is_empty() { String::new() } else { format!("；入口：{}", doors.join("、")) };
    let words = format!("共 {} 个展位，已安排 {given} 个{doors}", booths.len());
    let drawn: String = booths.iter().map(|booth| drawn(booth, names.get(&booth.number).map(String::as_str))).collect();
    let doors: String = entrances.iter().map(door).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{} {} {width} {height}\" role=\"img\" lang=\"zh-CN\" \
         aria-labelledby=\"plan-title plan-words\" font-family=\"'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei',sans-serif\" \
         font-size=\"{LETTER_CM}\"><title id=\"plan-title\">{}</title><desc id=\"plan-words\">{}</desc>\
         <rect x=\"{0}\" y=\"{1}\" width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>{drawn}{doors}</svg>\n",
        -MARGIN_CM,
        -MARGIN_CM,
        escaped(title),
        escaped(&words),
    )
}

fn drawn(booth: &Booth, name: Option<&str>) -> String {
    let Booth { number, x_cm, y_cm, width_cm, depth_cm } = *booth;
    let colour = if name.is_some() { "#e6f0e6" } else { "#f5f5f5" };
    let middle = x_cm + width_cm / 2;
    let lines = name.map_or_else(Vec::new, |name| lines(name, width_cm));
    let line = |(at, text): (usize, &String)| {
        let y = y_cm + LETTER_CM * 3 + i32::try_from(at).unwrap_or(0) * LETTER_CM * 5 / 4;
        format!("<text x=\"{middle}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", escaped(text))
    };
    let texts: String = lines.iter().enumerate().map(line).collect();
    format!(
        "<g><title>{number} 号展位：{}</title><rect x=\"{x_cm}\" y=\"{y_cm}\" width=\"{width_cm}\" height=\"{depth_cm}\" \
         fill=\"{colour}\" stroke=\"#333\" stroke-width=\"4\"/><text x=\"{}\" y=\"{}\" font-weight=\"bold\">{number}</text>{texts}</g>",
        escaped(name.unwrap_or("空")),
        x_cm + 12,
        y_cm + LETTER_CM + 8,
    )
}

/// Breaks a name into lines that fit into a booth; what does not fit ends with an ellipsis.
fn lines(name: &str, width_cm: i32) -> Vec<String> {
    let each = usize::try_from((width_cm - 24) / LETTER_CM).unwrap_or(1).max(1);
    let chars: Vec<char> = name.chars().collect();
    let mut lines: Vec<String> = chars.chunks(each).take(LINES_MAX).map(|chunk| chunk.iter().collect()).collect();
    if chars.len() > each * LINES_MAX
        && let Some(last) = lines.last_mut()
    {
        last.pop();
        last.push('…');
    }
    lines
}

fn door(door: &Entrance) -> String {
    let Entrance { name, x_cm, y_cm } = door;
    format!(
        "<g><title>入口：{0}</title><circle cx=\"{x_cm}\" cy=\"{y_cm}\" r=\"30\" fill=\"#1a5fb4\"/><text x=\"{1}\" y=\"{y_cm}\" \
         fill=\"#1a5fb4\">{0}</text></g>",
        escaped(name),
        x_cm.saturating_add(45),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_well_formed_whatever_a_firm_is_called() {
        let booths = [Booth { number: 1, x_cm: 0, y_cm: 0, width_cm: 300, depth_cm: 300 }];
        let doors = [Entrance { name: "东门<1>".to_owned(), x_cm: 500, y_cm: 20 }];
        let names = BTreeMap::from([(1, "甲 & 乙<script>\"工坊\"股份有限公司淄博分公司".to_owned())]);
        let plan = svg("虚构<会>", &booths, &doors, &names);
        let mut reader = quick_xml::Reader::from_str(&plan);
        let mut elements = 0;
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Start(_) | quick_xml::events::Event::Empty(_) => elements += 1,
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        assert!(elements > 8 && !plan.contains("<script>") && plan.contains("共 1 个展位，已安排 1 个；入口：东门"));
    }

    #[test]
    fn a_long_name_is_broken_and_shortened() {
        assert_eq!(lines("虚构工坊", 300), ["虚构工坊"]);
        assert_eq!(lines(&"字".repeat(40), 300), ["字".repeat(6), "字".repeat(6), format!("{}…", "字".repeat(5))]);
    }
}
