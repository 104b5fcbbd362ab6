//! Who may do what? One table, by method and route; what is not in it is refused. Whose row it is, `Caller` answers:
//! an action that is not yours is 403, a row that is not yours is 404.

use std::collections::BTreeSet;

use actix_web::http::Method;

use crate::http::Role::{self, Anonymous, Bureau, Employer, Feed, Graduate, Province, School};

/// One route and the roles that may call it.
#[derive(Debug)]
pub struct Rule {
    /// The method.
    pub method: Method,
    /// The route, as in the OpenAPI document.
    pub route: &'static str,
    /// The roles that may call it.
    pub roles: &'static [Role],
    /// The scope that an API key with scopes needs.
    pub scope: &'static str,
}

const EVERYONE: &[Role] = &[Anonymous, Graduate, School, Employer, Bureau, Province, Feed];
const KNOWN: &[Role] = &[Graduate, School, Employer, Bureau, Province, Feed];
const OFFICES: &[Role] = &[Bureau, Province];
const HIRING: &[Role] = &[Employer, Bureau, Province];
const SCHOOLING: &[Role] = &[School, Bureau, Province];
const PROFILES: &[Role] = &[Graduate, School, Bureau, Province];
const GRADUATES: &[Role] = &[Graduate];
const FAIR_GOERS: &[Role] = &[Graduate, School, Bureau, Province];
const MEETING: &[Role] = &[Graduate, School, Employer, Bureau, Province];
const ATTENDING: &[Role] = &[Graduate, Employer];
const EXHIBITING: &[Role] = &[Employer, School, Bureau, Province];
const PUSHING: &[Role] = &[Feed, Bureau, Province];

macro_rules! rules {
    ($($method:ident $route:literal $roles:ident $scope:literal),+ $(,)?) => {
        &[$(Rule { method: Method::$method, route: $route, roles: $roles, scope: $scope }),+]
    };
}

