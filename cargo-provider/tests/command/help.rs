//! The help: names and defaults are a public interface.

use std::{env, fs, path::Path};

use crate::command::run;

const SNAPSHOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots");

#[test]
fn the_help_is_what_was_agreed() {
    for command in
        ["", "new", "check", "list", "explain", "inspect", "contract", "fuzz", "call", "run"]
    {
        let arguments: Vec<&str> = command.split(' ').filter(|word| !word.is_empty()).collect();
        let help = run(arguments.iter().copied().chain(["--help"])).ended_with(0);
        assert_eq!(help.err, "");
        let name = if command.is_empty() { "provider" } else { command };
        let path = Path::new(SNAPSHOTS).join(format!("help-{name}.txt"));
        if env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&path, &help.out).unwrap();
        }
        let agreed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            help.out == agreed,
            "`{}` differs; UPDATE_SNAPSHOTS=1 accepts:\n{}",
            path.display(),
            help.out
        );
    }
}

#[test]
fn a_line_of_help_fits_a_page() {
    for command in ["new", "check", "call", "fuzz", "inspect", "contract", "list", "explain", "run"]
    {
        let help = run([command, "--help"]).ended_with(0);
        for line in help.out.lines() {
            assert!(line.chars().count() <= 100, "{command}: {line}");
        }
    }
}
