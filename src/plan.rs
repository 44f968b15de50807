//! Who buys what, and when: pure and seeded. The same seed makes the same shoppers.

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

/// A burst: all shoppers are due at the launch instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Decides all that is random.
    pub seed: u64,
    /// How many shoppers are launched together.
    pub shoppers: usize,
    /// How many products there are to choose from; at least one.
    pub products: usize,
}

impl Plan {
    /// What shopper `index` does: a function of the seed and the index alone.
    pub fn order(&self, index: u64) -> Order {
        let mut random = SplitMix64(mix(self.seed ^ mix(index.wrapping_add(GOLDEN))));
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

/// The generator of Steele, Lea and Flood ("Fast splittable pseudorandom number generators", 2014):
/// a few lines that will give the same shoppers in ten years, whatever a library does meanwhile.
struct SplitMix64(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Below `bound`, by multiplication: the bias is at most bound / 2^64.
    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const PLAN: Plan = Plan {
        seed: 7,
        shoppers: 10_000,
        products: 4,
    };

    #[test]
    fn the_generator_gives_the_published_numbers() {
        let mut random = SplitMix64(1_234_567);
        let numbers = [random.next(), random.next(), random.next()];
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn the_same_seed_makes_the_same_shoppers_and_another_makes_others() {
        let other = Plan { seed: 8, ..PLAN };
        assert_eq!(PLAN.order(3), PLAN.order(3));
        assert_ne!(PLAN.order(3), other.order(3));
    }

    #[test]
    fn all_values_occur_and_none_outside() {
        let orders: Vec<Order> = (0..10_000).map(|i| PLAN.order(i)).collect();
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
