//! A shopper that only fetches one page before a load.

use super::scenario::Scenario;
use super::{Shopper, Step};
use crate::http::response::Head;

impl Shopper {
    /// Prepares it for a scenario: for a page, as a shopper whose only request is that page.
    pub fn visit_page(&mut self, scenario: &Scenario) {
        self.begin_site(scenario);
        let Some(page) = &scenario.page else { return };
        if page.form.is_some() {
            self.step = Step::Buy;
        }
        self.parser.reset(page.body_use());
    }

    /// The page as received, with any status: its head, its body, and its path after redirects.
    /// `None` where no complete response came, or it was a redirect that is not followed.
    pub fn page<'a>(&'a self, scenario: &'a Scenario) -> Option<(&'a Head, &'a [u8], &'a str)> {
        let head = self.parser.head().filter(|_| self.parser.is_complete())?;
        let is_redirect = matches!(head.status, 301 | 302 | 303 | 307 | 308);
        (!is_redirect).then(|| (head, self.parser.body(), self.path(scenario)))
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
