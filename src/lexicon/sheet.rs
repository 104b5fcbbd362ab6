//! What stands in a file of rows? NDJSON, CSV in UTF-8 (with or without a mark) or GB 18030, and spreadsheets with title
//! rows, several sheets and repeated headings become objects of heading and text. Bytes in, rows out; nothing is guessed
//! about what a column means.

use std::io::Cursor;

use calamine::{Data, Reader};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use serde_json::{Map, Value};

/// How many rows from the top may stand above the headings.
const TITLE_ROWS_MAX: usize = 12;

/// Why a file could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// It is a spreadsheet that cannot be opened.
    #[error("not a readable spreadsheet: {0}")]
    Workbook(String),
    /// It has no row of headings that are known.
    #[error("no row of known headings")]
    NoHeadings,
}

/// Tells whether bytes begin like NDJSON.
pub fn is_ndjson(beginning: &[u8]) -> bool {
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    text.trim_ascii_start().first() == Some(&b'{')
}

/// Reads the rows of NDJSON; a line that is not JSON stays as its text, to be refused in its place.
pub fn lines(bytes: &[u8]) -> Vec<Value> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).map(line).collect()
}

/// Reads one line of NDJSON; what is not JSON stays as its text.
pub fn line(line: &[u8]) -> Value {
    serde_json::from_slice(line).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(line).into_owned()))
}

/// Reads the rows of a CSV file or a spreadsheet; `known` tells which headings mean something.
pub fn rows(bytes: &[u8], known: impl Fn(&str) -> bool) -> Result<Vec<Value>, SheetError> {
    let workbook = bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0");
    let tables = if workbook { tables_of(bytes)? } else { vec![table_of(&decode(bytes))] };
    let mut rows = Vec::new();
    let mut headed = false;
    for table in tables {
        let Some(at) = headings_at(&table, &known) else { continue };
        headed = true;
        let mut table = table.into_iter().skip(at);
        let headings = unique(table.next().unwrap_or_default());
        rows.extend(table.filter(|row| row.iter().any(|cell| !cell.is_empty())).map(|row| object(&headings, row)));
    }
    match headed {
        true => Ok(rows),
        false => Err(SheetError::NoHeadings),
    }
}

/// Reads text of unknown encoding: a mark decides, then whether it is UTF-8, then what Chinese text looks like.
pub fn decode(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(Some(b"cn"), Utf8Detection::Allow);
    let encoding = if guess == encoding_rs::GBK { encoding_rs::GB18030 } else { guess };
    encoding.decode(bytes).0.into_owned()
}

fn table_of(text: &str) -> Vec<Vec<String>> {
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: char| first.matches(delimiter).count();
    let delimiter = [b'\t', b';'].into_iter().find(|d| count(char::from(*d)) > count(',')).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    reader.records().filter_map(Result::ok).map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect()
}

fn tables_of(bytes: &[u8]) -> Result<Vec<Vec<Vec<String>>>, SheetError> {
    let mut book =
        calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|cause| SheetError::Workbook(cause.to_string()))?;
    let mut tables = Vec::new();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(|cause| SheetError::Workbook(cause.to_string()))?;
        tables.push(range.rows().map(|row| row.iter().map(cell).collect()).collect());
    }
    Ok(tables)
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty | Data::Error(_) => String::new(),
        Data::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        Data::DateTime(at) => at.as_datetime().map(|at| at.date().to_string()).unwrap_or_default(),
        other => other.to_string().trim().to_owned(),
    }
}

/// Finds the row with the most known headings near the top; the first of equals.
fn headings_at(table: &[Vec<String>], known: &impl Fn(&str) -> bool) -> Option<usize> {
    let counts = table.iter().take(TITLE_ROWS_MAX).map(|row| row.iter().filter(|cell| known(cell)).count());
    let best = counts.enumerate().max_by_key(|(at, count)| (*count, std::cmp::Reverse(*at)))?;
    (best.1 > 0).then_some(best.0)
}

/// Gives repeated headings a number, so that no column is lost.
fn unique(headings: Vec<String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for heading in headings {
        let again = seen.iter().filter(|s| **s == heading || s.starts_with(&format!("{heading} ("))).count();
        seen.push(if again == 0 { heading } else { format!("{heading} ({})", again + 1) });
    }
    seen
}

fn object(headings: &[String], row: Vec<String>) -> Value {
    let named = headings.iter().zip(row).filter(|(heading, text)| !heading.is_empty() && !text.is_empty());
    Value::Object(named.map(|(heading, text)| (heading.clone(), Value::String(text))).collect::<Map<String, Value>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(heading: &str) -> bool {
        matches!(heading, "岗位名称" | "公司名称" | "薪资")
    }

    #[test]
    fn a_csv_of_any_encoding_with_a_title_row_is_read() {
        let text = "2026年春季招聘岗位,,\n岗位名称,公司名称,薪资\n绣工,虚构绣坊,\"4,000-6,000元\"\n,,\n陶艺师,虚构陶坊,面议\n";
        let (gb, ..) = encoding_rs::GB18030.encode(text);
        for bytes in [text.as_bytes().to_vec(), [b"\xef\xbb\xbf", text.as_bytes()].concat(), gb.into_owned()] {
            let rows = rows(&bytes, known).unwrap();
            assert_eq!(rows.len(), 2);
            assert_eq!((rows[0]["岗位名称"].as_str(), rows[0]["薪资"].as_str()), (Some("绣工"), Some("4,000-6,000元")));
        }
    }

    #[test]
    fn repeated_headings_keep_their_columns_and_no_headings_are_an_error() {
        let rows = rows("岗位名称,薪资,薪资\n绣工,a,b\n".as_bytes(), known).unwrap();
        assert_eq!((rows[0]["薪资"].as_str(), rows[0]["薪资 (2)"].as_str()), (Some("a"), Some("b")));
        assert!(matches!(super::rows(b"x,y\n1,2\n", known), Err(SheetError::NoHeadings)));
        assert!(matches!(super::rows(b"PK\x03\x04broken", known), Err(SheetError::Workbook(_))));
    }
}
