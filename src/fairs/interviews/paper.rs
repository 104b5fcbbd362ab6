//! How does a sheet look on paper? One page for each party: when, with whom, where; everything that people typed is escaped.

/// One interview on a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, as clock times.
    pub time: String,
    /// With whom.
    pub with: String,
    /// Where.
    pub place: String,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Whose it is.
    pub heading: String,
    /// The interviews, by time.
    pub lines: Vec<Line>,
}

/// Escapes a text for HTML and SVG; control characters are left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Writes the pages of a fair as one document to be printed.
pub fn document(title: &str, when_and_where: &str, with: &str, sheets: &[Sheet]) -> String {
    let (title, below) = (escaped(title), escaped(when_and_where));
    let pages: String = sheets.iter().map(|sheet| page(sheet, &title, &below, with)).collect();
    let empty = if sheets.is_empty() { "<p>暂无面谈安排 · No interviews yet</p>" } else { "" };
    format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title} 面谈安排</title><style>\
         body{{font-family:\"Noto Sans CJK SC\",\"Source Han Sans SC\",\"Microsoft YaHei\",sans-serif;margin:2em;color:#000}}\
         section{{break-after:page;margin-bottom:3em}}section:last-of-type{{break-after:auto}}h1{{font-size:1.5em;margin:0}}\
         table{{border-collapse:collapse;width:100%;margin-top:1em}}th,td{{border:1px solid #444;padding:.4em .6em;text-align:left}}\
         td:first-child{{white-space:nowrap}}thead{{display:table-header-group}}tr{{break-inside:avoid}}</style></head><body>{empty}{pages}</body></html>\n"
    )
}

fn page(sheet: &Sheet, title: &str, below: &str, with: &str) -> String {
    let row = |line: &Line| {
        let Line { time, with, place } = line;
        format!("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>", escaped(time), escaped(with), escaped(place))
    };
    let rows: String = sheet.lines.iter().map(row).collect();
    format!(
        "<section><h1>{}</h1><p>{title}<br>{below}</p><table><thead><tr><th scope=\"col\">时间</th><th scope=\"col\">{with}</th>\
         <th scope=\"col\">地点</th></tr></thead><tbody>{rows}</tbody></table></section>",
        escaped(&sheet.heading)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_people_typed_is_never_markup(text in "\\PC{0,60}", more in "[<>&\"'a-z/]{0,30}") {
            let sheet = Sheet { heading: text.clone(), lines: vec![Line { time: "09:00".to_owned(), with: more.clone(), place: text }] };
            let plain = Sheet { heading: String::new(), lines: vec![Line { time: "09:00".to_owned(), with: String::new(), place: String::new() }] };
            let tags = |sheet: Sheet| document(&more, &more, "单位", &[sheet]).matches('<').count();
            proptest::prop_assert_eq!(tags(sheet), tags(plain));
        }
    }

    #[test]
    fn a_sheet_is_a_page_of_its_own_and_none_says_so() {
        let sheet = |name: &str| Sheet { heading: name.to_owned(), lines: Vec::new() };
        let document_of = |sheets: &[Sheet]| document("虚构招聘会", "体育馆", "单位", sheets);
        assert_eq!(document_of(&[sheet("甲"), sheet("乙 & 丙")]).matches("<section>").count(), 2);
        assert!(document_of(&[sheet("乙 & 丙")]).contains("<h1>乙 &amp; 丙</h1>"));
        assert!(document_of(&[]).contains("暂无面谈安排"));
    }
}
