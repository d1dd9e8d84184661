//! Names are looked up in the library's file, where a check crashed or hung.
#![no_main]

use std::{env, fs, panic, process, sync::LazyLock};

static FILE: LazyLock<std::path::PathBuf> =
    LazyLock::new(|| env::temp_dir().join(format!("fuzzed-{}", process::id())));

libfuzzer_sys::fuzz_target!(
    // A panic over a file is caught and is no crash: the hook would make it one.
    init: panic::set_hook(Box::new(|_| {})),
    |data: &[u8]| {
        fs::write(&*FILE, data).expect("the folder for temporary files can be written");
        provider_testkit::__fuzz::places(&FILE, data);
    }
);
