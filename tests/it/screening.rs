//! Facts about lawful vacancies: what is found in words and facts, who may let it through, and why one is not live.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::RunQueryDsl;
use jiangxin::db::types::Timestamp;
use jiangxin::http::Role;
use jiangxin::ingest::{self, Kind, SourceBody, SourceRow};
use jiangxin::lexicon::{Lexicon, Severity};
use jiangxin::vacancies::{self, Content, Finding, RawVacancy, Subject, Talk};
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::upstream::{World, row, start};
use crate::support::{Answer, App, json_body};

/// Sentences that the rules were tuned on.
const TUNING: &str = include_str!("fixtures/screening_tuning.tsv");
/// Sentences of another style, which the rules met later.
const HELD_OUT: &str = include_str!("fixtures/screening_held_out.tsv");
/// Sentences by other hands, which the rules met last.
const UNSEEN: &str = include_str!("fixtures/screening_unseen.tsv");
/// The label of a sentence in which nothing may be found.
const NOTHING: &str = "-";

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 25).unwrap()
}

fn screened(lexicon: &Lexicon, raw: &RawVacancy) -> Vec<Finding> {
    let content = Content::read(raw, Talk { lexicon, region: "37" });
    vacancies::screen(Subject { content: &content, benefits: &[], valid_from: None, expires_at: None, day: day() }, lexicon)
}

fn in_words(lexicon: &Lexicon, description: &str) -> Vec<Finding> {
    let findings = screened(lexicon, &RawVacancy { description: description.to_owned(), ..RawVacancy::default() });
    findings.into_iter().filter(|finding| finding.pointer == "/description" && !finding.matched_text.is_empty()).collect()
}

/// Gives how many sentences of each label were found, of how many.
fn measure(lexicon: &Lexicon, set: &str) -> BTreeMap<String, (usize, usize)> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in set.lines().filter(|line| !line.starts_with('#')) {
        let (label, sentence) = line.split_once('\t').unwrap();
        let findings = in_words(lexicon, sentence);
        let hit = findings.iter().any(|finding| label == NOTHING || finding.rule == label);
        let count = counts.entry(label.to_owned()).or_default();
        *count = (count.0 + usize::from(hit), count.1 + 1);
    }
    counts
}

#[test]
fn nine_in_ten_breaches_of_each_kind_are_found_and_nothing_that_is_lawful() {
    let lexicon = Lexicon::shared().unwrap();
    for (set, least, kinds) in [(TUNING, 97, 16), (HELD_OUT, 95, 15), (UNSEEN, 95, 16)] {
        let mut counts = measure(&lexicon, set);
        let (wrong, lawful) = counts.remove(NOTHING).unwrap();
        assert!(lawful >= 80 && wrong == 0, "{wrong} of {lawful} lawful sentences were held against somebody");
        let (found, all) = counts.values().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
        assert!(all >= 80 && found * 100 >= all * least, "{found} of {all}: {counts:?}");
        assert!(counts.values().all(|(found, all)| found * 10 >= all * 8), "{counts:?}");
        assert_eq!(counts.len(), kinds, "{counts:?}");
    }
}

#[test]
fn a_finding_names_the_words_as_they_were_written_and_the_law() {
    let lexicon = Lexicon::shared().unwrap();
    let found = in_words(&lexicon, "工作轻松。限 女 性，會縫紉。每天工作１２小時。");
    let told: Vec<(&str, &str, Severity)> =
        found.iter().map(|f| (f.rule.as_str(), f.matched_text.as_str(), f.severity)).collect();
    assert_eq!(told, [("SEX", "限 女 性", Severity::Block), ("HOURS", "每天工作１２小時", Severity::Flag)]);
    assert_eq!((found[0].statute.as_str(), found[0].article.as_str()), ("就业促进法", "第二十七条"));
}

#[test]
fn pay_below_a_minimum_wage_that_nobody_verified_is_a_flag() {
    let lexicon = Lexicon::shared().unwrap();
    let offer = |salary: &str| RawVacancy { salary: salary.to_owned(), place: "370700".to_owned(), ..RawVacancy::default() };
    let low = screened(&lexicon, &offer("1500-1800元/月"));
    let wage = low.iter().find(|finding| finding.rule == "BELOW_MIN_WAGE").unwrap();
    assert_eq!((wage.severity, wage.pointer.as_str()), (Severity::Flag, "/salary/text"));
    assert!(wage.advice_zh.contains("2023-10-01") && wage.advice_zh.contains("尚未"), "{}", wage.advice_zh);
    assert!(!screened(&lexicon, &offer("4000-6000元/月")).iter().any(|finding| finding.rule == "BELOW_MIN_WAGE"));
}

fn vacancy(title: &str, description: &str) -> Value {
    json!({"title": title, "description": description, "place": {"city": "370700"}, "headcount": 2,
        "salary": {"text": "4000-6000元/月"}, "education": {"text": "中专/技校"}, "valid_from": "2026-11-25", "expires_at": "2027-01-31"})
}

