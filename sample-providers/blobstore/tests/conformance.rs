//! The rules of every capability provider, each a test, with objects in files.

provider_testkit::main!();
