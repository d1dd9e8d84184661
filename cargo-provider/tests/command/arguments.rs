//! Arguments that are wrong, and readers that go away.

use std::{fs::File, process::Stdio};

use crate::command::{finish, program, run};

#[test]
fn cargo_starts_it_with_its_own_name_first() {
    let direct = run(["list"]).ended_with(0);
    let through_cargo = run(["provider", "list"]).ended_with(0);
    assert_eq!(direct.out, through_cargo.out);
}

#[test]
fn wrong_arguments_exit_with_2_and_leave_standard_output_alone() {
    for arguments in [
        &[][..],
        &["chek"],
        &["check", "--level", "all"],
        &["check", "--jobs", "0"],
        &["check", "--timeout-scale", "-1"],
        &["check", "--link", "novalue"],
        &["explain"],
        &["call"],
        &["call", "Get", "{}", "{}", "{}"],
        &["list", "extra"],
    ] {
        let ran = run(arguments).ended_with(2);
        assert_eq!(ran.out, "", "{arguments:?}");
        assert!(!ran.err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn mistakes_are_one_line_each_that_says_what_to_write() {
    for (arguments, expected) in [
        (&["explain", "links::bnd"][..], "did you mean `links::bind`?"),
        (&["check", "a.so", "-p", "x"], "`a.so` is a library"),
        (&["check", "links", "b.so"], "`b.so` is no id"),
        (&["call", "a.so"], "no operation is given"),
        (&["call", "mylib", "Get", "{}"], "`mylib` is no library"),
        (&["call", "a.so", "Get", "{"], "the request is no JSON"),
        (&["call", "a.so", "Get", r#"{"$bytes":"?"}"#], "is no bytes"),
    ] {
        let ran = run(arguments).ended_with(2);
        assert!(ran.line().contains(expected), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "");
    }
}

#[test]
fn a_reader_that_went_away_is_no_panic() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ran = finish(program().args(["list"]).stdout(writer)).ended_with(0);
    assert_eq!(ran.err, "");
}

#[test]
fn a_result_that_cannot_be_written_is_no_success() {
    let full = File::create("/dev/full").unwrap();
    let ran = finish(program().args(["list"]).stdout(full)).ended_with(4);
    assert!(ran.line().starts_with("error: cannot write the result: "));
}

#[test]
fn nobody_listening_at_all_is_no_panic() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = program();
    command.args(["explain", "nothing"]).stdout(Stdio::null());
    finish(command.stderr(writer)).ended_with(2);
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_refused() {
    use std::os::unix::ffi::OsStrExt;
    let broken = std::ffi::OsStr::from_bytes(b"\xff\xfe");
    for command in ["check", "explain", "call", "inspect"] {
        let ran = run([command.as_ref(), broken]).ended_with(2);
        assert_eq!(ran.out, "", "{command}");
    }
}
