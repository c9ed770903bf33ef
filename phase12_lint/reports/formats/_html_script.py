"""The look of the page of findings, and the script that searches and filters them."""

from __future__ import annotations

STYLE = """
#filter { background: var(--paper); padding: .6rem 0; display: flex; gap: .5rem 1rem; flex-wrap: wrap;
  align-items: center; border-bottom: 1px solid var(--line); }
@media (min-width: 45rem) { #filter { position: sticky; top: 0; z-index: 1; } section { scroll-margin-top: 4rem; } }
.finding { content-visibility: auto; contain-intrinsic-size: auto 20rem; }
#filter[hidden] { display: none; }
input, select { font: inherit; color: inherit; background: var(--box); border: 1px solid var(--line);
  border-radius: 4px; padding: .15rem .4rem; }
a { color: inherit; }
section p { margin: .4rem 0; overflow-wrap: anywhere; }
section:target { outline: 2px solid var(--open); } .suppressed { opacity: .75; }
.word { margin-left: .6rem; font-weight: 600; } .certain { color: var(--bad); } .inferred { color: var(--bad); }
.named { color: var(--open); }
.pictures { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; flex: 1 1 18rem; max-width: 30rem; min-width: 0; } figcaption { font-weight: 600; }
figure svg { width: 100%; height: auto; }
figure ul { margin: .4rem 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
svg .layer { fill: var(--paper); stroke: var(--dim); }
svg .outside { fill: none; stroke: var(--dim); stroke-dasharray: 4 4; }
svg .way, svg .tip { stroke: var(--dim); } svg .broken { stroke: var(--bad); } svg .import { stroke-dasharray: 5 4; }
svg .count { fill: var(--bad); } svg .number { fill: var(--paper); font-weight: 700; text-anchor: middle; }
"""

SCRIPT = """
(() => {
  const of = (id) => document.getElementById(id);
  if (!of("filter")) return;
  const sections = [...document.querySelectorAll(".finding")];
  const found = sections.map((section) => [section, section.textContent.toLowerCase()]);
  const apply = () => {
    const words = of("search").value.toLowerCase().split(/\\s+/).filter(Boolean);
    const code = of("code").value, confidence = of("confidence").value;
    let shown = 0;
    for (const [section, text] of found) {
      const wanted = (!code || section.dataset.code === code) &&
        (!confidence || section.dataset.confidence === confidence) && words.every((word) => text.includes(word));
      section.hidden = !wanted;
      shown += wanted;
    }
    of("count").textContent = `${shown} of ${found.length} shown`;
  };
  for (const kind of ["input", "change"]) of("filter").addEventListener(kind, apply);
  of("filter").addEventListener("submit", (event) => event.preventDefault());
  of("filter").hidden = false;
  apply();
})();
"""
