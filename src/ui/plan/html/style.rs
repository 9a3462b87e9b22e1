//! How the page looks. Colours are variables, so that dark is another set of them.

pub const STYLE: &str = "
:root {
  --back: #ffffff; --ink: #1c2024; --dim: #5d6570; --line: #d5dae0; --soft: #f4f6f8;
  --good: #14743a; --good-back: #e6f5ea; --bad: #b3261e; --bad-back: #fdeceb; --warn: #8a5300; --warn-back: #fdf3e0;
  --calm: #0b6380; --calm-back: #e4f3f8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171a; --ink: #e4e7eb; --dim: #9aa3ad; --line: #343a41; --soft: #1d2125;
    --good: #6fd08c; --good-back: #16301f; --bad: #ff8f87; --bad-back: #3a1a19; --warn: #f0b95b; --warn-back: #33260f;
    --calm: #6cc6e6; --calm-back: #10303b;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
code, .diff, .id { font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; font-size: .875em; }
code { overflow-wrap: anywhere; }
.facts { color: var(--dim); margin: 0; padding: 0; list-style: none; }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; margin: 1rem 0; padding: 0; list-style: none; }
.chip { padding: .1rem .6rem; border-radius: 1rem; border: 1px solid var(--line); white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .calm { color: var(--calm); }
.dim { color: var(--dim); }
.chip.good { background: var(--good-back); border-color: transparent; }
.chip.bad { background: var(--bad-back); border-color: transparent; }
.chip.warn { background: var(--warn-back); border-color: transparent; }
.chip.calm { background: var(--calm-back); border-color: transparent; }
.alert { border-left: .25rem solid var(--bad); background: var(--bad-back); padding: .5rem .75rem; margin: .75rem 0; }
.alert.warn { border-color: var(--warn); background: var(--warn-back); color: inherit; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .6rem 0; }
summary { padding: .5rem .75rem; cursor: pointer; overflow-wrap: anywhere; }
summary .glyph { display: inline-block; width: 1.25em; font-weight: 700; }
summary .what { font-weight: 600; }
summary .place { color: var(--dim); float: right; padding-left: 1rem; font-size: .875em; }
.inside { border-top: 1px solid var(--line); padding: .5rem 0; }
.inside > p { margin: .5rem .75rem; }
.diff { overflow-x: auto; padding: 0; margin: 0; }
.diff .rows { display: inline-block; min-width: 100%; }
.diff .row { display: block; white-space: pre; padding: 0 .75rem; }
.diff .row.add { background: var(--good-back); color: var(--good); }
.diff .row.del { background: var(--bad-back); color: var(--bad); }
.diff .row.mod { background: var(--warn-back); color: var(--warn); }
.diff .effect { color: var(--dim); font-family: system-ui, sans-serif; padding-left: 1.5em; }
.head { padding: .25rem .75rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.head .glyph { display: inline-block; width: 1.25em; font-weight: 700; } .head .what { font-weight: 600; }
.head .place { color: var(--dim); float: right; padding-left: 1rem; font-size: .875em; }
.box { display: inline-block; width: .7rem; height: .7rem; border-radius: .15rem; margin-right: .2rem; vertical-align: -.05rem; background: var(--calm); border: 1.5px solid var(--calm); }
.box.maybe { background: transparent; border-style: dashed; }
.nodes { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .6rem; margin: .75rem 0; }
.node { border: 1px solid var(--line); border-radius: .5rem; background: var(--soft); padding: .5rem .75rem .6rem; overflow-wrap: anywhere; }
.node.nowhere { border: 1.5px dashed var(--bad); background: transparent; }
.node h3 { font-size: 1rem; margin: 0; } .node p { margin: 0; font-size: .875em; }
.node ul { list-style: none; margin: .35rem 0 0; padding: 0; } .node li { margin-top: .25rem; line-height: 1.3; }
.node .boxes { display: inline-block; line-height: 1; margin-left: .4rem; }
.order { display: grid; grid-template-columns: minmax(4rem, max-content) 1fr max-content; gap: .35rem .75rem; align-items: center; }
.order .line { display: contents; }
.order .name { max-width: 14rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.order .track { background: var(--soft); border-radius: .25rem; height: .9rem; }
.order .bar { height: 100%; min-width: 2px; border-radius: .25rem; background: currentColor; }
.order .time { font-size: .875em; }
figure { margin: .75rem; } figcaption { color: var(--dim); font-size: .875em; margin-bottom: .25rem; }
svg { display: block; width: 100%; max-width: 36rem; height: auto; }
svg text { font: 10px system-ui, sans-serif; fill: var(--dim); }
svg .axis { stroke: var(--line); stroke-width: 1; fill: none; }
svg .serving { fill: var(--calm-back); stroke: var(--calm); stroke-width: 1.5; }
svg .gap { fill: var(--warn); } svg .start { fill: var(--calm); } svg .wait { fill: var(--line); }
svg .watch { fill: none; stroke: var(--dim); stroke-width: 1; stroke-dasharray: 3 2; }
.checks { list-style: none; margin: 0; padding: 0; }
.checks li { padding: .4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.checks .word { display: inline-block; min-width: 3rem; font-weight: 700; }
footer { margin-top: 2rem; color: var(--dim); border-top: 1px solid var(--line); padding-top: .75rem; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  .order { display: block; } .order .track { grid-column: 1 / -1; grid-row: 2; }
  .order .line { display: grid; grid-template-columns: 1fr max-content; margin-bottom: .5rem; }
  summary .place, .head .place { float: none; display: block; padding-left: 1.25em; }
}
@media print { details { break-inside: avoid; } }
";
