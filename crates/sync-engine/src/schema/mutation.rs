//! What a user can ask the server for, and what is shown of it until the server has answered.

use std::fmt;
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sync_protocol::{Json, Problem};

use super::resource::{ResourceId, ResourceSet};
use super::row::{AnyData, data_ref};
use crate::state::{OptimisticRows, Prediction, Reader};

/// How mutations of a kind relate to others about the same entity.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum MutationRole {
    /// Changes something: sent in order, none left out.
    #[default]
    Update,
    /// Says how something is to be, whatever it was: of several that were not sent, only the last is; two that lead
    /// back to what the server has are dropped.
    Set,
    /// Makes the entity: if it is rejected, what builds on it goes with it.
    Create,
    /// Ends the entity: once accepted, later unsent mutations of the entity are dropped.
    End,
}

/// Something a user can ask the server for.
///
/// A mutation says what is to be (`favorite: true`), never "flip": sending it twice means the same.
pub trait Mutation:
    Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + 'static
{
    /// Its kind on the wire.
    const KIND: &'static str;
    /// Names of the resources that it affects unless the server says otherwise. The first one is its primary resource:
    /// the version in a reply that changed nothing is that resource's.
    const AFFECTS: &'static [&'static str];
    /// How it relates to other mutations about the same entity.
    const ROLE: MutationRole = MutationRole::Update;
    /// What it adds to counters while its primary resource is not known.
    const ASSUMED_DELTA: i32 = 0;
    /// The id of what it is about. Mutations about the same entity of one primary resource reach the server in order.
    fn entity(&self) -> &str;

    /// Makes the rows that it will create, once, when the user asks: rebasing then gives the same rows each time.
    /// [`OptimisticRows::context`] has what the user saw, if the mutation was made with that.
    fn prepare(&self, rows: &mut OptimisticRows<'_>) {
        let _ = rows;
    }

    /// Says what it makes of the resource that is being rebased. Called for each affected resource whenever that
    /// changed, in the order in which mutations were made. By default it shows the rows that it prepared.
    fn predict(&self, prediction: &mut Prediction<'_>) {
        prediction.create_prepared();
    }

    /// The mutation that undoes it, if there is one. It gets the same context.
    fn inverse(&self) -> Option<MutationRef> {
        None
    }

    /// Whether the entity is there once this was accepted; `None` if it says nothing about that. For collections that
    /// track ids.
    fn presence(&self) -> Option<bool> {
        None
    }

    /// Whether the server's state is already as it asks; `None` if that is unknown.
    fn is_satisfied(&self, reader: &Reader<'_>) -> Option<bool> {
        let _ = reader;
        None
    }

    /// Whether it repeats an earlier mutation of the last half second, as the second half of a double click does. A kind that
    /// has doubles repeats itself: only such mutations are remembered for the half second.
    fn repeats(&self, earlier: &Self) -> bool {
        let _ = earlier;
        false
    }

    /// The id of the row that already stands for what is asked, such as a file that is being made.
    fn duplicate_of(&self, reader: &Reader<'_>) -> Option<String> {
        let _ = reader;
        None
    }

    /// The mutation that the server would accept instead, if a rejection says so: the user then decides.
    fn revised(&self, problem: &Problem) -> Option<Self> {
        let _ = problem;
        None
    }

    /// What to call the thing it is about in a message, if that is known. [`Reader::context`] has what the user saw, if
    /// the mutation was made with that.
    fn subject(&self, reader: &Reader<'_>) -> Option<String> {
        let _ = reader;
        None
    }
}

/// A [`Mutation`] of whatever type, with its context.
#[derive(Clone)]
pub struct MutationRef {
    pub(crate) body: Rc<dyn AnyMutation>,
    context: Option<Rc<Json>>,
}

impl MutationRef {
    /// A mutation without a context.
    #[must_use]
    pub fn new<M: Mutation>(mutation: M) -> Self {
        Self::of(mutation, None)
    }

    /// A mutation with what the user saw when they asked. That helps to predict rows and is never sent.
    #[must_use]
    pub fn with_context<M: Mutation, C: Serialize>(mutation: M, context: &C) -> Self {
        Self::of(mutation, Json::of(context).map(Rc::new))
    }

    fn of<M: Mutation>(mutation: M, context: Option<Rc<Json>>) -> Self {
        Self {
            body: Rc::new(mutation),
            context,
        }
    }

    /// Its kind on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.body.kind()
    }

    /// The mutation, if it is of type `M`.
    #[must_use]
    pub fn downcast<M: Mutation>(&self) -> Option<&M> {
        data_ref(&*self.body)
    }

    /// The context, if it has one.
    pub(crate) fn context(&self) -> Option<&Json> {
        self.context.as_deref()
    }

    /// The mutation that undoes it, if there is one, with the same context unless it has one of its own.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let inverse = self.body.inverse()?;
        let context = inverse.context.or_else(|| self.context.clone());
        Some(Self { context, ..inverse })
    }

    /// The mutation that the server would accept instead, with the same context.
    pub(crate) fn revised(&self, problem: &Problem) -> Option<Self> {
        let body = self.body.revised(problem)?;
        let context = self.context.clone();
        Some(Self { body, context })
    }
}

