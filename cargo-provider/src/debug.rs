//! One check, where a debugger can see it.

use std::{
    env,
    ffi::OsString,
    fmt, fs,
    io::ErrorKind,
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::Command,
};

use provider_testkit::{Kit, Surroundings, report};

use crate::{
    check::quoted,
    exit::{Exit, Failure},
    output::Output,
    paragraph::WIDTH,
};

/// The variable that says where the check is made: the environment is right then.
const FOLDER: &str = "PROVIDER_TESTKIT_FOLDER";

/// The words of a command, as a shell would have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(pub(crate) Vec<String>);

impl Words {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        match shell_words::split(text) {
            Ok(words) if words.is_empty() => Err(String::from("a command is needed")),
            Ok(words) => Ok(Self(words)),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The name of the program.
    pub(crate) fn program(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// Refuses a program that is not there.
    pub(crate) fn found(&self, option: &str) -> Result<(), Failure> {
        let name = Path::new(self.program());
        let folders = env::var_os("PATH").unwrap_or_default();
        let mut places = env::split_paths(&folders).map(|folder| folder.join(name));
        let there = if name.components().count() > 1 {
            name.is_file()
        } else {
            places.any(|place| place.is_file())
        };
        if there { Ok(()) } else { Err(missing(option, self.program())) }
    }

    /// The words, and what the program needs before the command that it is to run.
    fn of_debugger(&self) -> Vec<String> {
        let mut words = self.0.clone();
        let name = Path::new(self.program()).file_name().unwrap_or_default().to_string_lossy();
        let needed = if name.ends_with("gdb") {
            Some("--args")
        } else if name.ends_with("lldb") {
            Some("--")
        } else {
            None
        };
        words.extend(
            needed.filter(|needed| !self.0.iter().any(|it| it == needed)).map(String::from),
        );
        words
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.0.iter().map(|word| quoted(word)).collect();
        f.write_str(&words.join(" "))
    }
}

fn missing(option: &str, program: &str) -> Failure {
    Failure::unusable(format!("`{option}` needs the program `{program}`, which is not on the path"))
}

/// The only check that is named.
pub(crate) fn only<'k>(ids: &[&'k str], option: &str) -> Result<&'k str, Failure> {
    match ids {
        [id] => Ok(id),
        _ => Err(Failure::unusable(format!(
            "`{option}` needs exactly one check; {} are named",
            ids.len()
        ))),
    }
}

/// Runs the check `id` in this process; `again` are the arguments that do it once more.
pub(crate) fn here(
    kit: &Kit,
    id: &str,
    again: &[OsString],
    output: &mut Output,
) -> Result<Exit, Failure> {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
        // The provider finds its environment as in a check: this process begins once more.
        let surroundings = surroundings(kit, id)?;
        let mut command = command(program()?, &surroundings);
        let folder = surroundings.keep();
        let error = command.args(again).exec();
        let _ = fs::remove_dir_all(folder);
        return Err(Failure::internal(format!("this program cannot be started again: {error}")));
    };
    output.message("folder", &folder.display().to_string());
    let run = kit.run_here(id, &folder, |line| Output::standard().message("step", line));
    let _ = env::set_current_dir("/");
    let _ = fs::remove_dir_all(&folder);
    output.text(&report::human(&run, report::Style { color: false, width: WIDTH }));
    Ok(Exit::of(run.exit_code()))
}

/// Starts `debugger` with the command that `again` are the arguments of.
pub(crate) fn under(
    debugger: &Words,
    kit: &Kit,
    id: &str,
    again: &[OsString],
) -> Result<Exit, Failure> {
    debugger.found("--debugger")?;
    let words = debugger.of_debugger();
    let surroundings = surroundings(kit, id)?;
    let mut command = command(debugger.program().into(), &surroundings);
    command.args(words.get(1..).unwrap_or_default()).arg(program()?).args(again);
    match command.status() {
        Ok(status) if status.success() => Ok(Exit::Success),
        Ok(status) if status.signal().is_some() => Ok(Exit::Internal),
        Ok(_) => Ok(Exit::Failed),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(missing("--debugger", debugger.program()))
        }
        Err(error) => {
            Err(Failure::unusable(format!("`{}` cannot be started: {error}", debugger.program())))
        }
    }
}

fn surroundings(kit: &Kit, id: &str) -> Result<Surroundings, Failure> {
    kit.surroundings(id)
        .map_err(|error| Failure::internal(format!("no folder can be made: {error}")))
}

fn program() -> Result<PathBuf, Failure> {
    env::current_exe()
        .map_err(|error| Failure::internal(format!("this program cannot be found: {error}")))
}

fn command(program: PathBuf, surroundings: &Surroundings) -> Command {
    let mut command = Command::new(program);
    command.envs(surroundings.env()).env(FOLDER, surroundings.folder());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_as_a_shell_reads_it() {
        let words = Words::read("valgrind -q '--log-file=a b'").unwrap();
        assert_eq!(words.0, ["valgrind", "-q", "--log-file=a b"]);
        assert_eq!(words.to_string(), "valgrind -q '--log-file=a b'");
        assert_eq!(Words::read("a  --b=9").unwrap().to_string(), "a --b=9");
        for wrong in ["", "  ", "'x"] {
            Words::read(wrong).unwrap_err();
        }
    }

    #[test]
    fn a_debugger_gets_what_it_needs_before_a_command() {
        let of = |text: &str| Words::read(text).unwrap().of_debugger().join(" ");
        assert_eq!(of("gdb"), "gdb --args");
        assert_eq!(of("/usr/bin/rust-gdb -q --args"), "/usr/bin/rust-gdb -q --args");
        assert_eq!(of("lldb --"), "lldb --");
        assert_eq!(of("lldb"), "lldb --");
        assert_eq!(of("rr record"), "rr record");
    }
}
