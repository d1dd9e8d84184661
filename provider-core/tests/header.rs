//! Holds `include/capability_provider.h` against the `repr(C)` types: sizes, offsets, constants.
//!
//! A C program prints what the C compiler makes of the header; this test prints what the Rust compiler
//! makes of `abi`, and the two must be the same text.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path, process::Command};

use provider_core::{
    ErrorKind,
    abi::{self, descriptor_flags, direction, log_level, log_limit, op_flags, status},
    ops,
};

/// A structure: its names in C, its size, and its members with their offsets.
struct Layout {
    c_name: &'static str,
    size: usize,
    members: Vec<(&'static str, usize)>,
}

macro_rules! layout {
    ($c_name:literal, $type:ty, $($member:ident),* $(,)?) => {
        layout!($c_name, $type, $($member => stringify!($member)),*)
    };
    ($c_name:literal, $type:ty, $($member:ident => $c_member:expr),* $(,)?) => {
        Layout {
            c_name: $c_name,
            size: size_of::<$type>(),
            members: vec![$(($c_member, std::mem::offset_of!($type, $member))),*],
        }
    };
}

fn layouts() -> Vec<Layout> {
    vec![
        layout!("cp_str", abi::Str, ptr, len),
        layout!("cp_bytes", abi::Bytes, ptr, len),
        layout!("cp_buffer", abi::Buffer, ptr, len, ctx, free),
        layout!("cp_sink", abi::Sink, table),
        layout!("cp_sink_table", abi::SinkTable, size, write, reserve, commit, give, fail),
        layout!("cp_request", abi::Request, size, op_id, flags, actor, op, msg),
        layout!(
            "cp_host",
            abi::Host,
            size,
            abi_major,
            abi_minor,
            name,
            version,
            dispatch,
            get_extension
        ),
        layout!("cp_provider", abi::Provider, table),
        layout!(
            "cp_provider_table",
            abi::ProviderTable,
            size,
            abi_major,
            abi_minor,
            configure_dispatch,
            handle_call,
            stop,
            destroy,
            get_extension
        ),
        layout!("cp_completion", abi::Completion, table),
        layout!("cp_completion_table", abi::CompletionTable, size, reply, complete),
        layout!("cp_async", abi::AsyncCalls, size, start, cancel),
        layout!("cp_op", abi::Op, name, doc, flags, direction),
        layout!(
            "cp_descriptor",
            abi::Descriptor,
            size,
            abi_major,
            abi_minor,
            flags,
            revision,
            op_count,
            ops,
            op_stride,
            contract,
            vendor,
            name,
            version,
            build,
            describe_json
        ),
        layout!("cp_log_field", abi::LogField, key, value),
        layout!(
            "cp_log_record",
            abi::LogRecord,
            size,
            level,
            line,
            field_count,
            fields,
            field_stride,
            target,
            message,
            file,
            module,
            actor,
            op
        ),
        layout!("cp_host_log", abi::HostLog, size, max_level, write),
        layout!("cp_provider_log", abi::ProviderLog, size, level_changed),
    ]
}

fn numbers() -> Vec<(String, i64)> {
    let mut numbers = vec![
        ("CP_ABI_MAJOR".to_owned(), i64::from(abi::ABI_MAJOR)),
        ("CP_ABI_MINOR".to_owned(), i64::from(abi::ABI_MINOR)),
        ("CP_NO_OP_ID".to_owned(), i64::from(abi::NO_OP_ID)),
        ("CP_OK".to_owned(), i64::from(status::OK)),
        ("CP_CONTRACT_FIRST".to_owned(), i64::from(status::CONTRACT_FIRST)),
        ("CP_CONTRACT_LAST".to_owned(), i64::from(status::CONTRACT_LAST)),
        ("CP_ACTOR_TO_PROVIDER".to_owned(), i64::from(direction::ACTOR_TO_PROVIDER)),
        ("CP_PROVIDER_TO_ACTOR".to_owned(), i64::from(direction::PROVIDER_TO_ACTOR)),
        ("CP_OP_IDEMPOTENT".to_owned(), i64::from(op_flags::IDEMPOTENT)),
        ("CP_OP_DEPRECATED".to_owned(), i64::from(op_flags::DEPRECATED)),
        ("CP_UNLOADABLE".to_owned(), i64::from(descriptor_flags::UNLOADABLE)),
        ("CP_SINGLE_INSTANCE".to_owned(), i64::from(descriptor_flags::SINGLE_INSTANCE)),
        ("CP_PANIC_ABORTS".to_owned(), i64::from(descriptor_flags::PANIC_ABORTS)),
        ("CP_LOG_OFF".to_owned(), i64::from(log_level::OFF)),
        ("CP_LOG_ERROR".to_owned(), i64::from(log_level::ERROR)),
        ("CP_LOG_WARN".to_owned(), i64::from(log_level::WARN)),
        ("CP_LOG_INFO".to_owned(), i64::from(log_level::INFO)),
        ("CP_LOG_DEBUG".to_owned(), i64::from(log_level::DEBUG)),
        ("CP_LOG_TRACE".to_owned(), i64::from(log_level::TRACE)),
        ("CP_LOG_MAX_MESSAGE".to_owned(), i64::try_from(log_limit::MESSAGE).unwrap()),
        ("CP_LOG_MAX_NAME".to_owned(), i64::try_from(log_limit::NAME).unwrap()),
        ("CP_LOG_MAX_VALUE".to_owned(), i64::try_from(log_limit::VALUE).unwrap()),
        ("CP_LOG_MAX_FIELDS".to_owned(), i64::from(log_limit::FIELDS)),
    ];
    // An error's name in a report is its constant in the header.
    numbers.extend(ErrorKind::ALL.map(|kind| {
        let name = kind.name().to_uppercase().replace(' ', "_");
        (format!("CP_{name}"), i64::from(kind.status()))
    }));
    numbers
}

fn strings() -> [(&'static str, &'static str); 6] {
    [
        ("CP_ASYNC", abi::ASYNC_CALLS),
        ("CP_LOG", abi::LOG_EXTENSION),
        ("CP_SYSTEM_ACTOR", ops::SYSTEM_ACTOR),
        ("CP_OP_BIND_ACTOR", ops::OP_BIND_ACTOR),
        ("CP_OP_REMOVE_ACTOR", ops::OP_REMOVE_ACTOR),
        ("CP_OP_HEALTH_REQUEST", ops::OP_HEALTH_REQUEST),
    ]
}

/// What the Rust compiler makes of the types.
fn in_rust() -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for Layout { c_name, size, members } in layouts() {
        values.insert(format!("sizeof {c_name}"), size.to_string());
        for (member, offset) in members {
            values.insert(format!("{c_name}.{member}"), offset.to_string());
        }
    }
    values.extend(numbers().into_iter().map(|(name, value)| (name, value.to_string())));
    values.extend(strings().map(|(name, value)| (name.to_owned(), value.to_owned())));
    values
}

