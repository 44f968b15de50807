use super::*;

/// RFC 4648 section 10.
#[test]
fn base64_is_that_of_the_rfc() {
    let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
    let expected = [
        "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy",
    ];
    assert_eq!(texts.map(|text| base64(text.as_bytes())), expected);
}

/// `printf '' | openssl dgst -sha256 -binary | base64`
#[test]
fn the_policy_has_the_hashes_of_both_texts() {
    let policy = policy("", "a");
    assert!(policy.contains("style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"));
    assert!(policy.contains("script-src 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='"));
    assert!(policy.starts_with("default-src 'none';"));
}
