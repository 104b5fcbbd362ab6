//! Facts about schools and their majors.

use jiangxin::http::Role;
use reqwest::Method;
use serde_json::json;

use crate::facts;
use crate::support::people::somebody;

facts! {
    async fn a_bureau_registers_schools_of_its_own_city_once(app) {
        let zibo = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let body = json!({"name": "虚构淄博技师学院", "kind": "technician_college", "city": "淄博", "district": "博山区"});
        let school = app.post("/v1/schools", Some(&zibo), &body).await.expect(201);
        assert_eq!((&school.json()["city"], &school.json()["district"]), (&json!("370300"), &json!("370304")));
        assert_eq!(app.post("/v1/schools", Some(&zibo), &body).await.expect(409).json()["code"], "registered");
        app.post("/v1/schools", Some(&zibo), &json!({"name": "虚构潍坊技师学院", "kind": "technician_college", "city": "潍坊"})).await.expect(403);
        let wrong = json!({"name": " ", "kind": "technical_school", "city": "市中区", "uscc": "91370703MA3FE0010Y"});
        let refused = app.post("/v1/schools", Some(&zibo), &wrong).await.expect(422).json();
        let pointers: Vec<&str> = refused["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/name", "/uscc", "/city"]);
        let found = app.get("/v1/schools?city=淄博&q=技师", None).await.expect(200).json();
        assert_eq!(found["total"], 1);
        assert_eq!(app.get("/v1/schools?city=潍坊", None).await.expect(200).json()["total"], 0);
        app.get("/v1/schools?city=无此地", None).await.expect(422);
    }

    async fn a_school_changes_itself_and_no_other(app) {
        let (own, token) = app.school("虚构甲技工学校", "潍坊").await;
        let (other, _) = app.school("虚构乙技工学校", "济南").await;
        let etag = app.get(&format!("/v1/schools/{own}"), None).await.expect(200).etag();
        let path = format!("/v1/schools/{own}");
        let changed = app.patch(&path, Some(&token), &etag, &json!({"introduction": "风筝与年画", "address": "示例路1号"})).await.expect(200);
        assert_eq!(changed.json()["introduction"], "风筝与年画");
        app.patch(&path, Some(&token), &etag, &json!({"introduction": "x"})).await.expect(412);
        app.patch(&path, Some(&token), &changed.etag(), &json!({"city": "济南"})).await.expect(403);
        let taken = app.patch(&path, Some(&token), &changed.etag(), &json!({"address": null})).await.expect(200).json();
        assert!(taken["address"].is_null());
        app.patch(&format!("/v1/schools/{other}"), Some(&token), "*", &json!({"introduction": "x"})).await.expect(404);
    }

    async fn majors_name_known_skills_and_are_kept_once(app) {
        let (school, token) = app.school("虚构甲技工学校", "淄博").await;
        let path = format!("/v1/schools/{school}/majors");
        let body = json!({"name": "陶瓷工艺", "programme": "senior_worker", "skills": ["陶艺", "拉坯"], "graduates_yearly": 40});
        let made = app.post(&path, Some(&token), &body).await.expect(201);
        assert!(made.json()["skills"].as_array().unwrap().iter().all(|id| id.as_str().unwrap().is_ascii()), "{}", made.text);
        app.post(&path, Some(&token), &body).await.expect(409);
        let wrong = app.post(&path, Some(&token), &json!({"name": "x", "programme": "senior_worker", "skills": ["陶艺", "无此技能"]})).await.expect(422).json();
        assert_eq!(wrong["errors"][0]["pointer"], "/skills/1");
        let own = format!("{path}/{}", made.json()["id"].as_str().unwrap());
        let next = app.patch(&own, Some(&token), &made.etag(), &json!({"graduates_yearly": 45})).await.expect(200);
        assert_eq!(next.json()["graduates_yearly"], 45);
        app.send(app.request(Method::DELETE, &own, Some(&token))).await.expect(428);
        app.send(app.request(Method::DELETE, &own, Some(&token)).header("If-Match", next.etag())).await.expect(204);
        assert_eq!(app.get(&path, None).await.expect(200).json()["total"], 0);
    }

    async fn a_school_with_graduates_stays(app) {
        let (school, token) = app.school("虚构甲技工学校", "淄博").await;
        app.post("/v1/graduates", Some(&token), &somebody("1")).await.expect(201);
        let zibo = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let refused = app.send(app.request(Method::DELETE, &format!("/v1/schools/{school}"), Some(&zibo)).header("If-Match", "*")).await.expect(409);
        assert_eq!(refused.json()["code"], "in_use");
    }
}
