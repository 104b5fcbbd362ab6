//! What does a vacancy say that several sources tell of? The words of the one that leads; what it leaves open is filled from
//! the others. Nothing that it says is replaced. Pure.

use crate::vacancies::content::{Content, SKILLS_MAX};

/// Fills what a content leaves open from others that tell of the same opening.
pub fn enriched(mut content: Content, others: &[Content]) -> Content {
    for other in others {
        if content.education.min.is_none() && content.education.text.is_empty() {
            content.education.clone_from(&other.education);
        }
        if content.experience.min_months.is_none() && content.experience.text.is_empty() {
            content.experience.clone_from(&other.experience);
        }
        if content.salary.text.is_empty() {
            content.salary.clone_from(&other.salary);
        }
        content.occupation = content.occupation.or_else(|| other.occupation.clone());
        content.employment_type = content.employment_type.or_else(|| other.employment_type.clone());
        content.headcount = content.headcount.or(other.headcount);
        content.fresh_graduates_welcome = content.fresh_graduates_welcome.or(other.fresh_graduates_welcome);
        if let (Some(place), Some(more)) = (&mut content.place, &other.place)
            && place.city == more.city
            && place.address.is_none()
        {
            place.address.clone_from(&more.address);
        }
        for benefit in &other.benefits {
            if !content.benefits.contains(benefit) {
                content.benefits.push(benefit.clone());
            }
        }
        for skill in &other.skills {
            if content.skills.len() < SKILLS_MAX && !content.skills.iter().any(|known| known.id == skill.id) {
                content.skills.push(skill.clone());
            }
        }
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Lexicon;
    use crate::vacancies::content::{RawVacancy, Talk};

    #[test]
    fn what_is_open_is_filled_and_what_is_said_stays() {
        let lexicon = Lexicon::shared().unwrap();
        let read = |salary: &str, education: &str, benefits: &str| {
            let raw = RawVacancy {
                title: "绣花工".to_owned(),
                place: "潍坊".to_owned(),
                salary: salary.to_owned(),
                education: education.to_owned(),
                benefits: benefits.to_owned(),
                ..RawVacancy::default()
            };
            Content::read(&raw, Talk { lexicon: &lexicon, region: "37" })
        };
        let (first, second) = (read("4000元/月", "", "包吃"), read("9000元/月", "大专", "五险"));
        let both = enriched(first.clone(), std::slice::from_ref(&second));
        assert_eq!((both.salary.min, both.education.text.as_str()), (Some(4000), "大专"));
        assert_eq!(both.benefits.len(), first.benefits.len() + second.benefits.len());
        assert_eq!(enriched(first.clone(), &[]), first);
    }
}
