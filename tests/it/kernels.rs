//! Facts about the kernels on instances whose answers were computed by others; they lie beside the checkout, not in it.

use std::cmp::Reverse;

use jiangxin::matching::bulk::{Change, GraduateIndex, Hit, Instance, Query, VacancyIndex, top_k, top_k_for};

use crate::support::instances::instance;

#[test]
fn the_best_twenty_are_those_of_two_other_programs() {
    for size in ["small", "medium"] {
        let (Some(file), Some(answers)) = (instance(&format!("a_{size}.json")), instance(&format!("a_{size}.top20.txt"))) else {
            return;
        };
        let Instance { terms, skills, regions, k, vacancies, graduates } = Instance::parse(&file).unwrap();
        let mut index = VacancyIndex::new(terms, skills, regions);
        index.apply(vacancies.into_iter().map(|(district, vacancy)| Change::Live(district, vacancy)).collect());
        let mut found = String::new();
        for (graduate, hits) in graduates.iter().zip(top_k(&index, &graduates, k)) {
            found += &graduate.id.to_string();
            hits.iter().for_each(|hit| found += &format!(" {}:{}", hit.id, hit.score));
            found += "\n";
        }
        assert!(found.as_bytes() == answers, "{size} differs");
    }
}

#[test]
fn the_best_graduates_of_a_vacancy_are_those_of_brute_force() {
    let Some(file) = instance("a_small.json") else { return };
    let Instance { terms, skills, regions, k, vacancies, graduates } = Instance::parse(&file).unwrap();
    let index = GraduateIndex::new(terms, skills, &regions, &graduates);
    for ((district, vacancy), hits) in vacancies.iter().zip(top_k_for(&index, &vacancies, k)) {
        let pair = |query: &Query| Some(Hit { id: query.id, score: terms.pair(query, *district, vacancy)? });
        let mut expected: Vec<Hit> = graduates.iter().filter_map(pair).collect();
        expected.sort_by_key(|hit| (Reverse(hit.score), hit.id));
        expected.truncate(k);
        assert_eq!(hits, expected, "vacancy {}", vacancy.id);
    }
}
