//! The rows of a form file: values that shoppers take in turn, kept encoded in one buffer.

use std::fmt;
use std::io::Read;

use super::encoding::Encoding;

/// The largest form file, bytes: its rows are kept in memory.
pub const LARGEST_FILE: usize = 64 << 20;

/// The most columns of a form file.
pub const MOST_COLUMNS: usize = 1000;

/// Why a form file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableError {
    /// It is larger than [`LARGEST_FILE`].
    TooLarge,
    /// It has more than `MOST_COLUMNS` columns.
    TooManyColumns,
    /// It has no header.
    NoHeader,
    /// It has a header only.
    NoRows,
    /// A column has no name, or that of another.
    Name(String),
    /// A row that has not the header's number of columns: its line, its columns, those of the header.
    Columns(u64, usize, usize),
    /// It is not CSV, or not UTF-8.
    Malformed(String),
}

impl TableError {
    /// What is wrong, and the hint.
    pub fn what_and_hint(&self) -> (String, String) {
        let (what, hint) = match self {
            TableError::TooLarge => (
                format!("it is larger than {} MiB", LARGEST_FILE >> 20),
                "its rows are kept in memory: give fewer, they are taken in turn again".into(),
            ),
            TableError::TooManyColumns => (
                format!("it has more than {MOST_COLUMNS} columns"),
                "leave out those that are not posted".into(),
            ),
            TableError::NoHeader => (
                "it is empty".into(),
                "begin it with a line of field names, such as username,password".to_owned(),
            ),
            TableError::NoRows => (
                "it has a header, but no rows".into(),
                "add a row of values below the field names".into(),
            ),
            TableError::Name(name) => (
                format!("the header names {name:?} twice, or a column without a name"),
                "give each column a name of its own".into(),
            ),
            TableError::Columns(line, found, needed) => (
                format!("line {line} has {found} columns, the header {needed}"),
                "give each row a value for each column, empty ones too".into(),
            ),
            TableError::Malformed(why) => (why.clone(), "write it as CSV in UTF-8".into()),
        };
        (what, hint)
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, hint) = self.what_and_hint();
        write!(f, "{what}: {hint}")
    }
}

impl std::error::Error for TableError {}

/// Rows of encoded values, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<String>,
    values: Vec<u8>,
    /// Where each value ends, row by row.
    ends: Vec<u32>,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct TableRow<'a> {
    table: &'a Table,
    first: usize,
}

impl Table {
    /// Reads a CSV file with a header, delimited by commas, or by semicolons or tabs where the header has
    /// only those.
    pub fn read(input: impl Read, encoding: Encoding) -> Result<Table, TableError> {
        let mut text = Vec::new();
        let mut bounded = input.take(LARGEST_FILE as u64 + 1);
        let malformed = |error: &dyn fmt::Display| TableError::Malformed(error.to_string());
        (bounded.read_to_end(&mut text)).map_err(|error| malformed(&error))?;
        if text.len() > LARGEST_FILE {
            return Err(TableError::TooLarge);
        }
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter(text))
            .flexible(true)
            .from_reader(text);
        let columns: Vec<String> = match reader.headers() {
            Ok(names) => names.iter().map(|name| name.trim().to_owned()).collect(),
            Err(error) => return Err(malformed(&error)),
        };
        check_names(&columns)?;
        let mut table = Table {
            columns,
            values: Vec::new(),
            ends: Vec::new(),
        };
        let mut record = csv::StringRecord::new();
        while (reader.read_record(&mut record)).map_err(|error| malformed(&error))? {
            let (found, needed) = (record.len(), table.columns.len());
            if found != needed {
                let line = record.position().map_or(0, csv::Position::line);
                return Err(TableError::Columns(line, found, needed));
            }
            for value in &record {
                encoding.write(value, &mut table.values);
                table.ends.push(table.values.len() as u32);
            }
        }
        match table.ends.is_empty() {
            true => Err(TableError::NoRows),
            false => Ok(table),
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        (self.ends.len() / self.columns.len()) as u64
    }

    /// The row of a shopper: they take the rows in turn by their numbers.
    pub fn row(&self, number: u64) -> TableRow<'_> {
        TableRow {
            table: self,
            first: (number % self.rows()) as usize * self.columns.len(),
        }
    }

    /// The bytes that determine what is posted.
    pub fn bytes(&self) -> (&[u8], &[u32]) {
        (&self.values, &self.ends)
    }
}

impl<'a> TableRow<'a> {
    /// The encoded value of a column.
    pub fn value(self, column: usize) -> &'a [u8] {
        let at = self.first + column;
        let begin = match at {
            0 => 0,
            at => self.table.ends[at - 1],
        };
        &self.table.values[begin as usize..self.table.ends[at] as usize]
    }
}

fn delimiter(text: &[u8]) -> u8 {
    let header = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let has = |delimiter| header.contains(&delimiter);
    match (has(b','), has(b';'), has(b'\t')) {
        (true, ..) => b',',
        (_, true, _) => b';',
        (_, _, true) => b'\t',
        _ => b',',
    }
}

fn check_names(columns: &[String]) -> Result<(), TableError> {
    if columns.is_empty() || columns == [""] {
        return Err(TableError::NoHeader);
    }
    if columns.len() > MOST_COLUMNS {
        return Err(TableError::TooManyColumns);
    }
    let mut known = std::collections::HashSet::new();
    match columns
        .iter()
        .find(|name| name.is_empty() || !known.insert(*name))
    {
        Some(name) => Err(TableError::Name(name.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
