//! From a request target to what is asked for.

use super::inventory::{Product, app_named};

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/{app}/`, by the application's index.
    Home(usize),
    /// `/{app}/{id}/details/`.
    Details(Product),
    /// `/{app}/{id}/purchase/` or, profiled, `/{app}/{id}/purchase/1/`.
    Purchase {
        /// What is bought.
        product: Product,
        /// Whether the answer is a JSON report.
        profiled: bool,
    },
    /// `/stats`.
    Stats,
    /// It would be one of the above with a slash at its end.
    MissingSlash,
    /// Nothing here.
    Unknown,
}

impl Route {
    /// The route of a path.
    pub fn of(path: &str) -> Route {
        if path == "/stats" {
            return Route::Stats;
        }
        let Some(inner) = path.strip_prefix('/') else {
            return Route::Unknown;
        };
        match inner.strip_suffix('/') {
            Some(inner) => Route::of_segments(inner),
            None if Route::of_segments(inner) == Route::Unknown => Route::Unknown,
            None => Route::MissingSlash,
        }
    }

    fn of_segments(inner: &str) -> Route {
        let mut segments = inner.split('/');
        let Some(app) = segments.next().and_then(app_named) else {
            return Route::Unknown;
        };
        let Some(id) = segments.next() else {
            return Route::Home(app);
        };
        let Some(product) = Product::find(app, id) else {
            return Route::Unknown;
        };
        let profiled = match (segments.next(), segments.next(), segments.next()) {
            (Some("details"), None, None) => return Route::Details(product),
            (Some("purchase"), None, None) => false,
            (Some("purchase"), Some("1"), None) => true,
            _ => return Route::Unknown,
        };
        Route::Purchase { product, profiled }
    }
}

/// Path and query (with its `?`, or empty) of a request target, which may also be a whole URL.
pub fn path_and_query(target: &str) -> (&str, &str) {
    let path = match target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
            rest.find(['/', '?']).map_or("/", |start| &rest[start..])
        }
        _ => target,
    };
    let path = path.find('#').map_or(path, |end| &path[..end]);
    path.find('?').map_or((path, ""), |at| path.split_at(at))
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
