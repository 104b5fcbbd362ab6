//! What does a recruitment notice (招聘简章) leave out? The items that the law asks for, found in what the vacancy and its
//! employer say; silence is missing, or unknown where there may have been nothing to say.

use crate::fairs::file::table::ItemRow;
use crate::vacancies::Content;

/// What a notice says.
pub struct Notice<'a> {
    /// Whether the employer is described.
    pub employer_described: bool,
    /// What the vacancy says.
    pub content: &'a Content,
}

/// What a notice leaves out, by the names of the items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Items that must be stated and are not.
    pub missing: Vec<String>,
    /// Items of which silence does not tell.
    pub unknown: Vec<String>,
}

/// Finds what a notice leaves out.
pub fn gaps(notice: &Notice<'_>, items: &[ItemRow]) -> Gaps {
    let mut gaps = Gaps::default();
    for item in items.iter().filter(|item| !states(notice, item)) {
        match item.unstated.as_str() {
            "missing" => gaps.missing.push(item.title_zh.clone()),
            _ => gaps.unknown.push(item.title_zh.clone()),
        }
    }
    gaps
}

fn states(notice: &Notice<'_>, item: &ItemRow) -> bool {
    let content = notice.content;
    let said = |text: &str| !text.trim().is_empty();
    let by_column = match item.id.as_str() {
        "employer_profile" => notice.employer_described,
        "job_title" => said(&content.title),
        "headcount" => content.headcount.is_some(),
        "duties" => said(&content.description),
        "workplace" => content.place.is_some(),
        "conditions" => said(&content.education.text) || said(&content.experience.text) || !content.skills.is_empty(),
        "employment_type" => content.employment_type.is_some(),
        "pay" => content.salary.min.is_some(),
        "insurance_and_benefits" => !content.benefits.is_empty(),
        _ => false,
    };
    let mut words = item.words.split('|').filter(|word| !word.is_empty());
    by_column || words.any(|word| content.description.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fairs::file::table::items;

    const WHOLE: &str = r#"{"title": "拉坯学徒", "description": "学习拉坯。配发防护口罩。", "employer_name": "虚构陶坊",
        "place": {"city": "370300", "city_name": "淄博市", "district": null, "district_name": null, "address": null, "lat": null, "lon": null},
        "occupation": null, "skills": [], "handicraft": {"is": true, "rule": null},
        "salary": {"min": 3500, "max": 4500, "unit": "month", "months": null, "negotiable": false, "text": "3500-4500元/月"},
        "education": {"min": null, "text": "学历不限"}, "experience": {"min_months": null, "max_months": null, "text": ""},
        "employment_type": "full_time", "headcount": 3, "benefits": ["meals"], "fresh_graduates_welcome": null}"#;

    #[test]
    fn a_whole_notice_has_no_gaps_and_each_silence_is_named() {
        let items = items().unwrap();
        let whole: Content = serde_json::from_str(WHOLE).unwrap();
        assert_eq!(gaps(&Notice { employer_described: true, content: &whole }, &items), Gaps::default());
        let mut bare = whole;
        (bare.headcount, bare.salary.min, bare.employment_type, bare.place) = (None, None, None, None);
        (bare.benefits, bare.description, bare.education.text) = (Vec::new(), String::new(), String::new());
        let found = gaps(&Notice { employer_described: false, content: &bare }, &items);
        let missing =
            ["用人单位基本情况", "招用人数", "工作内容", "工作地点", "录用条件", "用工类型", "劳动报酬", "社会保险和福利待遇"];
        assert_eq!(
            (found.missing.as_slice(), found.unknown.as_slice()),
            (missing.map(str::to_owned).as_slice(), ["劳动保护和职业危害".to_owned()].as_slice())
        );
    }

    #[test]
    fn pay_left_open_is_not_stated_and_insurance_may_stand_in_the_text() {
        let items = items().unwrap();
        let mut content: Content = serde_json::from_str(WHOLE).unwrap();
        (content.salary.min, content.salary.negotiable, content.salary.text) = (None, true, "面议".to_owned());
        (content.benefits, content.description) = (Vec::new(), "学习拉坯，入职即缴五险，注意粉尘。".to_owned());
        let found = gaps(&Notice { employer_described: true, content: &content }, &items);
        assert_eq!(found, Gaps { missing: vec!["劳动报酬".to_owned()], unknown: Vec::new() });
    }
}
