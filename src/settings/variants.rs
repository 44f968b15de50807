//! Variants: configurations of a shop that one run compares.

use std::time::Duration;

use super::{Comparing, NetSettings, ShopSettings};

/// The variants of a run, and what is done beside them.
#[derive(Clone, Debug, PartialEq)]
pub struct Variants {
    /// At least two, each with another name, in the order given.
    pub list: Vec<Variant>,
    /// The command that is run once at the end.
    pub cleanup: Option<String>,
    /// The limit of each `--prepare` and of `--cleanup`; `None` for no limit.
    pub prepare_timeout: Option<Duration>,
    /// How long a target may take to answer after its command.
    pub ready_timeout: Duration,
    /// What is asked of the comparison that ends the run, and when it fails the run.
    pub comparing: Comparing,
}

/// One variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Its name as it was given: not empty, without control characters.
    pub name: String,
    /// Its shop, and the requests to it.
    pub shop: ShopSettings,
    /// How connections to it are made.
    pub net: NetSettings,
    /// What is run before each of its parts.
    pub hook: Option<Hook>,
}

/// What is run before a part, for `/bin/sh -c`, with the variant's name put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hook {
    /// A command that switches to the variant and returns.
    Prepare(String),
    /// A server in the foreground, which is ended after the part.
    Serve(String),
}
