//! Exports a provider whose links have values.

use faulty_contracts::link_values::{Door, Doors};

provider_core::export_provider!(Doors: Door, || Doors);
