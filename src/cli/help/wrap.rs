//! Breaking text into lines.

/// The words of a text in lines of at most `width` characters; a longer word has a line to itself.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if length(line) + 1 + length(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The number of characters.
pub fn length(text: &str) -> usize {
    text.chars().count()
}

/// A left column and lines beside it, from a column on; where the left one is too long for that, they
/// begin below it.
pub fn beside(left: &str, lines: &[String], column: usize) -> String {
    let mut out = String::new();
    let mut lines = lines.iter();
    out.push_str(left);
    if length(left) + 2 <= column
        && let Some(first) = lines.next()
    {
        out.push_str(&" ".repeat(column - length(left)));
        out.push_str(first);
    }
    out.push('\n');
    for line in lines {
        out.push_str(&" ".repeat(column));
        out.push_str(line);
        out.push('\n');
    }
    out
}
