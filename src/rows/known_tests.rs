//! Tests of known.

use super::*;

#[test]
fn every_known_column_has_a_unique_name() {
    for (column, of) in COLUMNS.iter().chain(&PHASE_COLUMNS).enumerate() {
        assert_eq!(name(column), *of);
        assert_eq!(super::column(of), column);
    }
}
