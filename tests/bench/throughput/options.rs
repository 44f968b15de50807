//! The benchmark's command line.

use pico_args::Arguments;

/// What is to be measured.
pub struct Options {
    pub rounds: usize,
    /// The length of each run.
    pub seconds: u64,
    /// Parts of the tools' names; all, if empty.
    pub tools: Vec<String>,
    /// Parts of the cells' titles; all, if empty.
    pub cells: Vec<String>,
    /// Instructions for each request, instead of times.
    pub callgrind: bool,
}

pub const HELP: &str = "\
cargo bench --bench throughput -- [OPTION…] [CELL…]

CELL picks measurements by a part of their title, such as \"64 kept\" or TLS. With TLS
the handshakes are part of each run: for 10000 connections give --seconds 30.

  --rounds N       how often everything is measured, in turn (5)
  --seconds N      the length of each run (3)
  --tools A,B      only the tools with such a part in their names
  --callgrind      instructions for each request by valgrind, instead of times
";

impl Options {
    /// Reads the arguments; `None` where help is asked for.
    pub fn parse(mut args: Arguments) -> Result<Option<Options>, String> {
        if args.contains(["-h", "--help"]) {
            return Ok(None);
        }
        // cargo bench adds it.
        let _ = args.contains("--bench");
        let number = |args: &mut Arguments, name: &'static str, default: u64| {
            let given: Result<Option<u64>, _> = args.opt_value_from_str(name);
            match given
                .map_err(|error| format!("{name}: {error}"))?
                .unwrap_or(default)
            {
                0 => Err(format!("{name} 0: there must be one")),
                number => Ok(number),
            }
        };
        let rounds = number(&mut args, "--rounds", 5)? as usize;
        let seconds = number(&mut args, "--seconds", 3)?;
        let callgrind = args.contains("--callgrind");
        let tools: Option<String> = args
            .opt_value_from_str("--tools")
            .map_err(|error| format!("--tools: {error}"))?;
        let cells: Vec<String> = args
            .finish()
            .into_iter()
            .map(|cell| cell.to_string_lossy().into_owned())
            .collect();
        if let Some(unknown) = cells.iter().find(|cell| cell.starts_with('-')) {
            return Err(format!("unknown option {unknown}\n\n{HELP}"));
        }
        Ok(Some(Options {
            rounds,
            seconds,
            tools: tools
                .iter()
                .flat_map(|names| names.split(','))
                .map(str::to_owned)
                .collect(),
            cells,
            callgrind,
        }))
    }

    pub fn wants_tool(&self, name: &str) -> bool {
        self.tools.is_empty() || self.tools.iter().any(|part| name.contains(part.as_str()))
    }

    pub fn wants_cell(&self, title: &str) -> bool {
        self.cells.is_empty() || self.cells.iter().any(|part| title.contains(part.as_str()))
    }
}
