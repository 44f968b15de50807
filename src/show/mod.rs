//! Renders one finished summary: as text for people, as JSON for programs. Nothing is computed here.

pub mod color;
pub mod json;
pub mod text;
