//! The rules of every capability provider, each a test, with a server.

use std::error::Error;

use provider_testkit::{Options, harness::Preparation};
use test_servers::Program;

fn with_a_server(options: &mut Options) -> Result<Preparation, Box<dyn Error>> {
    test_servers::prepare(Program::Falkordb, options, |server, options| {
        options.link_values.insert("URL".into(), server.url());
    })
}

provider_testkit::main!(with_a_server);
