//! A library's file, looked at without running any of its code.

use std::{fs, io, path::Path};

use object::{
    Architecture, BinaryFormat, Endianness, FileKind, Object, ObjectKind, ObjectSection,
    ObjectSymbol, SymbolKind, elf,
    read::elf::{ElfFile, FileHeader},
};
use provider_core::abi;

use crate::{Problem, nearest::nearest};

/// What a library's file says.
#[derive(Debug, Default)]
pub(crate) struct Image {
    /// For example `ELF, x86_64`.
    pub(crate) format: String,
    /// Names of the exported functions that it defines.
    pub(crate) functions: Vec<String>,
    /// The libraries that it needs.
    pub(crate) needed: Vec<String>,
    /// Where the loader is told to look for them.
    pub(crate) search: Vec<String>,
    /// What the compilers left in `.comment`.
    pub(crate) compilers: Vec<String>,
}

/// How much of a file decides whether it is a text.
const LOOKED_AT: usize = 4096;

/// Reads the file and looks at it.
pub(crate) fn read(path: &Path) -> Result<(Vec<u8>, Image), Problem> {
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Problem::Missing,
        _ => Problem::Unreadable(error.to_string()),
    })?;
    if !metadata.is_file() {
        return Err(Problem::NotAFile);
    }
    let data = fs::read(path).map_err(|error| Problem::Unreadable(error.to_string()))?;
    let image = Image::parse(&data)?;
    Ok((data, image))
}

impl Image {
    /// Whether it is a library that this machine can load.
    pub(crate) fn parse(data: &[u8]) -> Result<Self, Problem> {
        if data.is_empty() {
            return Err(Problem::Empty);
        }
        let Ok(kind) = FileKind::parse(data) else {
            return Err(if is_text(data) {
                Problem::Text
            } else {
                Problem::Foreign { found: String::from("a file of an unknown format") }
            });
        };
        if kind == FileKind::Archive {
            return Err(Problem::Foreign { found: String::from("a static archive") });
        }
        let file = object::File::parse(data)
            .map_err(|error| Problem::Damaged { reason: error.to_string() })?;
        if file.format() != native_format() {
            return Err(Problem::Foreign {
                found: format!("a file of the format {}", format_name(file.format())),
            });
        }
        let order =
            if cfg!(target_endian = "little") { Endianness::Little } else { Endianness::Big };
        let right = native_architecture()
            .is_none_or(|native| native == file.architecture() && order == file.endianness());
        if !right {
            return Err(Problem::Architecture { found: name(file.architecture()) });
        }
        if file.kind() != ObjectKind::Dynamic {
            return Err(Problem::NotShared {
                found: match file.kind() {
                    ObjectKind::Relocatable => "an object file",
                    ObjectKind::Executable => "a program",
                    ObjectKind::Core => "a core dump",
                    _ => "something else",
                },
            });
        }
        let mut image = Self {
            format: format!("{}, {}", format_name(file.format()), name(file.architecture())),
            functions: functions(&file),
            compilers: compilers(&file),
            ..Self::default()
        };
        match &file {
            object::File::Elf64(file) => image.read_dynamic(file),
            object::File::Elf32(file) => image.read_dynamic(file),
            _ => {}
        }
        Ok(image)
    }

    fn read_dynamic<H: FileHeader>(&mut self, file: &ElfFile<'_, H>) {
        let Ok(table) = file.elf_dynamic_table() else {
            return;
        };
        for entry in &table {
            let Ok(text) = table.string(entry) else {
                continue;
            };
            let text = String::from_utf8_lossy(text);
            match entry.tag {
                elf::DT_NEEDED => self.needed.push(text.into_owned()),
                elf::DT_RPATH | elf::DT_RUNPATH => {
                    self.search.extend(text.split(':').map(str::to_owned));
                }
                _ => {}
            }
        }
    }

    /// Whether what it needs by a path is there.
    pub(crate) fn needed(&self) -> Result<(), Problem> {
        let missing = |name: &&String| name.starts_with('/') && !Path::new(name).exists();
        match self.needed.iter().find(missing) {
            Some(missing) => Err(Problem::Needed { missing: missing.clone() }),
            None => Ok(()),
        }
    }

    /// Whether it exports what a provider exports.
    pub(crate) fn exports(&self) -> Result<(), Problem> {
        let has = |symbol: &str| self.functions.iter().any(|name| name == symbol);
        match (has(abi::CREATE_SYMBOL), has(abi::DESCRIBE_SYMBOL)) {
            (true, true) => Ok(()),
            (true, false) => Err(Problem::OldInterface),
            (create, _) => Err(Problem::NoSymbols {
                missing: if create { abi::DESCRIBE_SYMBOL } else { abi::CREATE_SYMBOL },
                nearest: nearest(
                    abi::CREATE_SYMBOL,
                    self.functions
                        .iter()
                        .map(String::as_str)
                        .filter(|name| *name != abi::DESCRIBE_SYMBOL),
                )
                .map(str::to_owned),
            }),
        }
    }
}

