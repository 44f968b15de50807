//! The HTML pages. They never contain anything received from the network.

use std::fmt::Write;

use super::inventory::{APPS, Product};

/// The home page of an application, at least `size` bytes long.
pub fn home(app: usize, size: usize) -> String {
    let (name, ids) = APPS[app];
    let mut links = String::new();
    for id in ids {
        writeln!(
            links,
            "<li><a href=\"/{name}/{id}/details/\">Product {id}</a></li>"
        )
        .expect("writing to a String does not fail");
    }
    let mut page = page(
        &format!("The {name} shop"),
        &format!("<ul>\n{links}</ul>\n"),
    );
    // The shortest comment is 8 bytes, so sizes a little above the bare page become a little larger.
    if page.len() < size {
        let padding = size.saturating_sub(page.len() + "<!---->\n".len());
        page.push_str("<!--");
        page.extend(std::iter::repeat_n('.', padding));
        page.push_str("-->\n");
    }
    page
}

/// A product's page with its purchase form.
pub fn details(product: Product, left: u64, csrf_token: Option<&str>) -> String {
    let (app, id) = (product.app(), product.id());
    let hidden = csrf_token.map_or(String::new(), |token| {
        format!("<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"{token}\">\n")
    });
    page(
        &format!("Product {id}"),
        &format!(
            "<p>{left} in stock.</p>\n\
             <form method=\"post\" action=\"/{app}/{id}/purchase/\">\n{hidden}\
             <label>E-mail <input type=\"email\" name=\"email\" required></label>\n\
             <label>Repeat it <input type=\"email\" name=\"repeat_email\" required></label>\n\
             <label>Quantity <input type=\"number\" name=\"quantity\" min=\"1\" required></label>\n\
             <button>Purchase</button>\n</form>\n\
             <p><a href=\"/{app}/\">All products</a></p>\n"
        ),
    )
}

/// The answer to a plain purchase.
pub fn thanks(product: Product, quantity: u32) -> String {
    let (app, id) = (product.app(), product.id());
    page(
        "Thank you",
        &format!(
            "<p>{quantity} of product {id} are yours.</p>\n<p><a href=\"/{app}/\">All products</a></p>\n"
        ),
    )
}

/// The answer to a plain purchase that was refused, with one of this program's messages.
pub fn refused(product: Product, message: &str) -> String {
    let (app, id) = (product.app(), product.id());
    page(
        "Not purchased",
        &format!("<p>{message}</p>\n<p><a href=\"/{app}/{id}/details/\">Try again</a></p>\n"),
    )
}

/// A page with a status and one line of text.
pub fn status(status: &str, text: &str) -> String {
    page(status, &format!("<p>{text}</p>\n"))
}

/// The CSRF failure, in the words by which clients of Django recognise it.
pub fn csrf_failure() -> String {
    let text = "CSRF verification failed. Request aborted.";
    status("403 Forbidden", text)
}

/// The frame of all pages.
fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