/// The table.
pub const RULES: &[Rule] = rules![
    GET "/healthz" EVERYONE "read",
    GET "/readyz" EVERYONE "read",
    GET "/metrics" EVERYONE "read",
    GET "/openapi.json" EVERYONE "read",
    GET "/docs/{tail}" EVERYONE "read",
    // reference
    GET "/v1/cities" EVERYONE "read",
    GET "/v1/cities/{code}" EVERYONE "read",
    GET "/v1/skills" EVERYONE "read",
    GET "/v1/skills/{id}" EVERYONE "read",
    GET "/v1/occupations" EVERYONE "read",
    GET "/v1/education-levels" EVERYONE "read",
    GET "/v1/calendar/working-days" EVERYONE "read",
    // accounts
    POST "/v1/sessions" EVERYONE "accounts",
    GET "/v1/sessions/current" KNOWN "read",
    DELETE "/v1/sessions/current" KNOWN "accounts",
    GET "/v1/accounts" OFFICES "accounts",
    POST "/v1/accounts" EVERYONE "accounts",
    GET "/v1/accounts/{id}" KNOWN "accounts",
    PATCH "/v1/accounts/{id}" KNOWN "accounts",
    DELETE "/v1/accounts/{id}" OFFICES "accounts",
    GET "/v1/api-keys" KNOWN "accounts",
    POST "/v1/api-keys" KNOWN "accounts",
    DELETE "/v1/api-keys/{id}" KNOWN "accounts",
    GET "/v1/audit-events" OFFICES "audit",
    GET "/v1/audit-events/verify" OFFICES "audit",
    // employers
    GET "/v1/employers" EVERYONE "read",
    POST "/v1/employers" HIRING "employers",
    GET "/v1/employers/{id}" EVERYONE "read",
    PATCH "/v1/employers/{id}" HIRING "employers",
    DELETE "/v1/employers/{id}" OFFICES "employers",
    POST "/v1/employers/{id}/verifications" OFFICES "employers",
    GET "/v1/employers/{id}/vacancies" HIRING "vacancies",
    // schools
    GET "/v1/schools" EVERYONE "read",
    POST "/v1/schools" OFFICES "schools",
    GET "/v1/schools/{id}" EVERYONE "read",
    PATCH "/v1/schools/{id}" SCHOOLING "schools",
    DELETE "/v1/schools/{id}" OFFICES "schools",
    GET "/v1/schools/{id}/majors" EVERYONE "read",
    POST "/v1/schools/{id}/majors" SCHOOLING "schools",
    PATCH "/v1/schools/{id}/majors/{major}" SCHOOLING "schools",
    DELETE "/v1/schools/{id}/majors/{major}" SCHOOLING "schools",
    GET "/v1/schools/{id}/venues" EVERYONE "read",
    GET "/v1/schools/{id}/fairs.ics" EVERYONE "read",
    // graduates
    GET "/v1/graduates" SCHOOLING "graduates",
    POST "/v1/graduates" PROFILES "graduates",
    POST "/v1/graduates/import" SCHOOLING "graduates",
    GET "/v1/graduates/me" PROFILES "graduates",
    GET "/v1/graduates/{id}" PROFILES "graduates",
    PATCH "/v1/graduates/{id}" PROFILES "graduates",
    DELETE "/v1/graduates/{id}" PROFILES "graduates",
    GET "/v1/graduates/{id}/export" PROFILES "graduates",
    GET "/v1/graduates/{id}/consents" PROFILES "graduates",
    POST "/v1/graduates/{id}/consents" PROFILES "graduates",
    DELETE "/v1/graduates/{id}/consents/{consent}" PROFILES "graduates",
    GET "/v1/graduates/{id}/matches" PROFILES "matching",
    GET "/v1/graduates/me/calendar.ics" EVERYONE "read",
    POST "/v1/graduates/me/calendar-token" GRADUATES "graduates",
    DELETE "/v1/graduates/me/calendar-token" GRADUATES "graduates",
    // vacancies
    GET "/v1/vacancies" EVERYONE "read",
    POST "/v1/vacancies" HIRING "vacancies",
    POST "/v1/vacancies/import" HIRING "vacancies",
    GET "/v1/vacancies/snapshot" EVERYONE "read",
    GET "/v1/vacancies/changes" EVERYONE "read",
    GET "/v1/vacancies/feed.atom" EVERYONE "read",
    GET "/v1/vacancies/export" EVERYONE "read",
    GET "/v1/vacancies/suggest" EVERYONE "read",
    GET "/v1/vacancies/{id}" EVERYONE "read",
    GET "/v1/vacancies/{id}/similar" EVERYONE "read",
    PATCH "/v1/vacancies/{id}" HIRING "vacancies",
    DELETE "/v1/vacancies/{id}" HIRING "vacancies",
    POST "/v1/vacancies/{id}/transitions" HIRING "vacancies",
    POST "/v1/vacancies/{id}/separations" OFFICES "vacancies",
    GET "/v1/vacancies/{id}/history" HIRING "vacancies",
    GET "/v1/vacancies/{id}/screening" HIRING "vacancies",
    GET "/v1/vacancies/{id}/reviews" HIRING "vacancies",
    GET "/v1/vacancy-reviews" OFFICES "vacancies",
    GET "/v1/vacancy-reminders" HIRING "vacancies",
    GET "/v1/vacancies/{id}/matches" HIRING "matching",
    POST "/v1/screenings" EVERYONE "read",
    // subscriptions
    GET "/v1/subscriptions" KNOWN "subscriptions",
    POST "/v1/subscriptions" KNOWN "subscriptions",
    GET "/v1/subscriptions/{id}" KNOWN "subscriptions",
    PATCH "/v1/subscriptions/{id}" KNOWN "subscriptions",
    DELETE "/v1/subscriptions/{id}" KNOWN "subscriptions",
    GET "/v1/subscriptions/{id}/deliveries" KNOWN "subscriptions",
    POST "/v1/subscriptions/{id}/deliveries/{delivery}/redeliveries" KNOWN "subscriptions",
    // training
    GET "/v1/training-orders" EXHIBITING "training",
    POST "/v1/training-orders" EXHIBITING "training",
    GET "/v1/training-orders/{id}" EXHIBITING "training",
    PATCH "/v1/training-orders/{id}" EXHIBITING "training",
    DELETE "/v1/training-orders/{id}" EXHIBITING "training",
    POST "/v1/training-orders/{id}/transitions" EXHIBITING "training",
    GET "/v1/training-orders/{id}/trainees" SCHOOLING "training",
    POST "/v1/training-orders/{id}/trainees" SCHOOLING "training",
    PATCH "/v1/training-orders/{id}/trainees/{graduate}" SCHOOLING "training",
    DELETE "/v1/training-orders/{id}/trainees/{graduate}" SCHOOLING "training",
    GET "/v1/training-orders/{id}/candidates" SCHOOLING "training",
    // matching
    POST "/v1/matches" EVERYONE "read",
    POST "/v1/placements" SCHOOLING "matching",
    GET "/v1/placements/{id}" SCHOOLING "matching",
    POST "/v1/matching-runs" SCHOOLING "matching",
    GET "/v1/matching-runs/{id}" SCHOOLING "matching",
    POST "/v1/matching-runs/{id}/transitions" SCHOOLING "matching",
    GET "/v1/matching-runs/{id}/results" SCHOOLING "matching",
    // ingest
    GET "/v1/sources" OFFICES "ingest",
    POST "/v1/sources" OFFICES "ingest",
    GET "/v1/sources/{id}" OFFICES "ingest",
    PATCH "/v1/sources/{id}" OFFICES "ingest",
    DELETE "/v1/sources/{id}" OFFICES "ingest",
    POST "/v1/sources/{id}/runs" OFFICES "ingest",
    GET "/v1/ingest-runs" OFFICES "ingest",
    GET "/v1/ingest-runs/{id}" OFFICES "ingest",
    GET "/v1/ingest-runs/{id}/rejects" OFFICES "ingest",
    POST "/v1/ingest-runs/{id}/replays" OFFICES "ingest",
    POST "/v1/ingest/{source}" PUSHING "ingest",
    // fairs
    GET "/v1/venues" EVERYONE "read",
    POST "/v1/venues" SCHOOLING "fairs",
    GET "/v1/venues/{id}" EVERYONE "read",
    PATCH "/v1/venues/{id}" SCHOOLING "fairs",
    DELETE "/v1/venues/{id}" SCHOOLING "fairs",
    GET "/v1/blackouts" EVERYONE "read",
    POST "/v1/blackouts" SCHOOLING "fairs",
    DELETE "/v1/blackouts/{id}" SCHOOLING "fairs",
    GET "/v1/fair-requests" EXHIBITING "fairs",
    POST "/v1/fair-requests" EXHIBITING "fairs",
    GET "/v1/fair-requests/{id}" EXHIBITING "fairs",
    PATCH "/v1/fair-requests/{id}" EXHIBITING "fairs",
    DELETE "/v1/fair-requests/{id}" EXHIBITING "fairs",
    POST "/v1/fair-plans" OFFICES "fairs",
    GET "/v1/fair-plans/{id}" OFFICES "fairs",
    POST "/v1/fair-plans/{id}/repair" OFFICES "fairs",
    POST "/v1/fair-plans/{id}/transitions" OFFICES "fairs",
    GET "/v1/fairs" EVERYONE "read",
    POST "/v1/fairs" SCHOOLING "fairs",
    GET "/v1/fairs/search" EVERYONE "read",
    GET "/v1/fairs/{id}" EVERYONE "read",
    PATCH "/v1/fairs/{id}" SCHOOLING "fairs",
    DELETE "/v1/fairs/{id}" SCHOOLING "fairs",
    POST "/v1/fairs/{id}/transitions" SCHOOLING "fairs",
    GET "/v1/fairs/{id}/file" SCHOOLING "fairs",
    GET "/v1/fairs/{id}/documents" SCHOOLING "fairs",
    POST "/v1/fairs/{id}/documents" SCHOOLING "fairs",
    GET "/v1/fairs/{id}/documents/{document}" SCHOOLING "fairs",
    DELETE "/v1/fairs/{id}/documents/{document}" SCHOOLING "fairs",
    GET "/v1/fair-duties" SCHOOLING "fairs",
    GET "/v1/fair-reminders" SCHOOLING "fairs",
    GET "/v1/fairs/{id}/exhibitors" EXHIBITING "fairs",
    POST "/v1/fairs/{id}/exhibitors" EXHIBITING "fairs",
    GET "/v1/fairs/{id}/exhibitors/{exhibitor}" EXHIBITING "fairs",
    PATCH "/v1/fairs/{id}/exhibitors/{exhibitor}" EXHIBITING "fairs",
    POST "/v1/fairs/{id}/exhibitors/{exhibitor}/transitions" EXHIBITING "fairs",
    POST "/v1/fairs/{id}/booth-assignments" SCHOOLING "fairs",
    GET "/v1/fairs/{id}/floor-plan.svg" EVERYONE "read",
    GET "/v1/fairs/{id}/interview-sheets" MEETING "fairs",
    GET "/v1/fairs/{id}/interview-sheets.ics" MEETING "fairs",
    POST "/v1/fairs/{id}/exhibitors/{exhibitor}/holds" EXHIBITING "fairs",
    POST "/v1/fairs/{id}/exhibitors/{exhibitor}/presence" SCHOOLING "fairs",
    POST "/v1/fairs/{id}/exhibitors/{exhibitor}/document-checks" SCHOOLING "fairs",
    GET "/v1/employers/{id}/no-shows" EXHIBITING "fairs",
    GET "/v1/fairs/{id}/attendances" FAIR_GOERS "fairs",
    POST "/v1/fairs/{id}/attendances" FAIR_GOERS "fairs",
    GET "/v1/fairs/{id}/attendances/{attendance}" FAIR_GOERS "fairs",
    DELETE "/v1/fairs/{id}/attendances/{attendance}" FAIR_GOERS "fairs",
    GET "/v1/fairs/{id}/attendances/{attendance}/ticket" FAIR_GOERS "fairs",
    GET "/v1/fairs/{id}/attendances/{attendance}/ticket.svg" FAIR_GOERS "fairs",
    GET "/v1/fairs/{id}/interview-wishes" MEETING "fairs",
    POST "/v1/fairs/{id}/interview-wishes" MEETING "fairs",
    DELETE "/v1/fairs/{id}/interview-wishes/{wish}" MEETING "fairs",
    GET "/v1/fairs/{id}/timetable" MEETING "fairs",
    POST "/v1/fairs/{id}/timetable" SCHOOLING "fairs",
    PATCH "/v1/fairs/{id}/timetable" SCHOOLING "fairs",
    POST "/v1/fairs/{id}/check-ins" SCHOOLING "fairs",
    DELETE "/v1/fairs/{id}/check-ins/{attendance}" SCHOOLING "fairs",
    POST "/v1/fairs/{id}/walk-ins" SCHOOLING "fairs",
    GET "/v1/fairs/{id}/counts" SCHOOLING "fairs",
    GET "/v1/fairs/{id}/arrangement" EVERYONE "read",
    PATCH "/v1/fairs/{id}/arrangement" SCHOOLING "fairs",
    GET "/v1/fairs/ticket-keys" EVERYONE "read",
    GET "/v1/fairs/{id}/outcomes" MEETING "fairs",
    POST "/v1/fairs/{id}/outcomes" EXHIBITING "fairs",
    GET "/v1/fairs/{id}/outcomes/{outcome}" MEETING "fairs",
    PATCH "/v1/fairs/{id}/outcomes/{outcome}" EXHIBITING "fairs",
    GET "/v1/fairs/{id}/report" EVERYONE "read",
    POST "/v1/fairs/{id}/report" SCHOOLING "fairs",
    GET "/v1/fairs/{id}/follow-ups" MEETING "fairs",
    GET "/v1/fairs/{id}/feedback" EVERYONE "read",
    POST "/v1/fairs/{id}/feedback" ATTENDING "fairs",
    GET "/v1/fairs.ics" EVERYONE "read",
    GET "/v1/fairs/{id}.ics" EVERYONE "read",
];

