//! Options: which shop, from where, and what `check` looks at.

use super::spec::{Commands, Group, Opt, options};
use crate::net::bind_list::BIND as BIND_OPTION;
use crate::net::target::TARGET as TARGET_OPTION;
use crate::net::ways::CONNECT_TO as CONNECT_TO_OPTION;

const WITH_TARGET: Commands = Commands::RUN.and(Commands::CHECK);

options! { TARGET_OPTIONS:
    /// Scheme, host and port.
    TARGET = Opt::new(TARGET_OPTION, Group::Target).short("-t").value("URL")
        .on(WITH_TARGET).required_by(WITH_TARGET)
        .help("scheme, host and port of the shop, such as http://127.0.0.1:8000; a path in front of \
            the app is allowed")
        .day_one("scheme, host and port of the shop");

    /// The app's path segment.
    APP = Opt::new("--app-dirname", Group::Target).short("-d").value("APP").default("rdbms")
        .required_by(WITH_TARGET)
        .help("path segment of the app: rdbms, cassandra, or any other with --products")
        .help_of(&[(Commands::DEMO, "rdbms or cassandra")])
        .day_one("path segment of the app, such as rdbms");

    /// What follows the app in the home request.
    PAGE_QUERY = Opt::new("--page-query", Group::Target).short("-p").text("TEXT").unset("empty")
        .default_of(&[(Commands::DEMO, "/")])
        .help("what follows /APP in the home request")
        .help_of(&[(Commands::DEMO, "what follows /APP in the home request; without the slash the \
            answer is a redirect to it, as Django's APPEND_SLASH gives it")]);

    /// What follows the app in the purchase.
    BUY_QUERY = Opt::new("--buy-query", Group::Target).short("-b").text("TEXT")
        .default("/{!s}/purchase/1/")
        .help("what follows /APP in the purchase. {!s}, {}, {0}, {0!s} and {product_id} stand for the \
            product id, {!r} and {0!r} for Python's repr of it; {{ and }} are braces");

    /// The ids on sale.
    PRODUCTS = Opt::new("--products", Group::Target).value("ID,ID,…")
        .unset("those of rdbms, cassandra")
        .help("product ids on sale; auto reads them once from the links /APP/ID/details/ of the home \
            page, before the load");

    /// Where connections go.
    CONNECT_TO = Opt::new(CONNECT_TO_OPTION, Group::Target).value("HOST:PORT").on(WITH_TARGET)
        .unset("host and port of the target")
        .help("connect to this address; requests still name the target");

    /// Addresses without a resolver.
    RESOLVE = Opt::new("--resolve", Group::Target).value("HOST:PORT:ADDRESS,…").on(WITH_TARGET)
        .repeatable().unset("the system's resolver")
        .help("use these addresses for the target (or for --connect-to), as curl does; repeatable");

    /// Source addresses.
    BIND = Opt::new(BIND_OPTION, Group::Source).value("ADDRESS,NET/BITS,…")
        .unset("chosen by the kernel")
        .help("source addresses of this machine, taken in turn, one for each connection: \
            127.0.0.2,127.0.1.0/28. Each has all source ports (see help ports)")
        .help_of(&[(Commands::CHECK, "source addresses: all are tried, requests come from the first")]);

    /// One purchase.
    BUY = Opt::new("--buy", Group::Check).on(Commands::CHECK)
        .help("make one purchase, of one piece; otherwise only GET requests are sent")
        .day_one("also make one purchase, of one piece");
}
