//! Which parts of the runs found are compared with which.

use std::path::{Path, PathBuf};

use crate::comparison::{By, Context};
use crate::plan::Kind;
use crate::report::{FoundPart, FoundRun, Place};

use super::error::CompareError;
use super::{MOST_PARTS, MOST_SIDES};

/// The sides, the baseline first, and the parts of each.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sides {
    pub by: By,
    pub names: Vec<String>,
    pub members: Vec<Member>,
    /// Whether levels are ignored, as some parts of the oldest reports have none.
    pub ignores_levels: bool,
    /// Parts that are left out, as a signal ended them early.
    pub cut: usize,
}

/// A part, and where it belongs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub place: Place,
    pub side: usize,
    pub context: Context,
}

/// The sides of runs; `by` is chosen where it is not given.
pub(super) fn sides(
    runs: &[FoundRun],
    files: &[PathBuf],
    by: Option<By>,
    baseline: Option<&str>,
) -> Result<Sides, CompareError> {
    let by = by.unwrap_or_else(|| chosen(runs, files));
    let mut sides = Sides {
        by,
        names: Vec::new(),
        members: Vec::new(),
        ignores_levels: false,
        cut: 0,
    };
    for (number, run) in runs.iter().enumerate() {
        for (part, found) in run.parts.iter().enumerate() {
            // A part that a signal ended early is not comparable with whole ones.
            let is_cut = found.facts.is_cut && run.parts.len() > 1;
            let Some(name) = name(by, run, found) else {
                continue;
            };
            if is_cut {
                sides.cut += 1;
                continue;
            }
            let known = sides.names.iter().position(|of| *of == name);
            let side = known.unwrap_or_else(|| {
                sides.names.push(name);
                sides.names.len() - 1
            });
            sides.members.push(Member {
                place: Place { run: number, part },
                side,
                context: context(by, found),
            });
        }
    }
    sides.put_in_order(runs, files);
    sides.check()?;
    sides.forgive_missing_levels(runs);
    if let Some(given) = baseline {
        sides.put_first(given, runs)?;
    }
    Ok(sides)
}

/// What there is more than one of.
fn chosen(runs: &[FoundRun], files: &[PathBuf]) -> By {
    if files.len() > 1 {
        return By::File;
    }
    let has_several = |by: By| {
        let mut names = runs.iter().flat_map(|run| {
            let parts = run.parts.iter();
            parts.filter_map(move |part| name(by, run, part))
        });
        match names.next() {
            None => false,
            Some(first) => names.any(|other| other != first),
        }
    };
    let choices = [By::Variant, By::Title, By::Level];
    choices
        .into_iter()
        .find(|by| has_several(*by))
        .unwrap_or(By::Run)
}

/// The name of the side that a part is of; absent where it is of none.
fn name(by: By, run: &FoundRun, part: &FoundPart) -> Option<String> {
    match by {
        By::File => run.files.first().map(|path| path.display().to_string()),
        By::Variant => part.facts.variant.clone(),
        By::Level => part.facts.level.map(|level| format!("-c {level}")),
        By::Run => Some(format!("run {}", run.number)),
        By::Title => Some(match (&*run.facts.title, &part.facts.variant) {
            ("", None) => "(no title)".to_owned(),
            (title, None) => title.to_owned(),
            ("", Some(variant)) => variant.clone(),
            (title, Some(variant)) => format!("{title} {variant}"),
        }),
    }
}

/// What parts must have in common to be compared.
fn context(by: By, part: &FoundPart) -> Context {
    let is_of_variant = matches!(by, By::Variant | By::Title);
    Context {
        level: part.facts.level.filter(|_| by != By::Level),
        variant: part.facts.variant.clone().filter(|_| !is_of_variant),
    }
}

impl Sides {
    /// Files as they were named, variants as they were named, levels ascending, others by their first starts:
    /// the titles of a run's variants in the order of the variants, as that of their starts was drawn.
    fn put_in_order(&mut self, runs: &[FoundRun], files: &[PathBuf]) {
        let variants: Vec<&String> = (runs.iter())
            .flat_map(|run| run.facts.variants.iter().map(|variant| &variant.name))
            .collect();
        let names = self.names.clone();
        let place = |side: usize| -> usize {
            let name = &names[side];
            let found = match self.by {
                By::File => files
                    .iter()
                    .position(|path| path.display().to_string() == *name),
                By::Variant => variants.iter().position(|of| *of == name),
                By::Level => name
                    .strip_prefix("-c ")
                    .and_then(|level| level.parse().ok()),
                By::Title => self.first_of(side, runs),
                By::Run => None,
            };
            found.unwrap_or(usize::MAX)
        };
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by_key(|side| (place(*side), *side));
        self.permute(&order);
    }

