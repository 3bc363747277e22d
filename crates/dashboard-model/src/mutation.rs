//! The mutations: what follows from their list in `lib.rs`.

/// Declares the mutations: one type for code that handles each of them.
macro_rules! mutations {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// A mutation of any kind.
        #[derive(Clone, Debug, Eq, PartialEq)]
        pub enum MutationBody {
            $($(#[doc = $doc])+ $name($name),)+
        }

        impl MutationBody {
            /// Reads a mutation from its kind and arguments.
            ///
            /// # Errors
            /// The kind is unknown or the arguments have another shape; the text is for the problem's detail.
            pub fn decode(kind: &str, args: &Json) -> Result<Self, String> {
                match kind {
                    $(<$name as Mutation>::KIND => {
                        let read = serde_json::from_str(args.as_str());
                        read.map(Self::$name).map_err(|error| error.to_string())
                    })+
                    _ => Err(format!("unknown kind `{}`", kind.escape_debug())),
                }
            }

            /// The mutation of a [`MutationRef`].
            #[must_use]
            pub fn of(mutation: &MutationRef) -> Option<Self> {
                $(if let Some(body) = mutation.downcast::<$name>() {
                    return Some(Self::$name(body.clone()));
                })+
                None
            }

            /// The mutation for the client, with the beats as the user saw them.
            #[must_use]
            pub fn with_seen(self, seen: &SeenBeats) -> MutationRef {
                match self {
                    $(Self::$name(body) => MutationRef::with_context(body, seen),)+
                }
            }

            /// Its kind on the wire.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => <$name as Mutation>::KIND,)+
                }
            }

            /// Its arguments on the wire.
            #[must_use]
            pub fn args(&self) -> Option<Json> {
                match self {
                    $(Self::$name(body) => Json::of(body),)+
                }
            }
        }

        $(impl From<$name> for MutationBody {
            fn from(body: $name) -> Self {
                Self::$name(body)
            }
        })+

        /// Registers the mutations.
        fn with_mutations(schema: Schema) -> Schema {
            schema$(.mutation::<$name>())+
        }
    };
}

pub(crate) use mutations;
