//! What does a schema.org `JobPosting` say? Finds the postings in a page (JSON-LD itself, HTML that carries it, a list, a
//! graph), the addresses in a sitemap, and reads a posting into the words that every row has. Pure.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

/// How deep postings may be nested in lists and graphs.
const DEPTH_MAX: usize = 6;

/// What a page holds.
#[derive(Debug, Default, PartialEq)]
pub struct Found {
    /// Postings.
    pub postings: Vec<Value>,
    /// Addresses of further pages.
    pub links: Vec<String>,
}

/// Finds what a page holds: a sitemap, JSON-LD, or HTML with JSON-LD in it.
pub fn find(text: &str) -> Found {
    let mut found = Found::default();
    let beginning = text.trim_start();
    if beginning.starts_with(['{', '[']) {
        if let Ok(value) = serde_json::from_str(text) {
            collect(value, 0, &mut found);
        }
    } else if is_sitemap(beginning) {
        found.links = locations(text);
    } else {
        for script in scripts(text) {
            if let Ok(value) = serde_json::from_str(script) {
                collect(value, 0, &mut found);
            }
        }
    }
    found
}

fn is_sitemap(beginning: &str) -> bool {
    let head: String = beginning.chars().take(2_000).collect();
    head.contains("<urlset") || head.contains("<sitemapindex")
}

fn locations(text: &str) -> Vec<String> {
    let mut reader = Reader::from_str(text);
    let (mut found, mut words, mut within) = (Vec::new(), String::new(), false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                within = tag.local_name().as_ref() == "loc";
                words.clear();
            }
            Ok(Event::Text(part)) if within => words.push_str(&part),
            Ok(Event::CData(part)) if within => words.push_str(&part),
            Ok(Event::GeneralRef(entity)) if within => words.push(if &*entity == "amp" { '&' } else { ' ' }),
            Ok(Event::End(_)) if within => {
                within = false;
                found.push(words.trim().to_owned());
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// Gives the insides of the script elements that carry JSON-LD.
fn scripts(html: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("<script") {
        let Some((tag, inside)) = after.split_once('>') else { break };
        let (script, next) = inside.split_once("</script").unwrap_or((inside, ""));
        if tag.contains("application/ld+json") {
            found.push(script.trim());
        }
        rest = next;
    }
    found
}

fn collect(value: Value, depth: usize, found: &mut Found) {
    if depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::Array(items) => items.into_iter().for_each(|item| collect(item, depth + 1, found)),
        Value::Object(_) if is_a(&value, "JobPosting") => found.postings.push(value),
        Value::Object(mut fields) => {
            for name in ["@graph", "itemListElement", "item", "mainEntity", "hasPart"] {
                if let Some(inner) = fields.remove(name) {
                    collect(inner, depth + 1, found);
                }
            }
            if let (Some(Value::String(url)), Some("ListItem")) = (fields.get("url"), fields.get("@type").and_then(Value::as_str))
            {
                found.links.push(url.clone());
            }
        }
        Value::String(url) if url.starts_with("http") => found.links.push(url),
        _ => {}
    }
}

fn is_a(value: &Value, kind: &str) -> bool {
    match value.get("@type") {
        Some(Value::String(text)) => text.rsplit(['/', ':']).next() == Some(kind),
        Some(Value::Array(items)) => items.iter().any(|item| item.as_str() == Some(kind)),
        _ => false,
    }
}

/// Names the words of a posting as every row has them.
pub fn words(posting: &Value) -> HashMap<String, String> {
    let place = first(posting.get("jobLocation")).and_then(|at| first(at.get("address")));
    let said = |names: &[&str]| names.iter().filter_map(|name| place.and_then(|p| p.get(*name))).map(text).collect::<Vec<_>>();
    let region = match place {
        Some(Value::String(words)) => words.clone(),
        _ => said(&["addressRegion", "addressLocality"]).join(" "),
    };
    let employer = posting.get("hiringOrganization");
    let of = |name: &str| posting.get(name).map(text).unwrap_or_default();
    let reference = [posting.get("identifier").map(identifier).unwrap_or_default(), of("@id"), of("url")];
    let pairs = [
        ("reference", reference.into_iter().find(|r| !r.is_empty()).unwrap_or_default()),
        ("title", of("title")),
        ("description", [plain_text(&of("description")), plain_text(&of("qualifications"))].join("\n").trim().to_owned()),
        ("employer", employer.map(name_of).unwrap_or_default()),
        ("uscc", employer.map(number_of).unwrap_or_default()),
        ("place", region),
        ("address", said(&["streetAddress"]).join(" ")),
        ("salary", posting.get("baseSalary").map(pay).unwrap_or_default()),
        ("education", posting.get("educationRequirements").map(education).unwrap_or_default()),
        ("experience", posting.get("experienceRequirements").map(experience).unwrap_or_default()),
        ("employment_type", employment(&of("employmentType"))),
        ("headcount", of("totalJobOpenings")),
        ("benefits", of("jobBenefits")),
        ("skills", posting.get("skills").map(names).unwrap_or_default()),
        ("occupation_code", posting.get("occupationalCategory").map(code_of).unwrap_or_default()),
        ("occupation", posting.get("occupationalCategory").map(name_of).unwrap_or_default()),
        ("valid_from", day(&of("datePosted"))),
        ("expires_at", day(&of("validThrough"))),
        ("url", of("url")),
        ("changed_at", of("dateModified")),
    ];
    pairs.into_iter().map(|(thing, words)| (thing.to_owned(), words)).collect()
}

fn first(value: Option<&Value>) -> Option<&Value> {
    match value {
        Some(Value::Array(items)) => items.first(),
        other => other,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        Value::Array(items) => items.iter().map(text).filter(|t| !t.is_empty()).collect::<Vec<_>>().join("\n"),
        Value::Object(_) => name_of(value),
        other => other.to_string(),
    }
}

fn name_of(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let named = ["name", "title", "legalName", "@value"].iter().find_map(|name| fields.get(*name));
            named.map(text).unwrap_or_default()
        }
        other => text(other),
    }
}