fn functions(file: &object::File<'_>) -> Vec<String> {
    let mut names: Vec<String> = match file.format() {
        // The general list of exports does not tell functions from data.
        BinaryFormat::Elf => file
            .dynamic_symbols()
            .filter(|symbol| symbol.is_definition() && symbol.kind() == SymbolKind::Text)
            .filter_map(|symbol| symbol.name().ok().map(str::to_owned))
            .collect(),
        format => {
            // On macOS every symbol of C has a `_` before it.
            let prefix = if format == BinaryFormat::MachO { "_" } else { "" };
            let exports = file.exports().into_iter().flatten().flatten();
            exports
                .filter_map(|export| {
                    let object::NameOrOrdinal::Name(name) = export.name() else {
                        return None;
                    };
                    let name = String::from_utf8_lossy(name).into_owned();
                    Some(name.strip_prefix(prefix).unwrap_or(&name).to_owned())
                })
                .collect()
        }
    };
    names.sort();
    names.dedup();
    names
}

fn compilers(file: &object::File<'_>) -> Vec<String> {
    let Some(Ok(data)) = file.section_by_name(".comment").map(|section| section.data()) else {
        return Vec::new();
    };
    data.split(|byte| *byte == 0)
        .filter(|text| !text.is_empty())
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect()
}

fn is_text(data: &[u8]) -> bool {
    let start = &data[..data.len().min(LOOKED_AT)];
    start.iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace())
        && String::from_utf8_lossy(start).chars().filter(|c| *c == '\u{fffd}').count() <= 1
}

fn name(architecture: Architecture) -> String {
    format!("{architecture:?}").to_lowercase()
}

fn format_name(format: BinaryFormat) -> &'static str {
    match format {
        BinaryFormat::Elf => "ELF",
        BinaryFormat::MachO => "Mach-O",
        BinaryFormat::Pe => "PE",
        BinaryFormat::Coff => "COFF",
        BinaryFormat::Wasm => "WebAssembly",
        _ => "another system",
    }
}

fn native_format() -> BinaryFormat {
    if cfg!(target_vendor = "apple") {
        BinaryFormat::MachO
    } else if cfg!(windows) {
        BinaryFormat::Pe
    } else {
        BinaryFormat::Elf
    }
}

/// Nothing for an architecture that nobody has entered here: the loader will say then.
fn native_architecture() -> Option<Architecture> {
    Some(match std::env::consts::ARCH {
        "x86_64" => Architecture::X86_64,
        "aarch64" => Architecture::Aarch64,
        "x86" => Architecture::I386,
        "arm" => Architecture::Arm,
        "riscv64" => Architecture::Riscv64,
        "s390x" => Architecture::S390x,
        "powerpc64" => Architecture::PowerPc64,
        "loongarch64" => Architecture::LoongArch64,
        _ => return None,
    })
}

/// The format and architecture of this machine, as messages name it.
pub(crate) fn native() -> String {
    match native_architecture() {
        Some(architecture) => format!("{}, {}", format_name(native_format()), name(architecture)),
        None => format_name(native_format()).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_library_is_named() {
        let problem = |data: &[u8]| Image::parse(data).unwrap_err().to_string();
        assert!(problem(b"").contains("empty"));
        assert!(problem(b"#!/bin/sh\nexit 0\n").contains("text"));
        assert!(problem(b"!<arch>\n/               0 ").contains("static archive"));
        assert!(problem(b"\x00\x01\x02\x03junk").contains("unknown format"));
        assert!(problem(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0").contains("damaged"));
    }

    #[test]
    fn a_library_of_another_architecture_is_named() {
        // A header of ELF64 for a machine that nobody builds providers for, and nothing else.
        let mut header = b"\x7fELF\x02\x01\x01".to_vec();
        header.resize(64, 0);
        header[16] = 3; // ET_DYN
        header[18] = 43; // SPARC V9
        header[20] = 1;
        header[52] = 64;
        let problem = Image::parse(&header).unwrap_err().to_string();
        assert!(problem.contains("sparc"), "{problem}");
    }

    #[test]
    fn missing_functions_are_named_with_the_nearest_one() {
        let image = |names: &[&str]| Image {
            functions: names.iter().map(|name| String::from(*name)).collect(),
            ..Image::default()
        };
        let both = [abi::CREATE_SYMBOL, abi::DESCRIBE_SYMBOL];
        assert!(image(&both).exports().is_ok());
        assert!(matches!(image(&both[..1]).exports(), Err(Problem::OldInterface)));
        let problem = image(&["capability_provider_create"]).exports().unwrap_err();
        assert!(problem.to_string().contains("`capability_provider_create`"), "{problem}");
    }
}
