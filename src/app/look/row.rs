//! A row of a listing, as templates and tables see it.

use crate::app::event::RowKind;

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// In templates and JSON: `DesiredState`.
    pub name: &'static str,
    /// At the head of a table: `DESIRED STATE`.
    pub head: &'static str,
}

/// Something that is listed.
pub trait Row {
    /// In the order of the default table.
    const FIELDS: &'static [Field];
    /// What one of them is, as an event.
    const KIND: RowKind;
    /// It has docker's `raw` form: a `key: value` line a field, then an empty line.
    const RAW: bool;

    /// As many values as there are fields, in their order.
    fn values(&self) -> Vec<String>;

    /// The same without what is only drawn for the eye: for machines.
    fn plain(&self) -> Vec<String> {
        self.values()
    }
}
