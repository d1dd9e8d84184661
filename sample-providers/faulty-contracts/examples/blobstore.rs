//! Exports the provider of `wasmcloud:blobstore`.

use faulty_contracts::blobstore::Blobstore;
use faulty_contracts::{Shell, blobstore::Blobs};

fn provider() -> Shell<Blobs> {
    Shell::new(Blobs::default(), provider_core::contract_of!(Blobs: Blobstore))
}

provider_core::export_provider!(
    Shell<Blobs>,
    provider,
    contract = "wasmcloud:blobstore",
    ops = [
        "CreateContainer",
        "RemoveContainer",
        "RemoveObject",
        "ListObjects",
        "GetObjectInfo",
        "StartUpload",
        "UploadChunk",
        "StartDownload"
    ]
);
