//! A chart with its caption, its legend and the table of its figures.

use maud::{Markup, html};

use super::words::clean;

/// What stands around a chart.
#[derive(Debug, Default)]
pub(super) struct Figure {
    /// The caption.
    pub title: String,
    /// A sentence on how to read it, or what it shows.
    pub note: String,
    /// Series: class and name.
    pub legend: Vec<(String, String)>,
    /// The warning of a run that is not trusted; empty where it is.
    pub warning: String,
    /// The table; without columns, one beside the figure has what it shows.
    pub table: Table,
    /// Whether it takes the whole width.
    pub is_wide: bool,
    /// Whether it stands below a heading of the second level, rather than below one of the third.
    pub is_high: bool,
}

/// A table: texts, the first column of each row its heading.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The caption.
    pub caption: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// For scripts: which chart it belongs to.
    pub class: &'static str,
}

impl Table {
    /// A table with those headings.
    pub fn new(caption: &str, head: &[&str]) -> Table {
        Table {
            caption: caption.to_owned(),
            head: head.iter().map(|text| (*text).to_owned()).collect(),
            ..Table::default()
        }
    }

    /// A table whose cells are texts rather than figures.
    pub fn of_texts(caption: &str, head: &[&str]) -> Table {
        Table {
            class: "texts",
            ..Table::new(caption, head)
        }
    }

    /// Leaves out the columns without any text, but for the first.
    pub fn without_empty_columns(mut self) -> Table {
        for column in (1..self.head.len()).rev() {
            let is_empty = |row: &Vec<String>| row.get(column).is_none_or(String::is_empty);
            if self.rows.iter().all(is_empty) {
                self.head.remove(column);
                for row in self.rows.iter_mut().filter(|row| row.len() > column) {
                    row.remove(column);
                }
            }
        }
        self
    }

    /// As markup.
    pub fn markup(&self) -> Markup {
        html! {
            div class="scroll" tabindex="0" role="region" aria-label=(self.caption) {
                table class=(self.class) {
                    caption { (self.caption) }
                    thead { tr { @for text in &self.head { th scope="col" { (text) } } } }
                    tbody { @for row in &self.rows { tr {
                        @for (place, text) in row.iter().enumerate() {
                            @if place == 0 { th scope="row" { (clean(text)) } } @else { td { (clean(text)) } }
                        }
                    } } }
                }
            }
        }
    }
}

impl Figure {
    /// The figure with its chart.
    pub fn markup(&self, chart: &Markup) -> Markup {
        self.markup_with(chart, &html! {})
    }

    /// The same with a further table.
    pub fn markup_with(&self, chart: &Markup, more: &Markup) -> Markup {
        html! {
            figure class=(if self.is_wide { "wide" } else { "" }) {
                figcaption {
                    @if self.is_high { h3 { (self.title) } } @else { h4 { (self.title) } }
                    @if !self.warning.is_empty() { p class="mark" { (self.warning) } }
                    @if !self.note.is_empty() { p class="note" { (self.note) } }
                }
                (chart)
                @if !self.legend.is_empty() {
                    ul class="legend" { @for (class, name) in &self.legend {
                        li data-series=(class) { span class=(format!("swatch {class}")) {} (name) }
                    } }
                }
                @if !self.table.head.is_empty() {
                    details {
                        summary { "Figures of this chart" }
                        (self.table.markup())
                        (more)
                    }
                }
            }
        }
    }
}
