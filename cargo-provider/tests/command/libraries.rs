//! Libraries to try the program on, made with the C compiler.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use tempfile::TempDir;

use crate::command::workspace;

/// A folder that lives as long as this process: tests share what is in it.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a temporary folder"));

/// The key-value provider written in C.
pub(crate) fn c_keyvalue() -> &'static Path {
    static LIBRARY: LazyLock<PathBuf> = LazyLock::new(|| {
        let library = FOLDER.path().join("libc_keyvalue.so");
        let built = Command::new("sh")
            .arg(workspace().join("sample-providers/c-keyvalue/build.sh"))
            .arg(&library)
            .output()
            .expect("sh starts");
        assert!(built.status.success(), "{built:?}");
        library
    });
    &LIBRARY
}

/// The provider whose operations end in every way.
pub(crate) fn moods() -> &'static Path {
    static LIBRARY: LazyLock<PathBuf> =
        LazyLock::new(|| compiled(FOLDER.path(), "moods", include_str!("../fixtures/moods.c")));
    &LIBRARY
}

/// A library `name` in `folder`, made of C `source`.
pub(crate) fn compiled(folder: &Path, name: &str, source: &str) -> PathBuf {
    let file = folder.join(format!("{name}.c"));
    fs::write(&file, source).expect("the source is written");
    let library = folder.join(format!("lib{name}.so"));
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-I"])
        .arg(workspace().join("provider-core/include"))
        .args(["-o".as_ref(), library.as_os_str(), file.as_os_str()])
        .output()
        .expect("cc starts");
    assert!(built.status.success(), "{built:?}");
    library
}

/// C source of a provider that describes itself with `name` and makes nothing.
pub(crate) fn described(name: &str, abi_major: u32, before: &str) -> String {
    format!(
        r#"
#include <capability_provider.h>
{before}
static const cp_op ops[] = {{
    {{ CP_STR("Get"), CP_STR("Reads."), CP_OP_IDEMPOTENT, CP_ACTOR_TO_PROVIDER }},
}};
static const cp_descriptor descriptor = {{
    .size = sizeof descriptor, .abi_major = {abi_major}, .abi_minor = 0,
    .ops = ops, .op_count = 1, .op_stride = sizeof ops[0],
    .contract = CP_STR("test:contract"), .vendor = CP_STR("v"), .name = CP_STR("{name}"),
    .version = CP_STR("1.0.0"), .build = CP_STR("cc"),
}};
const cp_descriptor *__capability_provider_describe(void) {{ return &descriptor; }}
cp_provider *__capability_provider_create(void) {{ return 0; }}
"#
    )
}
