//! Options of `deploy`.

use super::spec::{Commands, Group, Opt, options};

options! { DEPLOY_OPTIONS:
    /// How many shards.
    DEPLOY_SHARDS = Opt::new("--shards", Group::Machine).value("N")
        .on(Commands::DEPLOY).required_by(Commands::DEPLOY)
        .help("processes that the run is divided into, each on a machine of its own where there are enough")
        .day_one("processes that the run is divided into");

    /// The image of a container.
    DEPLOY_IMAGE = Opt::new("--image", Group::Machine).value("IMAGE").unset("profilerclient:VERSION")
        .on(Commands::DEPLOY)
        .help("container image that has this program and a shell (kubernetes)")
        .day_one("container image (kubernetes)");

    /// When the load starts.
    DEPLOY_START_IN = Opt::new("--start-in", Group::Machine).value("SPAN")
        .unset("5s after the job starts (slurm), 120s after the printing (kubernetes)")
        .on(Commands::DEPLOY)
        .help("how long the machines have to get ready before the load starts on all of them")
        .day_one("time to get ready before the load starts");
}
