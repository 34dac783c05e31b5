/** The style sheet of every page: light and dark as the reader prefers, phones, paper, and colours that the colour-blind tell apart. */

/** Of names: after Okabe and Ito, darkened or lightened until lines stand out from the background (3:1 at least). */
const light = ['#0072b2', '#d55e00', '#00805c', '#b5529a', '#a36f00', '#2f8fc4', '#5b5b5b', '#7a3e9d'];
const dark = ['#4ea8e8', '#ff8d4d', '#3cc79b', '#e79ac9', '#e8b339', '#8ed0f5', '#b8b8b8', '#c39ae6'];
/** Of stages, which follow each other: light to dark, so that their order shows without colour. */
const stages = ['#fde725', '#90d743', '#35b779', '#21918c', '#31688e', '#443983', '#440154'];

const variables = (colours: readonly string[]): string => colours.map((colour, i) => `--c${i}: ${colour};`).join(' ');
const names = light.map((_, i) => `.c${i} { --own: var(--c${i}); }`).join('\n');
const stageColours = stages.map((colour, i) => `.s${i} { fill: ${colour}; }`).join('\n');

const lightColours = `--text: #1b1f24; --quiet: #59636e; --rule: #d5dae0; --back: #ffffff; --raised: #f5f7f9; --link: #0b5cad; --warn: #8a5300; --bad: #b3261e; ${variables(light)}`;
const darkColours = `--text: #e6eaee; --quiet: #9da7b3; --rule: #343c46; --back: #12161b; --raised: #1b2128; --link: #79b8ff; --warn: #e5b567; --bad: #ff8a80; ${variables(dark)}`;

