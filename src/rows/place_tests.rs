//! Tests of place.

use super::*;

#[test]
fn errors_name_the_hint() {
    let path = Path::new("report.csv");
    for (errno, expected) in [
        (libc::EACCES, "change its permissions"),
        (libc::EROFS, "on another file system"),
        (libc::ENOSPC, "free some space"),
        (libc::ENOTDIR, "a part of the path is a file"),
        (libc::ENAMETOOLONG, "choose another file"),
    ] {
        let message = PlaceError::of(path, io::Error::from_raw_os_error(errno)).to_string();
        assert!(message.contains(expected), "{message}");
    }
}
