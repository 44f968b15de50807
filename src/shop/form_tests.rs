//! Tests of form.

use super::*;
use proptest::prelude::*;

fn quantity(body: &str) -> Result<u32, FormError> {
    Form::read(body.as_bytes()).quantity
}

#[test]
fn a_good_form() {
    let form =
        Form::read(b"email=a%40b.org&repeat_email=a@b.org&quantity=98&csrfmiddlewaretoken=t");
    assert_eq!(form.quantity, Ok(98));
    assert_eq!(form.email.as_deref(), Some("a@b.org"));
    assert_eq!(form.csrf.as_deref(), Some("t"));
}

#[test]
fn each_check() {
    let with_email =
        |email: &str| quantity(&format!("email={email}&repeat_email={email}&quantity=1"));
    for email in [
        "",
        "a",
        "@b.org",
        "a@",
        "a@b",
        "a@.org",
        "a@b..org",
        "a@b@c.org",
        "a+b@c.org",
        "a%0ab@c.org",
    ] {
        assert_eq!(with_email(email), Err(FormError::Email), "{email:?}");
    }
    assert_eq!(
        with_email(&format!("{}@b.org", "x".repeat(249))),
        Err(FormError::Email)
    );
    assert_eq!(with_email("a%2Bb@c.org"), Ok(1));
    assert_eq!(quantity(""), Err(FormError::Email));
    assert_eq!(
        quantity("email=a@b.org&quantity=1"),
        Err(FormError::RepeatEmail)
    );
    assert_eq!(
        quantity("email=a@b.org&repeat_email=c@b.org&quantity=1"),
        Err(FormError::RepeatEmail)
    );
    for text in [
        "",
        "0",
        "-1",
        "%2B1",
        "1.5",
        "x",
        "1000001",
        "99999999999999999999",
    ] {
        let body = format!("email=a@b.org&repeat_email=a@b.org&quantity={text}");
        assert_eq!(quantity(&body), Err(FormError::Quantity), "{text:?}");
    }
    assert_eq!(
        quantity("email=a@b.org&repeat_email=a@b.org&quantity=1&quantity=2"),
        Ok(2)
    );
}

proptest! {
    #[test]
    fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let form = Form::read(&body);
        prop_assert!(form.quantity.is_err() || form.email.is_some());
    }
}
