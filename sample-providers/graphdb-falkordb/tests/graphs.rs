//! With a server.
fn main() -> std::process::ExitCode {
    test_servers::main(&["falkordb.so"], &[])
}
