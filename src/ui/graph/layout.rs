//! Where each node stands: a column of ports, one a wave, and one of all that services use. Within a column a node stands
//! beside those that it belongs to, which keeps most lines from crossing. A line that passes a column has a way through it.

use std::collections::BTreeMap;

use super::{Graph, Node, NodeKind};
use crate::ui::theme::columns;

/// Width of a character of a label.
const LETTER: f64 = 7.4;
pub const HEIGHT: f64 = 30.0;
/// Height that a line takes in a column that it passes.
const WAY: f64 = 6.0;
const GAP: f64 = 14.0;
/// Between two columns: room for lines and their words.
const AISLE: f64 = 90.0;
const MARGIN: f64 = 16.0;
/// Head of a column.
const TOP: f64 = 34.0;
/// Times that columns are put in order, forth and back.
const SWEEPS: usize = 12;

/// A node's box, or the place where a line passes (with no height).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    pub x: f64,
    pub y: f64,
    pub width: f64,
}

/// All boxes, by node, and what they take together.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub places: Vec<Place>,
    /// By edge: where it passes columns, from left to right.
    pub ways: Vec<Vec<Place>>,
    /// Title, x and width of each column.
    pub columns: Vec<(String, f64, f64)>,
    pub width: f64,
    pub height: f64,
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Node(usize),
    /// Of an edge, in a column.
    Way(usize, usize),
}

impl Slot {
    fn height(self) -> f64 {
        match self {
            Self::Node(_) => HEIGHT,
            Self::Way(..) => WAY,
        }
    }
}

struct Column {
    title: String,
    slots: Vec<Slot>,
}

impl Column {
    fn height(&self) -> f64 {
        self.slots.iter().map(|slot| slot.height() + GAP).sum::<f64>() - GAP
    }
}

pub fn layout(graph: &Graph, label: impl Fn(&Node) -> String) -> Layout {
    let mut filled = fill(graph);
    let neighbours = pave(graph, &mut filled);
    order(&neighbours, &mut filled);
    let mut places = vec![Place::default(); graph.nodes.len()];
    let mut ways = vec![Vec::new(); graph.edges.len()];
    let tallest = filled.iter().map(Column::height).fold(0.0, f64::max);
    let (mut x, mut titles) = (MARGIN, Vec::new());
    for column in &filled {
        let nodes = column.slots.iter().filter_map(|slot| match slot {
            Slot::Node(index) => graph.nodes.get(*index),
            Slot::Way(..) => None,
        });
        let widest = nodes.map(|node| columns(&label(node))).max().unwrap_or(0);
        let width = (widest as f64 * LETTER + 24.0).max(70.0);
        let mut y = MARGIN + TOP + (tallest - column.height()) / 2.0;
        for slot in &column.slots {
            match *slot {
                Slot::Node(index) => places.get_mut(index).into_iter().for_each(|place| *place = Place { x, y, width }),
                Slot::Way(edge, _) => {
                    ways.get_mut(edge).into_iter().for_each(|way| way.push(Place { x, y: y + WAY / 2.0, width }));
                }
            }
            y += slot.height() + GAP;
        }
        titles.push((column.title.clone(), x, width));
        x += width + AISLE;
    }
    let height = MARGIN * 2.0 + TOP + tallest;
    Layout { places, ways, columns: titles, width: (x - AISLE + MARGIN).max(MARGIN * 2.0), height }
}

/// Each column that is not empty.
fn fill(graph: &Graph) -> Vec<Column> {
    let of = |wanted: fn(NodeKind) -> bool| -> Vec<Slot> {
        let nodes = graph.nodes.iter().enumerate().filter(|(_, node)| wanted(node.kind));
        nodes.map(|(index, _)| Slot::Node(index)).collect()
    };
    let mut columns = vec![Column { title: "ports".to_owned(), slots: of(|kind| kind == NodeKind::Port) }];
    columns.extend(graph.waves().into_iter().map(|(wave, services)| Column {
        title: format!("wave {wave}"),
        slots: services.into_iter().map(Slot::Node).collect(),
    }));
    let used = of(|kind| !matches!(kind, NodeKind::Port | NodeKind::Service));
    columns.push(Column { title: "used".to_owned(), slots: used });
    columns.retain(|column| !column.slots.is_empty());
    columns
}

type Neighbours = BTreeMap<Slot, Vec<Slot>>;

/// Puts a way into every column that an edge passes. What is next to what along the edges comes back.
fn pave(graph: &Graph, columns: &mut [Column]) -> Neighbours {
    let mut column_of: BTreeMap<Slot, usize> = BTreeMap::new();
    for (at, column) in columns.iter().enumerate() {
        column_of.extend(column.slots.iter().map(|slot| (*slot, at)));
    }
    let mut neighbours = Neighbours::new();
    for (index, edge) in graph.edges.iter().enumerate() {
        let (from, to) = (Slot::Node(edge.from), Slot::Node(edge.to));
        let (Some(&first), Some(&last)) = (column_of.get(&from), column_of.get(&to)) else { continue };
        let mut before = from;
        for at in first + 1..last {
            let way = Slot::Way(index, at);
            if let Some(column) = columns.get_mut(at) {
                column.slots.push(way);
            }
            join(&mut neighbours, before, way);
            before = way;
        }
        join(&mut neighbours, before, to);
    }
    neighbours
}

fn join(neighbours: &mut Neighbours, a: Slot, b: Slot) {
    neighbours.entry(a).or_default().push(b);
    neighbours.entry(b).or_default().push(a);
}

/// Each slot goes to the mean of the heights of its neighbours; a few sweeps settle it.
fn order(neighbours: &Neighbours, columns: &mut [Column]) {
    let many = columns.len();
    for sweep in 0..SWEEPS {
        for step in 0..many {
            let heights = heights(columns);
            let mean = |slot: &Slot| {
                let near: Vec<f64> =
                    neighbours.get(slot).into_iter().flatten().filter_map(|near| heights.get(near)).copied().collect();
                let own = heights.get(slot).copied().unwrap_or(0.0);
                if near.is_empty() { own } else { near.iter().sum::<f64>() / near.len() as f64 }
            };
            let at = if sweep.is_multiple_of(2) { step } else { many - 1 - step };
            if let Some(column) = columns.get_mut(at) {
                let mut keyed: Vec<(f64, Slot)> = column.slots.iter().map(|slot| (mean(slot), *slot)).collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                column.slots = keyed.into_iter().map(|(_, slot)| slot).collect();
            }
        }
    }
}

/// Of every slot, from the middle of its column.
fn heights(columns: &[Column]) -> BTreeMap<Slot, f64> {
    let mut heights = BTreeMap::new();
    for column in columns {
        let mut y = -column.height() / 2.0;
        for slot in &column.slots {
            heights.insert(*slot, y + slot.height() / 2.0);
            y += slot.height() + GAP;
        }
    }
    heights
}
