//! The drawing of the modules in `src/lib.rs`, against the imports there are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The layer of each module, from the top; a first word before several blanks is a heading.
fn layers(lib: &str) -> BTreeMap<String, usize> {
    let drawing = lib.split("//! ```text\n").nth(1).expect("a drawing");
    let drawing = drawing.split("//! ```").next().expect("its end");
    let mut layers = BTreeMap::new();
    for (layer, line) in drawing.lines().enumerate() {
        // The headings take the first eleven columns.
        for module in line["//! ".len() + 11..].split_whitespace() {
            layers.insert(module.to_owned(), layer);
        }
    }
    layers
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            sources(&path, found);
        } else if name.ends_with(".rs") && !name.ends_with("_tests.rs") {
            found.push(path);
        }
    }
}

#[test]
fn imports_go_downward_as_drawn() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(src.join("lib.rs")).expect("the library");
    let layers = layers(&lib);
    let declared: Vec<&str> = (lib.lines())
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert!(declared.len() > 20, "{declared:?}");
    for module in &declared {
        assert!(layers.contains_key(*module), "{module} is not drawn");
    }
    assert_eq!(
        layers.len(),
        declared.len(),
        "a module that is drawn twice or gone"
    );

    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut upward = Vec::new();
    for file in files {
        let within = file.strip_prefix(&src).expect("below src");
        let first = within.iter().next().expect("a name").to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        let Some(own) = layers.get(&module) else {
            continue;
        };
        let text = fs::read_to_string(&file).expect("a source");
        // Comments may name modules above; so may helpers of tests.
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in lines {
            for part in line.split("crate::").skip(1) {
                let end = part.find(|c: char| !c.is_ascii_lowercase() && c != '_');
                let other = &part[..end.unwrap_or(part.len())];
                if layers.get(other).is_some_and(|layer| layer <= own) && other != module {
                    upward.push(format!("{}: {other}", within.display()));
                }
            }
        }
    }
    assert!(upward.is_empty(), "not downward: {upward:#?}");
}
