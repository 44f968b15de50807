//! What each shopper buys: pure and seeded. The same seed makes the same shoppers.

use super::random::{GOLDEN, SplitMix64, mix};

/// What one shopper does, fixed before the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The part before `@example.com`: `0-9a-z`.
    pub address: [u8; 10],
    /// 1 to 98.
    pub quantity: u8,
    /// An index into the products on sale.
    pub product: usize,
}

/// The number of a shopper, and what is random about it beside its order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The shopper's number in the run: parts of a run never share one.
    pub number: u64,
    /// Determines what else is random about the shopper.
    pub salt: u64,
}

/// The domain of all addresses (reserved by RFC 2606 section 3).
pub const DOMAIN: &str = "example.com";

/// What all shoppers of a run do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orders {
    /// Determines everything that is random.
    pub seed: u64,
    /// How many products there are to choose from; at least one.
    pub products: usize,
    /// The number of the first shopper: the parts of a run have different
    /// shoppers.
    pub first: u64,
}

impl Orders {
    /// The identity of shopper `index`: a function of the seed and the numbers alone.
    pub fn identity(&self, index: u64) -> Identity {
        let number = self.first.wrapping_add(index);
        Identity {
            number,
            salt: mix(self.seed ^ mix(number.wrapping_add(GOLDEN))),
        }
    }

    /// What shopper `index` does: a function of the seed and the numbers alone.
    pub fn order(&self, index: u64) -> Order {
        let mut random = SplitMix64(self.identity(index).salt);
        const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let mut address = [0; 10];
        for letter in &mut address {
            *letter = LETTERS[random.below(36) as usize];
        }
        Order {
            address,
            quantity: 1 + random.below(98) as u8,
            product: random.below(self.products as u64) as usize,
        }
    }
}

const FORM_NAMES: [&str; 3] = ["email=", "&repeat_email=", "&quantity="];
const FORM_AT: &str = "%40";

impl Order {
    /// The length of the purchase form in bytes.
    pub fn form_bytes(&self) -> usize {
        let names: usize = FORM_NAMES.iter().map(|name| name.len()).sum();
        let address = self.address.len() + FORM_AT.len() + DOMAIN.len();
        names + 2 * address + if self.quantity >= 10 { 2 } else { 1 }
    }

    /// Appends the purchase form, `application/x-www-form-urlencoded`.
    pub fn write_form(&self, out: &mut Vec<u8>) {
        let [email, repeat_email, quantity] = FORM_NAMES;
        for name in [email, repeat_email] {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(&self.address);
            out.extend_from_slice(FORM_AT.as_bytes());
            out.extend_from_slice(DOMAIN.as_bytes());
        }
        out.extend_from_slice(quantity.as_bytes());
        if self.quantity >= 10 {
            out.push(b'0' + self.quantity / 10);
        }
        out.push(b'0' + self.quantity % 10);
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