fn rules(answer: &Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

async fn step(app: &App, token: &str, id: &str, etag: &str, body: Value) -> Answer {
    let request = app.request(Method::POST, &format!("/v1/vacancies/{id}/transitions"), Some(token)).header("If-Match", etag);
    app.send(json_body(request, &body)).await
}

async fn source(app: &App, url: &str) -> SourceRow {
    let body = SourceBody { url: Some(url.to_owned()), allow_private_network: true, ..SourceBody::named("test", Kind::Lemis) };
    app.db.write(move |conn| ingest::add_source(conn, Timestamp::now(), &body)).await.unwrap()
}

async fn run(app: &App, source: &SourceRow) -> ingest::RunView {
    ingest::RunView::of(ingest::run_once(&app.ground, source.clone(), Timestamp::now()).await.unwrap()).unwrap()
}

async fn total(app: &App) -> Value {
    app.search.catch_up(&app.db).await.unwrap();
    app.get("/v1/vacancies?handicraft=false", None).await.expect(200).json()["total"].clone()
}

async fn sql(app: &App, text: &'static str) {
    app.db.write(move |conn| Ok(diesel::sql_query(text).execute(conn)?)).await.unwrap();
}

facts! {
    async fn anybody_may_try_a_vacancy_and_nothing_is_kept(app) {
        let answer = app.post("/v1/screenings", None, &vacancy("绣花工", "手工刺绣。进门先交三百块押金。")).await.expect(200).json();
        assert_eq!(rules(&answer), ["FEE"]);
        let finding = &answer["findings"][0];
        assert_eq!((&finding["severity"], &finding["pointer"]), (&json!("block"), &json!("/description")));
        assert!("手工刺绣。进门先交三百块押金。".contains(finding["matched_text"].as_str().unwrap()), "{finding}");
        assert_eq!(answer["lexicon_version"].as_str().unwrap().len(), 16);
        let english = json_body(app.request(Method::POST, "/v1/screenings", None).header("Accept-Language", "en"), &vacancy("女工", ""));
        assert!(app.send(english).await.expect(200).json()["findings"][0]["advice"].as_str().unwrap().starts_with("drop the limit"));
        let bare = app.post("/v1/screenings", None, &json!({"title": "剪纸师"})).await.expect(200).json();
        assert_eq!(rules(&bare), ["MISSING_PAY", "MISSING_HEADCOUNT", "MISSING_PLACE", "MISSING_DUTIES", "MISSING_CONDITIONS", "MISSING_EXPIRY"]);
        let benefit = app.post("/v1/screenings", None, &json!({"benefits": ["包住", "没社保"]})).await.expect(200).json();
        assert_eq!((&benefit["findings"][0]["rule"], &benefit["findings"][0]["pointer"]), (&json!("SOCIAL_INS"), &json!("/benefits/1")));
        app.post("/v1/screenings", None, &json!({"place": {"city": "市中区"}})).await.expect(422);
        assert_eq!(app.db.read(vacancies::last_change).await.unwrap(), 0);
    }

    async fn a_block_keeps_a_vacancy_from_going_live_until_it_is_changed(app) {
        let (_, owner) = app.employer("虚构绣坊", "潍坊").await;
        let bureau = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let draft = app.post("/v1/vacancies", Some(&owner), &vacancy("绣花工", "只招女的，手工刺绣")).await.expect(201);
        assert_eq!(rules(&draft.json()), ["SEX", "EMPLOYER_UNVERIFIED"]);
        let id = draft.json()["id"].as_str().unwrap().to_owned();
        let handed_in = step(&app, &owner, &id, &draft.etag(), json!({"to": "submitted"})).await.expect(200);
        let refused = step(&app, &bureau, &id, &handed_in.etag(), json!({"to": "live"})).await.expect(409).json();
        assert_eq!(refused["code"], "blocked_by_screening");
        assert!(refused["detail"].as_str().unwrap().contains("SEX"), "{refused}");
        let why = app.get(&format!("/v1/vacancies/{id}/screening"), Some(&owner)).await.expect(200).json();
        let codes: Vec<&str> = why["blocked_by"].as_array().unwrap().iter().map(|b| b["code"].as_str().unwrap()).collect();
        assert_eq!((why["status"].as_str(), codes), (Some("submitted"), vec!["awaiting_review", "blocked_by_screening"]));
        let (_, other) = app.employer("虚构陶坊", "淄博").await;
        app.get(&format!("/v1/vacancies/{id}/screening"), Some(&other)).await.expect(404);
        let changed = app.patch(&format!("/v1/vacancies/{id}"), Some(&owner), &handed_in.etag(), &json!({"description": "手工刺绣"})).await.expect(200);
        assert_eq!(rules(&changed.json()), ["EMPLOYER_UNVERIFIED"]);
        step(&app, &bureau, &id, &changed.etag(), json!({"to": "live"})).await.expect(200);
        let live = app.get(&format!("/v1/vacancies/{id}/screening"), Some(&bureau)).await.expect(200).json();
        assert_eq!((&live["status"], &live["blocked_by"]), (&json!("live"), &json!([])));
    }

    async fn an_officer_overrules_with_a_reason_that_is_written_down(app) {
        let (_, owner) = app.employer("虚构绣坊", "潍坊").await;
        let bureau = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let draft = app.post("/v1/vacancies", Some(&owner), &vacancy("绣花工", "只招女的，手工刺绣")).await.expect(201);
        let id = draft.json()["id"].as_str().unwrap().to_owned();
        let handed_in = step(&app, &owner, &id, &draft.etag(), json!({"to": "submitted"})).await.expect(200);
        let body = json!({"to": "live", "override": "戏曲旦角，属角色需要"});
        step(&app, &owner, &id, &handed_in.etag(), body.clone()).await.expect(403);
        step(&app, &bureau, &id, &handed_in.etag(), json!({"to": "live", "override": " "})).await.expect(409);
        step(&app, &bureau, &id, &handed_in.etag(), body).await.expect(200);
        let history = app.get(&format!("/v1/vacancies/{id}/history"), Some(&owner)).await.expect(200).json();
        assert_eq!(history.as_array().unwrap().last().unwrap()["reason"], "戏曲旦角，属角色需要");
        let province = app.log_in("province", Role::Province, None).await;
        let audit = app.get(&format!("/v1/audit-events?subject=vacancy:{id}"), Some(&province)).await.expect(200).json();
        assert!(audit.to_string().contains("vacancies.override") && audit.to_string().contains("SEX"), "{audit}");
    }

    async fn a_source_cannot_bring_in_what_is_unlawful_and_nothing_is_lost(app) {
        let world = World::of(
            vec![
                row(1, "剪纸师", "370700", "4000-6000元/月", "剪窗花"),
                row(2, "绣花工", "370700", "4000-6000元/月", "只招女的"),
                row(3, "编筐工", "370700", "4000-6000元/月", "柳编收口"),
            ],
            0,
        );
        let source = source(&app, &start(world.clone())).await;
        let first = run(&app, &source).await;
        assert_eq!((first.fetched, first.created, first.rejected, total(&app).await), (3, 3, 0, json!(2)));
        world.rows.lock().unwrap()[1]["aae013"] = json!("手工刺绣");
        world.rows.lock().unwrap()[2]["aae013"] = json!("柳编收口，押金三百元");
        let second = run(&app, &source).await;
        assert_eq!((second.updated, second.unchanged, total(&app).await), (2, 1, json!(2)));
        let found = app.get("/v1/vacancies?handicraft=false&q=绣花工", None).await.expect(200).json();
        assert_eq!(found["total"], 1, "what was put right is live: {found}");
        let third = run(&app, &source).await;
        assert_eq!((third.unchanged, third.updated, third.created), (3, 0, 0));
    }

    async fn new_word_lists_screen_everything_anew_once(app) {
        let rows = vec![row(1, "剪纸师", "370700", "4000-6000元/月", "剪窗花"), row(2, "绣花工", "370700", "4000-6000元/月", "只招女的")];
        let source = source(&app, &start(World::of(rows, 0))).await;
        run(&app, &source).await;
        let block = "UPDATE vacancies SET lexicon_version = 'older', status = 'submitted', published_at = NULL, findings = \
            '[{\"rule\":\"SEX\",\"severity\":\"block\",\"pointer\":\"/title\",\"matched_text\":\"x\",\"statute\":\"\",\"article\":\"\",\"advice_zh\":\"\",\"advice_en\":\"\"}]'";
        sql(&app, block).await;
        assert_eq!(total(&app).await, 0);
        let lexicon = app.ground.lexicon.clone();
        let again = move |limit| { let lexicon = lexicon.clone(); app_rescreen(lexicon, limit) };
        assert_eq!(app.db.write(again(1)).await.unwrap(), 1);
        assert_eq!(app.db.write(again(10)).await.unwrap(), 1);
        assert_eq!(app.db.write(again(10)).await.unwrap(), 0);
        assert_eq!(total(&app).await, json!(1));
        let found = app.get("/v1/vacancies?handicraft=false&q=剪纸师", None).await.expect(200).json();
        assert_eq!(found["items"][0]["vacancy"]["status"], "live", "{found}");
    }
}

fn app_rescreen(
    lexicon: std::sync::Arc<Lexicon>,
    limit: i64,
) -> impl FnOnce(&mut jiangxin::db::DbConn) -> jiangxin::error::Result<usize> {
    move |conn| vacancies::rescreen(conn, Timestamp::now(), &lexicon, limit)
}
