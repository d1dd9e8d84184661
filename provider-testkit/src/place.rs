//! Names for addresses: the function and the line of a place in a library's file.
//!
//! The file is the provider's. What it says of itself is taken for a hint, within bounds.

use std::{borrow::Cow, fs::File, path::Path};

use addr2line::gimli;
use object::{Object, ObjectSection, ObjectSegment, ObjectSymbol, ReadCache, ReadRef};

use crate::{Location, Place};

/// How large the tables of lines may be that are read.
const LINES: u64 = 64 << 20;
/// How many return addresses are looked at.
const LOOKED_AT: usize = 24;
/// How many of them are told.
const CALLERS: usize = 3;

type Table<'t> = gimli::EndianSlice<'t, gimli::RunTimeEndian>;

/// A file with code, opened to name places in it.
pub(crate) struct Code<'c> {
    name: String,
    cache: &'c ReadCache<File>,
    file: object::File<'c, &'c ReadCache<File>>,
    lines: Option<addr2line::Context<Table<'c>>>,
}

/// Opens `path` and lets `act` name places in it. A file that cannot be read has no names.
pub(crate) fn with<T>(path: &Path, act: impl FnOnce(&Code<'_>) -> T) -> Option<T> {
    let act = || {
        // A pipe would wait for a writer.
        if !path.metadata().ok()?.is_file() {
            return None;
        }
        let cache = ReadCache::new(File::open(path).ok()?);
        let file = object::File::parse(&cache).ok()?;
        let endian = if file.is_little_endian() {
            gimli::RunTimeEndian::Little
        } else {
            gimli::RunTimeEndian::Big
        };
        let tables = tables(&file);
        let lines = tables.as_ref().and_then(|tables| {
            let dwarf = tables.borrow(|table| Table::new(table, endian));
            addr2line::Context::from_dwarf(dwarf).ok()
        });
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Some(act(&Code { name, cache: &cache, file, lines }))
    };
    // Whatever the file says, it does not end the run.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(act)).ok()?
}

/// The tables of lines, without what is too large.
fn tables<'c>(
    file: &object::File<'c, &'c ReadCache<File>>,
) -> Option<gimli::DwarfSections<Cow<'c, [u8]>>> {
    let debug = |name: &str| name.starts_with(".debug");
    let sizes = file.sections().filter(|section| section.name().is_ok_and(debug));
    if sizes.map(|section| section.size()).sum::<u64>() > LINES {
        return None;
    }
    let load = |id: gimli::SectionId| -> Result<Cow<'c, [u8]>, gimli::Error> {
        let section = file.section_by_name(id.name());
        let data = section.and_then(|section| section.uncompressed_data().ok());
        Ok(data.unwrap_or_default())
    };
    gimli::DwarfSections::load(load).ok()
}

