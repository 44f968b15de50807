use super::super::Status;
use super::*;

const WHOLE: &str = r#"{"cpu_usage": 1, "elapsed_seconds": 0.2, "error_msg": "", "memory_usage": 3,
    "result": true, "started_time": "a", "stopped_time": "b"}"#;

fn answer(status: u16, body: &str) -> Result<Page, Failure> {
    Ok(Page {
        status,
        path: "/rdbms/2/details/".to_owned(),
        body: body.as_bytes().to_vec(),
        ..Page::default()
    })
}

fn details(text: &str) -> Details {
    let form = r#"<input name="csrfmiddlewaretoken" value="t0k3n">"#;
    Details::of(match text {
        "token" => answer(200, form),
        "none" => answer(200, "<form>"),
        "404" => answer(404, "<title>Nothing</title>"),
        _ => Err(FailureKind::Timeout.into()),
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
fn csrf_by_page_option_and_purchase() {
    use Status::{Fail, Ok, Warn};
    let (accepted, refused) = (Some(false), Some(true));
    for (seen, asked, proof, status, part) in [
        ("token", false, None, Warn, "give --csrf"),
        ("token", false, accepted, Ok, "do not need one"),
        ("token", false, refused, Fail, "give --csrf"),
        ("token", true, None, Ok, "is sent with each purchase"),
        ("token", true, accepted, Ok, "is sent with each purchase"),
        ("token", true, refused, Fail, "CsrfViewMiddleware"),
        ("none", false, None, Ok, "/p/ has no token"),
        ("none", false, accepted, Ok, "no token"),
        ("none", false, refused, Fail, "give --csrf"),
        ("none", true, None, Fail, "leave --csrf out"),
        (
            "404",
            false,
            None,
            Warn,
            "404 Not Found, titled \"Nothing\"",
        ),
        ("404", false, accepted, Ok, "do not need a token"),
        ("404", true, None, Fail, "--products"),
        ("nothing", false, None, Warn, "timed out"),
    ] {
        let check = judge_csrf("/p/", &details(seen), asked, proof);
        assert_check(&check, status, &[part]);
    }
}

#[test]
fn purchases() {
    let refused = r#"{"result": false, "error_msg": "only 3 left"}"#;
    let csrf_page = "<title>403</title> CSRF verification failed";
    for (answer, csrf, status, parts) in [
        (
            answer(200, WHOLE),
            false,
            Status::Ok,
            &["/p/", "one item"][..],
        ),
        (answer(200, "{}"), false, Status::Ok, &["one item"]),
        (
            answer(200, refused),
            false,
            Status::Fail,
            &["refused", "only 3 left", "stock"],
        ),
        (
            answer(200, "<html>"),
            false,
            Status::Fail,
            &["no server report", "check --buy"],
        ),
        (
            answer(403, csrf_page),
            false,
            Status::Fail,
            &["CSRF", "give --csrf"],
        ),
        (
            answer(403, csrf_page),
            true,
            Status::Fail,
            &["CSRF", "MIDDLEWARE"],
        ),
        (
            answer(405, ""),
            false,
            Status::Fail,
            &["405", "check --buy"],
        ),
        (answer(201, WHOLE), false, Status::Fail, &["201", "log"]),
        (
            Err(FailureKind::Timeout.into()),
            false,
            Status::Fail,
            &["timed out", "--timeout"],
        ),
    ] {
        assert_check(&judge_sale("/p/", &Sale::of(answer), csrf), status, parts);
    }
}

#[test]
fn what_a_purchase_proves_about_csrf() {
    let proof = |answer| Sale::of(answer).csrf_refused();
    assert_eq!(proof(answer(200, WHOLE)), Some(false));
    assert_eq!(proof(answer(403, "CSRF")), Some(true));
    assert_eq!(proof(answer(403, "Forbidden")), None);
    assert_eq!(proof(Err(FailureKind::ConnectionReset.into())), None);
}

#[test]
fn keys_of_the_report() {
    let check = |body: &str| judge_report(&ServerReport::parse(body.as_bytes()).expect("a report"));
    assert_check(&check(WHOLE), Status::Ok, &["all figures", "no second"]);
    let both = WHOLE.replacen('{', &format!(r#"{{"rest": {WHOLE}, "#), 1);
    assert_check(&check(&both), Status::Ok, &["with a second"]);
    let less = WHOLE.replace("\"cpu_usage\": 1,", "\"cpu_usage\": null,");
    assert_check(&check(&less), Status::Warn, &["no cpu_usage (no second"]);
    let less = WHOLE.replacen('{', r#"{"rest": {"result": true}, "#, 1);
    assert_check(
        &check(&less),
        Status::Warn,
        &["rest.cpu_usage, no rest.elapsed_seconds"],
    );
    assert_check(
        &check("{}"),
        Status::Warn,
        &["no cpu_usage, no ", "no stopped_time"],
    );
}
