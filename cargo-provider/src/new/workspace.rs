//! A package that is made within a workspace becomes a member of it, as `cargo new` does it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use toml_edit::{Array, DocumentMut, Value, value};

use crate::build::cargo;

/// Makes the package in `folder` a member of the workspace around it. What came of it, if there is one.
pub(crate) fn join(folder: &Path) -> Option<String> {
    let folder = fs::canonicalize(folder).ok()?;
    if let Some(root) = root(&folder) {
        // Its own, where none is around it or one that leaves it out.
        let around = root != folder;
        return around.then(|| format!("It is a member of the workspace in `{}`.", root.display()));
    }
    let manifest = around(&folder)?;
    let member = pathdiff::diff_paths(&folder, manifest.parent()?)?;
    let member = member.to_str()?.replace('\\', "/");
    if let Ok(before) = fs::read_to_string(&manifest)
        && let Some(after) = with_member(&before, &member)
    {
        if fs::write(&manifest, after).is_ok() && root(&folder).is_some() {
            return Some(format!("It was added to `members` in `{}`.", manifest.display()));
        }
        // Something else is wrong there.
        let _ = fs::write(&manifest, before);
    }
    let manifest = manifest.display();
    Some(format!(
        "It is within the workspace of `{manifest}`: add `\"{member}\"` to `members` there."
    ))
}

/// The folder of the workspace that the package is a member of; none where cargo complains of it.
fn root(folder: &Path) -> Option<PathBuf> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .output()
        .ok()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    fs::canonicalize(metadata.get("workspace_root")?.as_str()?).ok()
}

/// The manifest of the nearest workspace around a folder.
fn around(folder: &Path) -> Option<PathBuf> {
    let manifests = folder.ancestors().skip(1).map(|folder| folder.join("Cargo.toml"));
    let is_root = |manifest: &PathBuf| {
        let text = fs::read_to_string(manifest).unwrap_or_default();
        text.parse::<DocumentMut>().is_ok_and(|manifest| manifest.contains_key("workspace"))
    };
    manifests.into_iter().find(is_root)
}

/// The manifest with one more member, everything else as it was.
fn with_member(manifest: &str, member: &str) -> Option<String> {
    let mut manifest: DocumentMut = manifest.parse().ok()?;
    let workspace = manifest.get_mut("workspace")?.as_table_like_mut()?;
    let members = workspace.entry("members").or_insert_with(|| value(Array::new()));
    let members = members.as_array_mut()?;
    // A line of its own where the others have one.
    let prefix = members.iter().last().and_then(|last| last.decor().prefix()?.as_str());
    match prefix.and_then(|prefix| prefix.rsplit_once('\n')) {
        Some((_, indentation)) => {
            let prefix = format!("\n{indentation}");
            members.push_formatted(Value::from(member).decorated(prefix, ""));
        }
        None => members.push(member),
    }
    Some(manifest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_added_in_the_manner_of_the_others() {
        for (before, after) in [
            (
                "[workspace]\nmembers = [\"a\"] # ours\n",
                "[workspace]\nmembers = [\"a\", \"b/c\"] # ours\n",
            ),
            (
                "[workspace]\nmembers = [\n    # first\n    \"a\",\n    \"x\",\n]\n",
                "[workspace]\nmembers = [\n    # first\n    \"a\",\n    \"x\",\n    \"b/c\",\n]\n",
            ),
            ("[workspace]\nmembers = []\n", "[workspace]\nmembers = [\"b/c\"]\n"),
            (
                "[package]\nname = \"x\"\n[workspace]\n",
                "[package]\nname = \"x\"\n[workspace]\nmembers = [\"b/c\"]\n",
            ),
        ] {
            assert_eq!(with_member(before, "b/c").as_deref(), Some(after));
        }
        assert_eq!(with_member("[package]\n", "b"), None);
        assert_eq!(with_member("[workspace]\nmembers = 1\n", "b"), None);
    }
}