fn names(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(name_of).collect::<Vec<_>>().join("\n"),
        other => name_of(other),
    }
}

fn identifier(value: &Value) -> String {
    match first(Some(value)) {
        Some(Value::Object(fields)) => fields.get("value").or_else(|| fields.get("name")).map(text).unwrap_or_default(),
        Some(other) => text(other),
        None => String::new(),
    }
}

fn number_of(employer: &Value) -> String {
    let given = ["taxID", "vatID", "identifier", "leiCode"].iter().find_map(|name| employer.get(*name));
    given.map(identifier).unwrap_or_default()
}

fn code_of(value: &Value) -> String {
    match first(Some(value)) {
        Some(Value::Object(fields)) => fields.get("codeValue").map(text).unwrap_or_default(),
        Some(Value::String(words)) => {
            words.split_whitespace().find(|w| w.starts_with(|c: char| c.is_ascii_digit())).unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

/// Words the form of employment as the reader of such words knows it; the first of several.
fn employment(kinds: &str) -> String {
    let words = match kinds.lines().next().unwrap_or_default() {
        "FULL_TIME" => "全职",
        "PART_TIME" => "兼职",
        "INTERN" => "实习",
        "TEMPORARY" => "临时",
        other => other,
    };
    words.to_owned()
}

fn education(value: &Value) -> String {
    let category = first(Some(value)).and_then(|v| v.get("credentialCategory")).map(text);
    match category.unwrap_or_else(|| name_of(value)).as_str() {
        "high school" => "高中".to_owned(),
        "associate degree" => "大专".to_owned(),
        "bachelor degree" => "本科".to_owned(),
        "postgraduate degree" => "硕士".to_owned(),
        "no requirements" => "不限".to_owned(),
        other => other.to_owned(),
    }
}

fn experience(value: &Value) -> String {
    let months = first(Some(value)).and_then(|v| v.get("monthsOfExperience")).and_then(|m| text(m).parse::<u32>().ok());
    match (months, text(value).as_str()) {
        (Some(0), _) | (None, "no requirements") => "经验不限".to_owned(),
        (Some(months), _) if months.is_multiple_of(12) => format!("{}年以上", months / 12),
        (Some(months), _) => format!("{months}个月以上"),
        (None, words) => words.to_owned(),
    }
}

/// Words a pay as the pay reader knows it; what is not in yuan is left as no statement.
fn pay(value: &Value) -> String {
    let Value::Object(fields) = value else { return text(value) };
    let currency = fields.get("currency").map(text).unwrap_or_default();
    if !matches!(currency.as_str(), "" | "CNY" | "RMB") {
        return String::new();
    }
    let Some(amount) = fields.get("value") else { return String::new() };
    let unit = [amount.get("unitText"), fields.get("unitText")].into_iter().flatten().map(text).next().unwrap_or_default();
    let unit = match unit.to_ascii_uppercase().as_str() {
        "YEAR" | "ANN" => "年",
        "DAY" => "天",
        "HOUR" | "HUR" => "小时",
        "WEEK" => return String::new(),
        _ => "月",
    };
    let said = |name: &str| amount.get(name).map(text).filter(|t| !t.is_empty());
    match (said("minValue"), said("maxValue"), said("value").or_else(|| amount.is_number().then(|| text(amount)))) {
        (Some(min), Some(max), _) => format!("{min}-{max}元/{unit}"),
        (Some(min), None, _) => format!("{min}元/{unit}以上"),
        (None, Some(max), _) => format!("{max}元/{unit}以下"),
        (None, None, Some(one)) => format!("{one}元/{unit}"),
        (None, None, None) => text(amount),
    }
}

fn day(instant: &str) -> String {
    instant.split(['T', ' ']).next().unwrap_or_default().to_owned()
}

/// Takes the tags out of a text and turns what ends a line into a line feed.
pub fn plain_text(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return html.to_owned();
    }
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let Some((tag, next)) = after.split_once('>') else {
            rest = after;
            break;
        };
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default().to_ascii_lowercase();
        if matches!(name.as_str(), "br" | "p" | "li" | "div" | "tr" | "ul" | "ol" | "h1" | "h2" | "h3") && !out.ends_with('\n') {
            out.push('\n');
        }
        rest = next;
    }
    out.push_str(rest);
    let out = out.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    out.replace("&amp;", "&").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn posting() -> Value {
        json!({"@context": "https://schema.org", "@type": "JobPosting", "title": "琉璃热塑学徒",
            "identifier": {"@type": "PropertyValue", "name": "虚构琉璃坊", "value": "LL-7"},
            "description": "<p>学习博山琉璃热塑</p><ul><li>师徒制</li></ul>", "datePosted": "2026-11-01T08:00:00+08:00",
            "validThrough": "2027-01-31", "hiringOrganization": {"@type": "Organization", "name": "虚构琉璃坊"},
            "jobLocation": [{"@type": "Place", "address": {"addressRegion": "山东省", "addressLocality": "淄博市", "streetAddress": "示例路 1 号"}}],
            "baseSalary": {"@type": "MonetaryAmount", "currency": "CNY", "value": {"minValue": 3500, "maxValue": 5000, "unitText": "MONTH"}},
            "educationRequirements": {"credentialCategory": "high school"}, "experienceRequirements": {"monthsOfExperience": 24},
            "totalJobOpenings": 2})
    }

    #[test]
    fn a_posting_is_read_into_the_words_of_a_row() {
        let words = words(&posting());
        let said = |thing: &str| words[thing].as_str();
        assert_eq!((said("reference"), said("place"), said("address")), ("LL-7", "山东省 淄博市", "示例路 1 号"));
        assert_eq!((said("salary"), said("education"), said("experience")), ("3500-5000元/月", "高中", "2年以上"));
        assert_eq!((said("description"), said("headcount")), ("学习博山琉璃热塑\n师徒制", "2"));
        assert_eq!((said("valid_from"), said("expires_at")), ("2026-11-01", "2027-01-31"));
    }

    #[test]
    fn postings_are_found_alone_in_a_list_in_a_graph_and_in_a_page() {
        let one = posting();
        let listed = json!({"@type": "ItemList", "itemListElement": [
            {"@type": "ListItem", "position": 1, "item": one}, {"@type": "ListItem", "position": 2, "url": "https://example.invalid/2"}]});
        let found = find(&listed.to_string());
        assert_eq!((found.postings.len(), found.links.as_slice()), (1, ["https://example.invalid/2".to_owned()].as_slice()));
        assert_eq!(find(&one.to_string()).postings.len(), 1);
        assert_eq!(find(&json!([one, one]).to_string()).postings.len(), 2);
        assert_eq!(find(&json!({"@graph": [one, {"@type": "WebPage"}]}).to_string()).postings.len(), 1);
        let page = format!("<html><script>1 < 2</script><script type=\"application/ld+json\">{one}</script></html>");
        assert_eq!(find(&page).postings.len(), 1);
        assert_eq!(find("<html>"), Found::default());
    }

    #[test]
    fn a_sitemap_gives_its_addresses() {
        let map = "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><url><loc>https://example.invalid/a</loc>\
                   <lastmod>2026-11-01</lastmod></url><url><loc> https://example.invalid/b?x=1&amp;y=2 </loc></url></urlset>";
        assert_eq!(find(map).links, ["https://example.invalid/a", "https://example.invalid/b?x=1&y=2"]);
    }

    #[test]
    fn pay_in_another_currency_is_no_statement() {
        assert_eq!(pay(&json!({"currency": "USD", "value": {"value": 3000, "unitText": "MONTH"}})), "");
        assert_eq!(pay(&json!({"currency": "CNY", "value": {"value": 20, "unitText": "HOUR"}})), "20元/小时");
        assert_eq!(pay(&json!("4000-6000元/月")), "4000-6000元/月");
    }
}
