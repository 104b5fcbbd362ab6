//! Facts about placements: nobody has a reason to complain, or together worth most; proven, explained, and told to whom it may
//! be told.
#![expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "small numbers")]

use std::cmp::Reverse;
use std::path::PathBuf;

use jiangxin::http::Role;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reqwest::Method;
use serde_json::{Value, json};

use jiangxin::matching::placement::{
    Application, Certificate, Fault, Market, NONE, Objective, Place, Standing, Why, best, bound, explain, place, read, stable,
};

use crate::facts;
use crate::support::people::somebody;
use crate::support::{App, json_body};

/// Finds a file of the instances, or says that the fact was skipped.
fn instance(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("JIANGXIN_INSTANCES")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/bench"), PathBuf::from);
    let read = std::fs::read(folder.join(name));
    if read.is_err() {
        eprintln!("skipped: {name} is not in {} (JIANGXIN_INSTANCES names another folder)", folder.display());
    }
    read.ok()
}

#[test]
fn placements_are_those_of_another_program() {
    for size in ["small", "medium"] {
        let (Some(file), Some(answers)) = (instance(&format!("b_{size}.json")), instance(&format!("b_{size}.ref.json"))) else {
            return;
        };
        let (posed, _, _) = read(&file).unwrap();
        let answers: Value = serde_json::from_slice(&answers).unwrap();
        let found = place(&posed.market, Objective::Stable).unwrap();
        assert_eq!(found.certificate, Certificate::Stable { blocking_pairs: 0 });
        let vacancies: Vec<i64> =
            found.placed.iter().map(|at| at.map_or(-1, |at| i64::from(posed.market.place_of(at)))).collect();
        assert_eq!(serde_json::json!(vacancies), answers["stable_graduate_optimal"]);
        let found = place(&posed.market, Objective::MaxScore).unwrap();
        let weight = answers["max_weight"]["weight"].as_i64().unwrap();
        assert_eq!(found.certificate, Certificate::MaxScore { objective: weight, bound: weight });
        assert_eq!(found.placed.iter().flatten().count() as u64, answers["max_weight"]["matched"].as_u64().unwrap());
    }
}

fn room(most: u32) -> Place {
    Place { most, within: NONE, reserved: false }
}

fn line(place: u32, graduate_score: u32, vacancy_score: u32) -> Application {
    Application { place, graduate_score, vacancy_score }
}

/// Makes a small market: limits within limits, reserved places, places for nobody, empty lists, and ties.
fn small(random: &mut StdRng) -> (Vec<Place>, Vec<Vec<Application>>) {
    let count = random.random_range(1..=6u32);
    let mut places: Vec<Place> = (0..count).map(|_| room(random.random_range(0..=2))).collect();
    for at in 0..count {
        if at + 1 < count && random.random_bool(0.5) {
            places[at as usize].within = random.random_range(at + 1..count);
        }
    }
    for at in 0..places.len() {
        let leaf = places.iter().all(|place| place.within != at as u32);
        places[at].reserved = leaf && random.random_bool(0.2);
    }
    let highest = if random.random_bool(0.5) { 3 } else { 1000 };
    let mut lists = Vec::new();
    for _ in 0..random.random_range(0..=4) {
        let mut open: Vec<u32> = (0..count).collect();
        let length = random.random_range(0..=open.len().min(3));
        let draw = |_| {
            let place = open.swap_remove(random.random_range(0..open.len()));
            line(place, random.random_range(0..highest), random.random_range(0..highest))
        };
        lists.push((0..length).map(draw).collect());
    }
    (places, lists)
}

fn chain(places: &[Place], place: u32) -> Vec<usize> {
    let above = |at: &u32| Some(places[*at as usize].within).filter(|at| *at != NONE);
    std::iter::successors(Some(place), above).map(|at| at as usize).collect()
}

/// Takes applications one by one, the best first, as far as there is room: the definition of what places want.
fn choice(places: &[Place], mut applications: Vec<(usize, Application)>) -> Vec<(usize, Application)> {
    applications.sort_by_key(|(graduate, line)| (Reverse((places[line.place as usize].reserved, line.vacancy_score)), *graduate));
    let mut left: Vec<u32> = places.iter().map(|place| place.most).collect();
    applications.retain(|(_, line)| {
        let chain = chain(places, line.place);
        let fits = chain.iter().all(|at| left[*at] > 0);
        chain.iter().for_each(|at| left[*at] -= u32::from(fits));
        fits
    });
    applications
}

