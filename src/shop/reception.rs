//! From a request to its answer, or to the purchase that must be processed first.

use super::desk::{Answer, Desk, csrf_cookie};
use super::http::{Method, Persistence, Request};
use super::inventory::Product;
use super::pages;
use super::purchase::Outcome;
use super::refusal::Refusal;
use super::response::JSON;
use super::route::{Route, path_and_query};
use crate::time::clock::Stamp;

impl Desk {
    /// Evaluates a request and answers it, unless it is a purchase to process first.
    pub fn receive(&mut self, request: &Request<'_>, now: Stamp, out: &mut Vec<u8>) -> Outcome {
        let (path, query) = path_and_query(request.target);
        let route = Route::of(path);
        if route != Route::Stats {
            self.stats.requests += 1;
        }
        let reads = matches!(request.method, Method::Get | Method::Head);
        let allowed = match route {
            Route::Purchase { .. } => request.method == Method::Post,
            Route::Home(_) | Route::Details(_) | Route::Stats => reads,
            Route::MissingSlash | Route::Unknown => true,
        };
        let mut answer = Answer::to(request);
        if !allowed {
            self.stats.method_not_allowed += u64::from(route != Route::Stats);
            answer.status = "405 Method Not Allowed";
            answer.headers = match route {
                Route::Purchase { .. } => "Allow: POST\r\n",
                _ => "Allow: GET, HEAD\r\n",
            };
            self.body = pages::status(answer.status, "This page does not accept that method.");
            self.write(answer, now, out);
            return Outcome::Answered;
        }
        match route {
            Route::Home(app) => {
                self.stats.home += 1;
                self.write_home(app, answer, now, out);
            }
            Route::Details(product) => self.details(product, request, now, out),
            Route::Purchase { product, profiled } => {
                return self.purchase(product, profiled, request, now, out);
            }
            Route::Stats => {
                self.body = self.stats.json(&self.emails, &self.inventory);
                answer.media_type = JSON;
                self.write(answer, now, out);
            }
            Route::MissingSlash => {
                self.stats.redirects += 1;
                let location = format!("Location: {path}/{query}\r\n");
                answer.status = "301 Moved Permanently";
                answer.headers = &location;
                self.body.clear();
                self.write(answer, now, out);
            }
            Route::Unknown => {
                self.stats.not_found += 1;
                answer.status = "404 Not Found";
                self.body = pages::status(answer.status, "This page or product does not exist.");
                self.write(answer, now, out);
            }
        }
        Outcome::Answered
    }

    /// Answers an invalid request.
    pub fn refuse(&mut self, refusal: Refusal, now: Stamp, out: &mut Vec<u8>) {
        self.stats.requests += 1;
        self.stats.malformed += 1;
        let (status, text) = match refusal {
            Refusal::Malformed(what) => ("400 Bad Request", what),
            Refusal::BodyTooLarge => ("413 Content Too Large", "The body is too large."),
            Refusal::HeadTooLarge => (
                "431 Request Header Fields Too Large",
                "The request head is too large.",
            ),
            Refusal::UnknownCoding => ("501 Not Implemented", "Unknown transfer coding."),
            Refusal::UnknownVersion => (
                "505 HTTP Version Not Supported",
                "This is not HTTP/1.0 or 1.1.",
            ),
        };
        self.body = pages::status(status, text);
        let mut answer = Answer::new(Persistence::Close);
        answer.status = status;
        self.write(answer, now, out);
    }

    fn details(&mut self, product: Product, request: &Request<'_>, now: Stamp, out: &mut Vec<u8>) {
        self.stats.details += 1;
        let left = self.inventory.left(product);
        let mut answer = Answer::to(request);
        if !self.csrf {
            self.body = pages::details(product, left, None);
            self.write(answer, now, out);
            return;
        }
        let token = match csrf_cookie(request) {
            Some(token) => token.to_owned(),
            None => self.new_token(),
        };
        let cookie = format!("Set-Cookie: csrftoken={token}; Path=/; SameSite=Lax\r\n");
        answer.headers = &cookie;
        self.body = pages::details(product, left, Some(&token));
        self.write(answer, now, out);
    }
}

#[cfg(test)]
#[path = "reception_tests.rs"]
mod tests;
