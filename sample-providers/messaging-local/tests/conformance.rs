//! The rules of every capability provider, each a test.

provider_testkit::main!();
