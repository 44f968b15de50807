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
        ]
    );
    assert_eq!(post_form(b"<form method=get><input name=a></form>"), None);
    assert_eq!(post_form(b"<form method=post>"), None);
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
