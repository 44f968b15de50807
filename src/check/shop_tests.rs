use pico_args::Arguments;

use super::super::Status;
use super::*;
use crate::prepare::fetch::Times;

fn scenario() -> Scenario {
    let words = ["-t", "http://h:8000", "-d", "rdbms"];
    let args = Arguments::from_vec(words.iter().map(Into::into).collect());
    prepare::bare(
        &crate::cli::run::parse(args, None).expect("settings").shop,
        true,
    )
}

fn page(status: u16, path: &str, redirects: u8) -> Result<Page, Failure> {
    Ok(Page {
        status,
        path: path.to_owned(),
        redirects,
        body: b"<title>Oh\x1b no</title>".to_vec(),
        times: Times {
            started: 1_000_000,
            sent: 2_000_000,
            received: 3_500_000,
        },
        ..Page::default()
    })
}

#[track_caller]
fn assert_check(check: &Check, status: Status, parts: &[&str]) {
    assert_eq!(check.status, status, "{check:?}");
    let line = format!("{}: {}", check.finding, check.hint.as_deref().unwrap_or(""));
    for part in parts {
        assert!(line.contains(part), "{part:?} is not in {line:?}");
    }
}

#[test]
fn a_redirect_to_https_is_told_with_the_target_to_give() {
    let led = |to| Failure::with_detail(FailureKind::ForeignRedirect, to);
    let check = judge_home(&Err(led("https://h")), &scenario());
    assert_check(
        &check,
        Status::Fail,
        &["SECURE_SSL_REDIRECT", "give -t https://h"],
    );
    let check = judge_home(&Err(led("http://other")), &scenario());
    assert_check(&check, Status::Fail, &["http://other", "--target"]);
    assert!(!check.finding.contains("HTTPS"), "{check:?}");
}

#[test]
fn home_pages() {
    for (home, status, parts) in [
        (
            page(200, "/rdbms/", 1),
            Status::Ok,
            &[
                "200 from /rdbms/",
                "redirect",
                "21 bytes",
                "2.500 ms",
                "-p /",
            ][..],
        ),
        (page(200, "/rdbms", 0), Status::Ok, &["200 from /rdbms,"]),
        (page(200, "/login/", 1), Status::Ok, &["1 redirects"]),
        (
            page(404, "/rdbms/", 1),
            Status::Fail,
            &["404 Not Found", "--app-dirname"],
        ),
        (page(400, "/rdbms", 0), Status::Fail, &["ALLOWED_HOSTS"]),
        (page(403, "/rdbms", 0), Status::Fail, &["Cookie"]),
        (
            page(500, "/rdbms", 0),
            Status::Fail,
            &["titled", "traceback"],
        ),
        (page(204, "/rdbms", 0), Status::Fail, &["204", "curl"]),
        (
            Err(FailureKind::ForeignRedirect.into()),
            Status::Fail,
            &["/rdbms: redirect to another origin", "--target"],
        ),
        (
            Err(FailureKind::BadHead.into()),
            Status::Fail,
            &["not an HTTP", "curl"],
        ),
        (
            Err(FailureKind::BodyTooLarge.into()),
            Status::Warn,
            &["larger than"],
        ),
    ] {
        assert_check(&judge_home(&home, &scenario()), status, parts);
    }
}

#[test]
fn products_on_the_home_page_and_elsewhere() {
    let ids = |ids: &[&str]| -> Vec<String> { ids.iter().map(|&id| id.to_owned()).collect() };
    let listed = |list: &[&str]| Products::Listed(ids(list));
    for (wanted, linked, status, parts) in [
        (
            listed(&["2", "3"]),
            ids(&["3", "2", "9"]),
            Status::Ok,
            &["all on", "2, 3"][..],
        ),
        (
            listed(&["2", "3"]),
            ids(&["3"]),
            Status::Ok,
            &["1 of the 2", "not: 2"],
        ),
        (
            listed(&["2"]),
            ids(&["7", "8"]),
            Status::Warn,
            &["none of the 1", "auto", "7, 8"],
        ),
        (
            listed(&["2"]),
            ids(&[]),
            Status::Warn,
            &["no link", "/rdbms/ID/details/", "--buy"],
        ),
        (
            Products::Auto,
            ids(&["1", "2", "3", "4", "5", "6"]),
            Status::Ok,
            &["6 found", "5, …"],
        ),
        (
            Products::Auto,
            ids(&[]),
            Status::Fail,
            &["no link", "--products ID"],
        ),
    ] {
        assert_check(&judge_products(&wanted, &linked, "/rdbms/"), status, parts);
    }
}

#[test]
fn what_is_missing_is_named() {
    let nowhere = Visit::default();
    assert_eq!(nowhere.shelf(), Err(NO_CONNECTION));
    let mut visit = Visit {
        address: Some(([127, 0, 0, 1], 80).into()),
        ..Visit::default()
    };
    assert_eq!(visit.shelf(), Err(NO_ANSWER));
    visit.home = Some(Page::default());
    assert!(
        visit
            .shelf()
            .is_err_and(|missing| missing.contains("product"))
    );
    visit.products = vec!["2".to_owned()];
    assert!(visit.shelf().is_ok());
}

#[test]
fn a_kept_connection_matters_with_keep_alive() {
    assert_check(&judge_keep_alive(true, true), Status::Ok, &["keeps"]);
    assert_check(&judge_keep_alive(true, false), Status::Ok, &["keeps"]);
    assert_check(&judge_keep_alive(false, false), Status::Ok, &["closes"]);
    let check = judge_keep_alive(false, true);
    assert_check(&check, Status::Warn, &["changes nothing", "gthread"]);
}
