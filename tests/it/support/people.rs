//! A small fictional town of schools and graduates for tests.

use jiangxin::accounts::{self, AccountBody, NewAccount};
use jiangxin::db::types::{GraduateId, SchoolId, Timestamp};
use jiangxin::http::{Caller, Role};
use serde_json::{Value, json};

use crate::support::{App, PASSWORD};

impl App {
    /// Registers a school and gives its id and the token of its account.
    pub async fn school(&self, name: &str, city: &str) -> (String, String) {
        let province = self.log_in(&format!("province-of-{name}"), Role::Province, None).await;
        let body = json!({"name": name, "kind": "technician_college", "city": city});
        let school = self.post("/v1/schools", Some(&province), &body).await.expect(201).json();
        let id = school["id"].as_str().unwrap().to_owned();
        let token = self.account(&format!("{name}账号"), Role::School, Some(&id), None).await;
        (id, token)
    }

    /// Makes an account that is bound to a school or a graduate, and logs it in.
    pub async fn account(&self, name: &str, role: Role, school: Option<&str>, graduate: Option<&str>) -> String {
        let body = AccountBody {
            name: name.to_owned(),
            role,
            password: PASSWORD.to_owned(),
            city: None,
            school: school.map(|id| SchoolId::parse(id).unwrap()),
            employer: None,
            graduate: graduate.map(|id| GraduateId::parse(id).unwrap()),
        };
        let new = NewAccount::parse(body).unwrap();
        self.db.write(move |conn| accounts::create(conn, Timestamp::now(), &Caller::service(), new)).await.unwrap();
        self.session(name).await
    }

    /// Registers an employer with an account of its own and gives its id and token.
    pub async fn employer(&self, name: &str, city: &str) -> (String, String) {
        let token = self.log_in(&format!("{name}账号"), Role::Employer, None).await;
        let body = json!({"name": name, "city": city, "contact_phone": "13800000009"});
        let employer = self.post("/v1/employers", Some(&token), &body).await.expect(201).json();
        (employer["id"].as_str().unwrap().to_owned(), token)
    }
}

/// Somebody who does not exist.
pub fn somebody(number: &str) -> Value {
    json!({
        "student_number": number, "name": format!("虚构学生{number}"), "birth_date": "2007-05-06",
        "phone": "13800000123", "email": "student@example.com", "job_intent": "seeking",
        "profile": {"programme": "senior_worker", "major": "工艺美术", "cities": ["淄博"],
            "skills": [{"name": "陶艺"}, {"name": "3D建模"}], "graduates_on": "2027-06-30"}
    })
}
