//! Options of an ordinary site: what is posted, sessions, which answers satisfy, the server's figures.

use super::spec::{Group, Opt, options};

const REPORTS: &[&str] = &["json", "server-timing", "none"];

options! { SITE_OPTIONS:
    /// Form fields.
    FORM = Opt::new("--form", Group::Site).text("NAME=VALUE").repeatable()
        .unset("email, repeat_email, quantity")
        .help("post this form field; repeatable, in the order given. Placeholders in VALUE:")
        .details(&[
            "{email}       the shopper's address",
            "{quantity}    1 to 98",
            "{product_id}  one of --products",
            "{n}           the shopper's number: from 0 on, in later parts from 2^40 on",
            "{random:8}    8 characters of 0-9a-z, 1 to 1024 of them",
            "{COLUMN}      the value of that column of --form-file",
            "{{ and }} are braces. All are determined by --seed and the number.",
        ]);

    /// Form fields from a file.
    FORM_FILE = Opt::new("--form-file", Group::Site).file("FILE")
        .help("CSV with a header, at most 64 MiB: shopper N takes row N, and they start again after the \
            last. Columns that no --form or --body names in braces are posted as fields, after those of --form");

    /// A whole body.
    BODY = Opt::new("--body", Group::Site).file("FILE")
        .help("post the content of this file, at most 16 MiB, with the same placeholders, whose values are \
            escaped for JSON or for a form. Other braces are themselves; {{email}} is the text {email}");

    /// Its type.
    CONTENT_TYPE = Opt::new("--content-type", Group::Site).text("TYPE").default("application/json")
        .help("media type of --body");

    /// The method.
    METHOD = Opt::new("--method", Group::Site).value("METHOD").default("POST")
        .help("method of the purchase: POST, PUT, PATCH, DELETE, GET (without a body) or another token");

    /// Accepted statuses.
    EXPECT = Opt::new("--expect", Group::Site).value("STATUS,…").default("200")
        .help("accepted statuses of a purchase: 200,302 or 200-299. A redirect that is expected is \
            the answer and not followed; neither it nor 204 needs a report");

    /// Cookies.
    COOKIES = Opt::new("--cookies", Group::Site)
        .help("each shopper has a session: it keeps the cookies of its responses (RFC 6265; at most 50 and \
            16 KiB) and sends them with its own requests. With --csrf each takes its own token from its \
            home page or --csrf-page");

    /// The page with the form.
    CSRF_PAGE = Opt::new("--csrf-page", Group::Site).text("PATH").unset("a details page, with --cookies home")
        .help("page with the CSRF token, by its path after the port. With --cookies each shopper requests it \
            between home and purchase: its time is a figure of its own, and in no other");

    /// Where figures come from.
    REPORT = Opt::new("--report", Group::Site).one_of(REPORTS, "json|server-timing|none").default("json")
        .help("where the server's figures come from: the JSON report in the body, the Server-Timing field, or \
            nowhere; with the last two, each expected status is a success");

    /// The service time.
    TIMING_TOTAL = Opt::new("--server-timing-total", Group::Site).value("NAME")
        .unset("total, app, or the longest")
        .help("metric of Server-Timing that is the service time (server_buy_elapsed_seconds)");

    /// Other fields with a time.
    SERVER_HEADER = Opt::new("--server-header", Group::Site).value("NAME").repeatable()
        .help("response field with a time of the server, such as X-Runtime: seconds, unless ms, us or s \
            follows the number; repeatable. The first is the service time where no report or metric is");
}