impl Code<'_> {
    /// The place at `offset` in the file.
    pub(crate) fn place(&self, offset: u64) -> Place {
        let address = self.address(offset);
        Place {
            module: self.name.clone(),
            offset: address.unwrap_or(offset),
            function: address.and_then(|address| self.function(address)),
            location: address.and_then(|address| self.location(address)),
        }
    }

    /// Where `offset` in the file is meant to lie in memory.
    fn address(&self, offset: u64) -> Option<u64> {
        self.file.segments().find_map(|segment| {
            let (begin, size) = segment.file_range();
            let into = offset.checked_sub(begin).filter(|into| *into < size)?;
            segment.address().checked_add(into)
        })
    }

    fn function(&self, address: u64) -> Option<String> {
        self.file
            .symbols()
            .chain(self.file.dynamic_symbols())
            .filter(|symbol| symbol.kind() == object::SymbolKind::Text)
            .find(|symbol| {
                let into = address.checked_sub(symbol.address());
                into.is_some_and(|into| into < symbol.size())
            })
            .and_then(|symbol| Some(format!("{:#}", rustc_demangle::demangle(symbol.name().ok()?))))
    }

    /// The innermost line that is not the standard library's.
    fn location(&self, address: u64) -> Option<Location> {
        let mut frames = self.lines.as_ref()?.find_frames(address).skip_all_loads().ok()?;
        let mut innermost = None;
        while let Ok(Some(frame)) = frames.next() {
            let Some(location) = frame.location.as_ref() else {
                continue;
            };
            let (Some(file), Some(line)) = (location.file, location.line) else {
                continue;
            };
            let own = !file.starts_with("/rustc/") && !file.contains("/library/");
            let found =
                Location { file: file.to_owned(), line, col: location.column.unwrap_or_default() };
            if own {
                return Some(found);
            }
            innermost.get_or_insert(found);
        }
        innermost
    }

    /// The places of this file that a stack returns to, the innermost one first: `offset` says where
    /// in the file an address lies. What was left on the stack by calls that returned may be among
    /// them.
    pub(crate) fn callers(&self, stack: &[u8], offset: impl Fn(u64) -> Option<u64>) -> Vec<Place> {
        let (words, _) = stack.as_chunks::<8>();
        let mut places: Vec<Place> = words
            .iter()
            .filter_map(|word| offset(u64::from_le_bytes(*word)))
            .filter(|offset| self.follows_a_call(*offset))
            // The call, not what comes after it: that may be another line.
            .map(|offset| self.place(offset - 1))
            .take(LOOKED_AT)
            .collect();
        // The standard library's say less than who called it.
        if places.iter().any(|place| !is_standard(place)) {
            places.retain(|place| !is_standard(place));
        }
        places.truncate(CALLERS);
        places
    }

    /// Whether a call ends at `offset`.
    fn follows_a_call(&self, offset: u64) -> bool {
        const LONGEST: u64 = 7;
        let begin = offset.checked_sub(LONGEST);
        let Some(Ok(before)) = begin.map(|begin| self.cache.read_bytes_at(begin, LONGEST)) else {
            return false;
        };
        ends_with_a_call(before)
    }
}

/// Whether it is a place in Rust's standard library.
fn is_standard(place: &Place) -> bool {
    let function = place.function.as_deref().unwrap_or_default().trim_start_matches('<');
    let file = place.location.as_ref().map_or("", |location| location.file.as_str());
    file.starts_with("/rustc/")
        || ["std::", "core::", "alloc::", "__rust"].iter().any(|name| function.starts_with(name))
}

fn ends_with_a_call(code: &[u8]) -> bool {
    if cfg!(target_arch = "x86_64") {
        let from_end = |back: usize| code.get(code.len().checked_sub(back)?).copied();
        // `call` to a distance, or `call` through a register or memory: 2, 3, 4, 6 or 7 bytes.
        let indirect = |back| {
            from_end(back) == Some(0xff)
                && from_end(back - 1).is_some_and(|form| form >> 3 & 7 == 2)
        };
        from_end(5) == Some(0xe8) || [2, 3, 4, 6, 7].into_iter().any(indirect)
    } else if cfg!(target_arch = "aarch64") {
        code.last_chunk().is_some_and(|last| {
            let instruction = u32::from_le_bytes(*last);
            instruction & 0xfc00_0000 == 0x9400_0000 || instruction & 0xffff_fc1f == 0xd63f_0000
        })
    } else {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory;

    #[inline(never)]
    fn here() -> u32 {
        std::hint::black_box(line!())
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_function_of_ours_has_its_name_and_its_line() {
        let address = here as *const () as usize;
        let map = memory::Map::read().unwrap();
        let offset = map.at(address).unwrap().offset_of(address);
        let place = with(&std::env::current_exe().unwrap(), |code| code.place(offset)).unwrap();
        assert!(place.function.as_deref().unwrap().ends_with("place::tests::here"), "{place}");
        let location = place.location.as_ref().unwrap();
        assert!(location.file.ends_with("src/place.rs"), "{place}");
        assert!((here() - 1..=here()).contains(&location.line), "{place}");
    }

    #[test]
    fn what_is_no_library_has_no_places() {
        for path in ["/dev/zero", "/does/not/exist", "/proc/self/maps", "/"] {
            assert!(with(Path::new(path), |code| code.place(0)).is_none(), "{path}");
        }
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn calls_are_told_from_other_code() {
        assert!(ends_with_a_call(&[0x90, 0x90, 0xe8, 1, 2, 3, 4]));
        assert!(ends_with_a_call(&[0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xd0]));
        assert!(ends_with_a_call(&[0x90, 0xff, 0x15, 1, 2, 3, 4]));
        assert!(!ends_with_a_call(&[0x90; 7]));
        assert!(!ends_with_a_call(&[]));
    }
}