    /// Where a side begins: in which run, and as which of its variants.
    fn first_of(&self, side: usize, runs: &[FoundRun]) -> Option<usize> {
        const MOST_VARIANTS: usize = 10_000;
        let parts = self.members.iter().filter(|of| of.side == side);
        let places = parts.map(|of| {
            let run = &runs[of.place.run];
            let variant = &run.parts[of.place.part].facts.variant;
            let variants = run.facts.variants.iter();
            let number = variants
                .map(|of| Some(&of.name))
                .position(|name| name == variant.as_ref());
            of.place.run * MOST_VARIANTS + number.unwrap_or(0)
        });
        places.min()
    }

    /// The sides in that order of their present places.
    fn permute(&mut self, order: &[usize]) {
        self.names = order.iter().map(|side| self.names[*side].clone()).collect();
        for member in &mut self.members {
            let place = order.iter().position(|side| *side == member.side);
            member.side = place.expect("an order has all sides");
        }
    }

    /// The oldest reports have no level: their runs are compared with those of any, but of one level each.
    fn forgive_missing_levels(&mut self, runs: &[FoundRun]) {
        let is_missing = |member: &Member| {
            let run = &runs[member.place.run];
            run.is_guessed && run.kind() != Kind::Open && member.context.level.is_none()
        };
        let is_one_level = |side: usize| {
            let mut levels: Vec<_> = (self.members.iter())
                .filter(|member| member.side == side)
                .map(|member| member.context.level)
                .collect();
            levels.dedup();
            levels.len() == 1
        };
        if self.by != By::Level
            && self.members.iter().any(is_missing)
            && (0..self.names.len()).all(is_one_level)
            && self
                .members
                .iter()
                .any(|member| member.context.level.is_some())
        {
            self.ignores_levels = true;
            self.members
                .iter_mut()
                .for_each(|member| member.context.level = None);
        }
    }

    fn check(&self) -> Result<(), CompareError> {
        if self.names.len() < 2 {
            return Err(CompareError::OneSide {
                what: match self.by {
                    By::File => "files",
                    By::Title => "titles",
                    By::Variant => "variants",
                    By::Level => "levels",
                    By::Run => "runs",
                },
                only: self.names.first().cloned(),
            });
        }
        if self.names.len() > MOST_SIDES {
            return Err(CompareError::TooManySides {
                sides: self.names.len(),
            });
        }
        for (side, name) in self.names.iter().enumerate() {
            let parts = self.members.iter().filter(|of| of.side == side).count();
            if parts > MOST_PARTS {
                return Err(CompareError::TooManyParts {
                    side: name.clone(),
                    parts,
                });
            }
        }
        Ok(())
    }

    /// Makes a side the baseline.
    fn put_first(&mut self, given: &str, runs: &[FoundRun]) -> Result<(), CompareError> {
        let is_meant = |name: &&String| {
            let name = name.as_str();
            name == given
                || match self.by {
                    By::Level => {
                        name.strip_prefix("-c ") == Some(given.trim_start_matches("-c").trim())
                    }
                    By::File => Path::new(name).file_name().is_some_and(|of| of == given),
                    By::Run => runs.iter().any(|run| {
                        name == format!("run {}", run.number)
                            && (run.number.to_string() == given
                                || run.facts.id.as_deref() == Some(given))
                    }),
                    _ => false,
                }
        };
        let exact = self.names.iter().position(|name| name == given);
        let found = exact.or_else(|| self.names.iter().position(|name| is_meant(&name)));
        let Some(first) = found else {
            return Err(CompareError::Baseline {
                given: given.to_owned(),
                sides: self.names.clone(),
            });
        };
        let others = (0..self.names.len()).filter(|side| *side != first);
        let order: Vec<usize> = std::iter::once(first).chain(others).collect();
        self.permute(&order);
        Ok(())
    }

    /// The parts that are all there is of a side in its context.
    pub fn alone(&self) -> Vec<Place> {
        let is_alone = |member: &&Member| {
            let same = (self.members.iter())
                .filter(|of| of.side == member.side && of.context == member.context);
            same.count() == 1
        };
        let alone = self.members.iter().filter(is_alone);
        alone.map(|member| member.place).collect()
    }
}

#[cfg(test)]
#[path = "sides_tests.rs"]
pub(in crate::compare) mod tests;
