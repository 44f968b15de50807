//! Tests of csrf.

use super::*;
use pico_args::Arguments;

fn page(cookies: &[&str], body: &str) -> Page {
    Page {
        status: 200,
        path: "/".to_owned(),
        cookies: cookies.iter().map(|&cookie| cookie.to_owned()).collect(),
        body: body.as_bytes().to_vec(),
        ..Page::default()
    }
}

fn shop(more: &[&str]) -> ShopSettings {
    let words = ["-t", "http://h:8000", "-d", "rdbms"].iter().chain(more);
    let args = Arguments::from_vec(words.map(Into::into).collect());
    crate::cli::run::parse(args, None).expect("settings").shop
}

#[test]
fn a_token_is_found_in_form_and_cookie() {
    let cookies = [
        "csrftoken=secret; Path=/; SameSite=Lax",
        "sessionid=s1; HttpOnly",
    ];
    for form in [
        r#"<input type="hidden" name="csrfmiddlewaretoken" value="Tok3n">"#,
        "<input value='Tok3n' type=hidden name=csrfmiddlewaretoken />",
    ] {
        let found = CsrfToken::find(&page(&cookies, form)).expect("a token");
        assert_eq!(found.token, "Tok3n");
        assert_eq!(found.cookies, "csrftoken=secret; sessionid=s1");
        assert_eq!(found.form_suffix(), b"&csrfmiddlewaretoken=Tok3n");
    }
    let found = CsrfToken::find(&page(&cookies, "no form")).expect("the cookie's");
    assert_eq!(found.token, "secret");
    assert_eq!(CsrfToken::find(&page(&["sessionid=s1"], "no form")), None);
    let hostile = r#"<input name="csrfmiddlewaretoken" value="a&b=c">"#;
    assert_eq!(CsrfToken::find(&page(&[], hostile)), None);
}

#[test]
fn the_fields_that_django_requires() {
    let token = CsrfToken {
        cookies: "csrftoken=x".to_owned(),
        token: "t".to_owned(),
    };
    let texts = |shop: &ShopSettings| -> Vec<String> {
        let fields = token.fields(shop);
        fields
            .iter()
            .map(|f| format!("{}: {}", f.name, f.value))
            .collect()
    };
    assert_eq!(
        texts(&shop(&[])),
        [
            "Cookie: csrftoken=x",
            "Referer: http://h:8000/",
            "Origin: http://h:8000"
        ]
    );
    assert_eq!(
        texts(&shop(&[
            "-H",
            "Cookie: a=1",
            "-H",
            "Host: shop",
            "-H",
            "Referer: http://r/"
        ])),
        ["Cookie: a=1; csrftoken=x", "Origin: http://shop"]
    );
}
