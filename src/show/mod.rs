//! One finished summary in, one form out: text for people, JSON for programs. Nothing is computed here.

pub mod color;
pub mod json;
pub mod text;
