//! Tests of what is posted.

use std::io::Write;

use pico_args::Arguments;
use tempfile::NamedTempFile;

use super::*;

fn file(text: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(text).expect("written");
    file
}

fn posted(words: &[&str]) -> Result<String, String> {
    let target = ["-t", "http://h:8000", "-d", "shop", "-b", "/buy/"];
    let words = target.iter().chain(words).map(Into::into).collect();
    let shop = crate::cli::run::parse(Arguments::from_vec(words), None)
        .expect("settings")
        .shop;
    let products = match &shop.products {
        crate::settings::Products::Listed(ids) => ids.clone(),
        crate::settings::Products::Auto => Vec::new(),
    };
    let orders = Orders {
        seed: 1,
        products: 1,
        first: 0,
    };
    let posting = read(&shop)
        .map_err(|error| error.line())?
        .expect("something");
    let posted = posting
        .of_products(&products, &orders)
        .map_err(|error| error.line())?;
    let mut out = Vec::new();
    let (order, of) = (orders.order(1), orders.identity(1));
    (posted.template).fill(&order, of, &posted.values, posted.encoding, &mut out);
    Ok(String::from_utf8(out).expect("text"))
}

#[test]
fn fields_are_posted_in_order_and_columns_after_them() {
    let csv = file(b"user,word\nann,1 2\nbob,3&4\n");
    let path = csv.path().to_str().expect("UTF-8");
    assert_eq!(
        posted(&["--form", "b c={n}", "--form", "a="]),
        Ok("b+c=1&a=".into())
    );
    assert_eq!(
        posted(&["--form-file", path]),
        Ok("user=bob&word=3%264".into())
    );
    assert_eq!(
        posted(&["--form", "login={word}!", "--form-file", path]),
        Ok("login=3%264%21&user=bob".into())
    );
    assert_eq!(
        posted(&["--form", "id={product_id}", "--products", "a%20b"]),
        Ok("id=a+b".into())
    );
}

#[test]
fn a_body_is_escaped_for_its_type() {
    let csv = file(b"name\nx\n\"A \"\"n\"\n");
    let columns = csv.path().to_str().expect("UTF-8");
    let body = file(br#"{"name": "{name}", "of": {"n": {n}}}"#);
    let path = body.path().to_str().expect("UTF-8");
    assert_eq!(
        posted(&["--body", path, "--form-file", columns]),
        Ok(r#"{"name": "A \"n", "of": {"n": 1}}"#.into())
    );
    let form = [
        "--body",
        path,
        "--form-file",
        columns,
        "--content-type",
        "text/plain",
    ];
    assert_eq!(
        posted(&form),
        Ok(r#"{"name": "A "n", "of": {"n": 1}}"#.into())
    );
}

#[test]
fn what_cannot_be_posted_is_said_on_one_line() {
    let short = file(b"a,b\n1\n");
    let short = short.path().to_str().expect("UTF-8");
    let csv = file(b"a\n1\n");
    let csv = csv.path().to_str().expect("UTF-8");
    let bad = file(b"{\"email\": {email}}");
    let bad = bad.path().to_str().expect("UTF-8");
    let binary = file(b"\xff");
    let binary = binary.path().to_str().expect("UTF-8");
    for (words, part) in [
        (
            &["--form", "a={nope}"][..],
            "--form a={nope}: unknown placeholder {nope}: write {email}",
        ),
        (
            &["--form", "a={nope}", "--form-file", csv],
            "a column of --form-file (a)",
        ),
        (
            &["--form-file", short],
            "line 2 has 1 columns, the header 2",
        ),
        (&["--form-file", "/nowhere"], "No such file"),
        (&["--form-file", "/"], "Is a directory"),
        (
            &["--body", bad],
            "it is not JSON with its placeholders filled in",
        ),
        (&["--body", binary], "it is not UTF-8"),
        (
            &["--body", bad, "--form-file", csv],
            "no placeholder for a column",
        ),
        (&["--form", "a={product_id}"], "no product ids are known"),
    ] {
        let line = posted(words).expect_err(part);
        assert!(line.contains(part), "{line}");
        assert_eq!(line.lines().count(), 1);
    }
}

/// Files are read when settings are checked, and again when a variant is prepared.
#[test]
fn pipes_are_refused_without_waiting_for_a_writer() {
    use std::os::fd::AsRawFd;
    let (reader, _writer) = std::io::pipe().expect("a pipe");
    let name = format!("/dev/fd/{}", reader.as_raw_fd());
    for option in ["--form-file", "--body"] {
        let error = posted(&[option, &name]).expect_err("a pipe");
        assert_eq!(
            error,
            format!("{option} {name:?}: a pipe cannot be read a second time: write it into a file")
        );
    }
}
