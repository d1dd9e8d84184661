//! Documentation that was written for rustdoc, as Markdown for any page.

use std::ops::Range;

use pulldown_cmark::{BrokenLink, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

/// The text with its headings `deeper` levels down, and with each link to an item of Rust as the code
/// that the reader of rustdoc sees: no page but rustdoc's knows where an item is. Blocks of code and
/// other links stay as they are.
///
/// What is such a link: the rustdoc book, "Linking to items by name".
pub(crate) fn as_markdown(text: &str, deeper: usize) -> String {
    let text = text.trim();
    // A link without a destination names its item; whether that may be is asked before there is a link.
    let mut names_item = |link: BrokenLink<'_>| {
        let after_word = text[..link.span.start].ends_with(|last: char| last.is_alphanumeric());
        let path = link.reference.trim_matches('`');
        // `names[i]` is no link.
        (item(path).is_some() && !after_word)
            .then(|| (path.to_owned().into(), CowStr::Borrowed("")))
    };
    let parser = Parser::new_with_broken_link_callback(
        text,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
        Some(&mut names_item),
    );
    let definitions = parser.reference_definitions().iter();
    let mut edits: Vec<(Range<usize>, String)> = definitions
        .filter(|(_, definition)| item(&definition.dest).is_some())
        .map(|(_, definition)| (definition.span.clone(), String::new()))
        .collect();
    // The link that is being read, and where its text is.
    let mut link: Option<(String, Range<usize>)> = None;
    for (event, range) in parser.into_offset_iter() {
        match (event, &mut link) {
            (Event::Start(Tag::Link { link_type, dest_url, .. }), _) => {
                let Some(name) = item(&dest_url) else { continue };
                if matches!(link_type, LinkType::ShortcutUnknown | LinkType::CollapsedUnknown) {
                    // The parser leaves `[]` out of what it says of such a link.
                    let rest = &text[range.end..];
                    let is_collapsed = link_type == LinkType::CollapsedUnknown;
                    let more = if is_collapsed && rest.starts_with("[]") { 2 } else { 0 };
                    edits.push((range.start..range.end + more, format!("`{name}`")));
                } else {
                    link = Some((name.to_owned(), range.end..range.start));
                }
            }
            (Event::End(TagEnd::Link), Some(_)) => {
                let Some((name, words)) = link.take() else { continue };
                let shown = text.get(words).map_or_else(|| format!("`{name}`"), str::to_owned);
                edits.push((range, shown));
            }
            (Event::Start(Tag::Heading { level, .. }), _)
                if text[range.start..].starts_with('#') =>
            {
                let level = level as usize;
                let marks = "#".repeat((level + deeper).min(6));
                edits.push((range.start..range.start + level, marks));
            }
            (_, Some((_, words))) => {
                *words = words.start.min(range.start)..words.end.max(range.end);
            }
            _ => {}
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    edited(text, &edits).trim().to_owned()
}

/// The name of the item that a destination is, without what tells items of one name apart.
fn item(destination: &str) -> Option<&str> {
    let destination = destination.split_once('#').map_or(destination, |(item, _)| item);
    let path = match destination.split_once('@') {
        Some((kind, path)) if KINDS.contains(&kind) => path,
        Some(_) => return None,
        None => destination,
    };
    let bare = ["()", "!()", "!{}", "![]", "!"]
        .into_iter()
        .find_map(|end| path.strip_suffix(end))
        .unwrap_or(path);
    let bare = bare.split_once('<').map_or(bare, |(bare, _)| bare);
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && word.chars().all(|char| char.is_alphanumeric() || char == '_')
    };
    let mut words = bare.strip_prefix("::").unwrap_or(bare).split("::");
    words.all(is_word).then_some(path)
}

/// What rustdoc knows as the kind of an item.
const KINDS: [&str; 24] = [
    "struct",
    "enum",
    "trait",
    "union",
    "module",
    "mod",
    "const",
    "constant",
    "static",
    "function",
    "fn",
    "method",
    "field",
    "variant",
    "derive",
    "macro",
    "primitive",
    "prim",
    "type",
    "tyalias",
    "typealias",
    "tymethod",
    "value",
    "attr",
];

/// The text with each range replaced. The ranges are in order.
fn edited(text: &str, edits: &[(Range<usize>, String)]) -> String {
    let mut edited = String::with_capacity(text.len());
    let mut at = 0;
    for (range, instead) in edits {
        // What is in something that was replaced is gone with it.
        if range.start >= at {
            edited.push_str(&text[at..range.start]);
            edited.push_str(instead);
            at = range.end;
        }
    }
    edited + &text[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_an_item_is_its_code() {
        for (written, shown) in [
            ("[Foo::bar]", "`Foo::bar`"),
            ("[`Foo::bar`]", "`Foo::bar`"),
            ("[`Foo`](crate::x)", "`Foo`"),
            ("[`Foo`](crate::x::Foo#errors)", "`Foo`"),
            ("[`Foo`][crate::x]", "`Foo`"),
            ("[`Foo`][]", "`Foo`"),
            ("[what `publish` refuses](Self::publish)", "what `publish` refuses"),
            ("[what fails][Error]", "what fails"),
            ("[struct@Foo]", "`Foo`"),
            ("[`fn@run`]", "`run`"),
            ("[`run()`]", "`run()`"),
            ("[`vec!`]", "`vec!`"),
            ("[`Vec<T>`]", "`Vec<T>`"),
            ("[::std::fmt]", "`::std::fmt`"),
            ("(see [`A`], [`B`](self::B).)", "(see `A`, `B`.)"),
            ("**[`A`]** ist größer", "**`A`** ist größer"),
            ("- one of\n  [`A::b`]\n- [C]", "- one of\n  `A::b`\n- `C`"),
            ("> [`A`]", "> `A`"),
            ("| a |\n|---|\n| [`A`] |", "| a |\n|---|\n| `A` |"),
        ] {
            assert_eq!(as_markdown(written, 0), shown, "{written}");
        }
    }

    #[test]
    fn definitions_of_such_links_go() {
        let written = "As [it][1] and [`Foo`] say, [there][2].\n\n[1]: crate::it\n[`Foo`]: x::Foo\n[2]: https://a.example\n";
        assert_eq!(
            as_markdown(written, 0),
            "As it and `Foo` say, [there][2].\n\n\n\n[2]: https://a.example"
        );
    }

    #[test]
    fn what_is_no_link_to_an_item_stays() {
        for text in [
            "[the page](https://a.example/b)",
            "[the page](other.md)",
            "[above](#errors)",
            "[mail](mailto:a@b.example)",
            "<https://a.example>",
            "[a@b]",
            "names[i]",
            "[1, 2], [] and [-1]",
            "\\[Foo]",
            "`[Foo::bar]` and ``[`Foo`](crate::x)``",
            "```\nlet a = [`Foo`](crate::x);\n# [Foo::bar]\n```",
            "~~~rust\n//! [Foo::bar]\n~~~",
            "Code:\n\n    [Foo::bar]\n    # hidden",
            "- Code:\n\n  ```\n  [Foo::bar]\n  ```",
        ] {
            assert_eq!(as_markdown(text, 3), text);
        }
    }

    #[test]
    fn headings_are_below_the_operations() {
        assert_eq!(
            as_markdown("One.\n\n# Errors\n\n[`A`].\n\n#### On [`B`] #\n\n#no", 3),
            "One.\n\n#### Errors\n\n`A`.\n\n###### On `B` #\n\n#no"
        );
    }
}
