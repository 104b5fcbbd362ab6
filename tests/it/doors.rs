//! Facts about the doors of a fair: signed tickets that anybody can check, entry once and undone, sessions, schools, walk-ins,
//! counts, and the own calendar.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiangxin::http::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::fairs::{announced, plan, step, venue};
use crate::support::people::somebody;
use crate::support::{Answer, App};

pub async fn people(app: &App, school: &str, from: usize, count: usize) -> Vec<String> {
    let mut people = Vec::new();
    for n in from..from + count {
        let made = app.post("/v1/graduates", Some(school), &somebody(&n.to_string())).await.expect(201).json();
        people.push(made["id"].as_str().unwrap().to_owned());
    }
    people
}

async fn fair(app: &App, bureau: &str, arrangement: &Value) -> String {
    let mut body = plan(9);
    body["venue"] = json!(venue(app, bureau).await);
    let path = announced(app, bureau, &body).await;
    app.patch(&format!("{path}/arrangement"), Some(bureau), "\"r0\"", arrangement).await.expect(200);
    path
}

async fn remove(app: &App, path: &str, token: &str, etag: &str) -> Answer {
    app.send(app.request(Method::DELETE, path, Some(token)).header("If-Match", etag)).await
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap()
}

facts! {
    async fn a_ticket_is_checked_with_the_published_key_alone_and_names_nobody(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = fair(&app, &bureau, &json!({})).await;
        let keys = app.get("/v1/fairs/ticket-keys", None).await.expect(200).json();
        let who = people(&app, &school, 0, 1).await;
        let row = app.post(&format!("{path}/attendances"), Some(&school), &json!({"graduate": who[0]})).await.expect(201).json();
        let ticket = text(&row, "ticket").to_owned();
        let parts: Vec<&str> = ticket.split('.').collect();
        let read = |at: usize| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(parts[at]).unwrap()).unwrap();
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == read(0)["kid"]).unwrap();
        assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
        assert_eq!(key.as_object().unwrap().keys().collect::<Vec<_>>(), ["kty", "crv", "alg", "use", "kid", "x"]);
        let public = URL_SAFE_NO_PAD.decode(text(key, "x")).unwrap();
        let public = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
        let signed = format!("{}.{}", parts[0], parts[1]);
        public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(parts[2]).unwrap()).unwrap();
        let mut claims = read(1);
        assert_eq!((&claims["jti"], text(&claims, "aud")), (&row["id"], path.rsplit('/').next().unwrap()));
        assert_eq!(claims.as_object().unwrap().keys().collect::<Vec<_>>(), ["jti", "aud", "ses", "iat"]);
        let own = format!("{path}/attendances/{}", text(&row, "id"));
        assert_eq!(app.get(&format!("{own}/ticket"), Some(&school)).await.expect(200).json()["ticket"], row["ticket"]);
        let code = app.get(&format!("{own}/ticket.svg"), Some(&school)).await.expect(200);
        assert!(code.headers["content-type"] == "image/svg+xml" && code.text.contains("<title") && code.text.len() > 3_000);
        let stranger = app.log_in("stranger", Role::Graduate, None).await;
        for hidden in [own.clone(), format!("{own}/ticket"), format!("{own}/ticket.svg")] {
            app.get(&hidden, Some(&stranger)).await.expect(404);
        }
        claims["ses"] = json!(2);
        let forged = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2]);
        for bad in [forged, "x".to_owned(), String::new()] {
            let answer = app.post(&format!("{path}/check-ins"), Some(&bureau), &json!({"ticket": bad})).await.expect(422);
            assert_eq!(answer.json()["code"], "bad_ticket");
        }
        let elsewhere = fair_beside(&app, &bureau).await;
        app.post(&format!("{elsewhere}/check-ins"), Some(&bureau), &json!({"ticket": ticket})).await.expect(404);
    }

    async fn an_entry_is_taken_once_undone_and_taken_again_at_another_door(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = fair(&app, &bureau, &json!({"entrances": [{"name": "东门"}, {"name": "西门", "x_cm": 4000}]})).await;
        let who = people(&app, &school, 0, 1).await;
        let row = app.post(&format!("{path}/attendances"), Some(&school), &json!({"graduate": who[0]})).await.expect(201).json();
        let doors = format!("{path}/check-ins");
        let at = |door: &str| json!({"ticket": row["ticket"], "entrance": door});
        assert_eq!(app.post(&doors, Some(&bureau), &at("北门")).await.expect(422).json()["code"], "unknown_entrance");
        let bodies: Vec<Value> = (0..8).map(|n| at(if n % 2 == 0 { "东门" } else { "西门" })).collect();
        let racing = futures_util::future::join_all(bodies.iter().map(|body| app.post(&doors, Some(&bureau), body))).await;
        assert_eq!(racing.iter().filter(|answer| answer.status == 201).count(), 1);
        assert!(racing.iter().filter(|answer| answer.status != 201).all(|answer| answer.json()["code"] == "checked_in"));
        let entry = format!("{doors}/{}", text(&row, "id"));
        assert_eq!(app.send(app.request(Method::DELETE, &entry, Some(&bureau))).await.status, 428);
        remove(&app, &entry, &bureau, "\"r1\"").await.expect(412);
        remove(&app, &entry, &bureau, racing.iter().find(|answer| answer.status == 201).unwrap().etag().as_str()).await.expect(204);
        assert_eq!(remove(&app, &entry, &bureau, "*").await.expect(409).json()["code"], "not_checked_in");
        remove(&app, &entry, &school, "*").await.expect(404);
        let again = app.post(&doors, Some(&bureau), &at("西门")).await.expect(201).json();
        assert_eq!((&again["status"], &again["entrance"], &again["seat"]), (&json!("attended"), &json!("西门"), &row["seat"]));
        let own = format!("{path}/attendances/{}", text(&row, "id"));
        assert_eq!(remove(&app, &own, &school, "*").await.expect(409).json()["code"], "attended");
    }

    async fn seats_are_counted_by_session_and_school_and_given_to_the_next_who_may(app) {
        let (jia, school) = app.school("虚构甲技工学校", "淄博").await;
        let (yi, other) = app.school("虚构乙技工学校", "潍坊").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = fair(&app, &bureau, &json!({
            "sessions": [{"title": "上半场", "starts_at": "2035-03-20T09:00:00+08:00", "ends_at": "2035-03-20T10:00:00+08:00", "seats": 5},
                {"title": "下半场", "starts_at": "2035-03-20T10:00:00+08:00", "ends_at": "2035-03-20T11:00:00+08:00", "seats": 3}],
            "school_seats": [{"school": jia, "session": 1, "seats": 2}]})).await;
        let seats = format!("{path}/attendances");
        let (ours, theirs) = (people(&app, &school, 0, 4).await, people(&app, &other, 10, 4).await);
        let mut rows = Vec::new();
        for (token, graduate) in ours.iter().map(|id| (&school, id)).chain(theirs.iter().map(|id| (&other, id))) {
            rows.push(app.post(&seats, Some(token), &json!({"graduate": graduate, "session": 1})).await.expect(201).json());
        }
        let status = |rows: &[Value]| rows.iter().map(|row| (text(row, "status").to_owned(), row["seat"].as_i64())).collect::<Vec<_>>();
        let (kept, waits) = (|seat| ("reserved".to_owned(), Some(seat)), ("waitlisted".to_owned(), None));
        assert_eq!(status(&rows), [kept(1), kept(2), waits.clone(), waits.clone(), kept(3), kept(4), kept(5), waits.clone()]);
        app.post(&seats, Some(&school), &json!({"graduate": ours[0], "session": 2})).await.expect(201);
        app.post(&seats, Some(&school), &json!({"graduate": ours[0], "session": 2})).await.expect(409);
        assert_eq!(app.post(&seats, Some(&school), &json!({"graduate": ours[0], "session": 3})).await.expect(422).json()["errors"][0]["pointer"], "/session");
        remove(&app, &format!("{seats}/{}", text(&rows[4], "id")), &other, "*").await.expect(204);
        let next = app.get(&format!("{seats}/{}", text(&rows[7], "id")), Some(&other)).await.expect(200).json();
        assert_eq!((&next["status"], &next["seat"]), (&json!("reserved"), &json!(3)), "the full school is passed over");
        remove(&app, &format!("{seats}/{}", text(&rows[0], "id")), &school, "*").await.expect(204);
        let next = app.get(&format!("{seats}/{}", text(&rows[2], "id")), Some(&school)).await.expect(200).json();
        assert_eq!((&next["status"], &next["seat"]), (&json!("reserved"), &json!(1)));
        let more = json!({"school_seats": [{"school": jia, "session": 1, "seats": 9}], "sessions": null});
        assert_eq!(app.patch(&format!("{path}/arrangement"), Some(&bureau), "*", &more).await.expect(409).json()["code"], "session_in_use");
        app.post(&format!("{path}/check-ins"), Some(&bureau), &json!({"ticket": rows[1]["ticket"], "entrance": "正门"})).await.expect(201);
        app.post(&format!("{path}/walk-ins"), Some(&bureau), &json!({"school": yi, "people": 2, "session": 2, "entrance": "正门"})).await.expect(201);
        assert_eq!(app.post(&format!("{path}/walk-ins"), Some(&bureau), &json!({"people": 1, "session": 2})).await.expect(409).json()["code"], "full");
        let counts = app.get(&format!("{path}/counts"), Some(&bureau)).await.expect(200).json();
        let of = |row: &Value| ["reserved", "waitlisted", "attended", "walk_ins", "present"].map(|name| row[name].as_i64().unwrap());
        assert_eq!(of(&counts), [5, 1, 1, 2, 3]);
        assert_eq!((of(&counts["sessions"][0]), of(&counts["sessions"][1])), ([4, 1, 1, 0, 1], [1, 0, 0, 2, 2]));
        let of_school = |id: &str| of(counts["schools"].as_array().unwrap().iter().find(|row| row["school"] == id).unwrap());
        assert_eq!((of_school(&jia), of_school(&yi)), ([2, 1, 1, 0, 1], [3, 0, 0, 2, 2]));
        assert_eq!(counts["entrances"], json!([{"entrance": "正门", "present": 3}]));
        app.get(&format!("{path}/counts"), Some(&school)).await.expect(404);
    }

    async fn who_comes_unannounced_takes_a_free_place_and_leaves_it_when_it_was_a_mistake(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = fair(&app, &bureau, &json!({"sessions": [{"title": "全场", "seats": 2,
            "starts_at": "2035-03-20T09:00:00+08:00", "ends_at": "2035-03-20T11:00:00+08:00"}]})).await;
        let who = people(&app, &school, 0, 4).await;
        let walk_ins = format!("{path}/walk-ins");
        let reserved = app.post(&format!("{path}/attendances"), Some(&school), &json!({"graduate": who[0]})).await.expect(201).json();
        let came = app.post(&walk_ins, Some(&bureau), &json!({"graduate": who[1]})).await.expect(201).json();
        assert_eq!((&came["people"], &came["left"]), (&json!(1), &json!(0)));
        app.post(&walk_ins, Some(&bureau), &json!({"graduate": who[1]})).await.expect(409);
        assert_eq!(app.post(&walk_ins, Some(&bureau), &json!({"graduate": who[2]})).await.expect(409).json()["code"], "full");
        let kept = app.post(&walk_ins, Some(&bureau), &json!({"graduate": who[0]})).await.expect(201).json();
        assert_eq!(kept["attendance"], reserved["id"], "who forgot the ticket keeps the seat");
        let waits = app.post(&format!("{path}/attendances"), Some(&school), &json!({"graduate": who[3]})).await.expect(201).json();
        remove(&app, &format!("{path}/check-ins/{}", text(&came, "attendance")), &bureau, "*").await.expect(204);
        let next = app.get(&format!("{path}/attendances/{}", text(&waits, "id")), Some(&school)).await.expect(200).json();
        assert_eq!((&next["status"], &next["seat"]), (&json!("reserved"), &json!(2)));
        app.post(&walk_ins, Some(&school), &json!({"people": 1})).await.expect(404);
    }

    async fn the_day_follows_a_changed_fair_and_never_takes_back_what_was_given(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let mut body = plan(9);
        (body["venue"], body["seats"], body["booths"]) = (json!(venue(&app, &bureau).await), json!(1), json!(1));
        let path = announced(&app, &bureau, &body).await;
        let mut rows = Vec::new();
        for graduate in people(&app, &school, 0, 2).await {
            rows.push(app.post(&format!("{path}/attendances"), Some(&school), &json!({"graduate": graduate})).await.expect(201).json());
        }
        let mut own = Vec::new();
        for employer in crate::fairs::employers(&app, 2).await {
            let row = app.post(&format!("{path}/exhibitors"), Some(&bureau), &json!({"employer": employer})).await.expect(201).json();
            own.push(format!("{path}/exhibitors/{}", text(&row, "id")));
        }
        for path in &own {
            step(&app, path, &bureau, &json!({"to": "approved"})).await.expect(200);
        }
        app.patch(&path, Some(&bureau), "*", &json!({"seats": 2, "booths": 2})).await.expect(200);
        let seat = app.get(&format!("{path}/attendances/{}", text(&rows[1], "id")), Some(&school)).await.expect(200).json();
        assert_eq!((&seat["status"], &seat["seat"]), (&json!("reserved"), &json!(2)));
        let booth = app.get(&own[1], Some(&bureau)).await.expect(200).json();
        assert_eq!((&booth["status"], &booth["booth"]), (&json!("offered"), &json!(2)));
        for (less, code) in [(json!({"seats": 1}), "seats_given"), (json!({"booths": 1}), "booths_given")] {
            assert_eq!(app.patch(&path, Some(&bureau), "*", &less).await.expect(409).json()["code"], code);
        }
        let halves = json!({"sessions": [{"title": "上半场", "starts_at": "2035-03-20T09:00:00+08:00", "ends_at": "2035-03-20T10:00:00+08:00"}]});
        app.patch(&format!("{path}/arrangement"), Some(&bureau), "*", &halves).await.expect(200);
        let later = app.patch(&path, Some(&bureau), "*", &json!({"starts_at": "2035-03-20T09:30:00+08:00"})).await.expect(422).json();
        assert_eq!(later["errors"][0]["pointer"], "/sessions/0");
    }

    async fn the_own_calendar_is_read_without_a_login_until_its_address_is_taken_back(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = fair(&app, &bureau, &json!({})).await;
        let who = people(&app, &school, 0, 1).await;
        let student = app.account("student", Role::Graduate, None, Some(&who[0])).await;
        let seats = format!("{path}/attendances");
        let row = app.post(&seats, Some(&student), &json!({})).await.expect(201).json();
        let made = app.post("/v1/graduates/me/calendar-token", Some(&student), &json!({})).await.expect(201).json();
        let address = |made: &Value| format!("/v1/graduates/me/calendar.ics?token={}", text(made, "token"));
        assert!(text(&made, "url").ends_with(&address(&made)));
        let parsed: icalendar::Calendar = app.get(&address(&made), None).await.expect(200).text.parse().unwrap();
        use icalendar::Component;
        let event = parsed.events().next().unwrap();
        assert_eq!((event.get_summary(), event.property_value("STATUS")), (Some("虚构手造校园招聘会"), Some("CONFIRMED")));
        let (uid, first) = (event.get_uid().unwrap().to_owned(), event.property_value("SEQUENCE").unwrap().parse::<i64>().unwrap());
        assert_eq!(uid, format!("attendance-{}@jiangxin", text(&row, "id")));
        remove(&app, &format!("{seats}/{}", text(&row, "id")), &student, "*").await.expect(204);
        let parsed: icalendar::Calendar = app.get(&address(&made), None).await.expect(200).text.parse().unwrap();
        let event = parsed.events().next().unwrap();
        assert_eq!((event.get_uid(), event.property_value("STATUS")), (Some(uid.as_str()), Some("CANCELLED")));
        assert!(event.property_value("SEQUENCE").unwrap().parse::<i64>().unwrap() > first);
        let next = app.post("/v1/graduates/me/calendar-token", Some(&student), &json!({})).await.expect(201).json();
        app.get(&address(&made), None).await.expect(401);
        app.get(&address(&next), None).await.expect(200);
        app.send(app.request(Method::DELETE, "/v1/graduates/me/calendar-token", Some(&student))).await.expect(204);
        app.get(&address(&next), None).await.expect(401);
        app.get("/v1/graduates/me/calendar.ics", None).await.expect(400);
        app.send(app.request(Method::DELETE, "/v1/graduates/me/calendar-token", Some(&student))).await.expect(404);
        step(&app, &path, &bureau, &json!({"to": "cancelled", "reason": "天气"})).await.expect(200);
    }
}

async fn fair_beside(app: &App, bureau: &str) -> String {
    let mut body = plan(13);
    body["venue"] = json!(venue(app, bureau).await);
    announced(app, bureau, &body).await
}
