//! Fault injection for testing clients: which kind of fault applies to which purchase.
//!
//! They are distributed by counters, not at random, so that a test can count them: with a kind of share
//! s, the n-th purchase (counted from 0) is affected if ⌊(n+1)·s⌋ > ⌊n·s⌋. The kinds are applied one
//! after the other: the second one counts only the purchases that the first did not affect, and its
//! share of those is raised so that it is `s` of all.

use std::fmt;

use crate::stats::share::Share;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The connection is reset as soon as it is accepted; applies to connections, not purchases.
    Refuse,
    /// Reset before any byte of the answer.
    Reset,
    /// Reset in the middle of the answer.
    ResetWithin,
    /// No answer; the connection is held until the client closes it.
    Stall,
    /// The answer is sent at one byte every 2 ms.
    SlowDrip,
    /// 500 with an HTML page.
    Error500,
    /// 502 with an HTML page.
    Error502,
    /// 200 with HTML in place of the report.
    Html,
    /// The `Content-Length` is right, the connection is closed in the middle of the body.
    Cut,
    /// The `Content-Length` is 64 bytes larger than the body, then the connection is closed.
    WrongLength,
    /// Closed without an answer.
    Close,
    /// 403 as from CSRF protection.
    Csrf,
    /// No byte of the TLS handshake is answered; applies to connections, as the next three.
    TlsStall,
    /// The ClientHello is answered by a reset.
    TlsReset,
    /// The ClientHello is answered by a fatal alert, `handshake_failure`.
    TlsAlert,
    /// The ClientHello is answered by plain HTTP.
    TlsPlain,
    /// The last TLS record of the answer is corrupted.
    TlsCorrupt,
    /// The answer has no `Content-Length`, and stops in the middle of the body without `close_notify`.
    TlsTruncate,
}

impl FaultKind {
    /// All kinds.
    pub const ALL: [FaultKind; 18] = [
        FaultKind::Refuse,
        FaultKind::Reset,
        FaultKind::ResetWithin,
        FaultKind::Stall,
        FaultKind::SlowDrip,
        FaultKind::Error500,
        FaultKind::Error502,
        FaultKind::Html,
        FaultKind::Cut,
        FaultKind::WrongLength,
        FaultKind::Close,
        FaultKind::Csrf,
        FaultKind::TlsStall,
        FaultKind::TlsReset,
        FaultKind::TlsAlert,
        FaultKind::TlsPlain,
        FaultKind::TlsCorrupt,
        FaultKind::TlsTruncate,
    ];

    /// The name on the command line and in `/stats`.
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::Refuse => "refuse",
            FaultKind::Reset => "reset",
            FaultKind::ResetWithin => "reset-within",
            FaultKind::Stall => "stall",
            FaultKind::SlowDrip => "slow-drip",
            FaultKind::Error500 => "500",
            FaultKind::Error502 => "502",
            FaultKind::Html => "html",
            FaultKind::Cut => "cut",
            FaultKind::WrongLength => "wrong-length",
            FaultKind::Close => "close",
            FaultKind::Csrf => "csrf",
            FaultKind::TlsStall => "tls-stall",
            FaultKind::TlsReset => "tls-reset",
            FaultKind::TlsAlert => "tls-alert",
            FaultKind::TlsPlain => "tls-plain",
            FaultKind::TlsCorrupt => "tls-corrupt",
            FaultKind::TlsTruncate => "tls-truncate",
        }
    }

    /// Whether it applies to connections as they are accepted: the others apply to purchases.
    pub fn strikes_connections(self) -> bool {
        matches!(
            self,
            FaultKind::Refuse
                | FaultKind::TlsStall
                | FaultKind::TlsReset
                | FaultKind::TlsAlert
                | FaultKind::TlsPlain
        )
    }

    /// Whether it is a fault of TLS.
    pub fn needs_tls(self) -> bool {
        matches!(
            self,
            FaultKind::TlsStall
                | FaultKind::TlsReset
                | FaultKind::TlsAlert
                | FaultKind::TlsPlain
                | FaultKind::TlsCorrupt
                | FaultKind::TlsTruncate
        )
    }

    /// Whether the purchase is carried out and only its answer is corrupted.
    pub fn spoils_only_the_answer(self) -> bool {
        matches!(
            self,
            FaultKind::ResetWithin
                | FaultKind::SlowDrip
                | FaultKind::Cut
                | FaultKind::WrongLength
                | FaultKind::TlsCorrupt
                | FaultKind::TlsTruncate
        )
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why `--fault` is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultError {
    /// The name of an unknown kind.
    UnknownKind(String),
    /// What follows the kind is not a share; the part, and its kind.
    BadShare(String, FaultKind),
    /// A kind that was given before.
    Twice(FaultKind),
    /// The shares add up to more than 1.
    TooMany,
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultError::UnknownKind(name) => {
                let known = FaultKind::ALL.map(FaultKind::name).join(", ");
                write!(f, "unknown kind {name:?}: give one of {known}")
            }
            FaultError::BadShare(part, kind) => write!(
                f,
                "{part:?}: give a share from 0 to 1 or a percentage, such as {kind}:0.3 or {kind}:30%"
            ),
            FaultError::Twice(kind) => write!(f, "{kind} is given twice: give it once"),
            FaultError::TooMany => f.write_str("the shares add up to more than 1: lower them"),
        }
    }
}