/// What the C compiler makes of the header.
fn in_c() -> BTreeMap<String, String> {
    let mut program = String::from(
        "#include \"capability_provider.h\"\n#include <stdio.h>\n#include <stddef.h>\nint main(void) {\n",
    );
    for Layout { c_name, members, .. } in layouts() {
        let _ = writeln!(program, "printf(\"sizeof {c_name}=%zu\\n\", sizeof({c_name}));");
        for (member, _) in members {
            let _ = writeln!(
                program,
                "printf(\"{c_name}.{member}=%zu\\n\", offsetof({c_name}, {member}));"
            );
        }
    }
    for (name, _) in numbers() {
        let _ = writeln!(program, "printf(\"{name}=%lld\\n\", (long long){name});");
    }
    for (name, _) in strings() {
        let _ = writeln!(program, "printf(\"{name}=%s\\n\", {name});");
    }
    program.push_str("return 0; }\n");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("header");
    fs::create_dir_all(&folder).unwrap();
    let (source, binary) = (folder.join("layout.c"), folder.join("layout"));
    fs::write(&source, program).unwrap();
    let status = compiler()
        .args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-std=c99", "-o"])
        .args([&binary, &source])
        .status()
        .expect("a C compiler is needed");
    assert!(status.success(), "the C compiler refuses the header");
    let output = Command::new(&binary).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn compiler() -> Command {
    let mut command = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    command.arg("-I").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"));
    command
}

#[test]
fn the_header_and_the_types_agree() {
    assert_eq!(in_c(), in_rust());
}

#[test]
fn every_member_of_the_header_is_compared() {
    // A member that is added on one side only must not be passed over.
    let header = include_str!("../include/capability_provider.h");
    for Layout { c_name, members, .. } in layouts() {
        let begin = header.find(&format!("typedef struct {c_name} {{")).expect(c_name);
        let body =
            &header[begin..begin + header[begin..].find(&format!("}} {c_name};")).expect(c_name)];
        let declared = strip_comments(body).matches(';').count();
        assert_eq!(declared, members.len(), "{c_name} has {declared} members in the header");
    }
}

fn strip_comments(text: &str) -> String {
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once("*/").map_or("", |(_, rest)| rest))
}
