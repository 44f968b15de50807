//! A time axis whose columns become wider as the run becomes longer, so that there are never more of them.
//!
//! A column is 2^k nanoseconds wide and begins at a multiple of that, so the order of the rows does not
//! matter.

use std::collections::VecDeque;

use super::column::Column;

/// The narrowest column: 2^16 ns, 66 microseconds.
const NARROWEST: u32 = 16;

/// The widest column: 2^62 ns, so that a width fits into 64 bits.
const WIDEST: u32 = 62;

/// The columns of a run.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// A column is 2 to the power of this wide, nanoseconds.
    shift: u32,
    /// The number of the first column: the instant of its beginning, nanoseconds since the Unix epoch, by
    /// the width.
    first: i64,
    /// From the first to the last, those in which nothing happened included.
    columns: VecDeque<Column>,
    /// The most of them.
    most: i64,
}

impl Axis {
    /// An empty one with at most that many columns, 2 or more.
    pub fn new(most: usize) -> Axis {
        Axis {
            shift: NARROWEST,
            first: 0,
            columns: VecDeque::new(),
            most: most.max(2) as i64,
        }
    }

    /// The column of an instant, nanoseconds since the Unix epoch.
    pub fn at(&mut self, nanos: i64) -> &mut Column {
        let nanos = nanos.max(0);
        if self.columns.is_empty() {
            self.first = nanos >> self.shift;
        }
        loop {
            let number = nanos >> self.shift;
            let last = self.first + self.columns.len() as i64 - 1;
            if last.max(number) - self.first.min(number) < self.most || self.shift == WIDEST {
                return self.reach(number);
            }
            self.widen();
        }
    }

    fn reach(&mut self, number: i64) -> &mut Column {
        while number < self.first {
            self.columns.push_front(Column::default());
            self.first -= 1;
        }
        let place = (number - self.first) as usize;
        if place >= self.columns.len() {
            self.columns.resize_with(place + 1, Column::default);
        }
        &mut self.columns[place]
    }

    /// Doubles the width of the columns, until there are at most that many, 2 or more.
    pub fn limit(&mut self, most: usize) {
        self.most = most.max(2) as i64;
        while self.columns.len() as i64 > self.most && self.shift < WIDEST {
            self.widen();
        }
    }

    /// The width of a column, nanoseconds.
    pub fn width(&self) -> i64 {
        1 << self.shift
    }

    /// When the first column begins, nanoseconds since the Unix epoch.
    pub fn begin(&self) -> i64 {
        self.first << self.shift
    }

    /// All of them, from the first in which something happened to the last.
    pub fn columns(&self) -> &VecDeque<Column> {
        &self.columns
    }

    fn widen(&mut self) {
        let narrow = std::mem::take(&mut self.columns);
        let first = self.first;
        self.shift += 1;
        self.first = first >> 1;
        for (place, column) in narrow.into_iter().enumerate() {
            let wide = self.reach((first + place as i64) >> 1);
            wide.merge(&column);
        }
    }
}

#[cfg(test)]
#[path = "axis_tests.rs"]
mod tests;