/// The faults of `--fault`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    shares: Vec<(FaultKind, Share)>,
}

impl Faults {
    /// Reads `KIND:SHARE,…`; the error names the part that is wrong.
    pub fn parse(text: &str) -> Result<Faults, FaultError> {
        let mut shares: Vec<(FaultKind, Share)> = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (name, share) = match part.split_once(':') {
                Some((name, share)) => (name.trim(), share.trim()),
                None => (part, ""),
            };
            let Some(kind) = FaultKind::ALL.into_iter().find(|kind| kind.name() == name) else {
                return Err(FaultError::UnknownKind(name.to_owned()));
            };
            let Some(share) = Share::parse(share) else {
                return Err(FaultError::BadShare(part.to_owned(), kind));
            };
            if shares.iter().any(|&(earlier, _)| earlier == kind) {
                return Err(FaultError::Twice(kind));
            }
            shares.push((kind, share));
        }
        let sum: u64 = shares.iter().map(|(_, share)| share.billionths()).sum();
        if sum > Share::WHOLE.billionths() {
            return Err(FaultError::TooMany);
        }
        Ok(Faults { shares })
    }

    /// The kinds, in the order given.
    pub fn kinds(&self) -> impl Iterator<Item = FaultKind> {
        self.shares.iter().map(|&(kind, _)| kind)
    }
}

/// Distributes the faults.
#[derive(Debug)]
pub struct Dealer {
    connections: Vec<(FaultKind, Spread)>,
    purchases: Vec<(FaultKind, Spread)>,
}

/// Selects `numerator` of `denominator`, evenly.
#[derive(Clone, Copy, Debug)]
struct Spread {
    numerator: u64,
    denominator: u64,
    /// n · numerator mod denominator: the remainder after the n-th.
    over: u64,
}

impl Spread {
    fn strikes(&mut self) -> bool {
        self.over += self.numerator;
        let strikes = self.over >= self.denominator;
        if strikes {
            self.over -= self.denominator;
        }
        strikes
    }
}

impl Dealer {
    /// Counts from the first connection and the first purchase.
    pub fn new(faults: &Faults) -> Dealer {
        let spreads = |of_connections: bool| {
            let mut left = Share::WHOLE.billionths();
            let shares = faults.shares.iter();
            shares
                .filter(|(kind, share)| {
                    kind.strikes_connections() == of_connections && share.billionths() > 0
                })
                .map(|&(kind, share)| {
                    let spread = Spread {
                        numerator: share.billionths(),
                        denominator: left,
                        over: 0,
                    };
                    left -= spread.numerator;
                    (kind, spread)
                })
                .collect()
        };
        Dealer {
            connections: spreads(true),
            purchases: spreads(false),
        }
    }

    /// The fault of the next connection.
    pub fn next_connection(&mut self) -> Option<FaultKind> {
        next(&mut self.connections)
    }

    /// The fault of the next purchase.
    pub fn next_purchase(&mut self) -> Option<FaultKind> {
        next(&mut self.purchases)
    }
}

fn next(spreads: &mut [(FaultKind, Spread)]) -> Option<FaultKind> {
    let struck = |(kind, spread): &mut (FaultKind, Spread)| spread.strikes().then_some(*kind);
    spreads.iter_mut().find_map(struck)
}

#[cfg(test)]
#[path = "faults_tests.rs"]
mod tests;
