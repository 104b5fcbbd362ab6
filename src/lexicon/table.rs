//! How are the tab-separated files of `index/` read?
//!
//! Comment lines start with `#`, the first other line names the columns. A row with a missing
//! or extra cell is refused with its file and line, so that bad data never loads in part.

use std::str::FromStr;

use super::LexiconError;

/// One parsed file: named columns and rows of cells.
pub(crate) struct Table<'t> {
    file: &'static str,
    columns: Vec<&'t str>,
    rows: Vec<(usize, Vec<&'t str>)>,
}

/// One row, with its place for error messages.
pub(crate) struct Row<'a, 't> {
    table: &'a Table<'t>,
    line: usize,
    cells: &'a [&'t str],
}

impl<'t> Table<'t> {
    /// Splits a file into its columns and rows.
    pub(crate) fn parse(file: &'static str, text: &'t str) -> Result<Self, LexiconError> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let (_, header) = lines.next().ok_or_else(|| bad(file, 0, "no header line"))?;
        let columns: Vec<&str> = header.split('\t').collect();
        let mut rows = Vec::new();
        for (number, line) in lines {
            let cells: Vec<&str> = line.split('\t').collect();
            if cells.len() != columns.len() {
                return Err(bad(file, number + 1, "wrong number of cells"));
            }
            rows.push((number + 1, cells));
        }
        Ok(Self { file, columns, rows })
    }

    /// Iterates over the rows.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_, 't>> {
        self.rows.iter().map(|(line, cells)| Row { table: self, line: *line, cells })
    }
}

impl<'t> Row<'_, 't> {
    /// Returns the cell of a column, trimmed.
    pub(crate) fn text(&self, column: &str) -> Result<&'t str, LexiconError> {
        let position = self.table.columns.iter().position(|name| *name == column);
        position
            .and_then(|position| self.cells.get(position))
            .map(|cell| cell.trim())
            .ok_or_else(|| self.refuse(&format!("no column {column}")))
    }

    /// Returns the cell, or `None` when it is empty.
    pub(crate) fn optional(&self, column: &str) -> Result<Option<&'t str>, LexiconError> {
        Ok(Some(self.text(column)?).filter(|cell| !cell.is_empty()))
    }

    /// Returns the parts of a `|`-separated cell.
    pub(crate) fn list(&self, column: &str) -> Result<Vec<String>, LexiconError> {
        let cell = self.text(column)?;
        Ok(cell.split('|').filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }

    /// Parses the cell as a value.
    pub(crate) fn value<T: FromStr>(&self, column: &str) -> Result<T, LexiconError> {
        let cell = self.text(column)?;
        cell.parse().map_err(|_| self.refuse(&format!("bad {column}: {cell}")))
    }

    /// Parses the cell as a value, or returns `None` when it is empty.
    pub(crate) fn optional_value<T: FromStr>(&self, column: &str) -> Result<Option<T>, LexiconError> {
        match self.optional(column)? {
            None => Ok(None),
            Some(_) => self.value(column).map(Some),
        }
    }

    /// Parses the cell with a reader of words.
    pub(crate) fn word<T>(&self, column: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, LexiconError> {
        let cell = self.text(column)?;
        read(cell).ok_or_else(|| self.refuse(&format!("bad {column}: {cell}")))
    }

    /// Builds the error that names this row.
    pub(crate) fn refuse(&self, what: &str) -> LexiconError {
        bad(self.table.file, self.line, what)
    }
}

fn bad(file: &'static str, line: usize, what: &str) -> LexiconError {
    LexiconError::Data { file, line, what: what.to_owned() }
}
