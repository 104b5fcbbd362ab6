//! How does the whole leave as a file? As lines of JSON, as CSV, or as a workbook that grows on disk and not in memory.

use std::fs::File;
use std::io::{Read, Seek};

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, get};
use csv::{Terminator, WriterBuilder};
use futures_util::{Stream, StreamExt, stream};
use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};

use crate::config::Config;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::feeds::asked::ExportQuery;
use crate::feeds::chunk::LiveRows;
use crate::feeds::columns::{COLUMNS, Cell, cells, headings};
use crate::feeds::http::NDJSON;
use crate::feeds::wanted::Wanted;
use crate::http::{Failures, Language, Query};
use crate::search::Search;
use crate::text_enum;
use crate::vacancies::VacancyView;

/// How many rows a sheet of a workbook holds, headings included.
const SHEET_ROWS_MAX: u32 = 1_048_576;
/// How many bytes of a finished workbook are sent at a time.
const PIECE_BYTES: usize = 64 * 1024;
/// The mark by which spreadsheets know UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

text_enum! {
    /// The form of an export.
    Format {
        /// Comma-separated values.
        Csv = "csv",
        /// A workbook.
        Xlsx = "xlsx",
        /// One JSON value a line.
        Ndjson = "ndjson",
    }
}

impl Format {
    fn media_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format::Ndjson => NDJSON,
        }
    }
}

/// Exports live vacancies as a file; the same filters as a search, `handicraft` included.
#[utoipa::path(tag = "feeds", operation_id = "export_vacancies", params(ExportQuery),
    responses((status = 200, description = "岗位文件", content((String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (VacancyView = "application/x-ndjson"))), Failures))]
#[get("/vacancies/export")]
pub async fn export(
    db: Data<Db>,
    config: Data<Config>,
    engine: Data<Search>,
    request: HttpRequest,
    query: Query<ExportQuery>,
) -> Result<HttpResponse> {
    let wanted = Wanted::read(&query.0.filters().of_search(), &engine, &config.region)?;
    let (rows, language) = (LiveRows::new(&db, wanted), Language::of(&request));
    let format = query.0.format.unwrap_or(Format::Csv);
    Ok(match format {
        Format::Ndjson => file(format).streaming(rows.lines()),
        Format::Csv => file(format).streaming(csv_lines(rows, language, query.0.bom.unwrap_or(true))?),
        Format::Xlsx => file(format).streaming(pieces(workbook(rows, language).await?)),
    })
}

fn file(format: Format) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.content_type(format.media_type());
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"vacancies.{format}\"")) {
        response.insert_header((header::CONTENT_DISPOSITION, value));
    }
    response
}

fn csv_lines(rows: LiveRows, language: Language, mark: bool) -> Result<impl Stream<Item = Result<Bytes>>> {
    let names = headings(language).map(|name| Cell::Text(name.to_owned()));
    let head = csv_text(if mark { BYTE_ORDER_MARK } else { "" }, vec![names])?;
    let body = stream::try_unfold(rows, |mut rows| async move {
        match rows.next().await? {
            Some(views) => Ok(Some((csv_text("", views.into_iter().map(cells).collect())?, rows))),
            None => Ok(None),
        }
    });
    Ok(stream::iter([Ok(head)]).chain(body))
}

fn csv_text(before: &str, rows: Vec<[Cell; COLUMNS]>) -> Result<Bytes> {
    let begun = before.as_bytes().to_vec();
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(begun);
    for row in rows {
        writer.write_record(row.map(Cell::harmless)).map_err(Error::internal)?;
    }
    writer.into_inner().map(Bytes::from).map_err(Error::internal)
}

/// Writes a workbook into a file without a name; each row is on disk before the next is read.
async fn workbook(mut rows: LiveRows, language: Language) -> Result<File> {
    let mut book = Workbook::new();
    let mut next = SHEET_ROWS_MAX;
    while let Some(views) = rows.next().await? {
        (book, next) = tokio::task::spawn_blocking(move || fill(book, next, views, language)).await?.map_err(Error::internal)?;
    }
    tokio::task::spawn_blocking(move || -> Result<File> {
        let mut file = tempfile::tempfile()?;
        book.save_to_writer(&mut file).map_err(Error::internal)?;
        file.rewind()?;
        Ok(file)
    })
    .await?
}

/// Writes rows from row `next` of the last sheet on; a full sheet is followed by another.
fn fill(
    mut book: Workbook,
    mut next: u32,
    views: Vec<VacancyView>,
    language: Language,
) -> std::result::Result<(Workbook, u32), XlsxError> {
    let mut left = views.into_iter().peekable();
    loop {
        if next >= SHEET_ROWS_MAX {
            begin(&mut book, language)?;
            next = 1;
        }
        let last = book.worksheets().len().saturating_sub(1);
        let sheet = book.worksheet_from_index(last)?;
        for view in left.by_ref().take(usize::try_from(SHEET_ROWS_MAX - next).unwrap_or(usize::MAX)) {
            for (cell, column) in cells(view).into_iter().zip(0..) {
                match cell {
                    Cell::Text(text) if text.is_empty() => continue,
                    Cell::Text(text) => sheet.write_string(next, column, text)?,
                    Cell::Number(number) => sheet.write_number(next, column, i32::try_from(number).unwrap_or(i32::MAX))?,
                };
            }
            next += 1;
        }
        if left.peek().is_none() {
            return Ok((book, next));
        }
    }
}

fn begin(book: &mut Workbook, language: Language) -> std::result::Result<(), XlsxError> {
    let bold = CellFormat::new().set_bold();
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_freeze_panes(1, 0)?;
    for (name, column) in headings(language).into_iter().zip(0..) {
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    Ok(())
}

fn pieces(file: File) -> impl Stream<Item = Result<Bytes>> {
    stream::try_unfold(file, |mut file| async move {
        let read = tokio::task::spawn_blocking(move || -> Result<(Vec<u8>, File)> {
            let mut piece = Vec::with_capacity(PIECE_BYTES);
            file.by_ref().take(u64::try_from(PIECE_BYTES)?).read_to_end(&mut piece)?;
            Ok((piece, file))
        });
        let (piece, file) = read.await??;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    })
}
