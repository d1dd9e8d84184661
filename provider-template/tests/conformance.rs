//! The rules of every capability provider, each a test. `provider-testkit.toml` configures them.

provider_testkit::main!();