/// Gives the scopes that an API key may name, each once.
pub fn scopes() -> BTreeSet<&'static str> {
    RULES.iter().map(|rule| rule.scope).collect()
}

/// What the table says about a call.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The call may go on.
    Allowed,
    /// The caller has no credentials and needs some.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// No such method here; these are there.
    WrongMethod(Vec<Method>),
    /// No such route.
    NoRoute,
}

/// Looks a call up; `HEAD` counts as `GET`. A route that several rows match is decided by the one with fewest variables.
pub fn decide(method: &Method, path: &str, role: Role, scopes: &[String]) -> Verdict {
    let wanted = if *method == Method::HEAD { &Method::GET } else { method };
    let mut found: Vec<&Rule> = RULES.iter().filter(|rule| matches(rule.route, path)).collect();
    found.sort_by_key(|rule| rule.route.matches('{').count());
    match found.iter().find(|rule| rule.method == *wanted) {
        Some(rule) => judge(rule, role, scopes),
        None if found.is_empty() => Verdict::NoRoute,
        None => Verdict::WrongMethod(found.iter().map(|rule| rule.method.clone()).collect()),
    }
}

fn judge(rule: &Rule, role: Role, scopes: &[String]) -> Verdict {
    let in_scope = scopes.is_empty() || rule.scope == "read" || scopes.iter().any(|s| s == rule.scope);
    match (rule.roles.contains(&role), in_scope, role) {
        (true, true, _) => Verdict::Allowed,
        (false, _, Anonymous) => Verdict::Unauthenticated,
        _ => Verdict::Forbidden,
    }
}

