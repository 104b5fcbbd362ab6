//! What does the index know of a vacancy? Its fields, and how a row becomes a document.

use tantivy::TantivyDocument;
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions};

use crate::error::Result;
use crate::lexicon::{Education, Lexicon};
use crate::vacancies::VacancyRow;

/// The name under which the cutter is registered.
pub const CUT: &str = "cut";
/// Raised when the fields or their meaning change, so that the index is made anew.
const MAKE: u32 = 1;

/// The fields.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    pub id: Field,
    pub title: Field,
    pub employer: Field,
    pub trade: Field,
    pub description: Field,
    pub city: Field,
    pub district: Field,
    pub skill: Field,
    pub craft: Field,
    pub education: Field,
    pub education_rank: Field,
    pub employment_type: Field,
    pub handicraft: Field,
    pub fresh: Field,
    pub employer_id: Field,
    pub occupation: Field,
    pub salary_min: Field,
    pub salary_max: Field,
    pub min_months: Field,
    pub published: Field,
    pub lat: Field,
    pub lon: Field,
}

/// Makes the schema.
pub fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer(CUT).set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let words = TextOptions::default().set_indexing_options(indexing);
    let code = STRING | FAST;
    let fields = Fields {
        id: schema.add_text_field("id", STRING | STORED | FAST),
        title: schema.add_text_field("title", words.clone()),
        employer: schema.add_text_field("employer", words.clone()),
        trade: schema.add_text_field("trade", words.clone()),
        description: schema.add_text_field("description", words),
        city: schema.add_text_field("city", code.clone()),
        district: schema.add_text_field("district", code.clone()),
        skill: schema.add_text_field("skill", code.clone()),
        craft: schema.add_text_field("craft", code.clone()),
        education: schema.add_text_field("education", code.clone()),
        education_rank: schema.add_u64_field("education_rank", INDEXED | FAST),
        employment_type: schema.add_text_field("employment_type", code.clone()),
        handicraft: schema.add_bool_field("handicraft", INDEXED | FAST),
        fresh: schema.add_bool_field("fresh", INDEXED),
        employer_id: schema.add_text_field("employer_id", STRING),
        occupation: schema.add_text_field("occupation", code),
        salary_min: schema.add_i64_field("salary_min", INDEXED | FAST),
        salary_max: schema.add_i64_field("salary_max", INDEXED | FAST),
        min_months: schema.add_u64_field("min_months", INDEXED | FAST),
        published: schema.add_i64_field("published", INDEXED | FAST),
        lat: schema.add_f64_field("lat", FAST),
        lon: schema.add_f64_field("lon", FAST),
    };
    (schema.build(), fields)
}

/// Names the make of the index: fields and word lists.
pub fn make(lexicon: &Lexicon) -> String {
    format!("v{MAKE}-{}", lexicon.version())
}

/// Makes the document of a vacancy; an education that is not stated has no rank and is never counted as met.
pub fn document(fields: &Fields, lexicon: &Lexicon, row: &VacancyRow) -> Result<TantivyDocument> {
    let content = row.content()?;
    let mut doc = TantivyDocument::default();
    doc.add_text(fields.id, row.id.as_str());
    doc.add_text(fields.title, &content.title);
    doc.add_text(fields.employer, &content.employer_name);
    doc.add_text(fields.description, &content.description);
    if let Some(place) = &content.place {
        doc.add_text(fields.city, &place.city);
        doc.add_text(fields.trade, format!("{} {}", place.city_name, place.district_name.as_deref().unwrap_or_default()));
        if let Some(district) = &place.district {
            doc.add_text(fields.district, district);
        }
        if let (Some(lat), Some(lon)) = (place.lat, place.lon) {
            doc.add_f64(fields.lat, lat);
            doc.add_f64(fields.lon, lon);
        }
    }
    for need in &content.skills {
        doc.add_text(fields.skill, &need.id);
        doc.add_text(fields.trade, &need.name);
        if let Some(skill) = lexicon.skills.get(&need.id) {
            skill.categories.iter().for_each(|category| doc.add_text(fields.craft, category));
        }
    }
    if let Some(occupation) = &content.occupation {
        doc.add_text(fields.occupation, &occupation.code);
        doc.add_text(fields.trade, &occupation.name);
    }
    if let Some(education) = content.education.min.as_deref().and_then(Education::parse) {
        doc.add_text(fields.education, education.as_str());
        doc.add_u64(fields.education_rank, u64::from(lexicon.education.rank(education)));
    }
    if let Some(kind) = &content.employment_type {
        doc.add_text(fields.employment_type, kind);
    }
    if let Some(employer) = &row.employer_id {
        doc.add_text(fields.employer_id, employer.as_str());
    }
    doc.add_bool(fields.handicraft, content.handicraft.is);
    doc.add_bool(fields.fresh, content.fresh_graduates_welcome == Some(true) || content.experience.min_months == Some(0));
    if let Some(min) = content.salary.min {
        doc.add_i64(fields.salary_min, min);
    }
    if let Some(max) = content.salary.max.or(content.salary.min) {
        doc.add_i64(fields.salary_max, max);
    }
    if let Some(months) = content.experience.min_months {
        doc.add_u64(fields.min_months, u64::from(months));
    }
    doc.add_i64(fields.published, row.published_at.map_or(0, |at| at.millis()));
    Ok(doc)
}
