//! Runs a command beside a server: `with-server redis-server cargo provider check -p keyvalue-redis
//! --link URL={url}`. `{url}`, `{address}` and `{port}` in the command are the server's. It ends with
//! the command's exit code.

use std::{
    env,
    error::Error,
    process::{Command, ExitCode},
};

use test_servers::{Program, Server};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().ok_or("the first argument is a server")?;
    let known = [Program::Redis, Program::Nats, Program::S3, Program::Falkordb];
    let program = known.into_iter().find(|program| program.name() == name);
    let program = program.ok_or_else(|| {
        let names = known.map(Program::name).join("`, `");
        format!("`{name}` is no server that can be started: `{names}`")
    })?;
    let command = arguments.next().ok_or("after the server comes a command")?;
    let server = Server::start(program)?;
    let (url, address) = (server.url(), server.address().to_string());
    let port = server.port().to_string();
    let status = Command::new(command)
        .args(arguments.map(|argument| {
            let argument = argument.replace("{url}", &url).replace("{address}", &address);
            argument.replace("{port}", &port)
        }))
        .status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
