#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| provider_testkit::__fuzz::token(data));
