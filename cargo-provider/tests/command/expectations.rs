//! What is known to fail: `--config`, `--update-expectations`, `--deny`; and `--shuffle`.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::{
    command::{Ran, finish, program, run},
    libraries::{c_keyvalue, moods},
};

fn check(library: &Path, config: &Path, arguments: &[&str]) -> Ran {
    let mut command = program();
    finish(command.arg("check").arg(library).arg("--config").arg(config).args(arguments))
}

#[test]
fn what_fails_is_written_down_and_from_then_on_expected() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("moods.toml");
    let checks = ["load::now", "links::malformed"];
    fs::write(&config, "# Ours.\n").unwrap();
    check(moods(), &config, &checks).ended_with(1);
    let updated = [checks[0], checks[1], "--update-expectations"];
    let ran = check(moods(), &config, &updated).ended_with(0);
    assert!(ran.out.contains("FAIL links::malformed"), "{}", ran.out);
    assert!(ran.err.contains("expectations: ") && ran.err.contains("added `links::malformed`"));
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.starts_with("# Ours.\n\n[[expect]]\nid = \"links::malformed\"\n"), "{text}");

    let ran = check(moods(), &config, &checks).ended_with(0);
    assert!(ran.out.contains("known    links::malformed  expected to fail: fail: "), "{}", ran.out);
    assert!(ran.out.contains("ok: 2 checks, 1 passed, 1 failed as expected"), "{}", ran.out);
    let denied = [checks[0], checks[1], "--deny", "skip,expected"];
    let ran = check(moods(), &config, &denied).ended_with(1);
    assert!(ran.out.contains("denied: a failure is one"), "{}", ran.out);
}

#[test]
fn what_passes_again_is_red_until_it_is_removed() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("kv.toml");
    let before = "[run]\njobs = 1\n";
    let known = "\n[[expect]]\nid = \"links::bind\"\noutcome = \"fail\"\nreason = \"r\"\n";
    fs::write(&config, [before, known].concat()).unwrap();
    let ran = check(c_keyvalue(), &config, &["links::bind"]).ended_with(1);
    assert!(ran.out.contains("UNEXPECTED PASS links::bind"), "{}", ran.out);
    assert!(ran.out.contains("--config"), "the command that repeats it: {}", ran.out);
    let ran = check(c_keyvalue(), &config, &["links::bind", "--update-expectations"]);
    assert!(ran.ended_with(0).err.contains("removed `links::bind`"));
    assert_eq!(fs::read_to_string(&config).unwrap(), before);
    let ran = check(c_keyvalue(), &config, &["links::bind", "--update-expectations"]);
    assert!(ran.ended_with(0).err.contains("nothing to change"));
}

#[test]
fn expectations_need_a_file_to_be_written_to() {
    let library = c_keyvalue().to_str().unwrap();
    let ran = run(["check", library, "--update-expectations"]).ended_with(2);
    assert!(ran.line().contains("`--config FILE`"), "{ran:?}");
    let ran = run(["check", library, "--config", "/nowhere.toml"]).ended_with(2);
    assert!(ran.line().contains("`/nowhere.toml`"), "{ran:?}");
}

#[test]
fn a_package_without_a_configuration_gets_one() {
    let folder = TempDir::new().unwrap();
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../provider-core");
    fs::create_dir(folder.path().join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"fails\"\nversion = \"1.0.0\"\nedition = \"2024\"\nauthors = [\"a\"]\n\
         [lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\nprovider-core = {{ path = {core:?} }}\n\
         [workspace]\n"
    );
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    let source = "use provider_core::prelude::*;\n#[derive(Default)] struct Fails;\n\
        impl Provider for Fails { type Link = ();\n\
        fn link(&self, _: &LinkConfig) -> Result<(), BoxError> { Err(\"never\".into()) } }\n\
        /// Does.\n#[contract(\"a:b\")] pub trait Does { /// Does it.\n\
        fn it(&self, cx: Cx<'_, Self>) -> OpResult<()>; }\n\
        #[capability_provider] impl Does for Fails { fn it(&self, _: Cx<'_, Self>) -> OpResult<()> { Ok(()) } }\n";
    fs::write(folder.path().join("src/lib.rs"), source).unwrap();
    let mut command = program();
    command.env("CARGO_TARGET_DIR", folder.path().join("target")).current_dir(&folder);
    command.args(["check", "--dev", "load::now", "links::bind", "--update-expectations"]);
    finish(&mut command).ended_with(0);
    let text = fs::read_to_string(folder.path().join("provider-testkit.toml")).unwrap();
    assert!(text.starts_with("[[expect]]\nid = \"links::bind\"\noutcome = \"fail\"\n"), "{text}");
}

#[test]
fn what_is_skipped_can_be_denied() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("moods.toml");
    let skips = "[[expect]]\nid = 'stop'\noutcome = 'skip'\nreason = 'not yet'\n";
    fs::write(&config, skips).unwrap();
    let checks = ["load::now", "stop::clean"];
    let ran = check(moods(), &config, &checks).ended_with(0);
    assert!(ran.out.contains("left out: not yet"), "{}", ran.out);
    assert!(ran.out.contains("ok: 2 checks, 1 passed, 1 left out"), "{}", ran.out);
    let ran = check(moods(), &config, &[checks[0], checks[1], "--deny", "skip"]).ended_with(1);
    assert!(ran.out.contains("SKIPPED stop::clean"), "{}", ran.out);
}

#[test]
fn a_shuffled_run_says_how_to_have_its_order_again_and_finds_the_same() {
    let library = c_keyvalue().to_str().unwrap();
    let order = |arguments: &[&str]| {
        let fixed = ["check", library, "links", "-j", "1", "--shuffle"];
        let ran = run(fixed.iter().chain(arguments)).ended_with(0);
        let lines = ran.err.lines().filter_map(|line| line.strip_prefix("pass: "));
        let order =
            lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>();
        (order, ran)
    };
    let (first, ran) = order(&[]);
    let seed = ran.err.lines().find_map(|line| line.split_once("--seed ")).unwrap().1;
    let seed = seed.trim_end_matches('`');
    let (again, _) = order(&["--seed", seed]);
    assert_eq!(first, again);
    // One of these seeds has another order.
    let orders: Vec<_> = ["1", "2", "3"].map(|seed| order(&["--seed", seed]).0).into();
    assert!(orders.iter().any(|other| *other != orders[0]), "{orders:?}");
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    assert_eq!(sorted(orders[0].clone()), sorted(first));
}