impl fmt::Debug for MutationRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.body.fmt(f)
    }
}

impl PartialEq for MutationRef {
    /// Equal if the mutations are; contexts are not compared.
    fn eq(&self, other: &Self) -> bool {
        let (mine, other): (&dyn AnyData, &dyn AnyData) = (&*self.body, &*other.body);
        mine == other
    }
}

/// A [`Mutation`] of whatever type.
pub(crate) trait AnyMutation: AnyData {
    fn kind(&self) -> &'static str;
    fn entity(&self) -> &str;
    fn args(&self) -> Option<Json>;
    fn prepare(&self, rows: &mut OptimisticRows<'_>);
    fn predict(&self, prediction: &mut Prediction<'_>);
    fn inverse(&self) -> Option<MutationRef>;
    fn presence(&self) -> Option<bool>;
    fn is_satisfied(&self, reader: &Reader<'_>) -> Option<bool>;
    fn repeats(&self, earlier: &dyn AnyMutation) -> bool;
    fn duplicate_of(&self, reader: &Reader<'_>) -> Option<String>;
    fn revised(&self, problem: &Problem) -> Option<Rc<dyn AnyMutation>>;
    fn subject(&self, reader: &Reader<'_>) -> Option<String>;
}

impl<M: Mutation> AnyMutation for M {
    fn kind(&self) -> &'static str {
        M::KIND
    }

    fn entity(&self) -> &str {
        Mutation::entity(self)
    }

    fn args(&self) -> Option<Json> {
        Json::of(self)
    }

    fn prepare(&self, rows: &mut OptimisticRows<'_>) {
        Mutation::prepare(self, rows);
    }

    fn predict(&self, prediction: &mut Prediction<'_>) {
        Mutation::predict(self, prediction);
    }

    fn inverse(&self) -> Option<MutationRef> {
        Mutation::inverse(self)
    }

    fn presence(&self) -> Option<bool> {
        Mutation::presence(self)
    }

    fn is_satisfied(&self, reader: &Reader<'_>) -> Option<bool> {
        Mutation::is_satisfied(self, reader)
    }

    fn repeats(&self, earlier: &dyn AnyMutation) -> bool {
        data_ref(earlier).is_some_and(|earlier| Mutation::repeats(self, earlier))
    }

    fn duplicate_of(&self, reader: &Reader<'_>) -> Option<String> {
        Mutation::duplicate_of(self, reader)
    }

    fn revised(&self, problem: &Problem) -> Option<Rc<dyn AnyMutation>> {
        let revised = Mutation::revised(self, problem)?;
        Some(Rc::new(revised))
    }

    fn subject(&self, reader: &Reader<'_>) -> Option<String> {
        Mutation::subject(self, reader)
    }
}

/// What a schema knows of a kind of mutation.
pub(crate) struct MutationDefinition {
    pub(crate) kind: &'static str,
    pub(crate) role: MutationRole,
    pub(crate) primary: ResourceId,
    pub(crate) affects: ResourceSet,
    pub(crate) assumed_delta: i32,
    /// Reads arguments and context that an export holds.
    pub(crate) decode: fn(&Json, Option<&Json>) -> Option<MutationRef>,
}

pub(super) fn definition<M: Mutation>(
    primary: ResourceId,
    affects: ResourceSet,
) -> MutationDefinition {
    MutationDefinition {
        kind: M::KIND,
        role: M::ROLE,
        primary,
        affects,
        assumed_delta: M::ASSUMED_DELTA,
        decode: |args, context| {
            let mutation: M = args.decode()?;
            Some(MutationRef::of(mutation, context.cloned().map(Rc::new)))
        },
    }
}

/// A mutation as the application asks for it: its id and context are fixed here, so that rebasing it gives the same.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMutation {
    /// A random UUID, made for this one request.
    pub id: MutationId,
    /// What is asked for.
    pub mutation: MutationRef,
}

impl NewMutation {
    /// A mutation under an id that was made for it.
    #[must_use]
    pub fn new(id: impl Into<MutationId>, mutation: MutationRef) -> Self {
        Self {
            id: id.into(),
            mutation,
        }
    }
}

/// The id of a mutation.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MutationId(Rc<str>);

impl MutationId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for MutationId {
    fn from(id: &str) -> Self {
        Self(Rc::from(id))
    }
}

impl From<String> for MutationId {
    fn from(id: String) -> Self {
        Self(Rc::from(id))
    }
}

impl std::borrow::Borrow<str> for MutationId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MutationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a mutation is about: the primary resource of its kind and an id. Mutations about the same entity reach the
/// server in order.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EntityKey {
    /// The primary resource.
    pub resource: ResourceId,
    /// The id.
    pub id: Rc<str>,
}
