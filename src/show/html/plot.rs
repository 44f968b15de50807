//! One chart: an SVG with axes, into which marks are put.

use maud::{Markup, PreEscaped, html};

use super::scale::Scale;
use super::words::{at, put};

/// The width of every chart, in units of its own; the page scales it.
pub(super) const WIDTH: f64 = 480.0;

/// The room left of the marks, for the labels of the axis.
const LEFT: f64 = 60.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 30.0;

/// A chart under construction.
#[derive(Debug)]
pub(super) struct Plot {
    title: String,
    /// What it shows, for those who cannot see it.
    description: String,
    height: f64,
    /// The top and the bottom of the marks.
    top: f64,
    bottom: f64,
    x: Scale,
    y: Scale,
    y_name: String,
    marks: String,
}

impl Plot {
    /// An empty one of a height, with the name of what grows upward.
    pub fn new(title: &str, height: f64, x: Scale, y: Scale, y_name: &str) -> Plot {
        Plot {
            title: title.to_owned(),
            description: String::new(),
            height,
            top: TOP,
            bottom: height - BOTTOM,
            x,
            y,
            y_name: y_name.to_owned(),
            marks: String::new(),
        }
    }

    /// What it shows in words.
    pub fn describe(mut self, text: String) -> Plot {
        self.description = text;
        self
    }

    /// Leaves room above the marks.
    pub fn with_room_above(mut self, room: f64) -> Plot {
        self.top += room;
        self
    }

    /// Leaves room between the marks and the axis below.
    pub fn with_room_below(mut self, room: f64) -> Plot {
        self.bottom -= room;
        self
    }

    pub fn x(&self, value: f64) -> f64 {
        LEFT + self.x.place(value) * (WIDTH - LEFT - RIGHT)
    }

    pub fn y(&self, value: f64) -> f64 {
        self.bottom - self.y.place(value) * (self.bottom - self.top)
    }

    /// The bottom of the marks.
    pub fn bottom(&self) -> f64 {
        self.bottom
    }

    /// The top of the marks.
    pub fn top(&self) -> f64 {
        self.top
    }

    /// Adds markup.
    pub fn put(&mut self, mark: &Markup) {
        self.marks.push_str(&mark.0);
    }

    /// A line through points; `None` interrupts it. Points by themselves are dots.
    pub fn line(&mut self, class: &str, points: impl IntoIterator<Item = Option<(f64, f64)>>) {
        let mut path = String::new();
        let mut dots = Vec::new();
        let mut run: Vec<(f64, f64)> = Vec::new();
        for point in points.into_iter().chain([None]) {
            match point {
                Some((x, y)) => run.push((self.x(x), self.y(y))),
                None => {
                    match run.as_slice() {
                        [] => {}
                        [one] => dots.push(*one),
                        more => draw(&mut path, more),
                    }
                    run.clear();
                }
            }
        }
        self.put(&html! {
            @if !path.is_empty() { path class=(format!("line {class}")) d=(path) {} }
            @for (x, y) in dots { circle class=(format!("dot {class}")) cx=(at(x)) cy=(at(y)) r="2.5" {} }
        });
    }

    /// An area between two lines over the same x.
    pub fn area(&mut self, class: &str, points: &[(f64, f64, f64)]) {
        if points.is_empty() {
            return;
        }
        let there = points.iter().map(|(x, low, _)| (self.x(*x), self.y(*low)));
        let back = points
            .iter()
            .rev()
            .map(|(x, _, high)| (self.x(*x), self.y(*high)));
        let mut path = String::new();
        draw(&mut path, &there.chain(back).collect::<Vec<_>>());
        path.push('z');
        self.put(&html! { path class=(format!("area {class}")) d=(path) {} });
    }

    /// A dot with a text that is shown on pointing at it.
    pub fn dot(&mut self, class: &str, (x, y): (f64, f64), text: &str) {
        let (x, y) = (self.x(x), self.y(y));
        self.put(&html! {
            circle class=(format!("dot {class}")) cx=(at(x)) cy=(at(y)) r="3" { title { (text) } }
        });
    }

    /// A text at a place of the chart.
    pub fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        self.put(&html! { text class=(class) x=(at(x)) y=(at(y)) { (text) } });
    }

    /// The whole chart.
    pub fn finish(self) -> Markup {
        let view = format!("0 0 {WIDTH} {}", at(self.height));
        let right = WIDTH - RIGHT;
        html! {
            svg viewBox=(view) role="img" aria-label=(self.title) {
                title { (self.title) }
                @if !self.description.is_empty() { desc { (self.description) } }
                g class="grid" {
                    @for (value, label) in self.y.ticks() {
                        @let y = self.y(value);
                        path d=(format!("M{} {}H{}", at(LEFT), at(y), at(right))) {}
                        text class="end" x=(at(LEFT - 5.0)) y=(at(y + 4.0)) { (label) }
                    }
                    @for (place, label, anchor) in self.labels_below() {
                        path d=(format!("M{} {}v4", at(place), at(self.height - BOTTOM))) {}
                        text class=(anchor) x=(at(place)) y=(at(self.height - BOTTOM + 18.0)) { (label) }
                    }
                    path class="base" d=(format!("M{} {}H{}", at(LEFT), at(self.height - BOTTOM), at(right))) {}
                    text class="start" x="2" y="11" { (self.y_name) }
                }
                (PreEscaped(self.marks))
            }
        }
    }

    /// The ticks of the axis below that have room, and how their texts are aligned.
    fn labels_below(&self) -> Vec<(f64, String, &'static str)> {
        let mut ticks = self.x.ticks();
        ticks.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut end = 0.0;
        let mut labels = Vec::new();
        for (value, label) in ticks {
            let place = self.x(value);
            let width = label.chars().count() as f64 * 7.4 + 8.0;
            let (anchor, from) = match place + width / 2.0 > WIDTH {
                true => ("end", place - width),
                false => ("mid", place - width / 2.0),
            };
            if from >= end {
                end = from + width;
                labels.push((place, label, anchor));
            }
        }
        labels
    }
}

/// Appends a path through points.
fn draw(path: &mut String, points: &[(f64, f64)]) {
    for (place, (x, y)) in points.iter().enumerate() {
        path.push(if place == 0 { 'M' } else { 'L' });
        put(path, *x);
        path.push(' ');
        put(path, *y);
    }
}
