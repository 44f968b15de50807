//! The products and their stock.

/// The shop's two applications with their products, as in the Django shop.
pub const APPS: [(&str, &[&str]); 2] = [
    ("rdbms", &["2", "3", "4", "5"]),
    (
        "cassandra",
        &[
            "c382310f-bbf9-445b-bec8-cfb9d723cda7",
            "734951a1-b6b4-4412-af22-791366fe8698",
            "f259a3b5-e8bd-4494-b6ac-d1bd269c88a2",
            "466a83c1-f2c2-4e35-8d10-8533f496a8e2",
            "04a96d73-3aa3-4ee7-b52e-b44351805b95",
        ],
    ),
];

/// A product that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    app: usize,
    index: usize,
}

impl Product {
    /// Finds a product by its application's index and its id.
    pub fn find(app: usize, id: &str) -> Option<Product> {
        let (_, ids) = APPS.get(app)?;
        let index = ids.iter().position(|known| *known == id)?;
        Some(Product { app, index })
    }

    /// The application's name.
    pub fn app(self) -> &'static str {
        APPS[self.app].0
    }

    /// The product's id.
    pub fn id(self) -> &'static str {
        APPS[self.app].1[self.index]
    }
}

/// The application of a name, as an index into [`APPS`].
pub fn app_named(name: &str) -> Option<usize> {
    APPS.iter().position(|(known, _)| *known == name)
}

/// The stock of each product.
#[derive(Clone, Debug)]
pub struct Inventory {
    left: [Vec<u64>; APPS.len()],
}

impl Inventory {
    /// A stock of `pieces` of each product.
    pub fn new(pieces: u64) -> Inventory {
        Inventory {
            left: APPS.map(|(_, ids)| vec![pieces; ids.len()]),
        }
    }

    /// Pieces left of a product.
    pub fn left(&self, product: Product) -> u64 {
        self.left[product.app][product.index]
    }

    /// Takes pieces out, either all or nothing. The error is the number of pieces left.
    pub fn take(&mut self, product: Product, pieces: u32) -> Result<(), u64> {
        let left = &mut self.left[product.app][product.index];
        match left.checked_sub(pieces.into()) {
            Some(fewer) => {
                *left = fewer;
                Ok(())
            }
            None => Err(*left),
        }
    }

    /// All products.
    pub fn products() -> impl Iterator<Item = Product> {
        let of_app = |(app, (_, ids)): (usize, (&str, &[&str]))| {
            (0..ids.len()).map(move |index| Product { app, index })
        };
        APPS.into_iter().enumerate().flat_map(of_app)
    }
}

#[cfg(test)]
#[path = "inventory_tests.rs"]
mod tests;
