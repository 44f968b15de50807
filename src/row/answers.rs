//! Which answers satisfy, and where the server's figures come from.

/// Where the server's figures on a purchase come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportKind {
    /// From the JSON report in the body.
    #[default]
    Json,
    /// From the Server-Timing field.
    ServerTiming,
    /// From nowhere.
    None,
}

impl ReportKind {
    /// Its word on a command line.
    pub fn name(self) -> &'static str {
        match self {
            ReportKind::Json => "json",
            ReportKind::ServerTiming => "server-timing",
            ReportKind::None => "none",
        }
    }
}

/// Accepted statuses: ranges in the order given, each from 200 to 599; without any, 200.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    ranges: Vec<(u16, u16)>,
}

impl Expected {
    /// Reads `200,302,400-404`; the error is the hint.
    pub fn parse(text: &str) -> Result<Expected, &'static str> {
        const HINT: &str = "give statuses from 200 to 599, such as 200,302 or 200-299";
        let status = |text: &str| {
            let text = text.trim();
            let is_digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
            let status = text.parse::<u16>().ok().filter(|_| is_digits);
            status
                .filter(|status| (200..=599).contains(status))
                .ok_or(HINT)
        };
        let range = |part: &str| match part.split_once('-') {
            None => status(part).map(|one| (one, one)),
            Some((from, to)) => {
                let (from, to) = (status(from)?, status(to)?);
                match from <= to {
                    true => Ok((from, to)),
                    false => Err("write the smaller status first, such as 200-299"),
                }
            }
        };
        let ranges = text.split(',').map(range).collect::<Result<_, _>>()?;
        Ok(Expected { ranges })
    }

    /// Whether a status is accepted.
    pub fn has(&self, status: u16) -> bool {
        match self.ranges.as_slice() {
            [] => status == 200,
            ranges => ranges
                .iter()
                .any(|(from, to)| (*from..=*to).contains(&status)),
        }
    }

    /// Whether it is only 200.
    pub fn is_usual(&self) -> bool {
        matches!(self.ranges.as_slice(), [] | [(200, 200)])
    }
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.ranges.is_empty() {
            return f.write_str("200");
        }
        for (place, (from, to)) in self.ranges.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            match from == to {
                true => write!(f, "{comma}{from}")?,
                false => write!(f, "{comma}{from}-{to}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