/// Every way to place everybody: for each graduate the place on the list, or none.
fn every_placement(places: &[Place], lists: &[Vec<Application>]) -> Vec<Vec<Option<usize>>> {
    let mut all: Vec<Vec<Option<usize>>> = vec![Vec::new()];
    for list in lists {
        let longer = |some: &Vec<Option<usize>>| {
            let options: Vec<Option<usize>> = std::iter::once(None).chain((0..list.len()).map(Some)).collect();
            options.into_iter().map(|option| [some.as_slice(), &[option]].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all.retain(|placement| held(lists, placement).len() == choice(places, held(lists, placement)).len());
    all
}

fn held(lists: &[Vec<Application>], placement: &[Option<usize>]) -> Vec<(usize, Application)> {
    placement.iter().enumerate().filter_map(|(graduate, at)| at.map(|at| (graduate, lists[graduate][at]))).collect()
}

fn is_stable(places: &[Place], lists: &[Vec<Application>], placement: &[Option<usize>]) -> bool {
    let held = held(lists, placement);
    let blocks = |graduate: usize, line: Application| {
        let with = [held.as_slice(), &[(graduate, line)]].concat();
        choice(places, with).contains(&(graduate, line))
    };
    let dearer = |graduate: usize| lists[graduate].iter().take(placement[graduate].unwrap_or(usize::MAX));
    (0..lists.len()).all(|graduate| dearer(graduate).all(|line| !blocks(graduate, *line)))
}

/// Words a placement by positions on lists.
fn positions(market: &Market, placed: &[u32]) -> Vec<Option<usize>> {
    let position = |(graduate, at): (usize, &u32)| (*at != NONE).then(|| *at as usize - market.list(graduate).start);
    placed.iter().enumerate().map(position).collect()
}

#[test]
fn a_stable_placement_is_the_best_of_all_stable_ones_for_every_graduate() {
    let mut random = StdRng::seed_from_u64(1);
    for round in 0..3_000 {
        let (places, lists) = small(&mut random);
        let market = Market::parse(places.clone(), lists.clone()).unwrap();
        let placed = stable(&market);
        assert_eq!(Standing::of(&market, &placed).unwrap().blocking_pairs(), 0, "round {round}");
        let found = positions(&market, &placed);
        let all: Vec<_> = every_placement(&places, &lists).into_iter().filter(|one| is_stable(&places, &lists, one)).collect();
        assert!(all.contains(&found), "round {round}: {places:?} {lists:?} {found:?}");
        for graduate in 0..lists.len() {
            let reached = all.iter().map(|one| one[graduate].unwrap_or(usize::MAX)).min().unwrap();
            assert_eq!(found[graduate].unwrap_or(usize::MAX), reached, "round {round}, graduate {graduate}");
        }
    }
}

#[test]
fn blocking_pairs_are_found_wherever_there_are_some() {
    let mut random = StdRng::seed_from_u64(2);
    for round in 0..500 {
        let (places, lists) = small(&mut random);
        let market = Market::parse(places.clone(), lists.clone()).unwrap();
        for placement in every_placement(&places, &lists) {
            let number =
                |(graduate, at): (usize, &Option<usize>)| at.map_or(NONE, |at| (market.list(graduate).start + at) as u32);
            let placed: Vec<u32> = placement.iter().enumerate().map(number).collect();
            let blocking = Standing::of(&market, &placed).unwrap().blocking_pairs();
            assert_eq!(
                blocking == 0,
                is_stable(&places, &lists, &placement),
                "round {round}: {places:?} {lists:?} {placement:?}"
            );
        }
    }
}

#[test]
fn the_placement_worth_most_is_worth_as_much_as_any_and_its_prices_prove_it() {
    let mut random = StdRng::seed_from_u64(3);
    for round in 0..3_000 {
        let (places, lists) = small(&mut random);
        let market = Market::parse(places.clone(), lists.clone()).unwrap();
        let found = best(&market);
        let standing = Standing::of(&market, &found.placed).unwrap();
        assert_eq!(bound(&market, &found.prices, found.band), Some(standing.worth(found.band)), "round {round}");
        let worth = |one: &Vec<Option<usize>>| {
            let held = held(&lists, one);
            let reserved = held.iter().filter(|(_, line)| places[line.place as usize].reserved).count();
            (reserved, held.iter().map(|(_, line)| i64::from(line.graduate_score + line.vacancy_score)).sum::<i64>())
        };
        let most = every_placement(&places, &lists).iter().map(worth).max().unwrap();
        assert_eq!((standing.reserved(), standing.worth(0)), most, "round {round}: {places:?} {lists:?}");
    }
}

#[test]
fn large_random_markets_stand_their_checks() {
    let mut random = StdRng::seed_from_u64(4);
    for round in 0..20 {
        let (graduates, vacancies) = (random.random_range(0..2_000), random.random_range(1..300u32));
        let cities = vacancies / 20;
        let mut places: Vec<Place> = (0..vacancies).map(|_| room(random.random_range(0..8))).collect();
        for at in 0..vacancies {
            if cities > 0 && round % 2 == 0 {
                places[at as usize].within = vacancies + at % cities;
            }
        }
        places.extend((0..cities).map(|_| room(random.random_range(0..60))));
        let list = |random: &mut StdRng| {
            let mut at: Vec<u32> = (0..vacancies).collect();
            let (chosen, _) = rand::seq::SliceRandom::partial_shuffle(at.as_mut_slice(), random, 12);
            chosen.iter().map(|place| line(*place, random.random_range(0..50), random.random_range(0..50))).collect::<Vec<_>>()
        };
        let lists: Vec<Vec<Application>> = (0..graduates).map(|_| list(&mut random)).collect();
        let market = Market::parse(places, lists).unwrap();
        let found = place(&market, Objective::Stable).unwrap();
        assert_eq!(found.certificate, Certificate::Stable { blocking_pairs: 0 }, "round {round}");
        let found = place(&market, Objective::MaxScore).unwrap();
        let Certificate::MaxScore { objective, bound } = found.certificate else { panic!("another certificate") };
        assert_eq!(objective, bound, "round {round}");
    }
}

#[test]
fn a_placement_that_overfills_or_leaves_the_list_does_not_stand() {
    let market = Market::parse(vec![room(1), room(1)], vec![vec![line(0, 1, 1)], vec![line(0, 1, 1)]]).unwrap();
    assert!(Standing::of(&market, &[0, 1]).is_none(), "two in a place for one");
    assert!(Standing::of(&market, &[1, NONE]).is_none(), "placed by the application of another");
    assert!(Standing::of(&market, &[0]).is_none(), "somebody is missing");
    assert_eq!(Standing::of(&market, &[NONE, 1]).unwrap().blocking_pairs(), 1);
    assert_eq!(bound(&market, &[-1, 0], 0), None);
    assert_eq!(bound(&market, &[2, 0], 0), Some(2));
}

#[test]
fn equal_scores_go_to_the_graduate_who_comes_first() {
    let lists = vec![vec![line(0, 5, 7)]; 3];
    let market = Market::parse(vec![room(2)], lists).unwrap();
    assert_eq!(stable(&market), [0, 1, NONE]);
}

#[test]
fn no_score_reaches_a_place_that_is_reserved() {
    let places = vec![room(1), Place { most: 1, within: 0, reserved: true }];
    let market = Market::parse(places, vec![vec![line(0, 900, 900)], vec![line(1, 1, 1)]]).unwrap();
    let found = best(&market);
    for (placed, prices) in [(stable(&market), Vec::new()), (found.placed, found.prices)] {
        assert_eq!(placed, [NONE, 1]);
        let Why::Outranked(lost) = explain(&Standing::of(&market, &placed).unwrap(), &prices, 0) else {
            panic!("another reason")
        };
        assert_eq!((lost[0].reserved, lost[0].short_by, lost[0].full), (true, 0, 0));
    }
}

#[test]
fn what_makes_no_market_is_refused() {
    let within = |within| Place { most: 1, within, reserved: false };
    let none = || Vec::<Vec<Application>>::new();
    assert_eq!(Market::parse(vec![within(0)], none()).err(), Some(Fault::Place(0)));
    assert_eq!(Market::parse(vec![within(1), within(0)], none()).err(), Some(Fault::Place(0)));
    assert_eq!(Market::parse(vec![within(7)], none()).err(), Some(Fault::Place(0)));
    let reserved = Place { reserved: true, ..room(1) };
    assert_eq!(Market::parse(vec![reserved, within(0)], none()).err(), Some(Fault::Place(1)));
    let parse = |lists: Vec<Vec<Application>>| Market::parse(vec![room(1)], lists).err();
    assert_eq!(parse(vec![vec![line(1, 1, 1)]]), Some(Fault::List(0)));
    assert_eq!(parse(vec![vec![], vec![line(0, 1, 1), line(0, 2, 2)]]), Some(Fault::List(1)));
    assert_eq!(parse(vec![vec![line(0, 1, 1 << 30)]]), Some(Fault::List(0)));
    assert_eq!(parse(vec![vec![line(0, 1, 1)], vec![line(0, 1, 1)]]), None);
}

#[test]
fn everybody_without_a_place_is_told_why() {
    let city = Place { most: 1, within: NONE, reserved: false };
    let places = vec![Place { within: 2, ..room(1) }, Place { within: 2, ..room(1) }, city, room(0)];
    let lists = vec![vec![line(0, 9, 80)], vec![line(1, 9, 75), line(0, 8, 30)], vec![], vec![line(3, 9, 99)]];
    let market = Market::parse(places, lists).unwrap();
    let placed = stable(&market);
    let standing = Standing::of(&market, &placed).unwrap();
    let Why::Outranked(lost) = explain(&standing, &[], 1) else { panic!("another reason") };
    assert_eq!((lost[0].application, lost[0].full, lost[0].last, lost[0].short_by), (1, 2, Some(0), 5));
    assert_eq!((lost[1].application, lost[1].full, lost[1].short_by), (2, 0, 50));
    assert_eq!(explain(&standing, &[], 2), Why::NoVacancy);
    assert_eq!(explain(&standing, &[], 3), Why::NoRoom);
    let found = best(&market);
    let standing = Standing::of(&market, &found.placed).unwrap();
    let Why::Outranked(lost) = explain(&standing, &found.prices, 1) else { panic!("another reason") };
    assert!(lost[0].full == 2 && lost[0].short_by >= 0 && lost[0].last == Some(0), "{lost:?}");
}

/// Publishes a vacancy of a pottery in Zibo and gives its id.
async fn publish(app: &App, workshop: &str, bureau: &str, headcount: u32, more: &Value) -> String {
    let mut body = json!({"title": "陶瓷产品设计师", "description": "负责陶艺产品设计，会3D建模者优先", "headcount": headcount,
        "place": {"city": "淄博"}, "salary": {"text": "5-8千/月"}, "education": {"text": "大专"}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let vacancy = app.post("/v1/vacancies", Some(workshop), &body).await.expect(201).json();
    let path = format!("/v1/vacancies/{}/transitions", vacancy["id"].as_str().unwrap());
    for (to, token) in [("submitted", workshop), ("live", bureau)] {
        let request = app.request(Method::POST, &path, Some(token)).header("If-Match", "*");
        app.send(json_body(request, &json!({"to": to}))).await.expect(200);
    }
    vacancy["id"].as_str().unwrap().to_owned()
}

/// Registers somebody with these skills and gives the id.
async fn register(app: &App, school: &str, number: &str, skills: &[&str]) -> String {
    let mut body = somebody(number);
    body["profile"]["major"] = Value::Null;
    body["profile"]["skills"] = skills.iter().map(|name| json!({"name": name})).collect();
    let made = app.post("/v1/graduates", Some(school), &body).await.expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

fn placed(answer: &Value) -> Vec<(&str, &str)> {
    let assignment = answer["assignment"].as_array().unwrap().iter();
    assignment.map(|one| (one["graduate"].as_str().unwrap(), one["vacancy"].as_str().unwrap())).collect()
}

facts! {
    async fn scores_of_ones_own_are_placed_and_nothing_is_kept(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let pair = |graduate: &str, vacancy: &str, a: f64, b: f64| json!({"graduate": graduate, "vacancy": vacancy, "graduate_score": a, "vacancy_score": b});
        let mut body = json!({"objective": "stable", "capacities": {"v1": 1, "v2": 1}, "pairs": [
            pair("g1", "v1", 0.9, 0.4), pair("g1", "v2", 0.2, 0.9), pair("g2", "v1", 0.8, 0.5), pair("g3", "v1", 0.7, 0.1)]});
        let stable = app.post("/v1/placements", Some(&school), &body).await.expect(200).json();
        assert_eq!(placed(&stable), [("g1", "v2"), ("g2", "v1")]);
        assert_eq!(stable["certificate"], json!({"blocking_pairs": 0}));
        assert_eq!((&stable["unmatched"][0]["graduate"], &stable["unmatched"][0]["reason"]), (&json!("g3"), &json!("outranked")));
        assert_eq!(stable["unmatched"][0]["lost"][0], json!({"vacancy": "v1", "full": "headcount", "short_by": 0.4}));
        assert!(stable["took_ms"].is_u64() && stable.get("id").is_none());
        body["objective"] = json!("max_score");
        let best = app.post("/v1/placements", Some(&school), &body).await.expect(200).json();
        assert_eq!(best["certificate"], json!({"objective": 2.4, "bound": 2.4, "gap": 0.0}));
        body["quotas"] = json!([{"vacancies": ["v1", "v2"], "at_most": 1}]);
        let limited = app.post("/v1/placements", Some(&school), &body).await.expect(200).json();
        assert_eq!((placed(&limited), &limited["unmatched"][1]["lost"][0]["full"]), (vec![("g1", "v1")], &json!("quota")));
        body["quotas"] = json!([]);
        body["reserved"] = json!([{"vacancy": "v1", "graduates": ["g3"]}]);
        let reserved = app.post("/v1/placements", Some(&school), &body).await.expect(200).json();
        assert_eq!(placed(&reserved), [("g1", "v2"), ("g3", "v1")]);
        assert_eq!((&reserved["assignment"][1]["reserved"], &reserved["unmatched"][0]["lost"][0]["full"]), (&json!(true), &json!("reserved")));
    }

    async fn what_cannot_be_placed_is_refused_at_its_place(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let pair = json!({"graduate": "g", "vacancy": "v", "graduate_score": 1, "vacancy_score": 1});
        let mut high = pair.clone();
        high["graduate_score"] = json!(1000.5);
        let crossing = json!([{"vacancies": ["v", "w"], "at_most": 1}, {"vacancies": ["w", "x"], "at_most": 1}]);
        for (body, pointer, code) in [
            (json!({"objective": "stable"}), "", "one_of"),
            (json!({"objective": "stable", "pairs": [], "cohort": {}}), "", "one_of"),
            (json!({"objective": "fair", "pairs": []}), "/objective", "bad_value"),
            (json!({"objective": "stable", "pairs": [high]}), "/pairs/0/graduate_score", "bad_score"),
            (json!({"objective": "stable", "pairs": [pair, pair]}), "/pairs", "duplicate_pair"),
            (json!({"objective": "stable", "pairs": [pair], "quotas": [{"vacancies": ["z"], "at_most": 1}]}), "/quotas/0/vacancies", "unknown_vacancy"),
            (json!({"objective": "stable", "pairs": [], "capacities": {"v": 1, "w": 1, "x": 1}, "quotas": crossing}), "/quotas/1", "crossing_quotas"),
            (json!({"objective": "stable", "cohort": {}, "list_length": 0}), "/list_length", "bad_length"),
            (json!({"objective": "stable", "cohort": {}, "quotas": [{"city": "没有这个地方", "at_most": 1}]}), "/quotas/0/city", "unknown_place"),
        ] {
            let refused = app.post("/v1/placements", Some(&school), &body).await.expect(422).json();
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(pointer), &json!(code)), "{body}");
        }
        let (_, workshop) = app.employer("虚构陶坊", "淄博").await;
        app.post("/v1/placements", Some(&workshop), &json!({"objective": "stable", "pairs": []})).await.expect(403);
        app.post("/v1/placements", None, &json!({"objective": "stable", "pairs": []})).await.expect(401);
        let empty = app.post("/v1/placements", Some(&school), &json!({"objective": "max_score", "pairs": []})).await.expect(200).json();
        assert_eq!(empty["certificate"], json!({"objective": 0.0, "bound": 0.0, "gap": 0.0}));
    }

    async fn a_cohort_is_placed_on_live_vacancies_and_everybody_is_told_why_not(app) {
        let (_, workshop) = app.employer("虚构陶坊", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let one = publish(&app, &workshop, &bureau, 1, &json!({})).await;
        let two = publish(&app, &workshop, &bureau, 1, &json!({"title": "陶艺师", "salary": {"text": "3千/月"}})).await;
        let (id, school) = app.school("虚构甲技工学校", "淄博").await;
        let handy = register(&app, &school, "1", &["陶艺"]).await;
        let handier = register(&app, &school, "2", &["陶艺", "3D建模"]).await;
        let last = register(&app, &school, "3", &["陶艺"]).await;
        let mut away = somebody("4");
        away["job_intent"] = json!("further_study");
        let away = app.post("/v1/graduates", Some(&school), &away).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        let answer = app.post("/v1/placements", Some(&school), &json!({"objective": "stable", "cohort": {}})).await.expect(201);
        let location = answer.headers["location"].to_str().unwrap().to_owned();
        let made = answer.json();
        assert_eq!(placed(&made), [(handy.as_str(), one.as_str()), (handier.as_str(), two.as_str())], "{made}");
        assert_eq!((&made["school"], &made["area"], &made["certificate"]), (&json!(id), &json!("370300"), &json!({"blocking_pairs": 0})));
        let reason = |id: &str| made["unmatched"].as_array().unwrap().iter().find(|one| one["graduate"] == id).unwrap().clone();
        assert_eq!(reason(&away)["reason"], "not_seeking");
        let lost = reason(&last);
        let tie = json!({"vacancy": one, "full": "headcount", "short_by": 0.0});
        assert_eq!((&lost["reason"], &lost["lost"][0]), (&json!("outranked"), &tie));
        assert!(lost["detail"].as_str().unwrap().contains("同分"));
        let behind = lost["lost"].as_array().unwrap().iter().find(|place| place["vacancy"] == json!(two)).unwrap();
        assert!(behind["short_by"].as_f64().unwrap() > 0.0 && behind["requirements"][0]["asked"] == "3D建模", "{lost}");
        assert!(!lost.to_string().contains(&handier) && !lost.to_string().contains(&handy), "others are not named");
        let best = app.post("/v1/placements", Some(&bureau), &json!({"objective": "max_score", "cohort": {"school": id}})).await.expect(201).json();
        assert_eq!((&best["certificate"]["gap"], &best["certificate"]["objective"]), (&json!(0.0), &best["certificate"]["bound"]));
        let read = app.get(&location, Some(&bureau)).await.expect(200);
        assert_eq!(read.json(), made);
        let english = app.send(app.request(Method::GET, &location, Some(&school)).header("Accept-Language", "en")).await.expect(200).json();
        assert!(english["unmatched"].to_string().contains("does not look for work"));
        app.send(app.request(Method::DELETE, &format!("/v1/graduates/{last}"), Some(&school)).header("If-Match", "*")).await.expect(204);
        let read = app.get(&location, Some(&school)).await.expect(200).json();
        assert!(!read.to_string().contains(&last) && read["assignment"] == made["assignment"]);
        let kept = app.get(&format!("/v1/graduates/{handy}/export"), Some(&school)).await.expect(200).json();
        assert_eq!(kept["placements"][0]["outcome"]["vacancy"], json!(one));
    }

    async fn a_placement_is_read_only_by_the_own_school_and_the_own_city(app) {
        let (id, school) = app.school("虚构甲技工学校", "淄博").await;
        let (_, other) = app.school("虚构乙技工学校", "潍坊").await;
        let zibo = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let weifang = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let own = register(&app, &school, "1", &["陶艺"]).await;
        let made = app.post("/v1/placements", Some(&zibo), &json!({"objective": "stable", "cohort": {"school": id}})).await.expect(201).json();
        assert_eq!(made["unmatched"][0]["reason"], "no_eligible_vacancy");
        let path = format!("/v1/placements/{}", made["id"].as_str().unwrap());
        for (token, status) in [(&school, 200), (&zibo, 200), (&other, 404), (&weifang, 404)] {
            app.get(&path, Some(token)).await.expect(status);
        }
        for (token, cohort, status) in [
            (&other, json!({"school": id}), 404),
            (&other, json!({"graduates": [own]}), 404),
            (&weifang, json!({"school": id}), 404),
            (&weifang, json!({"graduates": [own]}), 404),
            (&weifang, json!({"city": "淄博"}), 403),
            (&zibo, json!({"graduates": [own]}), 201),
            (&zibo, json!({"city": "淄博"}), 201),
            (&zibo, json!({}), 201),
        ] {
            app.post("/v1/placements", Some(token), &json!({"objective": "stable", "cohort": cohort})).await.expect(status);
        }
        let none = app.post("/v1/placements", Some(&weifang), &json!({"objective": "stable", "cohort": {}})).await.expect(201).json();
        assert_eq!((placed(&none).len(), none["unmatched"].as_array().unwrap().len()), (0, 0));
        for (class, members) in [(json!({"graduates_on": "2030-06-30"}), 0), (json!({"major": "没有这个专业"}), 0), (json!({"graduates_on": "2027-06-30"}), 1)] {
            let placed = app.post("/v1/placements", Some(&school), &json!({"objective": "stable", "cohort": class})).await.expect(201).json();
            assert_eq!(placed["unmatched"].as_array().unwrap().len(), members, "{class}");
        }
    }

    async fn a_class_goes_first_where_places_are_reserved_and_consent_is_told(app) {
        let (pottery, workshop) = app.employer("虚构陶坊", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let vacancy = publish(&app, &workshop, &bureau, 1, &json!({})).await;
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let handier = register(&app, &school, "1", &["陶艺", "3D建模"]).await;
        let trainee = register(&app, &school, "2", &["陶艺"]).await;
        let ask = |more: Value| {
            let mut body = json!({"objective": "stable", "cohort": {}});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let made = app.post("/v1/placements", Some(&school), &ask(json!({}))).await.expect(201).json();
        assert_eq!((placed(&made), &made["assignment"][0]["may_be_shown"]), (vec![(handier.as_str(), vacancy.as_str())], &json!(false)));
        let order = json!({"reserved": [{"employer": pottery, "graduates": [trainee]}]});
        let made = app.post("/v1/placements", Some(&school), &ask(order)).await.expect(201).json();
        assert_eq!((placed(&made), &made["assignment"][0]["reserved"]), (vec![(trainee.as_str(), vacancy.as_str())], &json!(true)));
        assert_eq!((&made["unmatched"][0]["lost"][0]["full"], &made["asked"]["reserved"][0]["graduates"]), (&json!("reserved"), &json!(1)));
        for (reserved, pointer, code) in [
            (json!({"employer": pottery, "graduates": [vacancy]}), "/reserved/0/graduates", "not_in_cohort"),
            (json!({"vacancy": trainee, "graduates": [trainee]}), "/reserved/0", "unknown_vacancy"),
            (json!({"graduates": [trainee]}), "/reserved/0", "one_of"),
        ] {
            let refused = app.post("/v1/placements", Some(&school), &ask(json!({"reserved": [reserved]}))).await.expect(422).json();
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(pointer), &json!(code)));
        }
        let none = app.post("/v1/placements", Some(&school), &ask(json!({"quotas": [{"city": "淄博", "at_most": 0}]}))).await.expect(201).json();
        assert_eq!(none["unmatched"][0]["reason"], "no_places");
        let consented = json!({"consented_only": true});
        let none = app.post("/v1/placements", Some(&school), &ask(consented.clone())).await.expect(201).json();
        assert_eq!(none["unmatched"][0]["reason"], "no_eligible_vacancy");
        let student = app.account("虚构学生账号", Role::Graduate, None, Some(&trainee)).await;
        let consent = json!({"purpose": "matching", "recipient": format!("employer:{pottery}"), "text_version": "1"});
        app.post(&format!("/v1/graduates/{trainee}/consents"), Some(&student), &consent).await.expect(201);
        let made = app.post("/v1/placements", Some(&school), &ask(consented)).await.expect(201).json();
        assert_eq!((placed(&made), &made["assignment"][0]["may_be_shown"]), (vec![(trainee.as_str(), vacancy.as_str())], &json!(true)));
    }
}
