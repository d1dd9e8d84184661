//! What a library's file says before any of its code runs.

use provider_core::abi::{CREATE_SYMBOL, DESCRIBE_SYMBOL, descriptor_flags};

use super::{HEADER, SPECIFICATION_FFI};
use crate::{
    Check, Level,
    image::{self, Image},
    lab::{Lab, Outcome},
    protocol::Failure,
};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "abi::format",
            title: "a shared library for this machine",
            rule: "capability providers must be compiled into what are called \"shared objects\"",
            source: SPECIFICATION_FFI,
            why: "A host's loader takes one kind of file. Anything else is refused where the \
                  provider is deployed, with a message about file formats and not about your \
                  package.",
            what: "reads the file's header: format, architecture, byte order, kind",
            causes: &["it was built for another target, or as a static archive or a program"],
            fix: "build with `crate-type = [\"cdylib\", \"rlib\"]` for the host's target",
            example: include_str!("examples/abi-format.md"),
            run: format,
            ..Check::BLANK
        },
        Check {
            id: "abi::exports",
            title: "the two functions are exported",
            rule: "const cp_descriptor *__capability_provider_describe(void); \
                   cp_provider *__capability_provider_create(void);",
            source: HEADER,
            why: "The two functions are all that a host knows of a library. Without them there is \
                  nothing to call; and every further export can be taken for another library's \
                  function of the same name.",
            what: "lists the exported functions; notes what else is exported, refuses `main`",
            causes: &[
                "`#[capability_provider]` or `export_provider!` is missing",
                "the export stands in a crate that is not the library's own",
            ],
            fix: "export the provider in the crate that is built as `cdylib`",
            example: include_str!("examples/abi-exports.md"),
            needs: &["abi::format"],
            run: exports,
            ..Check::BLANK
        },
        Check {
            id: "abi::toolchain",
            level: Level::Should,
            title: "compilers and the handling of panics",
            rule: "Unwinding: nothing unwinds across, in either direction. The implementing side \
                   catches and returns CP_PANIC; the provider stays usable.",
            source: HEADER,
            why: "A panic that is caught is one failed call; a panic that cannot be caught ends \
                  the host with every actor in it. Which compiler made the library matters to \
                  nobody, because the interface is C's.",
            what: "reads in the descriptor whether a panic ends the process; notes which compilers \
                   made the library, which binds nobody",
            causes: &[
                "`panic = \"abort\"` in the profile",
                "a language or a library that ends the process on its errors: `CP_PANIC_ABORTS`",
            ],
            fix: "remove `panic = \"abort\"` from the profile; catch what can fail before it ends the \
                  process",
            example: include_str!("examples/abi-toolchain.md"),
            needs: &["abi::format"],
            run: toolchain,
            ..Check::BLANK
        },
        Check {
            id: "abi::needed",
            title: "the libraries that it needs can be there",
            rule: "A provider is a shared library with two exported functions",
            source: HEADER,
            why: "The library is loaded on machines that have no compiler and not your folders: \
                  what it needs there and does not find keeps it from being loaded at all.",
            what: "reads the list of needed libraries and where they are looked for: no Rust \
                   standard library, no absolute path that is not there",
            causes: &["`crate-type = \"dylib\"`: it needs the `libstd` of one compiler"],
            fix: "use `crate-type = [\"cdylib\", \"rlib\"]`; name folders relative to `$ORIGIN`",
            example: include_str!("examples/abi-needed.md"),
            needs: &["abi::format"],
            run: needed,
            ..Check::BLANK
        },
    ]
}

fn image(lab: &Lab) -> Outcome<Image> {
    match image::read(&lab.job.path) {
        Ok((_, image)) => Ok(image),
        Err(problem) => Err(Failure::new(problem.to_string())
            .expected(format!("a shared library, {}", image::native()))
            .into()),
    }
}

fn format(lab: &mut Lab) -> Outcome {
    image(lab).map(drop)
}

fn exports(lab: &mut Lab) -> Outcome {
    let image = image(lab)?;
    if let Err(problem) = image.exports() {
        return Err(Failure::new(problem.to_string())
            .expected(format!("`{CREATE_SYMBOL}` and `{DESCRIBE_SYMBOL}`"))
            .got(shown(&image.functions))
            .into());
    }
    let other: Vec<String> = image
        .functions
        .into_iter()
        .filter(|name| ![CREATE_SYMBOL, DESCRIBE_SYMBOL].contains(&name.as_str()))
        // What linkers export by themselves.
        .filter(|name| !["_init", "_fini"].contains(&name.as_str()))
        .collect();
    if other.iter().any(|name| name == "main") {
        return Err(Failure::new("it exports `main`")
            .likely("the library was linked as a program")
            .into());
    }
    if !other.is_empty() {
        lab.reporter.note(format!(
            "it exports {} more functions, which may meet others of the same name: {}",
            other.len(),
            shown(&other)
        ));
    }
    Ok(())
}

fn toolchain(lab: &mut Lab) -> Outcome {
    let image = image(lab)?;
    if !image.compilers.is_empty() {
        let compilers = image.compilers.join("; ");
        lab.reporter.note(format!("made by {compilers}"));
    }
    if let Some(described) = &lab.job.described
        && described.flags() & descriptor_flags::PANIC_ABORTS != 0
    {
        return Err(Failure::new("it says that a panic ends the process")
            .expected("a panic that ends as an error of the call")
            .into());
    }
    Ok(())
}

fn needed(lab: &mut Lab) -> Outcome {
    let image = image(lab)?;
    let std = |name: &&String| name.starts_with("libstd-");
    if let Some(std) = image.needed.iter().find(std) {
        return Err(Failure::new(format!("it needs `{std}`, which comes with one compiler"))
            .expected("the standard library inside of it")
            .likely("it is a `dylib`: set `crate-type = [\"cdylib\", \"rlib\"]`")
            .into());
    }
    if let Err(problem) = image.needed() {
        return Err(Failure::new(problem.to_string()).into());
    }
    for place in image.search.iter().filter(|place| place.starts_with('/')) {
        lab.reporter.note(format!(
            "it looks for libraries in `{place}`, which another machine may not have"
        ));
    }
    Ok(())
}

fn shown(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = names[..names.len().min(SHOWN)]
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    match names.len() {
        0 => text.push_str("nothing"),
        count if count > SHOWN => text.push_str(", .."),
        _ => {}
    }
    text
}
