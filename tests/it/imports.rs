//! Facts about sheets of vacancies that people hand in.

use jiangxin::http::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::{Answer, App};

const SHEET: &str = "2026年秋季招聘岗位（虚构）,,,,\n岗位名称,公司名称,工作城市,薪资,岗位描述\n\
                     绣花工,,潍坊,4000-6000元/月,手工刺绣，会抽纱者优先\n\
                     ,,潍坊,5000元/月,没有名称的一行\n\
                     风筝扎制学徒,,潍坊,面议,扎骨架、糊面、彩绘\n\
                     陶艺师,虚构别家陶坊,淄博,6000元/月,别的单位的岗位\n";

async fn import(app: &App, token: &str, to: &str, bytes: Vec<u8>) -> Answer {
    let request = app.request(Method::POST, &format!("/v1/vacancies/import{to}"), Some(token));
    app.send(request.header("Content-Type", "text/csv").body(bytes)).await
}

async fn workshop(app: &App) -> String {
    let token = app.log_in("workshop", Role::Employer, None).await;
    let body = json!({"name": "虚构绣坊", "city": "潍坊", "contact_phone": "13800000001"});
    app.post("/v1/employers", Some(&token), &body).await.expect(201);
    token
}

fn statuses(answer: &Value) -> Vec<&str> {
    answer["receipts"].as_array().unwrap().iter().map(|receipt| receipt["status"].as_str().unwrap()).collect()
}

facts! {
    async fn a_workshop_imports_its_sheet_in_any_encoding_and_twice_is_once(app) {
        let token = workshop(&app).await;
        let (gb, ..) = encoding_rs::GB18030.encode(SHEET);
        let first = import(&app, &token, "", gb.into_owned()).await.expect(200).json();
        assert_eq!(statuses(&first), ["created", "rejected", "created", "rejected"]);
        assert_eq!((&first["receipts"][1]["code"], &first["receipts"][3]["code"]), (&json!("missing_title"), &json!("other_employer")));
        let again = import(&app, &token, "?to=submitted", SHEET.as_bytes().to_vec()).await.expect(200).json();
        assert_eq!((&again["created"], &again["unchanged"], &again["rejected"]), (&json!(0), &json!(2), &json!(2)));
        assert_eq!(app.db.read(jiangxin::vacancies::last_change).await.unwrap(), 2);
    }

    async fn a_bureau_imports_for_its_own_city_only_and_hands_in(app) {
        let token = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let lines = [
            json!({"岗位名称": "陶瓷设计师", "用人单位": "虚构陶坊", "工作城市": "淄博", "薪资": "5-7千"}),
            json!({"岗位名称": "风筝画师", "用人单位": "虚构风筝坊", "工作城市": "潍坊", "薪资": "5-7千"}),
        ];
        let body = format!("{}\n{}\n不是 JSON\n", lines[0], lines[1]);
        let answer = import(&app, &token, "?to=submitted", body.into_bytes()).await.expect(200).json();
        assert_eq!(statuses(&answer), ["created", "rejected", "rejected"]);
        assert_eq!((&answer["receipts"][1]["code"], &answer["receipts"][2]["code"]), (&json!("other_city"), &json!("not_an_object")));
        let found = app.get("/v1/employers?q=陶坊", None).await.expect(200).json();
        assert_eq!(found["items"][0]["name"], "虚构陶坊");
        assert_eq!(app.get("/v1/employers?q=风筝坊", None).await.expect(200).json()["total"], 0);
    }

    async fn a_broken_sheet_is_refused_whole_and_an_unregistered_employer_is_told(app) {
        let token = workshop(&app).await;
        let broken = import(&app, &token, "", b"PK\x03\x04half a spreadsheet".to_vec()).await.expect(422).json();
        assert_eq!(broken["code"], "bad_file");
        let unknown = import(&app, &token, "", "甲,乙\n1,2\n".as_bytes().to_vec()).await.expect(422).json();
        assert_eq!(unknown["code"], "bad_file");
        import(&app, &token, "?to=live", SHEET.as_bytes().to_vec()).await.expect(400);
        let nobody = app.log_in("nobody", Role::Employer, None).await;
        let refused = import(&app, &nobody, "", SHEET.as_bytes().to_vec()).await.expect(422).json();
        assert_eq!(refused["code"], "employer_required");
        assert_eq!(app.db.read(jiangxin::vacancies::last_change).await.unwrap(), 0);
    }
}
