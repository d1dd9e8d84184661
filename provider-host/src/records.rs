//! What a provider says, checked before it is believed.
//!
//! # Invariant
//!
//! Each address and length of a record is checked (null, alignment, size, UTF-8, the limits) before it
//! is used. That an address points to what it should, and that this stays there until the record was
//! taken, is the provider's word.
#![expect(unsafe_code, reason = "a record is read through addresses; see the invariant")]

use provider_core::abi::{self, log_limit};

use crate::{LogLevel, LogRecord, foreign};

/// How far apart two fields may be, in bytes.
const MAX_STRIDE: usize = 1 << 12;

/// The record at `record`.
///
/// # Safety
///
/// If it is not null and aligned, it is a record as the header describes it, of as many bytes as it
/// says, for `'a`.
pub(crate) unsafe fn read<'a>(record: *const abi::LogRecord) -> Result<LogRecord<'a>, String> {
    if record.is_null() || !record.is_aligned() {
        return Err(format!("a record's address is {record:p}"));
    }
    // SAFETY: an aligned address that is not null; the rest is the caller's promise.
    let size = unsafe { (*record).size } as usize;
    if size < size_of::<abi::LogRecord>() {
        let needed = size_of::<abi::LogRecord>();
        return Err(format!("a record's size is {size}, at least {needed} is needed"));
    }
    // SAFETY: as above, and it says that it is large enough.
    let record = unsafe { &*record };
    let Some(level) = LogLevel::of_record(record.level) else {
        return Err(format!("a record's level is {}: 1 to 5 are levels", record.level));
    };
    let known = |text: &'a str| (!text.is_empty()).then_some(text);
    Ok(LogRecord {
        level,
        target: text("target", record.target, log_limit::NAME)?,
        message: text("message", record.message, log_limit::MESSAGE)?,
        fields: fields(record)?,
        actor: known(text("actor", record.actor, log_limit::NAME)?),
        op: known(text("op", record.op, log_limit::NAME)?),
        module: known(text("module", record.module, log_limit::NAME)?),
        file: known(text("file", record.file, log_limit::NAME)?),
        line: (record.line != 0).then_some(record.line),
    })
}

fn fields<'a>(record: &abi::LogRecord) -> Result<Vec<(&'a str, &'a str)>, String> {
    let (count, stride) = (record.field_count, record.field_stride);
    if count == 0 {
        return Ok(Vec::new());
    }
    if count > log_limit::FIELDS {
        return Err(format!(
            "a record has {count} fields, at most {} are allowed",
            log_limit::FIELDS
        ));
    }
    if stride < size_of::<abi::LogField>()
        || stride > MAX_STRIDE
        || !stride.is_multiple_of(align_of::<abi::LogField>())
    {
        return Err(format!(
            "a record's field_stride is {stride}: a multiple of {} from {} to {MAX_STRIDE} is needed",
            align_of::<abi::LogField>(),
            size_of::<abi::LogField>()
        ));
    }
    if record.fields.is_null() || !record.fields.is_aligned() {
        return Err(format!("the address of a record's fields is {:p}", record.fields));
    }
    (0..count as usize)
        .map(|index| {
            // SAFETY: within the fields that the record describes (the invariant).
            let field = unsafe { record.fields.byte_add(index * stride) };
            // SAFETY: as above; the stride keeps the alignment.
            let field = unsafe { *field };
            let key = text(&format!("fields[{index}].key"), field.key, log_limit::NAME)?;
            let value = text(&format!("fields[{index}].value"), field.value, log_limit::VALUE)?;
            Ok((key, value))
        })
        .collect()
}

fn text<'a>(place: &str, text: abi::Str, limit: usize) -> Result<&'a str, String> {
    // SAFETY: the provider's word (the invariant).
    unsafe { foreign::text(text, limit) }.map_err(|problem| format!("a record's {place} {problem}"))
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    fn record() -> abi::LogRecord {
        let none = abi::Str { ptr: ptr::null(), len: 0 };
        abi::LogRecord {
            size: u32::try_from(size_of::<abi::LogRecord>()).unwrap(),
            level: abi::log_level::INFO,
            line: 0,
            field_count: 0,
            fields: ptr::null(),
            field_stride: 0,
            target: abi::Str::new("t"),
            message: none,
            file: none,
            module: none,
            actor: none,
            op: none,
        }
    }

    fn problem(change: impl FnOnce(&mut abi::LogRecord)) -> String {
        let mut record = record();
        change(&mut record);
        // SAFETY: a live record.
        unsafe { read(&raw const record) }.unwrap_err()
    }

    #[test]
    fn what_is_not_known_may_be_null() {
        let record = record();
        // SAFETY: a live record.
        let read = unsafe { read(&raw const record) }.unwrap();
        assert_eq!(read, LogRecord::new(LogLevel::Info, "t", ""));
    }

    #[test]
    fn each_part_is_checked_before_it_is_used() {
        assert!(problem(|r| r.size = 8).contains("size is 8"));
        assert!(problem(|r| r.level = 0).contains("level is 0"));
        assert!(problem(|r| r.level = 6).contains("level is 6"));
        assert!(problem(|r| r.message.len = 65537).contains("message is 65537 bytes long"));
        assert!(problem(|r| r.message.len = 9).contains("message has 9 bytes at 0x0"));
        let latin = abi::Str { ptr: b"\xff".as_ptr(), len: 1 };
        assert!(problem(|r| r.actor = latin).contains("actor is not UTF-8"));
        assert!(problem(|r| r.field_count = 65).contains("65 fields"));
        assert!(problem(|r| r.field_count = 1).contains("field_stride is 0"));
        let stride = size_of::<abi::LogField>();
        assert!(
            problem(|r| (r.field_count, r.field_stride) = (1, stride)).contains("fields is 0x0")
        );
        let field = abi::LogField { key: abi::Str::new("k"), value: latin };
        let wrong = problem(|r| {
            (r.field_count, r.field_stride, r.fields) = (1, stride, &raw const field);
        });
        assert!(wrong.contains("fields[0].value is not UTF-8"), "{wrong}");
        // SAFETY: null is no record.
        assert!(unsafe { read(ptr::null()) }.unwrap_err().contains("address is 0x0"));
    }

    #[test]
    fn fields_are_read_with_their_stride() {
        #[repr(C)]
        struct Longer(abi::LogField, u64);
        let field = |key: &'static str| {
            Longer(abi::LogField { key: abi::Str::new(key), value: abi::Str::new("v") }, 7)
        };
        let fields = [field("a"), field("b")];
        let record = abi::LogRecord {
            field_count: 2,
            field_stride: size_of::<Longer>(),
            fields: fields.as_ptr().cast(),
            ..record()
        };
        // SAFETY: a live record.
        let read = unsafe { read(&raw const record) }.unwrap();
        assert_eq!(read.fields, [("a", "v"), ("b", "v")]);
    }
}
