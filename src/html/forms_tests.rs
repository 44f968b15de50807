//! Tests of forms.

use super::*;
use proptest::prelude::*;

#[test]
fn the_fields_of_a_form_are_found_in_order() {
    let page = br#"<form action="/search"><input name="q"></form>
        <FORM Method="POST" action="/cart/?a=1&amp;b=2">
        <input type="hidden" name="csrfmiddlewaretoken" value="t0k3n">
        <input type="email" name="email" required>
        <select name="size"><option value="">-</option><option value="L">large</option></select>
        <textarea name="note"></textarea><input type=number name=quantity value=1>
        <input type="submit" name="go" value="Buy"><input value="no name"></form>"#;
    let form = post_form(page).expect("a form");
    assert_eq!(form.action, "/cart/?a=1&b=2");
    let fields: Vec<_> = (form.fields.iter())
        .map(|field| {
            (
                field.name.as_str(),
                field.kind.as_str(),
                field.value.as_str(),
            )
        })
        .collect();
    assert_eq!(
        fields,
        [
            ("csrfmiddlewaretoken", "hidden", "t0k3n"),
            ("email", "email", ""),
            ("size", "select", "L"),
            ("note", "textarea", ""),
            ("quantity", "number", "1"),
            ("go", "submit", "Buy"),
        ]
    );
    assert_eq!(post_form(b"<form method=get><input name=a></form>"), None);
    assert_eq!(post_form(b"<form method=post>"), None);
}

/// What a browser would send without further choices.
#[test]
fn chosen_values_buttons_and_files_are_told_apart() {
    let page = br#"<form method=post><input type=radio name=r value=1><input type=radio name=r value=2 checked>
        <input type=radio name=s value=x><input type=radio name=s value=y>
        <select name=size><option value="">-<option value=S>S<option value=M selected>M</select>
        <input type=file name=photo><button name=go value=now>Buy</button><button type=button name=js>x</button>
        </form>"#;
    let form = post_form(page).expect("a form");
    let fields: Vec<_> = (form.fields.iter())
        .map(|field| (field.name.as_str(), field.value.as_str()))
        .collect();
    assert_eq!(
        fields,
        [("r", "2"), ("s", "x"), ("size", "M"), ("go", "now")]
    );
    assert_eq!(form.files, ["photo"]);
    let several =
        b"<form method=post><input name=a><button name=go value=1><button name=no value=2></form>";
    assert_eq!(post_form(several).expect("a form").fields.len(), 1);
}

/// Each byte of a page is searched once, whatever it repeats: this takes no time, where a search from every tag to
/// the end of the page would take hours.
#[test]
fn hostile_pages_take_time_in_proportion() {
    for part in [
        "<form method=post>",
        "<form method=post><input>",
        "<form method=post></form>",
        "<input ",
        "<form method=post><select name=a><option value>",
        "<meta name=csrf-token ",
    ] {
        let page = part.repeat((1 << 20) / part.len());
        let form = post_form(page.as_bytes());
        assert_eq!(form.is_some(), part.contains("<select"), "{part}");
        assert_eq!(super::super::csrf_token(page.as_bytes()), None);
    }
}

proptest! {
    #[test]
    fn any_page_is_read_within_bounds(page in "(<form method=post>|<input name=|<select|<option value=|</form>|\\PC|[<>a \"'=/]){0,60}") {
        if let Some(form) = post_form(page.as_bytes()) {
            prop_assert!((1..=MOST_FIELDS).contains(&form.fields.len()));
            prop_assert!(form.fields.iter().all(|field| !field.name.is_empty()));
        }
    }
}
