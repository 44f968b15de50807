//! Tests of request.

use super::*;

fn request(extra: &[&str], write: impl Fn(&RequestWriter, &mut Vec<u8>)) -> String {
    let extra: Vec<Field> = extra
        .iter()
        .map(|text| Field::parse(text).expect("a field"))
        .collect();
    let writer = RequestWriter::new("shop:8000", "test/1", &extra, &[], false);
    let mut out = Vec::new();
    write(&writer, &mut out);
    String::from_utf8(out).expect("ASCII")
}

#[test]
fn a_get_and_a_post() {
    assert_eq!(
        request(&[], |writer, out| writer.get("/rdbms", out)),
        "GET /rdbms HTTP/1.1\r\nHost: shop:8000\r\nUser-Agent: test/1\r\nAccept: */*\r\n\
             Accept-Encoding: identity\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(
        request(&[], |writer, out| writer.post("/b", 3, out)),
        "POST /b HTTP/1.1\r\nHost: shop:8000\r\nUser-Agent: test/1\r\nAccept: */*\r\n\
             Accept-Encoding: identity\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\n"
    );
}

#[test]
fn extra_fields_override_in_any_case_of_letters() {
    let get = request(&["host: other", "X-A: 1", "x-a: 2"], |writer, out| {
        writer.get("/", out);
    });
    assert!(!get.contains("shop:8000"), "{get}");
    assert!(
        get.ends_with("host: other\r\nX-A: 1\r\nx-a: 2\r\n\r\n"),
        "{get}"
    );
    let content_type = ["Content-Type: text/plain"];
    let post = request(&content_type, |writer, out| writer.post("/", 0, out));
    assert_eq!(post.matches("Content-Type").count(), 1, "{post}");
    let get = request(&content_type, |writer, out| writer.get("/", out));
    assert!(!get.contains("Content-Type"), "a GET has no content: {get}");
}

#[test]
fn fields_for_posts_replace_the_others_in_posts() {
    let field = |text| Field::parse(text).expect("a field");
    let extra = [field("Cookie: a=1"), field("X-A: 1")];
    let for_posts = [field("cookie: a=1; b=2")];
    let writer = RequestWriter::new("h", "", &extra, &for_posts, true);
    let (mut get, mut post) = (Vec::new(), Vec::new());
    writer.get("/", &mut get);
    writer.post("/", 0, &mut post);
    let (get, post) = (
        String::from_utf8_lossy(&get),
        String::from_utf8_lossy(&post),
    );
    assert!(
        get.contains("Cookie: a=1\r\n") && !get.contains("b=2"),
        "{get}"
    );
    assert!(
        post.contains("cookie: a=1; b=2\r\n") && !post.contains("Cookie:"),
        "{post}"
    );
    assert!(post.contains("X-A: 1\r\n"), "{post}");
}

#[test]
fn fields_that_could_break_the_request_are_refused() {
    for text in [
        "no colon",
        ": x",
        "a b: x",
        "a: x\r\nb: y",
        "a: \0",
        "ä: x",
        "a\t: x",
    ] {
        assert!(Field::parse(text).is_err(), "{text:?}");
    }
    let field = Field::parse("Cookie:  a=b\tc ").expect("a field");
    assert_eq!(
        (field.name.as_str(), field.value.as_str()),
        ("Cookie", "a=b\tc")
    );
}
