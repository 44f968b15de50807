//! Who buys what: pure and seeded. The same seed makes the same shoppers.

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

/// The domain of all addresses (RFC 2606: nobody's).
pub const DOMAIN: &str = "example.com";

/// What all shoppers of a run do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orders {
    /// Decides all that is random.
    pub seed: u64,
    /// How many products there are to choose from; at least one.
    pub products: usize,
    /// The number of the first shopper: parts of a run that follow one another have shoppers of their
    /// own.
    pub first: u64,
}

impl Orders {
    /// What shopper `index` does: a function of the seed and the numbers alone.
    pub fn order(&self, index: u64) -> Order {
        let number = self.first.wrapping_add(index).wrapping_add(GOLDEN);
        let mut random = SplitMix64(mix(self.seed ^ mix(number)));
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
mod tests {
    use super::*;
    use std::collections::HashSet;

    const ORDERS: Orders = Orders {
        seed: 7,
        products: 4,
        first: 0,
    };

    #[test]
    fn the_same_seed_makes_the_same_shoppers_and_another_makes_others() {
        let other = Orders { seed: 8, ..ORDERS };
        assert_eq!(ORDERS.order(3), ORDERS.order(3));
        assert_ne!(ORDERS.order(3), other.order(3));
        let later = Orders { first: 2, ..ORDERS };
        assert_eq!(later.order(1), ORDERS.order(3));
    }

    #[test]
    fn all_values_occur_and_none_outside() {
        let orders: Vec<Order> = (0..10_000).map(|i| ORDERS.order(i)).collect();
        let quantities: HashSet<u8> = orders.iter().map(|o| o.quantity).collect();
        let products: HashSet<usize> = orders.iter().map(|o| o.product).collect();
        let addresses: HashSet<[u8; 10]> = orders.iter().map(|o| o.address).collect();
        assert_eq!(quantities, (1..=98).collect());
        assert_eq!(products, (0..4).collect());
        assert_eq!(addresses.len(), 10_000, "no address twice");
        let letters: HashSet<u8> = addresses.iter().flatten().copied().collect();
        assert_eq!(letters.len(), 36);
    }

    #[test]
    fn the_form_as_the_shop_reads_it() {
        for (quantity, text) in [(7, "7"), (98, "98")] {
            let order = Order {
                address: *b"0123456abc",
                quantity,
                product: 0,
            };
            let mut form = Vec::new();
            order.write_form(&mut form);
            assert_eq!(form.len(), order.form_bytes());
            let fields: Vec<_> = url::form_urlencoded::parse(&form).into_owned().collect();
            let address = "0123456abc@example.com".to_owned();
            assert_eq!(
                fields,
                [
                    ("email".to_owned(), address.clone()),
                    ("repeat_email".to_owned(), address),
                    ("quantity".to_owned(), text.to_owned())
                ]
            );
        }
    }
}
