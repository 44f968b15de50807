//! A burst of shoppers at the Django shop, and what must hold of its rows and of the sales.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Stdio};

use profilerclient::plan::{DOMAIN, Orders};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::django_rows::*;
use crate::support::*;

pub const APPS: [&str; 2] = ["rdbms", "cassandra"];

const RDBMS: [&str; 4] = ["2", "3", "4", "5"];
const CASSANDRA: [&str; 5] = [
    "c382310f-bbf9-445b-bec8-cfb9d723cda7",
    "734951a1-b6b4-4412-af22-791366fe8698",
    "f259a3b5-e8bd-4494-b6ac-d1bd269c88a2",
    "466a83c1-f2c2-4e35-8d10-8533f496a8e2",
    "04a96d73-3aa3-4ee7-b52e-b44351805b95",
];

/// Address, product, quantity: what a shopper is to buy, or what was sold.
pub type Order = (String, String, u64);

/// One run of the program.
#[derive(Clone, Copy, Debug)]
pub struct Burst<'a> {
    pub app: &'a str,
    pub shoppers: usize,
    pub seed: u64,
    pub more: &'a [&'a str],
}

/// A run that is going on.
pub struct Running {
    child: Child,
    dir: TempDir,
    title: String,
    shoppers: usize,
}

/// A run that is over.
pub struct Run {
    pub rows: Vec<Row>,
    pub summary: String,
}

impl Burst<'_> {
    /// What the seed makes the shoppers buy, by address.
    pub fn plan(&self) -> Vec<Order> {
        let products = match self.app {
            "rdbms" => &RDBMS[..],
            _ => &CASSANDRA[..],
        };
        let orders = Orders {
            seed: self.seed,
            products: products.len(),
            first: 0,
        };
        let orders = (0..self.shoppers as u64).map(|index| {
            let order = orders.order(index);
            let name = String::from_utf8(order.address.to_vec()).expect("ASCII");
            let product = products[order.product].to_owned();
            (format!("{name}@{DOMAIN}"), product, order.quantity.into())
        });
        sorted(orders.collect())
    }

    /// Starts it.
    pub fn start(&self, url: &str) -> Running {
        let dir = tempdir().expect("a directory");
        let mut args = flags(url, self.shoppers, &dir.path().join("report.csv"));
        args[3] = self.app.to_owned();
        let title = format!("{} {:?}; \"seed\" {}", self.app, self.more, self.seed);
        args.extend(["--seed", &self.seed.to_string(), "-a", &title].map(str::to_owned));
        args.extend(self.more.iter().map(|&arg| arg.to_owned()));
        let child = command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        Running {
            child,
            dir,
            title,
            shoppers: self.shoppers,
        }
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run(&self, url: &str) -> Run {
        self.start(url).finish()
    }
}

impl Running {
    /// Waits for the end. Whatever happened: a row for each shopper, and exit code 0.
    #[track_caller]
    pub fn finish(self) -> Run {
        let finished = wait(self.child).ok();
        let rows = rows(&self.dir.path().join("report.csv"));
        assert_eq!(rows.len(), self.shoppers, "{finished:#?}");
        for row in &rows {
            assert_eq!(row["concurrent_requests"], self.shoppers.to_string());
            assert_eq!(row["benchmark_title"], self.title);
            check_times(row);
        }
        Run {
            rows,
            summary: finished.stdout,
        }
    }
}

impl Run {
    /// The rows with a purchase that the server confirmed.
    pub fn bought(&self) -> Vec<&Row> {
        self.with("server_buy_result", "True")
    }

    /// The rows with this text in a column.
    pub fn with(&self, column: &str, text: &str) -> Vec<&Row> {
        self.rows.iter().filter(|row| row[column] == text).collect()
    }
}

/// The orders in an app's figures. Whatever has been sold, the figures agree with each other.
#[track_caller]
pub fn orders(sold: &Value) -> Vec<Order> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let number = |value: &Value| value.as_u64().expect("a number");
    let list = |name: &str| sold[name].as_array().expect("a list").clone();
    let orders: Vec<Order> = list("orders")
        .iter()
        .map(|order| (text(&order[0]), text(&order[1]), number(&order[2])))
        .collect();
    assert_eq!(number(&sold["sales"]), orders.len() as u64);
    let emails: BTreeSet<String> = list("emails").iter().map(text).collect();
    assert_eq!(emails, orders.iter().map(|order| order.0.clone()).collect());
    let mut taken = BTreeMap::new();
    for (_, product, quantity) in &orders {
        *taken.entry(product.clone()).or_insert(0) += quantity;
    }
    assert_eq!(number(&sold["quantity"]), taken.values().sum::<u64>());
    for (product, stock) in sold["products"].as_object().expect("an object") {
        let drop = number(&stock["stock_at_load"]) - number(&stock["stock"]);
        assert_eq!(drop, taken.get(product).copied().unwrap_or(0), "{product}");
    }
    sorted(orders)
}

/// What holds even where answers were lost: nothing was sold but what was planned, nothing twice, and
/// at least the purchases in the rows. Returns how many of the plan's orders were sold.
#[track_caller]
pub fn check_sales(run: &Run, orders: Vec<Order>, plan: &[Order]) -> usize {
    let sold = planned(orders, plan);
    for pair in sold.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "bought twice");
    }
    for order in &sold {
        assert!(plan.contains(order), "{order:?} was not planned");
    }
    assert!(
        sold.len() >= run.bought().len(),
        "rows say more than was sold"
    );
    sold.len()
}

/// Those of the orders that were made by shoppers of the plan, one by one: what was sold twice is
/// there twice.
pub fn planned(orders: Vec<Order>, plan: &[Order]) -> Vec<Order> {
    let addresses: BTreeSet<&String> = plan.iter().map(|order| &order.0).collect();
    let of_plan = |order: &Order| addresses.contains(&order.0);
    orders.into_iter().filter(of_plan).collect()
}

fn sorted(mut orders: Vec<Order>) -> Vec<Order> {
    orders.sort();
    orders
}
