/** The page's style sheet. It is long because it is all of it; light and dark differ in the variables at the top only. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --background: #ffffff; --panel: #f7f8fa; --raised: #ffffff; --line: #e1e5ea; --strong-line: #c9cfd7;
  --text: #1b2027; --dim: #5b6573; --faint: #8792a0; --accent: #155da6; --focus: #155da6;
  --good: #14713f; --good-ground: #e8f5ed; --partly: #8a5a00; --partly-ground: #fdf4e1; --bad: #b42318; --bad-ground: #fdecea;
  --minor: #357dc6; --major: #df6415; --minor-text: #155da6; --major-text: #a84303; --crack: #df6415;
  --comment: #6b7683; --string: #116644; --keyword: #7a3aa8; --literal: #0b6a77;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
  --mono: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --background: #14171c; --panel: #191d23; --raised: #1e232a; --line: #2a3039; --strong-line: #3d4552;
    --text: #e4e8ee; --dim: #9aa5b4; --faint: #76818f; --accent: #7db8f2; --focus: #8cc1f5;
    --good: #6fd39b; --good-ground: #15281e; --partly: #f0bf62; --partly-ground: #2c2413; --bad: #ff8a7a; --bad-ground: #331a18;
    --minor: #3c84cb; --major: #e8792c; --minor-text: #8cc1f5; --major-text: #ffb174; --crack: #f28d42;
    --comment: #7f8b99; --string: #8fd0a8; --keyword: #cfa2ee; --literal: #7fd0dc;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 68px; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body { margin: 0; background: var(--background); color: var(--text); font: 14px/1.5 var(--sans); }
header, main, footer { max-width: 1280px; margin: 0 auto; padding: 0 28px; }
h1, h2, h3, p, dl, dd, ul { margin: 0; }
code, .name, .number, .path, h1 { font-family: var(--mono); font-size: 12.5px; font-variant-ligatures: none; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }

header { padding-top: 22px; padding-bottom: 18px; }
.brand { display: flex; align-items: center; gap: 8px; font-weight: 650; letter-spacing: .01em; color: var(--dim); font-size: 13px; }
.mark .crack { stroke: var(--crack); }
h1 { font-size: 20px; font-weight: 600; line-height: 1.35; margin: 6px 0 14px; overflow-wrap: anywhere; }
.figures { display: flex; flex-wrap: wrap; gap: 10px 34px; }
.figures div { display: flex; flex-direction: column-reverse; }
.figures dt { color: var(--dim); font-size: 12px; }
.figures dd { font-size: 21px; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.figures .minor dd { color: var(--minor-text); }
.figures .major dd { color: var(--major-text); }
.figures .bad dd { color: var(--bad); }

.bar { position: sticky; top: 0; z-index: 5; background: var(--background); border-bottom: 1px solid var(--strong-line); }
.bar > * { max-width: 1280px; margin: 0 auto; padding-left: 28px; padding-right: 28px; }
.statement { padding-top: 8px; padding-bottom: 8px; font-size: 13.5px; }
.statement .sign { display: inline-grid; place-items: center; width: 18px; height: 18px; margin-right: 8px; border-radius: 50%; font-size: 12px; font-weight: 700; }
.statement.good strong { color: var(--good); } .statement.good .sign { color: var(--good); background: var(--good-ground); }
.statement.partly strong { color: var(--partly); } .statement.partly .sign { color: var(--partly); background: var(--partly-ground); }
.statement.bad strong { color: var(--bad); } .statement.bad .sign { color: var(--bad); background: var(--bad-ground); }
nav { display: flex; gap: 2px 20px; overflow-x: auto; scrollbar-width: none; }
nav a { flex: none; padding: 5px 0 7px; color: var(--dim); text-decoration: none; border-bottom: 2px solid transparent; font-size: 13px; }
nav a:hover { color: var(--text); border-color: var(--strong-line); }
nav a[aria-current] { color: var(--text); border-color: var(--accent); }
.count { color: var(--faint); font-weight: 400; font-variant-numeric: tabular-nums; font-size: .9em; margin-left: 2px; }

main { padding-bottom: 40px; }
section { padding-top: 30px; }
h2 { font-size: 16px; font-weight: 650; margin-bottom: 12px; }
.limits { margin-top: 18px; padding: 12px 16px 13px; background: var(--panel); border-radius: 6px; color: var(--dim); font-size: 13px; }
.limits h2 { font-size: 13px; margin-bottom: 4px; color: var(--text); }
.limits ul { padding-left: 18px; }
.limits li { margin: 2px 0; overflow-wrap: anywhere; }
.more, .missing, .nothing { color: var(--dim); font-size: 13px; padding: 8px 0; overflow-wrap: anywhere; }
.nothing { padding: 40px 0; text-align: center; font-size: 15px; }
.scroll { overflow-x: auto; }

.file { border: 1px solid var(--line); border-radius: 7px; overflow: hidden; margin-bottom: 16px; background: var(--raised); }
.file h3 { display: flex; gap: 16px; align-items: baseline; justify-content: space-between; padding: 8px 14px; background: var(--panel); border-bottom: 1px solid var(--line); font-weight: 600; }
.file .missing { padding: 8px 14px; border-bottom: 1px solid var(--line); }
.path { overflow-wrap: anywhere; }
.folder { color: var(--faint); font-weight: 400; }
.sum { flex: none; font-size: 12.5px; font-weight: 400; color: var(--dim); font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; }
.code td { padding: 0; vertical-align: top; line-height: 20px; }
.code tbody tr:first-child td { padding-top: 5px; } .code tbody tr:last-child td { padding-bottom: 7px; }
.code .number { width: 58px; text-align: right; color: var(--faint); padding-right: 12px; user-select: none; font-size: 12px; }
.code .gutter { width: 5px; }
.code td:last-child { padding-left: 14px; padding-right: 14px; }
.code code { white-space: pre; tab-size: 4; }
.code .hot .number { color: var(--text); font-weight: 600; }
.code .cut td { color: var(--faint); text-align: right; padding-right: 14px; line-height: 15px; }
.code .cut td + td { padding: 0; }
.code .cost { font-size: 12px; margin-left: 22px; white-space: nowrap; font-variant-numeric: tabular-nums; font-weight: 550; }
.minor .cost { color: var(--minor-text); } .major .cost { color: var(--major-text); }
.code .gone { color: var(--faint); font-style: italic; }
.code code .gone { white-space: normal; }
.hot td:last-child { background: color-mix(in srgb, var(--heat) var(--tint), transparent); }
.hot .gutter { background: var(--heat); }
.hot.minor { --heat: var(--minor); } .hot.major { --heat: var(--major); }
.hot.major .gutter { background: repeating-linear-gradient(135deg, var(--major) 0 3px, color-mix(in srgb, var(--major) 45%, var(--background)) 3px 5px); }
.heat-0 { --tint: 5%; } .heat-1 { --tint: 8%; } .heat-2 { --tint: 11%; } .heat-3 { --tint: 15%; } .heat-4 { --tint: 19%; } .heat-5 { --tint: 24%; }
.site .gutter { background: repeating-linear-gradient(var(--strong-line) 0 3px, transparent 3px 6px); }
.code .notes td { line-height: 18px; padding-bottom: 3px; }
.chain { color: var(--dim); font-size: 12px; }
.chain .name { font-size: 11.5px; color: var(--text); } .chain .place { color: var(--faint); font-size: 11.5px; } .chain .arrow { color: var(--faint); }
.chips { display: flex; flex-wrap: wrap; gap: 4px 6px; padding: 1px 0 2px; }
.chip { display: inline-flex; align-items: baseline; max-width: 100%; border: 1px solid var(--line); border-radius: 4px; background: var(--raised); font-size: 11.5px; line-height: 17px; overflow: hidden; }
.chip .kind { color: var(--dim); padding: 0 5px; font-size: 11px; background: var(--panel); border-right: 1px solid var(--line); white-space: nowrap; }
.chip .what { font-family: var(--mono); padding: 0 6px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; }
.chip .times { color: var(--dim); padding-right: 6px; font-variant-numeric: tabular-nums; }
.chip .times::before { content: "\\d7"; }
.rest { color: var(--faint); font-size: 12px; line-height: 19px; }
.hl-comment { color: var(--comment); } .hl-text { color: var(--string); } .hl-word { color: var(--keyword); } .hl-number { color: var(--literal); }

.rows { font-size: 13px; }
.rows th { font-weight: 500; color: var(--dim); text-align: left; padding: 4px 20px 5px 0; border-bottom: 1px solid var(--strong-line); white-space: nowrap; font-size: 12px; }
.rows td { padding: 4px 20px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.rows thead td { border-bottom-color: var(--strong-line); }
.rows tbody tr:hover td { background: var(--panel); }
.rows .amount { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.rows .share { display: block; margin-top: 5px; }
.rows .name { overflow-wrap: anywhere; }
.rows .chip { max-width: 340px; }
.rows th button { all: unset; cursor: pointer; }
.rows th button:hover { color: var(--text); } .rows th button:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.rows th[aria-sort] { color: var(--text); }
.rows th[aria-sort="descending"] button::after { content: " \\2193"; } .rows th[aria-sort="ascending"] button::after { content: " \\2191"; }
svg .minor { fill: var(--minor); } svg .major { fill: var(--major); }

.map-tools { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 12px; margin-bottom: 10px; font-size: 13px; }
.map-tools .push { margin-left: auto; }
.map-tools label, .map-tools .heat-by { color: var(--dim); display: inline-flex; align-items: center; gap: 6px; }
.map-tools select, .map-tools input, .map-tools button { font: inherit; color: var(--text); background: var(--raised); border: 1px solid var(--strong-line); border-radius: 5px; padding: 3px 9px; height: 28px; max-width: 320px; }
.map-tools input { width: 260px; }
.map-tools input::placeholder { color: var(--faint); }
.map-tools button { cursor: pointer; }
.map-tools button:hover { border-color: var(--dim); }
.map-tools .choice { display: inline-flex; }
.map-tools .choice button { border-radius: 0; margin-left: -1px; } .map-tools .choice button:first-of-type { border-radius: 5px 0 0 5px; margin-left: 0; } .map-tools .choice button:last-of-type { border-radius: 0 5px 5px 0; }
.map-tools button[aria-pressed="true"] { background: var(--text); color: var(--background); border-color: var(--text); }
.map-tools .found { color: var(--dim); font-variant-numeric: tabular-nums; min-width: 62px; }
.map-frame { display: grid; grid-template-columns: minmax(0, 1fr) 264px; border: 1px solid var(--line); border-radius: 7px; overflow: hidden; }
.map-canvas { position: relative; min-width: 0; }
.map-canvas canvas { display: block; width: 100%; height: 620px; touch-action: none; cursor: grab; }
.map-canvas canvas:active { cursor: grabbing; }
.map-canvas canvas:focus-visible { outline-offset: -2px; }
.map-tip { position: absolute; pointer-events: none; max-width: 380px; padding: 8px 11px; background: var(--raised); color: var(--text); border: 1px solid var(--strong-line); border-radius: 6px; box-shadow: 0 4px 16px rgb(0 0 0 / .18); font-size: 12.5px; line-height: 1.45; z-index: 2; }
.map-tip[hidden] { display: none; }
.map-tip .dim, .map-details .dim { color: var(--dim); }
.map-tip .lead { font-weight: 600; }
.map-tip div { overflow-wrap: anywhere; }
.map-details { border-left: 1px solid var(--line); background: var(--panel); padding: 14px 16px; font-size: 13px; overflow-y: auto; max-height: 620px; }
.map-details h3 { font-size: 13px; font-weight: 650; margin-bottom: 6px; overflow-wrap: anywhere; }
.map-details h4 { font-size: 12px; font-weight: 500; color: var(--dim); margin: 14px 0 3px; }
.map-details dl { display: grid; grid-template-columns: auto 1fr; gap: 1px 12px; }
.map-details dt { color: var(--dim); } .map-details dd { text-align: right; font-variant-numeric: tabular-nums; }
.map-details ul { list-style: none; padding: 0; } .map-details li { display: flex; justify-content: space-between; gap: 10px; padding: 1px 0; }
.map-details li span:first-child { overflow-wrap: anywhere; min-width: 0; } .map-details li span + span { color: var(--dim); flex: none; font-variant-numeric: tabular-nums; }
.map-details kbd { font: 11px var(--mono); border: 1px solid var(--strong-line); border-radius: 3px; padding: 0 4px; background: var(--raised); }
.map-legend { display: flex; flex-wrap: wrap; gap: 6px 22px; padding: 10px 2px 0; font-size: 12px; color: var(--dim); }
.map-legend div { display: flex; align-items: center; gap: 6px; }
.map-legend canvas { display: block; }
.map-table { margin-top: 12px; font-size: 13px; } .map-table summary { cursor: pointer; color: var(--dim); padding: 4px 0; }
.hidden-live { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

footer { color: var(--faint); font-size: 12px; padding-bottom: 30px; }
@media (max-width: 900px) { .map-frame { grid-template-columns: 1fr; } .map-details { border-left: 0; border-top: 1px solid var(--line); max-height: 300px; } }
@media (max-width: 640px) { header, main, footer, .bar > * { padding-left: 14px; padding-right: 14px; } .map-canvas canvas { height: 440px; } .figures { gap: 8px 22px; } .code .number { width: 38px; } }
@media (forced-colors: active) {
  nav a:not([aria-current]) { border-bottom-color: Canvas; }
  .hot .gutter, .hot.major .gutter, .site .gutter, svg rect { forced-color-adjust: none; }
  .hot td:last-child { background: none; }
  .cost { font-weight: 700; }
  .map-canvas canvas, .map-legend canvas { forced-color-adjust: none; }
  .map-tools button[aria-pressed="true"] { forced-color-adjust: none; background: Highlight; color: HighlightText; }
}
@media print { .bar { position: static; } nav, .map-tools, .map-details { display: none; } .map-frame { display: block; } }
`;
