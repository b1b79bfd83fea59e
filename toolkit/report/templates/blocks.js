"use strict";
// Blocks of a page with their labels, near a wrong one or all of them. Page text only ever becomes text nodes: nothing
// here builds markup from strings. `at` are the indices of the blocks that a card is about.
const blockView = (data) => {
  const NEAR = 3, FAR = 8;
  const make = (tag, className, ...children) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children);
    return node;
  };
  const chip = (i) => make("span", "chip l" + i, i < 0 ? "none" : data.labels[i]);
  const counted = (n, one, many) => n.toLocaleString("en") + " " + (n === 1 ? one : many);
  const percent = (p) => (p === null ? "" : (p >= 0.995 && p < 1 ? (100 * p).toFixed(1) : Math.round(100 * p)) + "%");
  const link = (address, text) => {
    const a = make("a", "", text);
    a.href = address; // checked to be http or https when the report was made
    a.rel = "noopener noreferrer";
    a.target = "_blank";
    return a;
  };
  const blockRow = (page, i, at) => {
    const [text, gold, predicted, , tag] = page.blocks[i];
    const row = make("li", "block" + (at.includes(i) ? " this" : gold >= 0 && gold !== predicted ? " also" : ""));
    const labels = make("div", "labels");
    if (gold === predicted) labels.append(chip(gold));
    else {
      labels.append(make("span", "", make("span", "said", "true"), chip(gold)));
      labels.append(make("span", "", make("span", "said", "predicted"), chip(predicted)));
    }
    labels.append(make("span", "no", "#" + i + " " + tag));
    const body = make("div", "text", text);
    body.dir = "auto";
    row.append(labels, body);
    // Colours live in the label classes; the stripes read them from the chips' own class.
    row.style.setProperty("--gc", colour(gold));
    row.style.setProperty("--pc", colour(predicted));
    return row;
  };
  const colours = new Map();
  const colour = (i) => {
    if (!colours.has(i)) {
      const probe = make("span", "l" + i);
      document.body.append(probe);
      colours.set(i, getComputedStyle(probe).getPropertyValue("--c").trim() || "transparent");
      probe.remove();
    }
    return colours.get(i);
  };

  // The whole page: what is near a wrong block in full, long runs of right blocks with one label folded to a line.
  const FOLD = 5;
  const whole = (rows, page, at) => {
    const wrong = (i) => page.blocks[i] && page.blocks[i][1] >= 0 && page.blocks[i][1] !== page.blocks[i][2];
    const nodes = [];
    const show = (from, to) => { for (let i = from; i < to; i++) nodes.push(blockRow(page, i, at)); };
    for (let i = 0, end; i < page.size; i = end) {
      end = i + 1;
      const first = page.blocks[i];
      const same = (j) => first ? page.blocks[j] && !wrong(j) && page.blocks[j][1] === first[1] : !page.blocks[j];
      if (!wrong(i)) while (end < page.size && same(end)) end++;
      if (!first) nodes.push(make("li", "gap muted", counted(end - i, "block is", "blocks are") + " not in this file"));
      else if (end - i < FOLD) show(i, end);
      else {
        const from = i + (i > 0), to = end - (end < page.size); // the neighbours of another label stay in sight
        show(i, from);
        const button = make("button", "", counted(to - from, "block", "blocks") + " ", chip(first[1]), " " + page.blocks[from][0].slice(0, 60));
        button.type = "button";
        const fold = make("li", "gap fold", button);
        fold.style.setProperty("--gc", colour(first[1]));
        const [a, b] = [from, to];
        button.addEventListener("click", () => {
          const opened = [];
          for (let k = a; k < b; k++) opened.push(blockRow(page, k, at));
          fold.replaceWith(...opened);
          opened[0].tabIndex = -1;
          opened[0].focus();
        });
        nodes.push(fold);
        show(to, end);
      }
    }
    rows.replaceChildren(...nodes);
  };

  const fill = (rows, page, at, reach) => {
    const known = Object.keys(page.blocks).map(Number).filter((i) => Math.abs(i - at[0]) <= reach[1]).sort((a, b) => a - b);
    const near = known.filter((i) => Math.abs(i - at[0]) <= reach[0]);
    const gap = (hidden, word) => {
      const button = make("button", "", hidden + " more " + word);
      button.type = "button";
      button.addEventListener("click", () => {
        fill(rows, page, at, [reach[1], reach[1]]);
        rows.closest(".error").focus();
      });
      return make("li", "gap", button);
    };
    const before = known.filter((i) => i < near[0]).length, after = known.length - near.length - before;
    rows.replaceChildren(
      ...(before ? [gap(before, "before")] : []),
      ...near.map((i) => blockRow(page, i, at)),
      ...(after ? [gap(after, "after")] : []),
    );
  };

  const nearby = (rows, page, at) => fill(rows, page, at, [NEAR, FAR]);
  return { make, chip, counted, percent, link, nearby, whole };
};
