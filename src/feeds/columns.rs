//! Which cells does a vacancy fill in a sheet? Under headings that an import of ours knows, so that a sheet can come back.

use std::fmt::Display;

use crate::http::Language;
use crate::vacancies::VacancyView;

/// The headings, in Chinese and in English.
const HEADINGS: [(&str, &str); COLUMNS] = [
    ("岗位编号", "id"),
    ("岗位名称", "title"),
    ("用人单位", "employer"),
    ("统一社会信用代码", "uscc"),
    ("城市", "city"),
    ("区县", "district"),
    ("地址", "address"),
    ("工种", "occupation"),
    ("技能", "skills"),
    ("薪资", "salary"),
    ("最低月薪", "salary_min"),
    ("最高月薪", "salary_max"),
    ("学历要求", "education"),
    ("工作经验", "experience"),
    ("用工形式", "employment_type"),
    ("招聘人数", "headcount"),
    ("岗位描述", "description"),
    ("来源", "source"),
    ("链接", "url"),
    ("发布时间", "published_at"),
    ("更新时间", "updated_at"),
    ("截止日期", "expires_at"),
];
/// How many columns there are.
pub const COLUMNS: usize = 22;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A text, empty for nothing.
    Text(String),
    /// A number.
    Number(i64),
}

/// Gives the headings in the language of the reader.
pub fn headings(language: Language) -> [&'static str; COLUMNS] {
    HEADINGS.map(|(zh, en)| match language {
        Language::Zh => zh,
        Language::En => en,
    })
}

/// Gives the cells of a vacancy, one for each heading.
pub fn cells(view: VacancyView) -> [Cell; COLUMNS] {
    let place = view.place;
    let (city, district, address) = match place {
        Some(place) => (place.city_name, place.district_name, place.address),
        None => Default::default(),
    };
    let skills: Vec<String> = view.skills.into_iter().map(|skill| skill.name).collect();
    let names: Vec<String> = view.sources.iter().map(|source| source.name.clone()).collect();
    let url = view.sources.into_iter().find_map(|source| source.url);
    [
        Cell::Text(view.id.to_string()),
        Cell::Text(view.title),
        Cell::Text(view.employer.name),
        text(view.employer.uscc),
        Cell::Text(city),
        text(district),
        text(address),
        text(view.occupation.map(|occupation| occupation.name)),
        Cell::Text(skills.join("、")),
        Cell::Text(view.salary.text),
        number(view.salary.min),
        number(view.salary.max),
        Cell::Text(view.education.text),
        Cell::Text(view.experience.text),
        text(view.employment_type),
        number(view.headcount.map(i64::from)),
        Cell::Text(view.description),
        Cell::Text(names.join("、")),
        text(url),
        text(view.published_at),
        text(Some(view.updated_at)),
        text(view.expires_at),
    ]
}

fn text(value: Option<impl Display>) -> Cell {
    Cell::Text(value.map(|value| value.to_string()).unwrap_or_default())
}

fn number(value: Option<i64>) -> Cell {
    value.map_or_else(|| Cell::Text(String::new()), Cell::Number)
}

impl Cell {
    /// Writes the cell as text that no spreadsheet takes for a formula.
    pub fn harmless(self) -> String {
        match self {
            Cell::Number(number) => number.to_string(),
            Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) => {
                format!("'{text}")
            }
            Cell::Text(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_begins_like_a_formula_is_quoted() {
        for text in ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "＝1"] {
            assert_eq!(Cell::Text(text.to_owned()).harmless(), format!("'{text}"));
        }
        assert_eq!(Cell::Text("4000-6000元".to_owned()).harmless(), "4000-6000元");
        assert_eq!(Cell::Number(-1).harmless(), "-1");
    }
}