export const style = `
:root { color-scheme: light dark; ${lightColours} }
@media screen and (prefers-color-scheme: dark) { :root { ${darkColours} } }
${names}
${stageColours}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1.25rem 3rem; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); overflow-wrap: anywhere; }
h1 { margin: 0 0 0.4rem; font-size: 1.6rem; line-height: 1.25; text-wrap: balance; }
h2 { margin: 0 0 0.75rem; font-size: 1.2rem; }
h3 { margin: 1.25rem 0 0.4rem; font-size: 1rem; }
p { margin: 0.3rem 0; }
section { margin-top: 1.75rem; padding-top: 1.25rem; border-top: 1px solid var(--rule); }
main > section:first-child { border-top: 0; margin-top: 0.5rem; }
.quiet, footer { color: var(--quiet); font-size: 0.87rem; }
.answer { max-width: 62rem; }
.answer p { font-size: 1.02rem; }
.answer p:first-child { font-size: 1.28rem; line-height: 1.4; margin-bottom: 0.6rem; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin-top: 0.75rem; font-size: 0.92rem; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
button, select { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--rule); border-radius: 6px; padding: 0.2rem 0.7rem; cursor: pointer; }
select { max-width: 100%; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.4rem; margin: 0.5rem 0 0.9rem; }
.buttons button[aria-pressed="true"] { background: var(--text); border-color: var(--text); color: var(--back); }
.list { display: block; margin: 0.5rem 0 0.9rem; }
figure { margin: 0; }
.bar-row { display: grid; grid-template-columns: minmax(7rem, 12rem) minmax(0, 1fr) minmax(9rem, 17rem); gap: 0 0.8rem; align-items: center; }
.bar-name { text-align: right; }
.track svg { display: block; width: 100%; overflow: visible; }
.bar { fill: var(--own); fill-opacity: 0.42; stroke: var(--own); }
.dot { fill: var(--own); fill-opacity: 0.85; stroke: var(--back); stroke-width: 0.75; }
.centre { fill: var(--own); }
.whisker { stroke: var(--text); stroke-width: 1.75; }
.base { stroke: var(--quiet); }
.mark { stroke: var(--bad); stroke-dasharray: 3 3; }
.tick { stroke: var(--quiet); }
.axis text { font-size: 12px; fill: var(--quiet); }
.axis .mark-text { fill: var(--bad); }
.stage { stroke: var(--back); stroke-width: 1; }

.icicle { width: 100%; height: auto; display: block; }
.icicle rect { stroke: var(--back); stroke-width: 0.5; fill: var(--raised); }
.icicle rect.more { fill: #e4572e; }
.icicle rect.less { fill: #2e86e4; }
.icicle text { font: 11px system-ui, sans-serif; fill: var(--text); pointer-events: none; }
.icicle g { cursor: pointer; }
.panels { display: grid; gap: 1rem 1.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); }
.panels.many { grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); }
.panel { min-width: 0; }
.panel > figcaption { font-weight: 600; }
.chart { position: relative; width: 100%; min-height: 240px; overflow: hidden; }
.keys { display: flex; flex-wrap: wrap; gap: 0.3rem 0.5rem; margin: 0.3rem 0 0.8rem; }
span.key { margin-right: 0.6rem; }
button.key { background: none; padding: 0.1rem 0.6rem; }
button.key[aria-pressed="false"] { color: var(--quiet); text-decoration: line-through; }
button.key[aria-pressed="false"] .swatch { background: none; }
.swatch { display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.4em; border-radius: 2px; background: var(--own); border: 2px solid var(--own); }
.tip { position: absolute; top: 4px; margin-left: 10px; padding: 0.25rem 0.5rem; background: var(--back); border: 1px solid var(--rule); border-radius: 6px; font-size: 12px; line-height: 1.4; max-width: 22rem; pointer-events: none; z-index: 2; }
.tip.to-left { transform: translateX(calc(-100% - 20px)); }
.tip[hidden] { display: none; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
th, td { padding: 0.2rem 1rem 0.2rem 0; text-align: left; border-bottom: 1px solid var(--rule); white-space: nowrap; font-weight: inherit; vertical-align: bottom; }
th[scope="row"], td.left { white-space: normal; min-width: 7rem; }
.right { text-align: right; }
thead button { border: 0; background: none; padding: 0; text-align: inherit; font-weight: 600; white-space: nowrap; }
th[aria-sort] button::after { content: " ▲"; font-size: 0.7em; }
th[aria-sort="descending"] button::after { content: " ▼"; }
td.quiet, th.quiet { font-size: inherit; }
td.warn, .messages .warn { color: var(--warn); }
td.bad, .messages .bad { color: var(--bad); }
details { margin: 0.4rem 0; }
summary { cursor: pointer; color: var(--link); font-size: 0.92rem; }
section > details > summary { font-size: 1.2rem; font-weight: 600; color: inherit; }
.messages { padding-left: 1.2rem; max-width: 62rem; }
.messages li { margin: 0.35rem 0; }
.remedy { color: var(--text); }
.lost { color: var(--bad); font-weight: 600; }
.note { color: var(--quiet); max-width: 62rem; }
pre { padding: 0.6rem 0.8rem; background: var(--raised); border-radius: 6px; white-space: pre-wrap; }
footer { margin-top: 2rem; padding-top: 1rem; border-top: 1px solid var(--rule); }
@media (max-width: 78rem) {
  table { font-size: 0.84rem; }
  th, td { padding-right: 0.6rem; }
}
@media (max-width: 46rem) {
  body { padding: 1rem 0.75rem 2rem; }
  .bar-row { grid-template-columns: minmax(0, 1fr) auto; }
  .bar-name { text-align: left; }
  .bar-row .track { grid-row: 2; grid-column: 1 / -1; }
  .bar-row.axis span { display: none; }
  .bar-text { text-align: right; }
}
@media print {
  body { max-width: none; font-size: 10pt; }
  nav, .buttons, .list, footer button, details:not([open]) { display: none; }
  section > details:not([open]) { display: block; }
  figure, tr, li { break-inside: avoid; }
  .panels, .panels.many { grid-template-columns: 1fr 1fr; }
  .wide { overflow: visible; }
  table { font-size: 7pt; }
  th, td, thead button { white-space: normal; overflow-wrap: normal; }
  th, td.left, thead button { min-width: 2.5rem; overflow-wrap: anywhere; }
  th, td { padding-right: 0.35rem; }
}
`;
