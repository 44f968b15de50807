//! The least cost Σ (t − ln t) over non-negative parameters, each ratio t linear in them.
//!
//! Newton's method, that is least squares weighted anew at each step; the parent module has the
//! reasons and the sources. With three parameters the bounds need no algorithm of their own: each
//! subset of them is tried.

/// λ, σ and κ, or a, b and c.
pub(super) const PARAMETERS: usize = 3;

/// The factors of a, b and c.
pub(super) type Row = [f64; PARAMETERS];

/// A step shorter than this changes no fitted throughput by more than its share.
const CONVERGED: f64 = 1e-13;

/// The limit of steps, far more than needed: throughputs drawn over sixteen orders of magnitude took
/// 18 at most.
const MAX_STEPS: usize = 200;

pub(super) fn dot(row: &Row, with: &Row) -> f64 {
    row.iter().zip(with).map(|(one, other)| one * other).sum()
}

/// The a, b, c of least cost with a ≥ `least_a`.
pub(super) fn minimum(rows: &[Row], least_a: f64) -> Row {
    let offset = [least_a, 0.0, 0.0];
    // Each part is a third of what the first point to be reached needs: no t lies far above 1.
    let mut parts: Row = std::array::from_fn(|column| {
        let largest = rows.iter().map(|row| row[column]).fold(0.0, f64::max);
        offset[column].max(1.0 / (PARAMETERS as f64 * largest))
    });
    for _ in 0..MAX_STEPS {
        let ratios: Vec<f64> = rows.iter().map(|row| dot(row, &parts)).collect();
        let weighted: Vec<Row> = (rows.iter().zip(&ratios))
            .map(|(row, ratio)| row.map(|factor| factor / ratio))
            .collect();
        let targets: Vec<f64> = (weighted.iter().zip(&ratios))
            .map(|(row, ratio)| 2.0 - ratio - dot(row, &offset))
            .collect();
        let found = non_negative_least_squares(&weighted, &targets);
        let step: Row =
            std::array::from_fn(|column| found[column] + offset[column] - parts[column]);
        let moved: f64 = weighted.iter().map(|row| dot(row, &step).powi(2)).sum();
        let length = moved.sqrt();
        for (part, step) in parts.iter_mut().zip(step) {
            *part += step / (1.0 + length);
        }
        if length < CONVERGED {
            break;
        }
    }
    parts
}

/// The best solution without a negative part: that of one of the eight subsets of the columns.
fn non_negative_least_squares(rows: &[Row], targets: &[f64]) -> Row {
    let cost = |parts: &Row| -> f64 {
        let residuals = rows.iter().zip(targets);
        residuals
            .map(|(row, target)| (target - dot(row, parts)).powi(2))
            .sum()
    };
    (0..1 << PARAMETERS)
        .filter_map(|subset: u8| least_squares(rows, targets, subset))
        .filter(|parts| parts.iter().all(|part| *part >= 0.0))
        .min_by(|one, other| cost(one).total_cmp(&cost(other)))
        .unwrap_or_default()
}

/// Least squares over the columns of a subset (bits), the others being zero, by modified
/// Gram–Schmidt: levels that lie close together would not survive normal equations. Absent if
/// rounding leaves nothing of a column.
fn least_squares(rows: &[Row], targets: &[f64], subset: u8) -> Option<Row> {
    let active = (0..PARAMETERS).filter(|column| subset & (1 << column) != 0);
    let column_of = |column: usize| rows.iter().map(|row| row[column]).collect::<Vec<f64>>();
    let mut columns: Vec<(usize, Vec<f64>)> =
        active.map(|place| (place, column_of(place))).collect();
    let mut target = targets.to_vec();
    // Upper triangular, the right-hand side in the last column.
    let mut triangle = [[0.0; PARAMETERS + 1]; PARAMETERS];
    for at in 0..columns.len() {
        let (place, column) = columns[at].clone();
        let norm = length(&column);
        if norm <= f64::EPSILON * length(&column_of(place)) * 100.0 {
            return None;
        }
        let unit: Vec<f64> = column.iter().map(|value| value / norm).collect();
        triangle[place][place] = norm;
        for (other, column) in columns.iter_mut().skip(at + 1) {
            triangle[place][*other] = remove(&unit, column);
        }
        triangle[place][PARAMETERS] = remove(&unit, &mut target);
    }
    let mut parts = [0.0; PARAMETERS];
    for (place, _) in columns.iter().rev() {
        let known = dot(&[0, 1, 2].map(|other| triangle[*place][other]), &parts);
        parts[*place] = (triangle[*place][PARAMETERS] - known) / triangle[*place][*place];
    }
    Some(parts)
}

fn length(column: &[f64]) -> f64 {
    column.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// Takes the component along a unit vector out of a vector, and returns its length.
fn remove(unit: &[f64], from: &mut [f64]) -> f64 {
    let along: f64 = unit
        .iter()
        .zip(&*from)
        .map(|(one, other)| one * other)
        .sum();
    for (value, unit) in from.iter_mut().zip(unit) {
        *value -= along * unit;
    }
    along
}
