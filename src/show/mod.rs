//! Renders one finished summary: as text for people, as JSON for programs, with charts as an HTML page.
//! Nothing is computed here.

pub mod color;
pub mod html;
pub mod json;
pub mod text;
