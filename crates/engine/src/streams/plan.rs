//! Streams as checked: a tree of steps as it is written, and the flat program that an engine runs.

use event::Duration;

use super::step::Step;
use crate::query::Query;

/// A key of `by` is forgotten when nothing came for it for so long.
pub const FORGET: Duration = Duration::from_secs(3600);
/// Keys of one stream, those of all its `by` together.
pub const MAX_INSTANCES: usize = 100_000;

/// One stream of the rule set.
#[derive(Clone, Debug)]
pub struct Stream {
    /// Unique in its plan.
    pub name: String,
    /// Picks the events.
    pub where_: Query,
    /// What becomes of them.
    pub steps: Vec<Node>,
    /// How many keys its `by` may have.
    pub max_instances: usize,
    /// How long a key is kept for which nothing comes.
    pub forget: Duration,
}

/// A step and where its events go.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it does.
    pub step: Step,
    /// What gets its events.
    pub then: Vec<Node>,
    /// Further ways: `else`, the ways of a `split`.
    pub ways: Vec<Vec<Node>>,
}

/// No place for a state.
pub(super) const NO_SLOT: u32 = u32::MAX;

/// A step of a program.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) step: Step,
    pub(super) then: Vec<u32>,
    pub(super) ways: Vec<Vec<u32>>,
    /// Where its state is in a branch; [`NO_SLOT`] for none.
    pub(super) slot: u32,
    /// For `by`: the scope of its children.
    pub(super) inner: u32,
}

/// A stream ready to run.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) where_: Query,
    pub(super) nodes: Vec<Compiled>,
    pub(super) first: Vec<u32>,
    /// By scope (0: outside of every `by`): the steps that have a state, in the order of their slots.
    pub(super) scopes: Vec<Vec<u32>>,
    pub(super) max_instances: usize,
    pub(super) forget: Duration,
    /// The `by` that sees the stream's events as they came, and whose keys are the same for all events of a series.
    pub(super) memo: u32,
    /// While it stays the same, state outlives a reload.
    pub(crate) definition: u64,
}

impl Program {
    pub(crate) fn new(stream: &Stream) -> Self {
        let text = format!("{} {:?} {} {}", stream.where_, stream.steps, stream.max_instances, stream.forget);
        let mut program = Self {
            name: stream.name.clone(),
            where_: stream.where_.clone(),
            nodes: Vec::new(),
            first: Vec::new(),
            scopes: vec![Vec::new()],
            max_instances: stream.max_instances,
            forget: stream.forget,
            memo: NO_SLOT,
            definition: crate::rules::fingerprint(&[&stream.name, &text]),
        };
        program.first = program.compile(&stream.steps, 0);
        program.memo = program.steady_by();
        program
    }

    fn compile(&mut self, nodes: &[Node], scope: u32) -> Vec<u32> {
        nodes.iter().map(|node| self.compile_one(node, scope)).collect()
    }

    fn compile_one(&mut self, node: &Node, scope: u32) -> u32 {
        let id = self.nodes.len() as u32;
        let inner = match &node.step {
            Step::By(_) => {
                self.scopes.push(Vec::new());
                self.scopes.len() as u32 - 1
            }
            _ => scope,
        };
        let mut slot = NO_SLOT;
        if node.step.has_state()
            && let Some(slots) = self.scopes.get_mut(scope as usize)
        {
            slot = slots.len() as u32;
            slots.push(id);
        }
        self.nodes.push(Compiled { step: node.step.clone(), then: Vec::new(), ways: Vec::new(), slot, inner });
        let then = self.compile(&node.then, inner);
        let ways = node.ways.iter().map(|way| self.compile(way, inner)).collect();
        if let Some(compiled) = self.nodes.get_mut(id as usize) {
            (compiled.then, compiled.ways) = (then, ways);
        }
        id
    }

    /// The first `by` that nothing stands before which changes events.
    fn steady_by(&self) -> u32 {
        let mut at = self.first.first().copied();
        while let Some(node) = at.and_then(|id| self.nodes.get(id as usize)) {
            match &node.step {
                Step::By(by) if by.is_steady() => return at.unwrap_or(NO_SLOT),
                step if step.is_filter() => at = node.then.first().copied(),
                _ => return NO_SLOT,
            }
        }
        NO_SLOT
    }
}
