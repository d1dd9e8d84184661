//! The contents of an item's braces: methods, whose bodies are not ours to read, and our attributes,
//! which nobody else may see.

use std::iter::Peekable;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree, token_stream::IntoIter};

use crate::{
    example, symbol,
    tokens::{Angles, is_body, is_group, is_ident, is_named, is_parens, is_punct, regroup},
};

/// The contents of an item's braces, twice.
pub(crate) struct Split {
    /// With our attributes, without bodies.
    pub(crate) bare: TokenStream,
    /// Without our attributes, with bodies.
    pub(crate) kept: TokenStream,
    /// What the one has and the other has not.
    pub(crate) marks: Vec<TokenStream>,
    /// What the other has in the place of an `#[op]`.
    instead: TokenStream,
}

impl Split {
    pub(crate) fn new(body: TokenStream, instead: TokenStream) -> Self {
        let mut split =
            Self { bare: TokenStream::new(), kept: TokenStream::new(), marks: Vec::new(), instead };
        let mut rest = body.into_iter().peekable();
        let mut angles = Angles::default();
        // Between `fn name` and its arguments; a type like `fn(u8)` has no name.
        let mut in_name = false;
        while let Some(next) = rest.next() {
            angles.pass(&next);
            match next {
                TokenTree::Punct(pound) if pound.as_char() == '#' => {
                    split.attribute(pound.into(), &mut rest);
                }
                TokenTree::Group(group) if in_name && angles.outside() && is_parens(&group) => {
                    in_name = false;
                    let arguments = Self::arguments(group.stream());
                    let kept = if arguments.marks.is_empty() {
                        group.clone()
                    } else {
                        regroup(&group, arguments.kept)
                    };
                    split.marks.extend(arguments.marks);
                    split.bare.extend([TokenTree::from(group)]);
                    split.kept.extend([TokenTree::from(kept)]);
                }
                TokenTree::Group(group) if angles.outside() && is_body(&group) => {
                    angles = Angles::default();
                    let mut empty = Group::new(Delimiter::Brace, TokenStream::new());
                    empty.set_span(group.span());
                    split.bare.extend([TokenTree::from(empty)]);
                    split.kept.extend([TokenTree::from(group)]);
                }
                other => {
                    if is_punct(&other, ';') {
                        angles = Angles::default();
                    }
                    in_name = (in_name && !is_punct(&other, ';'))
                        || (is_ident(&other, "fn")
                            && matches!(rest.peek(), Some(TokenTree::Ident(_))));
                    split.both(other);
                }
            }
        }
        split
    }

    /// The arguments of a function: nothing in them but attributes is of interest.
    fn arguments(arguments: TokenStream) -> Self {
        let mut split = Self::new(TokenStream::new(), TokenStream::new());
        let mut rest = arguments.into_iter().peekable();
        while let Some(next) = rest.next() {
            if is_punct(&next, '#') {
                split.attribute(next, &mut rest);
            } else {
                split.both(next);
            }
        }
        split
    }

    fn both(&mut self, token: TokenTree) {
        self.bare.extend([token.clone()]);
        self.kept.extend([token]);
    }

    /// What follows a `#`.
    fn attribute(&mut self, pound: TokenTree, rest: &mut Peekable<IntoIter>) {
        match rest.next_if(|next| is_group(next, Delimiter::Bracket)) {
            Some(TokenTree::Group(group)) if is_ours(group.stream()) => {
                if is_named(group.stream(), symbol::OP) {
                    self.kept.extend(self.instead.clone());
                    self.kept.extend(example::docs_of_op(&group.stream()));
                }
                let mark: TokenStream = [pound, group.into()].into_iter().collect();
                self.bare.extend(mark.clone());
                self.marks.push(mark);
            }
            Some(other) => {
                self.both(pound);
                self.both(other);
            }
            None => self.both(pound),
        }
    }
}

/// Whether these are the contents of an attribute of ours that only marks something inside an item.
fn is_ours(attribute: TokenStream) -> bool {
    is_named(attribute.clone(), symbol::OP) || is_named(attribute, symbol::ARG)
}