/// Tells whether a path is of a route; a variable stands for one segment, `{tail}` for all that follow.
fn matches(route: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    for part in route.split('/') {
        if part == "{tail}" {
            return true;
        }
        let Some(segment) = segments.next() else { return false };
        let fits = match (part.starts_with('{'), part.split_once('}')) {
            (true, Some((_, suffix))) => segment.len() > suffix.len() && segment.ends_with(suffix),
            _ => segment == part,
        };
        if !fits {
            return false;
        }
    }
    segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_route_goes_before_a_variable_one() {
        assert_eq!(decide(&Method::POST, "/v1/graduates/import", Graduate, &[]), Verdict::Forbidden);
        assert_eq!(decide(&Method::GET, "/v1/fairs.ics", Anonymous, &[]), Verdict::Allowed);
        assert_eq!(decide(&Method::GET, "/v1/fairs/01.ics", Anonymous, &[]), Verdict::Allowed);
    }

    #[test]
    fn what_is_not_in_the_table_is_not_there() {
        assert_eq!(decide(&Method::GET, "/v1/secrets", Province, &[]), Verdict::NoRoute);
        assert!(matches!(decide(&Method::PUT, "/v1/vacancies", Province, &[]), Verdict::WrongMethod(_)));
    }

    #[test]
    fn a_key_with_scopes_does_only_what_they_name() {
        let scopes = ["ingest".to_owned()];
        assert_eq!(decide(&Method::POST, "/v1/ingest/s", Feed, &scopes), Verdict::Allowed);
        assert_eq!(decide(&Method::GET, "/v1/api-keys", Feed, &scopes), Verdict::Forbidden);
        assert_eq!(decide(&Method::GET, "/v1/vacancies", Feed, &scopes), Verdict::Allowed);
    }
}
